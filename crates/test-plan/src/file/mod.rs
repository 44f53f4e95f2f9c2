//! TOML text to a [`PlanFile`]: every key known, every value of the kind that its key takes.
//!
//! | file | holds |
//! | --- | --- |
//! | `keys` | what a table and a key are |
//! | `vocabulary` | all tables and keys of a plan, once: reader and JSON Schema are driven by it |
//! | `node` | a table as it was read |
//! | `reader` | the reading, which reports a fault and goes on |
//! | `schema` | the same as JSON Schema |

mod keys;
mod node;
mod reader;
mod schema;
mod vocabulary;

use std::sync::Arc;

use toml::de::DeTable;

use crate::bounds::MAX_PLAN_BYTES;
use crate::fault::{Fault, Faults};
use crate::source::Source;

pub(crate) use node::{Node, Value};
pub use schema::json_schema;

/// A plan as its file has it: the right keys with the right kinds of values, whose texts are still unread.
#[derive(Debug)]
pub(crate) struct PlanFile {
    pub(crate) source: Arc<Source>,
    pub(crate) root: Node,
}

impl PlanFile {
    /// Reads what can be read, and adds what is wrong with the rest. `None` where it is no TOML.
    pub(crate) fn parse(file: &str, text: &str, faults: &mut Faults) -> Option<Self> {
        if text.len() > MAX_PLAN_BYTES {
            let bytes = text.len();
            let message = format!("a plan of {bytes} bytes; at most {MAX_PLAN_BYTES} are read");
            faults.add(Fault::of_whole(file, message));
            return None;
        }
        let source = Arc::new(Source::new(file, text));
        match DeTable::parse(text) {
            Ok(table) => {
                let root = reader::Reader::new(&source, faults).read(&vocabulary::PLAN, &table);
                Some(Self { source, root })
            }
            Err(error) => {
                let span = error.span().unwrap_or_default();
                let message = error.message().lines().collect::<Vec<_>>().join("; ");
                faults.add(source.fault(&span, format!("this is no TOML: {message}")));
                None
            }
        }
    }
}
