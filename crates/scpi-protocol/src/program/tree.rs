//! The command tree of an instrument, and the walk through it along a message.

use super::Header;
use super::pattern::{Fit, Pattern, PatternError};

/// Commands by their patterns, each with what it stands for.
///
/// ```
/// use scpi_protocol::program::{CommandTree, HeaderPath, units};
///
/// let mut tree = CommandTree::new();
/// tree.add("[SOURce[1|2]]:VOLTage[:LEVel][:IMMediate][:AMPLitude]", "set")?;
/// tree.add("MEASure:VOLTage[:DC]?", "read")?;
///
/// let mut path = HeaderPath::default();
/// for unit in units(b"sour2:volt 5;:MEAS:VOLT?") {
///     let found = tree.find(&unit?.header, &mut path)?;
///     println!("{} {:?}", found.command, found.suffixes); // set [2], then read []
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct CommandTree<T> {
    entries: Vec<(Pattern, T)>,
}

/// A header found in the tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Match<'t, T> {
    /// What it stands for.
    pub command: &'t T,
    /// One number per node of the pattern that takes one, in order; defaults where they were left out.
    pub suffixes: Vec<u32>,
}

/// A header that the tree has not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LookupError {
    /// No such command.
    #[error("Undefined header")]
    Undefined,
    /// The command exists, but not with this numeric suffix.
    #[error("Header suffix out of range")]
    SuffixOutOfRange,
}

impl LookupError {
    /// The standard error number.
    #[must_use]
    pub fn code(self) -> i32 {
        match self {
            Self::Undefined => -113,
            Self::SuffixOutOfRange => -114,
        }
    }
}

/// Where in the tree the next header of a message starts (SCPI-99 volume 1 clause 6.2.4): at the
/// root for the first and after `:`, else beside the last node of the header before. Common commands
/// leave it alone. One per message.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HeaderPath {
    above: Vec<String>,
}

impl HeaderPath {
    /// The mnemonics of a header from the root on; the path then lies beside it.
    pub fn resolve(&mut self, header: &Header) -> Vec<String> {
        if header.common {
            return header.mnemonics.clone();
        }
        let mut whole = if header.absolute { Vec::new() } else { self.above.clone() };
        whole.extend_from_slice(&header.mnemonics);
        self.above = whole.split_last().map(|(_, above)| above.to_vec()).unwrap_or_default();
        whole
    }
}

impl<T> CommandTree<T> {
    /// A tree without commands.
    #[must_use]
    pub fn new() -> Self {
        Self { entries: Vec::new() }
    }

    /// Adds a command; where several patterns fit a header, the one added first is found.
    ///
    /// # Errors
    /// When the pattern is none.
    pub fn add(&mut self, pattern: &str, command: T) -> Result<(), PatternError> {
        self.entries.push((pattern.parse()?, command));
        Ok(())
    }

    /// Finds what a header means and moves the path along.
    ///
    /// # Errors
    /// The header is not in the tree; [`LookupError::code`] has the standard's number for it.
    pub fn find(
        &self,
        header: &Header,
        path: &mut HeaderPath,
    ) -> Result<Match<'_, T>, LookupError> {
        let mnemonics = path.resolve(header);
        let mut error = LookupError::Undefined;
        for (pattern, command) in &self.entries {
            match pattern.fit(header, &mnemonics) {
                Fit::Yes(suffixes) => return Ok(Match { command, suffixes }),
                Fit::SuffixOutOfRange => error = LookupError::SuffixOutOfRange,
                Fit::No => {}
            }
        }
        Err(error)
    }
}

impl<T> Default for CommandTree<T> {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::program::units;

    fn tree() -> CommandTree<&'static str> {
        let mut tree = CommandTree::new();
        for pattern in [
            "*IDN?",
            "*CLS",
            "[SOURce[1|2]]:VOLTage[:LEVel][:IMMediate][:AMPLitude][?]",
            "[SOURce[1|2]]:VOLTage:PROTection[:LEVel]",
            "MEASure:VOLTage[:DC]?",
            "FREQuency:STARt",
            "FREQuency:STOP",
            "CHANnel<n>:SCALe[?]",
            "C<n>:BSWV",
            "SYSTem:ERRor[:NEXT]?",
        ] {
            tree.add(pattern, pattern).unwrap();
        }
        tree
    }

    /// `pattern -> suffixes`, or the number of the error, per unit.
    fn found(message: &str) -> Vec<String> {
        let (tree, mut path) = (tree(), HeaderPath::default());
        let name = |unit: Result<crate::program::ProgramUnit, _>| {
            let header = unit.map(|unit| unit.header);
            match header.map(|header| tree.find(&header, &mut path)) {
                Ok(Ok(found)) => format!("{} {:?}", found.command, found.suffixes),
                Ok(Err(error)) => error.code().to_string(),
                Err(error) => crate::program::SyntaxError::code(&error).to_string(),
            }
        };
        units(message.as_bytes()).map(name).collect()
    }

    #[test]
    fn forms_optional_nodes_and_suffixes() {
        let volt = "[SOURce[1|2]]:VOLTage[:LEVel][:IMMediate][:AMPLitude][?]";
        for (message, wanted) in [
            ("*idn?", "*IDN? []".to_owned()),
            ("*IDN", "-113".to_owned()),
            ("VOLT 1", format!("{volt} [1]")),
            ("volt?", format!("{volt} [1]")),
            (":SOURCE2:VOLTAGE:LEV:IMM:AMPL 1", format!("{volt} [2]")),
            ("SOUR:VOLT:AMPL 1", format!("{volt} [1]")),
            ("SOUR3:VOLT 1", "-114".to_owned()),
            ("VOLTA 1", "-113".to_owned()),
            ("VOLT2 1", "-113".to_owned()),
            ("VOLT:PROT 6", "[SOURce[1|2]]:VOLTage:PROTection[:LEVel] [1]".to_owned()),
            ("MEAS:VOLT:DC?", "MEASure:VOLTage[:DC]? []".to_owned()),
            ("MEAS:VOLT", "-113".to_owned()),
            ("CHAN4:SCAL .1", "CHANnel<n>:SCALe[?] [4]".to_owned()),
            ("C2:BSWV FRQ,1000HZ", "C<n>:BSWV [2]".to_owned()),
            ("SYST:ERR?", "SYSTem:ERRor[:NEXT]? []".to_owned()),
        ] {
            assert_eq!(found(message), [wanted], "{message}");
        }
    }

    /// The examples of SCPI-99 volume 1 clause 6.2.4, with its own FREQuency subsystem.
    #[test]
    fn the_walk_follows_the_standard() {
        let (start, stop) = ("FREQuency:STARt []", "FREQuency:STOP []");
        assert_eq!(found("FREQ:STAR 3 MHZ;STOP 5 MHZ"), [start, stop]);
        assert_eq!(found("FREQ:STAR 3 MHZ;:FREQ:STOP 5 MHZ"), [start, stop]);
        assert_eq!(found("FREQ:STAR 3 MHZ;*CLS;STOP 5 MHZ"), [start, "*CLS []", stop]);
        assert_eq!(found("FREQ:STAR 3 MHZ;FREQ:STOP 5 MHZ"), [start, "-113"]);
    }

    #[test]
    fn patterns_are_checked() {
        for pattern in ["", "volt", "VOLTage:", "VOLTage?x", "[VOLTage]", "A[1|x]", "VOLT age", "*"]
        {
            assert!(pattern.parse::<Pattern>().is_err(), "{pattern}");
        }
    }
}
