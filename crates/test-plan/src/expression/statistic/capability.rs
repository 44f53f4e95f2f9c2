//! Capability of a process: indices with their intervals, tolerance intervals, yield.

use bench_model::{Analysis, Decimal, Figure};
use metrology::capability::{
    Capability, Index, Sample, SpecificationLimits, anderson_darling, capability as indices,
    expected_outside, one_sided_tolerance_factor, two_sided_tolerance_factor, wilson_interval,
};
use metrology::process::moving_range_freedom;
use metrology::summary::Moments;

use super::data::{
    Data, confidence, decimal, figure, option, probability, pure, said, with_interval, with_remark,
};
use super::{Found, Options};

/// The part of items that a tolerance interval holds, where a plan does not say.
const CONTENT: f64 = 0.95;

/// Below this probability of normal values they are called hardly normal.
const HARDLY_NORMAL: f64 = 0.05;

/// The fewest values whose normality is tested.
const LEAST_FOR_NORMALITY: usize = 8;

/// Which number is the value of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::expression) enum CapabilityFigure {
    Cp,
    Cpk,
    /// The lower end of the interval of Cpk.
    CpkLow,
    Cpm,
    Pp,
    Ppk,
    PpkLow,
    /// The part of the values that lies within the limits.
    Yield,
    /// The lower end of the tolerance interval.
    ToleranceLow,
    ToleranceHigh,
}

impl CapabilityFigure {
    /// Whether it is in the unit of the values.
    pub(super) fn is_a_value(self) -> bool {
        matches!(self, Self::ToleranceLow | Self::ToleranceHigh)
    }

    pub(super) fn missing(self, given: &[&str]) -> Option<&'static str> {
        let (low, high) = (given.contains(&"low"), given.contains(&"high"));
        match self {
            Self::ToleranceLow | Self::ToleranceHigh => None,
            Self::Cpm if !(low && high && given.contains(&"target")) => {
                Some("Cpm is of both limits and a target: low = .., high = .., target = ..")
            }
            Self::Cp | Self::Pp if !(low && high) => {
                Some("this index is of both limits: low = .., high = ..; one has cpk and ppk")
            }
            _ if !low && !high => Some("a limit is wanted: low = .., high = .. or both"),
            _ => None,
        }
    }
}

/// Everything that is computed of one process.
struct Process<'d> {
    data: &'d Data,
    options: &'d Options,
    mean: f64,
    overall: Sample,
    within: Sample,
    deviations: [f64; 2],
    limits: Option<SpecificationLimits>,
}

/// The value that is asked for, with all others beside it.
pub(super) fn capability(wanted: CapabilityFigure, data: &Data, options: &Options) -> Found {
    if let (CapabilityFigure::Yield, Err(_)) = (wanted, Process::of(data, options)) {
        // Values that are all the same have a yield and no index.
        let (part, counted) = counted_yield(data, options)?;
        return Ok((part, analysis(vec![counted], Vec::new(), options)?));
    }
    let process = Process::of(data, options)?;
    let (within, overall) = process.indices()?;
    let (low, high, tolerance) = process.tolerance()?;
    let mut figures = process.of_the_sample()?;
    figures.extend(told(&within, ["Cp", "Cpk"])?);
    figures.extend(told(&overall, ["Pp", "Ppk"])?);
    if let Some(own) = overall.as_ref().and_then(|own| own.cpm) {
        figures.push(index("Cpm", own)?);
    }
    figures.extend(tolerance);
    let missing = || "there is no such index without its limits".to_owned();
    let of = |found: Option<f64>| found.ok_or_else(missing).and_then(decimal);
    let (cp, cpk) = (within.and_then(|own| own.cp), within.map(|own| own.cpk));
    let (pp, ppk) = (overall.and_then(|own| own.cp), overall.map(|own| own.cpk));
    let mut counted_part = None;
    if process.limits.is_some() {
        let (part, counted) = counted_yield(data, options)?;
        figures.extend([counted, process.expected()?]);
        counted_part = Some(part);
    }
    let estimate = |index: Option<Index>| of(index.map(|index| index.estimate));
    let lower = |index: Option<Index>| of(index.map(|index| index.low));
    let value = match wanted {
        CapabilityFigure::Cp => estimate(cp),
        CapabilityFigure::Cpk => estimate(cpk),
        CapabilityFigure::CpkLow => lower(cpk),
        CapabilityFigure::Cpm => estimate(overall.and_then(|own| own.cpm)),
        CapabilityFigure::Pp => estimate(pp),
        CapabilityFigure::Ppk => estimate(ppk),
        CapabilityFigure::PpkLow => lower(ppk),
        CapabilityFigure::Yield => counted_part.ok_or_else(missing),
        CapabilityFigure::ToleranceLow => data.amount(low),
        CapabilityFigure::ToleranceHigh => data.amount(high),
    }?;
    Ok((value, analysis(figures, normality(data)?, options)?))
}

