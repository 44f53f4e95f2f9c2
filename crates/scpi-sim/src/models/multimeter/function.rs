//! What the multimeter measures, in which ranges, how long it takes and how finely.
//!
//! Ranges, test currents and the resolution of each integration time are those of the Truevolt Series data
//! sheet and of the guide's table "Integration time" (0.02 PLC: 100 ppm of range, 0.2: 10, 1: 3, 10: 1, 100: 0.3).

use std::time::Duration;

/// Of the power line, in hertz.
const LINE_FREQUENCY: f64 = 50.0;

/// What an alternating function takes with its filter of 20 Hz, in seconds.
const AC_SECONDS: f64 = 0.2;

/// What a capacitance takes, in seconds.
const CAPACITANCE_SECONDS: f64 = 0.3;

/// The gate of frequency and period, in seconds.
const GATE_SECONDS: f64 = 0.1;

/// Integration times in power line cycles, each with its resolution as a part of the range.
pub(super) const INTEGRATION: [(f64, f64); 5] =
    [(0.02, 100e-6), (0.2, 10e-6), (1.0, 3e-6), (10.0, 1e-6), (100.0, 0.3e-6)];

/// A function of the multimeter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Function {
    DcVoltage,
    AcVoltage,
    DcCurrent,
    AcCurrent,
    Resistance,
    FourWireResistance,
    Frequency,
    Period,
    Diode,
    Capacitance,
    Temperature,
}

pub(super) const FUNCTIONS: [Function; 11] = [
    Function::DcVoltage,
    Function::AcVoltage,
    Function::DcCurrent,
    Function::AcCurrent,
    Function::Resistance,
    Function::FourWireResistance,
    Function::Frequency,
    Function::Period,
    Function::Diode,
    Function::Capacitance,
    Function::Temperature,
];

impl Function {
    /// As `CONF?` and `FUNC?` name it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::DcVoltage => "VOLT",
            Self::AcVoltage => "VOLT:AC",
            Self::DcCurrent => "CURR",
            Self::AcCurrent => "CURR:AC",
            Self::Resistance => "RES",
            Self::FourWireResistance => "FRES",
            Self::Frequency => "FREQ",
            Self::Period => "PER",
            Self::Diode => "DIOD",
            Self::Capacitance => "CAP",
            Self::Temperature => "TEMP",
        }
    }

    /// The one that a string of `FUNC` names; `VOLT:DC` and long forms included.
    pub(super) fn by_name(name: &str) -> Option<Self> {
        let name = name.to_ascii_uppercase();
        let short = [("VOLTAGE", "VOLT"), ("CURRENT", "CURR"), ("FRESISTANCE", "FRES")]
            .into_iter()
            .chain([("RESISTANCE", "RES"), ("FREQUENCY", "FREQ"), ("PERIOD", "PER")])
            .chain([
                ("DIODE", "DIOD"),
                ("CAPACITANCE", "CAP"),
                ("TEMPERATURE", "TEMP"),
                (":DC", ""),
            ])
            .fold(name, |name, (long, short)| name.replace(long, short));
        FUNCTIONS.into_iter().find(|function| function.name() == short)
    }

    /// Its ranges in base units, the smallest first; that of frequency is a voltage.
    pub(super) fn ranges(self) -> &'static [f64] {
        match self {
            Self::DcVoltage => &[0.1, 1.0, 10.0, 100.0, 1000.0],
            Self::AcVoltage | Self::Frequency | Self::Period => &[0.1, 1.0, 10.0, 100.0, 750.0],
            Self::DcCurrent | Self::AcCurrent => &[1e-4, 1e-3, 1e-2, 0.1, 1.0, 3.0],
            Self::Resistance | Self::FourWireResistance => &[1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8],
            Self::Diode => &[10.0],
            Self::Capacitance => &[1e-9, 1e-8, 1e-7, 1e-6, 1e-5, 1e-4],
            // Of the sensor, in degrees.
            Self::Temperature => &[600.0],
        }
    }

    /// How much of a range is still measured beyond its end: 20 %, and nothing beyond the terminals' own end.
    pub(super) fn greatest(self, range: f64) -> f64 {
        match self {
            Self::Diode => 5.0,
            _ if range == 1000.0 && self == Self::DcVoltage => 1050.0,
            _ if range == 750.0 => 790.0,
            _ => range * 1.2,
        }
    }

    /// How SCPI writes its unit.
    pub(super) fn unit(self) -> &'static str {
        match self {
            Self::DcCurrent | Self::AcCurrent => "A",
            Self::Resistance | Self::FourWireResistance => "OHM",
            Self::Capacitance => "F",
            Self::Temperature => "CEL",
            _ => "V",
        }
    }

    /// Whether its time is set in power line cycles.
    pub(super) fn integrates(self) -> bool {
        matches!(
            self,
            Self::DcVoltage
                | Self::DcCurrent
                | Self::Resistance
                | Self::FourWireResistance
                | Self::Temperature
        )
    }

    /// How long one reading takes.
    pub(super) fn time(self, nplc: f64, auto_zero: bool) -> Duration {
        let seconds = match self {
            Self::AcVoltage | Self::AcCurrent => AC_SECONDS,
            Self::Frequency | Self::Period => GATE_SECONDS,
            Self::Capacitance => CAPACITANCE_SECONDS,
            Self::Diode => 1.0 / LINE_FREQUENCY,
            // Four wires are always measured with and without current.
            Self::FourWireResistance | Self::Temperature => 2.0 * nplc / LINE_FREQUENCY,
            _ if auto_zero => 2.0 * nplc / LINE_FREQUENCY,
            _ => nplc / LINE_FREQUENCY,
        };
        Duration::from_secs_f64(seconds)
    }
}

