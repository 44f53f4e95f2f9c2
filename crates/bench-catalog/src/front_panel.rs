//! Who may turn an instrument's knobs.

/// The messages that lock and free a front panel; empty where the dialect has none that is verified.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FrontPanel {
    /// Nobody can turn anything, not even with the key that takes the instrument back.
    #[serde(default)]
    pub lockout: Vec<String>,
    /// The panel works again.
    #[serde(default)]
    pub local: Vec<String>,
}
