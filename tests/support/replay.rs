//! The kept inputs of fuzz targets, replayed with many that are made of them by a few changed bytes.

use std::path::PathBuf;

/// A target's name, and what it does with an input.
pub(crate) type Body = (&'static str, fn(&[u8]));

/// How inputs are replayed.
pub(crate) struct Replay {
    /// Where each target has a folder with its inputs.
    pub(crate) corpus: PathBuf,
    /// Bytes that mean something to the targets.
    pub(crate) special: &'static [u8],
    /// A piece that is doubled is shorter than so many bytes.
    pub(crate) longest_piece: usize,
    /// Changed inputs for each kept one, unless `SCPI_FUZZ_INPUTS` says otherwise.
    pub(crate) changed: u64,
}

impl Replay {
    /// Panics with the first input that makes a target panic.
    pub(crate) fn run(&self, bodies: &[Body]) {
        let tries = std::env::var("SCPI_FUZZ_INPUTS").ok().and_then(|text| text.parse().ok());
        for (target, body) in bodies {
            let inputs = self.kept(target);
            assert!(!inputs.is_empty(), "{target} has no kept inputs");
            let mut numbers = Numbers(0x9E37_79B9_7F4A_7C15);
            for path in &inputs {
                let input = std::fs::read(path).unwrap();
                body(&input);
                for _ in 0..tries.unwrap_or(self.changed) {
                    let input = self.changed(&input, &mut numbers);
                    let result = std::panic::catch_unwind(|| body(&input));
                    assert!(result.is_ok(), "{target}, from {path:?}: {}", input.escape_ascii());
                }
            }
        }
    }

    fn kept(&self, target: &str) -> Vec<PathBuf> {
        let files = std::fs::read_dir(self.corpus.join(target)).unwrap();
        let mut all: Vec<_> = files.map(|entry| entry.unwrap().path()).collect();
        all.sort();
        all
    }

    /// A few bytes replaced, taken out or doubled.
    fn changed(&self, input: &[u8], numbers: &mut Numbers) -> Vec<u8> {
        let mut bytes = input.to_vec();
        for _ in 0..=numbers.below(4) {
            let at = numbers.below(bytes.len());
            let special = self.special[numbers.below(self.special.len())];
            match numbers.below(4) {
                0 if !bytes.is_empty() => bytes[at] = special,
                1 if !bytes.is_empty() => drop(bytes.remove(at)),
                2 => {
                    let end = at + numbers.below((bytes.len() - at + 1).min(self.longest_piece));
                    let piece = bytes[at..end].to_vec();
                    bytes.splice(at..at, piece);
                }
                _ => bytes.insert(at, special),
            }
        }
        bytes
    }
}

/// Numbers that look random and are the same every time (xorshift).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 8).unwrap() % bound.max(1)
    }
}
