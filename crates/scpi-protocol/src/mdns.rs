//! Service discovery by multicast DNS, as far as instruments use it (RFC 6762, RFC 6763, LXI): one question, and
//! what answers say.
//!
//! ```
//! use scpi_protocol::mdns;
//!
//! let question = mdns::question(&["_scpi-raw._tcp.local"]);
//! assert_eq!(&question[12..22], b"\x09_scpi-raw");
//! assert!(mdns::records(&question).unwrap().is_empty()); // a question answers nothing
//! ```

use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The port of multicast DNS.
pub const PORT: u16 = 5353;

/// Its IPv4 group.
pub const GROUP: Ipv4Addr = Ipv4Addr::new(224, 0, 0, 251);

/// Records that one answer is read for at most.
pub const MAX_RECORDS: usize = 256;

/// Pointers that one name may go through: each must lead back, this only bounds the work.
const MAX_POINTERS: usize = 32;

/// The longest name, RFC 1035 clause 2.3.4.
const MAX_NAME_BYTES: usize = 255;

const HEADER_BYTES: usize = 12;
const TYPE_A: u16 = 1;
const TYPE_PTR: u16 = 12;
const TYPE_TXT: u16 = 16;
const TYPE_AAAA: u16 = 28;
const TYPE_SRV: u16 = 33;
const CLASS_IN: u16 = 1;
/// RFC 6762 clause 5.4: an answer to us alone is as good.
const UNICAST_RESPONSE: u16 = 0x8000;

/// What an answer says of a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// The name.
    pub name: String,
    /// What is said.
    pub data: RecordData,
}

/// What can be said of a name.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RecordData {
    /// An instance of a service has this name.
    Pointer(String),
    /// An instance is served here.
    Service {
        /// The port.
        port: u16,
        /// The host's name.
        host: String,
    },
    /// Texts such as `Manufacturer=Keysight Technologies`.
    Text(Vec<String>),
    /// A host's address.
    Address(IpAddr),
    /// Anything else.
    Other,
}

/// Bytes that are no message of DNS.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no message of DNS: it is broken at byte {at}")]
pub struct NoMessage {
    /// Where.
    pub at: usize,
}

/// A question for the instances of services.
#[must_use]
pub fn question(services: &[&str]) -> Vec<u8> {
    let count = u16::try_from(services.len()).unwrap_or(u16::MAX);
    let mut message = [0_u16, 0, count, 0, 0, 0].map(u16::to_be_bytes).concat();
    for service in services {
        for label in service.split('.') {
            let length = label.len().min(63);
            message.push(u8::try_from(length).unwrap_or(63));
            message.extend_from_slice(label.as_bytes().get(..length).unwrap_or_default());
        }
        message.push(0);
        message.extend([TYPE_PTR, UNICAST_RESPONSE | CLASS_IN].map(u16::to_be_bytes).concat());
    }
    message
}

/// What an answer says, all of its sections, [`MAX_RECORDS`] at most.
///
/// # Errors
/// The bytes end before the message does, or a name runs in a circle.
pub fn records(message: &[u8]) -> Result<Vec<Record>, NoMessage> {
    let mut reader = Reader { message, at: 4 };
    let questions = reader.word()?;
    let counts = [reader.word()?, reader.word()?, reader.word()?];
    let answers: usize = counts.into_iter().map(usize::from).sum();
    reader.at = HEADER_BYTES;
    for _ in 0..questions {
        reader.name()?;
        reader.skip(4)?;
    }
    let mut records = Vec::new();
    for _ in 0..answers.min(MAX_RECORDS) {
        records.push(reader.record()?);
    }
    Ok(records)
}

struct Reader<'m> {
    message: &'m [u8],
    at: usize,
}

