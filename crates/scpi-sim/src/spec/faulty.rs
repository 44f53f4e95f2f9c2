//! What shall go wrong: `[[faults]]`.

use std::time::Duration;

use bench_model::Unit;
use toml::de::DeValue;

use super::InstrumentSpec;
use super::fault::Faults;
use super::section::Section;
use crate::faults::{Fault, FaultAction, MAX_FAULTS};

/// The words of `do`.
const ACTIONS: &str = "close, silent, garbage, overload, cut, late, error, refuse, split, drip, hold, reset, \
    half-open, deaf, stale, echo, length, storm, crash";

/// Reads `[[faults]]`: each with the name of its instrument.
pub(super) fn read(
    section: &mut Section<'_>,
    instruments: &[InstrumentSpec],
    faults: &mut Faults<'_>,
) -> Vec<(String, Fault)> {
    let Some(value) = section.take("faults") else { return Vec::new() };
    let place = value.span();
    let DeValue::Array(array) = value.into_inner() else {
        faults.add(&place, "'faults' is no list of tables", "[[faults]] is wanted");
        return Vec::new();
    };
    if array.len() > MAX_FAULTS {
        faults.add(
            &place,
            format!("there are {} faults", array.len()),
            format!("at most {MAX_FAULTS} are taken"),
        );
    }
    let mut found = Vec::new();
    for item in array {
        let table = Section::of_value("[[faults]]".to_owned(), item, faults);
        found.extend(table.and_then(|table| one(table, instruments, faults)));
    }
    found
}

fn one(
    mut table: Section<'_>,
    instruments: &[InstrumentSpec],
    faults: &mut Faults<'_>,
) -> Option<(String, Fault)> {
    let instrument = table.required("instrument", "the name of an instrument is wanted", faults);
    let on = table.text("on", faults);
    let nth = table.whole("nth", u64::MAX, faults).map(|nth| nth.into_inner());
    let action = action(&mut table, faults);
    table.finish(faults);
    let (instrument, action) = (instrument?, action?);
    let Some(spec) = instruments.iter().find(|spec| spec.name == *instrument.get_ref()) else {
        let names: Vec<_> = instruments.iter().map(|spec| spec.name.as_str()).collect();
        let what = format!("there is no instrument '{}'", instrument.get_ref());
        faults.add(&instrument.span(), what, format!("there are {}", names.join(", ")));
        return None;
    };
    if let Some(header) = on.as_ref().filter(|header| !spec.model.knows(header.get_ref())) {
        let what = format!("'{}' has no '{}'", spec.name, header.get_ref());
        let right = "a header of its model such as *IDN? or READ? is wanted";
        faults.add(&header.span(), what, right);
        return None;
    }
    let on = on.map(|header| header.into_inner());
    Some((spec.name.clone(), Fault { on, nth, action }))
}

fn action(table: &mut Section<'_>, faults: &mut Faults<'_>) -> Option<FaultAction> {
    let right = format!("one of {ACTIONS} is wanted");
    let word = table.required("do", &right, faults)?;
    Some(match word.get_ref().as_str() {
        "close" => FaultAction::Close,
        "silent" => FaultAction::Silent,
        "garbage" => FaultAction::Garbage,
        "overload" => FaultAction::Overload,
        "cut" => FaultAction::Cut,
        "refuse" => FaultAction::Refuse,
        "split" => FaultAction::Split,
        "hold" => FaultAction::Hold,
        "reset" => FaultAction::Reset,
        "half-open" => FaultAction::HalfOpen,
        "deaf" => FaultAction::Deaf,
        "stale" => FaultAction::Stale,
        "echo" => FaultAction::Echo,
        "length" => FaultAction::WrongLength,
        "storm" => FaultAction::ErrorStorm,
        "late" => FaultAction::Late(delay(table, faults)?),
        "drip" => FaultAction::Drip(delay(table, faults)?),
        "crash" => FaultAction::Crash(delay(table, faults)?),
        "error" => FaultAction::Error(code(table, faults)?),
        other => {
            faults.add(&word.span(), format!("'{other}' is nothing that can go wrong"), right);
            return None;
        }
    })
}

fn delay(table: &mut Section<'_>, faults: &mut Faults<'_>) -> Option<Duration> {
    let seconds = table.required_positive("delay", &Unit::second(), faults)?;
    Some(Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX))
}

/// -300, "Device-specific error", unless the file says another.
fn code(table: &mut Section<'_>, faults: &mut Faults<'_>) -> Option<i32> {
    let Some(value) = table.take("code") else { return Some(-300) };
    let number = value.get_ref().as_integer().and_then(|number| number.as_str().parse().ok());
    if number.is_none_or(|number| number == 0) {
        faults.add(&value.span(), "'code' is no error number", "a number such as -310 is wanted");
        return None;
    }
    number
}
