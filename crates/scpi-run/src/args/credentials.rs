//! What is done with secrets.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::DatabaseArguments;

#[derive(Debug, Subcommand)]
pub(crate) enum CredentialsAction {
    /// Make a new key, in a file that only its owner can read
    Key {
        /// Where; a file that is there is left as it is
        file: PathBuf,
    },
    /// Keep a secret; it is asked for, or comes from standard input
    Set {
        /// The name of the system
        name: String,
        #[command(flatten)]
        secret: SecretArguments,
        /// What it is: nas, proxmox, vm, docker, unifi, scpi, database, service, other; needed for a new one
        #[arg(long = "type", value_name = "TYPE")]
        kind: Option<String>,
        /// The name to log in with; needed for a new one
        #[arg(long)]
        user: Option<String>,
        /// The device's name in the inventory
        #[arg(long)]
        device: Option<String>,
        /// Where it is
        #[arg(long)]
        url: Option<String>,
        /// Its port
        #[arg(long, value_parser = clap::value_parser!(u16).range(1..))]
        port: Option<u16>,
        /// How it is entered: ssh, https, smb, scpi
        #[arg(long)]
        protocol: Option<String>,
        /// The day by which the secret is to be replaced: 2026-12-31
        #[arg(long, value_name = "DAY")]
        rotate_by: Option<String>,
        /// Anything else
        #[arg(long)]
        notes: Option<String>,
    },
    /// Print a secret; that it was read, by whom and for what, is written down
    Get {
        /// The name of the system
        name: String,
        #[command(flatten)]
        secret: SecretArguments,
        /// For what, in words
        #[arg(long)]
        purpose: Option<String>,
    },
    /// List the systems, without their secrets
    List(DatabaseArguments),
    /// Encrypt everything under a new key
    Rotate {
        #[command(flatten)]
        key: KeyArguments,
        /// The new key
        #[arg(long, value_name = "FILE")]
        new_key_file: PathBuf,
        #[command(flatten)]
        database: DatabaseArguments,
    },
    /// Show who asked for secrets, the latest first, and which are to be replaced
    Audit {
        /// How many, at most
        #[arg(long, value_name = "N", default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=10_000))]
        limit: u32,
        #[command(flatten)]
        database: DatabaseArguments,
    },
}

#[derive(Debug, Args)]
pub(crate) struct SecretArguments {
    /// Which secret of it
    #[arg(long, value_enum, default_value_t = SecretWord::Password)]
    pub(crate) secret: SecretWord,
    #[command(flatten)]
    pub(crate) key: KeyArguments,
    #[command(flatten)]
    pub(crate) database: DatabaseArguments,
}

#[derive(Debug, Args)]
pub(crate) struct KeyArguments {
    /// The file of the key; only its owner may be able to read it
    #[arg(long, value_name = "FILE", env = "SCPI_RUN_KEY_FILE")]
    pub(crate) key_file: PathBuf,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum SecretWord {
    /// A password
    Password,
    /// A private key of SSH
    SshKey,
    /// A key of an API
    ApiKey,
}
