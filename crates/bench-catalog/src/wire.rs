//! What stands on the wire around a model's messages, `[wire]` of a dialect, and the quirks that it is known for.

use scpi_protocol::framer::{
    AfterBlock, BlockLength, Chunks, FramerConfig, IndefiniteBlock, Terminator,
};

/// The last of the quirks that have a number; they count from 1.
pub const LAST_QUIRK: u8 = 39;

/// How a model frames what it says and what it wants to hear. Nothing stated is as IEEE 488.2 has it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct WireWords {
    /// What ends an answer (quirk Q11).
    pub read_terminator: ReadTerminator,
    /// What ends a message that is sent (quirks Q10, Q11, Q12).
    pub write_terminator: WriteTerminator,
    /// What follows a block (quirk Q6).
    pub after_block: BlockTail,
    /// What the length of a block counts (quirks Q2, Q6).
    pub block_length: LengthUnit,
    /// What a block of unstated length means (quirk Q8).
    pub indefinite_block: Indefinite,
    /// Whether answers come in chunks that say how long they are (quirk Q14).
    pub chunks: ChunkForm,
    /// Whether the raw socket has a control port on which the instrument can be cleared.
    pub control_port: bool,
}

macro_rules! wire_words {
    ($($(#[$about:meta])* enum $name:ident { $($(#[$what:meta])* $variant:ident,)+ })+) => {
        $(
            $(#[$about])*
            #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
            #[serde(rename_all = "snake_case")]
            pub enum $name {
                $($(#[$what])* $variant,)+
            }
        )+
    };
}

wire_words! {
    /// What ends an answer.
    enum ReadTerminator {
        /// A line feed; a carriage return beside it is dropped.
        #[default]
        Lf,
        /// A carriage return; a line feed behind it is dropped.
        Cr,
    }

    /// What ends a message that is sent.
    enum WriteTerminator {
        /// A line feed.
        #[default]
        Lf,
        /// A carriage return and a line feed.
        Crlf,
        /// A carriage return.
        Cr,
        /// A NUL.
        Nul,
    }

    /// What follows a block.
    enum BlockTail {
        /// The terminator.
        #[default]
        Terminator,
        /// Nothing.
        Nothing,
    }

    /// What the length of a block counts.
    enum LengthUnit {
        /// Bytes.
        #[default]
        Bytes,
        /// Bytes, and the terminator behind them.
        WithTerminator,
        /// Samples of two bytes.
        #[serde(rename = "samples_of_2_bytes")]
        SamplesOf2Bytes,
    }

    /// What `#0` means.
    enum Indefinite {
        /// An error: it has no end on a bare byte stream.
        #[default]
        Refuse,
        /// Text up to the terminator.
        UntilTerminator,
    }

    /// How answers are cut.
    enum ChunkForm {
        /// They are not.
        #[default]
        None,
        /// Four bytes of length before each, the least significant first.
        LittleEndian,
    }
}

impl WireWords {
    /// How answers are framed.
    #[must_use]
    pub fn framing(&self) -> FramerConfig {
        FramerConfig {
            terminator: match self.read_terminator {
                ReadTerminator::Lf => Terminator::LineFeed,
                ReadTerminator::Cr => Terminator::CarriageReturn,
            },
            after_block: match self.after_block {
                BlockTail::Terminator => AfterBlock::Terminator,
                BlockTail::Nothing => AfterBlock::Nothing,
            },
            block_length: match self.block_length {
                LengthUnit::Bytes => BlockLength::Bytes,
                LengthUnit::WithTerminator => BlockLength::WithTerminator,
                LengthUnit::SamplesOf2Bytes => BlockLength::Samples(2),
            },
            indefinite: match self.indefinite_block {
                Indefinite::Refuse => IndefiniteBlock::Refuse,
                Indefinite::UntilTerminator => IndefiniteBlock::UntilTerminator,
            },
            chunks: match self.chunks {
                ChunkForm::None => Chunks::None,
                ChunkForm::LittleEndian => Chunks::LittleEndian,
            },
            ..FramerConfig::default()
        }
    }

    /// What ends a message that is sent.
    #[must_use]
    pub fn write_terminator(&self) -> &'static str {
        match self.write_terminator {
            WriteTerminator::Lf => "\n",
            WriteTerminator::Crlf => "\r\n",
            WriteTerminator::Cr => "\r",
            WriteTerminator::Nul => "\0",
        }
    }
}

/// Whether this names a quirk: `Q16`.
pub(crate) fn is_quirk(id: &str) -> bool {
    let number = id.strip_prefix('Q').and_then(|number| number.parse::<u8>().ok());
    number.is_some_and(|number| (1..=LAST_QUIRK).contains(&number))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_stated_is_the_standard() {
        let usual = WireWords::default();
        assert_eq!((usual.framing(), usual.write_terminator()), (FramerConfig::default(), "\n"));
        assert!(is_quirk("Q1") && is_quirk("Q39"));
        assert!(["Q0", "Q40", "q1", "Q", "1"].iter().all(|id| !is_quirk(id)));
    }
}
