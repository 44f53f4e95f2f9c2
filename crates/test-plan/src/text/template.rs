//! Text with parameters in it.

use crate::source::TextFault;

use super::lexis::{Grammar, word};
use super::parameters::Parameters;

/// Text in which `$name` or `${name}` stands for a parameter and `$$` for a dollar.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Template {
    pieces: Vec<Piece>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    Text(String),
    Parameter { name: String, span: std::ops::Range<usize> },
}

impl Template {
    pub(crate) fn parse(text: &str) -> Result<Self, TextFault> {
        let grammar = Grammar::of(text);
        let mut pieces = Vec::new();
        let mut rest = text;
        while let Some(at) = rest.find('$') {
            let (before, dollar) = rest.split_at(at);
            pieces.push(Piece::Text(before.to_owned()));
            let (piece, after) = placed(dollar).ok_or_else(|| {
                let message = "$ begins a parameter, $name or ${name}; a dollar itself is $$";
                TextFault::new(&grammar.span(dollar, dollar), message)
            })?;
            let span = grammar.span(dollar, after);
            pieces.push(match piece {
                Some(name) => Piece::Parameter { name: name.to_owned(), span },
                None => Piece::Text("$".to_owned()),
            });
            rest = after;
        }
        pieces.push(Piece::Text(rest.to_owned()));
        Ok(Self { pieces })
    }

    /// The text with every parameter's value in its place.
    pub(crate) fn fill(&self, parameters: &Parameters) -> Result<String, TextFault> {
        let piece = |piece: &Piece| match piece {
            Piece::Text(text) => Ok(text.clone()),
            Piece::Parameter { name, span } => parameters
                .text(name)
                .map(str::to_owned)
                .map_err(|message| TextFault::new(span, message)),
        };
        self.pieces.iter().map(piece).collect()
    }
}

/// What stands behind a dollar: a parameter's name or, as none, a dollar; and the rest.
fn placed(dollar: &str) -> Option<(Option<&str>, &str)> {
    let after = dollar.strip_prefix('$')?;
    if let Some(rest) = after.strip_prefix('$') {
        return Some((None, rest));
    }
    if let Some(inside) = after.strip_prefix('{') {
        let (rest, name) = word(inside).ok()?;
        return Some((Some(name), rest.strip_prefix('}')?));
    }
    let (rest, name) = word(after).ok()?;
    Some((Some(name), rest))
}

#[cfg(test)]
mod tests {
    use super::super::parameters::Given;
    use super::*;

    #[test]
    fn parameters_stand_for_their_text() {
        let mut parameters = Parameters::default();
        parameters.set("port", Given::of("3"));
        for (text, filled) in [
            ("ROUT:OPEN (@10$port)", "ROUT:OPEN (@103)"),
            ("A${port}B", "A3B"),
            ("5 $$", "5 $"),
            ("", ""),
        ] {
            assert_eq!(Template::parse(text).unwrap().fill(&parameters).unwrap(), filled);
        }
    }

    #[test]
    fn what_is_no_parameter_is_said() {
        assert_eq!(Template::parse("a $ b").unwrap_err().span, 2..2);
        let unknown = Template::parse("a $x").unwrap().fill(&Parameters::default()).unwrap_err();
        assert_eq!((unknown.span, unknown.message.contains("'x'")), (2..4, true));
    }
}
