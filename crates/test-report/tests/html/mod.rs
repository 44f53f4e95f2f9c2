//! HTML reports and CSV.

pub(crate) mod outline;
mod remarks;

use bench_model::{Judgement, Record, SessionStatus};
use outline::Outline;
use test_report::{CsvError, HtmlError, HtmlOptions, csv, html};

use crate::run::{Leaf, Run, everything, hostile, leaf, one_failure, range, start};

fn report(records: &[Record]) -> String {
    html(records, &HtmlOptions::default()).unwrap()
}

fn outline(run: &Run) -> Outline {
    Outline::of(&report(&run.records))
}

/// A sweep of two axes with readings and one failure, a leaf without numbers, and waveforms.
fn measured() -> Run {
    let mut run = Run::begin(start(1));
    run.instrument("psu", "MAKER");
    for (vset, low, high) in
        [("3.3 V", "3.2", "3.4"), ("5 V", "4.9", "5.1"), ("12 V", "11.9", "12.1")]
    {
        for iload in ["0 A", "1 A"] {
            let place = leaf("accuracy/vout", &[("vset", vset), ("iload", iload)]);
            let middle = vset.strip_suffix(" V").unwrap();
            let value = if (vset, iload) == ("5 V", "1 A") { "5.2" } else { middle };
            let limit = range(Some(low), Some(high), "V");
            run.sampled(place.measured(value, "V").by("dmm", "dmm").within(limit), &[value, value]);
        }
    }
    let capture = leaf("ripple/capture", &[("iload", "1 A")]);
    run.waveform(&capture, (0..=255).cycle().take(100_000).collect());
    run.waveform(&capture, vec![]);
    run.safe_state(&[("vin", None)]);
    run.end(SessionStatus::Completed, None);
    run
}

#[test]
fn a_report_has_its_parts_in_order() {
    let outline = outline(&measured());
    insta::assert_snapshot!(outline.lines.join("\n"));
    assert_eq!((outline.count("h1"), outline.count("main")), (1, 1));
}

#[test]
fn a_report_says_what_was_not_in_order() {
    let outline = outline(&everything());
    insta::assert_snapshot!(outline.lines.join("\n"));
    for said in [
        "ABORTED",
        "The session was stopped before its end: interrupted",
        "OUTPUTS NOT CONFIRMED OFF",
        "Only a part of the plan was asked for.",
        "Verdicts planned: 21; made: 5.",
        "Passed or ended at a later attempt: retried.",
        "Skipped: later (2 results).",
        "The equipment failed at: refused at vi = 99 V.",
        "no answer within 1s",
        "psu: VOLT 99: -222,\"Data out of range\"",
        "the meter warmed up for 3 min of 30 min",
        "overload",
        "passed at attempt 2",
    ] {
        assert!(outline.text.contains(said), "{said} in {}", outline.text);
    }
}

#[test]
fn verdict_and_simulation_come_first() {
    let text = outline(&measured()).text;
    let place = |word: &str| text.find(word).unwrap_or_else(|| panic!("{word} in {text}"));
    assert!(
        text.trim_start().starts_with("FAIL: quickstart 1.0"),
        "the title of the window: {text}"
    );
    assert!(place("1 of 6 judged results outside the limit.") < place("Report number"));
    assert!(place("These numbers say nothing about a real item.") < place("Report number"));
    let mut real = start(1);
    real.simulated = false;
    let mut real = Run::begin(real);
    real.leaf(leaf("a", &[]).measured("1", "V").within(range(None, Some("5"), "V")));
    real.end(SessionStatus::Completed, None);
    let text = outline(&real).text;
    assert!(!text.to_lowercase().contains("simulated"), "{text}");
}

#[test]
fn a_run_that_was_cut_is_incomplete() {
    let whole = one_failure();
    for records in 1..whole.records.len() {
        let text = Outline::of(&report(&whole.records[..records])).text;
        assert!(text.contains("INCOMPLETE"), "{records}");
        assert!(!text.contains("Every judged result lies within its limit"), "{records}");
    }
    assert!(!outline(&whole).text.contains("INCOMPLETE"));
    assert_eq!(html(&[], &HtmlOptions::default()), Err(HtmlError::NoStart));
}

