//! The thread that owns a journal: many records, one sync, and only then does anybody hear of them.

use std::any::Any;
use std::io;
use std::panic::{self, AssertUnwindSafe};
use std::thread::{self, JoinHandle};

use bench_model::Record;
use tokio::sync::{mpsc, watch};

use crate::error::JournalError;
use crate::position::Position;
use crate::sync_turn::SyncTurn;
use crate::writer::JournalWriter;

/// Records that may wait for the journal. A sender waits while there are so many.
pub const CHANNEL_RECORDS: usize = 256;

/// Records that are synced at once, at most.
pub const MAX_BATCH_RECORDS: usize = 256;

/// Bytes of lines after which a batch takes no more records.
pub const MAX_BATCH_BYTES: u64 = 8 << 20;

/// Is told of records, once they are on the disk.
pub trait Observer: Send {
    /// These were synced; in order, each once. It is called in the journal's thread: while it runs, nothing
    /// is written.
    fn synced(&mut self, records: &[Record]);
}

/// The thread that writes a journal. It ends when all senders are gone or at the first failure; then the
/// channel is closed and [`join`](Self::join) says why.
pub struct JournalThread {
    worker: JoinHandle<Result<Position, JournalError>>,
    synced: watch::Receiver<Position>,
}

impl JournalThread {
    /// Starts it.
    ///
    /// # Errors
    ///
    /// When the system gives no thread.
    pub fn spawn(
        writer: JournalWriter,
        observers: Vec<Box<dyn Observer>>,
    ) -> io::Result<(mpsc::Sender<Record>, Self)> {
        let (sender, incoming) = mpsc::channel(CHANNEL_RECORDS);
        let (advance, synced) = watch::channel(writer.position());
        let worker = Worker { writer, incoming, observers, advance, panicked: None };
        let worker = thread::Builder::new().name("journal".to_owned()).spawn(|| worker.run())?;
        Ok((sender, Self { worker, synced }))
    }

    /// How far the journal is synced. It closes when the thread ends.
    #[must_use]
    pub fn synced(&self) -> watch::Receiver<Position> {
        self.synced.clone()
    }

    /// Waits until all senders are gone and everything is synced, and says how far that is. It blocks: in
    /// asynchronous code it belongs where blocking is allowed.
    ///
    /// # Errors
    ///
    /// What ended the journal before its time, or that an observer panicked.
    pub fn join(self) -> Result<Position, JournalError> {
        match self.worker.join() {
            Ok(result) => result,
            Err(panic) => Err(JournalError::ThreadPanicked { message: message_of(&*panic) }),
        }
    }
}

struct Worker {
    writer: JournalWriter,
    incoming: mpsc::Receiver<Record>,
    observers: Vec<Box<dyn Observer>>,
    advance: watch::Sender<Position>,
    panicked: Option<String>,
}

impl Worker {
    fn run(mut self) -> Result<Position, JournalError> {
        let mut batch = Vec::new();
        while let Some(first) = self.incoming.blocking_recv() {
            let turn = SyncTurn::take();
            let appended = self.append_waiting(first, &mut batch);
            // What was appended before a record that is refused is as good as any other.
            let synced = self.writer.sync();
            drop(turn);
            let synced = synced.map(|position| self.publish(&batch, position));
            appended.and(synced)?;
            batch.clear();
        }
        match self.panicked {
            Some(message) => Err(JournalError::ObserverPanicked { message }),
            None => Ok(self.writer.position()),
        }
    }

    /// Appends a record and those that wait behind it; `batch` holds those that were taken.
    fn append_waiting(
        &mut self,
        first: Record,
        batch: &mut Vec<Record>,
    ) -> Result<(), JournalError> {
        let start = self.writer.position().0;
        let mut next = Some(first);
        while let Some(record) = next {
            self.writer.append(&record)?;
            batch.push(record);
            let bytes = self.writer.position().0.saturating_sub(start);
            let full = batch.len() >= MAX_BATCH_RECORDS || bytes >= MAX_BATCH_BYTES;
            next = if full { None } else { self.incoming.try_recv().ok() };
        }
        Ok(())
    }

    fn publish(&mut self, records: &[Record], position: Position) {
        if records.is_empty() {
            return;
        }
        self.observers.retain_mut(|observer| {
            let told = panic::catch_unwind(AssertUnwindSafe(|| observer.synced(records)));
            if let Err(panic) = &told {
                self.panicked.get_or_insert_with(|| message_of(&**panic));
            }
            told.is_ok()
        });
        self.advance.send_replace(position);
    }
}

fn message_of(panic: &(dyn Any + Send)) -> String {
    let literal = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    let text = literal.or_else(|| panic.downcast_ref::<String>().cloned());
    text.unwrap_or_else(|| "without a message".to_owned())
}

#[cfg(test)]
mod tests {
    use std::fs::OpenOptions;
    use std::io::Write;
    use std::sync::{Arc, Mutex, mpsc as gate};

    use bench_model::{RunEvent, Timestamp};

    use super::*;
    use crate::writer::Medium;

    fn record(seq: u64) -> Record {
        let event = RunEvent::Warning { message: format!("number {seq}") };
        Record { seq, at: Timestamp::UNIX_EPOCH, event }
    }

