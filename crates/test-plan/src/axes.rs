//! Axes with their setpoints: which move together, and in which order they are visited.

use std::sync::Arc;

use bench_model::{Coordinate, Point, Quantity};

/// In which order the setpoints of an axis are visited.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Order {
    /// As the plan has them.
    #[default]
    AsWritten,
    /// The lowest first.
    Up,
    /// The highest first.
    Down,
    /// Up, then down; an axis of its own tells them apart.
    Both,
    /// In an order of chance that is the same for the same number.
    Shuffled(u32),
}

/// What is put behind an axis' name for that of its direction.
const DIRECTION: &str = "_direction";

/// The name of the axis that tells up from down: its setpoints are 1 and -1.
pub(crate) fn direction_name(axis: &str) -> String {
    format!("{axis}{DIRECTION}")
}

/// An axis and its setpoints, with those axes that move together with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct AxisValues {
    /// The axis itself, then those that go with it; all have as many setpoints.
    members: Arc<[(String, Vec<Quantity>)]>,
}

impl AxisValues {
    /// Axes that move together, the first of which leads.
    pub(crate) fn of(members: Vec<(String, Vec<Quantity>)>) -> Self {
        Self { members: members.into() }
    }

    /// The name of the axis that leads.
    pub(crate) fn name(&self) -> &str {
        self.names().next().unwrap_or_default()
    }

    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.members.iter().map(|(name, _)| name.as_str())
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.names().any(|own| own == name)
    }

    /// How many setpoints each of them has.
    pub(crate) fn len(&self) -> usize {
        self.members.iter().map(|(_, values)| values.len()).min().unwrap_or_default()
    }

    /// The setpoints of one of them.
    pub(crate) fn values_of(&self, name: &str) -> &[Quantity] {
        let own = self.members.iter().find(|(own, _)| own == name);
        own.map(|(_, values)| values.as_slice()).unwrap_or_default()
    }

    /// Where all of them stand at one of their setpoints.
    pub(crate) fn coordinates(&self, index: usize) -> impl Iterator<Item = Coordinate> {
        self.members.iter().filter_map(move |(name, values)| {
            Some(Coordinate { axis: name.clone(), value: values.get(index)?.clone() })
        })
    }

    /// Two setpoints at which nothing differs, where there are two.
    pub(crate) fn same(&self) -> Option<(usize, String)> {
        let mut seen = std::collections::BTreeSet::new();
        let shown = |index| Point(self.coordinates(index).collect()).to_string();
        (0..self.len()).map(|index| (index, shown(index))).find(|(_, at)| !seen.insert(at.clone()))
    }
}

/// Axes that move together as results know them: arranged by their order, with the axis that tells up from down
/// outside of them where both ways are gone.
pub(crate) fn arranged(
    members: Vec<(String, Vec<Quantity>)>,
    order: Order,
) -> (Option<AxisValues>, AxisValues) {
    let lead = members.first().cloned().unwrap_or_default();
    let mut indices: Vec<usize> = (0..lead.1.len()).collect();
    let by_value = |one: &usize, two: &usize| {
        let compared = lead.1.get(*one).partial_cmp(&lead.1.get(*two));
        compared.unwrap_or(std::cmp::Ordering::Equal)
    };
    match order {
        Order::AsWritten | Order::Shuffled(_) => {}
        Order::Up | Order::Both => indices.sort_by(by_value),
        Order::Down => indices.sort_by(|one, two| by_value(two, one)),
    }
    let sorted = |values: &[Quantity]| {
        indices.iter().filter_map(|index| values.get(*index).cloned()).collect()
    };
    let members = members.into_iter().map(|(name, values)| (name, sorted(&values))).collect();
    let direction = (order == Order::Both).then(|| {
        let ways = [1, -1].map(|way: i64| Quantity::new(way.into(), bench_model::Unit::none()));
        AxisValues::of(vec![(direction_name(&lead.0), ways.into())])
    });
    (direction, AxisValues::of(members))
}