#[test]
fn a_report_of_nothing_is_a_report() {
    let mut run = Run::begin(start(1));
    run.end(SessionStatus::Failed, Some("dmm: no connection: connection refused"));
    let text = outline(&run).text;
    assert!(text.contains("NOT COMPLETED") && text.contains("Nothing was judged."), "{text}");
}

#[test]
fn nothing_leads_out_of_the_report() {
    for run in [measured(), everything(), hostile()] {
        let html = report(&run.records);
        let outline = Outline::of(&html);
        for link in &outline.links {
            let id = link.strip_prefix('#').unwrap_or_else(|| panic!("{link} leads out"));
            assert!(outline.ids.iter().any(|own| own == id), "{link} leads nowhere");
        }
        for label in &outline.labels {
            assert!(outline.ids.contains(label), "{label} names nothing");
        }
        let mut ids = outline.ids.clone();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), outline.ids.len(), "each id once");
        let others = html.replace("tcp://", "");
        assert!(!others.contains("://"), "no address but those of instruments");
        assert!(html.contains("default-src &#39;none&#39;"));
    }
}

#[test]
fn names_are_text_whatever_is_in_them() {
    let run = hostile();
    let html = report(&run.records);
    let outline = Outline::of(&html);
    assert!(outline.text.contains("plan\\u{1b}[2J\\u{7}\\0]]>&<\"\\u{9b}31m\\u{202e}\\u{ffff}\\n"));
    let raw = |c: &char| {
        c.is_control() && !['\n', '\t'].contains(c) || ['\u{202e}', '\u{ffff}'].contains(c)
    };
    assert_eq!(html.chars().find(raw), None);

    let evil = "\"><script>alert(1)</script><img src=x onerror=alert(1)>";
    let mut start = start(1);
    (start.plan.name, start.plan.text) = (evil.into(), format!("</pre>{evil}"));
    (start.dut.model, start.bench) = (Some(evil.into()), evil.into());
    start.environment = [(evil.to_owned(), "1 V".parse().unwrap())].into();
    let mut run = Run::begin(start);
    run.instrument(evil, evil).warning(evil);
    run.leaf(leaf(evil, &[(evil, "1 V")]).by(evil, evil).measured("1", "V"));
    run.leaf(leaf(evil, &[(evil, "2 V")]).judged(&Judgement::error(evil)));
    run.waveform(&leaf(evil, &[(evil, "1 V")]), vec![1, 2, 3]);
    run.safe_state(&[(evil, Some(evil))]).end(SessionStatus::Failed, Some(evil));
    let options = HtmlOptions {
        laboratory: Some(evil.into()),
        customer: Some(evil.into()),
        authorised_by: Some(evil.into()),
        guardian: Some(evil.into()),
        ..HtmlOptions::default()
    };
    let outline = Outline::of(&html_of(&run, &options));
    assert_eq!((outline.count("script"), outline.count("img")), (1, 0));
}

fn html_of(run: &Run, options: &HtmlOptions) -> String {
    html(&run.records, options).unwrap()
}

#[test]
fn long_names_are_cut_and_say_so() {
    let mut long = start(1);
    long.plan.name = "n".repeat(10_000);
    long.operator = Some("o".repeat(10_000));
    let mut run = Run::begin(long);
    for _ in 0..20 {
        let name = "l".repeat(10_000);
        run.leaf(leaf(&name, &[(&name, "1 V")]).judged(&Judgement::error("r".repeat(10_000))));
    }
    run.end(SessionStatus::Completed, None);
    let html = report(&run.records);
    assert!(html.len() < 200_000, "{}", html.len());
    assert!(Outline::of(&html).text.contains("… (cut: 9700 more characters)"));
}

