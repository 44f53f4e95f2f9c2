//! How much a plan may hold. A plan is untrusted: nothing in it grows without a bound.

/// Bytes of a plan's text.
pub const MAX_PLAN_BYTES: usize = 1 << 20;

/// Steps of a plan, those of `each` included.
pub const MAX_STEPS: usize = 10_000;

/// Axes of one sweep.
pub const MAX_AXES: usize = 8;

/// Setpoints of one axis.
pub const MAX_AXIS_POINTS: u32 = 100_000;

/// Bytes of a CSV file with setpoints.
pub const MAX_CSV_BYTES: usize = 1 << 20;

/// Points of one sweep, all axes multiplied.
pub const MAX_POINTS: usize = 100_000;

/// Rows of one table of limits.
pub const MAX_LIMIT_ROWS: usize = 256;

/// Values that the evaluation of one expression at one point may take, those of what is reduced included.
pub const MAX_EVALUATIONS: u64 = 1_000_000;

/// Operations of a whole schedule.
pub const MAX_OPERATIONS: usize = 1_000_000;

/// Files that a plan reads: those of steps, each time that one is included, and lists of setpoints.
pub const MAX_FILES: usize = 64;

/// Files of steps inside each other.
pub const MAX_INCLUDE_DEPTH: usize = 8;

/// Corners of one mask.
pub const MAX_MASK_POINTS: usize = 1_000;

/// Choices of one question.
pub const MAX_CHOICES: usize = 32;

/// Readings at one place.
pub const MAX_SAMPLES: u32 = 10_000;

/// Readings that are taken before their mean can be precise enough, where the plan does not say.
pub const LEAST_SAMPLES: u32 = 10;

/// Lines of one uncertainty budget.
pub const MAX_BUDGET_LINES: usize = 100;

/// Further attempts after the first.
pub const MAX_RETRIES: u32 = 10;

/// Seconds of one settle, wait or timeout: a week.
pub const MAX_WAIT_S: u64 = 7 * 24 * 3600;

/// Bytes of one limit, expression, quantity or message.
pub const MAX_TEXT_BYTES: usize = 4_096;

/// Parentheses, functions and signs inside each other in an expression.
pub const MAX_DEPTH: usize = 32;

/// Bytes of a name.
pub const MAX_NAME_BYTES: usize = 64;

/// Faults that are reported of one plan.
pub const MAX_FAULTS: usize = 100;

/// Significant digits of the inner points of a logarithmic axis, before the instrument's resolution.
pub const LOG_POINT_DIGITS: u32 = 6;
