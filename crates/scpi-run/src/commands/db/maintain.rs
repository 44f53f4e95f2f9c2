//! `scpi-run db maintain`: what a database needs from time to time.

use private_postgres::SUPERUSER;
use result_store::Store;

use crate::args::DatabaseArguments;
use crate::commands::print;
use crate::exit::Exit;
use crate::failure::{Failure, Result};
use crate::runtime::block_on;

/// Refreshes the summary by day, vacuums and analyses.
pub(super) fn maintain(arguments: &DatabaseArguments) -> Result<Exit> {
    let open = super::open(arguments)?;
    let config = open.config_as(SUPERUSER)?;
    let done = block_on(async {
        let mut store = Store::connect(&config).await.map_err(Failure::store)?;
        store.maintain().await.map_err(Failure::store)
    });
    open.close()?;
    let count = done?.len();
    print(&format!("{}: {count} tables vacuumed, the summary by day is fresh\n", config.place()));
    Ok(Exit::Pass)
}
