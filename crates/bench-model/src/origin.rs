//! Where a session came from: enough to say later how it was made, and to make the rest of it.

use std::collections::BTreeMap;

/// What a session was made of besides its plan.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Origin {
    /// How the writer was built: target, profile, and the commit where it is known.
    pub build: String,
    /// The folder in which it was begun; files are relative to it.
    pub folder: String,
    /// The instruments.
    pub bench: BenchOrigin,
    /// The site of the bench, where that has several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub site: Option<String>,
    /// `--set`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub set: BTreeMap<String, String>,
    /// `--step`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub steps: Vec<String>,
    /// `--tag`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    /// `--skip`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub skip: Vec<String>,
}

/// The file of a bench as it was.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct BenchOrigin {
    /// Whether the bench was simulated in the process itself.
    pub simulated: bool,
    /// Its file.
    pub file: String,
    /// SHA-256 of its text, in hexadecimal.
    pub sha256: String,
    /// All of it.
    pub text: String,
}
