//! Decimals written as NUMERIC, against the server's own reading of their text.

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, TestRunner};
use result_store::testing::TestDatabase;

use crate::journals::{Journals, meter, read, reading, session, start, started};
use crate::{journals, sql};

/// What SCPI instruments send, and what they should not.
fn decimals() -> impl Strategy<Value = String> {
    let mantissa = prop_oneof![
        "[+-]?[0-9]{1,3}\\.[0-9]{1,12}",
        "[+-]?[0-9]{1,20}",
        "[+-]?0{0,4}\\.?0{1,12}",
        "[+-]?[0-9]{0,30}\\.[0-9]{1,40}",
    ];
    let exponent = prop_oneof![
        Just(String::new()),
        (-38..=38).prop_map(|power| format!("E{power:+03}")),
        (-400..=400).prop_map(|power| format!("e{power}")),
    ];
    (mantissa, exponent).prop_map(|(mantissa, exponent)| mantissa + &exponent)
}

#[tokio::test]
async fn every_digit_reaches_the_server() {
    let mut runner = TestRunner::new(Config { failure_persistence: None, ..Config::default() });
    let mut texts: Vec<String> =
        (0..2000).map(|_| decimals().new_tree(&mut runner).unwrap().current()).collect();
    for known in
        ["1.00000000", "-3.2150E-07", "1.2300E+05", "9.9E+37", "-0.000", "1E-16383", "1E131071"]
    {
        texts.push(known.into());
    }
    let journals = Journals::new();
    let head = [started(start(1)), journals::identified(meter(Some("DM3O1")))];
    let numbers = 0_u32..;
    let readings = numbers.zip(&texts).map(|(number, text)| read(reading(1, number, text, text)));
    let journal = journals.write(session(1), &journals::numbered(head.into_iter().chain(readings)));

    let database = TestDatabase::new().unwrap();
    let mut store =
        result_store::Store::connect(&database.config("homelab_app").unwrap()).await.unwrap();
    let done = store.catch_up(&journal).await.unwrap();
    assert_eq!(done.readings, u64::try_from(texts.len()).unwrap());

    let differing = "SELECT metadata ->> 'raw', value::text, (metadata ->> 'raw')::numeric::text
        FROM scpi.measurements WHERE value::text <> (metadata ->> 'raw')::numeric::text";
    assert_eq!(sql::texts(&database, differing).await, Vec::<Vec<String>>::new());
}
