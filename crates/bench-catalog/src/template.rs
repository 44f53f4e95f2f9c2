//! Messages with places for values: `:SOUR{channel}:VOLT {value}`.

use std::collections::BTreeMap;

/// A message with named places.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template {
    pieces: Vec<Piece>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    Text(String),
    Place(String),
}

/// Text that is no template.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("'{text}': a brace is not paired; a place for a value is written as {{value}}")]
pub struct TemplateError {
    /// As given.
    pub text: String,
}

/// Values for the places of a template.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Values {
    by_name: BTreeMap<String, String>,
}

impl Values {
    /// The number of a channel.
    #[must_use]
    pub fn of_channel(channel: u32) -> Self {
        Self::default().with("channel", channel.to_string())
    }

    /// One value more.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.by_name.insert(name.to_owned(), value.into());
        self
    }
}

impl Template {
    /// The message, or none where a place has no value: what a plan does not state is not sent.
    #[must_use]
    pub fn fill(&self, values: &Values) -> Option<String> {
        let piece = |piece: &Piece| match piece {
            Piece::Text(text) => Some(text.clone()),
            Piece::Place(name) => values.by_name.get(name).cloned(),
        };
        self.pieces.iter().map(piece).collect()
    }

    /// The names of its places.
    pub fn places(&self) -> impl Iterator<Item = &str> {
        self.pieces.iter().filter_map(|piece| match piece {
            Piece::Place(name) => Some(name.as_str()),
            Piece::Text(_) => None,
        })
    }
}

impl std::str::FromStr for Template {
    type Err = TemplateError;

    fn from_str(text: &str) -> Result<Self, TemplateError> {
        let fault = || TemplateError { text: text.to_owned() };
        let mut pieces = Vec::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('{') {
            let (name, after) = after.split_once('}').ok_or_else(fault)?;
            if before.contains('}') || name.contains('{') {
                return Err(fault());
            }
            pieces.push(Piece::Text(before.to_owned()));
            pieces.push(Piece::Place(name.to_owned()));
            rest = after;
        }
        if rest.contains('}') {
            return Err(fault());
        }
        pieces.push(Piece::Text(rest.to_owned()));
        Ok(Self { pieces })
    }
}

impl<'de> serde::Deserialize<'de> for Template {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_filled_or_the_message_is_not_sent() {
        let template: Template = ":SOUR{channel}:VOLT {value}".parse().unwrap();
        let channel = Values::of_channel(3);
        assert_eq!(template.fill(&channel), None);
        assert_eq!(template.fill(&channel.with("value", "5")).as_deref(), Some(":SOUR3:VOLT 5"));
        assert_eq!(template.places().collect::<Vec<_>>(), ["channel", "value"]);
    }

    #[test]
    fn braces_are_paired() {
        for text in ["{", "a}b", "{a{b}}", "x{y"] {
            assert!(text.parse::<Template>().is_err(), "{text}");
        }
        assert_eq!("*OPC?".parse::<Template>().unwrap().fill(&Values::default()).unwrap(), "*OPC?");
    }
}
