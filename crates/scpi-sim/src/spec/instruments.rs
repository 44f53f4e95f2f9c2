//! The instruments of a bench and the roles that their channels play.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use bench_catalog::{RoleTarget, Site, site};
use bench_model::Unit;
use toml::de::DeValue;

use super::fault::Faults;
use super::section::{At, Section, texts};
use super::transports::{self, Ports};
use super::{ChannelSpec, InstrumentSpec, ModelName, Nodes, pair};
use crate::circuit::Errors;
use crate::quirks::{MOST, is_one};

/// The longest name of an instrument or a role, in bytes.
const MAX_NAME_BYTES: usize = 64;

/// Reads `[instruments]`.
pub(super) fn read(
    section: &mut Section<'_>,
    nodes: &mut Nodes,
    ports: &mut Ports,
    faults: &mut Faults<'_>,
) -> Vec<InstrumentSpec> {
    let place = section.place().clone();
    let Some(table) = section.table("instruments", faults) else {
        faults.add(&place, "there is no instrument", "[instruments.psu] or the like is wanted");
        return Vec::new();
    };
    let mut found = Vec::new();
    for (name, value) in table.into_entries() {
        if name.get_ref().is_empty() || name.get_ref().len() > MAX_NAME_BYTES {
            faults.add(&name.span(), "the name is empty or too long", "a short word is wanted");
        }
        let named = format!("[instruments.{}]", name.get_ref());
        let instrument = Section::of_value(named, value, faults);
        let name = name.into_inner();
        found.extend(instrument.and_then(|table| one(name, table, nodes, ports, faults)));
    }
    found.sort_by(|one, two| one.name.cmp(&two.name));
    found
}

fn one(
    name: String,
    mut table: Section<'_>,
    nodes: &mut Nodes,
    ports: &mut Ports,
    faults: &mut Faults<'_>,
) -> Option<InstrumentSpec> {
    let model = model(&mut table, faults);
    let serial = table.required("serial", "serial = \"SIM0000001\" or the like is wanted", faults);
    let firmware = table.text("firmware", faults).map(At::into_inner);
    let identity = table.text("idn", faults).map(At::into_inner);
    let transports = transports::read(&mut table, ports, faults);
    let login = table.text("login", faults).map(At::into_inner);
    let calibration = table.take("calibration").and_then(|value| {
        let name = format!("'calibration' of {}", table.name());
        let right =
            "{ last = \"2026-05-04\", due = \"2027-05-04\", certificate = \"...\" } is wanted";
        Section::deserialized(&name, value, right, faults)
    });
    let errors = errors(&mut table, faults);
    let (volts_noise, amperes_noise) = noise(&mut table, faults);
    let settling = table.positive("settling", &Unit::second(), faults);
    let source_resistance = table.positive("source_resistance", &Unit::ohm(), faults);
    let quirks = quirks(&mut table, faults);
    let clients = table.whole("clients", 64, faults).map(At::into_inner);
    let channels = match (table.table("channels", faults), model) {
        (Some(table), Some(model)) => channels(table, model, nodes, faults),
        _ => BTreeMap::new(),
    };
    table.finish(faults);
    Some(InstrumentSpec {
        name,
        model: model?,
        serial: serial?.into_inner(),
        firmware,
        identity,
        transports,
        login,
        channels,
        calibration,
        errors,
        volts_noise,
        amperes_noise,
        settling,
        source_resistance,
        quirks,
        clients: clients.and_then(|clients| u16::try_from(clients).ok()),
    })
}

fn model(table: &mut Section<'_>, faults: &mut Faults<'_>) -> Option<ModelName> {
    let names = ModelName::ALL.map(ModelName::word).join("\" or \"");
    let right = format!("model = \"{names}\" is wanted");
    let word = table.required("model", &right, faults)?;
    let found = ModelName::ALL.into_iter().find(|model| model.word() == word.get_ref());
    if found.is_none() {
        let what = format!("there is no model '{}'", word.get_ref());
        faults.add(&word.span(), what, right);
    }
    found
}

fn errors(table: &mut Section<'_>, faults: &mut Faults<'_>) -> Errors {
    let Some(mut errors) = table.table("errors", faults) else { return Errors::default() };
    let found = Errors {
        gain: errors.number("gain_ppm", faults).unwrap_or(0.0) * 1e-6,
        volts: errors.quantity("offset", &Unit::volt(), faults).unwrap_or(0.0),
        amperes: errors.quantity("current_offset", &Unit::ampere(), faults).unwrap_or(0.0),
        clock: errors.number("clock_ppm", faults).unwrap_or(0.0) * 1e-6,
    };
    errors.finish(faults);
    found
}

/// `quirks = ["Q10", "Q17"]`
fn quirks(table: &mut Section<'_>, faults: &mut Faults<'_>) -> Vec<u8> {
    let Some(words) = table.texts("quirks", faults) else { return Vec::new() };
    let mut found = Vec::new();
    for word in words.get_ref() {
        let number = word.get_ref().strip_prefix('Q').and_then(|digits| digits.parse().ok());
        match number.filter(|number| is_one(*number)) {
            Some(number) => found.push(number),
            None => {
                let what = format!("there is no quirk '{}'", word.get_ref());
                let right = format!("Q1 to Q{MOST} are there, but Q37, which is of USBTMC");
                faults.add(&word.span(), what, right);
            }
        }
    }
    found
}

