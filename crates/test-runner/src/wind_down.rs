//! What a plan wants done before its outputs go off, where nobody is in haste: supplies brought down in steps.
//!
//! It can hold up the safe state no longer than the plan says: what does not come down in time is switched off as it is.

use std::collections::BTreeMap;
use std::time::Duration;

use bench_catalog::{Setting, SettingValue};
use bench_instruments::Channel;
use bench_model::{Decimal, Quantity};
use futures_util::future::join_all;
use tokio::time::{sleep, timeout};

use crate::execute::Execution;

/// Steps of a ramp.
const STEPS: u32 = 10;

impl Execution<'_> {
    /// Brings supplies that are on down to 0 V; gives what did not work, in words.
    pub(crate) async fn wind_down(&self, ramps: &BTreeMap<String, Duration>) -> Vec<String> {
        let is_on = |role: &str| self.switched_on.iter().any(|set| set.role == role);
        let on = ramps.iter().filter(|(role, _)| is_on(role));
        let down = on.filter_map(|(role, time)| {
            let from = self.voltages.get(role)?;
            Some(one_down(self.channels.get(role)?, from, *time))
        });
        join_all(down).await.into_iter().flatten().collect()
    }
}

async fn one_down(channel: &Channel, from: &Quantity, time: Duration) -> Option<String> {
    let fault =
        |why: String| Some(format!("{} was not brought down in steps: {why}", channel.role()));
    match timeout(time, steps(channel, from, time / STEPS)).await {
        Ok(Ok(())) => None,
        Ok(Err(why)) => fault(why),
        Err(_) => fault(format!("it takes more than {time:?}")),
    }
}

/// The last step is followed by no wait: the output goes off then.
async fn steps(channel: &Channel, from: &Quantity, pace: Duration) -> Result<(), String> {
    for left in (0..STEPS).rev() {
        let level = part(from, left).ok_or("its voltage passes the bounds of a decimal")?;
        let set = channel.set(Setting::Voltage, &SettingValue::Quantity(level)).await;
        set.map_err(|error| error.to_string())?;
        if left > 0 {
            // Half of the pace is for the exchanges.
            sleep(pace / 2).await;
        }
    }
    Ok(())
}

/// So many of [`STEPS`] parts.
fn part(of: &Quantity, left: u32) -> Option<Quantity> {
    let value = of.value.checked_mul(&Decimal::from(left)).ok()?;
    let value = value.checked_div(&Decimal::from(STEPS)).ok()?;
    Some(Quantity::new(value, of.unit.clone()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ramp_ends_at_zero() {
        let from: Quantity = "5 V".parse().unwrap();
        let levels: Vec<_> =
            (0..STEPS).rev().map(|left| part(&from, left).unwrap().in_base().unwrap()).collect();
        assert_eq!(levels[0], "4.5".parse().unwrap());
        assert_eq!(levels[9], Decimal::zero());
    }
}
