//! The sources of error behind results: what several of them share moves them together.

use std::collections::BTreeMap;

use bench_model::{Decimal, Place, Quantity, StatedUncertainty, UncertaintyComponent, Unit};
use metrology::uncertainty::{Input, Shape};

use super::evaluate::{Found, UncertaintyError};
use super::propagate::{ByKey, unknown};
use crate::expression::Results;

/// Sources of one computed value, at most.
const MAX_SOURCES: usize = 2_000;

/// Lines of a budget that are recorded one by one, at most.
const MAX_LINES: usize = 24;

/// Something that makes results uncertain.
#[derive(Clone, Debug, PartialEq)]
pub struct ErrorSource {
    /// What tells it from all others: `dmm dc_voltage 10 V: data sheet`.
    pub(super) key: String,
    /// What it is called.
    name: String,
    /// `A` or `B`.
    pub(super) kind: &'static str,
    pub(super) shape: Shape,
    /// Infinite where it is known for certain.
    pub(super) freedom: f64,
    /// The places that it moves, and by how much in their base units, with a sign.
    pub(super) parts: Vec<(String, f64)>,
    unit: Unit,
}

impl ErrorSource {
    /// What makes the result at a place uncertain, by what its record states.
    #[must_use]
    pub fn of(place: &Place, stated: &StatedUncertainty) -> Vec<Self> {
        let of_place = |name: &str| format!("{place}: {name}");
        if stated.components.is_empty() || !adds_up(stated) {
            return Self::whole(place, stated).into_iter().collect();
        }
        let one = |component: &UncertaintyComponent| {
            let standard = component.standard.in_base()?.to_f64();
            let sensitivity = component.sensitivity.in_base()?.to_f64();
            Some(Self {
                key: component.source.clone().unwrap_or_else(|| of_place(&component.name)),
                name: component.name.clone(),
                kind: if component.kind == "A" { "A" } else { "B" },
                shape: shape_named(&component.distribution),
                freedom: component.freedom.as_ref().map_or(f64::INFINITY, Decimal::to_f64),
                parts: vec![(place.to_string(), standard * sensitivity)],
                unit: Unit::base(stated.standard.unit.dimension()),
            })
        };
        stated.components.iter().filter_map(one).collect()
    }

    /// Of a result whose uncertainty is stated as one number, or whose components are correlated with each other.
    fn whole(place: &Place, stated: &StatedUncertainty) -> Option<Self> {
        let shared = stated.components.iter().find_map(|own| own.source.clone());
        Some(Self {
            key: shared.unwrap_or_else(|| format!("{place}: {}", stated.source)),
            name: stated.source.clone(),
            kind: "B",
            shape: Shape::Normal,
            freedom: stated.freedom.as_ref().map_or(f64::INFINITY, Decimal::to_f64),
            parts: vec![(place.to_string(), stated.standard.in_base()?.to_f64())],
            unit: Unit::base(stated.standard.unit.dimension()),
        })
    }

    /// Its standard uncertainty, where it moves one place alone.
    pub(super) fn alone(&self) -> Option<(f64, Unit)> {
        let [(_, standard)] = self.parts.as_slice() else { return None };
        (*standard != 0.0).then(|| (*standard, self.unit.clone()))
    }

    /// What a line of a budget says.
    pub(super) fn title(&self) -> String {
        match self.parts.as_slice() {
            [_] => self.key.clone(),
            parts => format!("{} (shared by {} results)", self.key, parts.len()),
        }
    }

    /// As an input of a simulation, in its own standard uncertainties.
    pub(super) fn input(&self) -> Input {
        let freedom = if self.shape == Shape::Normal { self.freedom } else { f64::INFINITY };
        // A t distribution has a variance from three degrees on.
        let freedom = if freedom < 3.0 { 3.0 } else { freedom };
        Input { estimate: 0.0, standard: 1.0, shape: self.shape, freedom }
    }

    fn scaled(&self, key: String, name: &str, by: f64, parts: &[(String, f64)]) -> Self {
        let parts = parts.iter().map(|(place, own)| (place.clone(), own * by)).collect();
        Self { key, name: name.to_owned(), parts, unit: self.unit.clone(), ..*self }
    }
}

