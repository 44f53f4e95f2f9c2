//! `scpi-run sync`: what the database has not got, exactly once.

use run_journal::JournalFile;

use crate::args::DatabaseArguments;
use crate::commands::print;
use crate::database::{self, OpenDatabase};
use crate::environment;
use crate::exit::Exit;
use crate::failure::{Failure, Result};
use crate::runtime::block_on;

/// Sends every journal of this machine, as far as the database has not got it. One that is damaged does not
/// hold up the others.
pub(crate) fn sync(arguments: &DatabaseArguments) -> Result<Exit> {
    let database = database::choose_some(arguments)?;
    let files = environment::journal_folder()?.list().map_err(Failure::store)?;
    let Some(open) = database.open()? else { return Ok(Exit::Store) };
    open.tell_notices();
    let sent = block_on(send_all(&open, &files));
    open.close()?;
    sent
}

async fn send_all(open: &OpenDatabase, files: &[JournalFile]) -> Result<Exit> {
    let mut store = open.connect().await.map_err(Failure::store)?;
    let (mut sent, mut events, mut readings, mut failed) = (0_u64, 0_u64, 0_u64, 0_u64);
    // The oldest first, so that history comes in the order in which it happened.
    for file in files.iter().rev() {
        match store.catch_up(&file.path).await {
            Ok(caught) => {
                sent += u64::from(caught.events > 0);
                events += caught.events;
                readings += caught.readings;
            }
            Err(error) if error.is_away() => return Err(Failure::store(error)),
            Err(error) => {
                eprintln!("scpi-run: {}: {error}", file.path.display());
                failed += 1;
            }
        }
    }
    let journals = match files.len() {
        1 => "1 journal".to_owned(),
        more => format!("{more} journals"),
    };
    print(&format!(
        "{journals}: {sent} had something to send, {events} events, {readings} readings, to {}\n",
        open.config.place()
    ));
    if failed > 0 {
        return Err(Failure::store(format!("of {journals}, {failed} could not be sent")));
    }
    Ok(Exit::Pass)
}
