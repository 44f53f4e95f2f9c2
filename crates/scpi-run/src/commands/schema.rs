//! `scpi-run schema`.

use crate::args::SchemaOf;
use crate::commands::print;
use crate::exit::Exit;

/// Prints a JSON Schema.
pub(crate) fn schema(of: SchemaOf) -> Exit {
    let text = match of {
        SchemaOf::Plan => format!("{:#}\n", test_plan::json_schema()),
        SchemaOf::Bench => bench_catalog::json_schema(),
        SchemaOf::Sweep => night_shift::json_schema().to_owned(),
    };
    print(&text);
    Exit::Pass
}
