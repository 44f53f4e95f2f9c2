//! How a corrected reading was made of the one that an instrument gave.

use crate::ids::ReadingId;
use crate::quantity::Quantity;

/// What made a corrected reading. The reading that the instrument gave is a reading of its own, before it.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Correction {
    /// The reading that was corrected.
    pub of: ReadingId,
    /// What was reckoned with the names of its inputs: `(raw - leads) / shunt`; `raw` is the reading.
    pub formula: String,
    /// What stands in the formula beside the reading, in its order.
    pub inputs: Vec<CorrectionInput>,
}

/// One number that a reading was corrected by.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct CorrectionInput {
    /// Its name in the formula.
    pub name: String,
    /// The number.
    pub value: Quantity,
    /// How uncertain it is: U for 95 % with k = 2.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uncertainty: Option<Quantity>,
    /// The certificate that states it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub certificate: Option<String>,
    /// Until when that holds: `YYYY-MM-DD`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due: Option<String>,
    /// The place of the result that it is, where it was measured before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub result: Option<String>,
}
