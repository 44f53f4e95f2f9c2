//! Functions that say more than one value: each leaves an analysis in the record, with intervals and remarks.
//!
//! | file | holds |
//! | --- | --- |
//! | `data` | the values that a function is given, and numbers with their units |
//! | `capability` | Cp to Cpm, tolerance intervals, yield |
//! | `gauge` | gauge studies |
//! | `chart` | control charts and changes of level |
//! | `stability` | Allan deviations and their kin |
//! | `outliers` | values far from the others |
//! | `line` | straight lines |

mod capability;
mod chart;
mod data;
mod gauge;
mod line;
mod outliers;
mod stability;

use std::collections::BTreeMap;

use bench_model::{Analysis, Decimal, Dimension, Unit};
use metrology::allan::AllanKind;

use capability::CapabilityFigure;
use chart::Chart;
use gauge::GaugeFigure;

pub(super) use data::{Data, Group};
pub(super) use line::{intercept, line_analysis, nonlinearity};

/// The options that a call was given, in base units.
pub(super) type Options = BTreeMap<String, Decimal>;

/// A value with the analysis behind it.
pub(super) type Found = Result<(Decimal, Analysis), String>;

/// What an option is measured in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum OptionKind {
    /// As the values.
    Same,
    /// A number.
    Number,
    /// Seconds.
    Time,
}

/// A function with an analysis.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Statistic {
    Capability(CapabilityFigure),
    Gauge(GaugeFigure),
    /// How many points of a chart are signals.
    Chart(Chart),
    /// The probability that a series changed its level by chance alone.
    Change,
    /// A deviation at one averaging time.
    Stability(AllanKind),
    /// How many values are flagged.
    Outliers,
}

const LIMITS: [(&str, OptionKind); 5] = [
    ("low", OptionKind::Same),
    ("high", OptionKind::Same),
    ("target", OptionKind::Same),
    ("confidence", OptionKind::Number),
    ("content", OptionKind::Number),
];

