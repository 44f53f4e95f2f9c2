//! Control charts and changes of level: what chance alone hardly makes is flagged.

use bench_model::{Analysis, Figure};
use metrology::process::{
    ControlLimits, Cusum, Ewma, Signal, SignalRule, SubgroupChart, cusum, ewma, individuals,
    mean_and_deviation, mean_and_range, pettitt, western_electric,
};

use super::data::{
    Data, counted, decimal, figure, option, probability, pure, said, whole, with_remark,
};
use super::{Found, Options};

/// The weight of the newest value of a moving average.
const WEIGHT: f64 = 0.2;

/// The width of the limits of a moving average, in standard deviations.
const WIDTH: f64 = 3.0;

/// Half of the shift that cumulative sums are to find, in standard deviations.
const REFERENCE: f64 = 0.5;

/// What a cumulative sum must pass, in standard deviations.
const DECISION: f64 = 5.0;

/// Signals that are listed, at most.
const MAX_LISTED: usize = 40;

/// Which chart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::expression) enum Chart {
    /// Single values and their moving ranges.
    Individuals,
    MeanAndRange,
    MeanAndDeviation,
    /// The exponentially weighted moving average.
    Ewma,
    Cusum,
}

/// How many points are signals, with the limits and each of them named.
pub(super) fn chart(chart: Chart, data: &Data, options: &Options) -> Found {
    match chart {
        Chart::Individuals => of_individuals(data),
        Chart::MeanAndRange => {
            let found = mean_and_range(&data.subgroups()).map_err(said)?;
            of_subgroups(&found, "range", data)
        }
        Chart::MeanAndDeviation => {
            let found = mean_and_deviation(&data.subgroups()).map_err(said)?;
            of_subgroups(&found, "deviation", data)
        }
        Chart::Ewma => of_ewma(data, options),
        Chart::Cusum => of_cusum(data, options),
    }
}

/// Points that are signals: their index and why.
struct Flags(Vec<(usize, String)>);

impl Flags {
    /// How many points there are.
    fn points(&self) -> usize {
        let mut points: Vec<usize> = self.0.iter().map(|(index, _)| *index).collect();
        points.sort_unstable();
        points.dedup();
        points.len()
    }

    fn of(signals: &[Signal]) -> Self {
        Self(signals.iter().map(|signal| (signal.index, in_words(signal))).collect())
    }

    fn said(&self, name: impl Fn(usize) -> String) -> Vec<String> {
        let listed = self.0.iter().take(MAX_LISTED);
        let mut said: Vec<_> =
            listed.map(|(index, why)| format!("{}: {why}", name(*index))).collect();
        if let more @ 1.. = self.0.len().saturating_sub(MAX_LISTED) {
            said.push(format!("and {more} more"));
        }
        said
    }
}

fn in_words(signal: &Signal) -> String {
    let side = if signal.is_above { "above" } else { "below" };
    match signal.rule {
        SignalRule::BeyondThree => format!("more than 3 s {side} the centre"),
        SignalRule::TwoOfThreeBeyondTwo => {
            format!("the last of 2 of 3 more than 2 s {side} the centre")
        }
        SignalRule::FourOfFiveBeyondOne => {
            format!("the last of 4 of 5 more than 1 s {side} the centre")
        }
        SignalRule::EightOnOneSide => format!("the last of 8 in a row {side} the centre"),
    }
}

fn limits(data: &Data, own: &ControlLimits) -> Result<Vec<Figure>, String> {
    Ok(vec![
        figure("centre", data.at(own.centre)?),
        figure("lower limit", data.at(own.lower)?),
        figure("upper limit", data.at(own.upper)?),
    ])
}

fn spread_limits(data: &Data, own: &ControlLimits, what: &str) -> Result<Vec<Figure>, String> {
    Ok(vec![
        figure(&format!("mean {what}"), data.spread(own.centre)?),
        figure(&format!("upper limit of the {what}"), data.spread(own.upper)?),
    ])
}

fn of_individuals(data: &Data) -> Found {
    let found = individuals(data.offsets()).map_err(said)?;
    let own = &found.of_values;
    let signals = western_electric(data.offsets(), own.centre, found.within).map_err(said)?;
    let mut flags = Flags::of(&signals);
    // A range is of the value and the one before it.
    let ranges = found.of_ranges.outside(&found.moving_ranges).into_iter();
    flags.0.extend(ranges.map(|at| (at + 1, "moving range beyond its limit".to_owned())));
    let mut figures = limits(data, own)?;
    figures.extend(spread_limits(data, &found.of_ranges, "moving range")?);
    let method =
        "individuals and moving ranges, Western Electric rules (NIST/SEMATECH e-Handbook, 6.3.2)";
    told("Control chart, I-MR", method, figures, &flags, |index| data.name(index).to_owned())
}

