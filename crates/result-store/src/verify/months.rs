//! The months of the time series: all there, each what its name says, and as open as the others.

use std::collections::{BTreeMap, BTreeSet};

use tokio_postgres::{Row, Transaction};

use super::{Fault, Finding};
use crate::partitions::{self, MONTHS_AHEAD, Partition};

/// Months from this one on, and the bound of each as the server writes it.
const MONTHS: &str = "SELECT to_char(month, 'YYYY-MM') FROM generate_series(
    date_trunc('month', now()), date_trunc('month', now()) + make_interval(months => $1), interval '1 month') AS month";
/// The bounds of a month as the server writes them.
const BOUNDS: &str = "SELECT format('FOR VALUES FROM (%L) TO (%L)',
    $1::text::timestamptz, $1::text::timestamptz + interval '1 month')";
/// Where a part has other rights, another owner or fewer indexes than DEFAULT of its table.
const PARTS: &str = "
    WITH part AS (
        SELECT inhparent, oid, format('%s.%s', relnamespace::regnamespace, relname) AS name, relowner,
            (SELECT count(*) FROM pg_index WHERE indrelid = pg_class.oid AND indisvalid) AS indexes,
            (SELECT coalesce(string_agg(one::text, ' ' ORDER BY one::text), '') FROM
                (SELECT grantee, privilege_type FROM aclexplode(relacl) WHERE grantee <> relowner) AS one
            ) AS rights
        FROM pg_inherits JOIN pg_class ON oid = inhrelid
    )
    SELECT part.name, concat_ws(', ',
        CASE WHEN part.rights <> rest.rights THEN 'the rights' END,
        CASE WHEN part.relowner <> rest.relowner THEN 'the owner' END,
        CASE WHEN part.indexes <> rest.indexes THEN 'the indexes' END)
    FROM pg_partitioned_table
    JOIN part ON part.inhparent = partrelid
    JOIN part AS rest ON rest.oid = partdefid
    WHERE (part.rights, part.relowner, part.indexes) IS DISTINCT FROM (rest.rights, rest.relowner, rest.indexes)
    ORDER BY 1";

/// What is wrong with the months.
pub(super) async fn check(
    transaction: &Transaction<'_>,
) -> Result<Vec<Finding>, tokio_postgres::Error> {
    let partitions = partitions::read(transaction).await?;
    let ahead = i32::try_from(MONTHS_AHEAD).unwrap_or_default();
    let rows = transaction.query(MONTHS, &[&ahead]).await?;
    let wanted = rows.iter().map(|row| row.try_get(0)).collect::<Result<Vec<String>, _>>()?;
    let mut findings = missing(&partitions, &wanted);
    findings.extend(odd(transaction, &partitions).await?);
    let differing = |row: &Row| {
        let what: &str = row.try_get(1)?;
        let fault = Fault::Different {
            found: format!("other in {what}"),
            wanted: "as DEFAULT of its table is".into(),
        };
        Ok(Finding { object: format!("partition {}", row.try_get::<_, &str>(0)?), fault })
    };
    let rows = transaction.query(PARTS, &[]).await?;
    findings.extend(rows.iter().map(differing).collect::<Result<Vec<_>, tokio_postgres::Error>>()?);
    Ok(findings)
}

/// Months that should be there by now.
fn missing(partitions: &[Partition], wanted: &[String]) -> Vec<Finding> {
    let mut families: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for partition in partitions {
        families.entry(&partition.family).or_default().extend(partition.month());
    }
    let gaps = families.iter().flat_map(|(family, months)| {
        let gaps = wanted.iter().filter(|month| !months.contains(*month));
        gaps.map(move |month| Finding {
            object: format!("partition {family}_{}", month.replace('-', "_")),
            fault: Fault::Missing,
        })
    });
    gaps.collect()
}

/// Months that are not what they are called.
async fn odd(
    transaction: &Transaction<'_>,
    partitions: &[Partition],
) -> Result<Vec<Finding>, tokio_postgres::Error> {
    let mut findings = Vec::new();
    for partition in partitions.iter().filter(|partition| !partition.is_default) {
        let object = format!("partition {partition}");
        let Some(month) = partition.month() else {
            findings.push(Finding { object, fault: Fault::Foreign });
            continue;
        };
        let first = format!("{month}-01 00:00+00");
        let wanted: String = transaction.query_one(BOUNDS, &[&first]).await?.try_get(0)?;
        if wanted != partition.bounds {
            let fault = Fault::Different { found: partition.bounds.clone(), wanted };
            findings.push(Finding { object, fault });
        }
    }
    Ok(findings)
}
