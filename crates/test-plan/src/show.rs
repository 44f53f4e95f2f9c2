//! Operations as `explain` prints them, one line each.

use std::fmt;
use std::time::Duration;

use bench_catalog::CaptureSettings;
use bench_model::{Decimal, Unit};

use crate::decision::StopWhen;
use crate::infrastructure::Inspection;
use crate::operation::{
    Capture, Compute, Measure, MeasuredBy, Operation, PlannedLimit, Raw, ReadingSpec, RetryOn, Set,
    Stability,
};
use crate::prompt::Prompt;
use crate::series::tidy;
use crate::uncertainty::{
    ComputedDecision, ComputedUncertainty, PlannedDecision, UncertaintySource,
};

/// `rail[vi=7 V]  set vin voltage 7 V`, `measure rail/vout[vi=7 V] by dmm dc_voltage, range 10 V; 4.95 V .. 5.05 V`.
impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::StepStarted { step } => write!(f, "step {step}"),
            Self::Timeout { step: Some(step), time } => {
                write!(f, "{step}  at most {}", shown_time(*time))
            }
            Self::Timeout { step: None, time } => {
                write!(f, "all of it at most {}", shown_time(*time))
            }
            Self::OnlyIf(only) => {
                let word = if only.wanted { "only" } else { "not" };
                write!(f, "{}  {word} if {}", only.step, only.text)
            }
            Self::Set(set) => set.fmt(f),
            Self::ExpectMode { step, point, role, mode } => {
                write!(f, "{step}{point}  expect {role} in {mode}")
            }
            Self::Settle { step, point, time } => {
                write!(f, "{step}{point}  settle {}", shown_time(*time))
            }
            Self::Pace { step, around, axis, at } => {
                write!(f, "{step}{around}  wait for {axis} {}", shown_time(*at))
            }
            Self::SettleUntilStable { step, point, until } => {
                write!(f, "{step}{point}  settle {until}")
            }
            Self::Measure(measure) => measure.fmt(f),
            Self::Capture(capture) => capture.fmt(f),
            Self::Compute(compute) => compute.fmt(f),
            Self::Raw(raw) => raw.fmt(f),
            Self::Prompt(prompt) => prompt.fmt(f),
            Self::Inspection(inspection) => inspection.fmt(f),
            Self::StopWhen(stop) => stop.fmt(f),
            Self::StepFinished { step } => write!(f, "end of {step}"),
        }
    }
}

fn shown_time(time: Duration) -> String {
    let nanoseconds = u64::try_from(time.as_nanos()).unwrap_or(u64::MAX);
    let seconds =
        Decimal::from(nanoseconds).scale_by_power_of_ten(-9).unwrap_or_else(Decimal::zero);
    tidy(seconds, &Unit::second()).to_string()
}

/// `until vout by dmm dc_voltage is stable to 1 mV over 200 ms, within 5 s`.
impl fmt::Display for Stability {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (window, within) = (shown_time(self.window), shown_time(self.within));
        let Self { reading, tolerance, .. } = self;
        write!(
            f,
            "until {} of {reading} is stable to {tolerance} over {window}, within {within}",
            reading.name
        )
    }
}

fn limit(f: &mut fmt::Formatter<'_>, limit: Option<&PlannedLimit>) -> fmt::Result {
    match limit {
        Some(planned) => write!(f, "; {}", planned.limit),
        None => f.write_str("; recorded"),
    }
}

fn decision(f: &mut fmt::Formatter<'_>, decision: &PlannedDecision) -> fmt::Result {
    if decision.rule.needs_uncertainty() {
        write!(f, " by the rule {}", decision.rule.word())?;
    }
    match &decision.uncertainty {
        Some(UncertaintySource::Value(expanded)) => write!(f, ", U {expanded}"),
        Some(source) => write!(f, ", uncertainty by {}", source.word()),
        None => Ok(()),
    }
}

fn computed_decision(f: &mut fmt::Formatter<'_>, decision: &ComputedDecision) -> fmt::Result {
    if decision.rule.needs_uncertainty() {
        write!(f, " by the rule {}", decision.rule.word())?;
    }
    match &decision.uncertainty {
        Some(ComputedUncertainty::Value(expanded)) => write!(f, ", U {expanded}"),
        Some(ComputedUncertainty::Propagated(_)) => f.write_str(", uncertainty propagated"),
        None => Ok(()),
    }
}

fn attempts(f: &mut fmt::Formatter<'_>, attempts: u32, on: RetryOn) -> fmt::Result {
    match (attempts, on) {
        (0 | 1, _) => Ok(()),
        (attempts, RetryOn::Error) => write!(f, ", {attempts} attempts on error"),
        (attempts, RetryOn::Fail) => write!(f, ", {attempts} attempts on error or fail"),
    }
}

