//! The kept inputs of the fuzz targets, replayed; and many that are made of them by a few changed bytes.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that cannot go on fails by panicking"
)]

#[path = "../fuzz/bodies.rs"]
mod bodies;

use std::path::{Path, PathBuf};

/// Changed inputs that are tried for each kept one, unless `SCPI_FUZZ_INPUTS` says otherwise.
const CHANGED: u64 = 300;

fn kept(target: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(target);
    let mut all: Vec<_> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    all.sort();
    all
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

/// A few bytes replaced, taken out or doubled.
fn changed(input: &[u8], numbers: &mut Numbers) -> Vec<u8> {
    const SPECIAL: &[u8] = b"#0123456789eE+-.,;:\"'()@! \n\r\0\xff?*";
    let mut bytes = input.to_vec();
    for _ in 0..=numbers.below(4) {
        let at = numbers.below(bytes.len());
        let special = SPECIAL[numbers.below(SPECIAL.len())];
        match numbers.below(4) {
            0 if !bytes.is_empty() => bytes[at] = special,
            1 if !bytes.is_empty() => drop(bytes.remove(at)),
            2 => {
                let end = at + numbers.below(bytes.len() - at + 1);
                let piece = bytes[at..end].to_vec();
                bytes.splice(at..at, piece);
            }
            _ => bytes.insert(at, special),
        }
    }
    bytes
}

#[test]
fn every_kept_input_and_many_like_it() {
    let tries = std::env::var("SCPI_FUZZ_INPUTS").ok().and_then(|text| text.parse().ok());
    for (target, body) in bodies::ALL {
        let inputs = kept(target);
        assert!(!inputs.is_empty(), "{target} has no kept inputs");
        let mut numbers = Numbers(0x9E37_79B9_7F4A_7C15);
        for path in &inputs {
            let input = std::fs::read(path).unwrap();
            body(&input);
            for _ in 0..tries.unwrap_or(CHANGED) {
                let input = changed(&input, &mut numbers);
                let result = std::panic::catch_unwind(|| body(&input));
                assert!(
                    result.is_ok(),
                    "{target}, from {path:?}: {:?}",
                    input.escape_ascii().to_string()
                );
            }
        }
    }
}
