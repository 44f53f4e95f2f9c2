use bench_catalog::Range;
use bench_model::{Coordinate, Decimal, Limit, Point, Unit};
use proptest::prelude::*;

use crate::source::TextFault;
use crate::text::{Given, Parameters};

use super::{Drift, Surroundings, parse_limit, resolve};

fn resolved_in(
    text: &str,
    unit: Option<&str>,
    range: Option<&Range>,
    axes: &[(&str, &str)],
) -> Result<Limit, TextFault> {
    let mut parameters = Parameters::default();
    parameters.set("max", Given::of("1.2 A"));
    parameters.set("tolerance", Given::of("1 %"));
    parameters.set("word", Given::of("CV"));
    let coordinate = |(axis, value): &(&str, &str)| Coordinate {
        axis: (*axis).to_owned(),
        value: value.parse().unwrap(),
    };
    let point = Point(axes.iter().map(coordinate).collect());
    let unit = unit.map(|unit| unit.parse::<Unit>().unwrap());
    let around = Surroundings {
        parameters: &parameters,
        point: &point,
        range,
        unit: unit.as_ref(),
        drift: None,
    };
    resolve(&parse_limit(text)?, &around)
}

fn resolved(text: &str, unit: &str) -> String {
    resolved_in(text, Some(unit), None, &[]).unwrap().to_string()
}

#[test]
fn limits_are_resolved_exactly() {
    for (text, unit, shown) in [
        ("4.75 V .. 5.25 V", "V", "4.75 V .. 5.25 V"),
        ("4.75V..5.25V", "V", "4.75 V .. 5.25 V"),
        ("4750 mV .. 5.25 V", "V", "4.750 V .. 5.25 V"),
        (">= 1 V", "V", ">= 1 V"),
        ("> 1 V", "V", "> 1 V"),
        ("< 5 mV", "V", "< 5 mV"),
        ("≤ 5 mV", "V", "<= 5 mV"),
        ("> 1 V .. < 2 V", "V", "> 1 V .. < 2 V"),
        ("1 V .. < 2 V", "V", "1 V .. < 2 V"),
        (">= 1 V .. <= 2 V", "V", "1 V .. 2 V"),
        ("5 V ± 1 %", "V", "4.95 V .. 5.05 V"),
        ("5 V +/- 1 %", "V", "4.95 V .. 5.05 V"),
        ("5 V±50 mV", "V", "4.95 V .. 5.05 V"),
        ("-5 V ± 1 %", "V", "-5.05 V .. -4.95 V"),
        ("1 A ± (0.2 % + 10 mA)", "A", "988 mA .. 1.012 A"),
        ("10 kOhm ± 100 ppm", "Ω", "9.999 kΩ .. 10.001 kΩ"),
        ("5 V +2 % -1 %", "V", "4.95 V .. 5.1 V"),
        ("5 V -1 % +2 %", "V", "4.95 V .. 5.1 V"),
        ("5 V + 100 mV - 0 V", "V", "5 V .. 5.1 V"),
        ("100 \u{3bc}s ± 1 us", "s", "99 µs .. 101 µs"),
        ("<= 0.4 %", "", "<= 0.4 %"),
        ("1 ± 1 %", "", "0.99 .. 1.01"),
        ("5 % ± 10 % rdg", "", "4.5 % .. 5.5 %"),
        ("500 ppm .. 0.1 %", "", "0.000500 .. 0.001"),
        ("== 3", "", "== 3"),
        ("= 3 V", "V", "== 3 V"),
        ("one of 1, 2,5", "", "one of 1, 2, 5"),
        ("one of 100 mV, 1 V", "V", "one of 100 mV, 1 V"),
        ("overload", "Ω", "overload"),
        ("bits 4, 7 set and 0-3 clear", "", "bits 4, 7 set and bits 0-3 clear"),
        ("10 °C .. 40 °C", "°C", "10 °C .. 40 °C"),
        ("<= $max", "A", "<= 1.2 A"),
        ("-$max .. $max", "A", "-1.2 A .. 1.2 A"),
        ("$max ± $tolerance", "A", "1.188 A .. 1.212 A"),
        ("1 h .. 2 h", "s", "3.6 ks .. 7.2 ks"),
    ] {
        assert_eq!(resolved(text, unit), shown, "{text}");
    }
}

