//! A trend as a page of its own, and its plot as a picture.

use std::fmt::{self, Display, Formatter};

use super::analyses::analysis_table;
use super::axis_unit::AxisUnit;
use super::chart::{Chart, Line};
use super::document::{STYLE, STYLE_POLICY};
use super::markup::{Column, section, table, text};
use super::numbers::quantity;
use crate::past::{ChangedAt, Trend, TrendPlace, TrendSpot};
use crate::phrase::is_bad;
use crate::text::{count, counted, utc};

/// Places that have a part of their own, at most.
const MAX_PLACES: usize = 60;
/// Rows of one table, at most: the newest.
const MAX_ROWS: usize = 500;
/// Changes that are listed, at most.
const MAX_CHANGES: usize = 200;

/// The page.
pub(crate) fn trend_page(trend: &Trend) -> String {
    Page(trend).to_string()
}

/// The plot of a place as an SVG file; none where no value can be drawn.
pub(crate) fn trend_picture(place: &TrendPlace) -> Option<String> {
    let picture = chart(place, "p".to_owned()).picture(STYLE)?;
    Some(format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n{picture}"))
}

struct Page<'t>(&'t Trend);

impl Display for Page<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Trend { plan, step, runs, places, changes } = self.0;
        writeln!(f, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>")?;
        writeln!(f, "<meta http-equiv=\"Content-Security-Policy\" content=\"{STYLE_POLICY}\"/>")?;
        writeln!(f, "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>")?;
        writeln!(f, "<meta name=\"color-scheme\" content=\"light dark\"/>")?;
        writeln!(f, "<title>{} of {}</title>", text(step), text(plan))?;
        writeln!(f, "<style>{STYLE}</style>\n</head>\n<body>\n<main>")?;
        let runs = counted(count(*runs), "run", "runs");
        writeln!(f, "<p class=\"kind\">Trend over {runs}</p>\n<h1>{}</h1>", text(step))?;
        writeln!(f, "<p class=\"dut\">Plan {}</p>", text(plan))?;
        if places.is_empty() {
            f.write_str("<p>No run has a number there.</p>\n")?;
        }
        for (number, place) in places.iter().take(MAX_PLACES).enumerate() {
            part(place, number, f)?;
        }
        if let more @ 1.. = places.len().saturating_sub(MAX_PLACES) {
            writeln!(f, "<p class=\"note\">{more} more places are left out here.</p>")?;
        }
        changed(changes, f)?;
        f.write_str("<p class=\"end\">End of the trend</p>\n</main>\n</body>\n</html>\n")
    }
}

fn part(place: &TrendPlace, number: usize, f: &mut Formatter<'_>) -> fmt::Result {
    section(f, &format!("p{number}"), &place.place, |f| {
        chart(place, format!("c{number}")).write(f)?;
        place.analyses.iter().try_for_each(|own| analysis_table(&place.place, own, f))?;
        let columns = [
            Column::words("Run"),
            Column::words("Began (UTC)"),
            Column::words("DUT"),
            Column::number("Value"),
            Column::words("Verdict"),
        ];
        table(f, "Values, the newest first", &columns, |f| {
            place.spots.iter().rev().take(MAX_ROWS).try_for_each(|spot| row(place, spot, f))
        })
    })
}

fn row(place: &TrendPlace, spot: &TrendSpot, f: &mut Formatter<'_>) -> fmt::Result {
    let value = spot.value.to_unit(&place.unit).unwrap_or_else(|| spot.value.clone());
    let verdict = spot.verdict.word();
    writeln!(
        f,
        "<tr><th scope=\"row\">{}</th><td>{}</td><td>{}</td><td class=\"n\">{}</td>\
         <td><span class=\"v {verdict}\">{verdict}</span></td></tr>",
        text(&spot.run.to_string()),
        text(&utc(spot.at)),
        text(spot.dut.as_deref().unwrap_or("-")),
        text(&quantity(&value, None)),
    )
}

fn changed(changes: &[ChangedAt], f: &mut Formatter<'_>) -> fmt::Result {
    if changes.is_empty() {
        return Ok(());
    }
    section(f, "changes", "What else changed", |f| {
        let columns = ["Began (UTC)", "What", "Before", "After", "First run"].map(Column::words);
        table(f, "From one run to the next", &columns, |f| {
            changes.iter().take(MAX_CHANGES).try_for_each(|own| {
                let side = |side: &Option<String>| side.clone().unwrap_or_else(|| "-".to_owned());
                writeln!(
                    f,
                    "<tr><td>{}</td><th scope=\"row\">{}</th><td>{}</td><td>{}</td><td>{}</td></tr>",
                    text(&utc(own.at)),
                    text(&own.change.what),
                    text(&side(&own.change.before)),
                    text(&side(&own.change.after)),
                    text(&own.run.to_string()),
                )
            })
        })
    })
}

fn chart(place: &TrendPlace, id: String) -> Chart {
    let base = |spot: &TrendSpot| spot.value.value.to_f64();
    let bounds = |spot: &TrendSpot| {
        [&spot.low, &spot.high].map(|bound| bound.as_ref().map(|bound| bound.to_f64()))
    };
    let drawn = place.spots.iter().flat_map(|spot| bounds(spot).into_iter().flatten());
    let unit = AxisUnit::of(&place.unit, place.spots.iter().map(base).chain(drawn));
    let numbered: Vec<(f64, &TrendSpot)> = (1_u32..).map(f64::from).zip(&place.spots).collect();
    let points: Vec<_> = numbered.iter().map(|(x, spot)| (*x, unit.value(base(spot)))).collect();
    let bad = numbered.iter().filter(|(_, spot)| is_bad(spot.verdict));
    let failures: Vec<_> = bad.map(|(x, spot)| (*x, unit.value(base(spot)))).collect();
    let limits = [0, 1].map(|side| {
        let of = |(x, spot): &(f64, &TrendSpot)| {
            Some((*x, unit.value(bounds(spot).get(side).copied().flatten()?)))
        };
        numbered.iter().filter_map(of).collect::<Vec<_>>()
    });
    let description = format!(
        "{} in the order of their runs; {} did not pass. The table below has the numbers.",
        counted(count(points.len()), "value", "values"),
        failures.len()
    );
    Chart {
        id,
        title: format!("{} over runs", place.place),
        description,
        x_label: "run".to_owned(),
        counts_across: true,
        y_label: unit.label(&place.place),
        limits: limits.into_iter().filter(|line| !line.is_empty()).collect(),
        lines: vec![Line { name: place.place.clone(), pieces: vec![points] }],
        failures,
        has_dots: true,
        ..Chart::default()
    }
}
