//! Readings, captures and limits with the parameters in force.

use std::sync::Arc;

use bench_catalog::{CaptureSettings, Range, ReadingSettings, TriggerSettings};
use bench_model::{Decimal, Point, Quantity, Unit};

use crate::operation::{
    CaptureSpec, Discharged, Entry, PlannedLimit, Precise, ReadingSpec, Stability,
};
use crate::reading::{CaptureDraft, PreciseDraft, ReadingDraft, TriggerDraft};
use crate::resolver::Judged;
use crate::step::{DischargedDraft, LimitDraft, StableDraft};

use super::Expander;

impl Expander<'_, '_> {
    /// A reading of the plan, made once.
    pub(super) fn reading(&mut self, name: &str) -> Option<Arc<ReadingSpec>> {
        if let Some(made) = self.readings.get(name) {
            return made.clone();
        }
        let draft = self.plan.readings.get(name)?;
        let made = self.reading_spec(draft).map(Arc::new);
        self.readings.insert(name.to_owned(), made.clone());
        made
    }

    fn reading_spec(&mut self, draft: &ReadingDraft) -> Option<ReadingSpec> {
        let function = *draft.function;
        let range = match &draft.range {
            Some(range) => Some(self.resolved(|resolver| resolver.range(range, &function.unit()))?),
            None => None,
        };
        let target =
            if draft.entry.is_some() { &mut self.read_by_hand } else { &mut self.roles_used };
        target.insert(draft.role.clone());
        self.fault_if_unreadable(draft, range.as_ref());
        let settings = ReadingSettings {
            function,
            range,
            nplc: draft.nplc.as_ref().map(|nplc| nplc.value.clone()),
            auto_zero: draft.auto_zero.as_ref().map(|on| on.value),
            input_impedance: draft.input_impedance.as_ref().map(|text| text.value.clone()),
        };
        let until = match &draft.until {
            Some(until) => Some(self.precise(until, &draft.raw_unit)?),
            None => None,
        };
        let (name, role) = (draft.name.clone(), draft.role.clone());
        let corrections = self.corrections_of(draft)?;
        let samples = draft.samples;
        let entry = draft.entry.as_ref().map(|entry| Entry {
            question: entry.question.clone().unwrap_or_else(|| format!("Read {name} on {role}")),
            unit: draft.raw_unit.clone(),
            sim: entry.sim.clone(),
        });
        Some(ReadingSpec { name, role, settings, samples, until, entry, corrections })
    }

    fn precise(&mut self, draft: &PreciseDraft, unit: &Unit) -> Option<Precise> {
        let half_width = self.resolved(|resolver| resolver.positive(&draft.half_width, unit))?;
        Some(Precise { half_width, at_least: draft.at_least })
    }

    /// A capture of the plan, made once.
    pub(super) fn capture(&mut self, name: &str) -> Option<Arc<CaptureSpec>> {
        if let Some(made) = self.captures.get(name) {
            return made.clone();
        }
        let draft = self.plan.captures.get(name)?;
        let made = self.capture_spec(draft).map(Arc::new);
        self.captures.insert(name.to_owned(), made.clone());
        made
    }

    fn capture_spec(&mut self, draft: &CaptureDraft) -> Option<CaptureSpec> {
        self.roles_used.insert(draft.role.clone());
        self.fault_if_uncapturable(draft);
        let volt = Unit::volt();
        let scale = self.resolved(|resolver| resolver.positive(&draft.scale, &volt));
        let offset = match &draft.offset {
            Some(offset) => self.resolved(|resolver| resolver.quantity(offset, &volt)),
            None => Some(Quantity::new(Decimal::zero(), volt)),
        };
        let time_base =
            self.resolved(|resolver| resolver.positive(&draft.time_base, &Unit::second()));
        let trigger = self.trigger(&draft.trigger);
        let settings = CaptureSettings {
            probe: draft.probe.clone(),
            coupling: draft.coupling.value.clone(),
            bandwidth: draft.bandwidth.value.clone(),
            scale: scale?,
            offset: offset?,
            time_base: time_base?,
            acquisition: draft.acquisition.value.clone(),
            trigger: trigger?,
        };
        Some(CaptureSpec { name: draft.name.clone(), role: draft.role.clone(), settings })
    }

    fn trigger(&mut self, draft: &TriggerDraft) -> Option<TriggerSettings> {
        let level = match &draft.level {
            Some(level) => Some(self.resolved(|resolver| resolver.quantity(level, &Unit::volt()))?),
            None => None,
        };
        let timeout = self.resolved(|resolver| resolver.duration(&draft.timeout))?;
        let slope = draft.slope.value.clone();
        Some(TriggerSettings { level, slope, timeout, forced_after_timeout: draft.is_auto })
    }

    /// A limit at a point; none where there is none, or where it is broken, which is noted.
    pub(super) fn limit(
        &mut self,
        limit: Option<&LimitDraft>,
        point: &Point,
        range: Option<&Range>,
        unit: Option<&Unit>,
    ) -> Option<PlannedLimit> {
        let limit = limit?;
        let drift = self.drift_of(None);
        let drift = Some(drift.as_ref());
        self.resolved(|resolver| resolver.drafted(limit, Judged { point, range, unit, drift }))
    }

    pub(super) fn limit_of_reading(
        &mut self,
        limit: Option<&LimitDraft>,
        reading: &ReadingSpec,
        point: &Point,
    ) -> Option<PlannedLimit> {
        let limit = limit?;
        let unit = reading.unit();
        let drift = self.drift_of(Some(&reading.role));
        let (range, unit, drift) =
            (reading.settings.range.as_ref(), Some(&unit), Some(drift.as_ref()));
        self.resolved(|resolver| resolver.drafted(limit, Judged { point, range, unit, drift }))
    }

    pub(super) fn stability(&mut self, draft: &StableDraft) -> Option<Stability> {
        let reading = self.reading(&draft.reading)?;
        let unit = reading.raw_unit();
        let tolerance = self.resolved(|resolver| resolver.positive(&draft.tolerance, &unit));
        let window = self.resolved(|resolver| resolver.duration(&draft.window));
        let within = self.resolved(|resolver| resolver.duration(&draft.within));
        let (window, within) = (window?, within?);
        if window.is_zero() || within < window {
            let message = "with these parameters 'window' is zero or longer than 'within'";
            self.fault(&draft.span, message);
            return None;
        }
        Some(Stability { reading, tolerance: tolerance?, window, within })
    }

    pub(super) fn discharged(&mut self, draft: &DischargedDraft) -> Option<Discharged> {
        let reading = self.reading(&draft.reading)?;
        let limit = self.limit_of_reading(Some(&draft.limit), &reading, &Point::default());
        let within = self.resolved(|resolver| resolver.duration(&draft.within));
        Some(Discharged { reading, limit: limit?, within: within? })
    }
}
