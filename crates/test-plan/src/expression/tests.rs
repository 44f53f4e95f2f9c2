use std::collections::BTreeMap;

use bench_model::{Coordinate, Measured, Point, Quantity, Unit, Value};
use proptest::prelude::*;

use crate::source::TextFault;
use crate::text::{Given, Parameters};

use super::{AxisValues, Expression, Leaf, Results, bind, parse_expression};

/// Leaves as a plan has them: `rail/vout` over vi and il, `rail/iout` over the same, `line` over vi, `idle` alone.
fn leaves() -> BTreeMap<String, Option<Leaf>> {
    let axis = |name: &str, values: &[&str]| {
        let values = values.iter().map(|value| value.parse().unwrap()).collect();
        AxisValues::of(vec![(name.to_owned(), values)])
    };
    let vi = axis("vi", &["7 V", "9 V"]);
    let il = axis("il", &["0 A", "500 mA", "1 A"]);
    let leaf = |unit: Unit, axes: &[&AxisValues]| {
        Some(Leaf {
            unit: Some(unit),
            axes: axes.iter().map(|axis| (*axis).clone()).collect(),
            ..Leaf::default()
        })
    };
    BTreeMap::from([
        ("rail/vout".to_owned(), leaf(Unit::volt(), &[&vi, &il])),
        ("rail/iout".to_owned(), leaf(Unit::ampere(), &[&vi, &il])),
        ("line".to_owned(), leaf(Unit::volt(), &[&vi])),
        ("other".to_owned(), leaf(Unit::volt(), &[&axis("vi", &["7 V", "8 V"])])),
        ("idle".to_owned(), leaf(Unit::volt(), &[])),
        ("many".to_owned(), leaf(Unit::volt(), &[&vi]).map(|own| Leaf { samples: true, ..own })),
        ("name".to_owned(), Some(Leaf::default())),
        ("broken".to_owned(), None),
    ])
}

fn bound(text: &str) -> Result<Option<Expression>, Vec<TextFault>> {
    let mut parameters = Parameters::default();
    parameters.set("nominal", Given::of("5 V"));
    bind(text, &parse_expression(text).map_err(|fault| vec![fault])?, &leaves(), &parameters)
}

struct Values(BTreeMap<String, Vec<(Point, Measured)>>);

impl Results for Values {
    fn of(&self, path: &str) -> Vec<(Point, Measured)> {
        self.0.get(path).cloned().unwrap_or_default()
    }

    /// Montgomery's X-bar and R in small: two subgroups of four.
    fn samples(&self, path: &str) -> Vec<(Point, Vec<bench_model::Decimal>)> {
        let of = |texts: [&str; 4]| texts.map(|text| text.parse().unwrap()).to_vec();
        let all = [("7 V", ["1", "2", "3", "4"]), ("9 V", ["3", "4", "5", "6"])];
        let at = |(vi, texts)| (point(&[("vi", vi)]), of(texts));
        if path == "many" { all.map(at).to_vec() } else { Vec::new() }
    }
}