#[test]
fn tolerances_grow_with_years_and_with_degrees() {
    let range = Range::Fixed("10 V".parse().unwrap());
    let (parameters, point, unit) = (Parameters::default(), Point::default(), Unit::volt());
    let with = |text: &str, years: &str, degrees: &str| {
        let drift =
            Drift { years: Ok(years.parse().unwrap()), degrees: Ok(degrees.parse().unwrap()) };
        let around = Surroundings {
            parameters: &parameters,
            point: &point,
            range: Some(&range),
            unit: Some(&unit),
            drift: Some(&drift),
        };
        resolve(&parse_limit(text).unwrap(), &around).unwrap().to_string()
    };
    for (text, years, degrees, shown) in [
        ("10 V ± (4 ppm + 2 ppm/year)", "0", "0", "9.99996 V .. 10.00004 V"),
        ("10 V ± (4 ppm + 2 ppm/year)", "1.5", "0", "9.99993 V .. 10.00007 V"),
        ("10 V ± (4 ppm + 10 µV / year)", "2", "0", "9.99994 V .. 10.00006 V"),
        ("5 V ± (1 ppm/year range)", "1", "0", "4.99999 V .. 5.00001 V"),
        ("10 V ± (35 ppm rdg + 5 ppm/°C rdg)", "0", "0", "9.99965 V .. 10.00035 V"),
        ("10 V ± (35 ppm rdg + 5 ppm/°C rdg)", "0", "3", "9.9995 V .. 10.0005 V"),
        ("5 V ± (1 ppm/°C range)", "0", "2", "4.99998 V .. 5.00002 V"),
    ] {
        assert_eq!(with(text, years, degrees), shown, "{text} {years} {degrees}");
    }
    // Of a bench of which nothing is known: a year, in comfort.
    let assumed = resolved_in("10 V ± (4 ppm + 2 ppm/year)", Some("V"), None, &[]);
    assert_eq!(assumed.unwrap().to_string(), "9.99994 V .. 10.00006 V");
    let unknown = Drift { years: Err("nobody knows".to_owned()), ..Drift::default() };
    let around = Surroundings {
        parameters: &parameters,
        point: &point,
        range: None,
        unit: Some(&unit),
        drift: Some(&unknown),
    };
    let found = resolve(&parse_limit("10 V ± (4 ppm + 2 ppm/year)").unwrap(), &around);
    let fault = found.unwrap_err();
    assert_eq!((fault.message.as_str(), fault.span), ("nobody knows", 17..27));
}

#[test]
fn limits_of_words_are_for_text() {
    for (text, shown) in [
        ("\"ON\"", "\"ON\""),
        ("== 'ON'", "\"ON\""),
        ("one of \"ON\", \"1\"", "one of [\"ON\", \"1\"]"),
        ("\"$word\"", "\"CV\""),
        ("/C[VC]$/", "matches /C[VC]$/"),
        ("/a/b/", "matches /a/b/"),
    ] {
        assert_eq!(resolved_in(text, None, None, &[]).unwrap().to_string(), shown, "{text}");
        assert!(resolved_in(text, Some("V"), None, &[]).is_err(), "{text}");
    }
    assert!(resolved_in("5 V ± 1 %", None, None, &[]).is_err());
}

#[test]
fn parts_of_reading_and_range_are_those_in_force() {
    let fixed = Range::Fixed("10 V".parse().unwrap());
    let limit = |text, range| resolved_in(text, Some("V"), range, &[]);
    let shown = limit("5 V ± (35 ppm rdg + 5 ppm range)", Some(&fixed)).unwrap().to_string();
    assert_eq!(shown, "4.999775 V .. 5.000225 V");
    let shown = limit("5 V ± 5 ppm of range", Some(&fixed)).unwrap().to_string();
    assert_eq!(shown, "4.99995 V .. 5.00005 V");
    for range in [None, Some(&Range::Auto)] {
        assert_eq!(limit("5 V ± (1 % + 5 ppm range)", range).unwrap_err().span.start, 14);
    }
}

#[test]
fn setpoints_are_those_of_the_point() {
    let limit =
        |text, axes: &[_]| resolved_in(text, Some("V"), None, axes).map(|limit| limit.to_string());
    let one = [("vi", "7.000 V")];
    let two = [("vi", "7 V"), ("il", "100 mA")];
    let wanted = "6.9865 V .. 7.0135 V";
    assert_eq!(limit("setpoint ± (0.05 % + 10 mV)", &one).unwrap(), wanted);
    assert_eq!(limit("setpoint.vi ± (0.05 % + 10 mV)", &two).unwrap(), wanted);
    assert_eq!(limit(">= setpoint", &one).unwrap(), ">= 7.000 V");
    assert!(limit("setpoint ± 1 %", &two).unwrap_err().message.contains("vi, il"));
    assert!(limit("setpoint.il ± 1 %", &two).unwrap_err().message.contains("in V"));
}

