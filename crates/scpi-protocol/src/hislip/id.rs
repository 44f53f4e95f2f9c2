//! Which message is which: the client's messages are numbered, and answers carry the number of what they answer.

/// The number of a message of the client (clause 3.1.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct MessageId(u32);

impl MessageId {
    /// Of the first message of a session, and after a device clear.
    pub const FIRST: Self = Self(0xFFFF_FF00);

    /// On a piece of an answer of which the instrument does not know yet to what it belongs (clause 3.1.2).
    pub const UNKNOWN: Self = Self(0xFFFF_FFFF);

    /// As the parameter of a header.
    #[must_use]
    pub fn number(self) -> u32 {
        self.0
    }

    /// Out of the parameter of a header.
    #[must_use]
    pub fn of_number(number: u32) -> Self {
        Self(number)
    }

    /// Of the message after it: two more, round the end of the numbers.
    #[must_use]
    pub fn next(self) -> Self {
        Self(self.0.wrapping_add(2))
    }

    /// Whether it was sent before the other, of two that are not half the numbers apart.
    #[must_use]
    pub fn is_before(self, other: Self) -> bool {
        let ahead = other.0.wrapping_sub(self.0);
        ahead != 0 && ahead < 1 << 31
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_go_round_by_two() {
        let mut id = MessageId::FIRST;
        for _ in 0..128 {
            assert_ne!(id, MessageId::UNKNOWN);
            assert!(id.is_before(id.next()) && !id.next().is_before(id));
            id = id.next();
        }
        assert_eq!(id.number(), 0);
        assert!(MessageId::FIRST.is_before(id) && !id.is_before(id));
    }
}
