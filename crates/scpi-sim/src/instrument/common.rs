//! The commands that every instrument has: IEEE 488.2 clause 10 and SCPI-99 volume 2 clause 21.8.

use std::sync::LazyLock;

use super::Commands;

/// A register of SCPI.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Which {
    Operation,
    Questionable,
}

/// A part of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Item {
    Events,
    Condition,
    Enable,
    Rising,
    Falling,
}

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
    ControlPort,
    Learn,
    Save,
    Recall,
    PowerOnClear,
    StatusPreset,
    Status(Which, Item),
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
    ("*LRN?", Common::Learn),
    ("*PSC[?]", Common::PowerOnClear),
    ("*RCL", Common::Recall),
    ("*SAV", Common::Save),
    ("*TRG", Common::Trigger),
    ("*WAI", Common::Wait),
    ("SYSTem:ERRor[:NEXT]?", Common::NextError),
    ("SYSTem:ERRor:COUNt?", Common::ErrorCount),
    ("SYSTem:VERSion?", Common::Version),
    ("SYSTem:COMMunicate:TCPip:CONTrol?", Common::ControlPort),
    ("STATus:PRESet", Common::StatusPreset),
    ("STATus:OPERation[:EVENt]?", Common::Status(Which::Operation, Item::Events)),
    ("STATus:OPERation:CONDition?", Common::Status(Which::Operation, Item::Condition)),
    ("STATus:OPERation:ENABle[?]", Common::Status(Which::Operation, Item::Enable)),
    ("STATus:OPERation:PTRansition[?]", Common::Status(Which::Operation, Item::Rising)),
    ("STATus:OPERation:NTRansition[?]", Common::Status(Which::Operation, Item::Falling)),
    ("STATus:QUEStionable[:EVENt]?", Common::Status(Which::Questionable, Item::Events)),
    ("STATus:QUEStionable:CONDition?", Common::Status(Which::Questionable, Item::Condition)),
    ("STATus:QUEStionable:ENABle[?]", Common::Status(Which::Questionable, Item::Enable)),
    ("STATus:QUEStionable:PTRansition[?]", Common::Status(Which::Questionable, Item::Rising)),
    ("STATus:QUEStionable:NTRansition[?]", Common::Status(Which::Questionable, Item::Falling)),
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
