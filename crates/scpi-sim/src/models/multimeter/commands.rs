//! The command tree of the multimeter.

use std::sync::LazyLock;

use super::function::Function;
use crate::instrument::Commands;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Command {
    Configure(Function),
    Configuration,
    Measure(Function),
    Sense(Function, Item),
    Function,
    Samples,
    Triggers,
    TriggerSource,
    Initiate,
    Abort,
    Read,
    Fetch,
    TakeOut,
    Points,
    Statistics(Statistic),
}

/// What can be asked of the statistics.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Statistic {
    State,
    Clear,
    All,
    Count,
    PeakToPeak,
    /// By its place in all of them.
    One(usize),
}

/// What can be set of a function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Item {
    Nplc,
    Range,
    AutoRange,
    AutoZero,
    AutoImpedance,
}

pub(super) static COMMANDS: LazyLock<Commands<Command>> = LazyLock::new(|| Commands::new(LIST));

use Command::{Configure, Measure, Sense};
use Function::{
    AcCurrent, AcVoltage, Capacitance, DcCurrent, DcVoltage, Diode, FourWireResistance, Frequency,
    Period, Resistance, Temperature,
};
use Item::{AutoImpedance, AutoRange, AutoZero, Nplc, Range};

const LIST: &[(&str, Command)] = &[
    ("CONFigure?", Command::Configuration),
    ("CONFigure[:VOLTage][:DC]", Configure(DcVoltage)),
    ("CONFigure:VOLTage:AC", Configure(AcVoltage)),
    ("CONFigure:CURRent[:DC]", Configure(DcCurrent)),
    ("CONFigure:CURRent:AC", Configure(AcCurrent)),
    ("CONFigure:RESistance", Configure(Resistance)),
    ("CONFigure:FRESistance", Configure(FourWireResistance)),
    ("CONFigure:FREQuency", Configure(Frequency)),
    ("CONFigure:PERiod", Configure(Period)),
    ("CONFigure:DIODe", Configure(Diode)),
    ("MEASure[:VOLTage][:DC]?", Measure(DcVoltage)),
    ("MEASure:VOLTage:AC?", Measure(AcVoltage)),
    ("MEASure:CURRent[:DC]?", Measure(DcCurrent)),
    ("MEASure:CURRent:AC?", Measure(AcCurrent)),
    ("MEASure:RESistance?", Measure(Resistance)),
    ("MEASure:FRESistance?", Measure(FourWireResistance)),
    ("MEASure:FREQuency?", Measure(Frequency)),
    ("MEASure:PERiod?", Measure(Period)),
    ("MEASure:DIODe?", Measure(Diode)),
    ("[SENSe]:FUNCtion[:ON][?]", Command::Function),
    ("[SENSe]:VOLTage[:DC]:NPLC[?]", Sense(DcVoltage, Nplc)),
    ("[SENSe]:VOLTage[:DC]:RANGe[:UPPer][?]", Sense(DcVoltage, Range)),
    ("[SENSe]:VOLTage[:DC]:RANGe:AUTO[?]", Sense(DcVoltage, AutoRange)),
    ("[SENSe]:VOLTage[:DC]:ZERO:AUTO[?]", Sense(DcVoltage, AutoZero)),
    ("[SENSe]:VOLTage[:DC]:IMPedance:AUTO[?]", Sense(DcVoltage, AutoImpedance)),
    ("[SENSe]:VOLTage:AC:RANGe[:UPPer][?]", Sense(AcVoltage, Range)),
    ("[SENSe]:VOLTage:AC:RANGe:AUTO[?]", Sense(AcVoltage, AutoRange)),
    ("[SENSe]:CURRent[:DC]:NPLC[?]", Sense(DcCurrent, Nplc)),
    ("[SENSe]:CURRent[:DC]:RANGe[:UPPer][?]", Sense(DcCurrent, Range)),
    ("[SENSe]:CURRent[:DC]:RANGe:AUTO[?]", Sense(DcCurrent, AutoRange)),
    ("[SENSe]:CURRent[:DC]:ZERO:AUTO[?]", Sense(DcCurrent, AutoZero)),
    ("[SENSe]:CURRent:AC:RANGe[:UPPer][?]", Sense(AcCurrent, Range)),
    ("[SENSe]:CURRent:AC:RANGe:AUTO[?]", Sense(AcCurrent, AutoRange)),
    ("[SENSe]:RESistance:NPLC[?]", Sense(Resistance, Nplc)),
    ("[SENSe]:RESistance:RANGe[:UPPer][?]", Sense(Resistance, Range)),
    ("[SENSe]:RESistance:RANGe:AUTO[?]", Sense(Resistance, AutoRange)),
    ("[SENSe]:RESistance:ZERO:AUTO[?]", Sense(Resistance, AutoZero)),
    ("[SENSe]:FRESistance:NPLC[?]", Sense(FourWireResistance, Nplc)),
    ("[SENSe]:FRESistance:RANGe[:UPPer][?]", Sense(FourWireResistance, Range)),
    ("[SENSe]:FRESistance:RANGe:AUTO[?]", Sense(FourWireResistance, AutoRange)),
    ("SAMPle:COUNt[?]", Command::Samples),
    ("TRIGger:COUNt[?]", Command::Triggers),
    ("TRIGger:SOURce[?]", Command::TriggerSource),
    ("INITiate[:IMMediate]", Command::Initiate),
    ("ABORt", Command::Abort),
    ("READ?", Command::Read),
    ("FETCh?", Command::Fetch),
    ("R?", Command::TakeOut),
    ("DATA:POINts?", Command::Points),
    ("CONFigure:CAPacitance", Configure(Capacitance)),
    ("CONFigure:TEMPerature", Configure(Temperature)),
    ("MEASure:CAPacitance?", Measure(Capacitance)),
    ("MEASure:TEMPerature?", Measure(Temperature)),
    ("[SENSe]:CAPacitance:RANGe[:UPPer][?]", Sense(Capacitance, Range)),
    ("[SENSe]:CAPacitance:RANGe:AUTO[?]", Sense(Capacitance, AutoRange)),
    ("[SENSe]:TEMPerature:NPLC[?]", Sense(Temperature, Nplc)),
    ("CALCulate:AVERage[:STATe][?]", Command::Statistics(Statistic::State)),
    ("CALCulate:AVERage:CLEar[:IMMediate]", Command::Statistics(Statistic::Clear)),
    ("CALCulate:AVERage:ALL?", Command::Statistics(Statistic::All)),
    ("CALCulate:AVERage:COUNt?", Command::Statistics(Statistic::Count)),
    ("CALCulate:AVERage:PTPeak?", Command::Statistics(Statistic::PeakToPeak)),
    ("CALCulate:AVERage:AVERage?", Command::Statistics(Statistic::One(0))),
    ("CALCulate:AVERage:SDEViation?", Command::Statistics(Statistic::One(1))),
    ("CALCulate:AVERage:MINimum?", Command::Statistics(Statistic::One(2))),
    ("CALCulate:AVERage:MAXimum?", Command::Statistics(Statistic::One(3))),
];

#[cfg(test)]
mod tests {
    #[test]
    fn every_pattern_is_one() {
        super::COMMANDS.check().unwrap();
    }
}
