//! `scpi-run db partitions`: the months of the time series.

use result_store::Partition;

use crate::args::DatabaseArguments;
use crate::commands::print;
use crate::commands::table::{Column, table};
use crate::exit::Exit;
use crate::failure::{Failure, Result};
use crate::runtime::block_on;

const COLUMNS: [Column; 4] = [
    Column::text("partition"),
    Column::number("rows"),
    Column::number("kB"),
    Column::text("holds"),
];

/// Lists them, after making this month and so many after it, where that is asked for.
pub(super) fn partitions(arguments: &DatabaseArguments, ahead: Option<u32>) -> Result<Exit> {
    let open = super::open(arguments)?;
    let listed = block_on(async {
        let mut store = open.connect().await.map_err(Failure::store)?;
        let made = match ahead {
            Some(months) => Some(store.make_months_ahead(months).await.map_err(Failure::store)?),
            None => None,
        };
        Ok((made, store.partitions().await.map_err(Failure::store)?))
    });
    open.close()?;
    let (made, partitions) = listed?;
    let rows: Vec<_> = partitions.iter().map(row).collect();
    print(&table(&COLUMNS, &rows));
    if let Some(made) = made {
        print(&format!("{made} partitions were made\n"));
    }
    Ok(Exit::Pass)
}

fn row(partition: &Partition) -> Vec<String> {
    let holds = match partition.month() {
        Some(month) => month,
        None if partition.is_default => "what is in no month".to_owned(),
        None => partition.bounds.clone(),
    };
    // Of a small table the server may have counted nothing yet.
    let rows = partition.rows.to_string();
    vec![partition.name.clone(), rows, partition.bytes.div_ceil(1000).to_string(), holds]
}
