//! Chunks that say how long they are, as old Rigol instruments send over TCP (quirk Q14; libsigrok, scpi_tcp.c,
//! "tcp-rigol"): before each stand four bytes of length, the least significant first.

use super::Chunks;

const LENGTH_BYTES: u8 = 4;

/// Takes the lengths out of a stream of chunks, in any split.
///
/// ```
/// use scpi_protocol::framer::{Chunks, Unchunker};
///
/// let mut unchunker = Unchunker::new(Chunks::LittleEndian);
/// let mut bytes = b"\x03\0\0\0+1.\x02\0\0\x005\n".to_vec();
/// unchunker.strip(&mut bytes);
/// assert_eq!(bytes, b"+1.5\n");
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct Unchunker {
    chunks: Chunks,
    /// Bytes of the length that have come.
    seen: u8,
    /// What they say so far; then, how much of the chunk is still to come.
    left: u32,
}

impl Unchunker {
    /// Before the first chunk.
    #[must_use]
    pub fn new(chunks: Chunks) -> Self {
        Self { chunks, ..Self::default() }
    }

    /// Leaves in `bytes`, which have just come, only what is data.
    pub fn strip(&mut self, bytes: &mut Vec<u8>) {
        if self.chunks == Chunks::LittleEndian {
            bytes.retain(|byte| self.is_data(*byte));
        }
    }

    fn is_data(&mut self, byte: u8) -> bool {
        if self.seen < LENGTH_BYTES {
            self.left |= u32::from(byte) << (8 * u32::from(self.seen));
            self.seen += 1;
            self.start_anew_at_end();
            return false;
        }
        self.left -= 1;
        self.start_anew_at_end();
        true
    }

    fn start_anew_at_end(&mut self) {
        if self.left == 0 && self.seen == LENGTH_BYTES {
            self.seen = 0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_split_gives_the_same_data() {
        let wire = b"\x05\0\0\0+1.25\0\0\0\0\x0a\0\0\0#15a\nb\nc\n\n";
        for split in 0..=wire.len() {
            let mut unchunker = Unchunker::new(Chunks::LittleEndian);
            let (one, two) = wire.split_at(split);
            let (mut one, mut two) = (one.to_vec(), two.to_vec());
            unchunker.strip(&mut one);
            unchunker.strip(&mut two);
            assert_eq!([one, two].concat(), b"+1.25#15a\nb\nc\n\n", "{split}");
        }
    }
}
