//! `scpi-run credentials`: secrets of the lab's systems. They are encrypted and decrypted in this process, and come
//! and go by standard input and output alone.

pub(crate) mod key_file;

use std::io::IsTerminal;
use std::path::Path;

use result_store::{Access, CredentialEntry, Method, Secret, SecretKind, Store};

use crate::args::{
    CredentialsAction, DatabaseArguments, KeyArguments, SecretArguments, SecretWord,
};
use crate::commands::print;
use crate::commands::secret_input::{read_new, read_whole};
use crate::commands::table::{Column, table};
use crate::database;
use crate::exit::Exit;
use crate::failure::{Failure, Result};
use crate::runtime::block_on;

/// The role that may see secrets.
pub(crate) const ROLE: &str = "homelab_admin";

const SYSTEMS: [Column; 8] = [
    Column::text("system"),
    Column::text("type"),
    Column::text("user"),
    Column::text("secrets"),
    Column::text("url"),
    Column::text("key"),
    Column::text("last used"),
    Column::text("rotate by"),
];
const ACCESSES: [Column; 8] = [
    Column::text("at"),
    Column::text("system"),
    Column::text("secret"),
    Column::text("given"),
    Column::text("by"),
    Column::text("from"),
    Column::text("how"),
    Column::text("purpose"),
];

/// Does one of its actions.
pub(crate) fn credentials(action: CredentialsAction) -> Result<Exit> {
    match action {
        CredentialsAction::Key { file } => key(&file),
        CredentialsAction::Set {
            name: system_name,
            secret,
            kind: system_type,
            user: username,
            device,
            url: access_url,
            port,
            protocol,
            rotate_by,
            notes,
        } => {
            let entry = CredentialEntry {
                system_name,
                system_type,
                username,
                device,
                access_url,
                port,
                protocol,
                rotate_by,
                notes,
            };
            set(&entry, &secret)
        }
        CredentialsAction::Get { name, secret, purpose } => get(&name, &secret, purpose),
        CredentialsAction::List(database) => list(&database),
        CredentialsAction::Rotate { key, new_key_file, database } => {
            rotate(&key, &new_key_file, &database)
        }
        CredentialsAction::Audit { limit, database } => audit(limit, &database),
    }
}

/// Opens the database as the role that may see secrets, and does something with it.
fn with_store<T>(
    arguments: &DatabaseArguments,
    work: impl AsyncFnOnce(&mut Store) -> std::result::Result<T, result_store::StoreError>,
) -> Result<T> {
    let open = database::choose_some(arguments)?.open()?;
    let open = open.ok_or_else(|| Failure::usage("there is no database"))?;
    open.tell_notices();
    let config = open.config_as(ROLE)?;
    let done = block_on(async {
        let mut store = Store::connect(&config).await.map_err(Failure::store)?;
        work(&mut store).await.map_err(Failure::store)
    });
    open.close()?;
    done
}

fn key(file: &Path) -> Result<Exit> {
    let key = key_file::make(file)?;
    print(&format!(
        "{} is in {}; keep a copy of it where the database's backups are not\n",
        key.name(),
        file.display()
    ));
    Ok(Exit::Pass)
}

fn set(entry: &CredentialEntry, arguments: &SecretArguments) -> Result<Exit> {
    let key = key_file::read(&arguments.key.key_file)?;
    let kind = SecretKind::from(arguments.secret);
    let what = format!("{} of {}", word(arguments.secret), entry.system_name);
    let secret = match kind {
        SecretKind::SshKey => read_whole(&what)?,
        SecretKind::Password | SecretKind::ApiKey => read_new(&what)?,
    };
    let is_new = with_store(&arguments.database, async |store| {
        store.set_credential(entry, kind, &secret, &key).await
    })?;
    let told = if is_new { "is kept, and the system is new" } else { "is kept" };
    print(&format!("{what} {told}\n"));
    Ok(Exit::Pass)
}

fn get(name: &str, arguments: &SecretArguments, purpose: Option<String>) -> Result<Exit> {
    let key = key_file::read(&arguments.key.key_file)?;
    let by_hand = std::io::stdout().is_terminal();
    let method = if by_hand { Method::Manual } else { Method::Script };
    let access = Access { method, purpose };
    let secret = with_store(&arguments.database, async |store| {
        store.credential(name, arguments.secret.into(), &key, &access).await
    })?;
    tell(&secret);
    Ok(Exit::Pass)
}

/// The secret is a line, or several with their own ends.
fn tell(secret: &Secret) {
    print(secret.reveal());
    if !secret.reveal().ends_with('\n') {
        print("\n");
    }
}

fn list(arguments: &DatabaseArguments) -> Result<Exit> {
    let systems = with_store(arguments, async |store| store.credentials().await)?;
    let row = |system: &result_store::CredentialSummary| {
        let due = if system.is_due { " (due)" } else { "" };
        vec![
            system.system_name.clone(),
            system.system_type.clone(),
            system.username.clone(),
            system.secrets.clone(),
            system.access_url.clone(),
            system.key.clone(),
            system.last_used_at.clone(),
            format!("{}{due}", system.rotate_by),
        ]
    };
    print(&table(&SYSTEMS, &systems.iter().map(row).collect::<Vec<_>>()));
    Ok(Exit::Pass)
}

fn rotate(old: &KeyArguments, new: &Path, arguments: &DatabaseArguments) -> Result<Exit> {
    let (old, new) = (key_file::read(&old.key_file)?, key_file::read(new)?);
    let systems = with_store(arguments, async |store| store.rotate_key(&old, &new).await)?;
    print(&format!(
        "{systems} systems are encrypted under {} now; {} opens only older backups\n",
        new.name(),
        old.name()
    ));
    Ok(Exit::Pass)
}

fn audit(limit: u32, arguments: &DatabaseArguments) -> Result<Exit> {
    let (log, systems) = with_store(arguments, async |store| {
        Ok((store.credential_log(limit).await?, store.credentials().await?))
    })?;
    let row = |access: &result_store::LoggedAccess| {
        let given =
            if access.success { "yes".to_owned() } else { format!("no: {}", access.problem) };
        vec![
            access.at.clone(),
            access.system_name.clone(),
            access.secret.clone(),
            given,
            access.by.clone(),
            access.source.clone(),
            access.method.clone(),
            access.purpose.clone(),
        ]
    };
    print(&table(&ACCESSES, &log.iter().map(row).collect::<Vec<_>>()));
    for system in systems.iter().filter(|system| system.is_due) {
        print(&format!("{}: its secret is to be replaced\n", system.system_name));
    }
    Ok(Exit::Pass)
}

fn word(secret: SecretWord) -> &'static str {
    match secret {
        SecretWord::Password => "password",
        SecretWord::SshKey => "ssh key",
        SecretWord::ApiKey => "api key",
    }
}

impl From<SecretWord> for SecretKind {
    fn from(word: SecretWord) -> Self {
        match word {
            SecretWord::Password => Self::Password,
            SecretWord::SshKey => Self::SshKey,
            SecretWord::ApiKey => Self::ApiKey,
        }
    }
}
