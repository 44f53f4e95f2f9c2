//! What the values of one place say over runs: capability, control charts, drift, a change of level.

use bench_model::{Analysis, Decimal, Figure, Quantity, Timestamp, Unit, Verdict};
use metrology::capability::{
    Index, Sample, SpecificationLimits, anderson_darling, capability, wilson_interval,
};
use metrology::distribution::student_quantile;
use metrology::process::{
    Cusum, Ewma, LinearFit, SignalRule, cusum, ewma, individuals, moving_range_freedom, pettitt,
    western_electric,
};
use metrology::summary::{Moments, offsets_from_first};
use metrology::{Result, StatisticsError};

use super::trend::TrendPlace;
use crate::text::counted;

/// From so many runs on there is something to say.
const LEAST_RUNS: usize = 8;

/// The probability with which intervals hold.
const CONFIDENCE: f64 = 0.95;

/// Below this probability chance alone does not explain it.
const SIGNIFICANT: f64 = 0.05;

/// Runs that are named, at most.
const MAX_NAMED: usize = 8;

/// Seconds of a day.
const DAY_S: f64 = 86_400.0;

/// All that can be said of a place; nothing of few runs.
pub(super) fn analyses(place: &TrendPlace) -> Vec<Analysis> {
    let Some(series) = Series::of(place).filter(|own| own.offsets.len() >= LEAST_RUNS) else {
        return Vec::new();
    };
    let all = [series.capability(), series.chart(), series.drift(), series.change()];
    // What is out of the domain of its formula (no spread, no limit) is not said.
    all.into_iter().filter_map(Result::ok).collect()
}

/// The values of a place as offsets from the first, exact before they become floats.
struct Series<'p> {
    place: &'p TrendPlace,
    first: Decimal,
    offsets: Vec<f64>,
    unit: Unit,
}

impl<'p> Series<'p> {
    fn of(place: &'p TrendPlace) -> Option<Self> {
        let first = place.spots.first()?;
        let values: Vec<_> = place.spots.iter().map(|spot| spot.value.value.clone()).collect();
        let (offsets, unit) = (offsets_from_first(&values)?, first.value.unit.clone());
        Some(Self { place, first: first.value.value.clone(), offsets, unit })
    }

    fn spread(&self, value: f64) -> Result<Quantity> {
        Ok(Quantity::new(decimal(value)?, self.unit.clone()))
    }

    fn at(&self, offset: f64) -> Result<Quantity> {
        let value = self.first.checked_add(&decimal(offset)?).map_err(|_| bounds())?;
        Ok(Quantity::new(value, self.unit.clone()))
    }

    /// The run of a value, as people look it up.
    fn run(&self, index: usize) -> String {
        let spot = self.place.spots.get(index);
        spot.map(|spot| format!("{} {}", spot.at.strftime("%Y-%m-%d"), spot.run))
            .unwrap_or_default()
    }

    fn named(&self, indices: &[usize]) -> String {
        let named: Vec<_> = indices.iter().take(MAX_NAMED).map(|index| self.run(*index)).collect();
        let more = indices.len().saturating_sub(MAX_NAMED);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        format!("{}{more}", named.join(", "))
    }

    /// By the limits of the last run.
    fn capability(&self) -> Result<Analysis> {
        let last = self.place.spots.last().ok_or_else(bounds)?;
        let offset = |bound: &Option<Decimal>| {
            let apart = bound.as_ref().map(|bound| bound.checked_sub(&self.first));
            apart.transpose().map(|own| own.map(|own| own.to_f64())).map_err(|_| bounds())
        };
        let limits = SpecificationLimits::new(offset(&last.low)?, offset(&last.high)?, None)?;
        let moments = Moments::of(&self.offsets)?;
        let (count, chart) = (moments.count(), individuals(&self.offsets)?);
        let freedom = moving_range_freedom(count)?;
        let within = Sample::new(count, moments.mean()?, chart.within, freedom)?;
        let within = capability(&within, &limits, CONFIDENCE)?;
        let overall = capability(&Sample::overall(&moments)?, &limits, CONFIDENCE)?;
        let mut figures = Vec::new();
        for (name, own) in [
            ("Cpk", Some(within.cpk)),
            ("Ppk", Some(overall.cpk)),
            ("Cp", within.cp),
            ("Pp", overall.cp),
        ] {
            figures.extend(own.map(|own| index(name, own)).transpose()?);
        }
        figures.push(self.passed()?);
        Ok(Analysis {
            title: "Capability over runs".to_owned(),
            method: "limits of the last run; Cp and Cpk by the mean moving range, Pp and Ppk by the overall deviation \
                     (NIST/SEMATECH e-Handbook, 6.1.6); yield by Wilson"
                .to_owned(),
            confidence: Some(decimal(CONFIDENCE)?),
            figures,
            remarks: normality(&self.offsets)?,
        })
    }

