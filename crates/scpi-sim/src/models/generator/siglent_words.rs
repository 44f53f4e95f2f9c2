//! The words of Siglent's generators: names and values between commas, numbers with their unit.

use std::sync::Arc;

use scpi_protocol::program::Parameter;

use super::channel::{Kind, Modulation, stairs};

/// The kinds of wave by their words.
const KINDS: [(&str, Kind); 7] = [
    ("SINE", Kind::Sine),
    ("SQUARE", Kind::Square),
    ("RAMP", Kind::Ramp),
    ("PULSE", Kind::Pulse),
    ("NOISE", Kind::Noise),
    ("ARB", Kind::Arbitrary),
    ("DC", Kind::Direct),
];

/// The kinds of modulation that are simulated.
pub(super) const MODULATIONS: [&str; 5] = ["AM", "FM", "PM", "ASK", "FSK"];

/// Waves in its memory by number and name, as its guide's `STL?` names them.
pub(super) const STORED: [(u32, &str); 4] =
    [(2, "StairUp"), (3, "StairDn"), (8, "Upramp"), (9, "Dnramp")];

pub(super) fn kind(word: String) -> Option<Kind> {
    KINDS.iter().find(|(name, _)| *name == word).map(|(_, kind)| *kind)
}

pub(super) fn modulation(word: &str) -> Option<Modulation> {
    Some(match word {
        "AM" => Modulation::Amplitude,
        "FM" => Modulation::Frequency,
        "PM" => Modulation::Phase,
        "ASK" => Modulation::AmplitudeShift,
        "FSK" => Modulation::FrequencyShift,
        _ => return None,
    })
}

/// Whether a kind of wave has a setting.
pub(super) fn has(kind: Kind, key: &str) -> bool {
    match (kind, key) {
        (Kind::Noise, _) => matches!(key, "STDEV" | "MEAN"),
        (Kind::Direct, _) => key == "OFST",
        (_, "FRQ" | "PERI" | "AMP" | "OFST" | "HLEV" | "LLEV") => true,
        (_, "AMPVRMS") => kind != Kind::Arbitrary,
        (_, "PHSE") => kind != Kind::Pulse,
        (_, "DUTY") => matches!(kind, Kind::Square | Kind::Pulse),
        (_, "SYM") => kind == Kind::Ramp,
        (_, "WIDTH" | "RISE" | "FALL" | "DLY") => kind == Kind::Pulse,
        _ => false,
    }
}

/// The unit of a setting, as SCPI writes it.
pub(super) fn unit(key: &str) -> &'static str {
    match key {
        "FRQ" | "KFRQ" | "HFRQ" | "START" | "STOP" => "HZ",
        "PERI" | "WIDTH" | "RISE" | "FALL" | "DLY" | "PRD" => "S",
        "AMP" | "OFST" | "HLEV" | "LLEV" | "STDEV" | "MEAN" => "V",
        _ => "",
    }
}

/// The effective value of an amplitude of 1 V, by the factors that were measured on one.
pub(super) fn effective(kind: Kind) -> f64 {
    match kind {
        Kind::Square | Kind::Pulse => 0.5,
        Kind::Ramp => 1.0 / 3.464,
        _ => 0.3535,
    }
}

/// The samples of a wave in memory.
pub(super) fn samples(number: u32) -> Arc<[f64]> {
    let ramp = || (0..1024).map(|step| f64::from(step) / 1023.0 - 0.5);
    match number {
        3 => stairs().iter().rev().copied().collect(),
        8 => ramp().collect(),
        9 => ramp().rev().collect(),
        _ => stairs(),
    }
}

/// The value of a setting.
pub(super) struct Value<'p>(pub(super) &'p Parameter);

impl Value<'_> {
    pub(super) fn word(&self) -> Option<String> {
        self.0.text().map(|text| text.to_ascii_uppercase())
    }

    pub(super) fn is(&self, word: &str) -> bool {
        self.word().is_some_and(|own| own == word)
    }

    /// In base units; a unit that is none of them is not read, as with `1.5Vrms`.
    pub(super) fn number(&self, unit: &str) -> Option<f64> {
        match self.0 {
            Parameter::Number(number) => {
                let value = number.in_base_units(unit).unwrap_or_else(|_| number.value.clone());
                Some(value.to_f64()).filter(|value| value.is_finite())
            }
            _ => None,
        }
    }
}

/// Names and values, one after the other; some names stand alone.
pub(super) struct Pairs<'p> {
    rest: std::slice::Iter<'p, Parameter>,
    lone: &'p [&'p str],
}

impl<'p> Pairs<'p> {
    pub(super) fn of(parameters: &'p [Parameter]) -> Self {
        Self::with_lone(parameters, &[])
    }

    pub(super) fn with_lone(parameters: &'p [Parameter], lone: &'p [&'p str]) -> Self {
        Self { rest: parameters.iter(), lone }
    }
}

impl<'p> Iterator for Pairs<'p> {
    type Item = (String, Value<'p>);

    fn next(&mut self) -> Option<Self::Item> {
        let name = self.rest.next()?;
        let key = Value(name).word().unwrap_or_default();
        if self.lone.contains(&key.as_str()) {
            return Some((key, Value(name)));
        }
        Some((key, Value(self.rest.next()?)))
    }
}

/// What is answered, without the header.
pub(super) mod answers {
    use super::super::channel::{Channel, Kind, Mode, Modulation};
    use super::{KINDS, STORED, effective};
    use crate::format::general;

