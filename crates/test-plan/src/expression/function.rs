//! The functions of expressions.

use bench_model::{Decimal, Dimension};
use metrology::Summary;
use metrology::summary::exact_median;

use super::statistic::Statistic;

/// What can be called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Function {
    Max,
    Min,
    Mean,
    Sum,
    /// Highest less lowest.
    Delta,
    /// Standard deviation of a sample.
    Sd,
    /// As many above as below.
    Median,
    Count,
    Abs,
    Sqrt,
    /// At the first setpoint of an axis.
    First,
    /// At the last.
    Last,
    /// Of the straight line with the least squares.
    Slope,
    /// By trapezoids.
    Integral,
    /// The setpoint at which a level is crossed first.
    Crossing,
    /// Where the straight line with the least squares meets zero of the axis.
    Intercept,
    /// How far a value lies off that line, at most.
    Nonlinearity,
    /// One that says more than its value: it leaves an analysis in the record.
    Statistic(Statistic),
}

impl Function {
    const ALL: [(&'static str, Self); 17] = [
        ("max", Self::Max),
        ("min", Self::Min),
        ("mean", Self::Mean),
        ("sum", Self::Sum),
        ("delta", Self::Delta),
        ("sd", Self::Sd),
        ("count", Self::Count),
        ("abs", Self::Abs),
        ("sqrt", Self::Sqrt),
        ("first", Self::First),
        ("last", Self::Last),
        ("slope", Self::Slope),
        ("integral", Self::Integral),
        ("crossing", Self::Crossing),
        ("intercept", Self::Intercept),
        ("nonlinearity", Self::Nonlinearity),
        ("median", Self::Median),
    ];

    pub(super) fn named(name: &str) -> Option<Self> {
        let own = Self::ALL.iter().find(|(own, _)| *own == name).map(|(_, function)| *function);
        own.or_else(|| Statistic::named(name).map(Self::Statistic))
    }

    pub(super) fn names() -> impl Iterator<Item = &'static str> + Clone {
        Self::ALL.iter().map(|(name, _)| *name).chain(Statistic::names())
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Statistic(own) => own.name(),
            _ => Self::ALL.iter().find(|(_, own)| *own == self).map_or("", |(name, _)| name),
        }
    }

    /// Whether it goes by an option of this name.
    pub(super) fn takes(self, option: &str) -> bool {
        matches!(self, Self::Statistic(own) if own.option(option).is_some())
    }

    /// What may stand behind a comma in its brackets.
    pub(super) fn wanted_behind_comma(self) -> String {
        let own = match self {
            Self::Statistic(own) => {
                own.options().map(|(name, _)| format!(", {name} = ..")).collect()
            }
            Self::Crossing => ", or at = LEVEL".to_owned(),
            _ => String::new(),
        };
        format!("over = AXIS is wanted here{own}")
    }

    /// Whether it makes one value of those along an axis.
    pub(super) fn reduces(self) -> bool {
        !matches!(self, Self::Abs | Self::Sqrt)
    }

    /// Whether it goes along one axis, whose setpoints count.
    pub(super) fn is_along(self) -> bool {
        matches!(
            self,
            Self::First
                | Self::Last
                | Self::Slope
                | Self::Intercept
                | Self::Nonlinearity
                | Self::Integral
                | Self::Crossing
        )
    }

    /// The dimension of its value along an axis. `None` where there is no such unit.
    pub(super) fn dimension_along(self, of: Dimension, axis: Dimension) -> Option<Dimension> {
        match self {
            Self::Slope => of.per(axis),
            Self::Integral => of.times(axis),
            Self::Crossing => Some(axis),
            _ => Some(of),
        }
    }

    /// The dimension of its value. `None` where it has none of what it is given.
    pub(super) fn dimension(self, of: Dimension) -> Option<Dimension> {
        match self {
            Self::Count => Some(Dimension::NONE),
            Self::Statistic(own) => Some(own.dimension(of)),
            Self::Sqrt => of.root(),
            _ => Some(of),
        }
    }

    /// Its value. Sums, extremes and differences are exact, a mean has 34 digits; a standard deviation and a
    /// root are binary floating point, turned once into their shortest decimal.
    pub(super) fn of(self, values: &[Decimal]) -> Result<Decimal, String> {
        match self {
            Self::Abs => values.first().map(Decimal::abs).ok_or_else(no_values),
            Self::Sqrt => root(values.first().ok_or_else(no_values)?),
            Self::Count => Ok(Decimal::from(u64::try_from(values.len()).unwrap_or(u64::MAX))),
            _ if values.is_empty() => Err(no_values()),
            Self::Median => exact_median(values).ok_or_else(too_wide),
            _ => self.of_summary(&Summary::of(values).ok_or_else(too_wide)?),
        }
    }

    fn of_summary(self, summary: &Summary) -> Result<Decimal, String> {
        match self {
            Self::Max => Ok(summary.maximum.clone()),
            Self::Min => Ok(summary.minimum.clone()),
            Self::Sum => Ok(summary.sum.clone()),
            Self::Delta => summary.delta().ok_or_else(too_wide),
            Self::Sd if summary.count < 2 => {
                Err("a standard deviation needs two values".to_owned())
            }
            Self::Sd => summary.standard_deviation().ok_or_else(too_wide),
            _ => Ok(summary.mean.clone()),
        }
    }
}

fn no_values() -> String {
    "there are no values".to_owned()
}

fn too_wide() -> String {
    "the value passes the bounds of a decimal".to_owned()
}

fn root(value: &Decimal) -> Result<Decimal, String> {
    if value.is_negative() && !value.is_zero() {
        return Err(format!("{value} has no square root"));
    }
    Decimal::from_f64_shortest(value.to_f64().sqrt()).ok_or_else(too_wide)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(function: Function, values: &[&str]) -> Result<String, String> {
        let values: Vec<Decimal> = values.iter().map(|value| value.parse().unwrap()).collect();
        function.of(&values).map(|value| value.to_string())
    }

    #[test]
    fn exact_where_they_can_be() {
        let three = ["4.9990", "5.0010", "5.0003"];
        for (function, value) in [
            (Function::Max, "5.0010"),
            (Function::Min, "4.9990"),
            (Function::Sum, "15.0003"),
            (Function::Mean, "5.0001"),
            (Function::Delta, "0.0020"),
            (Function::Count, "3"),
            (Function::Median, "5.0003"),
        ] {
            assert_eq!(of(function, &three).unwrap(), value, "{function:?}");
        }
        assert_eq!(of(Function::Mean, &["1", "2", "2"]).unwrap().len(), "1.".len() + 33);
        assert_eq!(of(Function::Abs, &["-1.50"]).unwrap(), "1.50");
        assert_eq!(of(Function::Sqrt, &["2.25"]).unwrap(), "1.5");
    }

    /// NIST's StRD set NumAcc4 in small: floats alone would lose the spread.
    #[test]
    fn a_small_spread_on_a_large_value_is_kept() {
        let values = ["10000000.2", "10000000.1", "10000000.3"];
        assert_eq!(of(Function::Sd, &values).unwrap(), "0.1");
    }

    #[test]
    fn what_has_no_value_says_why() {
        assert!(of(Function::Sd, &["1"]).is_err());
        assert!(of(Function::Sqrt, &["-1"]).is_err());
        assert!(of(Function::Max, &[]).is_err());
    }
}
