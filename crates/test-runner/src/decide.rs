//! How results are decided on: the uncertainty of what was read, the rule, the acceptance limits.

use bench_catalog::{AccuracyTable, Function, Range, ReadingSettings};
use bench_instruments::Channel;
use bench_model::{Decimal, Decision, Judgement, Limit, Measured, Quantity, Unit, Value};
use metrology::decision::{DecisionRule, ResultUncertainty, state, state_global};
use metrology::uncertainty::TypeA;
use test_plan::{
    Circumstances, CorrectedFrom, Evaluated, KnownAccuracy, Measure, PlannedDecision,
    PlannedProcess, ReadingSpec, UncertaintyError, UncertaintySource,
};

use crate::calibration::days_since;

/// From so many readings on their correlation is known well enough to count.
const CORRELATION_KNOWN_FROM: usize = 30;

/// What a result is decided on by.
#[derive(Clone, Copy)]
pub(crate) struct Rule<'m> {
    pub(crate) rule: DecisionRule,
    pub(crate) process: Option<&'m PlannedProcess>,
    pub(crate) limit: Option<&'m Limit>,
}

/// What the uncertainty of the readings of one measurement goes by.
pub(crate) struct Deciding<'m> {
    planned: &'m PlannedDecision,
    limit: Option<&'m Limit>,
    source: String,
    range: Option<&'m Range>,
    unit: Unit,
    tables: Vec<AccuracyTable>,
    days: Option<u32>,
    celsius: Option<Decimal>,
    spec: &'m ReadingSpec,
    /// What the readings are corrected by.
    numbers: Vec<Decimal>,
}

/// A verdict with the decision that led to it.
pub(crate) struct Decided {
    pub(crate) judgement: Judgement,
    pub(crate) decision: Option<Decision>,
}

impl<'m> Deciding<'m> {
    pub(crate) fn new(
        measure: &'m Measure,
        channel: Option<&Channel>,
        (tables, days): (&[AccuracyTable], Option<u32>),
        celsius: Option<Decimal>,
        numbers: Vec<Decimal>,
    ) -> Self {
        let settings = &measure.reading.settings;
        Self {
            planned: &measure.decision,
            limit: measure.limit.as_ref().map(|planned| &planned.limit),
            source: source_of(channel, &measure.reading.role, settings),
            range: settings.range.as_ref(),
            unit: measure.reading.unit(),
            tables: tables.to_vec(),
            days,
            celsius,
            spec: &measure.reading,
            numbers,
        }
    }

    /// Judges what was read, with the scatter of the readings that it stands for.
    pub(crate) fn decide(&self, actual: &Measured, scatter: Option<&TypeA>) -> Decided {
        let (rule, process) = (self.planned.rule, self.planned.process.as_ref());
        let rule = Rule { rule, process, limit: self.limit };
        rule.decide(actual, self.evaluated(actual, scatter))
    }

    /// How uncertain a number is; none where the plan does not ask, or where it is none.
    fn evaluated(
        &self,
        actual: &Measured,
        scatter: Option<&TypeA>,
    ) -> Option<Result<Evaluated, String>> {
        let source = self.planned.uncertainty.as_ref()?;
        let Measured::Number { value: Value::Finite(reading), .. } = actual else { return None };
        let corrected = CorrectedFrom::of(self.spec, reading, &self.numbers);
        let around = Circumstances {
            reading,
            unit: &self.unit,
            corrected: corrected.as_ref(),
            range: self.range,
            accuracy: Some(KnownAccuracy { tables: &self.tables, days: self.days }),
            celsius: self.celsius.as_ref(),
            scatter,
            source: Some(&self.source),
        };
        Some(source.evaluate(&around).map_err(|error| error.to_string()))
    }
}

