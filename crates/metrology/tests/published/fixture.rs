//! Reading the published sets.

use std::path::Path;

use exact_decimal::Decimal;

/// A published set: certified values by name, and data.
pub(crate) struct Published {
    text: String,
}

impl Published {
    pub(crate) fn read(name: &str) -> Self {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/published");
        Self { text: std::fs::read_to_string(folder.join(name)).unwrap() }
    }

    /// A certified value.
    pub(crate) fn value(&self, name: &str) -> f64 {
        let (head, _) = self.text.split_once("\ndata\n").unwrap();
        let mut pairs = head.lines().filter_map(|line| line.split_once(" = "));
        let (_, value) = pairs.find(|(own, _)| *own == name).unwrap();
        value.parse().unwrap()
    }

    /// The words of each line of data.
    pub(crate) fn rows(&self) -> impl Iterator<Item = Vec<&str>> {
        let (_, data) = self.text.split_once("\ndata\n").unwrap();
        data.lines().map(|line| line.split_whitespace().collect())
    }

    /// All words of the data as exact numbers.
    pub(crate) fn decimals(&self) -> Vec<Decimal> {
        self.rows().flatten().map(|word| word.parse().unwrap()).collect()
    }

    /// All words of the data as floats.
    pub(crate) fn floats(&self) -> Vec<f64> {
        self.rows().flatten().map(|word| word.parse().unwrap()).collect()
    }

    /// The second words by their first ones, which are treatments.
    pub(crate) fn groups(&self) -> Vec<Vec<f64>> {
        let mut groups: Vec<(&str, Vec<f64>)> = Vec::new();
        let rows: Vec<Vec<&str>> = self.rows().collect();
        for row in &rows {
            let value = row[1].parse().unwrap();
            match groups.iter_mut().find(|(name, _)| *name == row[0]) {
                Some((_, values)) => values.push(value),
                None => groups.push((row[0], vec![value])),
            }
        }
        groups.into_iter().map(|(_, values)| values).collect()
    }
}

/// Whether a value agrees with a published one to a part of it.
#[track_caller]
pub(crate) fn agree(found: f64, wanted: f64, relative: f64) {
    let apart = (found - wanted).abs();
    assert!(apart <= relative * wanted.abs(), "{found} instead of {wanted}, {apart:e} apart");
}

/// Whether a value agrees with a published one to half of its last digit.
#[track_caller]
pub(crate) fn rounds_to(found: f64, published: &str) {
    let digits = published.split_once('.').map_or(0, |(_, decimals)| decimals.len());
    assert_eq!(format!("{found:.digits$}"), published, "{found}");
}
