//! Gauge studies: every operator (or instrument, or bench) measures every part several times.

use bench_model::{Analysis, Decimal, Figure};
use metrology::gauge::{GaugeAnova, PooledOrNot, Study, VarianceInterval, Variation};

use super::data::{
    Data, confidence, counted, decimal, figure, option, probability, pure, said, whole,
    with_interval, with_remark,
};
use super::{Found, Options};

/// Below this probability of an interaction as large by chance it is kept, else pooled with the repeatability.
const SIGNIFICANCE: f64 = 0.25;

/// Which number is the value of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::expression) enum GaugeFigure {
    /// Repeatability and reproducibility together, GRR.
    Gauge,
    /// GRR over the total variation.
    Share,
    /// What one operator scatters on one part, EV.
    Repeatability,
    /// What operators differ, their interaction with parts included, AV.
    Reproducibility,
    /// What parts differ, PV.
    Parts,
    /// How many kinds of parts the gauge tells apart, ndc.
    Categories,
    /// GRR by averages and ranges.
    GaugeByRange,
    /// Six GRR over the tolerance.
    ToTolerance,
}

impl GaugeFigure {
    /// Whether it is in the unit of the readings.
    pub(super) fn is_a_deviation(self) -> bool {
        !matches!(self, Self::Share | Self::Categories | Self::ToTolerance)
    }
}

/// By analysis of variance (AIAG, Measurement Systems Analysis, 4th edition, chapter III, section B).
pub(super) fn gauge(wanted: GaugeFigure, data: &Data, options: &Options) -> Found {
    let study = study(data)?;
    if wanted == GaugeFigure::GaugeByRange {
        let variation = study.average_and_range().map_err(said)?;
        return Ok((decimal(variation.gauge())?, by_range(&variation, data)?));
    }
    let anova = study.anova(option(options, "alpha", SIGNIFICANCE)).map_err(said)?;
    let variation: Variation = anova.variation();
    let value = match wanted {
        GaugeFigure::Repeatability => decimal(variation.repeatability),
        GaugeFigure::Reproducibility => decimal(variation.reproducibility()),
        GaugeFigure::Parts => decimal(variation.parts),
        GaugeFigure::Share => decimal(variation.gauge_share().map_err(said)?),
        GaugeFigure::Categories => Ok(whole(variation.distinct_categories().map_err(said)?)),
        GaugeFigure::ToTolerance => to_tolerance(&variation, data, options),
        GaugeFigure::Gauge | GaugeFigure::GaugeByRange => decimal(variation.gauge()),
    }?;
    Ok((value, analysis(&anova, &variation, data, options)?))
}

fn study(data: &Data) -> Result<Study, String> {
    let trials = data.sizes().last().copied().unwrap_or(1).max(1);
    let of_part = |part: &Vec<f64>| part.chunks(trials).map(<[f64]>::to_vec).collect();
    Study::new(data.subgroups().iter().map(of_part).collect()).map_err(said)
}

fn to_tolerance(variation: &Variation, data: &Data, options: &Options) -> Result<Decimal, String> {
    let missing = || "the tolerance has no bounds".to_owned();
    let [low, high] = ["low", "high"].map(|name| options.get(name).ok_or_else(missing));
    let span = data.offset_of(high?)? - data.offset_of(low?)?;
    decimal(variation.precision_to_tolerance(span).map_err(said)?)
}

fn analysis(
    anova: &GaugeAnova,
    variation: &Variation,
    data: &Data,
    options: &Options,
) -> Result<Analysis, String> {
    let sure = confidence(options);
    let between = |name: &str, estimate: f64, own: VarianceInterval| {
        let (low, high) = (data.spread(own.low.sqrt())?, data.spread(own.high.sqrt())?);
        Ok::<_, String>(with_interval(name, data.spread(estimate)?, low, high))
    };
    let own = variation;
    let mut figures = vec![
        between("EV", own.repeatability, anova.repeatability_interval(sure).map_err(said)?)?,
        figure("AV", data.spread(own.reproducibility())?),
        between("GRR", own.gauge(), anova.gauge_interval(sure).map_err(said)?)?,
        between("PV", own.parts, anova.part_interval(sure).map_err(said)?)?,
        figure("TV", data.spread(own.total())?),
    ];
    if let (Ok(share), Ok(ends)) = (own.gauge_share(), anova.share_interval(sure)) {
        figures.push(with_interval("%GRR of TV", pure(share)?, pure(ends.0)?, pure(ends.1)?));
    }
    if let Ok(categories) = own.distinct_categories() {
        figures.push(figure("ndc", counted(categories)));
    }
    if options.contains_key("low") && options.contains_key("high") {
        let value = to_tolerance(own, data, options)?;
        let value = bench_model::Quantity::new(value, bench_model::Unit::none());
        let remark = "6 GRR over the tolerance".to_owned();
        figures.push(with_remark("%GRR of the tolerance", value, remark));
    }
    figures.extend(variances(anova)?);
    Ok(Analysis {
        title: "Gauge study".to_owned(),
        method: "analysis of variance of a crossed study, parts and operators random (AIAG, Measurement Systems \
                 Analysis, 4th edition, III B); intervals by modified large samples (Burdick, Borror and Montgomery \
                 2003)"
            .to_owned(),
        confidence: Some(decimal(sure)?),
        figures,
        remarks: vec![pooling(anova, option(options, "alpha", SIGNIFICANCE))],
    })
}