#[test]
fn what_is_no_limit_says_where_and_why() {
    for (text, unit, at, wanted) in [
        ("5 V", "V", 3, "how far"),
        ("", "V", 0, "a limit is such as"),
        ("5 V ..", "V", 6, "a quantity is wanted"),
        ("5 V .. 4 V", "V", 0, "nothing can meet"),
        ("> 5 V .. 5 V", "V", 2, "itself outside"),
        ("4 V .. 5 A", "V", 7, "in A"),
        ("4.75 .. 5.25 V", "V", 0, "write 4.75 V"),
        ("5 V ± 1 A", "V", 7, "in A"),
        ("5 V ± 1", "V", 7, "write 1 V"),
        ("5 V ± 1 V rdg", "V", 7, "as a part"),
        ("5 V ± -1 %", "V", 7, "below zero"),
        ("5 V ± (1 % + 5 mV", "V", 18, ") is wanted"),
        ("5 % ± 1 %", "", 7, "1 % rdg"),
        ("± 1 %", "V", 0, "nominal"),
        ("5 V +2 %", "V", 8, "a quantity"),
        ("5 V 6 V", "V", 4, "is wanted here"),
        ("5 volts ± 1 %", "V", 2, "did you mean 'V'?"),
        ("ON", "V", 0, "\"ON\""),
        ("one 1, 2", "", 3, "one of"),
        ("< 2 V .. 3 V", "V", 0, "lower bound stands first"),
        (">= 1 V and more", "V", 7, "too much"),
        ("<= $mix", "A", 3, "did you mean 'max'?"),
        ("\"ON", "V", 0, "closing"),
        ("/(/", "V", 0, "regular expression"),
        ("setpoint ± 1 %", "V", 0, "outside of a sweep"),
    ] {
        let fault = resolved_in(text, Some(unit), None, &[]).unwrap_err();
        assert_eq!(fault.span.start, at, "{text}: {}", fault.message);
        assert!(fault.message.contains(wanted), "{text}: {}", fault.message);
    }
}

proptest! {
    /// Of bounds that are computed in binary floating point, one in six rejects a reading that lies on it.
    #[test]
    fn a_reading_on_the_bound_of_a_percentage_passes(
        nominal in 1_u32..200_000,
        nominal_decimals in 0_u32..5,
        percent in 0_u32..50_000,
        percent_decimals in 0_u32..5,
    ) {
        let scaled = |digits: u32, decimals: u32| {
            Decimal::from(digits).scale_by_power_of_ten(-i32::try_from(decimals).unwrap()).unwrap()
        };
        let (nominal, percent) =
            (scaled(nominal, nominal_decimals), scaled(percent, percent_decimals));
        let text = format!("{} V ± {} %", nominal.to_plain_string(), percent.to_plain_string());
        let limit = resolved_in(&text, Some("V"), None, &[]).unwrap();
        let part = nominal.checked_mul(&percent).unwrap().scale_by_power_of_ten(-2).unwrap();
        let on = [nominal.checked_sub(&part).unwrap(), nominal.checked_add(&part).unwrap()];
        let above = on[1].checked_add(&"1E-20".parse().unwrap()).unwrap();
        let verdict = |value: &Decimal| {
            let value = bench_model::Value::Finite(value.clone());
            limit.judge(&bench_model::Measured::number(value, Unit::volt())).verdict()
        };
        prop_assert_eq!(verdict(&on[0]), bench_model::Verdict::Pass, "{}", text);
        prop_assert_eq!(verdict(&on[1]), bench_model::Verdict::Pass, "{}", text);
        prop_assert_eq!(verdict(&above), bench_model::Verdict::Fail, "{}", text);
    }

    #[test]
    fn no_text_at_all_stops_the_reader(text in "\\PC{0,40}") {
        let _ = parse_limit(&text);
    }

    #[test]
    fn no_text_of_its_own_letters_stops_the_reader(
        text in "[0-9.eE±+\\-%() VmA$a-z\"/<>=,]{0,30}",
    ) {
        let _ = resolved_in(&text, Some("V"), None, &[("a", "1 V")]);
    }
}
