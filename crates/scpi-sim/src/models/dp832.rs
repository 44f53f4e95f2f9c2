//! Rigol DP832: three channels of 30 V and 3 A, 30 V and 3 A, 5 V and 3 A.
//!
//! After the "DP800 Series Programming Guide", chapter 2: `:APPLy`, `:INSTrument`, `:MEASure`, `:OUTPut`
//! (tracking of the first two channels included) and `[:SOURce[<n>]]` commands, with their defaults and ranges (table 2-1). The answers `CH1:30V/3A,5.000,0.100`,
//! `5.0114,0.0000,0.000`, `6.000`, `0.5000`, `CV`, `ON` and `NO` have the digits of published dialogues.
//! Settings have a resolution of 1 mV and 1 mA.

use std::sync::LazyLock;

use scpi_protocol::program::{CommandTree, Parameter};

use crate::circuit::{Feed, Protection, Regulation, SupplySetting};
use crate::format::fixed;
use crate::instrument::{Call, Commands, Model, Outcome, Refusal, Reply};
use crate::noise::Noise;
use crate::settings::{Bounds, at_most_one, channel, count, none, one};

/// How many channels it has.
pub(crate) const CHANNELS: usize = 3;

/// What a channel can do.
struct Rating {
    /// As `:APPLy?` names it.
    label: &'static str,
    volts: Bounds,
    amperes: Bounds,
    over_voltage: Bounds,
    over_current: Bounds,
}

const LARGE_VOLTS: Bounds = Bounds::new("V", 0.0, 32.0, 0.0);
const AMPERES: Bounds = Bounds::new("A", 0.0, 3.2, 3.0);
const LARGE_OVER_VOLTAGE: Bounds = Bounds::new("V", 0.01, 33.0, 33.0);
const OVER_CURRENT: Bounds = Bounds::new("A", 0.001, 3.3, 3.3);

