//! The header of every message (clause 2.2, table 2): `HS`, kind, control code, parameter, length of the payload.

use super::kind::Kind;
use super::splitter::HislipError;

/// Bytes of a header.
pub const HEADER_BYTES: usize = 16;

const PROLOGUE: [u8; 2] = *b"HS";

/// A header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    /// What the message is.
    pub kind: Kind,
    /// Flags or a code, by kind.
    pub control: u8,
    /// A number, by kind: the message's id, a version and a session, a time.
    pub parameter: u32,
    /// Bytes of the payload, as stated: not to be believed before it is bounded.
    pub length: u64,
}

impl Header {
    /// A header of these fields.
    #[must_use]
    pub fn new(kind: Kind, control: u8, parameter: u32, length: u64) -> Self {
        Self { kind, control, parameter, length }
    }

    /// A message that is its header alone.
    #[must_use]
    pub fn alone(kind: Kind, control: u8, parameter: u32) -> Self {
        Self::new(kind, control, parameter, 0)
    }

    /// As it goes on the wire: big-endian.
    #[must_use]
    pub fn to_bytes(self) -> [u8; HEADER_BYTES] {
        let [h, s] = PROLOGUE;
        let [p0, p1, p2, p3] = self.parameter.to_be_bytes();
        let [l0, l1, l2, l3, l4, l5, l6, l7] = self.length.to_be_bytes();
        let kind = self.kind.number();
        [h, s, kind, self.control, p0, p1, p2, p3, l0, l1, l2, l3, l4, l5, l6, l7]
    }

    /// Reads it back.
    ///
    /// # Errors
    /// It does not begin with `HS`: this is no HiSLIP, or the stream is out of step.
    pub fn parse(bytes: [u8; HEADER_BYTES]) -> Result<Self, HislipError> {
        let [h, s, kind, control, p0, p1, p2, p3, length @ ..] = bytes;
        if [h, s] != PROLOGUE {
            return Err(HislipError::Prologue([h, s]));
        }
        Ok(Self {
            kind: Kind::of_number(kind),
            control,
            parameter: u32::from_be_bytes([p0, p1, p2, p3]),
            length: u64::from_be_bytes(length),
        })
    }
}

/// A version of the protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version {
    /// 1 or 2.
    pub major: u8,
    /// 0 or 1.
    pub minor: u8,
}

impl Version {
    /// The first.
    pub const V1_0: Self = Self { major: 1, minor: 0 };
    /// The one with encryption, which may be left out.
    pub const V2_0: Self = Self { major: 2, minor: 0 };
}

/// The parameter of `Initialize` (clause 6.1): what the client speaks, and who made it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Opening {
    /// The newest that the client speaks.
    pub version: Version,
    /// Two letters of the maker.
    pub vendor: [u8; 2],
}

impl Opening {
    /// As the header's parameter.
    #[must_use]
    pub fn parameter(self) -> u32 {
        let [v0, v1] = self.vendor;
        u32::from_be_bytes([self.version.major, self.version.minor, v0, v1])
    }

    /// Out of the header's parameter.
    #[must_use]
    pub fn of_parameter(parameter: u32) -> Self {
        let [major, minor, v0, v1] = parameter.to_be_bytes();
        Self { version: Version { major, minor }, vendor: [v0, v1] }
    }
}

/// The parameter of `InitializeResponse` (clause 6.1): what both speak, and the session's number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SessionOffer {
    /// The older of what client and instrument speak.
    pub version: Version,
    /// With which the second connection names the session.
    pub session: u16,
}

impl SessionOffer {
    /// As the header's parameter.
    #[must_use]
    pub fn parameter(self) -> u32 {
        let [s0, s1] = self.session.to_be_bytes();
        u32::from_be_bytes([self.version.major, self.version.minor, s0, s1])
    }

    /// Out of the header's parameter.
    #[must_use]
    pub fn of_parameter(parameter: u32) -> Self {
        let [major, minor, s0, s1] = parameter.to_be_bytes();
        Self { version: Version { major, minor }, session: u16::from_be_bytes([s0, s1]) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Field by field as table 2 has them.
    #[test]
    fn known_headers() {
        let opening = Opening { version: Version::V1_0, vendor: *b"xx" };
        for (header, bytes) in [
            (
                Header::new(Kind::Initialize, 0, opening.parameter(), 7),
                *b"HS\x00\x00\x01\x00xx\x00\x00\x00\x00\x00\x00\x00\x07",
            ),
            (
                Header::alone(Kind::InitializeResponse, 1, 0x0200_BEEF),
                *b"HS\x01\x01\x02\x00\xBE\xEF\x00\x00\x00\x00\x00\x00\x00\x00",
            ),
            (
                Header::new(Kind::DataEnd, 1, 0xFFFF_FF00, 6),
                *b"HS\x07\x01\xFF\xFF\xFF\x00\x00\x00\x00\x00\x00\x00\x00\x06",
            ),
            (
                Header::alone(Kind::AsyncServiceRequest, 0x44, 0),
                *b"HS\x14\x44\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00",
            ),
        ] {
            assert_eq!(header.to_bytes(), bytes);
            assert_eq!(Header::parse(bytes), Ok(header));
        }
    }

    #[test]
    fn what_is_no_header_is_said() {
        let found = Header::parse(*b"HTTP/1.1 400 Bad").unwrap_err();
        assert_eq!(found.to_string(), "no HiSLIP: a message begins with 'HT' instead of 'HS'");
    }

    #[test]
    fn opening_parameters() {
        let offer = SessionOffer { version: Version::V2_0, session: 0xBEEF };
        assert_eq!(offer.parameter(), 0x0200_BEEF);
        assert_eq!(SessionOffer::of_parameter(0x0200_BEEF), offer);
        let opening = Opening { version: Version::V1_0, vendor: *b"GT" };
        assert_eq!(opening.parameter(), 0x0100_4754);
        assert_eq!(Opening::of_parameter(0x0100_4754), opening);
        assert!(Version::V1_0 < Version::V2_0);
    }
}
