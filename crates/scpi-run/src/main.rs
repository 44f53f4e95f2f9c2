//! `scpi-run`: runs TOML test plans against SCPI instruments and records what they measured.
//!
//! The front: arguments, environment, wiring, exit codes. Everything else is in the crates below it, and meets
//! here alone.
//!
//! | file | holds |
//! | --- | --- |
//! | `args` | the command line |
//! | `exit` | exit codes, and which wins when several hold |
//! | `environment` | what comes from the environment: folders, `DATABASE_URL`, who and where we are |
//! | `settings` | what options are when the command line does not say |
//! | `bench` | which instruments: a bench file, or a simulated bench in this process |
//! | `connection` | a database's URL with what the environment adds: service, password file, CA |
//! | `bench_knowledge` | what a bench file alone says of a plan |
//! | `inventory` | what the lab's inventory says of a bench's instruments |
//! | `dialects` | those that are built in, read once |
//! | `database` | which server, and the thread that records into it |
//! | `past` | past runs, from the journals of this machine and the database |
//! | `plan`, `plan_files` | plans read, checked and expanded, their faults shown; the files that they name |
//! | `operator` | the person at the terminal, who answers a plan's questions |
//! | `time_zone` | time zones, from the files of the machine |
//! | `signals` | Ctrl-C and the like as requests to stop |
//! | `locks` | two runs never share an instrument |
//! | `leases` | the same between hosts that share a database |
//! | `guardian` | a second process that switches off when this one no longer can |
//! | `commands` | one file a command |

#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "the front is the one crate that has a screen"
)]

/// A line on standard error. Unlike `eprintln!` it never panics: where the terminal is gone, there is nobody to tell,
/// and what is being done goes on.
macro_rules! say {
    ($($words:tt)*) => {{
        let _ = std::io::Write::write_fmt(
            &mut std::io::stderr(),
            format_args!("{}\n", format_args!($($words)*)),
        );
    }};
}

mod args;
mod bench;
mod bench_knowledge;
mod commands;
mod connection;
mod database;
mod dialects;
mod dut;
mod environment;
mod exit;
mod failure;
mod guardian;
mod inventory;
mod keys;
mod leases;
mod locks;
mod logins;
mod operator;
mod past;
mod plan;
mod plan_files;
#[cfg(debug_assertions)]
mod provoked;
mod runtime;
mod settings;
mod sharing;
mod signals;
mod surroundings;
mod tape;
mod time_zone;

use std::process::ExitCode;

fn main() -> ExitCode {
    // Outputs are switched off once the stack is unwound: a backtrace, which takes seconds to be written, waits for
    // nobody here.
    std::panic::set_hook(Box::new(|panic| say!("scpi-run: internal fault: {panic}")));
    let args = args::read();
    // A panic that nobody below has caught is our fault, and its code is that of all our faults.
    let ended = std::panic::catch_unwind(|| commands::dispatch(args));
    match ended {
        Ok(Ok(code)) => code.into(),
        Ok(Err(failure)) => failure.tell().into(),
        Err(_) => exit::Exit::Internal.into(),
    }
}
