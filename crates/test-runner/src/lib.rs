//! Runs the operations of a plan on a bench and tells what happened, as numbered events.
//!
//! [`run`] opens the instruments that a plan needs, walks its operations in order, judges what is read, and
//! ends in the safe state whatever happens. It knows nothing of files, screens and databases: its events go
//! into a bounded channel, and when nobody takes them any more, it stops with all outputs off.
//!
//! ```
//! use test_runner::{StopReason, stop_channel};
//!
//! let (stopper, stop) = stop_channel();
//! assert!(stop.requested().is_none());
//! stopper.after_exchange("Ctrl-C");
//! assert_eq!(stop.requested(), Some(StopReason { text: "Ctrl-C".into(), at_once: false }));
//! ```
//!
//! | file | holds |
//! | --- | --- |
//! | `session` | the whole way of one session: bind, run, make safe, say how it ended |
//! | `bind` | roles to channels: who must answer, with which dialect and calibration |
//! | `calibration` | whether a calibration holds, and how long ago it was |
//! | `prepare` | the state in which it begins: everything off, front panels locked where that is asked |
//! | `execute` | the walk through the operations; what is not run after a fault |
//! | `measure`, `capture`, `compute`, `raw`, `set`, `settle` | one kind of operation each |
//! | `inspection` | looks at ports, addresses and names |
//! | `prompt`, `operator` | questions to a person, and who that is |
//! | `pause` | nothing done until somebody has it go on |
//! | `premise`, `stop_axis` | steps that are left out, axes that end early |
//! | `resume` | what is left of a session that was cut |
//! | `timeout` | time that is over, of a step and of the plan |
//! | `wind_down` | what comes before it where nobody is in haste |
//! | `safe` | the safe state, and whether the DUT is discharged after it |
//! | `sites`, `gate`, `turns` | sessions side by side: what they do together, what they use in turns |
//! | `guard` | who switches off when this process no longer can |
//! | `emit`, `stop` | events out, requests to stop in |
//! | `waits` | how the time passes that a plan waits for |
//! | `by_hand`, `warm_up` | readings that a person takes; instruments that must have been on for a while |

mod bind;
mod by_hand;
mod calibration;
mod capture;
mod compute;
mod corrected;
mod decide;
mod emit;
mod execute;
mod gate;
mod guard;
mod halt;
mod inspection;
mod measure;
mod operator;
mod pause;
mod precise;
mod premise;
mod prepare;
mod prompt;
mod raw;
mod resume;
mod safe;
mod scatter;
mod session;
mod set;
mod settle;
mod sites;
mod stop;
mod stop_axis;
mod taken;
mod timeout;
mod turns;
mod waits;
mod warm_up;
mod wind_down;

pub use calibration::{calibration_fault, dated, days_since, years_since};
pub use guard::{Guard, Unguarded};
pub use operator::{Answering, Nobody, Operator, Question};
pub use resume::Continuation;
pub use session::{Outcome, Session};
pub use sites::{run, run_guarded, run_sites};
pub use stop::{EXCHANGE_GRACE, Stop, StopReason, Stopper, stop_channel};
pub use waits::Waits;