fn analysis(
    figures: Vec<Figure>,
    remarks: Vec<String>,
    options: &Options,
) -> Result<Analysis, String> {
    Ok(Analysis {
        title: "Capability".to_owned(),
        method: "Cp and Cpk by the deviation within subgroups, of single values by the mean moving range; Pp, Ppk and \
                 Cpm by the overall deviation (NIST/SEMATECH e-Handbook, 6.1.6); intervals by χ², non-central t and \
                 Bissell; yield by Wilson"
            .to_owned(),
        confidence: Some(decimal(confidence(options))?),
        figures,
        remarks,
    })
}

impl<'d> Process<'d> {
    fn of(data: &'d Data, options: &'d Options) -> Result<Self, String> {
        let moments = Moments::of(data.offsets()).map_err(said)?;
        let mean = moments.mean().map_err(said)?;
        let overall = moments.standard_deviation().map_err(said)?;
        let (within, freedom) = within(data)?;
        let sample = |deviation, degrees| Sample::new(data.count(), mean, deviation, degrees);
        Ok(Self {
            data,
            options,
            mean,
            overall: Sample::overall(&moments).map_err(said)?,
            within: sample(within, freedom).map_err(said)?,
            deviations: [within, overall],
            limits: limits(data, options)?,
        })
    }

    /// By the deviation within, and by the overall one.
    fn indices(&self) -> Result<(Option<Capability>, Option<Capability>), String> {
        let of = |sample: &Sample| {
            let found = |limits: &SpecificationLimits| {
                indices(sample, limits, confidence(self.options)).map_err(said)
            };
            self.limits.as_ref().map(found).transpose()
        };
        Ok((of(&self.within)?, of(&self.overall)?))
    }

    fn of_the_sample(&self) -> Result<Vec<Figure>, String> {
        let [within, overall] = self.deviations;
        Ok(vec![
            figure("n", super::data::counted(self.data.count())),
            figure("mean", self.data.at(self.mean)?),
            figure("deviation within", self.data.spread(within)?),
            figure("deviation overall", self.data.spread(overall)?),
        ])
    }

    /// The ends of the tolerance interval as offsets, and how they are told.
    fn tolerance(&self) -> Result<(f64, f64, Vec<Figure>), String> {
        let (content, sure) = (option(self.options, "content", CONTENT), confidence(self.options));
        let [_, overall] = self.deviations;
        let one_sided = self.options.contains_key("low") != self.options.contains_key("high");
        let factor = match one_sided {
            true => one_sided_tolerance_factor(self.data.count(), content, sure),
            false => two_sided_tolerance_factor(self.data.count(), content, sure),
        };
        let half = factor.map_err(said)? * overall;
        let (low, high) = (self.mean - half, self.mean + half);
        let how = if one_sided { "of one side" } else { "of both sides" };
        let told = |name: &str, end: f64| {
            let remark = format!("{how}, holds {} % of the values", content * 100.0);
            Ok::<_, String>(with_remark(name, self.data.at(end)?, remark))
        };
        let mut figures = Vec::new();
        if !one_sided || self.options.contains_key("low") {
            figures.push(told("tolerance interval, lower end", low)?);
        }
        if !one_sided || self.options.contains_key("high") {
            figures.push(told("tolerance interval, upper end", high)?);
        }
        Ok((low, high, figures))
    }