/// The table of the analysis: F of parts and operators.
fn variances(anova: &GaugeAnova) -> Result<Vec<Figure>, String> {
    let Ok((parts, operators)) = anova.f() else { return Ok(Vec::new()) };
    Ok(vec![figure("F of parts", pure(parts)?), figure("F of operators", pure(operators)?)])
}

fn pooling(anova: &GaugeAnova, alpha: f64) -> String {
    let p = probability(anova.interaction_p);
    match anova.pooling {
        PooledOrNot::Kept => {
            format!("the interaction of parts and operators is kept: p = {p}, below {alpha}")
        }
        PooledOrNot::Pooled => format!(
            "the interaction of parts and operators is pooled with the repeatability: p = {p}, not below {alpha}"
        ),
    }
}

fn by_range(own: &Variation, data: &Data) -> Result<Analysis, String> {
    Ok(Analysis {
        title: "Gauge study".to_owned(),
        method: "averages and ranges (AIAG, Measurement Systems Analysis, 4th edition, III B)"
            .to_owned(),
        confidence: None,
        figures: vec![
            figure("EV", data.spread(own.repeatability)?),
            figure("AV", data.spread(own.reproducibility())?),
            figure("GRR", data.spread(own.gauge())?),
            figure("PV", data.spread(own.parts)?),
            figure("TV", data.spread(own.total())?),
        ],
        remarks: Vec::new(),
    })
}

#[cfg(test)]
mod tests {
    use super::super::Group;
    use super::*;
    use bench_model::Unit;

    fn data(values: Vec<Decimal>, sizes: [usize; 3]) -> Data {
        let [_, operators, trials] = sizes;
        let group = |part: &[Decimal]| Group { values: part.to_vec(), names: Vec::new() };
        let groups = values.chunks(operators * trials).map(group).collect();
        Data::new(groups, sizes.to_vec(), Unit::volt()).unwrap()
    }

    /// AIAG's ten parts, three appraisers, three trials, from the project's published data.
    fn aiag() -> Vec<Decimal> {
        let text = include_str!("../../../../../fixtures/published/aiag-gauge.txt");
        let data = text.split_once("\ndata\n").unwrap().1;
        let rows: Vec<Vec<&str>> =
            data.lines().map(|line| line.split_whitespace().skip(2).collect()).collect();
        // By part, then appraiser, then trial: the rows are appraisers with their trials.
        (0..10).flat_map(|part| rows.iter().map(move |row| row[part].parse().unwrap())).collect()
    }

    #[test]
    fn a_study_comes_out_as_published() {
        for (figure, wanted) in [
            (GaugeFigure::Gauge, 0.302_373),
            (GaugeFigure::Repeatability, 0.199_933),
            (GaugeFigure::Reproducibility, 0.226_838),
            (GaugeFigure::Parts, 1.042_327),
            (GaugeFigure::Categories, 4.0),
        ] {
            let (value, _) = gauge(figure, &data(aiag(), [10, 3, 3]), &Options::new()).unwrap();
            assert!((value.to_f64() - wanted).abs() < 2e-6, "{figure:?}: {value}");
        }
        let still = vec![Decimal::from(1); 8];
        let of = |sizes| gauge(GaugeFigure::Gauge, &data(still.clone(), sizes), &Options::new());
        assert!(of([2, 2, 2]).is_err());
        assert!(of([8, 1, 1]).is_err());
    }

    #[test]
    fn components_and_their_share_have_intervals() {
        let options = [("low", "-2"), ("high", "2")];
        let options = options.map(|(name, text)| (name.to_owned(), text.parse().unwrap()));
        let data = data(aiag(), [10, 3, 3]);
        let (_, found) = gauge(GaugeFigure::Share, &data, &options.into()).unwrap();
        for name in ["EV", "GRR", "PV", "%GRR of TV"] {
            let figure = found.figure(name).unwrap();
            let ends = (figure.low.clone().unwrap().value, figure.high.clone().unwrap().value);
            assert!(ends.0 < figure.value.value && figure.value.value < ends.1, "{figure:?}");
        }
        let part = found.figure("%GRR of the tolerance").unwrap().value.value.to_f64();
        assert!((part - 6.0 * 0.302_373 / 4.0).abs() < 1e-5, "{part}");
        assert!(found.remarks[0].contains("pooled"), "{found:?}");
    }
}
