//! `docs/picture.svg`: the picture at the top of the README, of what two plans really print.

use std::error::Error;
use std::fmt::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

/// What is run, and how it ends.
const RUNS: [(&str, i32); 2] = [("testplans/quickstart.toml", 0), ("testplans/failing.toml", 10)];

/// The last line of a run, which names a file of this machine.
const JOURNAL: &str = "journal alone ";

/// Size of a character and of a line.
const ACROSS: f64 = 7.83;
const DOWN: f64 = 19.0;
/// Around the text.
const EDGE: f64 = 18.0;

const STYLE: &str = "svg { background: #0d1117 } rect { fill: #0d1117 } \
    text { font: 13px ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace; fill: #e6edf3; white-space: pre } \
    .bold { font-weight: 700 } .dim { fill: #8b949e } .red { fill: #ff7b72 } .green { fill: #56d364 } \
    .yellow { fill: #e3b341 }";

/// The whole picture.
pub(crate) fn picture(root: &Path) -> Result<String, Box<dyn Error>> {
    let mut lines = Vec::new();
    for (plan, code) in RUNS {
        lines.push(format!("\x1b[2m$\x1b[0m \x1b[1mscpi-run {plan} --sim\x1b[0m"));
        let printed = printed(root, plan, code)?;
        let kept = printed.lines().filter(|line| !line.starts_with(JOURNAL));
        lines.extend(kept.map(without_time));
        lines.push(String::new());
    }
    lines.pop();
    drawn(&lines)
}

/// What a run prints for a terminal; its journal goes nowhere that anybody keeps.
fn printed(root: &Path, plan: &str, code: i32) -> Result<String, Box<dyn Error>> {
    let data = root.join("target/tmp/picture");
    let mut command = Command::new(env!("CARGO"));
    command.args(["run", "--quiet", "--package", "scpi-run", "--", plan, "--sim"]);
    command.args(["--db", "none", "--progress", "none"]).current_dir(root).stdin(Stdio::null());
    command.env("XDG_DATA_HOME", &data).env("CLICOLOR_FORCE", "1").env_remove("NO_COLOR");
    let own = std::env::vars_os().map(|(name, _)| name);
    own.filter(|name| name.to_string_lossy().starts_with("SCPI_RUN_")).for_each(|name| {
        command.env_remove(name);
    });
    let output = command.output()?;
    if output.status.code() != Some(code) {
        let said = String::from_utf8_lossy(&output.stderr);
        return Err(format!("{plan} did not end with {code}: {said}").into());
    }
    Ok(String::from_utf8(output.stdout)?)
}

/// The same each time: ` in 1.3 s` is left out.
fn without_time(line: &str) -> String {
    let Some((before, rest)) = line.split_once(" in ") else { return line.to_owned() };
    match rest.split_once(" s") {
        Some((number, after))
            if number.parse::<f64>().is_ok() && (after.is_empty() || after.starts_with(' ')) =>
        {
            format!("{before}{after}")
        }
        _ => line.to_owned(),
    }
}

fn drawn(lines: &[String]) -> Result<String, Box<dyn Error>> {
    let most = lines.iter().map(|line| columns(line)).max().unwrap_or(0);
    let width = f64::from(most) * ACROSS + 2.0 * EDGE;
    let height = f64::from(u32::try_from(lines.len())?) * DOWN + 2.0 * EDGE;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width:.0} {height:.0}\" role=\"img\">\n\
         <title>A run of two plans on simulated benches: one passes, one fails</title>\n\
         <style>{STYLE}</style>\n<rect width=\"100%\" height=\"100%\" rx=\"8\"/>\n"
    );
    for (number, line) in (1_u32..).zip(lines) {
        let y = EDGE + f64::from(number) * DOWN - 5.0;
        write!(svg, "<text x=\"{EDGE}\" y=\"{y:.0}\" xml:space=\"preserve\">")?;
        for (class, text) in pieces(line) {
            write_piece(class.trim(), text, &mut svg)?;
        }
        svg.push_str("</text>\n");
    }
    svg.push_str("</svg>\n");
    Ok(svg)
}

fn write_piece(class: &str, text: &str, svg: &mut String) -> std::fmt::Result {
    let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    if class.is_empty() {
        svg.push_str(&text);
        return Ok(());
    }
    write!(svg, "<tspan class=\"{class}\">{text}</tspan>")
}

fn columns(line: &str) -> u32 {
    let shown = pieces(line).into_iter().map(|(_, text)| text.chars().count()).sum::<usize>();
    u32::try_from(shown).unwrap_or(u32::MAX)
}

/// The parts of a line with the classes of their colours (ECMA-48, SGR: `ESC [ codes m`).
fn pieces(line: &str) -> Vec<(String, &str)> {
    let mut parts = line.split("\x1b[");
    let mut pieces = vec![(String::new(), parts.next().unwrap_or_default())];
    let mut class = String::new();
    for part in parts {
        let Some((codes, text)) = part.split_once('m') else { continue };
        for code in codes.split(';') {
            match code {
                "" | "0" => class.clear(),
                "1" => class.push_str(" bold"),
                "2" => class.push_str(" dim"),
                "31" => class.push_str(" red"),
                "32" => class.push_str(" green"),
                "33" => class.push_str(" yellow"),
                _ => {}
            }
        }
        pieces.push((class.clone(), text));
    }
    pieces.retain(|(_, text)| !text.is_empty());
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_become_classes_and_text_is_harmless() {
        let line = "  \x1b[31m\x1b[1mFAIL\x1b[0m a<b \x1b[33mnote\x1b[0m";
        let pieces = pieces(line);
        let wanted = [("", "  "), (" red bold", "FAIL"), ("", " a<b "), (" yellow", "note")];
        assert_eq!(pieces, wanted.map(|(class, text)| (class.to_owned(), text)));
        assert_eq!(columns(line), 15);
        let svg = drawn(&[line.to_owned()]).unwrap();
        assert!(svg.contains("<tspan class=\"red bold\">FAIL</tspan> a&lt;b <tspan"), "{svg}");
    }

    #[test]
    fn the_time_that_it_took_is_left_out() {
        for (line, wanted) in [
            (
                "28 results, 48 readings in 1.3 s · outputs off",
                "28 results, 48 readings · outputs off",
            ),
            ("it is in 3 seconds", "it is in 3 seconds"),
            ("PASS", "PASS"),
        ] {
            assert_eq!(without_time(line), wanted);
        }
    }
}
