//! What statistical methods say of several values together, beside the one value that is judged.

use exact_decimal::Decimal;

use crate::quantity::Quantity;

/// What one method says.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Analysis {
    /// What it is: `Capability`.
    pub title: String,
    /// How it was made, and by which source.
    pub method: String,
    /// The probability with which each interval holds its true value, 0 to 1; none where there are no intervals.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confidence: Option<Decimal>,
    /// What came out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub figures: Vec<Figure>,
    /// What should be known before anything is built on it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub remarks: Vec<String>,
}

/// One number of an analysis.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Figure {
    /// What it is called.
    pub name: String,
    /// The estimate.
    pub value: Quantity,
    /// The lower end of its interval, where it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub low: Option<Quantity>,
    /// The upper end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub high: Option<Quantity>,
    /// What belongs to this number alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remark: Option<String>,
}

impl Analysis {
    /// The figure of a name.
    #[must_use]
    pub fn figure(&self, name: &str) -> Option<&Figure> {
        self.figures.iter().find(|figure| figure.name == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_read_again_as_it_was_written() {
        let own = Analysis {
            title: "Capability".to_owned(),
            method: "within subgroups".to_owned(),
            confidence: Some("0.95".parse().unwrap()),
            figures: vec![Figure {
                name: "Cpk".to_owned(),
                value: "1.33".parse().unwrap(),
                low: Some("0.9".parse().unwrap()),
                high: None,
                remark: None,
            }],
            remarks: Vec::new(),
        };
        let text = serde_json::to_string(&own).unwrap();
        assert!(!text.contains("remark"), "{text}");
        assert_eq!(serde_json::from_str::<Analysis>(&text).unwrap(), own);
        assert!(own.figure("Cpk").is_some() && own.figure("Cp").is_none());
    }
}
