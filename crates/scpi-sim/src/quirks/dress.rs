//! Quirks of single answers: blocks that lie, texts in other shapes, what goes before and after a line.

use scpi_protocol::program::Header;

use super::Quirks;
use crate::format::exponent;
use crate::instrument::Answer;

/// Samples that Q35 gives whatever is asked for: those of the screen.
const SCREEN: usize = 1000;

/// Points that Q34 speaks of, however many there are.
const LYING_POINTS: &str = "1200";

/// What an answer is an answer to.
pub(crate) struct Asked<'h> {
    /// From the root of the tree, in capitals.
    path: Vec<String>,
    quirks: &'h Quirks,
    /// Changes with every answer.
    turn: u64,
}

impl<'h> Asked<'h> {
    pub(crate) fn new(header: &Header, path: &[String], quirks: &'h Quirks, turn: u64) -> Self {
        let star = if header.common { "*" } else { "" };
        let path = path.iter().map(|name| format!("{star}{}", name.to_ascii_uppercase()));
        Self { path: path.collect(), quirks, turn }
    }

    fn has(&self, number: u8) -> bool {
        self.quirks.has(number)
    }

    /// Whether a node begins so.
    fn names(&self, start: &str) -> bool {
        self.path.iter().any(|node| node.starts_with(start))
    }

    fn is_error_queue(&self) -> bool {
        self.names("SYST") && self.names("ERR")
    }

    /// By its header alone, as instruments with `HEADER ON` repeat it.
    fn echo(&self) -> String {
        format!("{} ", self.path.join(":"))
    }

    /// The unit that Q27 adds.
    fn unit(&self) -> &'static str {
        let units = [("VOLT", "V"), ("CURR", "A"), ("FREQ", "HZ"), ("RES", "OHM"), ("POW", "W")];
        units.iter().find(|(node, _)| self.names(node)).map_or("", |(_, unit)| *unit)
    }
}

/// An answer as these quirks make it; `None` where none comes.
pub(crate) fn dressed(answer: Answer, asked: &Asked<'_>) -> Option<Answer> {
    Some(match answer {
        _ if asked.quirks.is_empty() => answer,
        Answer::Bytes(bytes) => Answer::Bytes(block(&bytes, asked)?),
        Answer::Text(text) => text_of(text, asked),
        // Q32: three fields in the place of four.
        Answer::Last(text) if asked.has(32) => {
            Answer::Last(text.splitn(4, ',').take(3).collect::<Vec<_>>().join(","))
        }
        Answer::Last(text) => Answer::Last(text),
    })
}

/// A block with these quirks; what is no definite block is left as it is.
fn block(bytes: &[u8], asked: &Asked<'_>) -> Option<Vec<u8>> {
    // Q25: nothing at all.
    if asked.has(25) {
        return None;
    }
    let Some(data) = data_of(bytes) else { return Some(bytes.to_vec()) };
    let long = |length: usize, data: &[u8]| [format!("#9{length:09}").as_bytes(), data].concat();
    let given = data.get(..data.len() - data.len() / 10).unwrap_or(data);
    let mut block = match () {
        () if asked.has(5) => long(0, &[]),
        () if asked.has(7) => data.to_vec(),
        () if asked.has(4) => long(data.len(), given),
        () if asked.has(35) => {
            let screen = data.get(..SCREEN).unwrap_or(data);
            long(screen.len(), screen)
        }
        () if asked.has(2) => long(data.len() / 2, data),
        () if asked.has(6) => long(data.len() + 1, data),
        () if asked.has(1) => {
            let digits = data.len().to_string();
            let header = format!("#{}{digits}", digits.len());
            [header.as_bytes(), data, b"\n"].concat()
        }
        () => bytes.to_vec(),
    };
    if asked.has(3) {
        block.splice(..0, asked.echo().into_bytes());
    }
    Some(block)
}

/// The data of a definite block.
fn data_of(bytes: &[u8]) -> Option<&[u8]> {
    let digits = bytes.strip_prefix(b"#")?.first()?.checked_sub(b'0').filter(|it| *it <= 9)?;
    bytes.get(2 + usize::from(digits)..)
}

