//! One column of a CSV file: comma-separated, the first line has the columns' names, a cell may be quoted.

use crate::bounds::{MAX_AXIS_POINTS, MAX_CSV_BYTES};
use crate::suggest;

/// A cell, and the line that it begins in, from 1.
pub(crate) type Cell = (usize, String);

/// The cells of a column; lines without any text are left out.
///
/// # Errors
/// Says which line is wrong, or which columns there are.
pub(crate) fn column(text: &str, name: &str) -> Result<Vec<Cell>, String> {
    if text.len() > MAX_CSV_BYTES {
        return Err(format!("{} bytes; at most {MAX_CSV_BYTES} are read", text.len()));
    }
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut lines = (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty());
    let Some((number, line)) = lines.next() else {
        return Err("the file is empty; a line with the names of its columns is wanted".to_owned());
    };
    let names = cells(line).map_err(|fault| format!("line {number}: {fault}"))?;
    let Some(at) = names.iter().position(|own| own == name) else {
        let instead = suggest::instead(name, names.iter().map(String::as_str));
        return Err(format!("there is no column '{name}'{instead}"));
    };
    let mut found = Vec::new();
    for (number, line) in lines {
        if found.len() >= usize::try_from(MAX_AXIS_POINTS).unwrap_or(usize::MAX) {
            return Err(format!("more than {MAX_AXIS_POINTS} lines; that many make an axis"));
        }
        let cells = cells(line).map_err(|fault| format!("line {number}: {fault}"))?;
        let cell = cells.into_iter().nth(at).filter(|cell| !cell.is_empty());
        let cell = cell.ok_or_else(|| format!("line {number}: the column '{name}' is empty"))?;
        found.push((number, cell));
    }
    if found.is_empty() {
        return Err("no line follows the names of the columns; one at least is wanted".to_owned());
    }
    Ok(found)
}

/// The cells of a line, trimmed. In a quoted one `""` is a quote.
fn cells(line: &str) -> Result<Vec<String>, String> {
    let mut found = Vec::new();
    let mut rest = line;
    loop {
        let (cell, behind) = cell(rest)?;
        found.push(cell);
        match behind {
            Some(behind) => rest = behind,
            None => return Ok(found),
        }
    }
}

/// The first cell, and what stands behind its comma; none where it is the last.
fn cell(line: &str) -> Result<(String, Option<&str>), String> {
    let Some(mut rest) = line.trim_start().strip_prefix('"') else {
        let (cell, behind) = line.split_once(',').map_or((line, None), |(c, b)| (c, Some(b)));
        return Ok((cell.trim().to_owned(), behind));
    };
    let mut text = String::new();
    loop {
        let Some((before, after)) = rest.split_once('"') else {
            return Err("the closing \" of a cell is missing".to_owned());
        };
        text.push_str(before);
        match after.strip_prefix('"') {
            Some(after) => {
                text.push('"');
                rest = after;
            }
            None => return closed(&text, after),
        }
    }
}

fn closed<'l>(text: &str, after: &'l str) -> Result<(String, Option<&'l str>), String> {
    let text = text.trim().to_owned();
    match after.trim_start() {
        "" => Ok((text, None)),
        other => match other.strip_prefix(',') {
            Some(behind) => Ok((text, Some(behind))),
            None => Err("a comma is wanted behind a quoted cell".to_owned()),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_is_found_by_its_name() {
        let text =
            "\u{feff}time, \"load, A\" ,note\r\n0,\" 0.5\",x\r\n\r\n1,1 A,\"say \"\"on\"\"\"\n";
        let wanted = [(2, "0.5".to_owned()), (4, "1 A".to_owned())];
        assert_eq!(column(text, "load, A").unwrap(), wanted);
        assert_eq!(column(text, "note").unwrap()[1].1, "say \"on\"");
    }

    #[test]
    fn what_is_wrong_names_its_line() {
        for (text, wanted) in [
            ("", "empty"),
            ("a,b\n", "one at least"),
            ("a,c\n1,2\n", "no column 'b'; did you mean"),
            ("a,b\n1,2\n3\n", "line 3: the column 'b' is empty"),
            ("a,b\n1,\n", "line 2: the column 'b' is empty"),
            ("a,b\n\"1,2\n", "line 2: the closing \""),
            ("a,b\n\"1\"x,2\n", "line 2: a comma"),
        ] {
            let fault = column(text, "b").unwrap_err();
            assert!(fault.contains(wanted), "{text:?}: {fault}");
        }
        let long = format!("b\n{}", "1\n".repeat(MAX_CSV_BYTES));
        assert!(column(&long, "b").unwrap_err().contains("bytes"));
    }
}