impl fmt::Display for Set {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { step, point, role, setting, value } = self;
        write!(f, "{step}{point}  set {role} {setting} {value}")
    }
}

impl fmt::Display for StopWhen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { step, axis, watched, .. } = self;
        let condition = self.condition();
        write!(f, "{step}{}  stop {axis} if {} is {condition}", watched.point, watched.path)
    }
}

impl fmt::Display for ReadingSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let settings = &self.settings;
        write!(f, "{} {}", self.role, settings.function)?;
        if let Some(entry) = &self.entry {
            write!(f, " by hand in {}", entry.unit)?;
        }
        if let Some(range) = &settings.range {
            write!(f, ", range {range}")?;
        }
        if let Some(nplc) = &settings.nplc {
            write!(f, ", {nplc} NPLC")?;
        }
        if let Some(impedance) = &settings.input_impedance {
            write!(f, ", input {impedance}")?;
        }
        match settings.auto_zero {
            Some(true) => f.write_str(", auto-zero")?,
            Some(false) => f.write_str(", no auto-zero")?,
            None => {}
        }
        if self.corrections.is_empty() {
            return Ok(());
        }
        write!(f, ", corrected to {}", self.formula())
    }
}

impl fmt::Display for Measure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "measure {} by {}", self.place, self.reading)?;
        if self.reading.samples > 1 {
            write!(f, ", {} samples, {}", self.reading.samples, self.judge.word())?;
        }
        if let Some(until) = &self.reading.until {
            write!(f, ", fewer once its mean is known to {}", until.half_width)?;
        }
        attempts(f, self.attempts, self.retry_on)?;
        limit(f, self.limit.as_ref())?;
        decision(f, &self.decision)
    }
}

impl fmt::Display for Capture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "capture {} by {}, ", self.place, self.capture.role)?;
        show_capture(f, &self.capture.settings)?;
        for set in &self.meanwhile {
            write!(f, ", meanwhile {} {} {}", set.role, set.setting, set.value)?;
        }
        attempts(f, self.attempts, self.retry_on)?;
        for measure in &self.measures {
            let from =
                if measure.by == MeasuredBy::Scope { "by the scope" } else { "from samples" };
            write!(f, "; {} {from}", measure.quantity)?;
            if let Some(planned) = &measure.limit {
                write!(f, " {}", planned.limit)?;
            }
        }
        Ok(())
    }
}

fn show_capture(f: &mut fmt::Formatter<'_>, settings: &CaptureSettings) -> fmt::Result {
    let CaptureSettings { probe, coupling, bandwidth, scale, offset, time_base, .. } = settings;
    write!(
        f,
        "{probe}x {coupling}, bandwidth {bandwidth}, {scale}/div, offset {offset}, {time_base}/div, "
    )?;
    write!(f, "{} acquisition, ", settings.acquisition)?;
    let trigger = &settings.trigger;
    match &trigger.level {
        Some(level) => write!(f, "trigger {} at {level} within ", trigger.slope)?,
        None => f.write_str("trigger within ")?,
    }
    let forced = if trigger.forced_after_timeout { ", then forced" } else { "" };
    write!(f, "{}{forced}", shown_time(trigger.timeout))
}

impl fmt::Display for Compute {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "compute {} = {}", self.place, self.expression.text())?;
        limit(f, self.limit.as_ref())?;
        computed_decision(f, &self.decision)
    }
}

/// `ask connect: Connect the probe (Enter when it is done), outputs off, within 5 min; recorded`.
impl fmt::Display for Prompt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ask {}: {} ({})", self.place, self.question, self.kind.wanted())?;
        f.write_str(if self.energised { "" } else { ", outputs off" })?;
        if let Some(time) = self.timeout {
            write!(f, ", within {}", shown_time(time))?;
        }
        limit(f, self.limit.as_ref())
    }
}

/// `look at db: connect to 127.0.0.1:5432 within 5 s; "connected"; latency <= 50 ms`.
impl fmt::Display for Inspection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { place, target, timeout, .. } = self;
        write!(f, "look at {place}: {target} within {}", shown_time(*timeout))?;
        limit(f, Some(&self.limit))?;
        match &self.latency {
            Some(latency) => write!(f, "; latency {}", latency.limit.limit),
            None => Ok(()),
        }
    }
}

impl fmt::Display for Raw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { place, role, message, .. } = self;
        if !self.is_query {
            write!(f, "send {place} to {role}: {message}")?;
            return if self.caps.is_empty() { Ok(()) } else { f.write_str("; caps read back") };
        }
        write!(f, "query {place} of {role}: {message}")?;
        attempts(f, self.attempts, self.retry_on)?;
        limit(f, self.limit.as_ref())
    }
}
