//! What needs no wire: lists, blocks and single answers that are in memory already.

use std::hint::black_box;

use scpi_protocol::preamble::{Preamble, Values};
use scpi_protocol::response::{Response, decode_list};

use crate::Report;

const VALUES: usize = 1_000_000;
const ANSWERS: usize = 100_000;

pub(crate) fn rows(report: &mut Report) {
    list(report, "list of 10^6 NR3 of one layout / split and parse", (3.0, 4.0), |random| {
        let mantissa = random % 900_000_000 + 100_000_000;
        let sign = if random >> 60 & 1 == 1 { '-' } else { '+' };
        let power = (random >> 40) % 13;
        let power =
            if power < 9 { format!("-{:02}", 9 - power) } else { format!("+{:02}", power - 9) };
        format!("{sign}{}.{:08}E{power}", mantissa / 100_000_000, mantissa % 100_000_000)
    });
    list(report, "list of 10^6 numbers of mixed widths / split and parse", (1.3, 1.6), |random| {
        let digits = (random >> 40) % 9 + 1;
        format!("{:.*}", digits as usize, (random % 2_000_000) as f64 / 1000.0 - 1000.0)
    });
    values(report);
    answers(report);
}

fn list(report: &mut Report, what: &str, goals: (f64, f64), number: impl Fn(u64) -> String) {
    if !report.wants(what) {
        return;
    }
    let mut state = 88_172_645_463_325_252_u64;
    let texts: Vec<_> = std::iter::repeat_with(|| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        number(state)
    })
    .take(VALUES)
    .collect();
    let list = texts.join(",");
    let (mut theirs, mut own) = (Vec::with_capacity(VALUES), Vec::with_capacity(VALUES));
    report.row(
        what,
        goals,
        || {
            theirs.clear();
            theirs.extend(list.split(',').map(|text| text.parse::<f64>().unwrap()));
        },
        || {
            own.clear();
            decode_list(list.as_bytes(), &mut own).unwrap();
        },
    );
    assert!(theirs.is_empty() || theirs == own, "both read the same");
}

/// Against a copy of the bytes that come out.
fn values(report: &mut Report) {
    let answer = Response::new(b"1,2,2,1,1E-6,0,0,1E-3,0.5,128".to_vec());
    let scale = Values::of(&Preamble::keysight(&answer).unwrap()).unwrap();
    let block = vec![7_u8; 2 * VALUES];
    let (source, mut copy) = (vec![0.5_f64; VALUES], vec![0.0_f64; VALUES]);
    let mut made = Vec::with_capacity(VALUES);
    report.row(
        "10^6 samples of two bytes to volts / memcpy of the volts",
        (0.75, 0.95),
        || {
            copy.copy_from_slice(&source);
            black_box(&copy);
        },
        || {
            made.clear();
            let mut scale = scale;
            scale.push(black_box(&block), &mut made);
            black_box(&made);
        },
    );
}

/// Single answers against what one would write by hand for just that answer.
fn answers(report: &mut Report) {
    let response = |text: &str| Response::new(text.as_bytes().to_vec());
    let goals = (1.0 / 3.0, 0.5);
    let number = response("+1.23456789E+00");
    let text = |response: &Response| std::str::from_utf8(black_box(response).raw()).unwrap().len();
    report.row(
        "answer: a number, its digits / by hand",
        goals,
        || times(|| check_number(black_box(number.raw()))),
        || times(|| black_box(&number).number().unwrap().text.len()),
    );
    let integer = response("8193");
    report.row(
        "answer: an integer / by hand",
        goals,
        || times(|| text(&integer) + integer_by_hand(&integer)),
        || times(|| black_box(&integer).integer().unwrap() as usize),
    );
    let switch = response("1");
    report.row(
        "answer: a switch / by hand",
        goals,
        || times(|| usize::from(black_box(&switch).raw().trim_ascii() == b"1")),
        || times(|| usize::from(black_box(&switch).boolean().unwrap())),
    );
    let string = response("\"VOLT +1.0E+01\"");
    report.row(
        "answer: a string / by hand",
        goals,
        || times(|| string_by_hand(black_box(&string)).len()),
        || times(|| black_box(&string).string().unwrap().len()),
    );
}

fn times(one: impl Fn() -> usize) {
    let sum: usize = (0..ANSWERS).map(|_| one()).sum();
    black_box(sum);
}

/// Sign, digits, point, digits, exponent: every byte looked at once.
fn check_number(text: &[u8]) -> usize {
    let fits = text.iter().all(|byte| byte.is_ascii_digit() || b"+-.eE".contains(byte));
    assert!(fits && !text.is_empty());
    std::str::from_utf8(text).unwrap().len()
}

fn integer_by_hand(response: &Response) -> usize {
    let text = std::str::from_utf8(response.raw()).unwrap();
    text.trim().parse::<i64>().unwrap() as usize
}

fn string_by_hand(response: &Response) -> String {
    let text = std::str::from_utf8(response.raw()).unwrap();
    text.strip_prefix('"').unwrap().strip_suffix('"').unwrap().replace("\"\"", "\"")
}
