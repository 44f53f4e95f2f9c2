//! The migrations that this version holds.

use refinery::Migration;
use sha2::{Digest, Sha256};

#[allow(missing_docs, clippy::unwrap_used, unreachable_pub, reason = "the macro's code, not ours")]
mod files {
    refinery::embed_migrations!("../../migrations");
}

/// Makes the roles that are missing; run before the migrations.
pub(crate) const ROLES: &str = include_str!("../../../migrations/roles.sql");
/// Says who may do what; run after the migrations.
pub(crate) const GRANTS: &str = include_str!("../../../migrations/grants.sql");
/// The table of applied migrations.
pub(crate) const HISTORY: &str = "scpi_run.schema_history";

/// What applies them.
pub(crate) fn runner() -> refinery::Runner {
    let mut runner = files::migrations::runner();
    runner.set_migration_table_name(HISTORY);
    runner
}

/// All of them in order.
pub(crate) fn migrations() -> Vec<Migration> {
    let mut all = runner().get_migrations().clone();
    all.sort();
    all
}

/// The version that they lead to.
pub(crate) fn version() -> u32 {
    let last = migrations().last().map(Migration::version);
    last.and_then(|version| u32::try_from(version).ok()).unwrap_or_default()
}

/// A short name for exactly this set of migrations, roles and grants.
#[cfg_attr(not(feature = "testing"), expect(dead_code, reason = "names the tests' template"))]
pub(crate) fn fingerprint() -> String {
    let mut hash = Sha256::new();
    for migration in migrations() {
        hash.update(migration.checksum().to_be_bytes());
    }
    let hash = hash.chain_update(ROLES).chain_update(GRANTS).finalize();
    hash.iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_count_from_one_without_gaps() {
        let versions: Vec<_> = migrations().iter().map(Migration::version).collect();
        let expected: Vec<i32> = (1..).take(versions.len()).collect();
        assert_eq!(versions, expected);
        assert_eq!(usize::try_from(version()).unwrap(), versions.len());
    }
}