impl Statistic {
    const ALL: [(&'static str, Self); 31] = [
        ("cp", Self::Capability(CapabilityFigure::Cp)),
        ("cpk", Self::Capability(CapabilityFigure::Cpk)),
        ("cpk_low", Self::Capability(CapabilityFigure::CpkLow)),
        ("cpm", Self::Capability(CapabilityFigure::Cpm)),
        ("pp", Self::Capability(CapabilityFigure::Pp)),
        ("ppk", Self::Capability(CapabilityFigure::Ppk)),
        ("ppk_low", Self::Capability(CapabilityFigure::PpkLow)),
        ("yield", Self::Capability(CapabilityFigure::Yield)),
        ("tolerance_low", Self::Capability(CapabilityFigure::ToleranceLow)),
        ("tolerance_high", Self::Capability(CapabilityFigure::ToleranceHigh)),
        ("gauge_rr", Self::Gauge(GaugeFigure::Gauge)),
        ("gauge_share", Self::Gauge(GaugeFigure::Share)),
        ("repeatability", Self::Gauge(GaugeFigure::Repeatability)),
        ("reproducibility", Self::Gauge(GaugeFigure::Reproducibility)),
        ("part_variation", Self::Gauge(GaugeFigure::Parts)),
        ("distinct_categories", Self::Gauge(GaugeFigure::Categories)),
        ("gauge_rr_by_range", Self::Gauge(GaugeFigure::GaugeByRange)),
        ("signals", Self::Chart(Chart::Individuals)),
        ("xbar_r_signals", Self::Chart(Chart::MeanAndRange)),
        ("xbar_s_signals", Self::Chart(Chart::MeanAndDeviation)),
        ("ewma_signals", Self::Chart(Chart::Ewma)),
        ("cusum_signals", Self::Chart(Chart::Cusum)),
        ("change_probability", Self::Change),
        ("allan", Self::Stability(AllanKind::Allan)),
        ("allan_overlapping", Self::Stability(AllanKind::Overlapping)),
        ("allan_modified", Self::Stability(AllanKind::Modified)),
        ("time_deviation", Self::Stability(AllanKind::Time)),
        ("hadamard", Self::Stability(AllanKind::Hadamard)),
        ("hadamard_overlapping", Self::Stability(AllanKind::OverlappingHadamard)),
        ("outliers", Self::Outliers),
        ("gauge_to_tolerance", Self::Gauge(GaugeFigure::ToTolerance)),
    ];

    pub(super) fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(own, _)| *own == name).map(|(_, statistic)| *statistic)
    }

    pub(super) fn names() -> impl Iterator<Item = &'static str> + Clone {
        Self::ALL.iter().map(|(name, _)| *name)
    }

    pub(super) fn name(self) -> &'static str {
        Self::ALL.iter().find(|(_, own)| *own == self).map_or("", |(name, _)| name)
    }

    /// The options that it goes by.
    pub(super) fn options(self) -> impl Iterator<Item = (&'static str, OptionKind)> {
        let all: &[(&str, OptionKind)] = match self {
            Self::Capability(_) => &LIMITS,
            Self::Gauge(_) => &[
                ("low", OptionKind::Same),
                ("high", OptionKind::Same),
                ("alpha", OptionKind::Number),
                ("confidence", OptionKind::Number),
            ],
            Self::Chart(Chart::Ewma) => {
                &[("weight", OptionKind::Number), ("width", OptionKind::Number)]
            }
            Self::Chart(Chart::Cusum) => {
                &[("reference", OptionKind::Number), ("decision", OptionKind::Number)]
            }
            Self::Stability(_) => &[
                ("interval", OptionKind::Time),
                ("tau", OptionKind::Time),
                ("confidence", OptionKind::Number),
            ],
            Self::Outliers => &[("alpha", OptionKind::Number), ("most", OptionKind::Number)],
            Self::Chart(_) | Self::Change => &[],
        };
        all.iter().copied()
    }

    pub(super) fn option(self, name: &str) -> Option<OptionKind> {
        self.options().find(|(own, _)| *own == name).map(|(_, kind)| kind)
    }

    /// What is missing among the options, where it can do nothing without.
    pub(super) fn missing(self, given: &[&str]) -> Option<&'static str> {
        let has = |name: &str| given.contains(&name);
        match self {
            Self::Capability(own) => own.missing(given),
            Self::Gauge(GaugeFigure::ToTolerance) if !(has("low") && has("high")) => {
                Some("both bounds of the tolerance are wanted: low = .., high = ..")
            }
            Self::Stability(_) if !has("interval") => {
                Some("the time from one value to the next is wanted: interval = 1 s")
            }
            _ => None,
        }
    }

    /// What is wrong with so many axes, if anything.
    pub(super) fn wrong_axes(self, count: usize) -> Option<&'static str> {
        match self {
            Self::Gauge(_) if count != 3 => Some(
                "is of a study over three axes, parts, operators and trials in this order: over = (part, operator, \
                 trial)",
            ),
            Self::Chart(Chart::MeanAndRange | Chart::MeanAndDeviation) if count < 2 => Some(
                "is of subgroups: over = (SUBGROUP, WITHIN), the axis that counts the subgroups first",
            ),
            _ => None,
        }
    }

    /// The dimension of its value.
    pub(super) fn dimension(self, of: Dimension) -> Dimension {
        let is_spread = match self {
            Self::Capability(own) => own.is_a_value(),
            Self::Gauge(own) => own.is_a_deviation(),
            Self::Chart(_) | Self::Change | Self::Outliers => false,
            Self::Stability(AllanKind::Time) => {
                return of.times(Unit::second().dimension()).unwrap_or(of);
            }
            Self::Stability(_) => true,
        };
        if is_spread { of } else { Dimension::NONE }
    }

    /// Its value, and the analysis that is recorded with it.
    pub(super) fn of(self, data: &Data, options: &Options) -> Found {
        match self {
            Self::Capability(figure) => capability::capability(figure, data, options),
            Self::Gauge(figure) => gauge::gauge(figure, data, options),
            Self::Chart(chart) => chart::chart(chart, data, options),
            Self::Change => chart::change(data),
            Self::Stability(kind) => stability::stability(kind, data, options),
            Self::Outliers => outliers::outliers(data, options),
        }
    }
}