fn of_subgroups(found: &SubgroupChart, what: &str, data: &Data) -> Found {
    let own = &found.of_means;
    let of_mean = (own.upper - own.centre) / 3.0;
    let signals = western_electric(&found.means, own.centre, of_mean).map_err(said)?;
    let mut flags = Flags::of(&signals);
    let outside = found.of_spreads.outside(&found.spreads).into_iter();
    flags.0.extend(outside.map(|at| (at, format!("{what} beyond its limits"))));
    let mut figures = limits(data, own)?;
    figures.extend(spread_limits(data, &found.of_spreads, what)?);
    figures.push(figure("deviation within", data.spread(found.within)?));
    let (title, method) = match what {
        "range" => ("Control chart, X-bar and R", "means and ranges of subgroups"),
        _ => ("Control chart, X-bar and S", "means and deviations of subgroups"),
    };
    let method =
        format!("{method}, Western Electric rules (ISO 7870-2; NIST/SEMATECH e-Handbook, 6.3.2)");
    told(title, &method, figures, &flags, |index| data.group_name(index))
}

fn of_ewma(data: &Data, options: &Options) -> Found {
    let base = individuals(data.offsets()).map_err(said)?;
    let own = Ewma {
        target: base.of_values.centre,
        deviation: base.within,
        weight: option(options, "weight", WEIGHT),
        width: option(options, "width", WIDTH),
    };
    let points = ewma(data.offsets(), &own).map_err(said)?;
    let outside = points.iter().enumerate().filter(|(_, point)| point.is_outside());
    let why = |(index, _)| (index, "the moving average lies outside its limits".to_owned());
    let flags = Flags(outside.map(why).collect());
    let half = own.final_half_width();
    let figures = vec![
        figure("centre", data.at(own.target)?),
        figure("lower limit", data.at(own.target - half)?),
        figure("upper limit", data.at(own.target + half)?),
        figure("weight", pure(own.weight)?),
    ];
    let method = "exponentially weighted moving average, deviation by the mean moving range (NIST/SEMATECH \
                  e-Handbook, 6.3.2.4)";
    told("Control chart, EWMA", method, figures, &flags, |index| data.name(index).to_owned())
}

fn of_cusum(data: &Data, options: &Options) -> Found {
    let base = individuals(data.offsets()).map_err(said)?;
    let own = Cusum {
        target: base.of_values.centre,
        reference: option(options, "reference", REFERENCE) * base.within,
        decision: option(options, "decision", DECISION) * base.within,
        head_start: 0.0,
    };
    let points = cusum(data.offsets(), &own).map_err(said)?;
    let signals = points.iter().enumerate().filter(|(_, point)| point.is_signal);
    let why = |(index, point): (usize, &metrology::process::CusumPoint)| {
        let is_above = point.high > own.decision;
        let (side, run) =
            if is_above { ("above", point.high_run) } else { ("below", point.low_run) };
        (index, format!("the sum {side} the centre passes its limit, begun {run} values before"))
    };
    let flags = Flags(signals.map(why).collect());
    let figures = vec![
        figure("centre", data.at(own.target)?),
        figure("reference value K", data.spread(own.reference)?),
        figure("decision interval H", data.spread(own.decision)?),
    ];
    let method =
        "cumulative sums, deviation by the mean moving range (NIST/SEMATECH e-Handbook, 6.3.2.3)";
    told("Control chart, CUSUM", method, figures, &flags, |index| data.name(index).to_owned())
}

fn told(
    title: &str,
    method: &str,
    mut figures: Vec<Figure>,
    flags: &Flags,
    name: impl Fn(usize) -> String,
) -> Found {
    figures.push(figure("signals", counted(flags.points())));
    let analysis = Analysis {
        title: title.to_owned(),
        method: method.to_owned(),
        confidence: None,
        figures,
        remarks: flags.said(name),
    };
    Ok((whole(flags.points()), analysis))
}

/// The probability of a change of level as large by chance (Pettitt).
pub(super) fn change(data: &Data) -> Found {
    let found = pettitt(data.offsets()).map_err(said)?;
    let at = data.name(found.before).to_owned();
    let p = probability(found.p_value);
    let shift = with_remark("shift", data.spread(found.shift)?, "of the median".to_owned());
    let analysis = Analysis {
        title: "Change of level".to_owned(),
        method: "Pettitt's test (Applied Statistics 28 (1979) 126)".to_owned(),
        confidence: None,
        figures: vec![
            figure("K", pure(found.statistic)?),
            figure("p", pure(found.p_value)?),
            figure("values before", counted(found.before)),
            shift,
        ],
        remarks: vec![format!("the level most likely changes at {at}, p = {p}")],
    };
    Ok((decimal(found.p_value)?, analysis))
}
