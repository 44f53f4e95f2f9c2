//! The small languages inside a plan's texts.
//!
//! | file | holds |
//! | --- | --- |
//! | `lexis` | numbers, units, names, parameters: the leaves of limits and expressions |
//! | `operand` | a quantity, a parameter or a setpoint, and what it stands for |
//! | `level` | what stops an axis |
//! | `template` | text with `$parameters` in it |
//! | `parameters` | the parameters in force |

mod level;
mod lexis;
mod operand;
mod parameters;
mod template;

pub(crate) use level::{Level, parse_level};
pub(crate) use lexis::{Grammar, Parsed, Wanted, broken, other, space, word};
pub(crate) use operand::{Operand, OperandKind, parse_operand};
pub(crate) use parameters::{Given, Parameters};
pub(crate) use template::Template;

/// What a regular expression's error says, in one line.
pub(crate) fn pattern_fault(error: &str) -> String {
    let said = error.lines().rev().find_map(|line| line.strip_prefix("error: ")).unwrap_or(error);
    format!("this is no regular expression: {said}")
}
