//! What a waveform's codes mean: the preamble in the form of its maker.

use bench_catalog::{CaptureWords, PreambleForm, Values};
use bench_model::CodeFormat;
use scpi_protocol::Escaped;
use scpi_protocol::preamble::{Encoding, Preamble, PreambleError};
use scpi_protocol::response::{ByteOrder, NumericValue, Response};

use crate::channel::{Channel, Result};
use crate::error::InstrumentError;

/// A preamble that was read.
pub(crate) struct Described {
    pub(crate) preamble: Preamble,
    pub(crate) format: CodeFormat,
    /// As it came; several answers stand behind each other.
    pub(crate) text: String,
}

impl Channel {
    /// Asks what the codes of a waveform mean.
    pub(crate) async fn describe_waveform(
        &self,
        words: &CaptureWords,
        values: &Values,
    ) -> Result<Described> {
        let queries = words.preamble_messages(values);
        let mut answers = Vec::with_capacity(queries.len());
        for query in &queries {
            answers.push(self.ask(query).await?);
        }
        let text = answers.iter().map(text_of).collect::<Vec<_>>().join("; ");
        let read = read(words, &answers)
            .and_then(|preamble| Ok((code_format(preamble.encoding)?, preamble)));
        match read {
            Ok((format, preamble)) => Ok(Described { preamble, format, text }),
            Err(fault) => Err(InstrumentError::Preamble {
                who: self.who(),
                command: queries.join("; "),
                fault,
                answer: Escaped::new(text.as_bytes()).to_string(),
            }),
        }
    }
}

/// A record of bytes is escaped, whole.
fn text_of(answer: &Response) -> String {
    let text = answer.text().map(str::to_owned);
    text.unwrap_or_else(|_| answer.raw().escape_ascii().to_string())
}

fn read(
    words: &CaptureWords,
    answers: &[Response],
) -> std::result::Result<Preamble, PreambleError> {
    let divisions = words.divisions.unwrap_or_default();
    match (words.preamble_form, answers) {
        (PreambleForm::Rigol, [answer]) => Preamble::rigol(answer),
        (PreambleForm::Keysight, [answer]) => Preamble::keysight(answer),
        (PreambleForm::Tektronix, [answer]) => Preamble::tektronix(answer),
        (PreambleForm::Siglent, [record, time_base]) => {
            let wanted = PreambleError::Field { name: "record", wanted: "a block" };
            let record = record.block().map_err(|_| wanted)?;
            Preamble::siglent(record, &finite(time_base)?, divisions)
        }
        (PreambleForm::SiglentScales, answers) => Preamble::siglent_scales(answers, divisions),
        _ => {
            let found = answers.len();
            Err(PreambleError::FieldCount { found, wanted: "the answers of the dialect's form" })
        }
    }
}

fn finite(answer: &Response) -> std::result::Result<bench_model::Decimal, PreambleError> {
    match answer.numeric() {
        Ok(NumericValue::Finite(value)) => Ok(value),
        _ => Err(PreambleError::Field { name: "time base", wanted: "a finite number" }),
    }
}

fn code_format(encoding: Encoding) -> std::result::Result<CodeFormat, PreambleError> {
    Ok(match encoding {
        Encoding::Binary { bytes: 1, is_signed: true, .. } => CodeFormat::I8,
        Encoding::Binary { bytes: 1, is_signed: false, .. } => CodeFormat::U8,
        Encoding::Binary { bytes: 2, is_signed: true, order: ByteOrder::LittleEndian } => {
            CodeFormat::I16Le
        }
        Encoding::Binary { bytes: 2, is_signed: true, order: ByteOrder::BigEndian } => {
            CodeFormat::I16Be
        }
        Encoding::Binary { bytes: 2, is_signed: false, order: ByteOrder::LittleEndian } => {
            CodeFormat::U16Le
        }
        Encoding::Binary { bytes: 2, is_signed: false, order: ByteOrder::BigEndian } => {
            CodeFormat::U16Be
        }
        _ => return Err(PreambleError::Field { name: "format", wanted: "BYTE or WORD" }),
    })
}
