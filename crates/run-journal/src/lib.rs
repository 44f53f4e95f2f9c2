//! Run events on disk: append, sync, checksum, replay.
//!
//! The journal is the truth of a session; database, screen and reports are made from it. A record counts
//! once it is synced, and nobody is told of it before.
//!
//! ```
//! # use bench_model::{Record, RunEvent, SessionId, Timestamp};
//! use run_journal::{JournalFolder, JournalWriter, read_all, verify};
//!
//! # let home = tempfile::tempdir()?;
//! # let session: SessionId = "0199c0de-0000-7000-8000-000000000001".parse()?;
//! let folder = JournalFolder::new(home.path().join("journals"));
//! let mut journal = JournalWriter::create(&folder, session)?;
//! let event = RunEvent::Warning { message: "the meter is cold".into() };
//! journal.append(&Record { seq: 1, at: Timestamp::UNIX_EPOCH, event })?;
//! journal.sync()?;
//!
//! let path = folder.find("0199c0de")?.path;
//! assert_eq!(read_all(&path)?.len(), 1);
//! assert_eq!(verify(&path)?.torn_bytes, 0);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! | file | holds |
//! | --- | --- |
//! | `folder`, `parts` | one file a session, and how it is found; more files for a long one |
//! | `compressed` | journals that are old and lie elsewhere too |
//! | `writer`, `thread` | append and sync; many records a sync, observers, senders |
//! | `sync_turn` | how many journals are synced at the same time |
//! | `lock` | whether somebody writes a journal now |
//! | `reader`, `whole` | record by record, also while it is written; all at once |
//! | `line`, `chain` | the format, which `FORMAT.md` describes; the hash chain |
//! | `position`, `error` | a place in a journal; what can go wrong |
//!
//! # Format 1
//!
//! UTF-8, one JSON object a line, `session-id.journal`, and on in `session-id.journal.2` where that is long:
//! `{"crc":"8 hex","chain":"64 hex","record":{"seq":1,"at":"...","event":{"type":"session_started",...}}}`,
//! without spaces. `crc` is CRC-32 (ISO-HDLC) of the record's JSON bytes, `chain` SHA-256 over the 32 bytes
//! of the hash before (zeros at first) and those JSON bytes. `seq` counts from 1 without gaps.

mod chain;
mod compressed;
mod error;
mod folder;
mod line;
mod lock;
mod parts;
mod position;
mod reader;
mod sync_turn;
mod thread;
mod whole;
mod writer;

pub use chain::{ChainHash, NoChainHash};
pub use compressed::CompressedJournal;
pub use error::{Damage, JournalError};
pub use folder::{JournalFile, JournalFolder};
pub use line::MAX_RECORD_BYTES;
pub use parts::{MAX_PARTS, PART_BYTES};
pub use position::Position;
pub use reader::{Entry, JournalReader, Unknown};
pub use thread::{CHANNEL_RECORDS, JournalThread, MAX_BATCH_BYTES, MAX_BATCH_RECORDS, Observer};
pub use whole::{Verification, read_all, read_run, verify};
pub use writer::JournalWriter;
