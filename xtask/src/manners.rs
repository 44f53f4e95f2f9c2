//! Manners of the code that the compiler cannot see, or that an `allow` would hide from it.

use crate::finding::Finding;
use crate::source::{Source, line_of, lines_naming, mentions_word, words};
use crate::workspace::{TextFile, Workspace};

/// What stops the process, and is for tests alone.
const STOPS: &[&str] = &[".unwrap()", ".expect(", "panic!", "todo!", "unimplemented!", "dbg!"];

/// What prints.
const PRINTS: &[&str] = &["println!", "print!", "eprintln!", "eprint!"];

/// The crates that have a screen.
const FRONTS: &[&str] = &["scpi-run", "xtask"];

/// Words for work that is put off.
const PUT_OFF: &[&str] = &["TODO", "FIXME", "XXX"];

/// Sleeping, which makes a test slow or wrong.
const SLEEPS: &[&str] = &["thread::sleep", "time::sleep"];

/// How a test says that its clock is paused: then a sleep costs nothing and cannot be too short.
const PAUSED: &[&str] = &["start_paused", "time::pause"];

/// Attributes that silence a lint, and how they open.
const SILENCERS: &[&str] = &["[allow(", "[expect("];

/// No stop, no print outside the fronts, nothing put off, ignored, silenced without a reason or slept through.
pub(crate) fn check(workspace: &Workspace) -> Vec<Finding> {
    let rust = workspace.rust().flat_map(|(package, file, source)| {
        let mut found = stops_and_prints(package, file, source);
        found.extend(put_off(file, source));
        found.extend(ignored(file, source));
        found.extend(silenced(file, source));
        found.extend(slept(file, source));
        found
    });
    let documents = workspace.files.iter().filter(|file| file.path.ends_with(".md"));
    rust.chain(documents.flat_map(put_off_in_document)).collect()
}

fn find(file: &TextFile, code: &str, phrases: &[&str], why: &str) -> Vec<Finding> {
    let places = |phrase: &&str| {
        let fault = format!("{phrase} {why}");
        let lines = lines_naming(code, phrase).into_iter();
        lines.map(|line| Finding::at(&file.path, line, fault.as_str())).collect::<Vec<_>>()
    };
    phrases.iter().flat_map(places).collect()
}

fn stops_and_prints(package: &str, file: &TextFile, source: &Source) -> Vec<Finding> {
    let mut found = find(file, &source.product, STOPS, "outside tests: answer with an error");
    let is_build_script = file.path.ends_with("/build.rs");
    if !FRONTS.contains(&package) && !is_build_script {
        found.extend(find(file, &source.product, PRINTS, "in a library: only the front prints"));
    }
    found
}

fn put_off(file: &TextFile, source: &Source) -> Vec<Finding> {
    let comments = source.comments.iter();
    let found = comments.filter_map(|comment| {
        let word = PUT_OFF.iter().find(|word| mentions_word(&comment.text, word))?;
        Some(Finding::at(&file.path, comment.line, format!("{word}: do it, or file an issue")))
    });
    found.collect()
}

fn put_off_in_document(file: &TextFile) -> Vec<Finding> {
    find(file, &file.text, PUT_OFF, "in a document: do it, or file an issue")
}

fn ignored(file: &TextFile, source: &Source) -> Vec<Finding> {
    find(file, &source.code, &["#[ignore"], "hides a test: mend or remove it")
}

fn silenced(file: &TextFile, source: &Source) -> Vec<Finding> {
    let code = source.code.as_str();
    let mut found = Vec::new();
    for silencer in SILENCERS {
        for at in words(code, silencer) {
            let end = code[at..].find(']').map_or(code.len(), |end| at + end);
            if !mentions_word(&code[at..end], "reason") {
                let fault = format!("#{silencer}...)] without reason = \"...\"");
                found.push(Finding::at(&file.path, line_of(code, at), fault));
            }
        }
    }
    found
}

fn slept(file: &TextFile, source: &Source) -> Vec<Finding> {
    if PAUSED.iter().any(|paused| mentions_word(&source.tests, paused)) {
        return Vec::new();
    }
    find(file, &source.tests, SLEEPS, "in a test: pause the clock, or wait for what is to happen")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspace::samples::one_file;

    fn places(package: &str, path: &str, text: &str) -> Vec<String> {
        let found = check(&one_file(package, path, text));
        let start = format!("{path}:");
        let place = |finding: &Finding| {
            let shown = finding.to_string();
            shown.strip_prefix(&start).unwrap().split(' ').take(2).collect::<Vec<_>>().join(" ")
        };
        found.iter().map(place).collect()
    }

    #[test]
    fn what_stops_or_prints_is_found_in_the_product() {
        let text = "fn f() {\n    a.unwrap();\n    println!(\"{}\", b.expect(\"b\"));\n}\n";
        let path = "crates/metrology/src/lib.rs";
        assert_eq!(places("metrology", path, text), ["2: .unwrap()", "3: .expect(", "3: println!"]);
        let path = "crates/scpi-run/src/main.rs";
        assert_eq!(places("scpi-run", path, text), ["2: .unwrap()", "3: .expect("]);
        assert!(places("metrology", "crates/metrology/tests/a.rs", text).is_empty());
        let harmless = "/// a.unwrap()\nfn f() { a.unwrap_or(b); let s = \"todo!\"; eprintln(c) }";
        assert!(places("metrology", "crates/metrology/src/lib.rs", harmless).is_empty());
    }

    #[test]
    fn work_that_is_put_off_is_found_everywhere() {
        let path = "crates/a/tests/a.rs";
        assert_eq!(places("a", path, "//\n// TODO: more\nfn todo() {}"), ["2: TODO:"]);
        assert_eq!(places("a", path, "#[test]\n#[ignore = \"slow\"]\nfn f() {}"), ["2: #[ignore"]);
        assert_eq!(places("a", "README.md", "TODOS\nFIXME\n"), ["2: FIXME"]);
    }

    #[test]
    fn a_silenced_lint_needs_a_reason() {
        let path = "crates/a/src/lib.rs";
        for (text, found) in [
            ("#[allow(dead_code)]", 1),
            ("#![allow(dead_code, unused)]", 1),
            ("#[expect(dead_code)]", 1),
            ("#[allow(\n    dead_code,\n    reason = \"x [y] z\"\n)]", 0),
        ] {
            assert_eq!(check(&one_file("a", path, text)).len(), found, "{text}");
        }
    }

    #[test]
    fn a_test_sleeps_only_with_its_clock_paused() {
        let path = "crates/a/tests/a.rs";
        for (text, found) in [
            ("std::thread::sleep(d);", vec!["1: thread::sleep"]),
            ("use tokio::time::{self, sleep};", vec!["1: time::sleep"]),
            ("#[tokio::test(start_paused = true)]\nasync fn f() { tokio::time::sleep(d) }", vec![]),
        ] {
            assert_eq!(places("a", path, text), found, "{text}");
        }
        assert!(places("a", "crates/a/src/lib.rs", "tokio::time::sleep(d).await;").is_empty());
    }
}
