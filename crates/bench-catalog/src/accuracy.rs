//! What a data sheet says an instrument is accurate to, as dialects and bench files give it.

use bench_model::Quantity;
use scpi_protocol::identity::Identity;

use crate::function::Function;
use crate::registry::identity_fits;

/// The accuracy of one function, from one data sheet.
#[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AccuracyTable {
    /// Where it is printed, or how it was found.
    pub source: String,
    /// `MAKER,MODEL` of those it holds for, either with `*` at its end; of none: all that speak the dialect.
    #[serde(default)]
    pub identities: Vec<String>,
    /// The lowest and the highest temperature at which the rows hold as they stand; none: at any.
    #[serde(default)]
    pub within: Option<[Quantity; 2]>,
    /// One for each range and time since calibration.
    pub rows: Vec<AccuracyRow>,
}

/// ± (% of reading + % of range + offset), in one range, so long after calibration.
#[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AccuracyRow {
    /// The range; none: all.
    #[serde(default)]
    pub range: Option<Quantity>,
    /// The largest reading that it holds for; none: the range, or any where there is no range.
    #[serde(default)]
    pub up_to: Option<Quantity>,
    /// Days after calibration for which it holds; none: always.
    #[serde(default)]
    pub days: Option<u32>,
    /// A part of what is read: `0.0035 %`.
    #[serde(default)]
    pub of_reading: Option<Quantity>,
    /// A part of the range: `5 ppm`.
    #[serde(default)]
    pub of_range: Option<Quantity>,
    /// In the unit of the reading.
    #[serde(default)]
    pub offset: Option<Quantity>,
    /// Added for each degree beyond the span of temperatures.
    #[serde(default)]
    pub per_degree: Option<AccuracyTerms>,
}

/// Parts of an accuracy; what is not given is nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AccuracyTerms {
    /// A part of what is read: `0.0035 %`.
    #[serde(default)]
    pub of_reading: Option<Quantity>,
    /// A part of the range: `5 ppm`.
    #[serde(default)]
    pub of_range: Option<Quantity>,
    /// In the unit of the reading.
    #[serde(default)]
    pub offset: Option<Quantity>,
}

impl AccuracyRow {
    /// What is read may be off by so much.
    #[must_use]
    pub fn terms(&self) -> AccuracyTerms {
        AccuracyTerms {
            of_reading: self.of_reading.clone(),
            of_range: self.of_range.clone(),
            offset: self.offset.clone(),
        }
    }
}

impl AccuracyTable {
    /// Whether it holds for a model.
    #[must_use]
    pub fn is_of(&self, identity: &Identity) -> bool {
        let all = &self.identities;
        all.is_empty() || all.iter().any(|wanted| identity_fits(wanted, identity))
    }

    /// What is wrong with it, where something is.
    pub(crate) fn fault(&self, function: Function) -> Option<String> {
        let unit = function.unit();
        let is_part = |part: &Quantity| {
            part.unit.is_dimensionless() && !part.unit.symbol().is_empty() && part.value >= zero()
        };
        let is_own = |own: &Quantity| own.unit.dimension() == unit.dimension();
        let fits = |terms: &AccuracyTerms| {
            let parts = terms.of_reading.iter().chain(&terms.of_range);
            parts.into_iter().all(is_part) && terms.offset.as_ref().is_none_or(is_own)
        };
        if self.rows.is_empty() {
            return Some(format!("the accuracy of {function} has no rows; one at least is wanted"));
        }
        let wrong = self.rows.iter().position(|row| {
            let sizes = row.range.iter().chain(&row.up_to);
            let own = fits(&row.terms()) && row.per_degree.as_ref().is_none_or(fits);
            !sizes.into_iter().all(is_own) || !own
        })?;
        Some(format!(
            "row {} of the accuracy of {function}: range, up_to and offset are wanted in {unit}, of_reading and \
             of_range in % or ppm",
            wrong + 1
        ))
    }
}

fn zero() -> bench_model::Decimal {
    bench_model::Decimal::zero()
}

#[cfg(test)]
mod tests {
    use crate::{Dialects, Function};

    #[test]
    fn a_model_has_the_accuracy_of_its_own_data_sheet() {
        let dialects = Dialects::built_in().unwrap();
        for (idn, rows) in [
            ("Keysight Technologies,34461A,MY53212931,A.02.08", 15),
            ("Keysight Technologies,34465A,MY53212931,A.02.08", 0),
            ("KEITHLEY INSTRUMENTS,MODEL DMM6500,04592448,1.7.12b", 15),
            ("Siglent Technologies,SDM3055,SDM35FAX000000,1.01.01.25", 5),
        ] {
            let identity = idn.parse().unwrap();
            let own = dialects.for_identity(&identity).unwrap().of_model(&identity);
            let tables = &own.function(Function::DcVoltage).unwrap().accuracy;
            assert_eq!(tables.iter().map(|table| table.rows.len()).sum::<usize>(), rows, "{idn}");
        }
    }

    #[test]
    fn a_wrong_row_is_named() {
        let text = include_str!("../dialects/scpi_multimeter.toml");
        for (row, wanted) in [
            (r#"{ range = "10 A", of_reading = "1 %" }"#, "row 1 of the accuracy of dc_voltage"),
            (r#"{ of_reading = "1 V" }"#, "in % or ppm"),
            (r#"{ of_reading = "1 %" }, { of_range = "0.1" }"#, "row 2"),
            (r#"{ of_readings = "1 %" }"#, "of_readings"),
            ("", "no rows"),
        ] {
            let table = format!(
                "{text}\n[[functions.dc_voltage.accuracy]]\nsource = 'x'\nrows = [{row}]\n"
            );
            let error = Dialects::built_in().unwrap().with("x.toml", &table).unwrap_err();
            assert!(error.to_string().contains(wanted), "{error}");
        }
    }
}
