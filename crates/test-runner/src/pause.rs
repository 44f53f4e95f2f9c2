//! A pause: nothing is done until somebody has the run go on. The record keeps when and how long.

use std::time::Duration;

use bench_instruments::safe_state::make_safe;
use test_plan::Set;
use tokio::time::Instant;

use crate::execute::Execution;
use crate::halt::Halt;

impl Execution<'_> {
    /// Pauses, where somebody wants that. Whether outputs were off meanwhile.
    pub(crate) async fn pause(&mut self) -> Result<bool, Halt> {
        if !self.stop.is_paused() {
            return Ok(false);
        }
        let begun = Instant::now();
        let goes_off = !self.attended.keeps_on_in_pause && !self.attended.stages.is_empty();
        let switched_off = if goes_off { self.switch_off_for_pause().await? } else { Vec::new() };
        let outputs = if goes_off { "outputs are off" } else { "outputs stay as they are" };
        let at = if self.step().is_empty() { "before the first step" } else { self.step() };
        let told = format!("paused at {at}, {outputs}; p goes on, Ctrl-C ends the run");
        self.emitter.warn(told).await?;
        self.stop.end_of_pause().await?;
        self.go_on(&switched_off).await?;
        let gap = begun.elapsed();
        self.deadlines.put_off(gap);
        self.emitter.warn(format!("went on after a pause of {} s", gap.as_secs())).await?;
        Ok(!switched_off.is_empty())
    }

    async fn switch_off_for_pause(&mut self) -> Result<Vec<Set>, Halt> {
        let outputs = make_safe(self.attended.stages).await;
        for output in &outputs {
            match &output.detail {
                None => self.tell_switched_off(&bench_model::Point::default(), output).await?,
                Some(detail) => {
                    let told =
                        format!("{} is NOT CONFIRMED OFF in the pause: {detail}", output.role);
                    self.emitter.warn(told).await?;
                }
            }
        }
        Ok(std::mem::take(&mut self.switched_on))
    }

    /// What was on goes on again, and settles as it did before.
    async fn go_on(&mut self, switched_off: &[Set]) -> Result<(), Halt> {
        self.switch_on_again(switched_off).await?;
        if !switched_off.is_empty() && self.last_settle > Duration::ZERO {
            self.stop.sleep(self.last_settle).await?;
        }
        Ok(())
    }
}
