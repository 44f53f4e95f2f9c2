//! Sweeps: axes made ready, and walked.

use std::sync::Arc;
use std::time::Duration;

use bench_catalog::{RegulationWords, SettingKind, SettingValue};
use bench_model::{Coordinate, Place, Point, Quantity, Unit};

use crate::axes::{AxisValues, Order, arranged};
use crate::bounds::{MAX_OPERATIONS, MAX_POINTS};
use crate::decision::StopWhen;
use crate::operation::Operation;
use crate::plan::Role;
use crate::series::setpoints;
use crate::step::{Axis, AxisSetting, Step};

use super::Expander;
use super::steps::{ReadySettle, Site};

/// Axes that move together, ready to be walked.
pub(super) struct Dimension<'s> {
    /// The one that leads, then those that go with it.
    axes: Vec<ReadyAxis<'s>>,
    order: Order,
    /// Tells up from down, where both ways are gone.
    direction: Option<AxisValues>,
    values: AxisValues,
}

struct ReadyAxis<'s> {
    axis: &'s Axis,
    /// Whose setting is made, where one is.
    role: Option<Arc<Role>>,
    settle: Option<ReadySettle>,
}

impl Dimension<'_> {
    /// As results know it, the outermost first.
    pub(super) fn of_results(&self) -> impl Iterator<Item = &AxisValues> {
        self.direction.iter().chain([&self.values])
    }
}

/// How far a walk has come.
struct Walk<'s> {
    step: &'s Step,
    point: Point,
    /// Faults before it: the first of a sweep ends it, for the others would be the same at other points.
    faults: usize,
}