    /// The part of normal values within the limits.
    fn expected(&self) -> Result<Figure, String> {
        let limits = self.limits.as_ref().ok_or_else(|| "there are no limits".to_owned())?;
        let outside = expected_outside(&self.overall, limits);
        let remark = format!("{:.3} of a million outside", outside * 1e6);
        Ok(with_remark("yield of normal values", pure(1.0 - outside)?, remark))
    }
}

/// The deviation within subgroups with its degrees of freedom.
fn within(data: &Data) -> Result<(f64, f64), String> {
    let subgroups = data.subgroups();
    if subgroups.iter().all(|own| own.len() < 2) || subgroups.len() == 1 {
        let chart = metrology::process::individuals(data.offsets()).map_err(said)?;
        let freedom = moving_range_freedom(data.count()).map_err(said)?;
        return Ok((chart.within, freedom));
    }
    let (mut squares, mut freedom) = (0.0, 0.0);
    for own in subgroups.iter().filter(|own| own.len() > 1) {
        let moments = Moments::of(own).map_err(said)?;
        let degrees = super::data::whole(own.len()).to_f64() - 1.0;
        squares += moments.variance().map_err(said)? * degrees;
        freedom += degrees;
    }
    Ok(((squares / freedom).sqrt(), freedom))
}

fn limits(data: &Data, options: &Options) -> Result<Option<SpecificationLimits>, String> {
    let own = |name: &str| options.get(name).map(|own| data.offset_of(own)).transpose();
    let (low, high, target) = (own("low")?, own("high")?, own("target")?);
    if low.is_none() && high.is_none() {
        return Ok(None);
    }
    SpecificationLimits::new(low, high, target).map(Some).map_err(said)
}

fn told(found: &Option<Capability>, names: [&str; 2]) -> Result<Vec<Figure>, String> {
    let Some(found) = found else { return Ok(Vec::new()) };
    let [of_both, nearest] = names;
    let both = found.cp.map(|own| index(of_both, own)).transpose()?;
    let nearest = index(nearest, found.cpk)?;
    Ok(both.into_iter().chain([nearest]).collect())
}

fn index(name: &str, own: Index) -> Result<Figure, String> {
    Ok(with_interval(name, pure(own.estimate)?, pure(own.low)?, pure(own.high)?))
}

/// The part that lies within the limits, counted on the exact values, with its interval.
fn counted_yield(data: &Data, options: &Options) -> Result<(Decimal, Figure), String> {
    let inside = |value: &&Decimal| {
        options.get("low").is_none_or(|low| *value >= low)
            && options.get("high").is_none_or(|high| *value <= high)
    };
    let passed = data.values().filter(inside).count();
    let (low, high) = wilson_interval(passed, data.count(), confidence(options)).map_err(said)?;
    let [passed_part, all] = [passed, data.count()].map(super::data::whole);
    let part = passed_part.checked_div(&all).map_err(|error| error.to_string())?;
    let value = bench_model::Quantity::new(part.clone(), bench_model::Unit::none());
    let remark = Some(format!("{passed} of {} within the limits", data.count()));
    let counted = with_interval("yield", value, pure(low)?, pure(high)?);
    Ok((part, Figure { remark, ..counted }))
}

/// What is to be said of normality: the intervals stand on it.
fn normality(data: &Data) -> Result<Vec<String>, String> {
    if data.count() < LEAST_FOR_NORMALITY {
        return Ok(vec![format!(
            "{} values are too few to test whether they are normal, which indices and tolerance interval suppose",
            data.count()
        )]);
    }
    let found = anderson_darling(data.offsets()).map_err(said)?;
    let (adjusted, p) = (found.adjusted, probability(found.p_value));
    let test = format!("Anderson-Darling A*² = {adjusted:.3}, p = {p}");
    Ok(vec![if found.p_value < HARDLY_NORMAL {
        format!(
            "the values are hardly normal ({test}): indices, tolerance interval and the yield of normal values \
             suppose that they are; the counted yield does not"
        )
    } else {
        format!("nothing speaks against normal values ({test})")
    }])
}
