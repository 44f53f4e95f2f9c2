//! JUnit reports against the schema that CI servers check them with.
//!
//! The rules are those of `junit-10.xsd` of Jenkins' xUnit plugin (jenkinsci/xunit-plugin on GitHub, MIT licence,
//! commit 031e285), written down here as a table: which elements an element may hold, which attributes it may and must
//! have. The schema says `choice` wherever it matters, so that order is free.

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use test_report::junit;

use crate::run::{Run, everything, hostile, leaf, one_failure, range, start};

struct Rule {
    element: &'static str,
    holds: &'static [&'static str],
    must: &'static [&'static str],
    may: &'static [&'static str],
}

const RULES: [Rule; 9] = [
    Rule {
        element: "testsuites",
        holds: &["testsuite"],
        must: &[],
        may: &["name", "time", "tests", "failures", "errors"],
    },
    Rule {
        element: "testsuite",
        holds: &["testsuite", "properties", "testcase", "system-out", "system-err"],
        must: &["name", "tests", "failures", "errors"],
        may: &[
            "group",
            "time",
            "skipped",
            "timestamp",
            "hostname",
            "id",
            "package",
            "file",
            "log",
            "url",
        ],
    },
    Rule { element: "properties", holds: &["property"], must: &[], may: &[] },
    Rule { element: "property", holds: &[], must: &["name", "value"], may: &[] },
    Rule {
        element: "testcase",
        holds: &["skipped", "error", "failure", "system-out", "system-err"],
        must: &["name"],
        may: &["time", "classname", "group"],
    },
    Rule { element: "failure", holds: &[], must: &[], may: &["type", "message"] },
    Rule { element: "error", holds: &[], must: &[], may: &["type", "message"] },
    Rule { element: "skipped", holds: &[], must: &[], may: &["type", "message"] },
    Rule { element: "system-out", holds: &[], must: &[], may: &[] },
];

fn rule(element: &str) -> &'static Rule {
    RULES.iter().find(|rule| rule.element == element).unwrap_or_else(|| panic!("<{element}>"))
}

/// `SUREFIRE_TIME`: digits, a point, digits.
fn is_time(text: &str) -> bool {
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    [whole, part].iter().all(|digits| digits.chars().all(|digit| digit.is_ascii_digit()))
}

fn check_element(start: &BytesStart<'_>, parent: Option<&str>) -> String {
    let name = String::from_utf8(start.name().as_ref().to_vec()).unwrap();
    match parent {
        Some(parent) => {
            assert!(rule(parent).holds.contains(&name.as_str()), "<{name}> in <{parent}>")
        }
        None => assert_eq!(name, "testsuites"),
    }
    let rule = rule(&name);
    let mut found = Vec::new();
    for attribute in start.attributes() {
        let attribute = attribute.unwrap();
        let key = String::from_utf8(attribute.key.as_ref().to_vec()).unwrap();
        let known = rule.must.iter().chain(rule.may).any(|known| *known == key);
        assert!(known, "{key} of <{name}>");
        if key == "time" {
            let value = String::from_utf8(attribute.value.to_vec()).unwrap();
            assert!(is_time(&value), "time=\"{value}\" of <{name}>");
        }
        found.push(key);
    }
    assert!(
        rule.must.iter().all(|must| found.iter().any(|own| own == must)),
        "{found:?} of <{name}>"
    );
    name
}

/// Fails at the first thing that the schema does not know.
fn check(xml: &str) {
    let mut reader = Reader::from_str(xml);
    let mut open: Vec<String> = Vec::new();
    loop {
        match reader.read_event().unwrap() {
            Event::Start(start) => {
                let name = check_element(&start, open.last().map(String::as_str));
                open.push(name);
            }
            Event::Empty(start) => {
                check_element(&start, open.last().map(String::as_str));
            }
            Event::End(_) => assert!(open.pop().is_some()),
            Event::Eof => break,
            _ => {}
        }
    }
    assert!(open.is_empty(), "{open:?}");
}

#[test]
fn the_schema_of_ci_servers_knows_everything_in_a_report() {
    let mut empty = Run::begin(start(7));
    empty.end(bench_model::SessionStatus::Completed, None);
    for run in [one_failure(), everything(), hostile(), empty, Run::begin(start(8))] {
        check(&junit(&run.records).unwrap());
    }
}

#[test]
#[should_panic(expected = "uuid of <testsuites>")]
fn the_check_finds_what_the_schema_does_not_know() {
    check("<testsuites uuid=\"1\"/>");
}

#[test]
fn a_case_has_its_readings_and_attempts_are_properties() {
    let mut run = Run::begin(start(1));
    let limit = range(Some("4.95"), Some("5.05"), "V");
    let leaf = leaf("rail", &[("vin", "7 V")]).measured("5.2", "V").attempts(3).within(limit);
    run.sampled(leaf, &["+5.20000000E+00", "+5.20000001E+00"]);
    let xml = junit(&run.records).unwrap();
    for said in [
        "<property name=\"attempts rail[vin=7 V]\" value=\"3\"/>",
        "dmm channel 1 dc_voltage: +5.20000000E+00 V\n",
        "dmm channel 1 dc_voltage: +5.20000001E+00 V<",
        "<failure",
    ] {
        assert!(xml.contains(said), "{said} in {xml}");
    }
}
