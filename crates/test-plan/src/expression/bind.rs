//! A tree to an expression that can be evaluated: every reference known, units and axes checked.

use std::collections::BTreeMap;

use bench_model::{Decimal, Dimension, Point, Unit};

use crate::source::{Located, Span, TextFault};
use crate::suggest;
use crate::text::Parameters;

use super::function::Function;
use super::statistic::{OptionKind, Statistic};
use super::term::{Call, Comparison, Operator, Term, TermKind};
use super::{Along, AxisValues, Bound, Expression, Leaf, Reference, Statistical};

/// Binds an expression. `None` of a leaf is one that is known and broken, which was reported; so is `None`
/// of the whole without a fault.
pub(crate) fn bind(
    text: &str,
    term: &Term,
    leaves: &BTreeMap<String, Option<Leaf>>,
    parameters: &Parameters,
) -> Result<Option<Expression>, Vec<TextFault>> {
    let mut binder = Binder { leaves, parameters, references: Vec::new(), faults: Vec::new() };
    let bound = binder.term(term);
    if !binder.faults.is_empty() {
        return Err(binder.faults);
    }
    Ok(bound.map(|(root, shape)| Expression {
        text: text.to_owned(),
        root,
        references: binder.references,
        axes: shape.axes,
        unit: Unit::base(shape.dimension),
    }))
}

/// What is known of a part's values.
#[derive(Clone, Debug)]
struct Shape {
    dimension: Dimension,
    axes: Vec<AxisValues>,
}

/// What counts the readings of one result, where it is no axis of the sweep.
const SAMPLE: &str = "sample";

struct Binder<'a> {
    leaves: &'a BTreeMap<String, Option<Leaf>>,
    parameters: &'a Parameters,
    references: Vec<Reference>,
    faults: Vec<TextFault>,
}

type Part = Option<(Bound, Shape)>;