    /// `OFF,LOAD,HZ,PLRT,NOR`
    pub(in super::super) fn output(channel: &Channel) -> String {
        let state = if channel.on { "ON" } else { "OFF" };
        let load = channel.load.map_or("HZ".to_owned(), |ohms| general(ohms, 6));
        let polarity = if channel.inverted { "INVT" } else { "NOR" };
        format!("{state},LOAD,{load},PLRT,{polarity}")
    }

    /// `WVTP,SINE,FRQ,1000HZ,PERI,0.001S,AMP,4V,...`; the carrier of another group has no period and no levels.
    pub(in super::super) fn basic(channel: &Channel, is_whole: bool) -> String {
        let kind = KINDS.iter().find(|(_, kind)| *kind == channel.kind);
        let mut text = format!("WVTP,{}", kind.map_or("SINE", |(name, _)| name));
        let mut add = |key: &str, value: f64, digits: usize, unit: &str| {
            text.push_str(&format!(",{key},{}{unit}", general(value, digits)));
        };
        match channel.kind {
            Kind::Direct => add("OFST", channel.offset, 6, "V"),
            Kind::Noise => {
                add("STDEV", channel.noise.deviation, 6, "V");
                add("MEAN", channel.noise.mean, 6, "V");
                text.push_str(",BANDSTATE,OFF");
            }
            _ => periodic(channel, is_whole, &mut add),
        }
        text
    }

    fn periodic(channel: &Channel, is_whole: bool, add: &mut impl FnMut(&str, f64, usize, &str)) {
        add("FRQ", channel.frequency, 10, "HZ");
        if is_whole {
            add("PERI", 1.0 / channel.frequency, 6, "S");
        }
        add("AMP", channel.amplitude, 6, "V");
        if channel.kind != Kind::Arbitrary {
            add("AMPVRMS", channel.amplitude * effective(channel.kind), 6, "Vrms");
        }
        add("OFST", channel.offset, 6, "V");
        if is_whole {
            add("HLEV", channel.high(), 6, "V");
            add("LLEV", channel.low(), 6, "V");
        }
        match channel.kind {
            Kind::Pulse => {
                add("DUTY", channel.pulse.duty, 6, "");
                add("WIDTH", channel.pulse.duty / 100.0 / channel.frequency, 6, "");
                add("RISE", channel.pulse.rise, 6, "S");
                add("FALL", channel.pulse.fall, 6, "S");
                add("DLY", channel.pulse.delay, 6, "");
            }
            kind => {
                add("PHSE", channel.phase, 6, "");
                if kind == Kind::Square {
                    add("DUTY", channel.duty, 6, "");
                } else if kind == Kind::Ramp {
                    add("SYM", channel.symmetry, 6, "");
                }
            }
        }
    }

    /// `STATE,ON,AM,MDSP,SINE,SRC,INT,FRQ,100HZ,DEPTH,100,CARR,...`
    pub(in super::super) fn modulation(channel: &Channel) -> String {
        let Mode::Modulated(kind) = channel.mode else { return "STATE,OFF".to_owned() };
        let own = &channel.modulation;
        let rate = general(own.frequency, 10);
        let with_sine = format!("MDSP,SINE,SRC,INT,FRQ,{rate}HZ");
        let text = match kind {
            Modulation::Amplitude => format!("AM,{with_sine},DEPTH,{}", general(own.depth, 6)),
            Modulation::Frequency => {
                format!("FM,{with_sine},DEVI,{}HZ", general(own.deviation, 10))
            }
            Modulation::Phase => format!("PM,{with_sine},DEVI,{}", general(own.phase_deviation, 6)),
            Modulation::AmplitudeShift => format!("ASK,SRC,INT,KFRQ,{rate}HZ"),
            Modulation::FrequencyShift => {
                format!("FSK,SRC,INT,KFRQ,{rate}HZ,HFRQ,{}HZ", general(own.hop, 10))
            }
        };
        format!("STATE,ON,{text},CARR,{}", basic(channel, false))
    }

    /// `STATE,ON,TIME,1S,STOP,1500HZ,START,500HZ,...`
    pub(in super::super) fn sweep(channel: &Channel) -> String {
        if channel.mode != Mode::Swept {
            return "STATE,OFF".to_owned();
        }
        let own = &channel.sweep;
        format!(
            "STATE,ON,TIME,{}S,STOP,{}HZ,START,{}HZ,TRSR,INT,TRMD,OFF,SWMD,{},DIR,{},SYM,0.000000,CARR,{}",
            general(own.time, 6),
            general(own.stop, 10),
            general(own.start, 10),
            if own.is_logarithmic { "LOG" } else { "LINE" },
            if own.is_downwards { "DOWN" } else { "UP" },
            basic(channel, false),
        )
    }

    /// `STATE,ON,PRD,0.01S,STPS,0,TRSR,INT,...`
    pub(in super::super) fn burst(channel: &Channel) -> String {
        if channel.mode != Mode::Burst {
            return "STATE,OFF".to_owned();
        }
        let own = &channel.burst;
        format!(
            "STATE,ON,PRD,{}S,STPS,{},TRSR,{},TRMD,OFF,TIME,{},DLAY,2.4e-07S,GATE_NCYC,NCYC,CARR,{}",
            general(own.period, 6),
            general(own.phase, 6),
            if own.is_triggered { "MAN" } else { "INT" },
            general(own.cycles, 7),
            basic(channel, false),
        )
    }

    /// `STL M2,StairUp,...`
    pub(in super::super) fn stored() -> String {
        let names = STORED.iter().map(|(number, name)| format!("M{number}, {name}"));
        format!("STL {}", names.collect::<Vec<_>>().join(", "))
    }
}