impl Rule<'_> {
    /// Judges a result, with its uncertainty where the plan asks for it.
    pub(crate) fn decide(
        &self,
        actual: &Measured,
        evaluated: Option<Result<Evaluated, String>>,
    ) -> Decided {
        let Some(limit) = self.limit else {
            // Without a limit the uncertainty is recorded with the result.
            let evaluated = evaluated.and_then(Result::ok);
            let uncertainty = evaluated.map(|own| Some(Box::new(own.stated)));
            let decision =
                uncertainty.map(|own| Decision { uncertainty: own, ..Decision::simple() });
            return Decided { judgement: Judgement::recorded(), decision };
        };
        match evaluated.transpose() {
            Ok(evaluated) => self.by_rule(limit, actual, evaluated.as_ref()),
            // What a rule does not go by does not stand in its way.
            Err(_) if !self.rule.needs_uncertainty() => self.by_rule(limit, actual, None),
            Err(fault) => self.undecided(limit, actual, &fault),
        }
    }

    fn nothing_known(&self) -> Decision {
        Decision { rule: self.rule.word().to_owned(), ..Decision::default() }
    }

    /// What cannot be decided neither passes nor fails.
    fn undecided(&self, limit: &Limit, actual: &Measured, fault: &str) -> Decided {
        let rule = self.rule.word();
        let why = format!("the rule '{rule}' cannot decide on {limit}: {fault}");
        let decision = Decision { undecided: Some(why), ..self.nothing_known() };
        Decided { judgement: decision.judge(limit, actual), decision: Some(decision) }
    }

    fn by_rule(&self, limit: &Limit, actual: &Measured, own: Option<&Evaluated>) -> Decided {
        let result = own.and_then(|own| in_unit_of(limit, &own.result));
        let result = result.as_ref();
        let mut decision = match (self.rule.decision(limit, result), actual) {
            (Ok(decision), _) => decision,
            // No number is not uncertain: it lies outside, or nothing can be said.
            (Err(_), Measured::Number { value, .. }) if value.finite().is_none() => {
                self.nothing_known()
            }
            (Err(error), _) => return self.undecided(limit, actual, &error.to_string()),
        };
        state(&mut decision, limit, actual, result);
        if let (Some(process), Some(result)) = (self.process, result) {
            // Where the process has no risks the result still has its verdict.
            let _ = state_global(&mut decision, limit, [&process.mean, &process.deviation], result);
        }
        decision.uncertainty = own.map(|own| Box::new(own.stated.clone()));
        let judgement = decision.judge(limit, actual);
        Decided { judgement, decision: Some(decision) }
    }
}

/// An uncertainty in base units as one in the unit of a limit.
fn in_unit_of(limit: &Limit, own: &ResultUncertainty) -> Option<ResultUncertainty> {
    let Limit::Range { unit, .. } = limit else { return Some(*own) };
    let [one, zero] = [1_u32, 0].map(|number| unit.from_base(&Decimal::from(number)));
    let per_base = one?.checked_sub(&zero?).ok()?.to_f64();
    ResultUncertainty::new(own.standard() * per_base, own.expanded() * per_base).ok()
}

/// An uncertainty that the plan states of a computed value.
pub(crate) fn stated(expanded: &Quantity, unit: &Unit) -> Result<Evaluated, UncertaintyError> {
    let zero = Decimal::zero();
    UncertaintySource::Value(expanded.clone()).evaluate(&Circumstances {
        reading: &zero,
        unit: &Unit::base(unit.dimension()),
        range: None,
        accuracy: None,
        celsius: None,
        scatter: None,
        corrected: None,
        source: None,
    })
}

/// What readings share their type B errors with: those of the same instrument, function and range.
fn source_of(channel: Option<&Channel>, role: &str, settings: &ReadingSettings) -> String {
    // What a person reads has no channel: the role stands for it.
    let name = channel.map_or(role, |own| own.instrument().name());
    let of_channel = match channel.map_or(1, Channel::number) {
        1 => String::new(),
        number => format!(" channel {number}"),
    };
    let range = settings.range.as_ref().map(|range| format!(" {range}")).unwrap_or_default();
    format!("{name}{of_channel} {}{range}", settings.function.word())
}

/// The scatter of the readings that a result stands for: of their mean, or of one of them.
pub(crate) fn scatter_of(values: &[Decimal], of_mean: bool) -> Option<TypeA> {
    let floats: Vec<f64> = values.iter().map(Decimal::to_f64).collect();
    let independent = TypeA::independent(&floats).ok()?;
    if !of_mean {
        return TypeA::pooled(1, independent.deviation(), independent.freedom()).ok();
    }
    let knows = floats.len() >= CORRELATION_KNOWN_FROM;
    let correlated = knows.then(|| TypeA::correlated(&floats).ok()).flatten();
    correlated.or(Some(independent))
}

/// What a channel's readings are accurate to: by the bench file, else by the data sheet that its dialect knows.
pub(crate) fn accuracy_of(
    channel: &Channel,
    function: Function,
) -> (&[AccuracyTable], Option<u32>) {
    let instrument = channel.instrument();
    // A simulated instrument does not age.
    let calibration = instrument.calibration().filter(|_| !instrument.simulated());
    (instrument.accuracy(function), days_since(calibration))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mean_is_known_better_than_a_reading() {
        let values: Vec<Decimal> = ["1.0", "1.2"].iter().flat_map(|text| text.parse()).collect();
        let [mean, one] = [true, false].map(|of_mean| scatter_of(&values, of_mean).unwrap());
        assert!((one.standard() / mean.standard() - 2_f64.sqrt()).abs() < 1e-12);
        assert_eq!((mean.freedom(), one.freedom()), (1.0, 1.0));
        assert!(scatter_of(&values[..1], true).is_none());
    }
}
