//! A diagram as SVG: axes with units, lines, limit lines, marks, and a legend below.

use std::fmt::{self, Formatter};

use super::markup::text;
use super::scale::{Scale, ends};
use super::thin::thinned;

/// Size of the drawing, in units of its own.
const WIDTH: f64 = 680.0;
const HEIGHT: f64 = 270.0;
/// Where the axes are.
const LEFT: f64 = 66.0;
const RIGHT: f64 = WIDTH - 16.0;
const TOP: f64 = 28.0;
const BOTTOM: f64 = HEIGHT - 44.0;

/// Points of one diagram's lines together, at most.
const MAX_POINTS: usize = 1_800;
/// Points of one diagram's limit lines together, at most.
const MAX_LIMIT_POINTS: usize = 600;
/// Single readings and marks that are drawn, at most.
const MAX_SPOTS: usize = 600;

/// Pieces of one line, at most; of more, the gaps are bridged, and their marks stay.
const MAX_PIECES: usize = 50;
/// Points of one line that are marked, at most.
const MAX_DOTS: usize = 80;

/// How many kinds of line there are; the next one looks like the first again, but dashed.
const STYLES: usize = 6;

/// One diagram.
#[derive(Default)]
pub(super) struct Chart {
    /// Unique in the report.
    pub(super) id: String,
    pub(super) title: String,
    pub(super) description: String,
    /// With unit.
    pub(super) x_label: String,
    pub(super) y_label: String,
    pub(super) lines: Vec<Line>,
    pub(super) limits: Vec<Vec<(f64, f64)>>,
    /// Single readings behind a line's points.
    pub(super) readings: Vec<(f64, f64)>,
    /// What did not pass.
    pub(super) failures: Vec<(f64, f64)>,
    /// Where there is no number to be drawn.
    pub(super) gaps: Vec<f64>,
    /// Whether points are marked on the lines.
    pub(super) has_dots: bool,
    /// Whether the values across are numbers in a row: a scale of decades would say nothing of them.
    pub(super) counts_across: bool,
    /// Whether the room below the lines is tinted.
    pub(super) is_filled: bool,
    /// What the legend adds.
    pub(super) remark: Option<String>,
}

/// One line, in pieces where something is missing.
pub(super) struct Line {
    pub(super) name: String,
    pub(super) pieces: Vec<Vec<(f64, f64)>>,
}

struct Scales {
    x: Scale,
    y: Scale,
}

impl Scales {
    fn place(&self, (x, y): (f64, f64)) -> (f64, f64) {
        let across = LEFT + self.x.at(x).clamp(0.0, 1.0) * (RIGHT - LEFT);
        let down = BOTTOM - self.y.at(y).clamp(0.0, 1.0) * (BOTTOM - TOP);
        (across, down)
    }
}

impl Chart {
    /// Writes it; nothing where there is nothing to draw.
    pub(super) fn write(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Some(scales) = self.scales() else { return Ok(()) };
        f.write_str("<figure>")?;
        self.drawing(&scales, f)?;
        self.legend(f)?;
        f.write_str("</figure>\n")
    }

    fn scales(&self) -> Option<Scales> {
        let lines = || self.lines.iter().flat_map(|line| line.pieces.iter().flatten());
        let all = || lines().chain(self.limits.iter().flatten()).chain(&self.readings);
        let (left, right) = ends(lines().map(|point| point.0).chain(self.gaps.iter().copied()))?;
        let (low, high) = ends(all().map(|point| point.1))?;
        let across = if self.counts_across { Scale::even } else { Scale::across };
        Some(Scales { x: across(left, right), y: Scale::roomy(low, high) })
    }

    /// A picture that stands by itself, with its style in it; none where there is nothing to draw.
    pub(super) fn picture(&self, style: &str) -> Option<String> {
        let scales = self.scales()?;
        Some(Picture { chart: self, scales, style }.to_string())
    }

