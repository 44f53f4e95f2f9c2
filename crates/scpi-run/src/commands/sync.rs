//! `scpi-run sync`: what the database has not got, exactly once.

use result_store::{CaughtUp, Rejected, Store, StoreError};
use run_journal::JournalFile;

use crate::args::DatabaseArguments;
use crate::commands::print;
use crate::database::{self, OpenDatabase};
use crate::environment;
use crate::exit::Exit;
use crate::failure::{Failure, Result};
use crate::guardian;
use crate::runtime::block_on;

type StoreResult<T> = std::result::Result<T, StoreError>;

/// Sends every journal of this machine, as far as the database has not got it. One that is damaged does not
/// hold up the others.
pub(crate) fn sync(arguments: &DatabaseArguments, show_rejected: bool) -> Result<Exit> {
    let database = database::choose_some(arguments)?;
    let files = environment::journal_folder()?.list().map_err(Failure::store)?;
    let Some(open) = database.open()? else { return Ok(Exit::Store) };
    open.tell_notices();
    let sent = match show_rejected {
        true => block_on(list_rejected(&open)),
        false => block_on(send_all(&open, &files)),
    };
    open.close()?;
    sent
}

/// What was sent.
#[derive(Default)]
struct Sent {
    journals: u64,
    events: u64,
    readings: u64,
    /// Sessions that were found cut off.
    aborted: u64,
    /// Events that were put aside.
    rejected: u64,
    failed: u64,
}

impl Sent {
    fn add(&mut self, (caught, was_cut): (CaughtUp, bool)) {
        self.journals += u64::from(caught.events > 0);
        self.events += caught.events;
        self.readings += caught.readings;
        self.aborted += u64::from(was_cut);
        self.rejected += caught.rejected;
    }
}

async fn send_all(open: &OpenDatabase, files: &[JournalFile]) -> Result<Exit> {
    let mut store = open.connect_to_record().await.map_err(Failure::store)?;
    let mut sent = Sent::default();
    // The oldest first, so that history comes in the order in which it happened.
    for file in files.iter().rev() {
        match send(&mut store, file).await {
            Ok(done) => sent.add(done),
            Err(error) if error.is_away() => return Err(Failure::store(error)),
            Err(error) => {
                say!("scpi-run: {}: {error}", file.path.display());
                sent.failed += 1;
            }
        }
    }
    tell(&sent, files.len(), open.config.place())
}

/// What the database would not store, a line each.
async fn list_rejected(open: &OpenDatabase) -> Result<Exit> {
    let mut store = open.connect().await.map_err(Failure::store)?;
    let rejected = store.rejected().await.map_err(Failure::store)?;
    for Rejected { session, seq, event, reason, .. } in &rejected {
        let reason: String = reason.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        print(&format!("{session} record {seq}, {event}: {reason}\n"));
    }
    if rejected.is_empty() {
        print("nothing was rejected\n");
    }
    Ok(Exit::Pass)
}

/// One journal. Whether its run was killed is seen before, so that a run which begins meanwhile is not taken for
/// one that has ended.
async fn send(store: &mut Store, file: &JournalFile) -> StoreResult<(CaughtUp, bool)> {
    if file.left_at().is_ok_and(|left_at| left_at.is_some())
        && let Err(failure) = guardian::join(&file.path)
    {
        say!("scpi-run: {failure}");
    }
    let left_at = file.left_at().ok().flatten();
    let caught = store.catch_up(&file.path).await?;
    let was_cut = match left_at {
        Some(left_at) => store.mark_aborted(file, left_at).await?,
        None => false,
    };
    Ok((caught, was_cut))
}

fn tell(sent: &Sent, files: usize, place: &str) -> Result<Exit> {
    let journals = match files {
        1 => "1 journal".to_owned(),
        more => format!("{more} journals"),
    };
    let Sent { journals: with_news, events, readings, aborted, rejected, failed } = sent;
    print(&format!(
        "{journals}: {with_news} had something to send, {events} events, {readings} readings, to {place}\n"
    ));
    if *aborted > 0 {
        print(&format!(
            "{aborted} of them belong to a run that was cut off: its session is aborted\n"
        ));
    }
    if *rejected > 0 {
        return Err(Failure::store(format!(
            "{rejected} events could not be stored and were put aside; `scpi-run sync --show-rejected` says why"
        )));
    }
    if *failed > 0 {
        return Err(Failure::store(format!("of {journals}, {failed} could not be sent")));
    }
    Ok(Exit::Pass)
}
