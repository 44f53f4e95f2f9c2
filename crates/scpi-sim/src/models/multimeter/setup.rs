//! How the multimeter is set.

use scpi_protocol::program::{NumericSetting, Parameter};

use super::acquisition::TriggerSource;
use super::function::{FUNCTIONS, Function, INTEGRATION};
use super::sensor;
use crate::instrument::Refusal;
use crate::settings::Bounds;

/// -222.
const DATA_OUT_OF_RANGE: i32 = -222;

pub(super) const COUNT: Bounds = Bounds::new("", 1.0, 1e6, 1.0);
pub(super) const POWER_LINE_CYCLES: Bounds =
    Bounds::new("", INTEGRATION[0].0, INTEGRATION[4].0, 10.0);
pub(super) const TRIGGER_SOURCES: [&str; 3] = ["IMMediate", "BUS", "EXTernal"];

/// How one function is set.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct FunctionSetting {
    /// `None` is automatic.
    pub(super) range: Option<f64>,
    /// The range that was used last.
    pub(super) used: f64,
    pub(super) nplc: f64,
    pub(super) auto_zero: bool,
}

#[derive(Clone, Debug)]
pub(super) struct Settings {
    pub(super) function: Function,
    pub(super) of_functions: [FunctionSetting; FUNCTIONS.len()],
    pub(super) auto_impedance: bool,
    pub(super) samples: u32,
    pub(super) triggers: u32,
    pub(super) source: TriggerSource,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            function: Function::DcVoltage,
            of_functions: FUNCTIONS.map(preset),
            auto_impedance: false,
            samples: 1,
            triggers: 1,
            source: TriggerSource::Immediate,
        }
    }
}

/// A function as `CONFigure` without parameters sets it: automatic range, 10 power line cycles.
pub(super) fn preset(function: Function) -> FunctionSetting {
    let used = match function {
        Function::DcVoltage => 10.0,
        _ => sensor::first(function),
    };
    FunctionSetting { range: None, used, nplc: POWER_LINE_CYCLES.default, auto_zero: true }
}

impl Settings {
    pub(super) fn of(&mut self, function: Function) -> &mut FunctionSetting {
        let place = FUNCTIONS.iter().position(|own| *own == function).unwrap_or(0);
        &mut self.of_functions[place]
    }
}

/// A range as `CONF` and `RANG` take it: the value to be measured, or a word; `None` is automatic.
pub(super) fn wanted_range(
    function: Function,
    parameter: &Parameter,
) -> Result<Option<f64>, Refusal> {
    let ranges = function.ranges();
    if let Parameter::Word(word) = parameter
        && word.eq_ignore_ascii_case("AUTO")
    {
        return Ok(None);
    }
    let wanted = match parameter.numeric_setting(function.unit())? {
        NumericSetting::Default => return Ok(None),
        NumericSetting::Minimum => return Ok(ranges.first().copied()),
        NumericSetting::Maximum => return Ok(ranges.last().copied()),
        NumericSetting::Value(value) => value.to_f64().abs(),
    };
    // What is just beyond a range by rounding still belongs to it.
    let fitting = ranges.iter().copied().find(|range| wanted <= range * (1.0 + 1e-9));
    fitting.map(Some).ok_or(DATA_OUT_OF_RANGE.into())
}

/// The fewest cycles with this resolution.
pub(super) fn cycles_for(
    function: Function,
    resolution: &Parameter,
    range: f64,
) -> Result<f64, Refusal> {
    let [(fastest, _), .., (slowest, finest)] = INTEGRATION;
    let wanted = match resolution.numeric_setting(function.unit())? {
        NumericSetting::Default => return Ok(POWER_LINE_CYCLES.default),
        NumericSetting::Minimum => return Ok(slowest),
        NumericSetting::Maximum => return Ok(fastest),
        NumericSetting::Value(value) => value.to_f64() / range * (1.0 + 1e-9),
    };
    if wanted < finest {
        return Err(DATA_OUT_OF_RANGE.into());
    }
    let fine_enough = INTEGRATION.iter().find(|(_, resolution)| *resolution <= wanted);
    Ok(fine_enough.map_or(slowest, |(cycles, _)| *cycles))
}
