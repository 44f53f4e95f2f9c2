//! "Did you mean": the nearest of what is allowed.

/// Units that people mean when they write what is none.
const SPOKEN_UNITS: [(&str, &str); 14] = [
    ("volt", "V"),
    ("volts", "V"),
    ("amp", "A"),
    ("amps", "A"),
    ("ampere", "A"),
    ("ohms", "Ω"),
    ("watt", "W"),
    ("watts", "W"),
    ("hertz", "Hz"),
    ("sec", "s"),
    ("seconds", "s"),
    ("minutes", "min"),
    ("percent", "%"),
    ("celsius", "°C"),
];

const COMMON_UNITS: [&str; 22] = [
    "V", "mV", "µV", "kV", "A", "mA", "µA", "Ω", "kΩ", "MΩ", "s", "ms", "µs", "min", "Hz", "kHz",
    "MHz", "W", "mW", "°C", "%", "ppm",
];

/// The nearest of some names, where one is near.
pub(crate) fn nearest<'n>(
    wrong: &str,
    names: impl IntoIterator<Item = &'n str>,
) -> Option<&'n str> {
    let most = (wrong.chars().count() / 3).max(1);
    let lower = wrong.to_lowercase();
    names
        .into_iter()
        .map(|name| (strsim::damerau_levenshtein(&lower, &name.to_lowercase()), name))
        .filter(|(distance, _)| *distance <= most)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, name)| name)
}

/// `; did you mean 'x'?` or what there is: `; there is a, b`.
pub(crate) fn instead<'n>(wrong: &str, names: impl IntoIterator<Item = &'n str> + Clone) -> String {
    match nearest(wrong, names.clone()) {
        Some(near) => format!("; did you mean '{near}'?"),
        None => match listed(names) {
            Some(all) => format!("; there is {all}"),
            None => "; there is none".to_owned(),
        },
    }
}

/// `did you mean 'x'?` or what is allowed: `one of a, b is wanted`.
pub(crate) fn wanted<'n>(wrong: &str, names: impl IntoIterator<Item = &'n str> + Clone) -> String {
    match nearest(wrong, names.clone()) {
        Some(near) => format!("did you mean '{near}'?"),
        None => format!("one of {} is wanted", listed(names).unwrap_or_default()),
    }
}

/// `a, b, c`; nothing of nothing.
pub(crate) fn listed<'n>(names: impl IntoIterator<Item = &'n str>) -> Option<String> {
    let all: Vec<_> = names.into_iter().collect();
    (!all.is_empty()).then(|| all.join(", "))
}

/// ` Did you mean 'mV'?`, where a unit is near.
pub(crate) fn unit_instead(wrong: &str) -> String {
    let lower = wrong.to_lowercase();
    let spoken = SPOKEN_UNITS.iter().find(|(word, _)| *word == lower).map(|(_, unit)| *unit);
    let same_letters = || COMMON_UNITS.into_iter().find(|unit| unit.to_lowercase() == lower);
    let near = || nearest(wrong, COMMON_UNITS).filter(|_| wrong.chars().count() > 1);
    match spoken.or_else(same_letters).or_else(near) {
        Some(unit) => format!("; did you mean '{unit}'?"),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_names_are_found_and_far_ones_listed() {
        let names = ["reading", "limit", "judge", "retry"];
        assert_eq!(nearest("limt", names), Some("limit"));
        assert_eq!(nearest("Reading", names), Some("reading"));
        assert_eq!(nearest("colour", names), None);
        assert_eq!(instead("colour", names), "; there is reading, limit, judge, retry");
        assert_eq!(instead("x", []), "; there is none");
    }

    #[test]
    fn units_are_guessed_by_word_and_by_letters() {
        assert_eq!(unit_instead("volts"), "; did you mean 'V'?");
        assert_eq!(unit_instead("khz"), "; did you mean 'kHz'?");
        assert_eq!(unit_instead("parsecs"), "");
    }
}
