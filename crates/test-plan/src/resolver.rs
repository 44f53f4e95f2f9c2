//! Texts of the plan to values, with the parameters in force.

use std::time::Duration;

use bench_catalog::Range;
use bench_model::{Point, Quantity, Unit};

use crate::bounds::MAX_WAIT_S;
use crate::fault::Fault;
use crate::limit::{Drift, Surroundings, resolve};
use crate::operation::PlannedLimit;
use crate::reading::RangeText;
use crate::source::{Located, Source, Span, TextFault};
use crate::step::{Amount, LevelText, LimitDraft, LimitText};
use crate::text::{Given, Parameters, Template};

/// The parameters in force, and the text in which faults have their place.
#[derive(Clone, Copy)]
pub(crate) struct Resolver<'a> {
    pub(crate) source: &'a Source,
    pub(crate) parameters: &'a Parameters,
}

/// What a limit is judged against.
#[derive(Clone, Copy)]
pub(crate) struct Judged<'a> {
    pub(crate) point: &'a Point,
    pub(crate) range: Option<&'a Range>,
    /// None where it is text.
    pub(crate) unit: Option<&'a Unit>,
    /// What makes the instrument's limits wider, where that is known.
    pub(crate) drift: Option<&'a Drift>,
}

impl Resolver<'_> {
    fn inside(&self, token: &Span, fault: &TextFault) -> Fault {
        self.source.fault_inside(token, fault)
    }

    /// A quantity of any dimension.
    pub(crate) fn any(&self, amount: &Amount) -> Result<Quantity, Fault> {
        let found = amount.operand.resolve(self.parameters, &Point::default());
        found.map_err(|fault| self.inside(&amount.span, &fault))
    }

    /// A quantity of the dimension of a unit.
    pub(crate) fn quantity(&self, amount: &Amount, unit: &Unit) -> Result<Quantity, Fault> {
        let quantity = self.any(amount)?;
        if quantity.unit.dimension() == unit.dimension() {
            return Ok(quantity);
        }
        let message = match quantity.unit.symbol() {
            own if unit.symbol().is_empty() => {
                format!("a part in % or the like is wanted here, and {quantity} is in {own}")
            }
            "" => format!("{quantity} has no unit: write {quantity} {unit}"),
            _ => format!("a quantity in {unit} is wanted here, not {quantity}"),
        };
        Err(self.source.fault(&amount.span, message))
    }

    /// A quantity that lies above zero.
    pub(crate) fn positive(&self, amount: &Amount, unit: &Unit) -> Result<Quantity, Fault> {
        let quantity = self.quantity(amount, unit)?;
        if quantity.value.is_negative() || quantity.value.is_zero() {
            let message = format!("{quantity} is not above zero");
            return Err(self.source.fault(&amount.span, message));
        }
        Ok(quantity)
    }

    /// A time, to the nanosecond.
    pub(crate) fn duration(&self, amount: &Amount) -> Result<Duration, Fault> {
        let quantity = self.quantity(amount, &Unit::second())?;
        let most = Duration::from_secs(MAX_WAIT_S);
        match time_of(&quantity) {
            Some(time) if time <= most => Ok(time),
            _ => {
                let message =
                    format!("{quantity} is no time to wait: from 0 s to {MAX_WAIT_S} s are wanted");
                Err(self.source.fault(&amount.span, message))
            }
        }
    }

    /// The limit that holds at a point.
    pub(crate) fn drafted(
        &self,
        limit: &LimitDraft,
        on: Judged<'_>,
    ) -> Result<PlannedLimit, Fault> {
        let table = match limit {
            LimitDraft::Same(limit) => return self.limit(limit, on),
            LimitDraft::ByPoint(table) => table,
        };
        let axis = table.axis.value.as_str();
        for (amount, limit) in &table.rows {
            let at = self.any(amount)?;
            if on.point.get(axis).is_some_and(|own| is_same(own, &at)) {
                return self.limit(limit, on);
            }
        }
        let own = on.point.get(axis).map(ToString::to_string).unwrap_or_default();
        Err(self.source.fault(&table.span, format!("there is no row for {axis}={own}")))
    }

    /// A limit at a point.
    pub(crate) fn limit(&self, limit: &LimitText, on: Judged<'_>) -> Result<PlannedLimit, Fault> {
        let Judged { point, range, unit, drift } = on;
        let around = Surroundings { parameters: self.parameters, point, range, unit, drift };
        match resolve(&limit.form, &around) {
            Ok(resolved) => Ok(PlannedLimit { text: limit.text.clone(), limit: resolved }),
            Err(fault) => Err(self.inside(&limit.span, &fault)),
        }
    }

    /// A level: in a unit, or a part of something.
    pub(crate) fn level(&self, level: &LevelText, unit: &Unit) -> Result<Quantity, Fault> {
        let amount = Amount { operand: level.level.amount.clone(), span: level.span.clone() };
        self.quantity(&amount, unit)
    }

    /// The range of a reading.
    pub(crate) fn range(&self, range: &RangeText, unit: &Unit) -> Result<Range, Fault> {
        match range {
            RangeText::Auto(_) => Ok(Range::Auto),
            RangeText::Fixed(amount) => self.positive(amount, unit).map(Range::Fixed),
        }
    }

    /// A text with its parameters, and the setpoints of a point by the names of their axes.
    pub(crate) fn fill_at(
        &self,
        template: &Located<Template>,
        point: &Point,
    ) -> Result<String, Fault> {
        let mut all = self.parameters.clone();
        for own in point.0.iter().filter(|own| self.parameters.text(&own.axis).is_err()) {
            all.set(&own.axis, Given::of(&own.value.to_string()));
        }
        template.fill(&all).map_err(|fault| self.inside(&template.span, &fault))
    }

    /// A text with its parameters in their places.
    pub(crate) fn fill(&self, template: &Located<Template>) -> Result<String, Fault> {
        let filled = template.fill(self.parameters);
        filled.map_err(|fault| self.inside(&template.span, &fault))
    }
}

/// Whether two quantities are the same, whatever their prefixes.
pub(crate) fn is_same(one: &Quantity, two: &Quantity) -> bool {
    one.partial_cmp(two).is_some_and(std::cmp::Ordering::is_eq)
}

fn time_of(quantity: &Quantity) -> Option<Duration> {
    let nanoseconds = quantity.in_base()?.scale_by_power_of_ten(9)?.round_to_exponent(0);
    if nanoseconds.order() > 18 || (nanoseconds.is_negative() && !nanoseconds.is_zero()) {
        return None;
    }
    nanoseconds.abs().to_plain_string().parse().ok().map(Duration::from_nanos)
}
