//! What the instrument is accurate to: rows of a data sheet to ± at a reading.

use bench_catalog::{AccuracyRow, AccuracyTable, AccuracyTerms, Range};
use bench_model::{Decimal, Quantity};
use metrology::uncertainty::{self as theirs, Specification, TemperatureCoefficient, Terms};

use super::evaluate::{Circumstances, UncertaintyError};

/// Per cent of one.
const PERCENT: i32 = 2;

/// The half width within which the data sheet warrants the reading, in base units, and when it was calibrated, in
/// words.
pub(super) fn half_width(
    around: &Circumstances<'_>,
) -> Result<(Decimal, String), UncertaintyError> {
    let known = around.accuracy.filter(|known| !known.tables.is_empty());
    let known = known.ok_or(UncertaintyError::NoDataSheet)?;
    let mut last = UncertaintyError::NoDataSheet;
    for table in known.tables {
        match of_table(table, known.days, around) {
            Ok(found) => return Ok(found),
            Err(error) => last = error,
        }
    }
    Err(last)
}

fn of_table(
    table: &AccuracyTable,
    days: Option<u32>,
    around: &Circumstances<'_>,
) -> Result<(Decimal, String), UncertaintyError> {
    let range = match around.range {
        Some(Range::Fixed(range)) => range.in_base(),
        Some(Range::Auto) => return Err(UncertaintyError::AutoRange),
        None => Some(Decimal::zero()),
    };
    let range = range.ok_or(UncertaintyError::Bounds)?;
    let rows = table.rows.iter().map(|row| converted(table, row, &range, around.reading));
    let rows = rows.collect::<Option<Vec<_>>>().ok_or(UncertaintyError::Bounds)?;
    let longest = rows.iter().filter(|row| row.range == range).map(|row| row.days).max();
    let specification = Specification::new(rows)?;
    let celsius = match (around.celsius, &table.within) {
        (Some(celsius), _) => celsius.clone(),
        (None, Some([from, _])) => from.in_base().ok_or(UncertaintyError::Bounds)?,
        (None, None) => Decimal::zero(),
    };
    let age = days.or(longest).unwrap_or_default();
    let half = specification.half_width(around.reading, &range, age, &celsius)?;
    Ok((half, since(days)))
}

fn since(days: Option<u32>) -> String {
    match days {
        Some(1) => "data sheet, 1 day after calibration".to_owned(),
        Some(days) => format!("data sheet, {days} days after calibration"),
        None => "data sheet, for its longest time".to_owned(),
    }
}

fn converted(
    table: &AccuracyTable,
    row: &AccuracyRow,
    range: &Decimal,
    reading: &Decimal,
) -> Option<theirs::AccuracyRow> {
    let own = match &row.range {
        Some(own) => own.in_base()?,
        None => range.clone(),
    };
    let up_to = match (&row.up_to, &row.range) {
        (Some(up_to), _) => up_to.in_base()?,
        (None, Some(_)) => own.clone(),
        (None, None) => reading.abs(),
    };
    let temperature = match (&table.within, &row.per_degree) {
        (Some([from, to]), Some(per_degree)) => Some(TemperatureCoefficient {
            lowest_celsius: from.in_base()?,
            highest_celsius: to.in_base()?,
            per_degree: terms(per_degree)?,
        }),
        _ => None,
    };
    let days = row.days.unwrap_or(u32::MAX);
    let accuracy = terms(&row.terms())?;
    Some(theirs::AccuracyRow { range: own, up_to, days, accuracy, temperature })
}

fn terms(terms: &AccuracyTerms) -> Option<Terms> {
    let percent = |part: &Option<Quantity>| match part {
        Some(part) => part.in_base()?.scale_by_power_of_ten(PERCENT),
        None => Some(Decimal::zero()),
    };
    let offset = match &terms.offset {
        Some(offset) => offset.in_base()?,
        None => Decimal::zero(),
    };
    Some(Terms {
        percent_of_reading: percent(&terms.of_reading)?,
        percent_of_range: percent(&terms.of_range)?,
        offset,
    })
}
