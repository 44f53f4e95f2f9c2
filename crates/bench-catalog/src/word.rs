//! Enumerations whose members are words of the plan language.

/// Text that is none of the words of a list.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("'{text}' is no {kind}; one of {known} is wanted")]
pub struct UnknownWord {
    /// What the words are: `class`, `function`.
    pub kind: &'static str,
    /// As given, cut.
    pub text: String,
    /// All of them.
    pub known: String,
}

/// An enumeration with a word for each member, read and shown by it.
macro_rules! words {
    (
        $(#[$doc:meta])*
        pub enum $name:ident, $kind:literal {
            $($(#[$member_doc:meta])* $member:ident = $word:literal,)+
        }
    ) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[non_exhaustive]
        pub enum $name {
            $($(#[$member_doc])* $member,)+
        }

        impl $name {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$member,)+];

            /// The word by which plans, dialects and records name it.
            #[must_use]
            pub fn word(self) -> &'static str {
                match self {
                    $(Self::$member => $word,)+
                }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.word())
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::word::UnknownWord;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                let found = Self::ALL.iter().copied().find(|member| member.word() == text);
                found.ok_or_else(|| $crate::word::UnknownWord {
                    kind: $kind,
                    text: text.chars().take(40).collect(),
                    known: Self::ALL.iter().map(|member| member.word()).collect::<Vec<_>>().join(", "),
                })
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}
pub(crate) use words;
