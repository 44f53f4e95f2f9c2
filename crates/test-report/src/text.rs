//! Words and numbers for people.

use std::time::Duration;

use bench_model::Timestamp;

/// The most characters of one text from outside that are shown.
const MAX_SHOWN_CHARS: usize = 400;

/// Text from an instrument or a file, made harmless: what is no printable character is escaped, so that no
/// terminal acts on it, and what is too long is cut.
pub(crate) fn clean(text: &str) -> String {
    let mut shown = String::with_capacity(text.len().min(MAX_SHOWN_CHARS));
    for (index, character) in text.chars().enumerate() {
        match character {
            _ if index == MAX_SHOWN_CHARS => {
                shown.push('…');
                break;
            }
            '"' | '\'' | '\\' => shown.push(character),
            _ => shown.extend(character.escape_debug()),
        }
    }
    shown
}

/// `1 point`, `15 points`.
pub(crate) fn counted(count: u64, one: &str, several: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { several })
}

/// A length as a count.
pub(crate) fn count(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}

/// From one time to another; nothing where the clock went back.
pub(crate) fn between(start: Timestamp, end: Timestamp) -> Duration {
    Duration::try_from(end.duration_since(start)).unwrap_or_default()
}

/// `0.4 s`, `3 min 20 s`, `2 h 5 min`.
pub(crate) fn duration(duration: Duration) -> String {
    let seconds = duration.as_secs();
    match seconds {
        0..60 => format!("{}.{} s", seconds, duration.subsec_millis() / 100),
        60..3600 => format!("{} min {} s", seconds / 60, seconds % 60),
        _ => format!("{} h {} min", seconds / 3600, seconds / 60 % 60),
    }
}

/// `2025-10-09 08:53:20`, in UTC.
pub(crate) fn utc(time: Timestamp) -> String {
    time.strftime("%Y-%m-%d %H:%M:%S").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_from_outside_moves_a_cursor() {
        for (text, shown) in [
            ("RIGOL,DM3068", "RIGOL,DM3068"),
            ("5.0 µV ± 1 Ω \"x\" \\", "5.0 µV ± 1 Ω \"x\" \\"),
            ("\u{1b}[2J\u{7}", "\\u{1b}[2J\\u{7}"),
            ("a\r\nb\tc", "a\\r\\nb\\tc"),
            ("\u{9b}31m \u{202e}abc\u{2028}", "\\u{9b}31m \\u{202e}abc\\u{2028}"),
            ("nul\0", "nul\\0"),
        ] {
            assert_eq!(clean(text), shown);
        }
        assert_eq!(clean(&"x".repeat(1000)).chars().count(), MAX_SHOWN_CHARS + 1);
    }

    #[test]
    fn durations_are_short() {
        for (milliseconds, shown) in [
            (0, "0.0 s"),
            (4_260, "4.2 s"),
            (59_999, "59.9 s"),
            (200_000, "3 min 20 s"),
            (7_500_000, "2 h 5 min"),
        ] {
            assert_eq!(duration(Duration::from_millis(milliseconds)), shown);
        }
    }

    #[test]
    fn a_clock_that_goes_back_takes_no_time() {
        let late = Timestamp::from_second(5).unwrap();
        assert_eq!(between(late, Timestamp::UNIX_EPOCH), Duration::ZERO);
        assert_eq!(between(Timestamp::UNIX_EPOCH, late), Duration::from_secs(5));
        assert_eq!(utc(late), "1970-01-01 00:00:05");
    }
}