impl Expander<'_, '_> {
    /// All axes of a step; none where one of them is wrong, which is noted.
    pub(super) fn ready<'s>(&mut self, step: &'s Step) -> Option<Vec<Dimension<'s>>> {
        let groups = step.sweep.chunk_by(|_, next| next.zipped);
        let sweep: Vec<_> = groups.map(|group| self.dimension(group)).collect::<Option<_>>()?;
        let lengths = sweep.iter().flat_map(Dimension::of_results).map(AxisValues::len);
        let points = lengths.into_iter().try_fold(1_usize, usize::checked_mul);
        if points.is_none_or(|points| points > MAX_POINTS) {
            let message = format!("more than {MAX_POINTS} points with these parameters");
            self.fault(&step.id.span, message);
            return None;
        }
        Some(sweep)
    }

    fn dimension<'s>(&mut self, group: &'s [Axis]) -> Option<Dimension<'s>> {
        let (mut axes, mut members) = (Vec::new(), Vec::new());
        for axis in group {
            let (ready, values) = self.axis(axis)?;
            members.push((axis.name.clone(), values));
            axes.push(ready);
        }
        self.fault_unless_as_many(group, &members)?;
        let order = group.first()?.order;
        let (direction, values) = arranged(members, order);
        self.fault_if_same(group, &values)?;
        Some(Dimension { axes, order, direction, values })
    }

    fn axis<'s>(&mut self, axis: &'s Axis) -> Option<(ReadyAxis<'s>, Vec<Quantity>)> {
        let (role, unit) = match &axis.sets {
            Some(sets) => {
                let SettingKind::Quantity(unit) = sets.setting.kind() else { return None };
                (Some(self.plan.roles.get(&sets.role).cloned()?), unit)
            }
            None => {
                let unit = match axis.series.amounts().into_iter().next() {
                    Some(first) => self.resolved(|resolver| resolver.any(first))?.unit,
                    None => Unit::none(),
                };
                (None, Unit::base(unit.dimension()))
            }
        };
        let values = self.resolved(|resolver| setpoints(axis, &unit, &resolver))?;
        let sent = match &axis.sets {
            Some(AxisSetting { role, setting }) => {
                values.iter().map(|value| self.as_sent(role, *setting, value)).collect()
            }
            None => values,
        };
        let settle = match &axis.settle {
            Some(settle) => Some(self.ready_settle(settle)?),
            None => None,
        };
        self.fault_unless_regulating(axis);
        Some((ReadyAxis { axis, role, settle }, sent))
    }

    /// Parameters may have changed how many there are.
    fn fault_unless_as_many(
        &mut self,
        group: &[Axis],
        members: &[(String, Vec<Quantity>)],
    ) -> Option<()> {
        let (lead, values) = members.first()?;
        for (axis, (_, own)) in group.iter().zip(members) {
            if own.len() != values.len() {
                let (own, others) = (own.len(), values.len());
                let message = format!(
                    "{own} setpoints, and '{lead}', with which it moves, has {others}; as many are wanted"
                );
                self.fault(&axis.span, message);
                return None;
            }
        }
        Some(())
    }

    /// Two setpoints that the instrument cannot tell apart would be one place with two results.
    fn fault_if_same(&mut self, group: &[Axis], values: &AxisValues) -> Option<()> {
        let Some((index, at)) = values.same() else { return Some(()) };
        let axis = group.first()?;
        let message = match values.values_of(&axis.name).get(index) {
            Some(value) if group.len() == 1 => {
                let unit = Unit::base(value.unit.dimension());
                let sets = axis.sets.as_ref();
                let step = sets.and_then(|sets| self.dialect(&sets.role)?.resolution(sets.setting));
                let step = step.map_or_else(|| format!("1 {unit}"), ToString::to_string);
                format!(
                    "two setpoints of '{}' are {value} when they are sent: the instrument's step is {step}",
                    axis.name
                )
            }
            _ => format!("two points of these axes are {at} when they are sent"),
        };
        self.fault(&axis.span, message);
        None
    }

    fn fault_unless_regulating(&mut self, axis: &Axis) {
        let Some(mode) = &axis.expect_mode else { return };
        let role = axis.sets.as_ref().map(|sets| sets.role.as_str());
        let Some(dialect) = role.and_then(|role| self.dialect(role)) else { return };
        let knows = |words: &RegulationWords| words.words.contains_key(&mode.value);
        if !dialect.regulation.as_ref().is_some_and(knows) {
            let message =
                format!("{} do not say that they regulate in {}", dialect.title, mode.value);
            self.fault(&mode.span, message);
        }
    }

    pub(super) fn walk(&mut self, step: &Step, sweep: &[Dimension<'_>]) {
        let faults = self.faults.len();
        self.along(sweep, 0, &mut Walk { step, point: Point::default(), faults });
    }

    /// One dimension after the other, the first outermost. `visit` counts the points of those around it.
    fn along(&mut self, sweep: &[Dimension<'_>], visit: u64, walk: &mut Walk<'_>) {
        let Some((dimension, inner)) = sweep.split_first() else {
            self.at_point(walk.step, &walk.point);
            return;
        };
        let outside = walk.point.0.len();
        let ways = dimension.direction.as_ref().map_or(1, AxisValues::len);
        let visits = dimension.values.len().saturating_mul(ways);
        let mut visit = visit.wrapping_mul(u64::try_from(visits).unwrap_or(1));
        for way in 0..ways {
            let order = dimension.order;
            for index in order.visited(dimension.values.len(), way == 1, visit) {
                let direction = dimension.direction.iter().flat_map(|axis| axis.coordinates(way));
                walk.point.0.extend(direction);
                self.move_to(dimension, index, walk);
                self.along(inner, visit, walk);
                if inner.is_empty() && index + 1 < dimension.values.len() {
                    self.stop_when(dimension, outside, walk);
                }
                walk.point.0.truncate(outside);
                if self.faults.len() > walk.faults || self.count > MAX_OPERATIONS {
                    return;
                }
                visit = visit.wrapping_add(1);
            }
        }
    }

    /// All that move together are set, then what they wait for is waited for.
    fn move_to(&mut self, dimension: &Dimension<'_>, index: usize, walk: &mut Walk<'_>) {
        let step = &walk.step.id.value;
        for (ready, coordinate) in dimension.axes.iter().zip(dimension.values.coordinates(index)) {
            let sent = SettingValue::Quantity(coordinate.value.clone());
            if ready.axis.series.is_paced() {
                self.pace(step, &coordinate, &walk.point);
            }
            walk.point.0.push(coordinate);
            let site = Site { step, point: &walk.point };
            if let (Some(role), Some(sets)) = (&ready.role, &ready.axis.sets) {
                self.set(role, sets.setting, sent, site, &ready.axis.span);
            }
        }
        for settle in dimension.axes.iter().filter_map(|ready| ready.settle.as_ref()) {
            self.push(settle.operation(step, &walk.point));
        }
    }

    /// Waits for a time since the first point of an axis; `around` is the point without that axis.
    fn pace(&mut self, step: &str, coordinate: &Coordinate, around: &Point) {
        let nanoseconds = coordinate.value.in_base().and_then(|own| own.scale_by_power_of_ten(9));
        let nanoseconds = nanoseconds.map(|own| own.round_to_exponent(0).to_plain_string());
        let Some(Ok(nanoseconds)) = nanoseconds.map(|text| text.parse()) else { return };
        self.push(Operation::Pace {
            step: step.to_owned(),
            around: around.clone(),
            axis: coordinate.axis.clone(),
            at: Duration::from_nanos(nanoseconds),
        });
    }

    /// Looks whether the innermost axis ends here; `outside` is how many coordinates are not its own.
    fn stop_when(&mut self, dimension: &Dimension<'_>, outside: usize, walk: &Walk<'_>) {
        let Some(draft) = &walk.step.stop else { return };
        let unit = match self.leaves.get(&draft.leaf).and_then(Option::as_ref) {
            Some(leaf) if !draft.level.level.of_first => {
                leaf.unit.clone().unwrap_or_else(Unit::none)
            }
            _ => Unit::none(),
        };
        let Some(level) = self.resolved(|resolver| resolver.level(&draft.level, &unit)) else {
            return;
        };
        let around = Point(walk.point.0.iter().take(outside).cloned().collect());
        let first = around.0.iter().cloned().chain(dimension.values.coordinates(0)).collect();
        self.push(Operation::StopWhen(Box::new(StopWhen {
            step: walk.step.id.value.clone(),
            axis: draft.axis.clone(),
            watched: Place { path: draft.leaf.clone(), point: walk.point.clone() },
            first: Point(first),
            around,
            is_below: draft.is_below,
            level,
            of_first: draft.level.level.of_first,
        })));
    }

    fn at_point(&mut self, step: &Step, point: &Point) {
        let id = &step.id.value;
        for axis in &step.sweep {
            if let (Some(mode), Some(sets)) = (&axis.expect_mode, &axis.sets) {
                let (role, mode) = (sets.role.clone(), mode.value.clone());
                let (step, point) = (id.clone(), point.clone());
                self.push(Operation::ExpectMode { step, point, role, mode });
            }
        }
        self.act(&step.own, id, point);
        for part in &step.each {
            self.prepare(part, Site { step: id, point });
            self.act(part, id, point);
        }
    }
}
