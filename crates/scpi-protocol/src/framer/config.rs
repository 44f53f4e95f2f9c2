//! How one instrument frames what it says.

/// The longest text between two blocks, unless configured: a million readings of 32 bytes.
pub const DEFAULT_MAX_LINE_BYTES: usize = 32 << 20;

/// The longest block, unless configured.
pub const DEFAULT_MAX_BLOCK_BYTES: usize = 256 << 20;

/// What ends a message.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Terminator {
    /// `LF`; a `CR` before or after it is dropped, so that `CR LF` and `LF CR` end a message as well.
    #[default]
    LineFeed,
    /// `CR`; an `LF` after it is dropped.
    CarriageReturn,
}

impl Terminator {
    pub(super) fn byte(self) -> u8 {
        match self {
            Self::LineFeed => b'\n',
            Self::CarriageReturn => b'\r',
        }
    }
}

/// What may stand in a message.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Content {
    /// Elements as IEEE 488.2 has them: a terminator inside a string or a block is data.
    #[default]
    Elements,
    /// Arbitrary ASCII (clause 8.7.11), as `*IDN?` answers: quotes and `#` mean nothing, only the
    /// terminator ends it.
    PlainText,
}

/// What a block of unstated length (`#0`) means. It ends with END, which a bare byte stream has not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum IndefiniteBlock {
    /// An error, at once.
    #[default]
    Refuse,
    /// It holds text and goes up to the terminator, as some instruments send it.
    UntilTerminator,
}

/// What follows the last byte of a block at the end of a message.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AfterBlock {
    /// More elements, or the terminator.
    #[default]
    Terminator,
    /// Nothing: the message ends there (quirk Q6), and a terminator that comes all the same is dropped.
    Nothing,
}

/// What the length before a block counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum BlockLength {
    /// Bytes, as the standard has it.
    #[default]
    Bytes,
    /// The bytes and the terminator behind them (quirk Q6).
    WithTerminator,
    /// Samples of this many bytes (quirk Q2).
    Samples(u8),
}

impl BlockLength {
    /// The bytes of data that an announced length means.
    pub(super) fn bytes(self, announced: u64) -> u64 {
        match self {
            Self::Bytes => announced,
            Self::WithTerminator => announced.saturating_sub(1),
            Self::Samples(bytes) => announced.saturating_mul(u64::from(bytes)),
        }
    }
}

/// Whether what comes is cut into chunks that say how long they are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Chunks {
    /// It is not.
    #[default]
    None,
    /// Each begins with its length in four bytes, the least significant first (quirk Q14). See
    /// [`Unchunker`](super::Unchunker).
    LittleEndian,
}

/// What to do with an empty line before a message.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum EmptyLines {
    /// Dropped and counted (quirks Q1, Q9).
    #[default]
    Skip,
    /// A message.
    Keep,
}

/// Who says where a message ends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Ending {
    /// The terminator, as on a bare byte stream.
    #[default]
    Terminator,
    /// What carries the bytes: END of IEEE 488.2, to be told to [`Framer::end`](super::Framer::end). A terminator before
    /// it is data.
    Carrier,
}

/// How one instrument frames what it says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FramerConfig {
    /// What ends a message.
    pub terminator: Terminator,
    /// What may stand in it.
    pub content: Content,
    /// What `#0` means.
    pub indefinite: IndefiniteBlock,
    /// What follows a block.
    pub after_block: AfterBlock,
    /// What the length of a block counts.
    pub block_length: BlockLength,
    /// Whether it comes in chunks, which whoever reads takes out of the bytes first.
    pub chunks: Chunks,
    /// What an empty line means.
    pub empty_lines: EmptyLines,
    /// The most bytes of text between two blocks.
    pub max_line_bytes: usize,
    /// The most bytes of one block.
    pub max_block_bytes: usize,
}

impl Default for FramerConfig {
    fn default() -> Self {
        Self {
            terminator: Terminator::default(),
            content: Content::default(),
            indefinite: IndefiniteBlock::default(),
            after_block: AfterBlock::default(),
            block_length: BlockLength::default(),
            chunks: Chunks::default(),
            empty_lines: EmptyLines::default(),
            max_line_bytes: DEFAULT_MAX_LINE_BYTES,
            max_block_bytes: DEFAULT_MAX_BLOCK_BYTES,
        }
    }
}
