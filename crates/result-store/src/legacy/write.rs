//! Rows into our tables. A row that the database refuses is found and skipped, and the others go in.

use serde_json::Value;
use tokio_postgres::Transaction;
use tokio_postgres::error::SqlState;

use super::part::LegacyPart;
use super::row::Row;
use super::target::{Counts, Target};
use crate::error::{Cause, described};
use crate::text::Jsonb;

/// SQLSTATE classes of a row that cannot be: data exceptions, and constraints.
const ROW_FAULTS: [&str; 2] = ["22", "23"];

/// Writes rows, all that can be.
pub(super) async fn write(
    transaction: &Transaction<'_>,
    target: &Target,
    rows: &[Row],
    part: &mut LegacyPart,
) -> Result<(), Cause> {
    // Halves of what was refused, until it is one row.
    let mut open = vec![rows];
    while let Some(rows) = open.pop() {
        if rows.is_empty() {
            continue;
        }
        match try_all(transaction, target, rows).await? {
            Ok((made, matched)) => {
                part.made += made;
                part.matched += matched;
            }
            Err(why) => match rows {
                [row] => part.skip(row.id.clone(), why),
                rows => {
                    let (first, second) = rows.split_at(rows.len() / 2);
                    open.extend([second, first]);
                }
            },
        }
    }
    Ok(())
}

/// Writes all of them, or none and why.
async fn try_all(
    transaction: &Transaction<'_>,
    target: &Target,
    rows: &[Row],
) -> Result<Result<(u64, u64), String>, Cause> {
    let list: Vec<&Value> = rows.iter().map(|row| &row.members).collect();
    let list = Jsonb::of(&list)?;
    transaction.batch_execute("SAVEPOINT legacy_rows").await?;
    let (mut made, mut matched) = (0, 0);
    for (counts, statement) in target.statements {
        match transaction.execute(*statement, &[&list]).await {
            Ok(count) => match counts {
                Counts::Made => made += count,
                Counts::Matched => matched += count,
                Counts::Nothing => {}
            },
            Err(error) if is_row_fault(&error) => {
                transaction.batch_execute("ROLLBACK TO SAVEPOINT legacy_rows").await?;
                return Ok(Err(reason(&error)));
            }
            Err(error) => return Err(error.into()),
        }
    }
    transaction.batch_execute("RELEASE SAVEPOINT legacy_rows").await?;
    Ok(Ok((made, matched)))
}

/// Without the row that the server repeats for a check: the reader has it before them.
fn reason(error: &tokio_postgres::Error) -> String {
    match error.as_db_error() {
        Some(told) if told.code() == &SqlState::CHECK_VIOLATION => told.message().to_owned(),
        _ => described(error),
    }
}

fn is_row_fault(error: &tokio_postgres::Error) -> bool {
    let code = error.code().map(|code| code.code());
    code.is_some_and(|code| ROW_FAULTS.iter().any(|class| code.starts_with(class)))
}
