//! The kept inputs of the fuzz targets, replayed; and many that are made of them by a few changed bytes.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that cannot go on fails by panicking"
)]

#[path = "../fuzz/bodies.rs"]
mod bodies;
#[path = "../../../tests/support/replay.rs"]
mod replay;

use std::path::Path;

use replay::Replay;

/// Changed inputs that are tried for each kept one, unless `SCPI_FUZZ_INPUTS` says otherwise.
const CHANGED: u64 = 300;

#[test]
fn every_kept_input_and_many_like_it() {
    let replay = Replay {
        corpus: Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus"),
        special: b"#0123456789eE+-.,;:\"'()@! \n\r\0\xff?*",
        longest_piece: usize::MAX,
        changed: CHANGED,
    };
    replay.run(&bodies::ALL);
}