    fn drawing(&self, scales: &Scales, f: &mut Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "<div class=\"scroll\" role=\"region\" tabindex=\"0\" aria-label=\"{}\">",
            text(&self.title)
        )?;
        self.svg(scales, "", f)?;
        f.write_str("</div>")
    }

    /// `inside` goes before everything that is drawn.
    fn svg(&self, scales: &Scales, inside: &str, f: &mut Formatter<'_>) -> fmt::Result {
        let Self { id, title, description, .. } = self;
        let space = if inside.is_empty() { "" } else { "xmlns=\"http://www.w3.org/2000/svg\" " };
        write!(f, "<svg {space}class=\"chart\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" ")?;
        writeln!(f, "aria-labelledby=\"{id}-t {id}-d\">")?;
        writeln!(f, "<title id=\"{id}-t\">{}</title>", text(title))?;
        writeln!(f, "<desc id=\"{id}-d\">{}</desc>", text(description))?;
        f.write_str(inside)?;
        self.axes(scales, f)?;
        self.limit_lines(scales, f)?;
        spots(scales, "reading", &self.readings, f)?;
        self.data_lines(scales, f)?;
        self.failure_marks(scales, f)?;
        f.write_str("</svg>")
    }

    fn axes(&self, scales: &Scales, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str("<g class=\"grid\">")?;
        for (value, label) in &scales.y.ticks {
            let y = BOTTOM - scales.y.at(*value) * (BOTTOM - TOP);
            write!(f, "<path d=\"M{LEFT} {y:.1}H{RIGHT}\"/>")?;
            let (left, middle) = (LEFT - 7.0, y + 4.0);
            write!(f, "<text class=\"y\" x=\"{left}\" y=\"{middle:.1}\">{}</text>", text(label))?;
        }
        for (value, label) in &scales.x.ticks {
            let x = LEFT + scales.x.at(*value) * (RIGHT - LEFT);
            let (end, below) = (BOTTOM + 5.0, BOTTOM + 19.0);
            write!(f, "<path d=\"M{x:.1} {BOTTOM}V{end}\"/>")?;
            write!(f, "<text x=\"{x:.1}\" y=\"{below}\">{}</text>", text(label))?;
        }
        writeln!(f, "<path class=\"axis\" d=\"M{LEFT} {TOP}V{BOTTOM}H{RIGHT}\"/></g>")?;
        let (middle, low) = (f64::midpoint(LEFT, RIGHT), HEIGHT - 6.0);
        write!(
            f,
            "<text class=\"label\" x=\"{middle}\" y=\"{low}\">{}</text>",
            text(&self.x_label)
        )?;
        writeln!(f, "<text class=\"label y\" x=\"4\" y=\"14\">{}</text>", text(&self.y_label))
    }

    fn limit_lines(&self, scales: &Scales, f: &mut Formatter<'_>) -> fmt::Result {
        let most = MAX_LIMIT_POINTS / self.limits.len().max(1);
        for points in &self.limits {
            f.write_str("<path class=\"limit\" d=\"")?;
            match points.as_slice() {
                [alone] => {
                    let (x, y) = scales.place(*alone);
                    write!(f, "M{:.1} {y:.1}h24", x - 12.0)?;
                }
                points => path(scales, points, most, f)?,
            }
            f.write_str("\"/>\n")?;
        }
        Ok(())
    }

    fn data_lines(&self, scales: &Scales, f: &mut Formatter<'_>) -> fmt::Result {
        let most = MAX_POINTS / self.lines.len().max(1);
        for (number, line) in self.lines.iter().enumerate() {
            let class = style(number);
            let filled = if self.is_filled { " filled" } else { "" };
            let points: Vec<_> = line.pieces.iter().flatten().copied().collect();
            write!(f, "<path class=\"{class}{filled}\" d=\"")?;
            if line.pieces.len() > MAX_PIECES {
                path(scales, &points, most, f)?;
            } else {
                let most = most / line.pieces.len().max(1);
                line.pieces.iter().try_for_each(|piece| path(scales, piece, most, f))?;
            }
            f.write_str("\"/>\n")?;
            if self.has_dots && points.len() <= MAX_DOTS {
                spots(scales, &format!("dots {class}"), &points, f)?;
            }
        }
        Ok(())
    }

    fn failure_marks(&self, scales: &Scales, f: &mut Formatter<'_>) -> fmt::Result {
        if self.failures.is_empty() && self.gaps.is_empty() {
            return Ok(());
        }
        f.write_str("<path class=\"failure\" d=\"")?;
        for point in thinned(self.failures.iter().copied(), self.failures.len(), MAX_SPOTS) {
            let (x, y) = scales.place(point);
            write!(f, "M{x:.1} {:.1}l6 6l-6 6l-6 -6z", y - 6.0)?;
        }
        let gaps = self.gaps.iter().map(|x| (*x, 0.0));
        for (x, _) in thinned(gaps, self.gaps.len(), MAX_SPOTS) {
            let x = LEFT + scales.x.at(x).clamp(0.0, 1.0) * (RIGHT - LEFT);
            write!(f, "M{:.1} {:.1}l8 8m0 -8l-8 8", x - 4.0, BOTTOM - 12.0)?;
        }
        f.write_str("\"/>\n")
    }

    fn legend(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let spots = [&self.readings, &self.failures].into_iter().all(Vec::is_empty);
        let is_plain =
            self.lines.len() < 2 && self.limits.is_empty() && self.gaps.is_empty() && spots;
        if is_plain && self.remark.is_none() {
            return Ok(());
        }
        f.write_str("<figcaption>")?;
        if self.lines.len() > 1 {
            for (number, line) in self.lines.iter().enumerate() {
                key(f, style(number), "M1 6H25", &line.name)?;
            }
        }
        if !self.limits.is_empty() {
            key(f, "limit", "M1 6H25", "limit")?;
        }
        if !self.readings.is_empty() {
            key(f, "reading", "M6 6h0M13 6h0M20 6h0", "single readings")?;
        }
        if !self.failures.is_empty() {
            key(f, "failure", "M13 0l6 6l-6 6l-6 -6z", "did not pass")?;
        }
        if !self.gaps.is_empty() {
            key(f, "failure", "M9 2l8 8m0 -8l-8 8", "no number")?;
        }
        if let Some(remark) = &self.remark {
            write!(f, "<span>{}</span>", text(remark))?;
        }
        f.write_str("</figcaption>")
    }
}

