//! TOML text to a [`PlanFile`]: every key known, every value of the kind that its key takes.
//!
//! | file | holds |
//! | --- | --- |
//! | `keys` | what a table and a key are |
//! | `vocabulary` | all tables and keys of a plan, once: reader and JSON Schema are driven by it |
//! | `node` | a table as it was read |
//! | `reader` | the reading, which reports a fault and goes on |
//! | `include` | files of steps put in the places where they are included |
//! | `schema` | the same as JSON Schema |

mod include;
mod keys;
mod node;
mod reader;
mod schema;
mod vocabulary;

use std::sync::Arc;

use crate::check::Sources;
use crate::fault::Faults;
use crate::source::Source;

pub(crate) use node::{Node, Value};
pub use schema::json_schema;

/// A plan as its file and those that it includes have it: the right keys with the right kinds of values, whose
/// texts are still unread.
#[derive(Debug)]
pub(crate) struct PlanFile {
    pub(crate) source: Arc<Source>,
    pub(crate) root: Node,
}

impl PlanFile {
    /// Reads what can be read, and adds what is wrong with the rest. `None` where it is no TOML.
    pub(crate) fn parse(
        file: &str,
        text: &str,
        sources: &dyn Sources,
        faults: &mut Faults,
    ) -> Option<Self> {
        let (source, root) = include::Loader::new(sources, faults).plan(file, text)?;
        Some(Self { source: Arc::new(source), root })
    }
}
