//! What runs by itself, and when: sweep files, calendar expressions, what is due, units for systemd.
//!
//! It touches nothing: files come as text, the time and the time zone as values.
//!
//! ```
//! use night_shift::{Calendar, Sweep};
//!
//! let text = "name = 'nightly'\non = 'Mon..Fri 22:00'\n[[jobs]]\nplan = 'rail.toml'\nsim = true\n\
//!             set = { load = ['1 A', '2 A'] }\n";
//! let sweep = Sweep::parse("nightly.sweep.toml", text).unwrap();
//! assert_eq!(sweep.jobs.len(), 2); // one for each value
//!
//! let calendar: Calendar = "Mon..Fri 22:00".parse().unwrap();
//! let saturday = "2026-10-10T08:00:00Z".parse().unwrap();
//! let next = calendar.next_after(saturday, &jiff::tz::TimeZone::UTC).unwrap();
//! assert_eq!(next.to_string(), "2026-10-12T22:00:00Z");
//! ```
//!
//! | file | holds |
//! | --- | --- |
//! | `sweep`, `file` | a sweep, and how its file says it |
//! | `schema` | the JSON Schema of sweep files |
//! | `span` | times of day and lengths of time, as people write them |
//! | `calendar` | systemd's calendar expressions |
//! | `due` | what is due, what was missed, jitter |
//! | `shard` | every n-th job |
//! | `units` | a service and a timer for systemd |

mod calendar;
mod due;
mod file;
mod schema;
mod shard;
mod span;
mod sweep;
mod units;

pub use calendar::{Calendar, CalendarError};
pub use due::{Due, Lateness, jitter};
pub use schema::json_schema;
pub use shard::{Shard, ShardError};
pub use span::{DayTimes, SpanError, duration};
pub use sweep::{
    BenchChoice, Job, MAX_JOBS, OnFailure, Order, Sweep, SweepError, SweepFault, WhenInUse,
    name_fault,
};
pub use units::{Scope, UnitSpec, Units};
