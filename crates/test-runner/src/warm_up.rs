//! Instruments that must have been on for a while: what is left of it is waited for, everything being off.

use std::time::Duration;

use bench_model::Timestamp;
use test_plan::Plan;

use crate::bind::Channels;
use crate::execute::Execution;
use crate::halt::Halt;

/// An instrument that is not warm yet.
#[derive(Debug, PartialEq, Eq)]
struct Cold {
    role: String,
    /// How long it must have been on.
    wanted: Duration,
    left: Duration,
    /// Whether it is known since when it is on.
    is_known: bool,
}

impl Execution<'_> {
    /// Waits until every instrument is warm. Since when one is on, its bench file says; else it counts from now. What
    /// is simulated is warm.
    pub(crate) async fn warm_up(&mut self, plan: &Plan) -> Result<(), Halt> {
        let cold = cold(plan, self.channels, Timestamp::now());
        let Some(longest) = cold.iter().map(|cold| cold.left).max() else { return Ok(()) };
        for cold in &cold {
            self.emitter.warn(cold.said()).await?;
        }
        Ok(self.stop.sleep(longest).await?)
    }
}

impl Cold {
    fn said(&self) -> String {
        let Self { role, wanted, left, is_known } = self;
        let (wanted, left) = (wanted.as_secs(), left.as_secs_f64().ceil());
        let why = if *is_known {
            ""
        } else {
            "; since when it is on is not known, and on_since in the bench file would say it"
        };
        format!("{role} must have been on for {wanted} s: {left} s of warm-up are waited for{why}")
    }
}

fn cold(plan: &Plan, channels: &Channels, now: Timestamp) -> Vec<Cold> {
    let found = channels.iter().filter_map(|(name, channel)| {
        let wanted = plan.roles.get(name)?.warm_up?;
        let instrument = channel.instrument();
        let since = instrument.on_since();
        let left = (!instrument.simulated()).then(|| left(wanted, since, now))?;
        let (role, is_known) = (name.clone(), since.is_some());
        (!left.is_zero()).then_some(Cold { role, wanted, left, is_known })
    });
    found.collect()
}

/// A time that lies ahead is none since which anything is on.
fn left(wanted: Duration, since: Option<Timestamp>, now: Timestamp) -> Duration {
    let gone = since.map(|since| now.duration_since(since));
    let gone = gone.and_then(|gone| Duration::try_from(gone).ok()).unwrap_or_default();
    wanted.saturating_sub(gone)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_counts_from_when_it_was_switched_on() {
        let now: Timestamp = "2026-11-24T12:00:00Z".parse().unwrap();
        let half_an_hour = Duration::from_secs(1800);
        for (since, seconds) in [
            (None, 1800),
            (Some("2026-11-24T11:50:00Z"), 1200),
            (Some("2026-11-24T11:30:00Z"), 0),
            (Some("2026-11-23T08:00:00Z"), 0),
            (Some("2026-11-24T12:10:00Z"), 1800),
        ] {
            let since = since.map(|since| since.parse().unwrap());
            assert_eq!(left(half_an_hour, since, now).as_secs(), seconds, "{since:?}");
        }
    }

    #[test]
    fn a_wait_says_how_long_and_why() {
        let cold = Cold {
            role: "dmm".into(),
            wanted: Duration::from_secs(1800),
            left: Duration::from_millis(1_199_500),
            is_known: true,
        };
        assert_eq!(
            cold.said(),
            "dmm must have been on for 1800 s: 1200 s of warm-up are waited for"
        );
        assert!(Cold { is_known: false, ..cold }.said().contains("on_since"));
    }
}
