//! Status: the status byte (`*STB?`) and the event status register (`*ESR?`), IEEE 488.2 clause 11.

use std::fmt;

macro_rules! register {
    ($(#[$doc:meta])* $name:ident { $($(#[$bit_doc:meta])* $bit:ident = $value:expr, $word:literal;)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
        pub struct $name(pub u8);

        impl $name {
            $($(#[$bit_doc])* pub const $bit: Self = Self(1 << $value);)*

            /// Whether every bit of `bits` is set.
            #[must_use]
            pub fn has(self, bits: Self) -> bool {
                self.0 & bits.0 == bits.0
            }

            /// These bits and those.
            #[must_use]
            pub fn with(self, bits: Self) -> Self {
                Self(self.0 | bits.0)
            }

            /// These bits without those.
            #[must_use]
            pub fn without(self, bits: Self) -> Self {
                Self(self.0 & !bits.0)
            }
        }

        /// The names of the bits that are set: `MAV+ESB`; `0` for none.
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                let names = [$((Self::$bit, $word)),*];
                let set: Vec<_> = names.iter().filter(|(bit, _)| self.has(*bit)).map(|(_, name)| *name).collect();
                f.write_str(if set.is_empty() { "0" } else { "" })?;
                f.write_str(&set.join("+"))
            }
        }
    };
}

register! {
    /// The status byte, clause 11.2; bits 2, 3 and 7 as SCPI-99 volume 1 clause 9.1 assigns them.
    StatusByte {
        /// The error queue is not empty.
        ERROR_QUEUE = 2, "EAV";
        /// Summary of `STATus:QUEStionable`.
        QUESTIONABLE = 3, "QUES";
        /// Message available: an answer waits.
        MESSAGE_AVAILABLE = 4, "MAV";
        /// Summary of the event status register.
        EVENT_STATUS = 5, "ESB";
        /// Master summary: some enabled bit is set.
        MASTER_SUMMARY = 6, "MSS";
        /// Summary of `STATus:OPERation`.
        OPERATION = 7, "OPER";
    }
}

register! {
    /// The standard event status register, clause 11.5.1.
    EventStatus {
        /// `*OPC` is done.
        OPERATION_COMPLETE = 0, "OPC";
        /// The instrument asks to be controller.
        REQUEST_CONTROL = 1, "RQC";
        /// Asked and read out of order.
        QUERY_ERROR = 2, "QYE";
        /// The instrument's own trouble.
        DEVICE_ERROR = 3, "DDE";
        /// Understood, but cannot be done.
        EXECUTION_ERROR = 4, "EXE";
        /// Not understood.
        COMMAND_ERROR = 5, "CME";
        /// Somebody pressed a key.
        USER_REQUEST = 6, "URQ";
        /// It was switched on.
        POWER_ON = 7, "PON";
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_have_the_standards_weights() {
        assert_eq!(StatusByte::MESSAGE_AVAILABLE.0, 16);
        assert_eq!(StatusByte::MASTER_SUMMARY.0, 64);
        assert_eq!(EventStatus::COMMAND_ERROR.0, 32);
        assert_eq!(StatusByte(0b0011_0100).to_string(), "EAV+MAV+ESB");
        assert_eq!(EventStatus(0).to_string(), "0");
        let both = EventStatus::QUERY_ERROR.with(EventStatus::POWER_ON);
        assert_eq!((both.0, both.without(EventStatus::POWER_ON)), (0x84, EventStatus::QUERY_ERROR));
    }
}
