//! The repository's own checks: `cargo xtask tidy | generated [--write] [FILE...] | docs | interop | torture |
//! store-faults | storm | fuzz [INPUTS]`.
//!
//! | file | holds |
//! | --- | --- |
//! | `tidy`, `finding` | every check of the tree, and what they find |
//! | `layers`, `purity`, `sql`, `sizes`, `manners`, `manifests`, `words` | one check each |
//! | `workspace`, `source`, `lexer` | packages and files; Rust text with comments, texts and tests told apart |
//! | `generated`, `reference`, `picture` | files that are made from code |
//! | `docs` | the documentation of all crates |
//! | `interop` | clients that are not ours against our simulated instruments |
//! | `torture` | runs ended in every way, in storms of faults, and with the store failing, many times |
//! | `fuzz` | the parsers under bytes of every kind |
//!
//! A check reads text and `cargo metadata`, nothing else, so that it needs no build of what it checks.

#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "this is the front of the repository's checks: it has a screen"
)]

mod docs;
mod finding;
mod fuzz;
mod generated;
mod interop;
mod layers;
mod lexer;
mod manifests;
mod manners;
mod picture;
mod purity;
mod reference;
mod sizes;
mod source;
mod sql;
mod tidy;
mod torture;
mod words;
mod workspace;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

const USAGE: &str = "usage: cargo xtask COMMAND
  tidy                 layers, purity, SQL, sizes, manners, manifests and words of the tree
  generated [--write] [FILE...]  compare the files that are made from code, or write them anew
  docs                 the documentation of all crates, without a warning
  interop              clients from PyPI talk to our simulated instruments over every transport
  torture              end 260 runs in every way there is, and see that their outputs are off
  store-faults [N]     let the store fail in N rounds, 300 where no N is given, and see that nothing is lost
  storm                run 300 times while instruments misbehave; the smallest seed that fails is named
  fuzz [INPUTS]        every fuzz target of scpi-protocol and test-plan, 10^8 inputs each; needs cargo-fuzz and nightly";

/// What a check gives: whether all is well, or why it could not be made.
type Checked = Result<bool, Box<dyn std::error::Error>>;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let checked = match arguments[..] {
        ["tidy"] => tidy::run(&root()),
        ["generated", "--write", ref only @ ..] => {
            generated::run(&root(), generated::Mode::Write, only)
        }
        ["generated", ref only @ ..] => generated::run(&root(), generated::Mode::Compare, only),
        ["docs"] => docs::run(&root()),
        ["interop"] => interop::run(&root()),
        ["fuzz"] => fuzz::run(&root(), fuzz::INPUTS),
        ["fuzz", inputs] => match inputs.parse() {
            Ok(inputs) => fuzz::run(&root(), inputs),
            Err(_) => Err(format!("'{inputs}' is no number of inputs").into()),
        },
        ["torture"] => torture::run(&root()),
        ["store-faults"] => torture::store_faults(&root(), None),
        ["store-faults", rounds] => torture::store_faults(&root(), Some(rounds)),
        ["storm"] => torture::storm(&root()),
        _ => {
            eprintln!("{USAGE}");
            return ExitCode::from(2);
        }
    };
    checked.map_or_else(fault, |all_is_well| ExitCode::from(u8::from(!all_is_well)))
}

fn fault(error: Box<dyn std::error::Error>) -> ExitCode {
    eprintln!("xtask: {error}");
    ExitCode::FAILURE
}

fn root() -> PathBuf {
    let own = Path::new(env!("CARGO_MANIFEST_DIR"));
    own.parent().unwrap_or(own).to_path_buf()
}
