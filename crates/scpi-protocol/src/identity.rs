//! Who an instrument says it is: the answer to `*IDN?`, IEEE 488.2 clause 10.14, in every shape in which
//! instruments give it (quirk Q32).

use std::fmt;

/// Maker, model, serial number and firmware.
///
/// ```
/// use scpi_protocol::identity::Identity;
///
/// let idn: Identity = "Siglent Technologies,SPD3303X-E,SPD3XIDQ5R5553,1.01.01.02.07R2,V3.0".parse()?;
/// assert_eq!(idn.model, "SPD3303X-E");
/// assert_eq!(idn.serial.as_deref(), Some("SPD3XIDQ5R5553"));
/// assert_eq!(idn.firmware.as_deref(), Some("1.01.01.02.07R2,V3.0"));
/// # Ok::<(), scpi_protocol::identity::NoIdentity>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// The answer as it came.
    pub raw: String,
    /// Field 1.
    pub maker: String,
    /// Field 2.
    pub model: String,
    /// Field 3; none where it is missing, empty or `0`, which is how an instrument says that it has none.
    pub serial: Option<String>,
    /// Field 4 and all after it; none where it is missing, empty or `0`.
    pub firmware: Option<String>,
}

/// An answer to `*IDN?` without maker and model.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("'{}' is no identity: MAKER,MODEL,SERIAL,FIRMWARE is wanted", .answer.escape_debug())]
pub struct NoIdentity {
    /// The answer.
    pub answer: String,
}

impl std::str::FromStr for Identity {
    type Err = NoIdentity;

    fn from_str(answer: &str) -> Result<Self, NoIdentity> {
        read(answer).ok_or_else(|| NoIdentity { answer: answer.to_owned() })
    }
}

fn read(answer: &str) -> Option<Identity> {
    let text = unquoted(answer.trim());
    // A block or control characters are some other answer (quirk Q22), never a name.
    if text.starts_with('#') || text.contains(char::is_control) {
        return None;
    }
    let text = text.strip_prefix("*IDN ").or_else(|| text.strip_prefix("IDN ")).unwrap_or(text);
    let (separator, text) = match text.strip_prefix("IDN:") {
        Some(rest) if !rest.contains(',') => (':', rest),
        _ => (',', text),
    };
    let mut fields = text.splitn(4, separator).map(str::trim);
    let (maker, model) = (fields.next()?, fields.next()?);
    let named = !maker.is_empty() && !model.is_empty();
    named.then(|| Identity {
        raw: answer.to_owned(),
        maker: maker.to_owned(),
        model: model.to_owned(),
        serial: given(fields.next()),
        firmware: given(fields.next()),
    })
}

fn unquoted(text: &str) -> &str {
    text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(text)
}

/// Clause 10.14.3: a field that the instrument has not is the character 0.
fn given(field: Option<&str>) -> Option<String> {
    field.filter(|field| !field.is_empty() && *field != "0").map(str::to_owned)
}

impl Identity {
    /// Whether this can be the same piece of equipment: maker and model agree, and so do the serial
    /// numbers where both have one.
    #[must_use]
    pub fn is_same_equipment(&self, other: &Self) -> bool {
        let serials_agree = match (&self.serial, &other.serial) {
            (Some(one), Some(two)) => one == two,
            (one, two) => one.is_none() && two.is_none(),
        };
        serials_agree
            && self.maker.eq_ignore_ascii_case(&other.maker)
            && self.model.eq_ignore_ascii_case(&other.model)
    }
}

/// `MAKER MODEL, serial SERIAL`.
impl fmt::Display for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.maker, self.model)?;
        match &self.serial {
            Some(serial) => write!(f, ", serial {serial}"),
            None => f.write_str(", no serial number"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The shapes; `fixtures/transcripts/identities.txt` has answers of many instruments.
    #[test]
    fn every_shape_of_quirk_q32() {
        for (answer, maker, model, serial, firmware) in [
            (
                "Agilent Technologies,E3649A,0,1.4-5.0-1.0",
                "Agilent Technologies",
                "E3649A",
                None,
                Some("1.4-5.0-1.0"),
            ),
            ("FLUKE, 45, 9080025, 2.0", "FLUKE", "45", Some("9080025"), Some("2.0")),
            (
                "KEITHLEY INSTRUMENTS INC.,MODEL SYSTEM 46, 1327388, A03  ",
                "KEITHLEY INSTRUMENTS INC.",
                "MODEL SYSTEM 46",
                Some("1327388"),
                Some("A03"),
            ),
            (
                "IDN:OXFORD INSTRUMENTS:MERCURY ITC:142550070:2.5.04.000",
                "OXFORD INSTRUMENTS",
                "MERCURY ITC",
                Some("142550070"),
                Some("2.5.04.000"),
            ),
            ("IDN GW,GDM8251A,1.0", "GW", "GDM8251A", Some("1.0"), None),
            ("\"ACME,X\"", "ACME", "X", None, None),
            (
                "TEKTRONIX,TDS 3014B,0,CF:91.1CT FV:v3.41 TDS3FFT:v1.00 TDS3TRG:v1.00",
                "TEKTRONIX",
                "TDS 3014B",
                None,
                Some("CF:91.1CT FV:v3.41 TDS3FFT:v1.00 TDS3TRG:v1.00"),
            ),
        ] {
            let idn: Identity = answer.parse().unwrap();
            assert_eq!((idn.maker.as_str(), idn.model.as_str()), (maker, model), "{answer}");
            assert_eq!(
                (idn.serial.as_deref(), idn.firmware.as_deref()),
                (serial, firmware),
                "{answer}"
            );
        }
        for answer in ["", "+1.5E+00", "#9000030000MKJJ,x", ",X,1,2", "A,,1,2", "a,b\n,c"] {
            assert!(answer.parse::<Identity>().is_err(), "{answer}");
        }
    }

    #[test]
    fn another_serial_number_is_another_piece_of_equipment() {
        let one: Identity = "ACME,X,1,1.0".parse().unwrap();
        let updated: Identity = "Acme,X,1,2.0".parse().unwrap();
        let two: Identity = "ACME,X,2,1.0".parse().unwrap();
        assert!(one.is_same_equipment(&updated));
        assert!(!one.is_same_equipment(&two));
        assert_eq!(one.to_string(), "ACME X, serial 1");
    }
}
