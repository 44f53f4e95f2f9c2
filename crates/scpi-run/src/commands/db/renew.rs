//! `scpi-run db migrate --new-cluster`: our own server's data in a cluster that the newest PostgreSQL made.

use private_postgres::{DATABASE, RUN_ROLE, SUPERUSER};
use result_store::{StoreConfig, let_lock_parents};

use super::moving::copy_all;
use crate::args::DatabaseArguments;
use crate::commands::{print, sync};
use crate::database::{self, Database};
use crate::exit::Exit;
use crate::failure::{Failure, Result};
use crate::runtime::block_on;

/// All of it is dumped, restored beside, and compared; then the new one takes the old one's place.
pub(super) fn renew(arguments: &DatabaseArguments) -> Result<Exit> {
    let Database::Own(cluster) = database::choose_some(arguments)? else {
        return Err(Failure::usage(
            "--new-cluster is for our own server; its people renew another one",
        ));
    };
    let next = private_postgres::successor(&cluster).map_err(Failure::store)?;
    let Some(open) = Database::Own(cluster.clone()).open()? else { return Ok(Exit::Usage) };
    let filled = private_postgres::open(&next).map_err(Failure::store).and_then(|opened| {
        let owner = opened.server.url(SUPERUSER, DATABASE);
        let owner = StoreConfig::from_url(&owner).map_err(Failure::store)?;
        copy_all(&open, &owner)?;
        let grant = let_lock_parents(&owner, RUN_ROLE);
        block_on(async { grant.await.map_err(Failure::store) })?;
        opened.server.release().map_err(Failure::store)
    });
    open.close()?;
    filled?;
    let kept = private_postgres::succeed(&cluster).map_err(Failure::store)?;
    print(&format!(
        "the old cluster is kept in {}; remove it when you are content\n",
        kept.display()
    ));
    // What was recorded in the old one meanwhile.
    sync::sync(arguments, false)
}