#[test]
fn the_readings_of_a_result_are_an_axis() {
    let value = |text: &str, at: &[(&str, &str)]| {
        let bound = bound(text).unwrap().unwrap();
        let found = bound.computed(&point(at), &results()).unwrap();
        (found.value.quantity().unwrap().value.to_f64(), found.analyses)
    };
    assert_eq!(value("max(many, over = (vi, sample))", &[]).0, 6.0);
    assert_eq!(value("mean(many, over = sample)", &[("vi", "9 V")]).0, 4.5);
    // Pooled within: s = 1.2910, six degrees of freedom; Cpk = (3.5 - 0) / 3 s.
    let (cpk, analyses) = value("cpk(many, over = (vi, sample), low = 0 V, high = 10 V)", &[]);
    assert!((cpk - 3.5 / (3.0 * 1.290_994_448_735_806)).abs() < 1e-12, "{cpk}");
    assert_eq!(analyses[0].figure("n").unwrap().value.to_string(), "8");
    let (yielded, _) = value("yield(many, over = (vi, sample), high = 4 V)", &[]);
    assert_eq!(yielded, 6.0 / 8.0);
    // A2 of four is 0.729: the means 2.5 and 4.5 lie within 3.5 ± 0.729 · 3.
    let (signals, analyses) = value("xbar_r_signals(many, over = (vi, sample))", &[]);
    assert_eq!(signals, 0.0);
    let upper = analyses[0].figure("upper limit").unwrap().value.value.to_f64();
    assert!((upper - (3.5 + 0.729 * 3.0)).abs() < 2e-3, "{upper}");
    // The readings count from 1: 3, 4, 5, 6 rise by one from 2.
    for (text, wanted) in [("slope", 1.0), ("intercept", 2.0), ("nonlinearity", 0.0), ("last", 6.0)]
    {
        let (found, analyses) = value(&format!("{text}(many, over = sample)"), &[("vi", "9 V")]);
        assert_eq!(found, wanted, "{text}");
        assert_eq!(analyses.is_empty(), text == "last", "{text}");
    }
    let crossed = value("crossing(many, over = sample, at = 4.5 V)", &[("vi", "9 V")]).0;
    assert_eq!(crossed, 2.5);
    for (text, wanted) in [
        ("slope(line, over = sample)", "one reading is taken for each 'line'"),
        ("slope(2 * many, over = sample)", "of that result alone"),
        ("sd(line, over = sample)", "one reading is taken for each 'line'"),
        ("sd(2 * many, over = sample)", "of that result alone"),
        ("cpk(many, over = sample)", "a limit is wanted"),
        ("cpk(many, over = sample, low = 1 A)", "a number in V is wanted"),
        ("cpk(many, over = sample, weight = 1)", "over = AXIS is wanted here, low = .."),
        ("gauge_rr(many, over = sample)", "parts, operators and trials in this order"),
        ("xbar_s_signals(many, over = sample)", "is of subgroups"),
        ("allan(many, over = sample)", "interval = 1 s"),
    ] {
        let faults = bound(text).unwrap_err();
        assert!(faults[0].message.contains(wanted), "{text}: {}", faults[0].message);
    }
}

fn point(axes: &[(&str, &str)]) -> Point {
    let coordinate = |(axis, value): &(&str, &str)| Coordinate {
        axis: (*axis).to_owned(),
        value: value.parse().unwrap(),
    };
    Point(axes.iter().map(coordinate).collect())
}

fn results() -> Values {
    let number = |value: &str, unit: Unit| Measured::number(value.parse().unwrap(), unit);
    let volts = [("7 V", ["5.0020", "5.0000", "4.9990"]), ("9 V", ["5.0030", "NaN", "5.0000"])];
    let mut vout = Vec::new();
    let mut iout = Vec::new();
    for (vi, values) in volts {
        for (il, value) in ["0 A", "500 mA", "1 A"].into_iter().zip(values) {
            let at = point(&[("vi", vi), ("il", il)]);
            vout.push((at.clone(), number(value, Unit::volt())));
            iout.push((
                at,
                Measured::number(
                    Value::Finite(il.parse::<Quantity>().unwrap().in_base().unwrap()),
                    Unit::ampere(),
                ),
            ));
        }
    }
    let line = vec![(point(&[("vi", "7 V")]), number("1", Unit::volt()))];
    let idle = vec![(Point::default(), number("2500", "mV".parse().unwrap()))];
    Values(BTreeMap::from([
        ("rail/vout".to_owned(), vout),
        ("rail/iout".to_owned(), iout),
        ("line".to_owned(), line),
        ("idle".to_owned(), idle),
    ]))
}

fn at_seven_volts(text: &str, axes: &[(&str, &str)]) -> Result<String, String> {
    let expression = bound(text).unwrap().unwrap();
    let measured = expression.evaluate(&point(axes), &results());
    measured.map(|measured| measured.to_string()).map_err(|error| error.reason)
}