fn noise(table: &mut Section<'_>, faults: &mut Faults<'_>) -> (Option<f64>, Option<f64>) {
    let Some(mut noise) = table.table("noise", faults) else { return (None, None) };
    let volts = noise.positive("voltage", &Unit::volt(), faults);
    let amperes = noise.positive("current", &Unit::ampere(), faults);
    noise.finish(faults);
    (volts, amperes)
}

fn channels(
    table: Section<'_>,
    model: ModelName,
    nodes: &mut Nodes,
    faults: &mut Faults<'_>,
) -> BTreeMap<u32, ChannelSpec> {
    let mut found = BTreeMap::new();
    for (key, value) in table.into_entries() {
        let number = key.get_ref().parse().ok().filter(|number| model.ends().contains(number));
        let Some(number) = number else {
            let what = format!("there is no channel '{}'", key.get_ref());
            let right = wanted_channel(&model.ends());
            faults.add(&key.span(), what, right);
            continue;
        };
        let name = format!("channel {number}");
        let names = texts(&name, value, faults);
        let channel = names.and_then(|names| channel(&name, &names, model, nodes, faults));
        found.extend(channel.map(|channel| (number, channel)));
    }
    found
}

fn wanted_channel(channels: &RangeInclusive<u32>) -> String {
    format!("a channel from {} to {} is wanted", channels.start(), channels.end())
}

/// Two nodes, or four: those of the terminals, then those of the sense leads.
fn channel(
    name: &str,
    names: &At<Vec<At<String>>>,
    model: ModelName,
    nodes: &mut Nodes,
    faults: &mut Faults<'_>,
) -> Option<ChannelSpec> {
    let is_fed = model.feeds();
    match names.get_ref().as_slice() {
        [positive, negative, sense, sense_negative] => {
            let part = |one: &At<String>, two: &At<String>| {
                At::new(one.span().start..two.span().end, vec![one.clone(), two.clone()])
            };
            let own = pair(name, &part(positive, negative), is_fed, nodes, faults);
            let sense = pair(name, &part(sense, sense_negative), false, nodes, faults);
            Some(ChannelSpec { nodes: own?, sense: sense? })
        }
        _ => {
            let own = pair(name, names, is_fed, nodes, faults)?;
            Some(ChannelSpec { nodes: own, sense: own })
        }
    }
}

/// Reads `[roles]`: `psu = { instrument = "psu", channel = 1 }`, or the name of an instrument alone.
pub(super) fn roles(
    section: &mut Section<'_>,
    instruments: &[InstrumentSpec],
    faults: &mut Faults<'_>,
) -> BTreeMap<String, RoleTarget> {
    let Some(table) = section.table("roles", faults) else { return BTreeMap::new() };
    targets(table, instruments, faults)
}

/// Places for several DUTs.
pub(super) fn sites(
    section: &mut Section<'_>,
    instruments: &[InstrumentSpec],
    faults: &mut Faults<'_>,
) -> BTreeMap<String, Site> {
    let Some(table) = section.table("sites", faults) else { return BTreeMap::new() };
    let place = table.place().clone();
    let mut found = BTreeMap::new();
    for (name, value) in table.into_entries() {
        let Some(mut site) =
            Section::of_value(format!("the site '{}'", name.get_ref()), value, faults)
        else {
            continue;
        };
        let dut = site.text("dut", faults).map(At::into_inner);
        let roles = roles(&mut site, instruments, faults);
        site.finish(faults);
        found.insert(name.into_inner(), Site { dut, roles });
    }
    if let Some(fault) = site::fault(&found) {
        faults.add(&place, fault, "left, right and the like are names");
    }
    found
}

fn targets(
    table: Section<'_>,
    instruments: &[InstrumentSpec],
    faults: &mut Faults<'_>,
) -> BTreeMap<String, RoleTarget> {
    let mut found = BTreeMap::new();
    for (role, value) in table.into_entries() {
        let place = value.span();
        let name = format!("the role '{}'", role.get_ref());
        let target = match value.get_ref() {
            DeValue::String(instrument) => {
                Some(RoleTarget { instrument: instrument.clone().into_owned(), channel: 1 })
            }
            _ => {
                let right = "{ instrument = \"psu\", channel = 1 } is wanted";
                Section::deserialized::<RoleTarget>(&name, value, right, faults)
            }
        };
        let Some(target) = target else { continue };
        match instruments.iter().find(|spec| spec.name == target.instrument) {
            Some(spec) if spec.model.channels().contains(&target.channel) => {
                found.insert(role.into_inner(), target);
            }
            Some(spec) => {
                let what = format!("{name} is channel {} of '{}'", target.channel, spec.name);
                let right = wanted_channel(&spec.model.channels());
                faults.add(&place, what, right);
            }
            None => {
                let names: Vec<_> = instruments.iter().map(|spec| spec.name.as_str()).collect();
                let what =
                    format!("{name} is played by '{}', which is not there", target.instrument);
                faults.add(&place, what, format!("there are {}", names.join(", ")));
            }
        }
    }
    found
}