/// The current through an unknown resistance, by the range in ohms.
pub(super) fn test_current(range: f64) -> f64 {
    match range {
        _ if range <= 1e3 => 1e-3,
        _ if range <= 1e4 => 1e-4,
        _ if range <= 1e5 => 1e-5,
        _ if range <= 1e6 => 5e-6,
        _ => 5e-7,
    }
}

/// The shunt for a current, by the range in amperes.
pub(super) fn shunt_ohms(range: f64) -> f64 {
    match range {
        _ if range <= 1e-3 => 100.0,
        _ if range <= 1e-2 => 2.0,
        _ => 0.1,
    }
}

/// The next integration time that the instrument has, and its resolution.
pub(super) fn integration(nplc: f64) -> (f64, f64) {
    let [.., slowest] = INTEGRATION;
    INTEGRATION.into_iter().find(|(cycles, _)| *cycles >= nplc).unwrap_or(slowest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn functions_by_every_name() {
        for (name, function) in [
            ("VOLT", Some(Function::DcVoltage)),
            ("volt:dc", Some(Function::DcVoltage)),
            ("VOLTage:AC", Some(Function::AcVoltage)),
            ("CURR:DC", Some(Function::DcCurrent)),
            ("FRES", Some(Function::FourWireResistance)),
            ("FRESistance", Some(Function::FourWireResistance)),
            ("RESISTANCE", Some(Function::Resistance)),
            ("TEMP", Some(Function::Temperature)),
            ("CAPacitance", Some(Function::Capacitance)),
            ("CONT", None),
        ] {
            assert_eq!(Function::by_name(name), function, "{name}");
        }
    }

    #[test]
    fn ten_cycles_with_auto_zero_take_400_ms() {
        let time = |function: Function, zero| function.time(10.0, zero).as_millis();
        assert_eq!(time(Function::DcVoltage, true), 400);
        assert_eq!(time(Function::DcVoltage, false), 200);
        assert_eq!(time(Function::FourWireResistance, false), 400);
    }

    #[test]
    fn integration_times_are_taken_upwards() {
        assert_eq!(integration(0.5), (1.0, 3e-6));
        assert_eq!(integration(1e9), (100.0, 0.3e-6));
    }
}
