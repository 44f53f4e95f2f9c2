//! `scpi-run completions`.

use clap::CommandFactory;
use clap_complete::Shell;

use crate::args::Arguments;
use crate::commands::print;
use crate::exit::Exit;

/// Prints completions for a shell.
pub(crate) fn completions(shell: Shell) -> Exit {
    let mut text = Vec::new();
    clap_complete::generate(shell, &mut Arguments::command(), "scpi-run", &mut text);
    print(&String::from_utf8_lossy(&text));
    Exit::Pass
}