impl<'m> Reader<'m> {
    fn take(&mut self, bytes: usize) -> Result<&'m [u8], NoMessage> {
        let end = self.at.saturating_add(bytes);
        let taken = self.message.get(self.at..end).ok_or(NoMessage { at: self.at })?;
        self.at = end;
        Ok(taken)
    }

    fn skip(&mut self, bytes: usize) -> Result<(), NoMessage> {
        self.take(bytes).map(drop)
    }

    fn byte(&mut self) -> Result<u8, NoMessage> {
        let at = self.at;
        self.take(1)?.first().copied().ok_or(NoMessage { at })
    }

    fn word(&mut self) -> Result<u16, NoMessage> {
        Ok(u16::from_be_bytes([self.byte()?, self.byte()?]))
    }

    /// A name, its compression resolved (RFC 1035 clause 4.1.4); labels joined by `.`.
    fn name(&mut self) -> Result<String, NoMessage> {
        let mut name = String::new();
        let mut after = None;
        for _ in 0..MAX_POINTERS {
            match self.labels(&mut name)? {
                None => {
                    self.at = after.unwrap_or(self.at);
                    return Ok(name);
                }
                Some(pointer) => {
                    after.get_or_insert(self.at);
                    self.at = pointer;
                }
            }
        }
        Err(NoMessage { at: self.at })
    }

    /// Labels up to the end of the name, or to a pointer to its rest.
    fn labels(&mut self, name: &mut String) -> Result<Option<usize>, NoMessage> {
        loop {
            let at = self.at;
            let length = self.byte()?;
            match length {
                0 => return Ok(None),
                0xC0.. => {
                    let low = self.byte()?;
                    return Ok(Some(usize::from(u16::from_be_bytes([length & 0x3F, low]))));
                }
                0x40.. => return Err(NoMessage { at }),
                _ => {}
            }
            let label = self.take(usize::from(length))?;
            if name.len() + label.len() >= MAX_NAME_BYTES {
                return Err(NoMessage { at });
            }
            if !name.is_empty() {
                name.push('.');
            }
            name.push_str(&String::from_utf8_lossy(label));
        }
    }

    fn record(&mut self) -> Result<Record, NoMessage> {
        let name = self.name()?;
        let kind = self.word()?;
        self.skip(6)?;
        let length = usize::from(self.word()?);
        let end = self.at.saturating_add(length);
        let data = self.data(kind, length)?;
        if self.at > end || end > self.message.len() {
            return Err(NoMessage { at: end });
        }
        self.at = end;
        Ok(Record { name, data })
    }

    fn data(&mut self, kind: u16, length: usize) -> Result<RecordData, NoMessage> {
        Ok(match (kind, length) {
            (TYPE_PTR, _) => RecordData::Pointer(self.name()?),
            (TYPE_SRV, 7..) => {
                self.skip(4)?;
                RecordData::Service { port: self.word()?, host: self.name()? }
            }
            (TYPE_TXT, _) => RecordData::Text(texts(self.take(length)?)),
            (TYPE_A, 4) => {
                let bytes: Option<[u8; 4]> = self.take(4)?.try_into().ok();
                bytes.map_or(RecordData::Other, |it| RecordData::Address(Ipv4Addr::from(it).into()))
            }
            (TYPE_AAAA, 16) => {
                let bytes: Option<[u8; 16]> = self.take(16)?.try_into().ok();
                bytes.map_or(RecordData::Other, |it| RecordData::Address(Ipv6Addr::from(it).into()))
            }
            _ => RecordData::Other,
        })
    }
}

/// Each with its length before it; one that is cut is left out.
fn texts(mut data: &[u8]) -> Vec<String> {
    let mut texts = Vec::new();
    while let Some((length, rest)) = data.split_first() {
        let Some((text, rest)) = rest.split_at_checked(usize::from(*length)) else { break };
        if !text.is_empty() {
            texts.push(String::from_utf8_lossy(text).into_owned());
        }
        data = rest;
    }
    texts
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An answer as RFC 1035 clause 4.1 and RFC 6763 clause 6 have it, byte by byte: PTR, SRV, TXT and A, with
    /// names that point back.
    pub(crate) fn answer() -> Vec<u8> {
        let mut message = [0_u16, 0x8400, 0, 1, 0, 3].map(u16::to_be_bytes).concat();
        message.extend(b"\x09_scpi-raw\x04_tcp\x05local\0"); // at 12
        message.extend([0, 12, 0, 1, 0, 0, 0, 120, 0, 8]);
        message.extend(b"\x05psu 1\xc0\x0c"); // at 44: "psu 1" and the name at 12
        message.extend([0xc0, 44, 0, 33, 0, 1, 0, 0, 0, 120, 0, 12, 0, 0, 0, 0, 0x13, 0xa1]);
        message.extend(b"\x03psu\xc0\x1b"); // at 70: "psu" and "local" at 27
        message.extend([0xc0, 44, 0, 16, 0, 1, 0, 0, 0, 120, 0, 10]);
        message.extend(b"\x09txtvers=1");
        message.extend([0xc0, 70, 0, 1, 0, 1, 0, 0, 0, 120, 0, 4, 192, 168, 1, 20]);
        message
    }

    #[test]
    fn an_answer_word_by_word() {
        let records = records(&answer()).unwrap();
        let names: Vec<_> = records.iter().map(|record| record.name.as_str()).collect();
        let instance = "psu 1._scpi-raw._tcp.local";
        assert_eq!(names, ["_scpi-raw._tcp.local", instance, instance, "psu.local"]);
        let data: Vec<_> = records.into_iter().map(|record| record.data).collect();
        assert_eq!(
            data,
            [
                RecordData::Pointer(instance.to_owned()),
                RecordData::Service { port: 5025, host: "psu.local".to_owned() },
                RecordData::Text(vec!["txtvers=1".to_owned()]),
                RecordData::Address(Ipv4Addr::new(192, 168, 1, 20).into()),
            ]
        );
    }

    #[test]
    fn broken_answers_end() {
        let whole = answer();
        for cut in 12..whole.len() {
            assert!(records(&whole[..cut]).is_err(), "{cut}");
        }
        let mut circle = [0_u16, 0, 0, 1, 0, 0].map(u16::to_be_bytes).concat();
        circle.extend([0xc0, 12]);
        assert!(records(&circle).is_err());
        for at in 12..whole.len() {
            for byte in [0, 0x3f, 0x80, 0xc0, 0xff] {
                let mut changed = whole.clone();
                changed[at] = byte;
                drop(records(&changed));
            }
        }
    }
}
