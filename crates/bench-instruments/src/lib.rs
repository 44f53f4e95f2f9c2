//! Instruments as their class: a dialect over a connection.
//!
//! A bench file is opened into instruments that have said who they are; a [`Channel`] of one of them plays a
//! role of a plan. What is set is read back, what is refused is told by the instrument's own error queue, and
//! every failure names the role, the instrument, the command and the cause.
//!
//! ```
//! use std::collections::BTreeSet;
//! use std::sync::Arc;
//!
//! use bench_catalog::{Bench, Dialects, Setting, SettingValue};
//! use bench_instruments::{OpenOptions, open, safe_state};
//!
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let bench = Bench::parse(
//!     "lab.toml",
//!     "name = 'lab'\n[instruments.psu]\naddress = 'tcp://127.0.0.1:5555'",
//! )?;
//! let options = OpenOptions::new(Arc::new(Dialects::built_in()?));
//! let opened = open(&bench, &BTreeSet::from(["psu".to_owned()]), &options).await;
//! let vin = opened.instruments["psu"].channel("vin", 1)?;
//! let applied = vin.set(Setting::Voltage, &SettingValue::Quantity("5 V".parse()?)).await?;
//! println!("sent {}, programmed {:?}", applied.sent, applied.programmed);
//! for output in safe_state::make_safe(&safe_state::default_stages(&[vin])).await {
//!     println!("{}: off is {}", output.role, output.confirmed_off);
//! }
//! # Ok(())
//! # }
//! ```
//!
//! | file | holds |
//! | --- | --- |
//! | `open` | a bench opened: connected, identified, its dialect found |
//! | `instrument`, `describe` | one instrument, and what is recorded of it |
//! | `start` | its known state at the start of a session, and its front panel |
//! | `channel` | one channel in its role: exchanges, and the error queue after them |
//! | `setting`, `setpoint` | settings sent and read back; values as they are sent |
//! | `reading`, `answer` | quantities read; one number and its unit out of an answer |
//! | `capture`, `preamble` | waveforms, and what their codes mean |
//! | `safe_state` | everything off, and the proof of it |
//! | `off_order` | how one channel is switched off, ready made |
//! | `error` | what can go wrong |

mod answer;
mod capture;
mod channel;
mod describe;
mod error;
mod instrument;
mod off_order;
mod open;
mod preamble;
mod reading;
pub mod safe_state;
mod setpoint;
mod setting;
mod start;

pub use answer::{quantity_of, value_of};
pub use capture::Captured;
pub use channel::Channel;
pub use error::{InstrumentError, Who};
pub use instrument::BenchedInstrument;
pub use off_order::{OffOrder, Switch};
pub use open::{OpenOptions, Opened, open, spoken};
pub use reading::Answer;
pub use setting::Applied;
