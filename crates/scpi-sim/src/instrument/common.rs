//! The commands that every instrument has: IEEE 488.2 clause 10 and SCPI-99 volume 2 clause 21.8.

use std::sync::LazyLock;

use super::Commands;

/// The commands of every instrument.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Common {
    ClearStatus,
    EventMask,
    Events,
    Identity,
    OperationComplete,
    Options,
    Reset,
    ServiceMask,
    StatusByte,
    SelfTest,
    Trigger,
    Wait,
    NextError,
    ErrorCount,
    Version,
    /// Taken without effect: who drives an instrument sends them.
    Ignored,
}

pub(super) static COMMON: LazyLock<Commands<Common>> = LazyLock::new(|| Commands::new(LIST));

const LIST: &[(&str, Common)] = &[
    ("*CLS", Common::ClearStatus),
    ("*ESE[?]", Common::EventMask),
    ("*ESR?", Common::Events),
    ("*IDN?", Common::Identity),
    ("*OPC[?]", Common::OperationComplete),
    ("*OPT?", Common::Options),
    ("*RST", Common::Reset),
    ("*SRE[?]", Common::ServiceMask),
    ("*STB?", Common::StatusByte),
    ("*TST?", Common::SelfTest),
    ("*TRG", Common::Trigger),
    ("*WAI", Common::Wait),
    ("SYSTem:ERRor[:NEXT]?", Common::NextError),
    ("SYSTem:ERRor:COUNt?", Common::ErrorCount),
    ("SYSTem:VERSion?", Common::Version),
    ("SYSTem:BEEPer[:IMMediate]", Common::Ignored),
    ("SYSTem:LOCal", Common::Ignored),
    ("SYSTem:REMote", Common::Ignored),
    ("SYSTem:RWLock", Common::Ignored),
];

#[cfg(test)]
mod tests {
    #[test]
    fn every_pattern_is_one() {
        super::COMMON.check().unwrap();
    }
}
