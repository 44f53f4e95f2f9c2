//! Writes every object that the migrations give: `fixtures/schema/catalogue.txt` is this, and `db verify` compares with
//! it.
//!
//! `cargo run -p result-store --example dump_catalogue > fixtures/schema/catalogue.txt`

use std::io::Write;

use result_store::testing::{Error, TestDatabase};

fn main() -> Result<(), Error> {
    let catalogue = TestDatabase::new()?.catalogue()?;
    std::io::stdout().lock().write_all(catalogue.as_bytes())?;
    Ok(())
}
