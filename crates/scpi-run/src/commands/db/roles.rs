//! `scpi-run db roles`: who may connect, and as what.

use private_postgres::SUPERUSER;
use result_store::Rights;

use crate::args::{DatabaseArguments, RightsWord, RolesAction};
use crate::commands::print;
use crate::commands::secret_input::read_new;
use crate::commands::table::{Column, table};
use crate::exit::Exit;
use crate::failure::{Failure, Result};
use crate::runtime::block_on;

const COLUMNS: [Column; 2] = [Column::text("login"), Column::text("has the rights of")];

pub(super) fn roles(action: &RolesAction) -> Result<Exit> {
    match action {
        RolesAction::List(database) => list(database),
        RolesAction::Login { name, rights, database } => login(name, (*rights).into(), database),
    }
}

fn list(arguments: &DatabaseArguments) -> Result<Exit> {
    let open = super::open(arguments)?;
    let logins =
        block_on(async { result_store::logins(&open.config).await.map_err(Failure::store) });
    open.close()?;
    let rows: Vec<_> = logins?.into_iter().map(|login| vec![login.name, login.roles]).collect();
    print(&table(&COLUMNS, &rows));
    Ok(Exit::Pass)
}

fn login(name: &str, rights: Rights, arguments: &DatabaseArguments) -> Result<Exit> {
    let password = read_new(&format!("password of {name}"))?;
    let open = super::open(arguments)?;
    let config = open.config_as(SUPERUSER)?;
    let made = block_on(async {
        result_store::set_login(&config, name, rights, &password).await.map_err(Failure::store)
    });
    open.close()?;
    made?;
    print(&format!("{name} may connect with the rights of {}\n", rights.role()));
    Ok(Exit::Pass)
}

impl From<RightsWord> for Rights {
    fn from(word: RightsWord) -> Self {
        match word {
            RightsWord::App => Self::App,
            RightsWord::Readonly => Self::ReadOnly,
            RightsWord::Admin => Self::Admin,
        }
    }
}
