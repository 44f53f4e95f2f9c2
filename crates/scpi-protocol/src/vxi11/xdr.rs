//! XDR (RFC 4506): words of four bytes, big-endian; texts and bytes with their length, filled up to whole words.

/// Bytes that are not what was to come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{wanted} is wanted where {left} bytes are left")]
pub struct NoXdr {
    wanted: &'static str,
    left: usize,
}

/// What can be written as words and read back.
pub trait Xdr: Sized {
    /// Appends it.
    fn put(&self, to: &mut Vec<u8>);

    /// Takes it from the front of `from`.
    ///
    /// # Errors
    /// The bytes are too few. A length is compared with what is there before anything is reserved for it.
    fn take(from: &mut &[u8]) -> Result<Self, NoXdr>;

    /// Reads it from bytes; what follows it is passed over.
    ///
    /// # Errors
    /// As [`take`](Self::take).
    fn of_bytes(mut bytes: &[u8]) -> Result<Self, NoXdr> {
        Self::take(&mut bytes)
    }
}

impl Xdr for u32 {
    fn put(&self, to: &mut Vec<u8>) {
        to.extend_from_slice(&self.to_be_bytes());
    }

    fn take(from: &mut &[u8]) -> Result<Self, NoXdr> {
        let left = from.len();
        let (word, rest) = from.split_first_chunk().ok_or(NoXdr { wanted: "a word", left })?;
        *from = rest;
        Ok(Self::from_be_bytes(*word))
    }
}

impl Xdr for i32 {
    fn put(&self, to: &mut Vec<u8>) {
        to.extend_from_slice(&self.to_be_bytes());
    }

    fn take(from: &mut &[u8]) -> Result<Self, NoXdr> {
        u32::take(from).map(u32::cast_signed)
    }
}

impl Xdr for bool {
    fn put(&self, to: &mut Vec<u8>) {
        u32::from(*self).put(to);
    }

    fn take(from: &mut &[u8]) -> Result<Self, NoXdr> {
        u32::take(from).map(|word| word != 0)
    }
}

/// Opaque data of variable length (RFC 4506 clause 4.10).
impl Xdr for Vec<u8> {
    fn put(&self, to: &mut Vec<u8>) {
        u32::try_from(self.len()).unwrap_or(u32::MAX).put(to);
        to.extend_from_slice(self);
        to.resize(to.len().next_multiple_of(4), 0);
    }

    fn take(from: &mut &[u8]) -> Result<Self, NoXdr> {
        let length = usize::try_from(u32::take(from)?).unwrap_or(usize::MAX);
        let error = NoXdr { wanted: "the announced length", left: from.len() };
        let (bytes, rest) = from.split_at_checked(length).ok_or(error)?;
        // Some instruments do not fill the last word up (quirk Q36).
        let filling = length.next_multiple_of(4) - length;
        *from = rest.get(filling..).unwrap_or_default();
        Ok(bytes.to_vec())
    }
}

/// A text (clause 4.11); what is no UTF-8 is replaced.
impl Xdr for String {
    fn put(&self, to: &mut Vec<u8>) {
        self.as_bytes().to_vec().put(to);
    }

    fn take(from: &mut &[u8]) -> Result<Self, NoXdr> {
        Vec::take(from).map(|bytes| Self::from_utf8_lossy(&bytes).into_owned())
    }
}

/// Defines messages: their fields in the order of the wire.
macro_rules! messages {
    ($($(#[doc = $doc:literal])* $vis:vis $name:ident { $($(#[doc = $of_field:literal])* $field:ident: $type:ty,)* })*) => {
        $(
            $(#[doc = $doc])*
            #[derive(Clone, Debug, PartialEq, Eq)]
            $vis struct $name {
                $($(#[doc = $of_field])* $vis $field: $type,)*
            }

            impl $crate::vxi11::Xdr for $name {
                fn put(&self, to: &mut Vec<u8>) {
                    $(self.$field.put(to);)*
                }

                fn take(from: &mut &[u8]) -> Result<Self, $crate::vxi11::NoXdr> {
                    Ok(Self { $($field: $crate::vxi11::Xdr::take(from)?,)* })
                }
            }
        )*
    };
}

pub(super) use messages;

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of RFC 4506 clause 7 in part: `"sillyprog"` and `"lisp"`.
    #[test]
    fn texts_are_filled_up() {
        let mut wire = Vec::new();
        "sillyprog".to_owned().put(&mut wire);
        assert_eq!(wire, b"\x00\x00\x00\x09sillyprog\x00\x00\x00");
        assert_eq!(String::of_bytes(&wire).unwrap(), "sillyprog");
        assert_eq!(String::of_bytes(b"\x00\x00\x00\x04lisp").unwrap(), "lisp");
    }

    #[test]
    fn a_last_word_that_is_not_filled_up_is_taken() {
        assert_eq!(Vec::of_bytes(b"\x00\x00\x00\x05a,b\nc").unwrap(), b"a,b\nc");
    }

    #[test]
    fn an_enormous_length_costs_nothing() {
        let found = Vec::<u8>::of_bytes(b"\xFF\xFF\xFF\xFFab").unwrap_err();
        assert_eq!(found.to_string(), "the announced length is wanted where 2 bytes are left");
    }
}