#[test]
fn values_are_exact() {
    let vi = [("vi", "7 V")];
    for (text, axes, value) in [
        ("1 V + 2 V * 3", &[][..], "7 V"),
        ("(1 V + 2 V) * 3", &[], "9 V"),
        ("10 V - 2 V - 3 V", &[], "5 V"),
        ("-1 V - -3 V", &[], "2 V"),
        ("12 V / 2 / 3", &[], "2 V"),
        ("0.1 V + 200 mV", &[], "0.300 V"),
        ("5 V / 2 A", &[], "2.5 Ω"),
        ("2 V·3 A", &[], "6 W"),
        ("idle / $nominal", &[], "0.5"),
        ("sqrt(4 V * 4 V)", &[], "4 V"),
        ("abs(1 V - 3 V)", &[], "2 V"),
        ("max(rail.vout, over = il)", &vi, "5.0020 V"),
        ("delta(rail.vout, over=il)", &vi, "0.0030 V"),
        ("sum(rail.vout, over = il)", &vi, "15.0010 V"),
        ("count(rail.vout, over = il)", &vi, "3"),
        ("mean(rail.vout - $nominal, over = il)", &vi, "0.0003333333333333333333333333333333333 V"),
        ("max(rail.vout, over = il) - line", &vi, "4.0020 V"),
        ("max(rail.vout * rail.iout, over = il)", &vi, "4.9990 W"),
        ("rail.vout", &[("vi", "7 V"), ("il", "500 mA")], "5.0000 V"),
        ("max(rail.iout, over = (vi, il))", &[], "1 A"),
        ("max(max(rail.iout, over = [il]), over = vi)", &[], "1 A"),
        ("first(rail.vout, over = il)", &vi, "5.0020 V"),
        ("last(rail.vout, over = il)", &vi, "4.9990 V"),
        ("slope(rail.vout, over = il)", &vi, "-0.003 Ω"),
        ("integral(rail.vout, over = il)", &vi, "5.00025000 W"),
        ("crossing(rail.vout, over = il, at = 4.9995 V)", &vi, "0.750 A"),
        ("crossing(rail.vout, over = il, at = first(rail.vout, over = il) - 1 mV)", &vi, "0.25 A"),
        ("crossing(rail.vout, at = 5.003 V, over = il)", &[("vi", "9 V")], "0 A"),
        ("rail.vout > 5 V", &[("vi", "7 V"), ("il", "500 mA")], "0"),
        ("rail.vout >= 5000 mV", &[("vi", "7 V"), ("il", "500 mA")], "1"),
        ("min(rail.vout > 4.998 V, over = il)", &vi, "1"),
        ("(line == 1 V) + (line != 1 V) + (line < 2 V)", &vi, "2"),
    ] {
        assert_eq!(at_seven_volts(text, axes).as_deref(), Ok(value), "{text}");
    }
}

#[test]
fn the_unit_may_be_that_of_the_limit() {
    let text = "delta(rail.vout, over = il) / $nominal";
    let expression = bound(text).unwrap().unwrap().in_unit(&"%".parse().unwrap());
    let value = expression.evaluate(&point(&[("vi", "7 V")]), &results()).unwrap();
    assert_eq!(value.to_string(), "0.06 %");
    let expression = expression.in_unit(&Unit::volt());
    assert_eq!(expression.unit().symbol(), "%");
}

#[test]
fn what_is_missing_or_no_number_leaves_nothing_to_say() {
    for (text, axes, reason) in [
        ("max(rail.vout, over = il)", &[("vi", "9 V")][..], "rail/vout[vi=9 V, il=500 mA] is NaN"),
        ("line", &[("vi", "9 V")], "line[vi=9 V] has no value"),
        (
            "crossing(rail.vout, over = il, at = 4 V)",
            &[("vi", "7 V")],
            "the value crosses 4 nowhere",
        ),
        (
            "crossing(rail.vout, over = il, at = 4 V)",
            &[("vi", "9 V")],
            "rail/vout[vi=9 V, il=500 mA] is NaN",
        ),
        ("slope(line, over = vi)", &[], "line[vi=9 V] has no value"),
        ("1 V / (idle - 2.5 V)", &[], "division by zero"),
        ("sqrt(0 V * 1 V - 1 V * 1 V)", &[], "-1 has no square root"),
        ("idle * 1e999999 * 1e999999", &[], "the exact result needs"),
    ] {
        let found = at_seven_volts(text, axes).unwrap_err();
        assert!(found.starts_with(reason), "{text}: {found}");
    }
}

#[test]
fn what_is_left_are_the_axes_of_the_result() {
    for (text, axes) in [
        ("rail.vout", vec!["vi", "il"]),
        ("max(rail.vout, over = il)", vec!["vi"]),
        ("rail.vout * rail.iout + 1 W", vec!["vi", "il"]),
        ("idle", vec![]),
        ("crossing(rail.vout, over = il, at = 4 V)", vec!["vi"]),
        ("crossing(rail.vout, over = il, at = line)", vec!["vi"]),
        ("crossing(line, over = vi, at = 1 V)", vec![]),
        ("rail.vout < 4 V", vec!["vi", "il"]),
    ] {
        let expression = bound(text).unwrap().unwrap();
        let found: Vec<_> = expression.axes().iter().map(AxisValues::name).collect();
        assert_eq!(found, axes, "{text}");
    }
    assert!(bound("broken + idle").unwrap().is_none());
}

