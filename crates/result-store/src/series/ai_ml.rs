//! What language models were asked: `ai_ml.model_inference_log`.

use bench_model::{Timestamp, Value};
use postgres_types::Type;
use uuid::Uuid;

use super::{Cell, Cells, json, numeric, sealed, text};
use crate::error::Cause;

/// Letters of what was asked and answered that are kept.
const PREVIEW_LETTERS: usize = 500;

/// A question to a model.
#[derive(Clone, Debug, PartialEq)]
pub struct Inference {
    /// When.
    pub at: Timestamp,
    /// The model.
    pub model: Option<Uuid>,
    /// Tokens of the question.
    pub prompt_tokens: Option<i32>,
    /// Tokens of the answer.
    pub completion_tokens: Option<i32>,
    /// Both.
    pub total_tokens: Option<i32>,
    /// How long it took, in milliseconds.
    pub inference_time_ms: Option<i32>,
    /// How fast it was.
    pub tokens_per_second: Option<Value>,
    /// How the question begins; the first 500 letters are kept.
    pub input_preview: Option<String>,
    /// How the answer begins; the first 500 letters are kept.
    pub output_preview: Option<String>,
    /// Whether there was an answer.
    pub success: bool,
    /// Why not.
    pub error_message: Option<String>,
    /// Anything else.
    pub metadata: Option<serde_json::Value>,
}

impl sealed::Row for Inference {
    const TABLE: &'static str = "ai_ml.model_inference_log";
    const ID: &'static str = "inference_id";
    const COLUMNS: &'static [(&'static str, Type)] = &[
        ("timestamp", Type::TIMESTAMPTZ),
        ("model_id", Type::UUID),
        ("prompt_tokens", Type::INT4),
        ("completion_tokens", Type::INT4),
        ("total_tokens", Type::INT4),
        ("inference_time_ms", Type::INT4),
        ("tokens_per_second", Type::NUMERIC),
        ("input_preview", Type::TEXT),
        ("output_preview", Type::TEXT),
        ("success", Type::BOOL),
        ("error_message", Type::TEXT),
        ("metadata", Type::JSONB),
    ];

    fn at(&self) -> Timestamp {
        self.at
    }

    fn cells(&self) -> Result<Vec<Cell>, Cause> {
        Ok(vec![
            Box::new(self.model),
            Box::new(self.prompt_tokens),
            Box::new(self.completion_tokens),
            Box::new(self.total_tokens),
            Box::new(self.inference_time_ms),
            numeric(&self.tokens_per_second),
            text(&self.input_preview.as_deref().map(preview)),
            text(&self.output_preview.as_deref().map(preview)),
            Box::new(self.success),
            text(&self.error_message),
            json(&self.metadata)?,
        ])
    }

    fn read(at: Timestamp, cells: &mut Cells<'_>) -> Result<Self, Cause> {
        Ok(Self {
            at,
            model: cells.take()?,
            prompt_tokens: cells.take()?,
            completion_tokens: cells.take()?,
            total_tokens: cells.take()?,
            inference_time_ms: cells.take()?,
            tokens_per_second: cells.number()?,
            input_preview: cells.take()?,
            output_preview: cells.take()?,
            success: cells.take::<Option<bool>>()?.unwrap_or_default(),
            error_message: cells.take()?,
            metadata: cells.take()?,
        })
    }
}

fn preview(text: &str) -> String {
    text.chars().take(PREVIEW_LETTERS).collect()
}
