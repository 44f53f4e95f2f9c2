//! Every n-th job, so that several machines share a sweep.

use std::str::FromStr;

/// Shards, at most.
const MAX_SHARDS: u32 = 1_000;

/// Which part of a list is meant: `2/5` is the second of five.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shard {
    /// From 1.
    number: u32,
    /// How many there are.
    of: u32,
}

/// A text that names no shard.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("'{0}' is no shard: K/N is wanted, with K from 1 to N and N at most {MAX_SHARDS}, as 2/5")]
pub struct ShardError(String);

impl FromStr for Shard {
    type Err = ShardError;

    fn from_str(text: &str) -> Result<Self, ShardError> {
        let fault = || ShardError(text.to_owned());
        let (number, of) = text.split_once('/').ok_or_else(fault)?;
        let read = |part: &str| part.trim().parse::<u32>().map_err(|_| fault());
        let (number, of) = (read(number)?, read(of)?);
        if number == 0 || number > of || of > MAX_SHARDS {
            return Err(fault());
        }
        Ok(Self { number, of })
    }
}

impl std::fmt::Display for Shard {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.number, self.of)
    }
}

impl Shard {
    /// Its part of a list, in the list's order: all shards together have everything once.
    #[must_use]
    pub fn of<T>(self, all: Vec<T>) -> Vec<T> {
        let mut turns = (1..=self.of).cycle();
        all.into_iter().filter(|_| turns.next() == Some(self.number)).collect()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test says what it expects by panicking")]

    use super::*;

    #[test]
    fn all_shards_together_have_everything_once() {
        for of in 1..=7 {
            let shards = (1..=of).map(|number| format!("{number}/{of}").parse::<Shard>().unwrap());
            let mut all: Vec<u32> = shards.flat_map(|shard| shard.of((0..5).collect())).collect();
            all.sort_unstable();
            assert_eq!(all, [0, 1, 2, 3, 4], "{of}");
        }
        let second: Shard = "2/3".parse().unwrap();
        assert_eq!(second.of(vec!['a', 'b', 'c', 'd', 'e']), ['b', 'e']);
    }

    #[test]
    fn what_is_no_shard_is_refused() {
        for wrong in ["", "2", "0/2", "3/2", "1/0", "a/b", "1/2/3", "-1/2", "1/1001"] {
            let fault = wrong.parse::<Shard>().unwrap_err().to_string();
            assert!(fault.contains("K/N is wanted"), "{fault}");
        }
    }
}