fn text_of(text: String, asked: &Asked<'_>) -> Answer {
    let is_preamble = asked.names("PRE") || asked.names("WFMO");
    let mut text = match () {
        // Q38: triggered is only seen now and then.
        () if asked.has(38) && text == "TD" && asked.turn % 2 == 1 => "WAIT".to_owned(),
        () if asked.has(23) && is_preamble && asked.turn == 0 => "+0".to_owned(),
        () if asked.has(34) && is_preamble => with_field(&text, 2, LYING_POINTS),
        () if asked.has(31) && asked.is_error_queue() => text.replace(',', " ").replace('"', ""),
        () if asked.has(30) && is_overload(&text) => "****".to_owned(),
        () if asked.has(29) && text.parse::<i64>().is_ok() && !asked.names("*") => {
            exponent(text.parse().unwrap_or_default(), 4)
        }
        () => text,
    };
    if asked.has(33) && is_preamble {
        text.push_str(",VEC");
    }
    if asked.has(27) && text.parse::<f64>().is_ok() {
        text.push_str(asked.unit());
    }
    if asked.has(28) && !asked.names("*") && !asked.is_error_queue() {
        text.insert_str(0, &asked.echo());
    }
    if asked.has(8) && text.contains('E') {
        return Answer::Bytes(scpi_protocol::block::definite(text.as_bytes()));
    }
    Answer::Text(text)
}

fn is_overload(text: &str) -> bool {
    text.parse::<f64>().is_ok_and(|value| value.abs() >= 9.9e37)
}

/// The text with another field in the place of one.
fn with_field(text: &str, place: usize, field: &str) -> String {
    let fields = text.split(',').enumerate();
    fields.map(|(at, own)| if at == place { field } else { own }).collect::<Vec<_>>().join(",")
}

/// A line of answers with what goes before and after it.
pub(crate) fn finished(mut line: Vec<u8>, quirks: &Quirks) -> Vec<u8> {
    if quirks.has(11) && line.ends_with(b"\n") {
        line.truncate(line.len() - 1);
        line.extend_from_slice(b"\r\n");
    }
    if quirks.has(9) {
        line.insert(0, b'\n');
    }
    if quirks.has(10) {
        line.insert(0, 0);
    }
    if quirks.has(14) {
        let length = u32::try_from(line.len()).unwrap_or(u32::MAX).to_le_bytes();
        line.splice(..0, length);
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answered(numbers: &[u8], header: &str, answer: Answer) -> Option<Vec<u8>> {
        let (quirks, header): (_, Header) = (Quirks::of(numbers), header.parse().unwrap());
        let asked = Asked::new(&header, &header.mnemonics, &quirks, 1);
        match dressed(answer, &asked)? {
            Answer::Text(text) | Answer::Last(text) => Some(text.into_bytes()),
            Answer::Bytes(bytes) => Some(bytes),
        }
    }

    #[test]
    fn blocks() {
        let block = || Answer::Bytes(b"#9000000010abcdefghij".to_vec());
        for (number, wanted) in [
            (1, Some("#210abcdefghij\n")),
            (2, Some("#9000000005abcdefghij")),
            (3, Some("WAV:DATA #9000000010abcdefghij")),
            (4, Some("#9000000010abcdefghi")),
            (5, Some("#9000000000")),
            (6, Some("#9000000011abcdefghij")),
            (7, Some("abcdefghij")),
            (25, None),
            (35, Some("#9000000010abcdefghij")),
        ] {
            let found = answered(&[number], "WAV:DATA?", block());
            assert_eq!(found.as_deref(), wanted.map(str::as_bytes), "Q{number}");
        }
    }

    #[test]
    fn texts() {
        for (number, header, text, wanted) in [
            (8, "READ?", "+1.5E+00,+2E+00", "#215+1.5E+00,+2E+00"),
            (27, ":MEAS:VOLT?", "5.011", "5.011V"),
            (28, ":MEAS:VOLT?", "5.011", "MEAS:VOLT 5.011"),
            (29, ":ACQ:MDEP?", "1000", "1.0000E+03"),
            (30, "READ?", "+9.90000000E+37", "****"),
            (31, "SYST:ERR?", "0,\"No error\"", "0 No error"),
            (33, ":WAV:PRE?", "0,2,1000", "0,2,1000,VEC"),
            (34, ":WAV:PRE?", "0,2,1000", "0,2,1200"),
            (38, ":TRIG:STAT?", "TD", "WAIT"),
        ] {
            let found = answered(&[number], header, Answer::Text(text.to_owned())).unwrap();
            assert_eq!(String::from_utf8(found).unwrap(), wanted, "Q{number}");
        }
        let identity = Answer::Last("MAKER,MODEL,1,2".to_owned());
        assert_eq!(answered(&[32], "*IDN?", identity).unwrap(), b"MAKER,MODEL,1");
    }

    #[test]
    fn lines() {
        for (number, wanted) in
            [(9, "\n1\n"), (10, "\x001\n"), (11, "1\r\n"), (14, "\x02\x00\x00\x001\n")]
        {
            assert_eq!(finished(b"1\n".to_vec(), &Quirks::of(&[number])), wanted.as_bytes());
        }
    }
}
