//! A limit before its parameters, setpoints and percentages are resolved.

use bench_model::{Bits, Pattern, Unit};

use crate::source::Span;
use crate::text::{Operand, OperandKind, Template};

/// What was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// `overload`.
    Overload,
    /// `/regex/`.
    Matches(Pattern),
    /// `bits 4, 7 set and 0-3 clear`.
    Bits(Bits),
    /// `"ON"`, `one of "ON", "1"`.
    Words(Vec<Template>),
    /// `one of 1, 2, 5`.
    OneOf(Vec<Operand>),
    /// `4.75 V .. 5.25 V`, `< 5 mV`, `== 3`.
    Between { low: Option<End>, high: Option<End> },
    /// `5 V ± 1 %`, `5 V +2 % -1 %`.
    Around { nominal: Operand, above: Vec<Part>, below: Vec<Part> },
}

/// One end of a range.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct End {
    pub(crate) at: Operand,
    pub(crate) inclusive: bool,
}

/// One part of a tolerance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Part {
    pub(crate) amount: Operand,
    pub(crate) of: Of,
    /// Whether it grows with the years since the calibration.
    pub(crate) per_year: bool,
    pub(crate) span: Span,
}

/// What a part of a tolerance is a part of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Of {
    /// `10 mA` is itself, `1 %` is of the nominal.
    Itself,
    /// `rdg`: of the nominal.
    Nominal,
    /// `range`: of the range in force.
    Range,
}

impl Form {
    /// Whether it is a limit of words.
    pub(crate) fn is_of_words(&self) -> bool {
        matches!(self, Self::Matches(_) | Self::Words(_))
    }

    /// Whether it is another at other points of a sweep.
    pub(crate) fn has_setpoint(&self) -> bool {
        let is_setpoint = |operand: &Operand| matches!(operand.kind, OperandKind::Setpoint(_));
        match self {
            Self::Between { low, high } => low.iter().chain(high).any(|end| is_setpoint(&end.at)),
            Self::Around { nominal, .. } => is_setpoint(nominal),
            Self::OneOf(operands) => operands.iter().any(is_setpoint),
            Self::Overload | Self::Bits(_) | Self::Matches(_) | Self::Words(_) => false,
        }
    }

    /// The % or ppm in which it is written, where it is.
    pub(crate) fn relative_unit(&self) -> Option<Unit> {
        let operand = match self {
            Self::Between { low, high } => &low.as_ref().or(high.as_ref())?.at,
            Self::Around { nominal, .. } => nominal,
            Self::OneOf(operands) => operands.first()?,
            Self::Overload | Self::Bits(_) | Self::Matches(_) | Self::Words(_) => return None,
        };
        match &operand.kind {
            OperandKind::Quantity(quantity) => Some(quantity.unit.clone())
                .filter(|unit| unit.is_dimensionless() && !unit.symbol().is_empty()),
            _ => None,
        }
    }
}