/// Leaves, points each, readings each: 10^5 readings together.
#[test]
fn a_hundred_thousand_readings_stay_below_five_megabytes() {
    for (leaves, points, samples) in
        [(1, 100_000, 1), (1, 1, 100_000), (10_000, 1, 10), (20, 500, 10)]
    {
        let mut run = Run::begin(start(1));
        let raws = vec!["+5.06186460E+00"; samples];
        for number in 0..leaves {
            for point in 0..points {
                let point = format!("{point} mV");
                let point: &[(&str, &str)] = if points > 1 { &[("vset", &point)] } else { &[] };
                let leaf = leaf(&format!("leaf_{number}/vout"), point).by("dmm", "dmm");
                let limit =
                    range(Some("4.95"), Some(if number % 7 == 3 { "5.05" } else { "5.1" }), "V");
                run.sampled(leaf.measured("5.06186460", "V").within(limit), &raws);
            }
        }
        run.end(SessionStatus::Completed, None);
        let html = report(&run.records);
        assert!(html.len() < 5_000_000, "{leaves} x {points} x {samples}: {} bytes", html.len());
        let outline = Outline::of(&html);
        assert!(leaves * points < 1000 || outline.text.contains("left out"), "{leaves} {points}");
        assert!(outline.text.contains("100000 readings"), "{leaves} {points} {samples}");
    }
}

/// One leaf of very many points, one of which did not pass.
#[test]
fn the_worst_is_never_left_out() {
    let mut run = Run::begin(start(1));
    for point in 0..2000 {
        let value = if point == 1234 { "5.2" } else { "5.0" };
        let leaf = leaf("vout", &[("vset", &format!("{point} mV"))]).measured(value, "V");
        run.leaf(leaf.within(range(Some("4.9"), Some("5.1"), "V")));
    }
    run.end(SessionStatus::Completed, None);
    let html = report(&run.records);
    let table = html.split_once("<caption>Results of vout").unwrap().1;
    let table = table.split_once("</table>").unwrap().0;
    assert!(table.contains("1.234 V"), "{table:.2000}");
    let gaps = table.split("<tr class=\"gap\">").skip(1);
    let left_out = gaps.map(|gap| {
        let words = gap.split_once('>').unwrap().1;
        words.split_once(" result").unwrap().0.parse::<usize>().unwrap()
    });
    assert_eq!(left_out.sum::<usize>() + table.matches("<tr class=\"r").count(), 2000);
    assert!(!table.contains("did not pass"), "it is there");
}

#[test]
fn diagrams_show_limits_failures_and_not_too_many_points() {
    let html = report(&measured().records);
    let charts: Vec<_> = html.split("<svg class=\"chart\"").skip(1).collect();
    let [sweep, waveform] = charts.as_slice() else { panic!("{}", charts.len()) };
    let sweep = sweep.split_once("</svg>").unwrap().0;
    for (class, wanted) in [("limit", 2), ("failure", 1), ("s0", 1), ("s1", 1), ("reading", 1)] {
        assert_eq!(
            sweep.matches(&format!("class=\"{class}\"")).count(),
            wanted,
            "{class} in {sweep}"
        );
    }
    assert!(
        sweep.contains(">vset (V)<") && sweep.contains("vout less the middle of its limits (mV)<")
    );
    let waveform = waveform.split_once("</svg>").unwrap().0;
    assert!(waveform.contains(">time (ms)<") && waveform.contains(">scope (mV)<"));
    let points = waveform.matches('L').count();
    assert!((500..2000).contains(&points), "{points}");
}

/// Neighbours that were skipped for one reason are one row.
#[test]
fn what_was_skipped_together_is_told_once() {
    let mut run = Run::begin(start(1));
    for point in 0..50 {
        let leaf = leaf("late", &[("il", &format!("{point} A"))]);
        run.leaf(leaf.judged(&Judgement::skipped("high failed")));
    }
    run.end(SessionStatus::Completed, None);
    let text = outline(&run).text;
    assert!(text.contains("SKIP 50 results, from il = 0 A to il = 49 A: high failed"), "{text}");
    assert_eq!(text.matches("high failed").count(), 1);
}

