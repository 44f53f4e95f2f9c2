//! Captured waveforms as diagrams: the lowest and the highest sample of every few.

use std::collections::HashSet;
use std::fmt::{self, Formatter};

use bench_model::{Decimal, Quantity, Unit, Waveform, WaveformId};

use super::axis_unit::AxisUnit;
use super::chart::{Chart, Line};
use super::markup::{section, text};
use super::numbers::quantity;
use super::session::Session;
use super::thin::thinned;
use crate::phrase::is_bad;

/// Waveforms that are drawn, at most: each takes some 20 kB.
const MAX_WAVEFORMS: usize = 30;
/// Points of a drawn waveform, at most.
const MAX_POINTS: usize = 1_600;
/// Digits of what is said of the axes.
const AXIS_DIGITS: u32 = 4;

/// All waveforms, those of results that did not pass first to be drawn.
pub(super) fn waveforms(session: &Session<'_>, f: &mut Formatter<'_>) -> fmt::Result {
    if session.waveforms.is_empty() {
        return Ok(());
    }
    section(f, "waveforms", "Waveforms", |f| {
        let shown = shown(session);
        for (number, waveform) in shown.iter().enumerate() {
            one(waveform, number, f)?;
        }
        match session.waveforms.len() - shown.len() {
            0 => Ok(()),
            more => {
                writeln!(f, "<p>{more} more waveforms are left out here; the journal has them.</p>")
            }
        }
    })
}

fn shown<'r>(session: &Session<'r>) -> Vec<&'r Waveform> {
    let bad = session.results.iter().filter(|result| is_bad(result.verdict));
    let bad: HashSet<WaveformId> =
        bad.flat_map(|result| result.waveforms.iter().copied()).collect();
    let mut order: Vec<(usize, &Waveform)> =
        session.waveforms.iter().copied().enumerate().collect();
    order.sort_by_key(|(_, waveform)| !bad.contains(&waveform.id));
    order.truncate(MAX_WAVEFORMS);
    order.sort_by_key(|(number, _)| *number);
    order.into_iter().map(|(_, waveform)| waveform).collect()
}

fn one(waveform: &Waveform, number: usize, f: &mut Formatter<'_>) -> fmt::Result {
    let place = waveform.place.to_string();
    writeln!(
        f,
        "<section class=\"leaf\"><h3>{}</h3>\n<p class=\"by\">{}</p>",
        text(&place),
        text(&about(waveform))
    )?;
    match chart(waveform, format!("waveform-{number}")) {
        Some(chart) => chart.write(f)?,
        None => f.write_str("<p>It has no samples that can be drawn.</p>\n")?,
    }
    f.write_str("</section>\n")
}

/// `scope channel 1, 600 samples, one every 200 ns`.
fn about(waveform: &Waveform) -> String {
    let every = Quantity::new(waveform.x_increment.clone(), Unit::second());
    let step = Quantity::new(waveform.y_increment.clone(), waveform.y_unit.clone());
    let clipped = clipped(waveform);
    let clipped = if clipped == 0 {
        String::new()
    } else {
        format!(
            "; {clipped} samples lie at the end of the converter's range, and may be cut off there"
        )
    };
    format!(
        "{} channel {}, {} samples, one every {}, {} a step{clipped}",
        waveform.instrument,
        waveform.channel,
        waveform.len(),
        quantity(&every, Some(AXIS_DIGITS)),
        quantity(&step, Some(AXIS_DIGITS)),
    )
}

fn clipped(waveform: &Waveform) -> usize {
    let (lowest, highest) = waveform.format.code_range();
    waveform.codes().filter(|code| *code == lowest || *code == highest).count()
}

fn chart(waveform: &Waveform, id: String) -> Option<Chart> {
    let points = points(waveform);
    let ends = [points.first()?.0, points.last()?.0];
    let x_unit = AxisUnit::of(&Unit::second(), ends.into_iter());
    let y_unit = AxisUnit::of(&waveform.y_unit, points.iter().map(|point| point.1));
    let points = points.iter().map(|(x, y)| (x_unit.value(*x), y_unit.value(*y))).collect();
    let name = waveform.place.to_string();
    Some(Chart {
        id,
        title: format!("Waveform of {name}"),
        description: about(waveform),
        x_label: x_unit.label("time"),
        y_label: y_unit.label(&waveform.role),
        lines: vec![Line { name, pieces: vec![points] }],
        ..Chart::default()
    })
}

/// Thinned in codes; for a drawing, floats are enough.
fn points(waveform: &Waveform) -> Vec<(f64, f64)> {
    let [x_reference, x_increment, x_origin, y_zero, y_increment, y_offset] = [
        &waveform.x_reference,
        &waveform.x_increment,
        &waveform.x_origin,
        &waveform.y_zero,
        &waveform.y_increment,
        &waveform.y_offset,
    ]
    .map(Decimal::to_f64);
    let codes = (0_u32..).map(f64::from).zip(waveform.codes().map(f64::from));
    let in_base = waveform.y_unit.to_base(&Decimal::from(1)).map_or(1.0, |base| base.to_f64());
    let y = |code: f64| ((code - y_zero) * y_increment + y_offset) * in_base;
    let x = |index: f64| (index - x_reference) * x_increment + x_origin;
    let thin = thinned(codes, waveform.len(), MAX_POINTS).into_iter();
    thin.map(|(index, code)| (x(index), y(code))).collect()
}
