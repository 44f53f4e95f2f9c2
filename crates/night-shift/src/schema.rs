//! The JSON Schema of sweep files, for editors.

/// The schema of sweep files, as JSON text (JSON Schema, draft 2020-12).
#[must_use]
pub fn json_schema() -> &'static str {
    include_str!("sweep.schema.json")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test says what it expects by panicking")]

    use serde_json::Value;

    use crate::Sweep;

    /// A value that a key takes.
    fn example(key: &str) -> &'static str {
        match key {
            "alpha" => "0.5",
            "calibration_within_days" | "repeat" => "3",
            "quiet_hours" => "['06:00..07:00']",
            "on" => "'daily'",
            "jitter" | "budget" => "'5 min'",
            "order" => "'as_written'",
            "in_use" => "'wait'",
            "on_failure" => "'stop'",
            "set" => "{ load = '1 A' }",
            "tags" | "skip" | "steps" => "['a']",
            _ => "'text'",
        }
    }

    fn keys(schema: &Value, at: &str) -> Vec<String> {
        schema.pointer(at).unwrap().as_object().unwrap().keys().cloned().collect()
    }

    #[test]
    fn every_key_of_the_schema_is_taken_and_no_other() {
        let schema: Value = serde_json::from_str(super::json_schema()).unwrap();
        for key in keys(&schema, "/properties") {
            let top = match key.as_str() {
                "name" | "jobs" | "defaults" => String::new(),
                key => format!("{key} = {}\n", example(key)),
            };
            let text = format!("name = 'a'\n{top}[[jobs]]\nplan = 'p'\nsim = true\n");
            assert!(Sweep::parse("s", &text).is_ok(), "{key}: {:?}", Sweep::parse("s", &text));
        }
        for key in keys(&schema, "/$defs/job/properties") {
            let own = match key.as_str() {
                "plan" => "sim = true".to_owned(),
                "sim" => "sim = 'bench'".to_owned(),
                "bench" => "bench = 'b.toml'".to_owned(),
                key => format!("sim = true\n{key} = {}", example(key)),
            };
            let text = format!("name = 'a'\n[[jobs]]\nplan = 'p'\n{own}\n");
            assert!(Sweep::parse("s", &text).is_ok(), "{key}: {:?}", Sweep::parse("s", &text));
        }
        // The file's own types name what they know when they meet something else.
        for (at, text) in [
            ("/properties", "x = 1\nname = 'a'"),
            ("/$defs/job/properties", "name = 'a'\n[[jobs]]\nx = 1"),
        ] {
            let fault = Sweep::parse("s", text).unwrap_err().to_string();
            let known = fault.split('`').skip(3).step_by(2).map(str::to_owned);
            let (mut known, mut wanted): (Vec<_>, Vec<_>) = (known.collect(), keys(&schema, at));
            known.sort();
            wanted.sort();
            assert_eq!(known, wanted, "{fault}");
        }
    }
}
