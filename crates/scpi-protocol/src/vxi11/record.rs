//! Record marking (RFC 5531 clause 11): a record is fragments, each with its length and whether it is the last.

/// The bit of a fragment's header that says that it is the last.
const LAST: u32 = 1 << 31;

/// A record beyond the bound. Nothing after it can be understood.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no VXI-11: a record of more than {max_bytes} bytes is announced")]
pub struct RecordTooLong {
    /// The bound.
    pub max_bytes: usize,
}

/// One record of one fragment.
#[must_use]
pub fn record(body: &[u8]) -> Vec<u8> {
    // A body that long is never made: what is sent is cut before.
    let length = u32::try_from(body.len()).unwrap_or(u32::MAX) & !LAST;
    let mut wire = Vec::with_capacity(4 + body.len());
    wire.extend_from_slice(&(length | LAST).to_be_bytes());
    wire.extend_from_slice(body);
    wire
}

/// Whole records out of bytes in any split.
#[derive(Clone, Debug)]
pub struct Records {
    max_bytes: usize,
    header: Vec<u8>,
    /// Of the fragment: still to come, and whether it is the last; none between fragments.
    fragment: Option<(usize, bool)>,
    body: Vec<u8>,
    failed: bool,
}

impl Records {
    /// Waits for a record of at most so many bytes.
    #[must_use]
    pub fn new(max_bytes: usize) -> Self {
        Self { max_bytes, header: Vec::new(), fragment: None, body: Vec::new(), failed: false }
    }

    /// Takes bytes from the front of `input` up to the end of the next record; `None` when more are needed.
    ///
    /// # Errors
    /// A record passes the bound. It stays so.
    pub fn next(&mut self, input: &mut &[u8]) -> Result<Option<Vec<u8>>, RecordTooLong> {
        if self.failed {
            return Err(self.too_long());
        }
        loop {
            let (missing, is_last) = match self.fragment {
                Some(fragment) => fragment,
                None => match self.fragment_header(input)? {
                    Some(fragment) => fragment,
                    None => return Ok(None),
                },
            };
            let (bytes, rest) = input.split_at_checked(missing).unwrap_or((*input, &[]));
            *input = rest;
            self.body.extend_from_slice(bytes);
            let missing = missing - bytes.len();
            self.fragment = (missing > 0).then_some((missing, is_last));
            match (missing, is_last) {
                (0, true) => return Ok(Some(std::mem::take(&mut self.body))),
                (0, false) => {}
                _ => return Ok(None),
            }
        }
    }

    fn fragment_header(
        &mut self,
        input: &mut &[u8],
    ) -> Result<Option<(usize, bool)>, RecordTooLong> {
        let taken = 4_usize.saturating_sub(self.header.len()).min(input.len());
        let (bytes, rest) = input.split_at_checked(taken).unwrap_or((*input, &[]));
        *input = rest;
        self.header.extend_from_slice(bytes);
        let Some(header) = self.header.first_chunk() else { return Ok(None) };
        let header = u32::from_be_bytes(*header);
        self.header.clear();
        let length = usize::try_from(header & !LAST).unwrap_or(usize::MAX);
        if length > self.max_bytes.saturating_sub(self.body.len()) {
            self.failed = true;
            return Err(self.too_long());
        }
        Ok(Some((length, header & LAST != 0)))
    }

    fn too_long(&self) -> RecordTooLong {
        RecordTooLong { max_bytes: self.max_bytes }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fragments_are_joined() {
        let wire = b"\x00\x00\x00\x02ab\x00\x00\x00\x00\x80\x00\x00\x01c\x80\x00\x00\x00";
        let (mut records, mut input) = (Records::new(3), wire.as_slice());
        assert_eq!(records.next(&mut input), Ok(Some(b"abc".to_vec())));
        assert_eq!(records.next(&mut input), Ok(Some(Vec::new())));
        assert_eq!(records.next(&mut input), Ok(None));
    }

    #[test]
    fn an_enormous_record_costs_nothing() {
        let mut records = Records::new(1 << 20);
        let wanted = Err(RecordTooLong { max_bytes: 1 << 20 });
        assert_eq!(records.next(&mut &b"\xFF\xFF\xFF\xFF"[..]), wanted);
        assert_eq!(records.next(&mut &b"x"[..]), wanted);
        let mut records = Records::new(3);
        let many = b"\x00\x00\x00\x02ab\x00\x00\x00\x02cd";
        assert!(records.next(&mut many.as_slice()).is_err());
    }
}
