//! The numbers of IVI-6.1: messages (table 4), fatal errors (table 14), errors (table 16), flags.

/// Control code bit 0 of `Data`, `DataEnd`, `Trigger` and `AsyncStatusQuery` (clause 3.1.1): an answer has been
/// delivered whole since the last message that carried this flag.
pub const RMT_DELIVERED: u8 = 1;

/// Control code bit 0 of `InitializeResponse`, and of the feature bitmap of a device clear: overlap mode.
pub const OVERLAP: u8 = 1;

/// Control code of `AsyncLock`: give the lock back.
pub const LOCK_RELEASE: u8 = 0;

/// Control code of `AsyncLock`: take the lock, shared where the payload names it.
pub const LOCK_REQUEST: u8 = 1;

/// Which of the two connections a message is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Channel {
    /// The first.
    Synchronous,
    /// The second.
    Asynchronous,
    /// Any.
    Either,
}

macro_rules! kinds {
    ($($name:ident = $number:literal, $channel:ident, $meaning:literal;)*) => {
        /// What a message is (table 4).
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Kind {
            $(#[doc = $meaning] $name,)*
            /// A number that has no meaning here: encryption, a vendor's own, or reserved.
            Other(u8),
        }

        impl Kind {
            /// Every kind that has a meaning here.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// The kind of this number.
            #[must_use]
            pub fn of_number(number: u8) -> Self {
                match number {
                    $($number => Self::$name,)*
                    other => Self::Other(other),
                }
            }

            /// Its number.
            #[must_use]
            pub fn number(self) -> u8 {
                match self {
                    $(Self::$name => $number,)*
                    Self::Other(number) => number,
                }
            }

            /// The channel on which it may come.
            #[must_use]
            pub fn channel(self) -> Channel {
                match self {
                    $(Self::$name => Channel::$channel,)*
                    Self::Other(_) => Channel::Either,
                }
            }
        }
    };
}

kinds! {
    Initialize = 0, Synchronous, "A client opens a session; the payload names the instrument.";
    InitializeResponse = 1, Synchronous, "The session's number.";
    FatalError = 2, Either, "The session is over.";
    Error = 3, Either, "A message was not understood, and was passed over.";
    AsyncLock = 4, Asynchronous, "A lock is asked for or given back.";
    AsyncLockResponse = 5, Asynchronous, "Whether the lock is held.";
    Data = 6, Synchronous, "A piece of a message.";
    DataEnd = 7, Synchronous, "The last piece of a message, or all of it.";
    DeviceClearComplete = 8, Synchronous, "The client has forgotten what was under way.";
    DeviceClearAcknowledge = 9, Synchronous, "So has the instrument (clause 6.12; table 4 misprints its channel).";
    AsyncRemoteLocalControl = 10, Asynchronous, "Front panel: locked or free.";
    AsyncRemoteLocalResponse = 11, Asynchronous, "Done.";
    Trigger = 12, Synchronous, "As `*TRG`.";
    Interrupted = 13, Synchronous, "An answer was dropped, because a new message came before it was taken.";
    AsyncInterrupted = 14, Asynchronous, "The same.";
    AsyncMaximumMessageSize = 15, Asynchronous, "The longest message that the client takes.";
    AsyncMaximumMessageSizeResponse = 16, Asynchronous, "The longest that the instrument takes.";
    AsyncInitialize = 17, Asynchronous, "The second connection of a session.";
    AsyncInitializeResponse = 18, Asynchronous, "It is taken.";
    AsyncDeviceClear = 19, Asynchronous, "Forget what is under way.";
    AsyncServiceRequest = 20, Asynchronous, "The instrument wants to be looked at; its status byte.";
    AsyncStatusQuery = 21, Asynchronous, "The status byte is asked for.";
    AsyncStatusResponse = 22, Asynchronous, "The status byte.";
    AsyncDeviceClearAcknowledge = 23, Asynchronous, "The device clear has begun.";
    AsyncLockInfo = 24, Asynchronous, "Who holds locks?";
    AsyncLockInfoResponse = 25, Asynchronous, "How many do.";
}

/// Why a session is over (table 14).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FatalCode {
    /// No reason given.
    Unidentified,
    /// The header is none.
    PoorHeader,
    /// The second connection is missing.
    ChannelsMissing,
    /// The opening messages are wrong.
    InvalidOpening,
    /// There are too many clients.
    TooManyClients,
}

impl FatalCode {
    /// Its number.
    #[must_use]
    pub fn number(self) -> u8 {
        match self {
            Self::Unidentified => 0,
            Self::PoorHeader => 1,
            Self::ChannelsMissing => 2,
            Self::InvalidOpening => 3,
            Self::TooManyClients => 4,
        }
    }
}

/// Why a message was passed over (table 16).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorCode {
    /// No reason given.
    Unidentified,
    /// Its kind is not known.
    UnknownKind,
    /// Its control code is not known.
    UnknownControl,
    /// It is too long.
    TooLarge,
}

impl ErrorCode {
    /// Its number.
    #[must_use]
    pub fn number(self) -> u8 {
        match self {
            Self::Unidentified => 0,
            Self::UnknownKind => 1,
            Self::UnknownControl => 2,
            Self::TooLarge => 4,
        }
    }
}

/// The control code of `AsyncLockResponse` (clause 6.5).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LockAnswer {
    /// It was not to be had in time.
    Failure,
    /// The exclusive lock is held, or was given back.
    Success,
    /// The shared lock was given back.
    SharedReleased,
    /// There was nothing to give back.
    Error,
}

impl LockAnswer {
    /// Its number.
    #[must_use]
    pub fn number(self) -> u8 {
        match self {
            Self::Failure => 0,
            Self::Success => 1,
            Self::SharedReleased => 2,
            Self::Error => 3,
        }
    }

    /// What a number means; nothing where it has none.
    #[must_use]
    pub fn of_number(number: u8) -> Option<Self> {
        let all = [Self::Failure, Self::Success, Self::SharedReleased, Self::Error];
        all.into_iter().find(|answer| answer.number() == number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_has_one_kind() {
        for number in 0..=u8::MAX {
            let kind = Kind::of_number(number);
            assert_eq!(kind.number(), number);
            assert_eq!(matches!(kind, Kind::Other(_)), number > 25, "{number}");
        }
        assert_eq!(Kind::ALL.len(), 26);
    }

    /// Clause 6.12 step 7, against the misprint in table 4.
    #[test]
    fn a_device_clear_ends_on_the_synchronous_channel() {
        assert_eq!(Kind::DeviceClearAcknowledge.channel(), Channel::Synchronous);
        assert_eq!(Kind::AsyncDeviceClearAcknowledge.channel(), Channel::Asynchronous);
    }
}
