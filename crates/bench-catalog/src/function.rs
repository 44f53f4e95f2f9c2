//! What can be measured.

use bench_model::Unit;

use crate::class::Class;
use crate::word::words;

words! {
    /// What a reading measures.
    pub enum Function, "function" {
        /// Direct voltage.
        DcVoltage = "dc_voltage",
        /// Alternating voltage, root mean square.
        AcVoltage = "ac_voltage",
        /// Direct current.
        DcCurrent = "dc_current",
        /// Alternating current, root mean square.
        AcCurrent = "ac_current",
        /// Resistance over two wires, leads included.
        Resistance2w = "resistance_2w",
        /// Resistance over four wires.
        Resistance4w = "resistance_4w",
        /// Frequency.
        Frequency = "frequency",
        /// Period.
        Period = "period",
        /// Voltage across a forward-biased junction.
        Diode = "diode",
        /// Capacitance.
        Capacitance = "capacitance",
        /// Temperature.
        Temperature = "temperature",
        /// Power.
        Power = "power",
        /// A number that a person reads, in a unit that the plan states.
        Entry = "entry",
    }
}

impl Function {
    /// The base unit of its readings.
    #[must_use]
    pub fn unit(self) -> Unit {
        match self {
            Self::DcVoltage | Self::AcVoltage | Self::Diode => Unit::volt(),
            Self::DcCurrent | Self::AcCurrent => Unit::ampere(),
            Self::Resistance2w | Self::Resistance4w => Unit::ohm(),
            Self::Frequency => Unit::hertz(),
            Self::Period => Unit::second(),
            Self::Capacitance => Unit::farad(),
            Self::Temperature => Unit::degree_celsius(),
            Self::Power => Unit::watt(),
            Self::Entry => Unit::none(),
        }
    }

    /// Whether an instrument of this class can measure it.
    #[must_use]
    pub fn measurable_by(self, class: Class) -> bool {
        match class {
            Class::Multimeter => !matches!(self, Self::Power | Self::Entry),
            Class::Manual => true,
            Class::PowerSupply | Class::Load => {
                matches!(self, Self::DcVoltage | Self::DcCurrent | Self::Power)
            }
            _ => false,
        }
    }
}

words! {
    /// What is taken from a waveform.
    pub enum WaveformMeasure, "waveform measure" {
        /// Highest less lowest.
        PeakToPeak = "peak_to_peak",
        /// Root mean square about zero.
        Rms = "rms",
        /// Mean.
        Mean = "mean",
        /// The lowest.
        Minimum = "minimum",
        /// The highest.
        Maximum = "maximum",
        /// Frequency.
        Frequency = "frequency",
        /// From 10 % to 90 % of the first rise.
        RiseTime = "rise_time",
        /// How many samples lie outside of a mask.
        MaskViolations = "mask_violations",
    }
}

impl WaveformMeasure {
    /// The base unit, where the samples are volts.
    #[must_use]
    pub fn unit(self) -> Unit {
        match self {
            Self::Frequency => Unit::hertz(),
            Self::RiseTime => Unit::second(),
            Self::MaskViolations => Unit::none(),
            _ => Unit::volt(),
        }
    }

    /// Whether one sample alone can make it: averaging hides it, and a screen that is not what was waited for may lack
    /// it.
    #[must_use]
    pub fn is_extreme(self) -> bool {
        matches!(self, Self::PeakToPeak | Self::Minimum | Self::Maximum | Self::MaskViolations)
    }
}
