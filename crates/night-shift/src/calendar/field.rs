//! One part of a calendar expression: `*`, `1..7,15/2`.

/// Parts of a list, at most.
const MAX_PARTS: usize = 64;

/// Which numbers are meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Field(Vec<Part>);

/// From a number to a number, every so many; without a `step` and up to itself, one number alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Part {
    from: i32,
    to: i32,
    step: i32,
}

impl Field {
    /// Everything.
    pub(super) fn any() -> Self {
        Self(vec![Part { from: i32::MIN, to: i32::MAX, step: 1 }])
    }

    /// One number.
    pub(super) fn only(number: i32) -> Self {
        Self(vec![Part { from: number, to: number, step: 1 }])
    }

    /// Several numbers.
    pub(super) fn each(numbers: &[i32]) -> Self {
        Self(numbers.iter().map(|number| Part { from: *number, to: *number, step: 1 }).collect())
    }

    /// Reads one whose numbers lie from `low` to `high`.
    pub(super) fn read(text: &str, low: i32, high: i32) -> Result<Self, String> {
        let parts: Vec<&str> = text.split(',').collect();
        if parts.len() > MAX_PARTS {
            return Err(format!("a list of {} parts; at most {MAX_PARTS}", parts.len()));
        }
        let read = parts.into_iter().map(|part| read_part(part, low, high));
        read.collect::<Result<_, _>>().map(Self)
    }

    pub(super) fn has(&self, number: i32) -> bool {
        self.0.iter().any(|part| part.has(number))
    }

    /// The numbers from `low` to `high`, in order.
    pub(super) fn within(&self, low: i32, high: i32) -> impl Iterator<Item = i32> {
        (low..=high).filter(|number| self.has(*number))
    }
}

impl Part {
    fn has(self, number: i32) -> bool {
        let is_between = (self.from..=self.to).contains(&number);
        is_between && (self.step == 1 || (number - self.from) % self.step == 0)
    }
}

fn read_part(text: &str, low: i32, high: i32) -> Result<Part, String> {
    let (range, step) = match text.split_once('/') {
        Some((range, step)) => (range, Some(number(step, 1, high.max(1))?)),
        None => (text, None),
    };
    let (from, to) = match range.split_once("..") {
        Some((from, to)) => (number(from, low, high)?, number(to, low, high)?),
        None if range == "*" => (low, high),
        None => {
            let from = number(range, low, high)?;
            (from, if step.is_some() { high } else { from })
        }
    };
    if from > to {
        return Err(format!("'{text}' ends before it begins"));
    }
    Ok(Part { from, to, step: step.unwrap_or(1) })
}

fn number(text: &str, low: i32, high: i32) -> Result<i32, String> {
    let read = text.parse().ok().filter(|number| (low..=high).contains(number));
    let is_plain = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    read.filter(|_| is_plain).ok_or_else(|| format!("'{text}' is no number from {low} to {high}"))
}
