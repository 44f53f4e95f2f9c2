//! Command patterns as manuals print them: `[SOURce[1|2]]:VOLTage[:LEVel]?`.
//!
//! | in a pattern | means |
//! | --- | --- |
//! | `VOLTage` | long form, short form in capitals; either is taken in any case (SCPI-99 volume 1 clause 6.2.1) |
//! | `[:LEVel]`, `[SOURce]:` | a node that may be left out |
//! | `CHANnel<n>` | a numeric suffix of any value, 1 where it is left out (clause 6.2.5.2) |
//! | `OUTPut[1\|2]` | a numeric suffix out of these, the first where it is left out |
//! | `?`, `[?]`, nothing | a query, both, a command |

use nom::Parser;
use nom::branch::alt;
use nom::bytes::complete::{tag, take_while1};
use nom::character::complete::char;
use nom::combinator::{all_consuming, map, opt, value};
use nom::multi::{many1, separated_list1};
use nom::sequence::{delimited, preceded, terminated};

use super::Header;
use crate::lexis::{self, Parsed};

/// A pattern that is none.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("'{pattern}' is no command pattern: one such as [SOURce[1|2]]:VOLTage[:LEVel]? is wanted")]
pub struct PatternError {
    /// As it was given.
    pub pattern: String,
}

/// A checked command pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern {
    common: bool,
    form: QueryForm,
    nodes: Vec<Node>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum QueryForm {
    Command,
    Query,
    Both,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Node {
    long: String,
    optional: bool,
    suffix: Suffix,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Suffix {
    None,
    Any,
    OneOf(Vec<u32>),
}

/// How a header fits a pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Fit {
    /// It is this command, with these numeric suffixes.
    Yes(Vec<u32>),
    /// It would be, but for a numeric suffix that does not exist.
    SuffixOutOfRange,
    /// It is another.
    No,
}

impl std::str::FromStr for Pattern {
    type Err = PatternError;

    fn from_str(pattern: &str) -> Result<Self, PatternError> {
        let fault = || PatternError { pattern: pattern.to_owned() };
        let (_, parsed) = all_consuming(whole).parse(pattern.as_bytes()).map_err(|_| fault())?;
        let named = parsed.nodes.iter().all(|node| !short_form(&node.long).is_empty());
        let one_must_stand = parsed.nodes.iter().any(|node| !node.optional);
        if named && one_must_stand { Ok(parsed) } else { Err(fault()) }
    }
}

fn whole(input: &[u8]) -> Parsed<'_, Pattern> {
    let star = map(preceded(char('*'), node), |node| (true, vec![node]));
    let tree =
        map(many1(alt((optional_node, preceded(opt(char(':')), node)))), |nodes| (false, nodes));
    map((alt((star, tree)), query_form), |((common, nodes), form)| Pattern { common, form, nodes })
        .parse(input)
}

fn query_form(input: &[u8]) -> Parsed<'_, QueryForm> {
    map(opt(alt((value(QueryForm::Both, tag("[?]")), value(QueryForm::Query, tag("?"))))), |form| {
        form.unwrap_or(QueryForm::Command)
    })
    .parse(input)
}

/// `[:NODE]` or `[NODE]:`, the latter's colon being taken by the node that follows.
fn optional_node(input: &[u8]) -> Parsed<'_, Node> {
    let inside = delimited(opt(char(':')), node, opt(char(':')));
    map(delimited(preceded(opt(char(':')), char('[')), inside, char(']')), |node| Node {
        optional: true,
        ..node
    })
    .parse(input)
}

fn node(input: &[u8]) -> Parsed<'_, Node> {
    map((lexis::mnemonic, suffix), |(long, suffix)| Node {
        long: long.to_owned(),
        optional: false,
        suffix,
    })
    .parse(input)
}

fn suffix(input: &[u8]) -> Parsed<'_, Suffix> {
    let any = value(Suffix::Any, delimited(char('<'), take_while1(|b: u8| b != b'>'), char('>')));
    let listed = delimited(char('['), separated_list1(char('|'), number), char(']'));
    map(opt(alt((any, map(listed, Suffix::OneOf)))), |suffix| suffix.unwrap_or(Suffix::None))
        .parse(input)
}

fn number(input: &[u8]) -> Parsed<'_, u32> {
    let (rest, digits) = terminated(lexis::digits, opt(char(' '))).parse(input)?;
    match lexis::text(input, digits)?.parse() {
        Ok(number) => Ok((rest, number)),
        Err(_) => lexis::other(input),
    }
}

impl Pattern {
    /// Whether a header, its path already resolved from the root, is this command.
    pub(super) fn fit(&self, header: &Header, mnemonics: &[String]) -> Fit {
        let form_fits = match self.form {
            QueryForm::Both => true,
            QueryForm::Query => header.query,
            QueryForm::Command => !header.query,
        };
        if !form_fits || self.common != header.common {
            return Fit::No;
        }
        walk(&self.nodes, mnemonics)
    }
}

/// Matches node by node; an optional node is first taken, then left out.
fn walk(nodes: &[Node], mnemonics: &[String]) -> Fit {
    let Some((node, later)) = nodes.split_first() else {
        return if mnemonics.is_empty() { Fit::Yes(Vec::new()) } else { Fit::No };
    };
    let taken = match mnemonics.split_first() {
        Some((mnemonic, rest)) => match node.fit(mnemonic) {
            Some(number) => with_suffix(node, number, walk(later, rest)),
            None => Fit::No,
        },
        None => Fit::No,
    };
    if taken == Fit::No && node.optional {
        return with_suffix(node, None, walk(later, mnemonics));
    }
    taken
}

fn with_suffix(node: &Node, number: Option<u32>, fit: Fit) -> Fit {
    let Fit::Yes(mut suffixes) = fit else { return fit };
    let number = match (&node.suffix, number) {
        (Suffix::None, _) => return Fit::Yes(suffixes),
        (Suffix::Any, number) => number.unwrap_or(1),
        (Suffix::OneOf(listed), None) => listed.first().copied().unwrap_or(1),
        (Suffix::OneOf(listed), Some(number)) if listed.contains(&number) => number,
        (Suffix::OneOf(_), Some(_)) => return Fit::SuffixOutOfRange,
    };
    suffixes.insert(0, number);
    Fit::Yes(suffixes)
}

impl Node {
    /// `None` when the mnemonic is another; else its numeric suffix, if it has one.
    fn fit(&self, mnemonic: &str) -> Option<Option<u32>> {
        if matches_word(&self.long, mnemonic) {
            return Some(None);
        }
        if self.suffix == Suffix::None {
            return None;
        }
        let name = mnemonic.trim_end_matches(|c: char| c.is_ascii_digit());
        let number = mnemonic.get(name.len()..)?.parse().ok()?;
        matches_word(&self.long, name).then_some(Some(number))
    }
}

/// The capitals (and digits) that a long form begins with: `VOLTage` has `VOLT`.
fn short_form(long: &str) -> &str {
    long.split(|c: char| c.is_ascii_lowercase()).next().unwrap_or_default()
}

/// Whether a word is the long or the short form of `long`.
pub(super) fn matches_word(long: &str, word: &str) -> bool {
    word.eq_ignore_ascii_case(short_form(long)) || word.eq_ignore_ascii_case(long)
}
