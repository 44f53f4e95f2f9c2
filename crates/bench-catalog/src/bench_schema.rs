//! The JSON Schema of bench files, for editors.

use crate::registry::Dialects;

/// The schema of bench files, as JSON text (JSON Schema, draft 2020-12).
#[must_use]
pub fn json_schema() -> String {
    let names = Dialects::built_in().map_or_else(
        |_| String::new(),
        |dialects| {
            let quoted: Vec<_> = dialects.names().map(|name| format!("\"{name}\"")).collect();
            quoted.join(", ")
        },
    );
    include_str!("bench.schema.json").replace("\"@dialects@\"", &names)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_of_a_bench_file_is_in_it() {
        let schema = json_schema();
        for key in [
            "name",
            "line_frequency_hz",
            "inventory",
            "instruments",
            "roles",
            "manual",
            "maker",
            "model",
            "sites",
            "dut",
            "address",
            "dialect",
            "serial",
            "identity",
            "calibration",
            "on_since",
            "timeout_ms",
            "accuracy",
            "rows",
            "up_to",
            "days",
            "within",
            "last",
            "due",
            "certificate",
            "instrument",
            "channel",
            "login",
            "credential",
            "line",
            "answer",
        ] {
            assert!(schema.contains(&format!("\"{key}\": {{")), "{key}");
        }
        assert!(schema.contains("\"rigol_dp800\""));
    }
}
