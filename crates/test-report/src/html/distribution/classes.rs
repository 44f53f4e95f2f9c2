//! The classes of a histogram.

/// Classes of a histogram, at least and at most.
const CLASSES: (u32, u32) = (5, 30);

/// Classes of the same width, and how many values lie in each.
pub(super) struct Classes {
    low: f64,
    width: f64,
    counts: Vec<u32>,
}

impl Classes {
    /// As many as the square root of how many values there are. None where all are the same.
    pub(super) fn of(values: &[f64], low: f64, high: f64) -> Option<Self> {
        let classes = (CLASSES.0..CLASSES.1)
            .find(|classes| u64::from(*classes).pow(2) >= crate::text::count(values.len()))
            .unwrap_or(CLASSES.1);
        let width = (high - low) / f64::from(classes);
        if width.is_nan() || width <= 0.0 {
            return None;
        }
        let mut counts = vec![0_u32; usize::try_from(classes).ok()?];
        for value in values {
            // The highest value lies on the end of the last class, and belongs to it.
            let upper = (1..classes).take_while(|class| low + f64::from(*class) * width <= *value);
            counts.get_mut(upper.count()).into_iter().for_each(|count| *count += 1);
        }
        Some(Self { low, width, counts })
    }

    pub(super) fn len(&self) -> usize {
        self.counts.len()
    }

    pub(super) fn low(&self) -> f64 {
        self.low
    }

    pub(super) fn high(&self) -> f64 {
        (0_u32..).zip(&self.counts).fold(self.low, |high, _| high + self.width)
    }

    pub(super) fn tallest(&self) -> f64 {
        self.counts.iter().copied().max().map_or(0.0, f64::from)
    }

    /// Up, across and down again for each class.
    pub(super) fn outline(&self) -> impl Iterator<Item = (f64, f64)> {
        let steps = (0_u32..).map(f64::from).zip(&self.counts);
        steps.flat_map(|(class, count)| {
            let (from, to) = (self.low + class * self.width, self.low + (class + 1.0) * self.width);
            let height = f64::from(*count);
            [(from, 0.0), (from, height), (to, height), (to, 0.0)]
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_is_in_one_class() {
        let values: Vec<f64> = (0..100).map(f64::from).collect();
        let classes = Classes::of(&values, 0.0, 99.0).unwrap();
        assert_eq!(classes.counts, [10; 10]);
        let outline: Vec<_> = classes.outline().collect();
        assert_eq!((outline.len(), outline[0], outline[39]), (40, (0.0, 0.0), (99.0, 0.0)));
        assert!(Classes::of(&[1.0; 20], 1.0, 1.0).is_none(), "nothing is spread");
        let many = Classes::of(&values.repeat(100), 0.0, 99.0).unwrap();
        assert_eq!((many.len(), many.counts.iter().sum::<u32>()), (30, 10_000));
    }
}
