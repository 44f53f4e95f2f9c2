#![allow(clippy::unwrap_used, reason = "a test says what it expects by panicking")]

use super::*;

/// Berlin's clock, without a file of the machine's.
fn berlin() -> TimeZone {
    TimeZone::posix("CET-1CEST,M3.5.0,M10.5.0/3").unwrap()
}

/// What `systemd-analyze calendar --base-time=... --iterations=3` of systemd 252 says.
const SYSTEMD: [(&str, &str, &[&str]); 3] = [
    (
        "*-*-* 02:30 Europe/Berlin",
        "2026-03-28T12:00:00Z",
        &["2026-03-30T00:30:00Z", "2026-03-31T00:30:00Z", "2026-04-01T00:30:00Z"],
    ),
    (
        "*-*-* 02:30 Europe/Berlin",
        "2026-10-24T12:00:00Z",
        &["2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z", "2026-10-27T01:30:00Z"],
    ),
    (
        "Mon..Fri *-*-1..7,15/2 8..10:0/20 Europe/Berlin",
        "2026-11-24T16:00:00Z",
        &["2026-11-25T07:00:00Z"],
    ),
];

#[test]
fn times_are_those_of_systemd_over_clock_changes() {
    for (text, base, wanted) in SYSTEMD {
        let calendar: Calendar = text.parse().unwrap();
        let mut at: Timestamp = base.parse().unwrap();
        for wanted in wanted {
            at = calendar.next_after(at, &berlin()).unwrap();
            assert_eq!(at.to_string(), *wanted, "{text} after {base}");
        }
    }
}

#[test]
fn expressions_of_every_kind_find_their_next_time() {
    // A Tuesday.
    let now: Timestamp = "2026-11-24T16:30:15Z".parse().unwrap();
    for (text, wanted) in [
        ("minutely", "2026-11-24T16:31:00Z"),
        ("hourly", "2026-11-24T17:00:00Z"),
        ("daily", "2026-11-25T00:00:00Z"),
        ("weekly", "2026-11-30T00:00:00Z"),
        ("monthly", "2026-12-01T00:00:00Z"),
        ("quarterly", "2027-01-01T00:00:00Z"),
        ("semiannually", "2027-01-01T00:00:00Z"),
        ("yearly UTC", "2027-01-01T00:00:00Z"),
        ("22:00", "2026-11-24T22:00:00Z"),
        ("Mon..Fri 22:00", "2026-11-24T22:00:00Z"),
        ("Sat..Mon 06:00", "2026-11-28T06:00:00Z"),
        ("mon,wednesday 08:15:30", "2026-11-25T08:15:30Z"),
        ("*-*-1 03:00 UTC", "2026-12-01T03:00:00Z"),
        ("Sun", "2026-11-29T00:00:00Z"),
        ("*-02-29", "2028-02-29T00:00:00Z"),
        ("Mon *-02-29", "2044-02-29T00:00:00Z"),
        ("*:0/15", "2026-11-24T16:45:00Z"),
        ("2027-01-05 12:00", "2027-01-05T12:00:00Z"),
        ("02-29 12:00", "2028-02-29T12:00:00Z"),
    ] {
        let calendar: Calendar = text.parse().unwrap();
        let found = calendar.next_after(now, &TimeZone::UTC).unwrap();
        assert_eq!(found.to_string(), wanted, "{text}");
    }
}

#[test]
fn the_last_time_is_found() {
    let until: Timestamp = "2026-11-23T06:00:00Z".parse().unwrap();
    let calendar: Calendar = "Mon..Fri 22:00".parse().unwrap();
    let last = calendar.last_until(until, 7, &TimeZone::UTC).unwrap();
    assert_eq!(last.to_string(), "2026-11-20T22:00:00Z");
    assert_eq!(calendar.last_until(until, 1, &TimeZone::UTC), None);
}

#[test]
fn what_never_comes_is_said() {
    let now: Timestamp = "2026-11-24T16:30:15Z".parse().unwrap();
    for never in ["2026-02-30", "*-02-30", "2020-01-01", "*-04-31 22:00"] {
        let calendar: Calendar = never.parse().unwrap();
        let fault = calendar.next_after(now, &TimeZone::UTC).unwrap_err();
        assert_eq!(fault.to_string(), format!("'{never}' never comes (again)"));
    }
}

#[test]
fn what_is_no_expression_is_refused_with_a_reason() {
    for (wrong, why) in [
        ("", "it is empty"),
        ("UTC", "it is empty"),
        ("Foo 22:00", "no weekday"),
        ("25:00", "'25' is no number from 0 to 23"),
        ("22:60", "'60' is no number from 0 to 59"),
        ("22", "is no time"),
        ("*-13-01", "'13' is no number from 1 to 12"),
        ("*-*-0", "'0' is no number from 1 to 31"),
        ("*-*~1", "from a month's end"),
        ("22:00:00.5", "parts of a second"),
        ("10..8:00", "ends before it begins"),
        ("*:0/0", "'0' is no number"),
        ("1-2-3-4", "is no date"),
        ("Mon *-*-* 22:00 now", "all there may be"),
        ("tomorrow", "no weekday"),
        ("+5:00", "is no number"),
    ] {
        let fault = wrong.parse::<Calendar>().unwrap_err().to_string();
        assert!(fault.contains(why), "{wrong}: {fault}");
    }
    assert!("*".repeat(300).parse::<Calendar>().unwrap_err().to_string().contains("too many"));
}

/// An oracle that is not ours, where it is installed.
#[test]
fn systemd_itself_finds_the_same_times() {
    let zone = berlin();
    for text in [
        "Mon..Fri 22:00",
        "*-*-* 02:30",
        "*:0/15",
        "Sat..Mon 06:00",
        "*-1/3-1 01:59:59",
        "*-*-31 23:00",
    ] {
        for base in ["2026-03-28 12:00:00", "2026-10-24 22:00:00", "2027-02-28 12:00:00"] {
            let Ok(output) = std::process::Command::new("systemd-analyze")
                .args(["calendar", "--iterations=4", &format!("--base-time={base} UTC")])
                .arg(format!("{text} Europe/Berlin"))
                .env("TZ", "UTC")
                .output()
            else {
                return;
            };
            let said = String::from_utf8(output.stdout).unwrap();
            let calendar: Calendar = text.parse().unwrap();
            let mut at: Timestamp = format!("{}Z", base.replace(' ', "T")).parse().unwrap();
            for line in
                said.lines().filter(|line| line.contains("elapse:") || line.contains("Iter. #"))
            {
                at = calendar.next_after(at, &zone).unwrap();
                let wanted = at.strftime("%Y-%m-%d %H:%M:%S UTC").to_string();
                assert!(
                    line.ends_with(&wanted),
                    "{text} after {base}: {line}, and ours is {wanted}"
                );
            }
        }
    }
}