#[test]
fn what_does_not_fit_says_where_and_why() {
    for (text, at, wanted) in [
        ("idle + 1 A", 7, "a number in A does not go with a number in V"),
        ("idle + 1", 7, "a pure number"),
        ("rail.vaut", 0, "did you mean 'rail.vout'?"),
        ("max(rail.vout)", 0, "over = AXIS"),
        ("max(idle)", 0, "no axis here"),
        ("max(rail.vout, over = ii)", 22, "did you mean 'vi'?"),
        ("max(rail.vout, over = (il, il))", 27, "no axis 'il'"),
        ("abs(rail.vout, over = il)", 0, "reduces no axis"),
        ("rail.vout - line", 12, "reduce those"),
        ("line - other", 7, "other setpoints"),
        ("sqrt(idle)", 0, "no square root"),
        ("name", 0, "text"),
        ("idle + $nominel", 7, "did you mean 'nominal'?"),
        ("average(idle)", 0, "no function"),
        ("max(rail.vout, axis = il)", 15, "over = AXIS"),
        ("max(rail.vout, over = il, at = 5 V)", 31, "max takes no level"),
        ("slope(rail.vout, over = il, at = 5 V)", 33, "slope takes no level"),
        ("slope(rail.vout)", 0, "one axis: over = AXIS of vi, il"),
        ("slope(rail.vout, over = (vi, il))", 0, "along one axis"),
        ("first(idle)", 0, "there is none here"),
        ("crossing(rail.vout, over = il)", 0, "crossing what?"),
        (
            "crossing(rail.vout, over = il, at = 1 A)",
            36,
            "a number in A is never crossed by a number in V",
        ),
        ("crossing(rail.vout, over = il, at = rail.vout)", 36, "reduce it"),
        ("crossing(rail.vout, over = il, over = vi)", 31, "over = AXIS is wanted here"),
        ("idle < 1 A", 7, "a number in A does not go with a number in V"),
        ("idle < 1 V < 2 V", 11, "too much"),
        ("(idle", 5, ") is wanted"),
        ("idle idle", 5, "too much"),
        ("1 V +", 5, "wanted here"),
        ("", 0, "wanted here"),
        ("5 volts", 2, "did you mean 'V'?"),
    ] {
        let faults = bound(text).unwrap_err();
        assert_eq!(faults[0].span.start, at, "{text}: {}", faults[0].message);
        assert!(faults[0].message.contains(wanted), "{text}: {}", faults[0].message);
    }
    assert_eq!(bound("rail.x + rail.y").unwrap_err().len(), 2);
}

#[test]
fn nothing_is_too_deep_or_too_long() {
    let deep = format!("{}1{}", "(".repeat(500), ")".repeat(500));
    assert!(bound(&deep).unwrap_err()[0].message.contains("inside each other"));
    assert!(bound(&format!("{}1", "-".repeat(4000))).is_err());
    let long = format!("1{}", "+1".repeat(2000));
    assert_eq!(at_seven_volts(&long, &[]).unwrap(), "2001");
}

/// Ten setpoints, each reduced inside of the one before: a number with nine digits of values.
#[test]
fn what_would_never_end_is_given_up() {
    let values = (1..=10).map(|volts| format!("{volts} V").parse().unwrap()).collect();
    let axis = AxisValues::of(vec![("v".to_owned(), values)]);
    let leaf = Leaf { unit: Some(Unit::volt()), axes: vec![axis], ..Leaf::default() };
    let leaves = BTreeMap::from([("x".to_owned(), Some(leaf))]);
    let text = (0..9)
        .fold("mean(x, over = v)".to_owned(), |inner, _| format!("mean(x - {inner}, over = v)"));
    let term = parse_expression(&text).unwrap();
    let expression = bind(&text, &term, &leaves, &Parameters::default()).unwrap().unwrap();
    let measured = (1..=10).map(|volts| {
        let number = Measured::number("1".parse().unwrap(), Unit::volt());
        (point(&[("v", &format!("{volts} V"))]), number)
    });
    let values = Values(BTreeMap::from([("x".to_owned(), measured.collect())]));
    let reason = expression.evaluate(&Point::default(), &values).unwrap_err().reason;
    assert!(reason.contains("more than 1000000 values"), "{reason}");
}

proptest! {
    #[test]
    fn no_text_stops_the_reader(text in "[a-z0-9.$()+\\-*/<> =,V]{0,40}") {
        let _ = bound(&text);
    }
}
