//! Parquet, read back by the reader of the `parquet` crate.

use bench_model::SessionStatus;
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::record::{Field, Row};
use test_report::{ParquetError, parquet};

use crate::run::{Run, hostile, leaf, range, start};

fn file(run: &Run) -> SerializedFileReader<bytes::Bytes> {
    SerializedFileReader::new(bytes::Bytes::from(parquet(&run.records).unwrap())).unwrap()
}

fn cell(row: &Row, name: &str) -> String {
    let found = row.get_column_iter().find(|(own, _)| *own == name);
    match found.unwrap_or_else(|| panic!("{name} in {row}")).1 {
        Field::Str(text) => text.clone(),
        other => other.to_string(),
    }
}

#[test]
fn every_reading_is_a_row_with_exact_decimals() {
    let mut run = Run::begin(start(1));
    let place = || leaf("rail/vout", &[("vi", "7 V"), ("il", "250 mA")]);
    let values = ["+5.01200000E+00", "-1.50E-3", "Infinity", "NaN", "9.9E37"];
    let judged = place().measured("5.012", "V").by("dmm", "dmm");
    run.sampled(judged.within(range(Some("4.9"), Some("5.1"), "V")), &values);
    run.reading(&leaf("loose", &[]), "1");
    run.end(SessionStatus::Completed, None);
    let file = file(&run);
    let rows: Vec<Row> = file.get_row_iter(None).unwrap().map(Result::unwrap).collect();
    assert_eq!(rows.len(), 6);
    for (row, wanted) in rows.iter().zip([
        ["5.01200000", "5.01200000", "+5.01200000E+00", "7.", "0.250", "PASS"],
        ["-0.00150000", "-0.00150", "-1.50E-3", "7.", "0.250", "PASS"],
        ["null", "Infinity", "Infinity", "7.", "0.250", "PASS"],
        ["null", "NaN", "NaN", "7.", "0.250", "PASS"],
        // 10^38 needs 47 digits beside eight decimals.
        ["null", "9.9E37", "9.9E37", "7.", "0.250", "PASS"],
        ["1.00000000", "1", "1", "null", "null", "null"],
    ]) {
        let names = ["value", "value_text", "raw", "axis vi [V]", "axis il [A]", "verdict"];
        assert_eq!(names.map(|name| cell(row, name)), wanted);
    }
    assert_eq!(cell(&rows[0], "limit"), "4.9 V .. 5.1 V");
    assert_eq!(cell(&rows[0], "taken_at"), "1760000000100000000", "nanoseconds");
}

#[test]
fn a_file_says_whose_it_is_and_what_it_cannot_carry() {
    let mut run = Run::begin(start(1));
    run.end(SessionStatus::Completed, None);
    let file = file(&run);
    assert_eq!(file.metadata().file_metadata().num_rows(), 0, "a run without readings is a file");
    let about = file.metadata().file_metadata().key_value_metadata().unwrap();
    let of = |key: &str| about.iter().find(|own| own.key == key).and_then(|own| own.value.clone());
    assert_eq!(of("scpi_run.session"), Some(start(1).session.to_string()));
    assert_eq!(of("scpi_run.simulated").as_deref(), Some("true"));
    assert!(of("scpi_run.left_out").unwrap().contains("waveforms"));
    assert!(matches!(parquet(&[]), Err(ParquetError::NoStart)));
}

#[test]
fn names_of_any_kind_are_names_of_columns() {
    let mut run = hostile();
    run.reading(&leaf("odd", &[("a\"\0\u{202e}\n", "1 V"), (&"n".repeat(10_000), "1 V")]), "1");
    let file = file(&run);
    let rows = file.get_row_iter(None).unwrap().filter(Result::is_ok).count();
    assert!(rows > 0);
}
