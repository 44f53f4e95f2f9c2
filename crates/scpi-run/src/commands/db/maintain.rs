//! `scpi-run db maintain`: what a database needs from time to time.

use bench_model::Timestamp;
use private_postgres::SUPERUSER;
use result_store::Store;

use super::retention;
use crate::args::{DatabaseArguments, RetentionArguments};
use crate::commands::print;
use crate::exit::Exit;
use crate::failure::{Failure, Result};
use crate::runtime::block_on;

/// Refreshes the summary by day, vacuums and analyses; before that old waveforms go, and after it old
/// journals, where that was asked for.
pub(super) fn maintain(
    arguments: &DatabaseArguments,
    drop_waveforms_before: Option<Timestamp>,
    journals: &RetentionArguments,
) -> Result<Exit> {
    let open = super::open(arguments)?;
    let config = open.config_as(SUPERUSER)?;
    let done = block_on(async {
        let mut store = Store::connect(&config).await.map_err(Failure::store)?;
        if let Some(before) = drop_waveforms_before {
            let dropped = store.drop_waveform_codes(before).await.map_err(Failure::store)?;
            print(&format!("{dropped} waveforms from before {before} have lost their codes\n"));
        }
        let tables = store.maintain().await.map_err(Failure::store)?.len();
        Ok((tables, retention::put_away(&mut store, journals).await?))
    });
    open.close()?;
    let (count, put_away) = done?;
    print(&format!("{}: {count} tables vacuumed, the summary by day is fresh\n", config.place()));
    print(&put_away);
    Ok(Exit::Pass)
}
