//! The only SQL of the project: migrations, the recorder, and reads.
//!
//! ```no_run
//! use std::path::Path;
//!
//! use result_store::{HistoryFilter, Store, StoreConfig, migrate};
//!
//! # async fn example() -> Result<(), result_store::StoreError> {
//! let config = StoreConfig::from_url("postgresql://homelab_app@db.lab/homelab_db")?;
//! migrate(&config).await?; // by the database's owner, once a version
//!
//! let mut store = Store::connect(&config).await?;
//! store.catch_up(Path::new("0199c0de-0000-7000-8000-000000000001.journal")).await?;
//! for run in store.history(10, &HistoryFilter::default()).await? {
//!     println!("{:?} {:?}", run.started_at, run.verdict());
//! }
//! # Ok(())
//! # }
//! ```
//!
//! | file | holds |
//! | --- | --- |
//! | `config`, `connection` | where the database is; a connection that ends when it is dropped |
//! | `settings`, `tls` | URLs, service and password files; an encrypted connection |
//! | `embedded`, `schema`, `migrate` | the migrations; which schema there is; bringing it up to date |
//! | `store`, `follow` | a database in use: a journal written to it at once, or while it grows |
//! | `recorder` | events as rows, in batches that are there once |
//! | `document` | what a session's metadata holds |
//! | `compare` | a journal held against the rows that were made of it |
//! | `history`, `history_filter`, `status`, `report` | reading back, and questions that are asked often |
//! | `rebuild` | a session's events out of its rows |
//! | `baselines` | named runs to compare with |
//! | `verify` | what a database is, against what the migrations give |
//! | `partitions`, `maintain` | the months of the time series; vacuum, and the summary by day |
//! | `series` | measurements, network health, machines, models and events: written by COPY, read by time |
//! | `inventory` | what there is in the lab, as a file |
//! | `scan` | instruments that were asked who they are |
//! | `leases` | who uses which instrument, for runs on several hosts |
//! | `changes`, `status_log` | who changed what; when instruments came and went |
//! | `legacy` | the old database, which was SQLite, into this one |
//! | `backup` | what PostgreSQL's own dump needs besides: a snapshot, a scratch database, sums over rows |
//! | `archive` | a month of a time series out into a Parquet file, and back |
//! | `roles`, `secret` | who may connect; text that is shown nowhere |
//! | `credentials` | secrets of the lab's systems, encrypted here |
//! | `numeric`, `moment`, `text` | decimals, times and text as PostgreSQL has them, no digit lost |
//! | `testing` | a fresh database for a test (feature `testing`) |
//!
//! A number that NUMERIC cannot hold is stored as NaN with the answer's text and the reason beside it; a NUL
//! in text, which PostgreSQL has nowhere, is shown as `␀`, and in answers as `\x00`.

mod archive;
mod backup;
mod baselines;
mod changes;
mod compare;
mod config;
mod connection;
mod credentials;
mod document;
mod embedded;
mod error;
mod follow;
mod history;
mod history_filter;
mod inventory;
mod leases;
mod legacy;
mod maintain;
mod migrate;
mod moment;
mod numeric;
mod partitions;
mod rebuild;
mod recorder;
mod report;
mod roles;
mod scan;
mod schema;
mod secret;
mod series;
mod settings;
mod status;
mod status_log;
mod store;
#[cfg(feature = "testing")]
pub mod testing;
mod text;
mod tls;
mod verify;

pub use archive::{Archive, ArchiveStatus, Archived};
pub use backup::{Content, Contents, Month, Scratch, Snapshot, prepare_month, prepare_restore};
pub use baselines::StoredBaseline;
pub use changes::Change;
pub use compare::{Comparison, Difference, MAX_DIFFERENCES};
pub use config::{
    ANSWER_LIMIT, APPLICATION_NAME, CONNECT_TIMEOUT, KEEPALIVE, StoreConfig, UNANSWERED_TIMEOUT,
};
pub use credentials::{
    Access, CredentialEntry, CredentialKey, CredentialSummary, KeyError, LoggedAccess, Method,
    Refusal, SecretKind,
};
pub use error::{Cause, StoreError};
pub use follow::{FLUSH_INTERVAL, LAST_RECONNECT_ATTEMPTS, RECONNECT_ATTEMPTS};
pub use history_filter::{HistoryFilter, HistoryOutcome};
pub use inventory::{
    Assignment, Container, Device, Equipment, FirewallRule, Imported, ImportedPart, Inventory,
    InventoryError, Model, Network, Service, Vm,
};
pub use leases::{LeaseHolder, Leased};
pub use legacy::{LegacyImport, LegacyPart, LegacyWindow, Skipped};
pub use migrate::{Migrated, migrate};
pub use partitions::{MAX_MONTHS_AHEAD, MONTHS_AHEAD, Partition};
pub use rebuild::MAX_READINGS;
pub use recorder::{BATCH_BYTES, BATCH_EVENTS, CaughtUp, Kind, Rejected, let_lock_parents};
pub use report::{Report, ReportColumn, ReportName, ReportWindow};
pub use roles::{Login, Rights, logins, set_login};
pub use scan::{InventoriedInstrument, ScanResult, ScanSource, ScanTarget, Scanned};
pub use schema::{SchemaState, schema_state};
pub use secret::Secret;
pub use series::{
    EventType, HealthSample, Inference, MAX_SERIES_ROWS, Measurement, SeriesRow, Severity,
    SystemEvent, VmMetrics,
};
pub use settings::{ServiceFileError, Settings, password_in, service_in};
pub use status::StoreStatus;
pub use status_log::StatusChange;
pub use store::Store;
pub use tls::TlsError;
pub use verify::{Fault, Finding, verify};
