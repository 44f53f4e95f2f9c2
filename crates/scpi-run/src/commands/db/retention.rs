//! Old journals: compressed, and later removed, but only once the database has all that is in them.

use bench_model::{SessionId, Timestamp};
use result_store::Store;
use run_journal::{JournalFile, JournalFolder, JournalReader, read_run};

use crate::args::RetentionArguments;
use crate::environment;
use crate::failure::{Failure, Result};

/// What was done.
#[derive(Default)]
struct Done {
    compressed: u64,
    removed: u64,
    /// Old enough, and not all in the database.
    kept: u64,
}

/// Does what the command line allows, and says what that came to; nothing where it says nothing.
pub(super) async fn put_away(store: &mut Store, arguments: &RetentionArguments) -> Result<String> {
    let (compress, remove) = (arguments.compress_journals_after, arguments.remove_journals_after);
    if compress.is_none() && remove.is_none() {
        return Ok(String::new());
    }
    let folder = environment::journal_folder()?;
    let mut done = Done::default();
    if let Some(days) = compress {
        compress_all(store, &folder, before(days), &mut done).await?;
    }
    if let Some(days) = remove {
        remove_all(store, &folder, before(days), &mut done).await?;
    }
    let Done { compressed, removed, kept } = done;
    let kept = match kept {
        0 => String::new(),
        kept => format!(
            ", {kept} kept: the database has not got all of them; `scpi-run sync` sends them"
        ),
    };
    Ok(format!("journals: {compressed} compressed, {removed} removed{kept}\n"))
}

fn before(days: u32) -> Timestamp {
    let hours = jiff::Span::new().hours(i64::from(days) * 24);
    Timestamp::now().checked_sub(hours).unwrap_or(Timestamp::UNIX_EPOCH)
}

async fn compress_all(
    store: &mut Store,
    folder: &JournalFolder,
    before: Timestamp,
    done: &mut Done,
) -> Result<()> {
    let files = folder.list().map_err(Failure::store)?;
    for file in files.iter().filter(|file| file.modified <= before) {
        if !has_all(store, file).await? {
            done.kept += 1;
            continue;
        }
        match file.compress() {
            Ok(_) => done.compressed += 1,
            Err(error) => say!("scpi-run: {error}"),
        }
    }
    Ok(())
}

/// Whether a run has ended, and the database has its journal to its end.
async fn has_all(store: &mut Store, file: &JournalFile) -> Result<bool> {
    let Some((position, _)) = store.position(file.session).await.map_err(Failure::store)? else {
        return Ok(false);
    };
    let rest = JournalReader::open(&file.path, position).and_then(|mut rest| rest.next());
    let is_ended = read_run(&file.path).is_ok_and(|run| run.end.is_some());
    Ok(is_ended && matches!(rest, Ok(None)))
}

async fn remove_all(
    store: &mut Store,
    folder: &JournalFolder,
    before: Timestamp,
    done: &mut Done,
) -> Result<()> {
    let files = folder.compressed().map_err(Failure::store)?;
    for file in files.iter().filter(|file| file.modified <= before) {
        if !is_known(store, file.session).await? {
            done.kept += 1;
            continue;
        }
        match std::fs::remove_file(&file.path) {
            Ok(()) => done.removed += 1,
            Err(error) => say!("scpi-run: {}: {error}", file.path.display()),
        }
    }
    Ok(())
}

/// It was compressed because a database had all of it: this one must know it too.
async fn is_known(store: &mut Store, session: SessionId) -> Result<bool> {
    let known = store.position(session).await.map_err(Failure::store)?;
    Ok(known.is_some_and(|(_, seq)| seq > 0))
}