struct Picture<'c> {
    chart: &'c Chart,
    scales: Scales,
    style: &'c str,
}

impl fmt::Display for Picture<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let style = format!(
            "<style>{}svg {{ font-family: system-ui, sans-serif; }}</style>\n<rect width=\"100%\" height=\"100%\" style=\"fill: var(--page)\"/>\n",
            self.style
        );
        self.chart.svg(&self.scales, &style, f)?;
        f.write_str("\n")
    }
}

fn key(f: &mut Formatter<'_>, class: &str, shape: &str, name: &str) -> fmt::Result {
    f.write_str("<span><svg class=\"key\" viewBox=\"0 0 26 12\" aria-hidden=\"true\">")?;
    write!(f, "<path class=\"{class}\" d=\"{shape}\"/></svg>{}</span>", text(name))
}

fn style(number: usize) -> &'static str {
    const FIRST: [&str; STYLES] = ["s0", "s1", "s2", "s3", "s4", "s5"];
    const AGAIN: [&str; STYLES] =
        ["s0 again", "s1 again", "s2 again", "s3 again", "s4 again", "s5 again"];
    let styles = if (number / STYLES).is_multiple_of(2) { FIRST } else { AGAIN };
    styles.get(number % STYLES).copied().unwrap_or_default()
}

fn path(scales: &Scales, points: &[(f64, f64)], most: usize, f: &mut Formatter<'_>) -> fmt::Result {
    for (number, point) in
        thinned(points.iter().copied(), points.len(), most).into_iter().enumerate()
    {
        let (x, y) = scales.place(point);
        write!(f, "{}{x:.1} {y:.1}", if number == 0 { 'M' } else { 'L' })?;
    }
    Ok(())
}

/// Dots of one kind, as one path of lines without length.
fn spots(
    scales: &Scales,
    class: &str,
    points: &[(f64, f64)],
    f: &mut Formatter<'_>,
) -> fmt::Result {
    if points.is_empty() {
        return Ok(());
    }
    write!(f, "<path class=\"{class}\" d=\"")?;
    for point in thinned(points.iter().copied(), points.len(), MAX_SPOTS) {
        let (x, y) = scales.place(point);
        write!(f, "M{x:.1} {y:.1}h0")?;
    }
    f.write_str("\"/>\n")
}