    /// How many runs passed.
    fn passed(&self) -> Result<Figure> {
        let spots = &self.place.spots;
        let passed = spots.iter().filter(|spot| spot.verdict == Verdict::Pass).count();
        let (low, high) = wilson_interval(passed, spots.len(), CONFIDENCE)?;
        let pure =
            |value: f64| Ok::<_, StatisticsError>(Quantity::new(decimal(value)?, Unit::none()));
        let whole = |count: usize| u32::try_from(count).map(f64::from).map_err(|_| bounds());
        Ok(Figure {
            name: "yield".to_owned(),
            value: pure(whole(passed)? / whole(spots.len())?)?,
            low: Some(pure(low)?),
            high: Some(pure(high)?),
            remark: Some(format!("{passed} of {} runs passed", spots.len())),
        })
    }

    /// Individuals and moving ranges, moving average and cumulative sums.
    fn chart(&self) -> Result<Analysis> {
        let own = individuals(&self.offsets)?;
        let centre = own.of_values.centre;
        let signals = western_electric(&self.offsets, centre, own.within)?;
        let mut remarks = Vec::new();
        for (rule, words) in RULES {
            let met = signals.iter().filter(|signal| signal.rule == rule);
            let met: Vec<usize> = met.map(|signal| signal.index).collect();
            if !met.is_empty() {
                remarks.push(format!("{words}: {}", self.named(&met)));
            }
        }
        let average = Ewma { target: centre, deviation: own.within, weight: 0.2, width: 3.0 };
        let points = ewma(&self.offsets, &average)?;
        let outside = points.iter().enumerate().filter(|(_, point)| point.is_outside());
        let outside: Vec<usize> = outside.map(|(index, _)| index).collect();
        if !outside.is_empty() {
            remarks.push(format!("moving average outside its limits: {}", self.named(&outside)));
        }
        let sums = Cusum {
            target: centre,
            reference: 0.5 * own.within,
            decision: 5.0 * own.within,
            head_start: 0.0,
        };
        let points = cusum(&self.offsets, &sums)?;
        if let Some(first) = points.iter().position(|point| point.is_signal) {
            remarks.push(format!("cumulative sum passes its limit from {} on", self.run(first)));
        }
        if remarks.is_empty() {
            remarks.push("in control: no signal".to_owned());
        }
        let figure = |name: &str, value| plain(name, value);
        Ok(Analysis {
            title: "Control chart over runs".to_owned(),
            method: "individuals and moving ranges with the Western Electric rules, EWMA (weight 0.2), CUSUM (K 0.5 s, H \
                     5 s) (NIST/SEMATECH e-Handbook, 6.3.2)"
                .to_owned(),
            confidence: None,
            figures: vec![
                figure("centre", self.at(centre)?),
                figure("lower limit", self.at(own.of_values.lower)?),
                figure("upper limit", self.at(own.of_values.upper)?),
            ],
            remarks,
        })
    }

    /// The straight line over time; the interval reckons with residuals that know of their neighbours.
    fn drift(&self) -> Result<Analysis> {
        let first = self.place.spots.first().ok_or_else(bounds)?.at;
        let day = |at: Timestamp| at.duration_since(first).as_secs_f64() / DAY_S;
        let days: Vec<f64> = self.place.spots.iter().map(|spot| day(spot.at)).collect();
        let fit = LinearFit::of(&days, &self.offsets)?;
        let (error, freedom) = match fit.correlated_trend() {
            Ok(own) if own.slope_error > fit.slope_error() => (own.slope_error, own.freedom),
            _ => (fit.slope_error(), fit.freedom()),
        };
        let half = -student_quantile(freedom, (1.0 - CONFIDENCE) / 2.0)? * error;
        let slope = fit.slope();
        let said = match slope.abs() > half {
            true => "it drifts: the interval leaves zero out",
            false => "no drift is seen: the interval holds zero",
        };
        Ok(Analysis {
            title: "Drift".to_owned(),
            method: "least squares over time; standard error with the lag-1 correlation of the residuals (Santer and \
                     others 2000)"
                .to_owned(),
            confidence: Some(decimal(CONFIDENCE)?),
            figures: vec![Figure {
                name: "slope a day".to_owned(),
                value: self.spread(slope)?,
                low: Some(self.spread(slope - half)?),
                high: Some(self.spread(slope + half)?),
                remark: None,
            }],
            remarks: vec![said.to_owned()],
        })
    }

    fn change(&self) -> Result<Analysis> {
        let found = pettitt(&self.offsets)?;
        let at = self.run(found.before);
        let p = found.p_value;
        let said = if p < SIGNIFICANT {
            format!("the level changed at {at} (p = {p:.4})")
        } else {
            format!("no change of level is seen (p = {p:.2})")
        };
        let mut figures = Vec::new();
        if p < SIGNIFICANT {
            figures.push(plain("shift of the median", self.spread(found.shift)?));
        }
        Ok(Analysis {
            title: "Change of level".to_owned(),
            method: "Pettitt's test (Applied Statistics 28 (1979) 126)".to_owned(),
            confidence: None,
            figures,
            remarks: vec![said],
        })
    }
}