impl Order {
    /// The setpoints of an [`arranged`] axis in the order of one visit, as numbers of them.
    ///
    /// `visit` counts how often the axis has been walked in this sweep, so that chance differs each time.
    pub(crate) fn visited(self, count: usize, is_down: bool, visit: u64) -> Vec<usize> {
        let mut indices: Vec<usize> = (0..count).collect();
        match self {
            Self::Both if is_down => indices.reverse(),
            Self::Shuffled(seed) => shuffle(&mut indices, (u64::from(seed) << 32) ^ visit),
            _ => {}
        }
        indices
    }
}

/// Fisher and Yates' shuffle with the numbers of SplitMix64, which are the same everywhere and for ever.
fn shuffle(indices: &mut [usize], seed: u64) {
    let mut state = seed;
    for last in (1..indices.len()).rev() {
        let places = u64::try_from(last).unwrap_or(u64::MAX).saturating_add(1);
        let other = usize::try_from(split_mix(&mut state) % places).unwrap_or_default();
        indices.swap(last, other);
    }
}

/// The next number of SplitMix64 (Steele, Lea and Flood, OOPSLA 2014).
fn split_mix(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let mut mixed = *state;
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    mixed ^ (mixed >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn volts(values: &[&str]) -> Vec<Quantity> {
        values.iter().map(|value| value.parse().unwrap()).collect()
    }

    fn shown(axis: &AxisValues) -> Vec<String> {
        (0..axis.len()).map(|at| Point(axis.coordinates(at).collect()).to_string()).collect()
    }

    /// The first numbers of the reference implementation for the seed 1234567.
    #[test]
    fn chance_is_that_of_the_reference() {
        let mut state = 1_234_567;
        for wanted in [
            6_457_827_717_110_365_317_u64,
            3_203_168_211_198_807_973,
            9_817_491_932_198_370_423,
            4_593_380_528_125_082_431,
        ] {
            assert_eq!(split_mix(&mut state), wanted);
        }
    }

    #[test]
    fn axes_are_arranged_by_what_leads() {
        let members = || {
            vec![
                ("v".to_owned(), volts(&["5 V", "900 mV", "7 V"])),
                ("i".to_owned(), volts(&["1 A", "2 A", "3 A"])),
            ]
        };
        for (order, wanted) in [
            (Order::AsWritten, ["[v=5 V, i=1 A]", "[v=900 mV, i=2 A]", "[v=7 V, i=3 A]"]),
            (Order::Up, ["[v=900 mV, i=2 A]", "[v=5 V, i=1 A]", "[v=7 V, i=3 A]"]),
            (Order::Down, ["[v=7 V, i=3 A]", "[v=5 V, i=1 A]", "[v=900 mV, i=2 A]"]),
        ] {
            let (direction, axis) = arranged(members(), order);
            assert_eq!((direction, shown(&axis)), (None, wanted.map(str::to_owned).into()));
        }
        let (direction, axis) = arranged(members(), Order::Both);
        let direction = direction.unwrap();
        assert_eq!(shown(&direction), ["[v_direction=1]", "[v_direction=-1]"]);
        assert_eq!(axis.values_of("i"), volts(&["2 A", "1 A", "3 A"]));
        assert_eq!(axis.same(), None);
        assert_eq!(AxisValues::of(vec![("v".into(), volts(&["1 V", "1 V"]))]).same().unwrap().0, 1);
    }

    #[test]
    fn every_setpoint_is_visited_once_in_every_order() {
        for order in [Order::AsWritten, Order::Both, Order::Shuffled(0), Order::Shuffled(7)] {
            for visit in 0..3 {
                let mut visited = order.visited(50, true, visit);
                visited.sort_unstable();
                assert_eq!(visited, (0..50).collect::<Vec<_>>(), "{order:?}");
            }
        }
        let seven = |visit| Order::Shuffled(7).visited(50, false, visit);
        assert_eq!(seven(1), seven(1));
        assert_ne!(seven(1), seven(2), "chance differs from visit to visit");
        assert_ne!(seven(1), Order::Shuffled(8).visited(50, false, 1));
        assert_eq!(Order::Both.visited(3, true, 0), [2, 1, 0]);
    }
}
