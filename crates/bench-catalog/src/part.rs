//! Which part of an answer is meant, where an instrument answers more than was asked for.

use std::fmt;
use std::num::NonZeroUsize;
use std::str::FromStr;

/// The part of an answer that is meant.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Part {
    /// The one at this place, from 1, of a list between commas.
    Item(NonZeroUsize),
    /// The one behind this name in a list of names and values: `1000HZ` behind `FRQ`.
    After(String),
    /// Bits of a number, as a number: one entry for each channel, or one for all.
    Bits(Vec<BitField>),
}

/// Neighbouring bits of a number: `4`, or `0-1`; 0 is the lowest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct BitField {
    first: u32,
    last: u32,
}

/// Text that is no bit field.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("'{text}' is no bit and no range of bits; one such as 4 or 0-1 is wanted, up to 63")]
pub struct BitFieldError {
    /// As given, cut.
    pub text: String,
}

impl Part {
    /// This part of an answer, for a channel. `None` where it is not there.
    ///
    /// ```
    /// use bench_catalog::Part;
    ///
    /// let frequency = Part::After("FRQ".to_owned());
    /// let answer = "C1:BSWV WVTP,SINE,FRQ,1000HZ,AMP,4V";
    /// assert_eq!(frequency.of(answer, 1).as_deref(), Some("1000HZ"));
    ///
    /// let output = Part::Bits(vec!["4".parse()?, "5".parse()?]);
    /// assert_eq!(output.of("0x0020", 2).as_deref(), Some("1"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn of(&self, answer: &str, channel: u32) -> Option<String> {
        match self {
            Self::Item(place) => items(answer).nth(place.get() - 1).map(str::to_owned),
            Self::After(name) => {
                let mut after = items(answer).skip_while(|item| !item.eq_ignore_ascii_case(name));
                after.nth(1).map(str::to_owned)
            }
            Self::Bits(fields) => {
                let field = field_of(fields, channel)?;
                Some(field.of(whole_number(answer)?).to_string())
            }
        }
    }

    /// Whether it says of each of so many channels what is meant.
    pub(crate) fn covers(&self, channels: usize) -> bool {
        match self {
            Self::Bits(fields) => fields.len() == 1 || fields.len() >= channels,
            Self::Item(_) | Self::After(_) => true,
        }
    }
}

/// As an error says what is wanted.
impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Item(place) => write!(f, "a list of at least {place} elements"),
            Self::After(name) => write!(f, "a list with a value behind '{name}'"),
            Self::Bits(_) => f.write_str("a whole number whose bits say it"),
        }
    }
}

/// The elements of a list, without blanks around them and without the header before the first.
fn items(answer: &str) -> impl Iterator<Item = &str> {
    answer.split(',').enumerate().map(|(place, item)| {
        let item = item.trim();
        if place == 0 { item.rsplit(' ').next().unwrap_or(item) } else { item }
    })
}

fn field_of(fields: &[BitField], channel: u32) -> Option<BitField> {
    match fields {
        [all] => Some(*all),
        _ => fields.get(usize::try_from(channel).ok()?.checked_sub(1)?).copied(),
    }
}

/// `12`, `+12`, `0x0C` and IEEE 488.2's `#H0C`.
fn whole_number(answer: &str) -> Option<u64> {
    let answer = answer.trim();
    let is_hex = |prefix: &str| {
        answer.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix))
    };
    match ["0x", "#h"].into_iter().find(|prefix| is_hex(prefix)) {
        Some(prefix) => u64::from_str_radix(answer.get(prefix.len()..)?, 16).ok(),
        None => answer.strip_prefix('+').unwrap_or(answer).parse().ok(),
    }
}

impl BitField {
    /// These bits of a number, shifted down.
    fn of(self, number: u64) -> u64 {
        let width = self.last - self.first + 1;
        let mask = 1_u64.checked_shl(width).map_or(u64::MAX, |beyond| beyond - 1);
        (number >> self.first) & mask
    }
}

impl FromStr for BitField {
    type Err = BitFieldError;