const RULES: [(SignalRule, &str); 4] = [
    (SignalRule::BeyondThree, "more than 3 s from the centre"),
    (SignalRule::TwoOfThreeBeyondTwo, "2 of 3 more than 2 s to one side"),
    (SignalRule::FourOfFiveBeyondOne, "4 of 5 more than 1 s to one side"),
    (SignalRule::EightOnOneSide, "8 in a row on one side"),
];

fn normality(offsets: &[f64]) -> Result<Vec<String>> {
    let found = anderson_darling(offsets)?;
    let test = format!("Anderson-Darling A*² = {:.3}, p = {:.4}", found.adjusted, found.p_value);
    let count = counted(u64::try_from(offsets.len()).unwrap_or(u64::MAX), "run", "runs");
    Ok(vec![match found.p_value < SIGNIFICANT {
        true => format!("{count}, hardly normal ({test}): the indices suppose that they are"),
        false => format!("{count}, nothing speaks against normal values ({test})"),
    }])
}

fn index(name: &str, own: Index) -> Result<Figure> {
    let pure = |value: f64| Ok::<_, StatisticsError>(Quantity::new(decimal(value)?, Unit::none()));
    let (low, high) = (Some(pure(own.low)?), Some(pure(own.high)?));
    Ok(Figure { name: name.to_owned(), value: pure(own.estimate)?, low, high, remark: None })
}

fn plain(name: &str, value: Quantity) -> Figure {
    Figure { name: name.to_owned(), value, low: None, high: None, remark: None }
}

fn decimal(value: f64) -> Result<Decimal> {
    Decimal::from_f64_shortest(value).ok_or_else(bounds)
}

fn bounds() -> StatisticsError {
    StatisticsError::Bounds { what: "a value over runs" }
}

#[cfg(test)]
mod tests {
    use super::super::trend::TrendSpot;
    use super::*;
    use bench_model::SessionId;

    /// NIST/SEMATECH e-Handbook, 6.3.2.2: flow rates with mean 50.81, limits 45.8159 and 55.8041.
    const FLOW: [&str; 10] =
        ["49.6", "47.6", "49.9", "51.3", "47.8", "51.2", "52.6", "52.4", "53.6", "52.1"];

    fn place(values: &[&str]) -> TrendPlace {
        let spot = |(index, value): (usize, &&str)| {
            let seconds = i64::try_from(index).unwrap() * 86_400;
            TrendSpot {
                run: SessionId(uuid::Uuid::from_u128(u128::try_from(index).unwrap())),
                at: Timestamp::from_second(seconds).unwrap(),
                dut: None,
                value: Quantity::new(value.parse().unwrap(), Unit::volt()),
                verdict: if index == 1 { Verdict::Fail } else { Verdict::Pass },
                low: Some("44".parse().unwrap()),
                high: Some("58".parse().unwrap()),
            }
        };
        let spots = values.iter().enumerate().map(spot).collect();
        TrendPlace { place: "flow".to_owned(), unit: Unit::volt(), spots, analyses: Vec::new() }
    }

    fn near(figure: Option<&Figure>, wanted: f64, within: f64) {
        let found = figure.unwrap().value.value.to_f64();
        assert!((found - wanted).abs() <= within, "{found}, not {wanted}");
    }

    #[test]
    fn the_chart_is_the_handbooks() {
        let found = analyses(&place(&FLOW));
        let titles: Vec<_> = found.iter().map(|own| own.title.as_str()).collect();
        assert_eq!(
            titles,
            ["Capability over runs", "Control chart over runs", "Drift", "Change of level"]
        );
        near(found[1].figure("centre"), 50.81, 1e-9);
        near(found[1].figure("lower limit"), 45.8159, 5e-3);
        near(found[1].figure("upper limit"), 55.8041, 5e-3);
        // Cpk of the deviation 1.8778 / 1.128: (50.81 - 44) / 3 s, the upper bound being farther.
        near(found[0].figure("Cpk"), (50.81 - 44.0) / (3.0 * 1.877_8 / 1.128), 2e-3);
        near(found[0].figure("yield"), 0.9, 1e-12);
        assert!(found[2].remarks[0].starts_with("it drifts"), "{:?}", found[2]);
    }

    #[test]
    fn few_runs_and_runs_all_alike_say_little() {
        assert!(analyses(&place(&FLOW[..7])).is_empty());
        let alike = analyses(&place(&["5"; 9]));
        assert!(alike.iter().all(|own| own.title != "Capability over runs"), "{alike:?}");
        let stepped =
            ["5.0", "5.1", "5.0", "5.1", "5.0", "5.1", "7.0", "7.1", "7.0", "7.1", "7.2", "7.0"];
        let found = analyses(&place(&stepped));
        let change = found.iter().find(|own| own.title == "Change of level").unwrap();
        assert!(change.remarks[0].contains("the level changed at 1970-01-07"), "{change:?}");
    }
}