    /// What the disk was told, shared with the test.
    #[derive(Default)]
    struct Disk {
        written: usize,
        synced: usize,
        syncs: usize,
        full_after: Option<usize>,
        sync_fails: bool,
    }

    /// Each sync waits for one word, where there is a gate.
    type Gate = Arc<Mutex<gate::Receiver<()>>>;

    #[derive(Clone, Default)]
    struct Fake {
        disk: Arc<Mutex<Disk>>,
        gate: Option<Gate>,
    }

    fn gated() -> (gate::Sender<()>, Fake) {
        let (open, gate) = gate::channel();
        (open, Fake { gate: Some(Arc::new(Mutex::new(gate))), ..Fake::default() })
    }

    impl Write for Fake {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let mut disk = self.disk.lock().unwrap();
            let room = disk.full_after.map_or(bytes.len(), |full| full - disk.written);
            if room == 0 {
                return Err(io::ErrorKind::StorageFull.into());
            }
            disk.written += room.min(bytes.len());
            Ok(room.min(bytes.len()))
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    impl Medium for Fake {
        fn sync_data(&mut self) -> io::Result<()> {
            if let Some(gate) = &self.gate {
                gate.lock().unwrap().recv().unwrap();
            }
            let mut disk = self.disk.lock().unwrap();
            if disk.sync_fails {
                return Err(io::ErrorKind::ReadOnlyFilesystem.into());
            }
            disk.synced = disk.written;
            disk.syncs += 1;
            Ok(())
        }
    }

    /// Counts what it is told, and checks that all of it is synced.
    struct Checks {
        disk: Arc<Mutex<Disk>>,
        told: Arc<Mutex<u64>>,
    }

    impl Observer for Checks {
        fn synced(&mut self, records: &[Record]) {
            let disk = self.disk.lock().unwrap();
            assert_eq!(disk.synced, disk.written);
            let mut told = self.told.lock().unwrap();
            for record in records {
                *told += 1;
                assert_eq!(record.seq, *told);
            }
        }
    }

    fn spawn_checked(fake: Fake) -> (mpsc::Sender<Record>, JournalThread, Arc<Mutex<u64>>) {
        let told = Arc::new(Mutex::new(0));
        let checks = Checks { disk: fake.disk.clone(), told: told.clone() };
        let writer = JournalWriter::on("test.journal".into(), Box::new(fake));
        let (sender, journal) = JournalThread::spawn(writer, vec![Box::new(checks)]).unwrap();
        (sender, journal, told)
    }

    #[test]
    fn what_waits_is_synced_at_once_and_told_afterwards() {
        let (open, fake) = gated();
        let (sender, journal, told) = spawn_checked(fake.clone());
        for seq in 1..=200 {
            sender.blocking_send(record(seq)).unwrap();
        }
        drop(sender);
        assert_eq!(*told.lock().unwrap(), 0, "the first sync has not ended");
        // The first batch has what had come when it was taken, the second all the rest.
        (0..2).for_each(|_| open.send(()).unwrap());
        journal.join().unwrap();
        assert_eq!(*told.lock().unwrap(), 200);
        assert!(fake.disk.lock().unwrap().syncs <= 2);
    }

    #[test]
    fn a_batch_is_bounded_in_bytes() {
        let (open, fake) = gated();
        let (sender, journal, _) = spawn_checked(fake.clone());
        let message = "x".repeat(3 << 20);
        for seq in 1..=8 {
            let event = RunEvent::Warning { message: message.clone() };
            sender.blocking_send(Record { event, ..record(seq) }).unwrap();
        }
        drop(sender);
        (0..8).for_each(|_| open.send(()).unwrap());
        journal.join().unwrap();
        assert!(fake.disk.lock().unwrap().syncs >= 3, "three records of 3 MiB pass 8 MiB");
    }

    #[test]
    fn the_first_failure_closes_the_channel_and_is_what_join_says() {
        let full = |bytes| Disk { full_after: Some(bytes), ..Disk::default() };
        let read_only = Disk { sync_fails: true, ..Disk::default() };
        for (disk, said) in [
            (full(0), "cannot write test.journal: no storage space"),
            (full(150), "cannot write test.journal: no storage space"),
            (read_only, "cannot sync test.journal: read-only filesystem or storage medium"),
        ] {
            let fake = Fake { disk: Arc::new(Mutex::new(disk)), gate: None };
            let (sender, journal, told) = spawn_checked(fake);
            let closed = (1..).find(|seq| sender.blocking_send(record(*seq)).is_err());
            assert!(closed.is_some());
            let error = journal.join().unwrap_err();
            assert!(matches!(error, JournalError::Io { .. }));
            assert_eq!(error.to_string(), said);
            assert_eq!(*told.lock().unwrap(), 0, "nothing was synced");
        }
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn a_full_disk_is_said() {
        let full = OpenOptions::new().write(true).open("/dev/full").unwrap();
        let writer = JournalWriter::on("/dev/full".into(), Box::new(full));
        let (sender, journal) = JournalThread::spawn(writer, Vec::new()).unwrap();
        sender.blocking_send(record(1)).unwrap();
        let error = journal.join().unwrap_err().to_string();
        assert!(error.contains("No space left on device"), "{error}");
        assert!(sender.blocking_send(record(2)).is_err());
    }
}
