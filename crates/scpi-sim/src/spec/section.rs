//! One table of a bench file, taken apart key by key; what is left over at its end is unknown.

use std::ops::Range;

use bench_model::{Quantity, Unit};
use serde::de::IntoDeserializer;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::fault::Faults;

/// A value with its place in the text.
pub(super) type At<T> = Spanned<T>;

/// A table that is being read.
pub(super) struct Section<'i> {
    /// As messages name it: `[instruments.psu]`.
    name: String,
    place: Range<usize>,
    entries: Vec<(At<String>, At<DeValue<'i>>)>,
    known: Vec<&'static str>,
}

impl<'i> Section<'i> {
    pub(super) fn new(name: impl Into<String>, place: Range<usize>, table: DeTable<'i>) -> Self {
        let owned = |key: At<std::borrow::Cow<'i, str>>| {
            Spanned::new(key.span(), key.into_inner().into_owned())
        };
        let entries = table.into_iter().map(|(key, value)| (owned(key), value)).collect();
        Self { name: name.into(), place, entries, known: Vec::new() }
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn place(&self) -> &Range<usize> {
        &self.place
    }

    /// A value of any kind.
    pub(super) fn take(&mut self, key: &'static str) -> Option<At<DeValue<'i>>> {
        self.known.push(key);
        let found = self.entries.iter().position(|(name, _)| name.get_ref() == key)?;
        Some(self.entries.swap_remove(found).1)
    }

    /// A string.
    pub(super) fn text(
        &mut self,
        key: &'static str,
        faults: &mut Faults<'_>,
    ) -> Option<At<String>> {
        let value = self.take(key)?;
        self.as_text(key, value, faults)
    }

    fn as_text(
        &self,
        key: &str,
        value: At<DeValue<'i>>,
        faults: &mut Faults<'_>,
    ) -> Option<At<String>> {
        let place = value.span();
        match value.into_inner() {
            DeValue::String(text) => Some(Spanned::new(place, text.into_owned())),
            other => {
                let what = format!("'{key}' of {} is {}", self.name, a(other.type_str()));
                faults.add(&place, what, "a string in quotes is wanted");
                None
            }
        }
    }

    /// A string that must be there.
    pub(super) fn required(
        &mut self,
        key: &'static str,
        wanted: &str,
        faults: &mut Faults<'_>,
    ) -> Option<At<String>> {
        let value = self.take(key);
        match value {
            Some(value) => self.as_text(key, value, faults),
            None => {
                faults.add(&self.place, format!("{} has no '{key}'", self.name), wanted);
                None
            }
        }
    }

    /// A quantity of a unit's dimension, in base units.
    pub(super) fn quantity(
        &mut self,
        key: &'static str,
        unit: &Unit,
        faults: &mut Faults<'_>,
    ) -> Option<f64> {
        let text = self.text(key, faults)?;
        let right = format!("a quantity in {} is wanted", wanted_unit(unit));
        let found = text.get_ref().parse::<Quantity>();
        let what = match found {
            Ok(quantity) if quantity.unit.dimension() == unit.dimension() => {
                return quantity.in_base().map(|value| value.to_f64());
            }
            Ok(quantity) => format!("'{key}' of {} is in '{}'", self.name, quantity.unit.symbol()),
            Err(error) => format!("'{key}' of {}: {error}", self.name),
        };
        faults.add(&text.span(), what, right);
        None
    }

    /// A quantity above zero.
    pub(super) fn positive(
        &mut self,
        key: &'static str,
        unit: &Unit,
        faults: &mut Faults<'_>,
    ) -> Option<f64> {
        let place = self.place_of(key);
        let value = self.quantity(key, unit, faults)?;
        if value > 0.0 {
            return Some(value);
        }
        faults.add(
            &place,
            format!("'{key}' of {} is not above 0", self.name),
            "a value above 0 is wanted",
        );
        None
    }

    /// The same, and it must be there.
    pub(super) fn required_positive(
        &mut self,
        key: &'static str,
        unit: &Unit,
        faults: &mut Faults<'_>,
    ) -> Option<f64> {
        if self.has(key) {
            return self.positive(key, unit, faults);
        }
        self.known.push(key);
        let right = format!("a quantity in {} is wanted", wanted_unit(unit));
        faults.add(&self.place, format!("{} has no '{key}'", self.name), right);
        None
    }

    /// A number without a unit.
    pub(super) fn number(&mut self, key: &'static str, faults: &mut Faults<'_>) -> Option<f64> {
        let value = self.take(key)?;
        let found = as_number(value.get_ref());
        if found.is_none() {
            let what = format!("'{key}' of {} is no number", self.name);
            faults.add(&value.span(), what, "a number such as 120 is wanted");
        }
        found
    }

    /// A whole number from 0 up.
    pub(super) fn whole(
        &mut self,
        key: &'static str,
        most: u64,
        faults: &mut Faults<'_>,
    ) -> Option<At<u64>> {
        let value = self.take(key)?;
        let found = as_whole(value.get_ref()).filter(|number| *number <= most);
        if found.is_none() {
            let what = format!("'{key}' of {} is out of bounds", self.name);
            faults.add(&value.span(), what, format!("a whole number from 0 to {most} is wanted"));
        }
        found.map(|number| Spanned::new(value.span(), number))
    }

    /// `true` or `false`.
    pub(super) fn boolean(&mut self, key: &'static str, faults: &mut Faults<'_>) -> Option<bool> {
        let value = self.take(key)?;
        let found = value.get_ref().as_bool();
        if found.is_none() {
            let what = format!("'{key}' of {} is neither true nor false", self.name);
            faults.add(&value.span(), what, "true or false is wanted");
        }
        found
    }

    /// A list of strings.
    pub(super) fn texts(
        &mut self,
        key: &'static str,
        faults: &mut Faults<'_>,
    ) -> Option<At<Vec<At<String>>>> {
        let value = self.take(key)?;
        texts(&format!("'{key}' of {}", self.name), value, faults)
    }

    /// A table.
    pub(super) fn table(&mut self, key: &'static str, faults: &mut Faults<'_>) -> Option<Self> {
        let value = self.take(key)?;
        let name = format!("'{key}' of {}", self.name);
        Self::of_value(name, value, faults)
    }

    /// A value that must be a table.
    pub(super) fn of_value(
        name: String,
        value: At<DeValue<'i>>,
        faults: &mut Faults<'_>,
    ) -> Option<Self> {
        let place = value.span();
        match value.into_inner() {
            DeValue::Table(table) => Some(Self::new(name, place, table)),
            other => {
                faults.add(
                    &place,
                    format!("{name} is {}", a(other.type_str())),
                    "a table is wanted",
                );
                None
            }
        }
    }

    /// What serde makes of a value.
    pub(super) fn deserialized<T: serde::de::DeserializeOwned>(
        name: &str,
        value: At<DeValue<'i>>,
        right: &str,
        faults: &mut Faults<'_>,
    ) -> Option<T> {
        let place = value.span();
        match T::deserialize(value.into_deserializer()) {
            Ok(read) => Some(read),
            Err(error) => {
                let place = error.span().unwrap_or(place);
                faults.add(&place, format!("{name}: {}", error.message()), right);
                None
            }
        }
    }

    /// All that is left: names and values.
    pub(super) fn into_entries(self) -> Vec<(At<String>, At<DeValue<'i>>)> {
        self.entries
    }

    /// Ends the reading: keys that nobody took are faults.
    pub(super) fn finish(self, faults: &mut Faults<'_>) {
        let mut known = self.known;
        known.sort_unstable();
        known.dedup();
        for (key, _) in &self.entries {
            let what = format!("{} has no key '{}'", self.name, key.get_ref());
            faults.add(&key.span(), what, format!("its keys are {}", known.join(", ")));
        }
    }

    fn has(&self, key: &str) -> bool {
        self.entries.iter().any(|(name, _)| name.get_ref() == key)
    }

    fn place_of(&self, key: &str) -> Range<usize> {
        let found = self.entries.iter().find(|(name, _)| name.get_ref() == key);
        found.map_or_else(|| self.place.clone(), |(_, value)| value.span())
    }
}

/// A list of strings.
pub(super) fn texts(
    name: &str,
    value: At<DeValue<'_>>,
    faults: &mut Faults<'_>,
) -> Option<At<Vec<At<String>>>> {
    let place = value.span();
    let right = "a list of node names such as [\"out\", \"gnd\"] is wanted";
    let DeValue::Array(array) = value.into_inner() else {
        faults.add(&place, format!("{name} is no list"), right);
        return None;
    };
    let mut found = Vec::new();
    for item in array.iter() {
        match item.get_ref().as_str() {
            Some(text) => found.push(Spanned::new(item.span(), text.to_owned())),
            None => {
                faults.add(&item.span(), format!("{name} holds what is no name"), right);
                return None;
            }
        }
    }
    Some(Spanned::new(place, found))
}

pub(super) fn as_number(value: &DeValue<'_>) -> Option<f64> {
    let number = match value {
        DeValue::Integer(number) if number.radix() == 10 => number.as_str().parse().ok(),
        DeValue::Float(number) => number.as_str().parse::<f64>().ok(),
        _ => None,
    };
    number.filter(|number: &f64| number.is_finite())
}

pub(super) fn as_whole(value: &DeValue<'_>) -> Option<u64> {
    let number = value.as_integer()?;
    u64::from_str_radix(number.as_str(), number.radix()).ok()
}

fn wanted_unit(unit: &Unit) -> &str {
    if unit.symbol().is_empty() { "no unit or %" } else { unit.symbol() }
}

fn a(kind: &str) -> String {
    let article = if kind.starts_with(['a', 'i']) { "an" } else { "a" };
    format!("{article} {kind}")
}
