//! The command tree of the oscilloscope.

use std::sync::LazyLock;

use crate::instrument::Commands;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Command {
    Channel(ChannelItem),
    TimeScale,
    TimeOffset,
    Type,
    Averages,
    Depth,
    Rate,
    TriggerMode,
    TriggerSource,
    TriggerSlope,
    TriggerLevel,
    TriggerSweep,
    TriggerStatus,
    Run,
    Stop,
    Single,
    Force,
    Clear,
    WaveSource,
    WaveMode,
    WaveFormat,
    WavePoints,
    WaveStart,
    WaveStop,
    Preamble,
    Data,
    Measure,
    MeasureSource,
}

/// What can be set of a channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ChannelItem {
    Display,
    Probe,
    Coupling,
    Bandwidth,
    Scale,
    Offset,
}

pub(super) static COMMANDS: LazyLock<Commands<Command>> = LazyLock::new(|| Commands::new(LIST));

const LIST: &[(&str, Command)] = &[
    ("CHANnel[1|2|3|4]:DISPlay[?]", Command::Channel(ChannelItem::Display)),
    ("CHANnel[1|2|3|4]:PROBe[?]", Command::Channel(ChannelItem::Probe)),
    ("CHANnel[1|2|3|4]:COUPling[?]", Command::Channel(ChannelItem::Coupling)),
    ("CHANnel[1|2|3|4]:BWLimit[?]", Command::Channel(ChannelItem::Bandwidth)),
    ("CHANnel[1|2|3|4]:SCALe[?]", Command::Channel(ChannelItem::Scale)),
    ("CHANnel[1|2|3|4]:OFFSet[?]", Command::Channel(ChannelItem::Offset)),
    ("TIMebase[:MAIN]:SCALe[?]", Command::TimeScale),
    ("TIMebase[:MAIN]:OFFSet[?]", Command::TimeOffset),
    ("ACQuire:TYPE[?]", Command::Type),
    ("ACQuire:AVERages[?]", Command::Averages),
    ("ACQuire:MDEPth[?]", Command::Depth),
    ("ACQuire:SRATe?", Command::Rate),
    ("TRIGger:MODE[?]", Command::TriggerMode),
    ("TRIGger:EDGE:SOURce[?]", Command::TriggerSource),
    ("TRIGger:EDGE:SLOPe[?]", Command::TriggerSlope),
    ("TRIGger:EDGE:LEVel[?]", Command::TriggerLevel),
    ("TRIGger:SWEep[?]", Command::TriggerSweep),
    ("TRIGger:STATus?", Command::TriggerStatus),
    ("RUN", Command::Run),
    ("STOP", Command::Stop),
    ("SINGle", Command::Single),
    ("TFORce", Command::Force),
    ("CLEar", Command::Clear),
    ("WAVeform:SOURce[?]", Command::WaveSource),
    ("WAVeform:MODE[?]", Command::WaveMode),
    ("WAVeform:FORMat[?]", Command::WaveFormat),
    ("WAVeform:POINts[?]", Command::WavePoints),
    ("WAVeform:STARt[?]", Command::WaveStart),
    ("WAVeform:STOP[?]", Command::WaveStop),
    ("WAVeform:PREamble?", Command::Preamble),
    ("WAVeform:DATA?", Command::Data),
    ("MEASure:ITEM[?]", Command::Measure),
    ("MEASure:SOURce[?]", Command::MeasureSource),
];

#[cfg(test)]
mod tests {
    #[test]
    fn every_pattern_is_one() {
        super::COMMANDS.check().unwrap();
    }
}