impl Binder<'_> {
    fn fault<T>(&mut self, span: &Span, message: impl Into<String>) -> Option<T> {
        self.faults.push(TextFault::new(span, message));
        None
    }

    fn term(&mut self, term: &Term) -> Part {
        match &term.kind {
            TermKind::Operand(operand) => {
                match operand.resolve(self.parameters, &Point::default()) {
                    Ok(quantity) => {
                        let shape =
                            Shape { dimension: quantity.unit.dimension(), axes: Vec::new() };
                        Some((Bound::Number(quantity.in_base()?), shape))
                    }
                    Err(fault) => self.fault(&fault.span, fault.message),
                }
            }
            TermKind::Reference(path) => self.reference(path, &term.span),
            TermKind::Negated(of) => {
                let (bound, shape) = self.term(of)?;
                Some((Bound::Negated(Box::new(bound)), shape))
            }
            TermKind::Chain { first, rest } => self.chain(first, rest),
            TermKind::Call(call) if call.function.is_along() => self.along(call, &term.span),
            TermKind::Call(call) => self.call(call, &term.span),
            TermKind::Compared { sides, by } => self.compared(sides, *by),
        }
    }

    fn reference(&mut self, path: &str, span: &Span) -> Part {
        let leaves = self.leaves;
        let Some(known) = leaves.get(path) else {
            let names: Vec<_> = leaves.keys().map(|path| path.replace('/', ".")).collect();
            let wrong = path.replace('/', ".");
            let instead = suggest::instead(&wrong, names.iter().map(String::as_str));
            return self.fault(span, format!("there is no earlier result '{wrong}'{instead}"));
        };
        let leaf = known.as_ref()?;
        let Some(unit) = &leaf.unit else {
            return self.fault(span, "this result is text, and a number is wanted");
        };
        let dimension = unit.dimension();
        let axes = leaf.axes.iter().flat_map(AxisValues::names).map(str::to_owned).collect();
        let (samples, uncertain) = (false, leaf.uncertain);
        let path = path.to_owned();
        self.references.push(Reference { path, axes, dimension, samples, uncertain });
        let bound = Bound::Reference(self.references.len() - 1);
        Some((bound, Shape { dimension, axes: leaf.axes.clone() }))
    }

    fn chain(&mut self, first: &Term, rest: &[(Operator, Term)]) -> Part {
        let start = self.term(first);
        let others: Vec<_> =
            rest.iter().map(|(operator, term)| (*operator, term, self.term(term))).collect();
        let (bound, mut shape) = start?;
        let mut parts = Vec::new();
        for (operator, term, other) in others {
            let (other, its) = other?;
            shape = self.join(&shape, operator, &its, &term.span)?;
            parts.push((operator, other));
        }
        Some((Bound::Chain { first: Box::new(bound), rest: parts }, shape))
    }

    fn join(
        &mut self,
        left: &Shape,
        operator: Operator,
        right: &Shape,
        at: &Span,
    ) -> Option<Shape> {
        let dimension = match operator {
            Operator::Plus | Operator::Minus if left.dimension == right.dimension => {
                Some(left.dimension)
            }
            Operator::Plus | Operator::Minus => {
                let (left, right) = (said(left.dimension), said(right.dimension));
                return self.fault(at, format!("{right} does not go with {left} before it"));
            }
            Operator::Times => left.dimension.times(right.dimension),
            Operator::Per => left.dimension.per(right.dimension),
        };
        let Some(dimension) = dimension else {
            return self.fault(at, "a unit with such powers does not exist");
        };
        let axes = self.shared_axes(&left.axes, &right.axes, at)?;
        Some(Shape { dimension, axes })
    }

    /// What has no axis goes with everything; else both must have the same.
    fn shared_axes(
        &mut self,
        left: &[AxisValues],
        right: &[AxisValues],
        at: &Span,
    ) -> Option<Vec<AxisValues>> {
        let (Some(one), Some(_)) = (left.first(), right.first()) else {
            return Some([left, right].concat());
        };
        let find = |axis: &AxisValues| right.iter().find(|other| other.name() == axis.name());
        if left.len() != right.len() || left.iter().any(|axis| find(axis).is_none()) {
            let (left, right) = (names(left), names(right));
            return self.fault(at, format!(
                "this has the axes {right}, and what stands before it has {left}: reduce those that they do \
                 not share, as in max(x, over = {})", one.name()
            ));
        }
        match left.iter().find(|axis| find(axis) != Some(axis)) {
            Some(axis) => {
                let name = axis.name();
                self.fault(at, format!("the axis {name} has other setpoints here than before it"))
            }
            None => Some(left.to_vec()),
        }
    }

    fn compared(&mut self, sides: &[Term; 2], by: Comparison) -> Part {
        let [left, right] = sides;
        let (one, two) = (self.term(left), self.term(right));
        let ((one, its), (two, others)) = (one?, two?);
        // What can be compared can be subtracted.
        let shape = self.join(&its, Operator::Minus, &others, &right.span)?;
        let bound = Bound::Compared { sides: Box::new([one, two]), by };
        Some((bound, Shape { dimension: Dimension::NONE, axes: shape.axes }))
    }

    fn call(&mut self, call: &Call, span: &Span) -> Part {
        let Call { function, of, over, at, .. } = call;
        let (bound, shape) = self.term(of)?;
        let (function, name) = (*function, function.name());
        if let Some(at) = at {
            return self.fault(
                &at.span,
                format!("{name} takes no level; crossing(x, over = .., at = ..) does"),
            );
        }
        if !function.reduces() && !over.is_empty() {
            return self.fault(span, format!("{name} reduces no axis: {name}(x)"));
        }
        if function.reduces() && over.is_empty() {
            let axes = names(&shape.axes);
            return self.fault(
                span,
                match axes.as_str() {
                    "" => format!("there is no axis here over which {name} could be taken"),
                    _ => format!("over which axis? {name}(x, over = AXIS) of {axes}"),
                },
            );
        }
        let (over, samples) = self.without_samples(&bound, &shape, over)?;
        let (reduced, axes) = self.reduced(&shape.axes, over)?;
        if let Function::Statistic(statistic) = function {
            let of = (bound, shape.dimension);
            return self.statistic(statistic, of, (reduced, samples), axes, call, span);
        }
        let Some(dimension) = function.dimension(shape.dimension) else {
            let unit = said(shape.dimension);
            return self.fault(span, format!("{unit} has no square root"));
        };
        let bound = Bound::Call { function, of: Box::new(bound), over: reduced, samples };
        Some((bound, Shape { dimension, axes }))
    }

    /// The axes of a call, without what counts the readings of each result, which stands last.
    fn without_samples<'o>(
        &mut self,
        of: &Bound,
        shape: &Shape,
        over: &'o [Located<String>],
    ) -> Option<(&'o [Located<String>], bool)> {
        let Some((last, before)) = over.split_last() else { return Some((over, false)) };
        if last.value != SAMPLE || shape.axes.iter().any(|axis| axis.has(SAMPLE)) {
            return Some((over, false));
        }
        let Bound::Reference(index) = of else {
            return self.fault(
                &last.span,
                "the readings of one result are taken of that result alone: sd(rail.vout, over = sample)",
            );
        };
        let own = self.references.get_mut(*index)?;
        let leaf = self.leaves.get(&own.path).and_then(Option::as_ref);
        if !leaf.is_some_and(|leaf| leaf.samples) {
            let message = format!(
                "one reading is taken for each '{}'; samples = 2 or more in its reading takes several",
                own.path.replace('/', ".")
            );
            return self.fault(&last.span, message);
        }
        own.samples = true;
        Some((before, true))
    }

    /// A function that leaves an analysis.
    fn statistic(
        &mut self,
        statistic: Statistic,
        (of, dimension): (Bound, Dimension),
        (over, samples): (Vec<AxisValues>, bool),
        axes: Vec<AxisValues>,
        call: &Call,
        span: &Span,
    ) -> Part {
        let name = statistic.name();
        if let Some(wrong) = statistic.wrong_axes(over.len() + usize::from(samples)) {
            return self.fault(span, format!("{name}: {wrong}"));
        }
        let given: Vec<_> = call.options.iter().map(|(name, _)| name.value.as_str()).collect();
        if let Some(missing) = statistic.missing(&given) {
            return self.fault(span, format!("{name}: {missing}"));
        }
        let mut options = Vec::new();
        for (name, term) in &call.options {
            let kind = statistic.option(&name.value)?;
            let bound = self.option(kind, dimension, term)?;
            options.push((name.value.clone(), bound));
        }
        let unit = Unit::base(dimension);
        let own = Statistical { statistic, of, over, samples, options, unit };
        let dimension = statistic.dimension(dimension);
        Some((Bound::Statistic(Box::new(own)), Shape { dimension, axes }))
    }

    /// What a statistic goes by: one number, whatever the point.
    fn option(&mut self, kind: OptionKind, of: Dimension, term: &Term) -> Option<Bound> {
        let (bound, shape) = self.term(term)?;
        let wanted = match kind {
            OptionKind::Same => of,
            OptionKind::Number => Dimension::NONE,
            OptionKind::Time => Unit::second().dimension(),
        };
        if shape.dimension != wanted {
            let (own, wanted) = (said(shape.dimension), said(wanted));
            return self.fault(&term.span, format!("{own} stands here; {wanted} is wanted"));
        }
        if let Some(axis) = shape.axes.first() {
            let message = format!("this is another one at each setpoint of {}", axis.name());
            return self.fault(&term.span, message);
        }
        Some(bound)
    }

    /// A function along one axis.
    fn along(&mut self, call: &Call, span: &Span) -> Part {
        let Call { function, of, over, at, .. } = call;
        let (bound, shape) = self.term(of)?;
        let (function, name) = (*function, function.name());
        let [wanted] = over.as_slice() else {
            let axes = match names(&shape.axes).as_str() {
                "" => "; there is none here".to_owned(),
                axes => format!(" of {axes}"),
            };
            return self.fault(span, format!("{name} goes along one axis: over = AXIS{axes}"));
        };
        let (over, samples) = self.without_samples(&bound, &shape, over)?;
        let (reduced, mut left) = self.reduced(&shape.axes, over)?;
        let axis = if samples { None } else { Some(reduced.into_iter().next()?) };
        let level = self.level(function, at.as_ref(), &shape, span)?;
        if let (Some((_, its)), Some(at)) = (&level, at) {
            let name = axis.as_ref().map(AxisValues::name);
            if its.axes.iter().any(|own| Some(own.name()) == name) {
                let message = format!(
                    "this is another level at each setpoint of {}: reduce it, as in first(x, over = {})",
                    wanted.value, wanted.value
                );
                return self.fault(&at.span, message);
            }
            left = self.shared_axes(&left, &its.axes, &at.span)?;
        }
        let (setpoints, of_axis) = match &axis {
            Some(axis) => setpoints(axis, &wanted.value)?,
            None => (Vec::new(), Dimension::NONE),
        };
        let Some(dimension) = function.dimension_along(shape.dimension, of_axis) else {
            return self.fault(span, "a unit with such powers does not exist");
        };
        let at = level.map(|(bound, _)| bound);
        let own = shape.dimension;
        let along = Along { function, of: bound, dimension: own, axis, of_axis, setpoints, at };
        Some((Bound::Along(Box::new(along)), Shape { dimension, axes: left }))
    }

    /// What is crossed; none for what crosses nothing. The outer none is a fault.
    fn level(
        &mut self,
        function: Function,
        at: Option<&Term>,
        of: &Shape,
        span: &Span,
    ) -> Option<Option<(Bound, Shape)>> {
        match (function == Function::Crossing, at) {
            (false, None) => Some(None),
            (false, Some(at)) => {
                let name = function.name();
                self.fault(
                    &at.span,
                    format!("{name} takes no level; crossing(x, over = .., at = ..) does"),
                )
            }
            (true, None) => self.fault(span, "crossing what? crossing(x, over = AXIS, at = LEVEL)"),
            (true, Some(at)) => {
                let (bound, shape) = self.term(at)?;
                if shape.dimension != of.dimension {
                    let (own, other) = (said(shape.dimension), said(of.dimension));
                    return self.fault(&at.span, format!("{own} is never crossed by {other}"));
                }
                Some(Some((bound, shape)))
            }
        }
    }

    /// The axes that are reduced, and those that are left.
    fn reduced(
        &mut self,
        axes: &[AxisValues],
        over: &[Located<String>],
    ) -> Option<(Vec<AxisValues>, Vec<AxisValues>)> {
        let mut left = axes.to_vec();
        let mut reduced = Vec::new();
        for wanted in over {
            let Some(at) = left.iter().position(|axis| axis.has(&wanted.value)) else {
                let all: Vec<_> = axes.iter().flat_map(AxisValues::names).collect();
                let instead = suggest::instead(wanted, all.iter().copied());
                return self
                    .fault(&wanted.span, format!("there is no axis '{}'{instead}", wanted.value));
            };
            reduced.push(left.remove(at));
        }
        Some((reduced, left))
    }
}

/// Those of an axis in base units, with their dimension.
fn setpoints(axis: &AxisValues, name: &str) -> Option<(Vec<Decimal>, Dimension)> {
    let values = axis.values_of(name);
    let of_axis = values.first()?.unit.dimension();
    let setpoints = values.iter().map(bench_model::Quantity::in_base).collect::<Option<_>>()?;
    Some((setpoints, of_axis))
}

fn names(axes: &[AxisValues]) -> String {
    suggest::listed(axes.iter().map(AxisValues::name)).unwrap_or_default()
}

fn said(dimension: Dimension) -> String {
    if dimension == Dimension::NONE {
        "a pure number".to_owned()
    } else {
        format!("a number in {dimension}")
    }
}
