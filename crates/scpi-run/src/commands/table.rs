//! A plain table: columns as wide as what is in them, numbers to the right.

/// A column's head, and on which side its cells are.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Column {
    head: &'static str,
    is_number: bool,
}

impl Column {
    pub(crate) const fn text(head: &'static str) -> Self {
        Self { head, is_number: false }
    }

    pub(crate) const fn number(head: &'static str) -> Self {
        Self { head, is_number: true }
    }
}

/// Sets rows under their heads.
pub(crate) fn table(columns: &[Column], rows: &[Vec<String>]) -> String {
    let letters = |text: &str| text.chars().count();
    let width = |(at, column): (usize, &Column)| {
        let cells = rows.iter().filter_map(|row| row.get(at)).map(|cell| letters(cell));
        cells.max().unwrap_or_default().max(letters(column.head))
    };
    let widths: Vec<usize> = columns.iter().enumerate().map(width).collect();
    let heads = columns.iter().map(|column| column.head.to_owned()).collect();
    let lines = std::iter::once(&heads).chain(rows).map(|row| {
        let cells = row.iter().zip(columns).zip(&widths).map(|((cell, column), width)| {
            // A line of a table is one line.
            let cell = cell.replace(['\n', '\r', '\t'], " ");
            if column.is_number { format!("{cell:>width$}") } else { format!("{cell:<width$}") }
        });
        let line = cells.collect::<Vec<_>>().join("  ");
        format!("{}\n", line.trim_end())
    });
    lines.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_stand_under_each_other() {
        let columns = [Column::text("unit"), Column::number("n"), Column::text("note")];
        let row = |cells: [&str; 3]| cells.map(str::to_owned).to_vec();
        let rows = [row(["Ω", "7", ""]), row(["kΩ", "120", "two\nlines"])];
        let expected = "unit    n  note\nΩ       7\nkΩ    120  two lines\n";
        assert_eq!(table(&columns, &rows), expected);
    }
}
