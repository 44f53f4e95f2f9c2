//! What instruments were seen to say (`fixtures/transcripts`), whole and in every split.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that cannot go on fails by panicking"
)]

use scpi_protocol::error_queue::ErrorEntry;
use scpi_protocol::framer::{Assembler, Content, FramerConfig};
use scpi_protocol::identity::Identity;
use scpi_protocol::program::ProgramMessage;
use scpi_protocol::response::{Base, Datum, NumericValue, Response};

struct Dialogue {
    place: String,
    query: String,
    answer: Vec<u8>,
    meanings: Vec<String>,
}

fn dialogues() -> Vec<Dialogue> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/transcripts");
    let mut all = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "txt") {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            read(&name, &std::fs::read_to_string(&path).unwrap(), &mut all);
        }
    }
    all
}

fn read(file: &str, text: &str, all: &mut Vec<Dialogue>) {
    for (number, line) in (1..).zip(text.lines()) {
        let place = format!("{file}:{number}");
        match line.split_at_checked(2) {
            Some(("> ", query)) => all.push(Dialogue {
                place,
                query: query.to_owned(),
                answer: Vec::new(),
                meanings: Vec::new(),
            }),
            Some(("< ", answer)) => all.last_mut().unwrap().answer = unescaped(answer),
            Some(("= ", meaning)) => all.last_mut().unwrap().meanings.push(meaning.to_owned()),
            Some(("# ", _)) => {}
            _ => panic!("{place}: {line}"),
        }
    }
}

fn unescaped(text: &str) -> Vec<u8> {
    let (mut bytes, mut rest) = (Vec::new(), text.chars());
    while let Some(c) = rest.next() {
        match (c, (c == '\\').then(|| rest.next()).flatten()) {
            (_, Some('n')) => bytes.push(b'\n'),
            (_, Some('r')) => bytes.push(b'\r'),
            (_, Some('\\')) => bytes.push(b'\\'),
            (_, Some('x')) => {
                let digits: String = rest.by_ref().take(2).collect();
                bytes.push(u8::from_str_radix(&digits, 16).unwrap());
            }
            (_, Some(other)) => panic!("no escape: \\{other}"),
            (c, None) => bytes.extend(c.to_string().bytes()),
        }
    }
    bytes
}

/// The one message of an answer that comes in two pieces.
fn framed(dialogue: &Dialogue, at: usize) -> Vec<u8> {
    let content = if dialogue.query == "*IDN?" { Content::PlainText } else { Content::Elements };
    let mut assembler = Assembler::new(FramerConfig { content, ..FramerConfig::default() });
    let (one, two) = dialogue.answer.split_at(at);
    let mut found = Vec::new();
    for mut piece in [one, two] {
        while let Some(message) = assembler.next(&mut piece).unwrap() {
            found.push(message.to_vec());
        }
    }
    assert_eq!(found.len(), 1, "{} split at {at}", dialogue.place);
    found.remove(0)
}

/// What the answer means when it is read as `kind`, in the words of the transcript.
fn meaning(kind: &str, answer: &Response) -> String {
    let unit = || answer.parse().into_unit();
    let text = String::from_utf8_lossy(answer.raw()).into_owned();
    match kind {
        "number" => answer.number().unwrap().text.to_owned(),
        "numbers" => answer.numbers().unwrap().len().to_string(),
        "non-number" => match answer.numeric() {
            Ok(NumericValue::NonNumber(what)) => format!("{what:?}"),
            other => format!("{other:?}"),
        },
        "integer" => answer.integer().unwrap().to_string(),
        "boolean" => answer.boolean().unwrap().to_string(),
        "string" => answer.string().unwrap(),
        "word" => match answer.parse().into_single() {
            Some(Datum::Word(word)) => word.to_owned(),
            other => format!("{other:?}"),
        },
        "hex" => match answer.parse().into_single() {
            Some(Datum::NonDecimal { base: Base::Hexadecimal, value }) => value.to_string(),
            other => format!("{other:?}"),
        },
        "text" => answer.text().unwrap().to_owned(),
        "header" => unit().unwrap().header.unwrap().to_owned(),
        "units" => answer.parse().units.len().to_string(),
        "error" => {
            let entry: ErrorEntry = text.parse().unwrap();
            format!("{}|{}", entry.code, entry.text)
        }
        "identity" => {
            let Identity { maker, model, serial, firmware, .. } = text.parse().unwrap();
            let (serial, firmware) = (serial.unwrap_or_default(), firmware.unwrap_or_default());
            format!("{maker}|{model}|{serial}|{firmware}")
        }
        _ => panic!("no kind: {kind}"),
    }
}

#[test]
fn every_answer_means_what_it_is_known_to_mean() {
    let all = dialogues();
    assert!(all.len() >= 40, "only {} dialogues", all.len());
    for dialogue in &all {
        assert!(!dialogue.meanings.is_empty(), "{}", dialogue.place);
        for at in 0..=dialogue.answer.len() {
            let answer = Response::new(framed(dialogue, at));
            for line in &dialogue.meanings {
                let (kind, wanted) = line.split_once(' ').unwrap();
                assert_eq!(meaning(kind, &answer), wanted, "{} split at {at}", dialogue.place);
            }
        }
    }
}

#[test]
fn every_query_is_a_program_message_and_prints_back() {
    for Dialogue { place, query, .. } in dialogues() {
        let message = ProgramMessage::parse(query.as_bytes()).unwrap();
        assert!(message.is_query(), "{place}");
        assert_eq!(String::from_utf8(message.to_bytes()).unwrap(), query, "{place}");
    }
}
