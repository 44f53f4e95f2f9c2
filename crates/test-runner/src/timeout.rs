//! Time that is over: of a step, and of the whole plan.

use std::time::Duration;

use bench_model::Point;
use tokio::time::Instant;

use crate::execute::Execution;
use crate::halt::Halt;

/// When what is not done is not done any more.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Deadline {
    at: Instant,
    time: Duration,
}

/// Those that run.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Deadlines {
    pub(crate) step: Option<Deadline>,
    pub(crate) plan: Option<Deadline>,
}

impl Deadlines {
    /// A pause counts for nothing.
    pub(crate) fn put_off(&mut self, by: Duration) {
        for deadline in self.step.iter_mut().chain(&mut self.plan) {
            deadline.at += by;
        }
    }

    /// Of a wait, as much as there is time for.
    pub(crate) fn cut(&self, wait: Duration) -> Duration {
        let left = |deadline: &Deadline| deadline.at.saturating_duration_since(Instant::now());
        self.step.iter().chain(&self.plan).map(left).fold(wait, Duration::min)
    }
}

fn is_over(deadline: &mut Option<Deadline>) -> Option<Duration> {
    deadline.take_if(|deadline| deadline.at <= Instant::now()).map(|deadline| deadline.time)
}

impl Execution<'_> {
    pub(crate) fn begin_timeout(&mut self, is_of_step: bool, time: Duration) {
        let deadline = Some(Deadline { at: Instant::now() + time, time });
        let which = &mut self.deadlines;
        *(if is_of_step { &mut which.step } else { &mut which.plan }) = deadline;
    }

    /// Blocks what is left of the step or of the session, once its time is over.
    pub(crate) async fn look_at_the_time(&mut self) -> Result<(), Halt> {
        if let Some(time) = is_over(&mut self.deadlines.step) {
            let fault = format!("the step's time of {time:?} is over");
            self.setting_failed(&Point::default(), fault).await?;
        }
        if let Some(time) = is_over(&mut self.deadlines.plan) {
            let fault = format!("the plan's time of {time:?} is over");
            self.block_session(&fault);
            self.emitter.warn(fault.clone()).await?;
            self.note_fault(fault);
        }
        Ok(())
    }
}
