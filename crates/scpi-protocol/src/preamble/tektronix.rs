//! Tektronix `WFMOutpre?`: fields between `;`, with their names (HEADer ON) or without.

use std::collections::BTreeMap;

use exact_decimal::Decimal;

use super::{Encoding, HorizontalAxis, Preamble, PreambleError, VerticalAxis, is_sensible, whole};
use crate::response::{ByteOrder, Datum, NumericValue, Response};

/// The order without names, programmer manual 077-1149. Models that leave fields out are read with
/// `HEADer ON` (quirk Q33).
const FIELDS: [&str; 16] = [
    "BYT_NR", "BIT_NR", "ENCDG", "BN_FMT", "BYT_OR", "WFID", "NR_PT", "PT_FMT", "XUNIT", "XINCR",
    "XZERO", "PT_OFF", "YUNIT", "YMULT", "YOFF", "YZERO",
];

/// The long forms of the names, where they differ from the short ones.
const LONG_NAMES: [(&str, &str); 2] = [("ENCDG", "ENCODING"), ("XINCR", "XINCREMENT")];

impl Preamble {
    /// Reads Tektronix's `WFMOutpre?`. V = (code - YOFf) * YMUlt + YZEro.
    ///
    /// # Errors
    /// When a field that is needed is missing or of another kind; an answer without names that has not
    /// exactly the documented fields is refused, for its fields cannot be told apart.
    pub fn tektronix(answer: &Response) -> Result<Self, PreambleError> {
        let fields = Fields::read(answer)?;
        let order = match fields.word("BYT_OR")?.as_str() {
            "LSB" => ByteOrder::LittleEndian,
            _ => ByteOrder::BigEndian,
        };
        let samples = whole(&fields.number("NR_PT")?);
        Ok(Self {
            samples: samples.ok_or(PreambleError::Field { name: "NR_PT", wanted: "a count" })?,
            encoding: fields.encoding(order)?,
            vertical: VerticalAxis {
                increment: fields.number("YMULT")?,
                zero: fields.number("YOFF")?,
                offset: fields.number("YZERO")?,
                unit: fields.word("YUNIT").ok(),
            },
            horizontal: HorizontalAxis {
                increment: fields.number("XINCR")?,
                origin: fields.number("XZERO")?,
                reference: fields.number("PT_OFF")?,
                unit: fields.word("XUNIT").ok(),
            },
        })
    }
}

struct Fields<'r>(BTreeMap<String, Datum<'r>>);

impl<'r> Fields<'r> {
    fn read(answer: &'r Response) -> Result<Self, PreambleError> {
        let units = answer.parse().units;
        let found = units.len();
        let is_named = units.iter().any(|unit| unit.header.is_some());
        if !is_named && found != FIELDS.len() {
            return Err(PreambleError::FieldCount { found, wanted: "16" });
        }
        let mut fields = BTreeMap::new();
        for (at, unit) in units.into_iter().enumerate() {
            let name = match unit.header {
                Some(header) => last_name(header),
                None => FIELDS.get(at).copied().unwrap_or_default(),
            };
            if let Some(datum) = unit.data.into_iter().next() {
                fields.insert(short_name(name), datum);
            }
        }
        Ok(Self(fields))
    }

    fn number(&self, name: &'static str) -> Result<Decimal, PreambleError> {
        match self.0.get(name) {
            Some(Datum::Number(number)) => match number.value() {
                Some(NumericValue::Finite(value)) if is_sensible(&value) => Ok(value),
                _ => Err(PreambleError::Field { name, wanted: "a finite number" }),
            },
            _ => Err(PreambleError::Field { name, wanted: "a number" }),
        }
    }

    fn word(&self, name: &'static str) -> Result<String, PreambleError> {
        match self.0.get(name) {
            Some(Datum::Word(word)) => Ok((*word).to_owned()),
            Some(Datum::Text(text)) => Ok(String::from_utf8_lossy(text).into_owned()),
            _ => Err(PreambleError::Field { name, wanted: "a word" }),
        }
    }

    fn encoding(&self, order: ByteOrder) -> Result<Encoding, PreambleError> {
        if self.word("ENCDG")?.starts_with("ASC") {
            return Ok(Encoding::Ascii);
        }
        let bytes = match whole(&self.number("BYT_NR")?) {
            Some(1) => 1,
            Some(2) => 2,
            _ => return Err(PreambleError::Field { name: "BYT_NR", wanted: "1 or 2" }),
        };
        match self.word("BN_FMT")?.as_str() {
            "RI" => Ok(Encoding::Binary { bytes, is_signed: true, order }),
            "RP" => Ok(Encoding::Binary { bytes, is_signed: false, order }),
            _ => Err(PreambleError::Field { name: "BN_FMT", wanted: "RI or RP" }),
        }
    }
}

fn last_name(header: &str) -> &str {
    header.rsplit(':').next().unwrap_or(header)
}

fn short_name(name: &str) -> String {
    let long = LONG_NAMES.iter().find(|(_, long)| *long == name);
    long.map_or(name, |(short, _)| short).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The values of the example in manual 077-1149.
    const BARE: &str = "2;16;ASCII;RI;MSB;\"Ch1, DC coupling, 100.0mV/div, 4.000us/div, 10000 points, \
                        Sample mode\";10000;Y;\"s\";4.0000E-9;-20.0000E-6;0;\"V\";15.6250E-6;6.4000E+3;0.0000";

    #[test]
    fn bare_and_named_fields() {
        let bare = Preamble::tektronix(&Response::new(BARE.as_bytes().to_vec())).unwrap();
        assert_eq!((bare.samples, bare.encoding), (10000, Encoding::Ascii));
        assert_eq!(bare.vertical.value(6401).unwrap(), "15.6250E-6".parse().unwrap());
        assert_eq!(bare.horizontal.time(5000).unwrap(), "0".parse().unwrap());
        assert_eq!(bare.vertical.unit.as_deref(), Some("V"));

        let named = ":WFMOUTPRE:BYT_NR 2;BIT_NR 16;ENCDG BINARY;BN_FMT RI;BYT_OR LSB;NR_PT 3;\
                     XUNIT \"s\";XINCR 1E-9;XZERO 0;PT_OFF 0;YUNIT \"V\";YMULT 1E-3;YZERO 0.5;YOFF 0";
        let named = Preamble::tektronix(&Response::new(named.as_bytes().to_vec())).unwrap();
        assert_eq!(named.encoding.codes(&[0xff, 0xff, 1, 0]), Ok(vec![-1, 1]));
        assert_eq!(named.vertical.value(1).unwrap(), "0.501".parse().unwrap());
    }

    /// Quirk Q33: without the identifier, every field behind it would be taken for its neighbour.
    #[test]
    fn a_missing_or_an_extra_bare_field_is_refused() {
        let fields: Vec<_> = BARE.split(';').collect();
        let without = [&fields[..5], &fields[6..]].concat().join(";");
        let with = format!("{BARE};VEC");
        for answer in [without, with] {
            let error = Preamble::tektronix(&Response::new(answer.into_bytes())).unwrap_err();
            assert!(matches!(error, PreambleError::FieldCount { .. }), "{error}");
        }
    }
}
