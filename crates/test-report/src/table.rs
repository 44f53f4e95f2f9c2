//! Rows under each other, column by column, and broken between columns where a line is too narrow.

use crate::look::{Look, columns};

/// Between two columns.
const GAP: usize = 3;
/// Between the head of a row and its first column.
const HEAD_GAP: usize = 2;

/// One row: a head, its cells, and lines below it.
#[derive(Default)]
pub(crate) struct Row {
    pub(crate) head: String,
    pub(crate) cells: Vec<String>,
    pub(crate) notes: Vec<String>,
}

/// The rows as lines, each behind `indent` spaces.
pub(crate) fn lines(rows: &[Row], indent: usize, look: Look) -> Vec<String> {
    let heads = rows.iter().map(|row| columns(&row.head)).max().unwrap_or(0);
    let body = indent + heads + HEAD_GAP;
    let widths = column_widths(rows);
    let mut lines = Vec::new();
    for row in rows {
        let head = format!("{:indent$}{}", "", padded(&row.head, heads + HEAD_GAP));
        let whole = format!("{head}{}", aligned(&row.cells, &widths));
        if columns(whole.trim_end()) <= look.width {
            lines.push(whole.trim_end().to_owned());
        } else {
            lines.extend(broken(head, &row.cells, body, look.width));
        }
        lines.extend(row.notes.iter().map(|note| format!("{:body$}{note}", "")));
    }
    lines
}

fn column_widths(rows: &[Row]) -> Vec<usize> {
    let mut widths = Vec::new();
    for row in rows {
        widths.resize(widths.len().max(row.cells.len()), 0);
        for (width, cell) in widths.iter_mut().zip(&row.cells) {
            *width = columns(cell).max(*width);
        }
    }
    widths
}

/// Columns that are empty in all rows take no room.
fn aligned(cells: &[String], widths: &[usize]) -> String {
    let filled = cells.iter().zip(widths).filter(|(_, width)| **width > 0);
    filled.map(|(cell, width)| padded(cell, width + GAP)).collect()
}

/// As many cells a line as fit, at least one.
fn broken(head: String, cells: &[String], body: usize, width: usize) -> Vec<String> {
    let mut lines = vec![head];
    let mut used = body;
    for cell in cells.iter().filter(|cell| !cell.is_empty()) {
        if used > body && used + columns(cell) > width {
            lines.push(" ".repeat(body));
            used = body;
        }
        if let Some(line) = lines.last_mut() {
            line.push_str(&padded(cell, columns(cell) + GAP));
        }
        used += columns(cell) + GAP;
    }
    lines.iter().map(|line| line.trim_end().to_owned()).collect()
}

fn padded(text: &str, width: usize) -> String {
    format!("{text}{:1$}", "", width.saturating_sub(columns(text)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(cells: &[&str]) -> Row {
        let mut cells = cells.iter().map(|cell| (*cell).to_owned());
        Row { head: cells.next().unwrap(), cells: cells.collect(), notes: vec![] }
    }

    fn shown(rows: &[Row], width: usize) -> String {
        lines(rows, 2, Look { colour: false, width }).join("\n")
    }

    #[test]
    fn columns_stand_under_each_other_and_empty_ones_take_no_room() {
        let rows = [row(&["PASS", "ripple", "", "1.2 µV"]), row(&["SKIP", "Ω", "", "3 V", "x"])];
        assert_eq!(shown(&rows, 80), "  PASS  ripple   1.2 µV\n  SKIP  Ω        3 V      x");
    }

    #[test]
    fn a_narrow_line_is_broken_between_cells() {
        let rows = [row(&["PASS", "rail/vout", "5.0012 V", "limit 4.95 V .. 5.05 V"])];
        assert_eq!(
            shown(&rows, 30),
            "  PASS  rail/vout   5.0012 V\n        limit 4.95 V .. 5.05 V"
        );
        assert_eq!(shown(&rows, 1).lines().count(), 3);
    }

    #[test]
    fn colours_take_no_room() {
        let look = Look { colour: true, width: 80 };
        let head = look.loud("FAIL");
        assert_eq!(columns(&head), 4);
        let rows = [Row { head, ..row(&["", "a"]) }, row(&["ERROR", "b"])];
        let lines = lines(&rows, 0, look);
        assert_eq!(columns(&lines[0]), columns(&lines[1]));
    }
}
