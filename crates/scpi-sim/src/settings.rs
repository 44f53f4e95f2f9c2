//! Parameters as instruments take them: how many, of what kind, within which bounds.

use scpi_protocol::program::{NumericSetting, Parameter};

use crate::instrument::{Call, Refusal};

/// -108: more than it takes.
const PARAMETER_NOT_ALLOWED: i32 = -108;
/// -109: fewer than it needs.
const MISSING_PARAMETER: i32 = -109;
/// -222: beyond its bounds.
const DATA_OUT_OF_RANGE: i32 = -222;
/// -224: a word that it does not know.
const ILLEGAL_PARAMETER_VALUE: i32 = -224;
/// -104: data of another kind.
const DATA_TYPE_ERROR: i32 = -104;

/// The bounds of a numeric setting, in base units.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Bounds {
    /// As SCPI writes the unit: `V`, `HZ`, `OHM`; empty for a pure number.
    pub(crate) unit: &'static str,
    /// The least.
    pub(crate) least: f64,
    /// The greatest.
    pub(crate) most: f64,
    /// After a reset.
    pub(crate) default: f64,
}

impl Bounds {
    pub(crate) const fn new(unit: &'static str, least: f64, most: f64, default: f64) -> Self {
        Self { unit, least, most, default }
    }

    /// A number within the bounds, or one of `MIN`, `MAX`, `DEF`.
    pub(crate) fn take(&self, parameter: &Parameter) -> Result<f64, Refusal> {
        match parameter.numeric_setting(self.unit)? {
            NumericSetting::Minimum => Ok(self.least),
            NumericSetting::Maximum => Ok(self.most),
            NumericSetting::Default => Ok(self.default),
            NumericSetting::Value(value) => {
                let value = value.to_f64();
                let is_within = value >= self.least && value <= self.most;
                is_within.then_some(value).ok_or(DATA_OUT_OF_RANGE.into())
            }
        }
    }

    /// What a query asks for: the setting itself, or a bound where it names one.
    pub(crate) fn asked(&self, parameters: &[Parameter], setting: f64) -> Result<f64, Refusal> {
        match at_most_one(parameters)? {
            None => Ok(setting),
            Some(Parameter::Word(_)) => self.take(one(parameters)?),
            Some(_) => Err(DATA_TYPE_ERROR.into()),
        }
    }

    /// Sets what a call of this setting sets, or says what it asks for.
    pub(crate) fn call(&self, call: &Call<'_>, setting: &mut f64) -> Result<Option<f64>, Refusal> {
        if call.query {
            return self.asked(call.parameters, *setting).map(Some);
        }
        *setting = self.take(one(call.parameters)?)?;
        Ok(None)
    }
}

/// The only parameter.
pub(crate) fn one(parameters: &[Parameter]) -> Result<&Parameter, Refusal> {
    at_most_one(parameters)?.ok_or(MISSING_PARAMETER.into())
}

/// The only parameter, which may be left out.
pub(crate) fn at_most_one(parameters: &[Parameter]) -> Result<Option<&Parameter>, Refusal> {
    match parameters {
        [] => Ok(None),
        [only] => Ok(Some(only)),
        _ => Err(PARAMETER_NOT_ALLOWED.into()),
    }
}

/// No parameter at all.
pub(crate) fn none(parameters: &[Parameter]) -> Result<(), Refusal> {
    if parameters.is_empty() { Ok(()) } else { Err(PARAMETER_NOT_ALLOWED.into()) }
}

/// A whole number within bounds.
pub(crate) fn count(parameter: &Parameter, bounds: &Bounds) -> Result<u32, Refusal> {
    whole(bounds.take(parameter)?).ok_or(DATA_OUT_OF_RANGE.into())
}

/// The nearest whole number, where it is one that a `u32` holds.
pub(crate) fn whole(value: f64) -> Option<u32> {
    let text = format!("{:.0}", value.round() + 0.0);
    text.parse().ok()
}

/// The channel that a word such as `CH2` or `CHANnel2` names, out of so many.
pub(crate) fn channel(
    parameter: &Parameter,
    names: &[&str],
    last: usize,
) -> Result<usize, Refusal> {
    let Parameter::Word(word) = parameter else { return Err(DATA_TYPE_ERROR.into()) };
    let split = word.find(|c: char| c.is_ascii_digit()).unwrap_or(word.len());
    let (name, number) = word.split_at_checked(split).unwrap_or((word, ""));
    let is_channel = names.iter().any(|own| own.eq_ignore_ascii_case(name));
    let number = number.parse::<usize>().ok().filter(|number| (1..=last).contains(number));
    match number {
        Some(number) if is_channel => Ok(number - 1),
        _ => Err(ILLEGAL_PARAMETER_VALUE.into()),
    }
}

/// As instruments answer booleans: `1` or `0`.
pub(crate) fn digit(value: bool) -> &'static str {
    if value { "1" } else { "0" }
}

#[cfg(test)]
mod tests {
    use super::*;
    use scpi_protocol::program::ProgramMessage;

    fn parameters(data: &str) -> Vec<Parameter> {
        let message = ProgramMessage::parse(format!("X {data}").as_bytes()).unwrap();
        message.units[0].parameters.clone()
    }

    #[test]
    fn numbers_within_bounds() {
        let volts = Bounds::new("V", 0.0, 32.0, 1.0);
        for (data, wanted) in [
            ("5", Ok(5.0)),
            ("500 MV", Ok(0.5)),
            ("MIN", Ok(0.0)),
            ("MAXimum", Ok(32.0)),
            ("DEF", Ok(1.0)),
            ("40", Err(-222)),
            ("5 A", Err(-131)),
            ("UP", Err(-224)),
            ("'5'", Err(-104)),
        ] {
            let found = volts.take(&parameters(data)[0]).map_err(|refusal| refusal.0.code);
            assert_eq!(found, wanted, "{data}");
        }
    }

    #[test]
    fn too_many_and_too_few() {
        assert_eq!(one(&[]), Err((-109).into()));
        assert_eq!(one(&parameters("1,2")), Err((-108).into()));
        assert_eq!(none(&parameters("1")), Err((-108).into()));
    }

    #[test]
    fn channels_by_word() {
        let names = ["CHAN", "CHANNEL"];
        let found = |data: &str| channel(&parameters(data)[0], &names, 4).ok();
        assert_eq!(found("CHAN2"), Some(1));
        assert_eq!(found("channel4"), Some(3));
        assert_eq!(
            (found("CHAN5"), found("CH1"), found("CHAN"), found("2")),
            (None, None, None, None)
        );
    }

    #[test]
    fn whole_numbers() {
        assert_eq!(whole(2.6), Some(3));
        assert_eq!((whole(-1.0), whole(1e12), whole(f64::NAN)), (None, None, None));
    }
}
