//! The nouns of a test bench as plain values: no I/O, no clock, nothing asynchronous.
//!
//! - [`Unit`], [`Dimension`], [`Quantity`]: numbers are never without their unit.
//! - [`Value`], [`Measured`]: what an instrument answered, every digit kept.
//! - [`Limit`], [`Judgement`], [`Verdict`]: the one place where a reading passes.
//! - [`Decision`], [`StatedUncertainty`]: how measurement uncertainty counted.
//! - [`Place`], [`Point`]: where in a plan.
//! - [`RunEvent`], [`Record`], [`RunRecord`]: what happened, and a session folded from it.
//!
//! ```
//! use bench_model::{Bound, Limit, Measured, Quantity, Unit, Verdict};
//!
//! let limit = Limit::Range {
//!     low: None,
//!     high: Some(Bound::inclusive("0.5".parse()?)),
//!     unit: Unit::volt(),
//! };
//! let reading = Measured::number("+5.01200000E-01".parse()?, Unit::volt());
//! let judgement = limit.judge(&reading);
//! assert_eq!(judgement.verdict(), Verdict::Fail);
//! assert_eq!(judgement.margin().map(Quantity::to_string).as_deref(), Some("-0.001200000 V"));
//! # Ok::<(), exact_decimal::ParseError>(())
//! ```

mod analysis;
mod bits;
mod correction;
mod decision;
mod event;
mod ids;
mod limit;
mod origin;
mod path;
mod prepared;
mod quantity;
mod record;
mod resumed;
mod unit;
mod value;
mod verdict;
mod waveform;

pub use analysis::{Analysis, Figure};
pub use bits::Bits;
pub use correction::{Correction, CorrectionInput};
pub use decision::{Conformity, Decision, GlobalRisks, StatedUncertainty, UncertaintyComponent};
pub use event::{
    Dut, EVENT_FORMAT, InstrumentIdentity, InstrumentStatus, OutputSafety, PlanText, Presence,
    Reading, Record, RoleBinding, RunEvent, SafeState, SessionEnd, SessionStart, SessionStatus,
    SettingApplied, StepResult, Trigger,
};
pub use exact_decimal::Decimal;
pub use ids::{ReadingId, ResultId, SessionId, WaveformId};
pub use jiff::Timestamp;
pub use limit::{Bound, Limit, Pattern};
pub use origin::{BenchOrigin, Origin};
pub use path::{Coordinate, Place, Point};
pub use prepared::{CalibrationState, Prepared, PreparedInstrument};
pub use quantity::{Quantity, QuantityError};
pub use record::RunRecord;
pub use resumed::{Resumed, without_cuts};
pub use unit::{Dimension, MAX_UNIT_TEXT_BYTES, Unit, UnitError};
pub use value::{Measured, Value};
pub use verdict::{Judgement, Verdict, VerdictCounts};
pub use waveform::{CodeFormat, Waveform};