/// Whether the components are independent of each other: then their squares add up.
fn adds_up(stated: &StatedUncertainty) -> bool {
    let contribution = |own: &UncertaintyComponent| {
        let product = own.standard.in_base()?.to_f64() * own.sensitivity.in_base()?.to_f64();
        Some(product * product)
    };
    let sum: f64 = stated.components.iter().filter_map(contribution).sum();
    let whole = stated.standard.in_base().map_or(0.0, |own| own.to_f64());
    (sum.sqrt() - whole).abs() <= 1e-6 * whole
}

fn shape_named(word: &str) -> Shape {
    let all = [Shape::Rectangular, Shape::Triangular, Shape::Arcsine];
    all.into_iter().find(|shape| shape.name() == word).unwrap_or(Shape::Normal)
}

/// All sources behind some places, each once.
pub(super) struct Sources(Vec<ErrorSource>);

impl Sources {
    /// Those of the places that go into a value. Errors of type B of one source are correlated as far as is said:
    /// the square root of the coefficient is common, the rest each place's own.
    pub(super) fn of<'p>(
        places: impl Iterator<Item = &'p Place>,
        results: &dyn Results,
        correlation: f64,
    ) -> Found<Self> {
        let mut all = ByKey::new();
        for place in places {
            for own in results.uncertainty(place).ok_or_else(|| unknown(place))? {
                match all.get_mut(&own.key) {
                    Some(known) => known.parts.extend(own.parts),
                    None => {
                        all.insert(own.key.clone(), own);
                    }
                }
            }
        }
        let split = all.into_values().flat_map(|own| split(own, correlation));
        let sources: Vec<ErrorSource> = split.collect();
        match sources.len() {
            0..=MAX_SOURCES => Ok(Self(sources)),
            found => Err(UncertaintyError::TooManySources { found, most: MAX_SOURCES }),
        }
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &ErrorSource> {
        self.0.iter()
    }
}

fn split(own: ErrorSource, correlation: f64) -> Vec<ErrorSource> {
    if own.kind == "A" || own.parts.len() < 2 || correlation >= 1.0 {
        return vec![own];
    }
    let (common, rest) = (correlation.sqrt(), (1.0 - correlation).sqrt());
    let mut parts = Vec::new();
    if common > 0.0 {
        let key = format!("{}, common part (r = {correlation})", own.key);
        parts.push(own.scaled(key, &own.name, common, &own.parts));
    }
    parts.extend(own.parts.iter().map(|part| {
        let key = format!("{}, own part of {}", own.key, part.0);
        own.scaled(key, &own.name, rest, std::slice::from_ref(part))
    }));
    parts
}

/// The lines that count most; the others together, in one line for each type.
pub(super) fn largest(
    mut lines: Vec<UncertaintyComponent>,
    unit: &Unit,
) -> Vec<UncertaintyComponent> {
    if lines.len() <= MAX_LINES {
        return lines;
    }
    lines.sort_by(|one, two| two.share.cmp(&one.share));
    let rest = lines.split_off(MAX_LINES.saturating_sub(2));
    let mut by_kind: BTreeMap<String, Vec<UncertaintyComponent>> = BTreeMap::new();
    for line in rest {
        by_kind.entry(line.kind.clone()).or_default().push(line);
    }
    lines.extend(by_kind.values().filter_map(|lines| together(lines, unit)));
    lines
}

/// Lines as one: their squares added, their degrees of freedom by Welch and Satterthwaite.
fn together(lines: &[UncertaintyComponent], unit: &Unit) -> Option<UncertaintyComponent> {
    let (mut squares, mut fourths) = (0.0, 0.0);
    let mut share = Decimal::zero();
    for line in lines {
        let own = line.standard.in_base()?.to_f64() * line.sensitivity.in_base()?.to_f64();
        squares += own * own;
        let freedom = line.freedom.as_ref().map_or(f64::INFINITY, Decimal::to_f64);
        fourths += own.powi(4) / freedom;
        share = share.checked_add(&line.share).ok()?;
    }
    let number = Decimal::from_f64_shortest;
    Some(UncertaintyComponent {
        name: format!("{} further sources together", lines.len()),
        kind: lines.first()?.kind.clone(),
        distribution: Shape::Normal.name().to_owned(),
        standard: Quantity::new(number(squares.sqrt())?, unit.clone()),
        sensitivity: Quantity::new(Decimal::from(1), Unit::none()),
        source: None,
        freedom: number(squares * squares / fourths),
        share,
    })
}