const RATINGS: [Rating; CHANNELS] = [
    Rating {
        label: "CH1:30V/3A",
        volts: LARGE_VOLTS,
        amperes: AMPERES,
        over_voltage: LARGE_OVER_VOLTAGE,
        over_current: OVER_CURRENT,
    },
    Rating {
        label: "CH2:30V/3A",
        volts: LARGE_VOLTS,
        amperes: AMPERES,
        over_voltage: LARGE_OVER_VOLTAGE,
        over_current: OVER_CURRENT,
    },
    Rating {
        label: "CH3:5V/3A",
        volts: Bounds::new("V", 0.0, 5.3, 0.0),
        amperes: AMPERES,
        over_voltage: Bounds::new("V", 0.01, 5.5, 5.5),
        over_current: OVER_CURRENT,
    },
];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Command {
    Apply,
    Select,
    SelectNumber,
    Level(Quantity),
    /// With the channel in the header.
    ChannelLevel(Quantity),
    Output,
    OutputMode,
    Track,
    Protect(Quantity),
    ProtectLevel(Quantity),
    ProtectTripped(Quantity),
    ProtectClear(Quantity),
    Measure(Measured),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Quantity {
    Voltage,
    Current,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Measured {
    Voltage,
    Current,
    Power,
    All,
}

const LIST: &[(&str, Command)] = &[
    ("APPLy[?]", Command::Apply),
    ("INSTrument:NSELect[?]", Command::SelectNumber),
    ("INSTrument[:SELect][?]", Command::Select),
    ("[SOURce]:VOLTage[:LEVel][:IMMediate][:AMPLitude][?]", Command::Level(Quantity::Voltage)),
    ("[SOURce]:CURRent[:LEVel][:IMMediate][:AMPLitude][?]", Command::Level(Quantity::Current)),
    (
        "SOURce[1|2|3]:VOLTage[:LEVel][:IMMediate][:AMPLitude][?]",
        Command::ChannelLevel(Quantity::Voltage),
    ),
    (
        "SOURce[1|2|3]:CURRent[:LEVel][:IMMediate][:AMPLitude][?]",
        Command::ChannelLevel(Quantity::Current),
    ),
    ("OUTPut[:STATe][?]", Command::Output),
    ("OUTPut:TRACk[?]", Command::Track),
    ("OUTPut:MODE?", Command::OutputMode),
    ("OUTPut:CVCC?", Command::OutputMode),
    ("OUTPut:OVP[:STATe][?]", Command::Protect(Quantity::Voltage)),
    ("OUTPut:OVP:VALue[?]", Command::ProtectLevel(Quantity::Voltage)),
    ("OUTPut:OVP:QUES?", Command::ProtectTripped(Quantity::Voltage)),
    ("OUTPut:OVP:ALAR?", Command::ProtectTripped(Quantity::Voltage)),
    ("OUTPut:OVP:CLEar", Command::ProtectClear(Quantity::Voltage)),
    ("OUTPut:OCP[:STATe][?]", Command::Protect(Quantity::Current)),
    ("OUTPut:OCP:VALue[?]", Command::ProtectLevel(Quantity::Current)),
    ("OUTPut:OCP:QUES?", Command::ProtectTripped(Quantity::Current)),
    ("OUTPut:OCP:ALAR?", Command::ProtectTripped(Quantity::Current)),
    ("OUTPut:OCP:CLEar", Command::ProtectClear(Quantity::Current)),
    ("MEASure[:VOLTage][:DC]?", Command::Measure(Measured::Voltage)),
    ("MEASure:CURRent[:DC]?", Command::Measure(Measured::Current)),
    ("MEASure:POWEr[:DC]?", Command::Measure(Measured::Power)),
    ("MEASure:ALL[:DC]?", Command::Measure(Measured::All)),
];

static COMMANDS: LazyLock<Commands<Command>> = LazyLock::new(|| Commands::new(LIST));

/// A simulated DP832.
pub(crate) struct Dp832 {
    feeds: [Feed; CHANNELS],
    selected: usize,
    /// Whether channels 1 and 2 have the same levels.
    tracks: bool,
    noise: Noise,
    /// Of its own readings, in volts and amperes.
    readback_noise: (f64, f64),
}

/// How a channel is set after a reset, given by how much its voltage falls under load.
pub(crate) fn initial(index: usize, ohms: f64) -> SupplySetting {
    let rating = &RATINGS[index.min(CHANNELS - 1)];
    let protection =
        |bounds: &Bounds| Protection { enabled: false, level: bounds.default, tripped: false };
    SupplySetting {
        on: false,
        volts: rating.volts.default,
        amperes: rating.amperes.default,
        ohms,
        over_voltage: protection(&rating.over_voltage),
        over_current: protection(&rating.over_current),
    }
}

impl Dp832 {
    pub(crate) fn new(feeds: [Feed; CHANNELS], noise: Noise, readback_noise: (f64, f64)) -> Self {
        Self { feeds, selected: 0, tracks: false, noise, readback_noise }
    }

    fn apply(&mut self, call: &Call<'_>) -> Outcome {
        let (index, rest) = self.channel_and_rest(call.parameters)?;
        let (rating, setting) = (&RATINGS[index], self.feeds[index].setting());
        let (volts, amperes) = (fixed(setting.volts, 3), fixed(setting.amperes, 3));
        if call.query {
            let asked = at_most_one(rest)?.map(|word| word.choice(&["VOLTage", "CURRent"]));
            return match asked.transpose()? {
                None => Reply::text(format!("{},{volts},{amperes}", rating.label)),
                Some(0) => Reply::text(volts),
                Some(_) => Reply::text(amperes),
            };
        }
        let (volts, amperes) = match rest {
            [] => (setting.volts, setting.amperes),
            [volts] => (rating.volts.take(volts)?, setting.amperes),
            [volts, amperes] => (rating.volts.take(volts)?, rating.amperes.take(amperes)?),
            _ => return Err((-108).into()),
        };
        self.selected = index;
        self.change(index, |setting| {
            setting.volts = rounded(volts, 1e3);
            setting.amperes = rounded(amperes, 1e3);
        })
    }

    fn select(&mut self, call: &Call<'_>) -> Outcome {
        if call.query {
            none(call.parameters)?;
            return Reply::text(format!("CH{}", self.selected + 1));
        }
        self.selected = channel(one(call.parameters)?, &["CH"], CHANNELS)?;
        Ok(Reply::Done)
    }

    fn select_number(&mut self, call: &Call<'_>) -> Outcome {
        if call.query {
            none(call.parameters)?;
            return Reply::text((self.selected + 1).to_string());
        }
        let bounds = Bounds::new("", 1.0, 3.0, 1.0);
        let number = count(one(call.parameters)?, &bounds)?;
        self.selected = usize::try_from(number).unwrap_or(1) - 1;
        Ok(Reply::Done)
    }

    fn level(&mut self, index: usize, quantity: Quantity, call: &Call<'_>) -> Outcome {
        let (rating, setting) = (&RATINGS[index], self.feeds[index].setting());
        let (bounds, mut level) = match quantity {
            Quantity::Voltage => (&rating.volts, setting.volts),
            Quantity::Current => (&rating.amperes, setting.amperes),
        };
        if let Some(asked) = bounds.call(call, &mut level)? {
            return Reply::text(fixed(asked, 3));
        }
        let level = rounded(level, 1e3);
        self.change(index, |setting| match quantity {
            Quantity::Voltage => setting.volts = level,
            Quantity::Current => setting.amperes = level,
        })
    }

    fn output(&mut self, call: &Call<'_>) -> Outcome {
        let (index, rest) = self.channel_and_rest(call.parameters)?;
        if call.query {
            none(rest)?;
            return Reply::text(on_off(self.feeds[index].setting().on));
        }
        let on = one(rest)?.boolean()?;
        let setting = self.feeds[index].setting();
        if on && (setting.over_voltage.tripped || setting.over_current.tripped) {
            // A protection that has acted is cleared first.
            return Err((-221).into());
        }
        self.change(index, |setting| setting.on = on)
    }

    fn output_mode(&self, call: &Call<'_>) -> Outcome {
        let (index, rest) = self.channel_and_rest(call.parameters)?;
        none(rest)?;
        let feed = &self.feeds[index];
        Reply::text(match feed.regulation() {
            Regulation::Current if feed.setting().on => "CC",
            Regulation::None if feed.setting().on => "UR",
            _ => "CV",
        })
    }

    fn protect(&mut self, quantity: Quantity, call: &Call<'_>) -> Outcome {
        let (index, rest) = self.channel_and_rest(call.parameters)?;
        if call.query {
            none(rest)?;
            let enabled = quantity.protection(&mut self.feeds[index].setting()).enabled;
            return Reply::text(on_off(enabled));
        }
        let enabled = one(rest)?.boolean()?;
        self.change(index, |setting| quantity.protection(setting).enabled = enabled)
    }

    fn protect_level(&mut self, quantity: Quantity, call: &Call<'_>) -> Outcome {
        let (index, rest) = self.channel_and_rest(call.parameters)?;
        let (bounds, decimals) = match quantity {
            Quantity::Voltage => (&RATINGS[index].over_voltage, 3),
            Quantity::Current => (&RATINGS[index].over_current, 4),
        };
        let mut level = quantity.protection(&mut self.feeds[index].setting()).level;
        let call = Call { parameters: rest, ..*call };
        if let Some(asked) = bounds.call(&call, &mut level)? {
            return Reply::text(fixed(asked, decimals));
        }
        self.change(index, |setting| quantity.protection(setting).level = rounded(level, 1e3))
    }

    fn protect_tripped(&mut self, quantity: Quantity, call: &Call<'_>) -> Outcome {
        let (index, rest) = self.channel_and_rest(call.parameters)?;
        none(rest)?;
        let tripped = quantity.protection(&mut self.feeds[index].setting()).tripped;
        Reply::text(if tripped { "YES" } else { "NO" })
    }

    fn protect_clear(&mut self, quantity: Quantity, call: &Call<'_>) -> Outcome {
        let (index, rest) = self.channel_and_rest(call.parameters)?;
        none(rest)?;
        self.change(index, |setting| quantity.protection(setting).tripped = false)
    }

    fn measure(&mut self, what: Measured, call: &Call<'_>) -> Outcome {
        let (index, rest) = self.channel_and_rest(call.parameters)?;
        none(rest)?;
        let (volts, amperes) = self.feeds[index].measured();
        let volts = volts + self.noise.deviate(self.readback_noise.0);
        let amperes = (amperes + self.noise.deviate(self.readback_noise.1)).max(0.0);
        let power = fixed(volts * amperes, 3);
        let (volts, amperes) = (fixed(volts, 4), fixed(amperes, 4));
        Reply::text(match what {
            Measured::Voltage => volts,
            Measured::Current => amperes,
            Measured::Power => power,
            Measured::All => format!("{volts},{amperes},{power}"),
        })
    }

    /// The channel that the first parameter names, else the selected one, and the other parameters.
    fn channel_and_rest<'p>(
        &self,
        parameters: &'p [Parameter],
    ) -> Result<(usize, &'p [Parameter]), Refusal> {
        match parameters.split_first() {
            Some((first @ Parameter::Word(word), rest))
                if word.len() == 3 && names_channel(word) =>
            {
                Ok((channel(first, &["CH"], CHANNELS)?, rest))
            }
            _ => Ok((self.selected, parameters)),
        }
    }

    /// `:OUTPut:TRACk CH1,ON`: what is set of one of the first two is then set of both.
    fn track(&mut self, call: &Call<'_>) -> Outcome {
        let (index, rest) = self.channel_and_rest(call.parameters)?;
        if index > 1 {
            return Err((-221).into());
        }
        if call.query {
            none(rest)?;
            return Reply::text(on_off(self.tracks));
        }
        self.tracks = one(rest)?.boolean()?;
        Ok(Reply::Done)
    }

    fn change(&mut self, index: usize, change: impl FnOnce(&mut SupplySetting)) -> Outcome {
        self.feeds[index].change(change);
        let SupplySetting { volts, amperes, .. } = self.feeds[index].setting();
        if let Some(other) = self.feeds.get(1 - index.min(1)).filter(|_| self.tracks && index < 2) {
            other.change(|setting| (setting.volts, setting.amperes) = (volts, amperes));
        }
        Ok(Reply::Done)
    }
}

impl Quantity {
    fn protection(self, setting: &mut SupplySetting) -> &mut Protection {
        match self {
            Self::Voltage => &mut setting.over_voltage,
            Self::Current => &mut setting.over_current,
        }
    }
}

/// Its commands, each by its place.
pub(crate) fn tree() -> &'static CommandTree<usize> {
    COMMANDS.tree()
}

