//! What can be set.

use bench_model::Unit;

use crate::class::Class;
use crate::word::words;

words! {
    /// What an `apply` or an axis of a sweep sets.
    pub enum Setting, "setting" {
        /// What a load keeps constant.
        Mode = "mode",
        /// The most current that a supply gives.
        CurrentLimit = "current_limit",
        /// The voltage above which a supply switches itself off.
        Ovp = "ovp",
        /// Whether a supply switches itself off at its current limit.
        Ocp = "ocp",
        /// The voltage of a supply, or of a load in constant voltage.
        Voltage = "voltage",
        /// The current of a load.
        Current = "current",
        /// The resistance of a load.
        Resistance = "resistance",
        /// The power of a load.
        Power = "power",
        /// The form of a generator's signal.
        Waveform = "waveform",
        /// The load that a generator reckons with: its amplitude and offset are those across it.
        LoadImpedance = "load_impedance",
        /// The frequency of a generator's signal.
        Frequency = "frequency",
        /// The amplitude of a generator's signal, from peak to peak.
        Amplitude = "amplitude",
        /// The direct voltage under a generator's signal.
        Offset = "offset",
        /// The output of a supply or a generator.
        Output = "output",
        /// A load's input.
        Input = "input",
    }
}

/// What a setting takes.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SettingKind {
    /// A quantity of this unit's dimension.
    Quantity(Unit),
    /// `on` or `off`.
    Switch,
    /// One of these words.
    Words(&'static [&'static str]),
}

/// What a load can keep constant: current, voltage, resistance, power.
const LOAD_MODES: &[&str] = &["cc", "cv", "cr", "cp"];

/// The signals that generators of every make have.
const WAVEFORMS: &[&str] = &["sine", "square", "ramp", "pulse", "noise", "dc"];

/// What a generator can reckon with.
const LOAD_IMPEDANCES: &[&str] = &["50 Ω", "high"];

impl Setting {
    /// What can be set on an instrument of a class, in the order of [`rank`](Self::rank).
    #[must_use]
    pub fn of_class(class: Class) -> &'static [Self] {
        match class {
            Class::PowerSupply => {
                &[Self::CurrentLimit, Self::Ovp, Self::Ocp, Self::Voltage, Self::Output]
            }
            Class::Load => &[
                Self::Mode,
                Self::Voltage,
                Self::Current,
                Self::Resistance,
                Self::Power,
                Self::Input,
            ],
            Class::Generator => &[
                Self::LoadImpedance,
                Self::Waveform,
                Self::Frequency,
                Self::Amplitude,
                Self::Offset,
                Self::Output,
            ],
            _ => &[],
        }
    }

    /// What it takes.
    #[must_use]
    pub fn kind(self) -> SettingKind {
        match self {
            Self::Mode => SettingKind::Words(LOAD_MODES),
            Self::Waveform => SettingKind::Words(WAVEFORMS),
            Self::LoadImpedance => SettingKind::Words(LOAD_IMPEDANCES),
            Self::Ovp | Self::Voltage | Self::Amplitude | Self::Offset => {
                SettingKind::Quantity(Unit::volt())
            }
            Self::Frequency => SettingKind::Quantity(Unit::hertz()),
            Self::CurrentLimit | Self::Current => SettingKind::Quantity(Unit::ampere()),
            Self::Resistance => SettingKind::Quantity(Unit::ohm()),
            Self::Power => SettingKind::Quantity(Unit::watt()),
            Self::Ocp | Self::Output | Self::Input => SettingKind::Switch,
        }
    }

    /// Its place on the wire within one `apply`: limits and what levels are reckoned by, protection, level, output.
    #[must_use]
    pub fn rank(self) -> u8 {
        match self {
            Self::Mode | Self::CurrentLimit | Self::LoadImpedance => 0,
            Self::Ovp | Self::Ocp | Self::Waveform => 1,
            Self::Voltage
            | Self::Current
            | Self::Resistance
            | Self::Power
            | Self::Frequency
            | Self::Amplitude
            | Self::Offset => 2,
            Self::Output | Self::Input => 3,
        }
    }

    /// Whether it is what lets energy flow.
    #[must_use]
    pub fn is_output(self) -> bool {
        matches!(self, Self::Output | Self::Input)
    }

    /// The output of a class, which the safe state switches off.
    #[must_use]
    pub fn output_of(class: Class) -> Option<Self> {
        match class {
            Class::PowerSupply | Class::Generator => Some(Self::Output),
            Class::Load => Some(Self::Input),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_of_a_class_stand_in_their_order_and_the_output_is_last() {
        for class in Class::ALL {
            let settings = Setting::of_class(*class);
            assert!(settings.is_sorted_by_key(|setting| setting.rank()), "{class}");
            let outputs = settings.iter().filter(|setting| setting.is_output());
            assert!(outputs.eq(Setting::output_of(*class).iter()), "{class}");
        }
        for setting in Setting::ALL {
            let is_set = |class: &&Class| Setting::of_class(**class).contains(setting);
            assert!(Class::ALL.iter().any(|class| is_set(&class)), "{setting}");
        }
    }
}
