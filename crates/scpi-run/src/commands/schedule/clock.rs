//! All schedules by the clock, without systemd: what is due is run, one after the other, and what was missed is caught up
//! once.

use std::path::PathBuf;
use std::time::Duration;

use bench_model::Timestamp;
use night_shift::{Due, jitter};

use super::job::until;
use super::night;
use super::registry::{self, By, Schedule};
use crate::args::{ScheduleRunArguments, TriggerWord};
use crate::environment;
use crate::exit::Exit;
use crate::failure::{Failure, Result};
use crate::locks::Lock;
use crate::runtime::block_on;
use crate::signals::Signals;

/// How long the loop waits before it looks for schedules that came or changed.
const LOOK_AGAIN: Duration = Duration::from_secs(60);

/// What is to be done next.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Next {
    /// This schedule, for the time that was due.
    Run(String, Timestamp),
    /// Nothing before this time.
    WaitUntil(Timestamp),
}

/// Stays until somebody stops it.
pub(super) fn run(arguments: &ScheduleRunArguments) -> Result<Exit> {
    let name = format!("loop/{}", environment::data_folder()?.display());
    let _only_one = Lock::take(&name, "the loop over the schedules")?;
    let all = registry::all()?;
    let own = all.iter().filter(|schedule| schedule.by == By::Loop).count();
    say!("scpi-run: {own} schedules by the clock of this process; Ctrl-C ends it");
    loop {
        let now = Timestamp::now();
        match next(&registry::all()?, now) {
            Next::WaitUntil(at) => {
                if let Some(name) = wait(at)? {
                    say!("scpi-run: {name}: no schedule runs from here any more");
                    return Ok(Exit::Pass);
                }
            }
            Next::Run(name, due) => {
                if begin(&name, due, arguments)? == Exit::Aborted {
                    return Ok(Exit::Aborted);
                }
            }
        }
    }
}

/// A sweep that fails, or cannot be read, holds up none of the others.
fn begin(name: &str, due: Timestamp, arguments: &ScheduleRunArguments) -> Result<Exit> {
    let mut schedule = registry::named(name)?;
    // First, so that one that takes this process along is not begun for ever.
    schedule.last_at = Some(due);
    registry::keep(&schedule)?;
    let own = ScheduleRunArguments {
        sweep: Some(PathBuf::from(name)),
        r#loop: false,
        trigger: TriggerWord::Scheduled,
        ..arguments.clone()
    };
    Ok(night::run(&own).unwrap_or_else(Failure::tell))
}

/// None when the time has come; else the name of the signal that ends it all.
fn wait(at: Timestamp) -> Result<Option<&'static str>> {
    block_on(async {
        let mut signals = Signals::listen()?;
        Ok(tokio::select! {
            () = until(at) => None,
            name = signals.end() => Some(name),
        })
    })
}

/// The one that is due first; one whose calendar cannot be is passed over, `list` says so.
fn next(all: &[Schedule], now: Timestamp) -> Next {
    let later = |by: Duration| now.checked_add(by).unwrap_or(Timestamp::MAX);
    let mut first = later(LOOK_AGAIN);
    let mut run = None;
    for schedule in all.iter().filter(|schedule| schedule.by == By::Loop) {
        let Ok((calendar, zone)) = schedule.calendar() else { continue };
        let since = schedule.last_at.unwrap_or(schedule.added_at);
        let most = Duration::from_secs(schedule.jitter_s);
        let begins = |at: Timestamp| at.checked_add(jitter(&schedule.name, at, most)).unwrap_or(at);
        match Due::of(&calendar, since, now, &zone) {
            Ok(Some(due)) if begins(due.at) <= now => {
                run = run.or_else(|| Some(Next::Run(schedule.name.clone(), due.at)));
            }
            Ok(Some(due)) => first = first.min(begins(due.at)),
            Ok(None) => {
                let next = calendar.next_after(now, &zone).map(begins);
                first = next.map_or(first, |next| first.min(next));
            }
            Err(_) => {}
        }
    }
    run.unwrap_or(Next::WaitUntil(first))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test says what it expects by panicking")]

    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn schedule(name: &str, on: &str, jitter_s: u64) -> Schedule {
        Schedule {
            name: name.to_owned(),
            sweep: "/lab/night.toml".to_owned(),
            on: on.to_owned(),
            time_zone: Some("UTC".to_owned()),
            jitter_s,
            by: By::Loop,
            added_at: at("2026-10-09T12:00:00Z"),
            last_at: None,
            notify: None,
            report: None,
            fail_if_moved: false,
        }
    }

    /// Days of a clock that the test sets: what is run when, and that nothing is run twice.
    #[test]
    fn each_time_is_run_once_and_what_was_slept_through_is_caught_up_once() {
        let mut all = [
            schedule("nightly", "Mon..Fri 22:00", 0),
            schedule("weekly", "Sat 06:00", 0),
            schedule("never", "2020-01-01", 0),
        ];
        let mut ran = Vec::new();
        let mut now = at("2026-10-09T12:00:00Z");
        let end = at("2026-10-16T12:00:00Z");
        // From Monday to Wednesday the machine sleeps.
        let (sleeps, wakes) = (at("2026-10-12T20:00:00Z"), at("2026-10-14T07:30:00Z"));
        while now < end {
            match next(&all, now) {
                Next::Run(name, due) => {
                    all.iter_mut().find(|own| own.name == name).unwrap().last_at = Some(due);
                    ran.push(format!("{name} {due} at {now}"));
                }
                Next::WaitUntil(then) => {
                    assert!(then > now);
                    now = if then > sleeps && now < wakes && then < wakes { wakes } else { then };
                }
            }
        }
        assert_eq!(
            ran,
            [
                "nightly 2026-10-09T22:00:00Z at 2026-10-09T22:00:00Z",
                "weekly 2026-10-10T06:00:00Z at 2026-10-10T06:00:00Z",
                "nightly 2026-10-13T22:00:00Z at 2026-10-14T07:30:00Z",
                "nightly 2026-10-14T22:00:00Z at 2026-10-14T22:00:00Z",
                "nightly 2026-10-15T22:00:00Z at 2026-10-15T22:00:00Z",
            ]
        );
    }

    #[test]
    fn jitter_holds_a_beginning_back() {
        let all = [schedule("nightly", "22:00", 600)];
        let due = at("2026-10-09T22:00:00Z");
        let held = due.checked_add(jitter("nightly", due, Duration::from_secs(600))).unwrap();
        assert!(held > due);
        assert_eq!(
            next(&all, due),
            Next::WaitUntil(held.min(due.checked_add(LOOK_AGAIN).unwrap()))
        );
        assert_eq!(next(&all, held), Next::Run("nightly".to_owned(), due));
    }
}