    fn from_str(text: &str) -> Result<Self, BitFieldError> {
        let (first, last) = text.split_once('-').unwrap_or((text, text));
        match (first.trim().parse(), last.trim().parse()) {
            (Ok(first), Ok(last)) if first <= last && last < u64::BITS => Ok(Self { first, last }),
            _ => Err(BitFieldError { text: text.chars().take(40).collect() }),
        }
    }
}

impl TryFrom<String> for BitField {
    type Error = BitFieldError;

    fn try_from(text: String) -> Result<Self, BitFieldError> {
        text.parse()
    }
}

/// `4`, `0-1`.
impl From<BitField> for String {
    fn from(BitField { first, last }: BitField) -> Self {
        if first == last { first.to_string() } else { format!("{first}-{last}") }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bits(fields: &[&str]) -> Part {
        Part::Bits(fields.iter().map(|field| field.parse().unwrap()).collect())
    }

    #[test]
    fn parts_of_published_answers() {
        let first = Part::Item(NonZeroUsize::MIN);
        let after = |name: &str| Part::After(name.to_owned());
        let wave = "C1:BSWV WVTP,SINE,FRQ,1000HZ,PERI,0.001S,AMP,0.2V";
        for (part, answer, channel, found) in [
            (&first, "C1:OUTP ON,LOAD,HZ,PLRT,NOR", 1, Some("ON")),
            (&first, "OFF,LOAD,50", 1, Some("OFF")),
            (&after("LOAD"), "C1:OUTP ON,LOAD,HZ,PLRT,NOR", 1, Some("HZ")),
            (&after("wvtp"), wave, 1, Some("SINE")),
            (&after("AMP"), wave, 1, Some("0.2V")),
            (&after("PHSE"), wave, 1, None),
            (&after("AMP"), "WVTP,DC,AMP", 1, None),
            (&bits(&["4", "5"]), "0x0224", 1, Some("0")),
            (&bits(&["4", "5"]), "0x0224", 2, Some("1")),
            (&bits(&["4", "5"]), "0x0224", 3, None),
            (&bits(&["0-1"]), "2", 4, Some("2")),
            (&bits(&["0-1"]), "+513", 1, Some("1")),
            (&bits(&["3"]), "#H08", 1, Some("1")),
            (&bits(&["0-63"]), "18446744073709551615", 1, Some("18446744073709551615")),
            (&bits(&["0"]), "1.0", 1, None),
            (&bits(&["0"]), "", 1, None),
            (&bits(&["0"]), "0x", 1, None),
        ] {
            assert_eq!(part.of(answer, channel).as_deref(), found, "{part:?} {answer}");
        }
    }

    #[test]
    fn bits_are_written_as_they_are_read() {
        for text in ["0", "63", "0-1", "4-7"] {
            assert_eq!(String::from(text.parse::<BitField>().unwrap()), text);
        }
        for text in ["", "x", "64", "2-1", "-1", "0-64"] {
            assert!(text.parse::<BitField>().is_err(), "{text}");
        }
    }

    #[test]
    fn parts_are_read_as_they_are_written() {
        for text in ["{ item = 1 }", "{ after = \"FRQ\" }", "{ bits = [\"4\", \"0-1\"] }"] {
            let part: Part = text_of(text).try_into().unwrap();
            let again = toml::Value::try_from(&part).unwrap();
            assert_eq!(again, text_of(text));
        }
        for text in ["{ item = 0 }", "{ bits = [\"x\"] }", "{ before = \"FRQ\" }"] {
            assert!(text_of(text).try_into::<Part>().is_err(), "{text}");
        }
    }

    fn text_of(text: &str) -> toml::Value {
        toml::from_str::<toml::Table>(&format!("it = {text}")).unwrap()["it"].clone()
    }

    #[test]
    fn one_field_is_for_all_channels() {
        assert!(bits(&["0"]).covers(4) && bits(&["0", "1"]).covers(2));
        assert!(!bits(&["0", "1"]).covers(3));
    }
}