impl Model for Dp832 {
    fn tree(&self) -> &'static CommandTree<usize> {
        tree()
    }

    fn execute(&mut self, call: &Call<'_>) -> Outcome {
        match COMMANDS.get(call.command).copied() {
            Some(Command::Apply) => self.apply(call),
            Some(Command::Select) => self.select(call),
            Some(Command::SelectNumber) => self.select_number(call),
            Some(Command::Level(quantity)) => self.level(self.selected, quantity, call),
            Some(Command::ChannelLevel(quantity)) => {
                let number = call.suffixes.first().copied().unwrap_or(1);
                let index = usize::try_from(number).unwrap_or(1).clamp(1, CHANNELS) - 1;
                self.level(index, quantity, call)
            }
            Some(Command::Output) => self.output(call),
            Some(Command::OutputMode) => self.output_mode(call),
            Some(Command::Track) => self.track(call),
            Some(Command::Protect(quantity)) => self.protect(quantity, call),
            Some(Command::ProtectLevel(quantity)) => self.protect_level(quantity, call),
            Some(Command::ProtectTripped(quantity)) => self.protect_tripped(quantity, call),
            Some(Command::ProtectClear(quantity)) => self.protect_clear(quantity, call),
            Some(Command::Measure(what)) => self.measure(what, call),
            None => Err((-113).into()),
        }
    }

    /// Bit 0 of the questionable ones while any output that is on does not hold its voltage.
    fn conditions(&self) -> (u16, u16) {
        let is_limited =
            |feed: &Feed| feed.setting().on && feed.regulation() != Regulation::Voltage;
        (0, u16::from(self.feeds.iter().any(is_limited)))
    }

    fn reset(&mut self) {
        (self.selected, self.tracks) = (0, false);
        for feed in &self.feeds {
            let initial = feed.initial;
            feed.change(|setting| *setting = initial);
        }
    }
}

fn names_channel(word: &str) -> bool {
    word.get(..2).is_some_and(|start| start.eq_ignore_ascii_case("CH"))
}

fn on_off(on: bool) -> &'static str {
    if on { "ON" } else { "OFF" }
}

/// To so many steps a unit.
fn rounded(value: f64, steps: f64) -> f64 {
    (value * steps).round() / steps
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_pattern_is_one() {
        super::COMMANDS.check().unwrap();
    }
}
