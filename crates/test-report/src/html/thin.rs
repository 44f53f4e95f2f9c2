//! Fewer points that look the same: the lowest and the highest of every few neighbours.

/// At most about so many of these points, in their order; what has no more is unchanged.
pub(super) fn thinned(
    points: impl Iterator<Item = (f64, f64)>,
    count: usize,
    most: usize,
) -> Vec<(f64, f64)> {
    let neighbours = if count <= most { 1 } else { count.div_ceil((most / 2).max(1)) };
    let (mut thin, mut few) = (Vec::new(), Vec::new());
    for point in points {
        few.push(point);
        if few.len() >= neighbours {
            thin.extend(extremes(&few));
            few.clear();
        }
    }
    thin.extend(extremes(&few));
    thin
}

fn extremes(points: &[(f64, f64)]) -> Vec<(f64, f64)> {
    let indexed = || points.iter().enumerate();
    let lowest = indexed().min_by(|(_, one), (_, two)| one.1.total_cmp(&two.1));
    let highest = indexed().max_by(|(_, one), (_, two)| one.1.total_cmp(&two.1));
    match (lowest, highest) {
        (Some((one, low)), Some((two, high))) if one < two => vec![*low, *high],
        (Some((one, low)), Some((two, high))) if one > two => vec![*high, *low],
        (lowest, _) => lowest.map(|(_, point)| *point).into_iter().collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spike_survives() {
        let points: Vec<_> = (0..100_000_u32)
            .map(|x| (f64::from(x), if x == 77_777 { 9.0 } else { f64::from(x % 7) / 7.0 }))
            .collect();
        let thin = |points: &[_], most| thinned(points.iter().copied(), points.len(), most);
        let few = thin(&points, 1000);
        assert!(few.len() <= 1000, "{}", few.len());
        assert!(few.contains(&(77_777.0, 9.0)));
        assert!(few.is_sorted_by(|one, two| one.0 < two.0), "in their order");
        assert_eq!(thin(&points[..10], 10), points[..10]);
        assert_eq!(thin(&[(0.0, 1.0); 9], 2).len(), 2, "all the same");
        assert_eq!(thin(&[], 2), []);
    }
}
