//! Writes the schema that the migrations give, as `pg_dump` sees it: `fixtures/schema.sql` is this.
//!
//! `cargo run -p result-store --example dump_schema > fixtures/schema.sql`

use std::io::Write;

use private_postgres::SUPERUSER;
use result_store::testing::{Error, TestDatabase};
use tokio_postgres::NoTls;

/// What stands before it.
const HEAD: &str =
    "-- What migrations/ gives. Written by: cargo run -p result-store --example dump_schema\n\n";
/// The months follow the clock, and the schema does not.
const DROP_MONTHS: &str = "DO $$ DECLARE month regclass; BEGIN
    FOR month IN SELECT inhrelid FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid
        WHERE relkind = 'r' AND relname !~ '_(default|2025_12)$'
    LOOP EXECUTE 'DROP TABLE ' || month; END LOOP; END $$";
/// Lines that tell of the tool and not of the schema.
const NOISE: [&str; 4] = ["-- Dumped ", "\\restrict ", "\\unrestrict ", "SET transaction_timeout "];

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let database = TestDatabase::new()?;
    let (client, connection) = tokio_postgres::connect(&database.url(SUPERUSER), NoTls).await?;
    let carrier = tokio::spawn(connection);
    client.batch_execute(DROP_MONTHS).await?;
    drop(client);
    carrier.await??;
    std::io::stdout().lock().write_all(dump(&database)?.as_bytes())?;
    Ok(())
}

/// By the tool that lies beside the server's own `psql`.
fn dump(database: &TestDatabase) -> Result<String, Error> {
    let command = database.server().psql(SUPERUSER, database.name())?;
    let mut tool = std::process::Command::new(
        std::path::Path::new(command.get_program()).with_file_name("pg_dump"),
    );
    let variables = command.get_envs().filter_map(|(name, value)| Some((name, value?)));
    tool.envs(variables).args(command.get_args()).arg("--schema-only");
    let output = tool.stderr(std::process::Stdio::inherit()).output()?;
    if !output.status.success() {
        return Err(format!("{tool:?} ended with {}", output.status).into());
    }
    let text = String::from_utf8(output.stdout)?;
    let lines = text.lines().filter(|line| !NOISE.iter().any(|noise| line.starts_with(noise)));
    let mut kept: Vec<&str> = lines.collect();
    kept.dedup_by(|two, one| two.is_empty() && one.is_empty());
    Ok(format!("{HEAD}{}\n", kept.join("\n").trim()))
}