#[test]
fn numbers_that_cannot_be_drawn_stop_nothing() {
    let mut run = Run::begin(start(1));
    let odd =
        ["1E999", "-1E999", "9.9E307", "0", "1E-999", "Infinity", "-Infinity", "NaN", "1E9999"];
    for (x, value) in ["0 V", "1 V", "2 V"].into_iter().flat_map(|x| odd.map(|value| (x, value))) {
        let limit = range(Some("-1E300"), Some("1E300"), "V");
        run.leaf(leaf("odd", &[("x", x)]).measured(value, "V").within(limit));
        run.leaf(leaf("free", &[("x", x)]).measured(value, "V"));
        run.leaf(leaf(value, &[]).measured(value, "V").within(range(Some("5"), Some("5"), "V")));
    }
    run.end(SessionStatus::Completed, None);
    let html = report(&run.records);
    let outline = Outline::of(&html);
    assert!(outline.text.contains("not a number") && outline.text.contains("1E999 V"));
    for nonsense in ["NaN ", "inf", "Infinity"] {
        assert!(!html.contains(&format!("M{nonsense}")), "{nonsense}");
    }
    assert!(html.len() < 200_000, "{}", html.len());
}

#[test]
fn a_letterhead_goes_around_the_report() {
    let run = one_failure();
    let letterhead = "<header>Lab 7</header>\n<!-- report -->\n<footer>Signed</footer>".to_owned();
    let options = HtmlOptions { letterhead: Some(letterhead), ..HtmlOptions::default() };
    let text = Outline::of(&html_of(&run, &options)).text;
    let place = |word: &str| text.find(word).unwrap();
    assert!(place("Lab 7") < place("Test report"));
    assert!(place("End of the report") < place("Signed"));
    let options = HtmlOptions { letterhead: Some("<p>Lab 7</p>".to_owned()), ..options };
    assert_eq!(html(&run.records, &options), Err(HtmlError::NoPlace));
}

#[test]
fn readings_of_one_result_are_shown_as_a_histogram_with_the_limits_among_them() {
    let mut run = Run::begin(start(1));
    let values: Vec<String> = (0..40).map(|at| format!("5.00{:02}", at % 7 * at % 13)).collect();
    let values: Vec<&str> = values.iter().map(String::as_str).collect();
    let many = leaf("noise", &[]).measured("5.0005", "V").by("dmm", "dmm");
    run.sampled(many.within(range(Some("4.9"), Some("5.0010"), "V")), &values);
    run.sampled(leaf("calm", &[]).measured("5", "V"), &["5.0"; 20]);
    run.sampled(leaf("few", &[]).measured("5", "V"), &["5.0", "5.1"]);
    run.end(SessionStatus::Completed, None);
    let html = report(&run.records);
    let charts: Vec<_> = html.split("Distribution of ").skip(1).collect();
    assert!(charts.iter().all(|chart| chart.starts_with("noise")), "the others are not spread");
    let chart = html.split_once("id=\"distribution-0-t\"").unwrap().1;
    let chart = chart.split_once("</svg>").unwrap().0;
    assert!(chart.contains("Histogram of 40 readings in 7 classes."), "{chart}");
    assert_eq!(chart.matches("class=\"limit\"").count(), 1, "the lower one is far away");
    assert!(html.contains("a limit lies further out than is drawn"));
    assert!(html.contains(">Mean<") && !html.contains(">Lag-1 r<"), "nobody has the latter");
}

/// The histogram of a step, and its label below.
fn histogram_of(leaves: impl Iterator<Item = Leaf>) -> Option<String> {
    let mut run = Run::begin(start(1));
    leaves.for_each(|leaf| {
        run.leaf(leaf);
    });
    run.end(SessionStatus::Completed, None);
    let html = report(&run.records);
    let chart = html.split_once("id=\"distribution-0-t\"")?.1;
    Some(chart.split_once("</figure>")?.0.to_owned())
}

