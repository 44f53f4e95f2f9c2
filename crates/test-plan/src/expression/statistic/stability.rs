//! Allan deviations and their kin, of values at equal distances in time.

use bench_model::{Analysis, Decimal, Figure, Quantity, Unit};
use metrology::allan::{AllanKind, Noise, PhaseSeries, Stability};

use super::data::{Data, confidence, decimal, said, with_interval, with_remark};
use super::{Found, Options};

/// The deviation at the averaging time that is asked for, with those of all octaves beside it.
pub(super) fn stability(kind: AllanKind, data: &Data, options: &Options) -> Found {
    let missing = || "the time from one value to the next is not known".to_owned();
    let interval = options.get("interval").ok_or_else(missing)?;
    let factor = factor(options.get("tau").unwrap_or(interval), interval)?;
    let series = PhaseSeries::from_frequencies(data.offsets(), interval.to_f64()).map_err(said)?;
    let wanted = series.deviation(kind, factor).map_err(said)?;
    let octaves = series.octaves(kind).map_err(said)?;
    let sure = confidence(options);
    let figures =
        octaves.iter().map(|own| told(own, &series, data, sure)).collect::<Result<_, _>>();
    let analysis = Analysis {
        title: title(kind).to_owned(),
        method: "by averaging time, the values taken as means over the interval; noise by autocorrelation of \
                 neighbours, else by the slope to the next; intervals by χ² with equivalent degrees of freedom (NIST \
                 SP 1065)"
            .to_owned(),
        confidence: Some(decimal(sure)?),
        figures: figures?,
        remarks: slopes(&octaves),
    };
    Ok((decimal(wanted.deviation)?, analysis))
}

fn title(kind: AllanKind) -> &'static str {
    match kind {
        AllanKind::Allan => "Allan deviation",
        AllanKind::Overlapping => "Overlapping Allan deviation",
        AllanKind::Modified => "Modified Allan deviation",
        AllanKind::Time => "Time deviation",
        AllanKind::Hadamard => "Hadamard deviation",
        AllanKind::OverlappingHadamard => "Overlapping Hadamard deviation",
    }
}

/// How many intervals make the averaging time.
fn factor(tau: &Decimal, interval: &Decimal) -> Result<usize, String> {
    let wrong = || format!("tau is {tau} s; a multiple of the interval of {interval} s is wanted");
    let ratio = tau.checked_div(interval).map_err(|_| wrong())?.without_trailing_zeros();
    let factor: usize = ratio.to_plain_string().parse().map_err(|_| wrong())?;
    if factor == 0 { Err(wrong()) } else { Ok(factor) }
}

/// One octave with its noise and interval.
fn told(own: &Stability, series: &PhaseSeries, data: &Data, sure: f64) -> Result<Figure, String> {
    let name = format!("τ {} s", decimal(own.tau)?.to_plain_string());
    let quantity = |value: f64| deviation(own.kind, value, data);
    let value = quantity(own.deviation)?;
    let Ok(noise) = series.noise(own.kind, own.factor) else {
        let remark = format!("of {} differences", own.terms);
        return Ok(with_remark(&name, value, remark));
    };
    let remark = Some(format!("{}, of {} differences", words(noise), own.terms));
    let found = match own.interval(noise, sure) {
        Ok((low, high)) => with_interval(&name, value, quantity(low)?, quantity(high)?),
        Err(_) => super::data::figure(&name, value),
    };
    Ok(Figure { remark, ..found })
}

/// A deviation with its unit; one of time has that of the values times seconds.
fn deviation(kind: AllanKind, value: f64, data: &Data) -> Result<Quantity, String> {
    let own = data.spread(value)?;
    if kind != AllanKind::Time {
        return Ok(own);
    }
    let second = Unit::second().dimension();
    let unit = own.unit.dimension().times(second).map(Unit::base);
    Ok(Quantity::new(own.value, unit.unwrap_or_else(Unit::second)))
}

fn words(noise: Noise) -> &'static str {
    match noise {
        Noise::RandomRunFrequency => "random run",
        Noise::FlickerWalkFrequency => "flicker walk",
        Noise::RandomWalkFrequency => "random walk",
        Noise::FlickerFrequency => "flicker noise",
        Noise::WhiteFrequency => "white noise",
        Noise::FlickerPhase => "flicker noise of phase",
        Noise::WhitePhase => "white noise of phase",
    }
}

/// The slope from each octave to the next, and the noise that it speaks for.
fn slopes(octaves: &[Stability]) -> Vec<String> {
    let pairs = octaves.iter().zip(octaves.iter().skip(1));
    let slope = |(one, next): (&Stability, &Stability)| {
        let slope = one.slope_to(next).ok()?;
        let noise = Noise::of_slope(one.kind, slope).map(words)?;
        Some(format!("{} s to {} s: slope {slope:.2}, as {noise} has", one.tau, next.tau))
    };
    pairs.filter_map(slope).collect()
}
