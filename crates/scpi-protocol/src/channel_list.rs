//! Channel lists, `(@1,3:5)` and `(@2!1:2!4)`: SCPI-99 volume 1 clause 8.3.2.

use std::fmt;

use nom::Parser;
use nom::bytes::complete::take_while;
use nom::character::complete::char;
use nom::combinator::{all_consuming, map, opt};
use nom::multi::separated_list1;
use nom::sequence::preceded;

use crate::fault::SyntaxFault;
use crate::lexis::{self, Parsed};

/// Channels that one list may name once its ranges are spread out.
pub const MAX_LISTED_CHANNELS: usize = 4_096;

/// One place of a list: a channel number, or row and column of a matrix (`2!3`).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Channel(pub Vec<u32>);

/// `first` alone, or everything from `first` to `last`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChannelRange {
    /// The first channel.
    pub first: Channel,
    /// The last channel, itself included.
    pub last: Option<Channel>,
}

/// A list of channels and ranges, in the order in which they were written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ChannelList {
    /// Its entries.
    pub ranges: Vec<ChannelRange>,
}

impl ChannelList {
    /// A list of single channels.
    #[must_use]
    pub fn of(channels: &[u32]) -> Self {
        let single = |&number| ChannelRange { first: Channel(vec![number]), last: None };
        Self { ranges: channels.iter().map(single).collect() }
    }

    /// Every channel of a one-dimensional list, ranges spread out (downwards too, as `5:3` says).
    /// `None` for matrix channels and beyond [`MAX_LISTED_CHANNELS`].
    #[must_use]
    pub fn channels(&self) -> Option<Vec<u32>> {
        let mut all = Vec::new();
        for range in &self.ranges {
            let first = range.first.single()?;
            let last = range.last.as_ref().map_or(Some(first), Channel::single)?;
            if first.abs_diff(last) as usize + all.len() >= MAX_LISTED_CHANNELS {
                return None;
            }
            if first <= last { all.extend(first..=last) } else { all.extend((last..=first).rev()) }
        }
        Some(all)
    }

    /// Reads what stands between the parentheses, the `@` included.
    pub(crate) fn parse_inside<'i>(inside: &'i str) -> Parsed<'i, Self> {
        let entries = preceded((lexis::white, char('@')), separated_list1(char(','), range));
        let (rest, ranges) = all_consuming(entries)
            .parse(inside.as_bytes())
            .or_else(|_| lexis::broken(inside.as_bytes(), SyntaxFault::InvalidExpression))?;
        Ok((rest, Self { ranges }))
    }
}

impl Channel {
    /// The number of a one-dimensional channel.
    #[must_use]
    pub fn single(&self) -> Option<u32> {
        match self.0.as_slice() {
            [number] => Some(*number),
            _ => None,
        }
    }
}

/// `<channel_range>`: `channel [: channel]`.
fn range(input: &[u8]) -> Parsed<'_, ChannelRange> {
    let last = opt(preceded(char(':'), channel));
    map((channel, last), |(first, last)| ChannelRange { first, last }).parse(input)
}

/// `<channel_spec>`: numbers joined by `!`.
fn channel(input: &[u8]) -> Parsed<'_, Channel> {
    map(separated_list1(char('!'), number), Channel).parse(input)
}

fn number(input: &[u8]) -> Parsed<'_, u32> {
    let (after, _) = take_while(lexis::is_white).parse(input)?;
    let (rest, digits) = lexis::digits(after)?;
    let (rest, _) = lexis::white(rest)?;
    match lexis::text(after, digits)?.parse() {
        Ok(number) => Ok((rest, number)),
        Err(_) => lexis::broken(after, SyntaxFault::InvalidExpression),
    }
}

impl fmt::Display for Channel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, number) in self.0.iter().enumerate() {
            write!(f, "{}{number}", if at == 0 { "" } else { "!" })?;
        }
        Ok(())
    }
}

impl fmt::Display for ChannelList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(@")?;
        for (at, range) in self.ranges.iter().enumerate() {
            write!(f, "{}{}", if at == 0 { "" } else { "," }, range.first)?;
            if let Some(last) = &range.last {
                write!(f, ":{last}")?;
            }
        }
        f.write_str(")")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_spread_out_within_their_bound() {
        for (inside, channels) in [
            ("@1", Some(vec![1])),
            ("@1,3:5", Some(vec![1, 3, 4, 5])),
            ("@ 5:3 , 101", Some(vec![5, 4, 3, 101])),
            ("@1!2", None),
            ("@1:4000000000", None),
        ] {
            let (_, list) = ChannelList::parse_inside(inside).unwrap();
            assert_eq!(list.channels(), channels, "{inside}");
        }
        for inside in ["@", "@1,", "1,2", "@1:2:3", "@99999999999", "@a"] {
            assert!(ChannelList::parse_inside(inside).is_err(), "{inside}");
        }
        assert_eq!(ChannelList::parse_inside("@2!1:2!4,7").unwrap().1.to_string(), "(@2!1:2!4,7)");
        assert_eq!(ChannelList::of(&[1, 2]).to_string(), "(@1,2)");
    }
}