#[test]
fn a_step_that_was_judged_many_times_has_a_histogram_of_its_results() {
    let numbers = || (1..=20).map(|number| (number.to_string(), format!("5.0{}", number % 7)));
    let limit = || range(Some("4.9"), Some("5.1"), "V");
    let counted = histogram_of(numbers().map(|(number, value)| {
        leaf("rail", &[("cycle", &number)]).measured(&value, "V").within(limit())
    }))
    .unwrap();
    assert!(counted.contains("Histogram of 20 results in 5 classes."), "{counted}");
    assert!(counted.contains("rail, less 5.03 V (mV)"), "{counted}");
    assert_eq!(counted.matches("class=\"limit\" d=\"M").count(), 3, "two, and the legend's");

    let swept = histogram_of(numbers().map(|(number, _)| {
        let value = format!("{number}.01");
        let limit = range(Some(&format!("{number}.00")), Some(&format!("{number}.04")), "V");
        leaf("rail", &[("vset", &format!("{number} V"))]).measured(&value, "V").within(limit)
    }));
    assert_eq!(swept, None, "all lie half way to their lower limit");
    let swept = histogram_of(numbers().map(|(number, _)| {
        let limit = range(Some(&format!("-{number}")), Some(&number), "V");
        leaf("rail", &[("vset", &format!("{number} V"))]).measured("0.5", "V").within(limit)
    }))
    .unwrap();
    assert!(swept.contains("rail: way from the middle of its limits to their end (%)"), "{swept}");
    assert_eq!(swept.matches("class=\"limit\" d=\"M").count(), 3);

    let set = numbers().map(|(number, _)| {
        leaf("rail", &[("vset", &format!("{number} V"))]).measured(&number, "V")
    });
    assert_eq!(histogram_of(set), None, "without limits only the setpoints would be seen");
    let timed = numbers().map(|(number, value)| {
        leaf("rail", &[("at", &format!("{number} s"))]).measured(&value, "V")
    });
    assert!(histogram_of(timed).is_some());
}

#[test]
fn an_instrument_that_is_asked_again_after_a_cut_is_listed_once() {
    let mut run = Run::begin(start(1));
    run.instrument("psu", "ACME").instrument("psu", "ACME").instrument("psu", "OTHER");
    run.end(SessionStatus::Completed, None);
    let html = report(&run.records);
    let table = html.split_once("Instruments as they identified themselves").unwrap().1;
    let table = table.split_once("</table>").unwrap().0;
    assert_eq!(table.matches("<th scope=\"row\">psu").count(), 2, "another one is not hidden");
}

#[test]
fn csv_has_a_row_for_each_reading() {
    let mut run = measured();
    let place = leaf("=cmd()", &[("t", "5 s")]);
    run.reading(&place, "Infinity").reading(&place, "-1.50E-3");
    let csv = csv(&run.records).unwrap();
    let lines: Vec<&str> = csv.split_terminator("\r\n").collect();
    assert_eq!(lines.len(), 1 + 12 + 2);
    assert_eq!(
        lines[0],
        "session,place,axis vset [V],axis iload [A],axis t [s],role,instrument,channel,function,value,unit,raw,\
         sample,attempt,taken_at"
    );
    for (line, wanted) in [
        (
            1,
            ",\"accuracy/vout[vset=3.3 V, iload=0 A]\",3.3,0,,dmm,dmm,1,dc_voltage,3.3,V,3.3,0,1,2025-10-09T",
        ),
        (13, ",'=cmd()[t=5 s],,,5,dmm,dmm,1,dc_voltage,Infinity,V,Infinity,0,1,2025-10-09T"),
        (14, ",'=cmd()[t=5 s],,,5,dmm,dmm,1,dc_voltage,-0.00150,V,-1.50E-3,0,1,2025-10-09T"),
    ] {
        assert!(lines[line].contains(wanted), "{wanted} in {}", lines[line]);
    }
    assert_eq!(test_report::csv(&[]), Err(CsvError::NoStart));
}
