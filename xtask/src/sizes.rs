//! How large crates, files and functions are. A file is one idea, a function is one thought.

use std::collections::BTreeMap;
use std::fmt::Write;

use crate::finding::Finding;
use crate::source::Function;
use crate::workspace::Workspace;

/// The most lines of a file, its tests not counted.
const MAX_FILE_LINES: usize = 800;

/// The most lines of a function, from `fn` to its closing brace.
const MAX_FUNCTION_LINES: usize = 70;

/// No file and no function is too long, tests excepted.
pub(crate) fn check(workspace: &Workspace) -> Vec<Finding> {
    let sources = workspace.rust();
    sources
        .flat_map(|(_, file, source)| {
            let lines = source.product_lines();
            let fault =
                format!("{lines} lines of code; at most {MAX_FILE_LINES}: divide it by ideas");
            let long_file = (lines > MAX_FILE_LINES).then(|| Finding::of(&file.path, fault));
            let functions = source.functions().into_iter();
            let long = functions.filter(|function| function.lines > MAX_FUNCTION_LINES);
            long_file.into_iter().chain(long.map(|long| too_long(&file.path, &long)))
        })
        .collect()
}

fn too_long(path: &str, function: &Function) -> Finding {
    let Function { name, line, lines } = function;
    let fault =
        format!("fn {name} has {lines} lines; at most {MAX_FUNCTION_LINES}: give its parts names");
    Finding::at(path, *line, fault)
}

/// What a crate amounts to.
#[derive(Debug, Default)]
struct Size {
    lines: usize,
    functions: Vec<Function>,
}

impl Size {
    fn median(&self) -> usize {
        let mut lines: Vec<_> = self.functions.iter().map(|function| function.lines).collect();
        lines.sort_unstable();
        lines.get(lines.len() / 2).copied().unwrap_or_default()
    }

    fn longest(&self) -> String {
        let longest = self.functions.iter().max_by_key(|function| function.lines);
        longest.map(|longest| format!("{} {}", longest.lines, longest.name)).unwrap_or_default()
    }
}

/// A table of the crates: their code without tests, comments and blank lines.
pub(crate) fn report(workspace: &Workspace) -> String {
    let mut sizes = BTreeMap::<&str, Size>::new();
    for (package, _, source) in workspace.rust().filter(|(package, ..)| !package.is_empty()) {
        let size = sizes.entry(package).or_default();
        size.lines += source.product_lines();
        size.functions.extend(source.functions());
    }
    let mut table = line("crate", "lines", "functions", "median", "longest");
    for (package, size) in &sizes {
        let [lines, functions, median] = [size.lines, size.functions.len(), size.median()];
        let [lines, functions, median] = [lines, functions, median].map(|n| n.to_string());
        table += &line(package, &lines, &functions, &median, &size.longest());
    }
    table
}

fn line(package: &str, lines: &str, functions: &str, median: &str, longest: &str) -> String {
    let mut line = format!("{package:<18}{lines:>7}{functions:>11}{median:>8}  ");
    let _ = writeln!(line, "{longest}");
    line
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspace::samples::one_file;

    fn function_of(lines: usize) -> String {
        format!("fn long() {{\n{}}}\n", "    f();\n".repeat(lines - 2))
    }

    #[test]
    fn what_is_too_long_is_found() {
        let path = "crates/a/src/lib.rs";
        for (text, found) in [
            (function_of(MAX_FUNCTION_LINES), 0),
            (function_of(MAX_FUNCTION_LINES + 1), 1),
            ("static A: u8 = 1;\n".repeat(MAX_FILE_LINES), 0),
            ("static A: u8 = 1;\n".repeat(MAX_FILE_LINES + 1), 1),
            ("// A comment.\n\n".repeat(MAX_FILE_LINES), 0),
            (format!("#[cfg(test)]\nmod tests {{\n{}}}", function_of(200)), 0),
        ] {
            assert_eq!(check(&one_file("a", path, &text)).len(), found, "{text}");
        }
        assert!(check(&one_file("a", "crates/a/tests/a.rs", &function_of(200))).is_empty());
    }

    #[test]
    fn the_report_has_a_line_for_each_crate() {
        let text = format!("fn a() {{}}\nfn b() {{}}\n{}", function_of(9));
        let table = report(&one_file("a", "crates/a/src/lib.rs", &text));
        let words: Vec<_> = table.lines().last().unwrap().split_whitespace().collect();
        assert_eq!(words, ["a", "11", "3", "1", "9", "long"]);
    }
}
