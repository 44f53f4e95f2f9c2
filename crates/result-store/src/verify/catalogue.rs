//! Every object, grant and default privilege, against a list of them that is compiled in.

use std::collections::BTreeMap;

use tokio_postgres::{Row, Transaction};

use super::{Fault, Finding};

const QUERY: &str = include_str!("catalogue.sql");
/// What [`read`] gives for a database that was just made; a test compares it.
const WANTED: &str = include_str!("../../../../fixtures/schema/catalogue.txt");

/// Objects and what they are: `index scpi.idx_x` and its definition.
pub(crate) type Catalogue = BTreeMap<String, String>;

/// As the server has it. The search path of the transaction must be empty.
pub(crate) async fn read(
    transaction: &Transaction<'_>,
) -> Result<Catalogue, tokio_postgres::Error> {
    let line = |row: &Row| {
        let (kind, name): (&str, Option<&str>) = (row.try_get(0)?, row.try_get(1)?);
        let detail: Option<String> = row.try_get(2)?;
        let object = format!("{kind} {}", name.unwrap_or_default());
        Ok((object, detail.unwrap_or_default()))
    };
    transaction.query(QUERY, &[]).await?.iter().map(line).collect()
}

/// As the fixture has it.
#[cfg(feature = "testing")]
pub(crate) fn text(catalogue: &Catalogue) -> String {
    catalogue.iter().map(|(object, detail)| format!("{object}\t{detail}\n")).collect()
}

fn wanted() -> Catalogue {
    let lines = WANTED.lines().filter_map(|line| line.split_once('\t'));
    lines.map(|(object, detail)| (object.to_owned(), detail.to_owned())).collect()
}

/// Where they differ.
pub(super) fn compare(found: &Catalogue) -> Vec<Finding> {
    differences(found, &wanted())
}

fn differences(found: &Catalogue, wanted: &Catalogue) -> Vec<Finding> {
    let finding = |object: &String, fault| Finding { object: object.clone(), fault };
    let missing = wanted.iter().filter_map(|(object, wanted)| match found.get(object) {
        None => Some(finding(object, Fault::Missing)),
        Some(found) if found != wanted => {
            let (found, wanted) = (found.clone(), wanted.clone());
            Some(finding(object, Fault::Different { found, wanted }))
        }
        Some(_) => None,
    });
    let foreign = found.keys().filter(|object| !wanted.contains_key(*object));
    missing.chain(foreign.map(|object| finding(object, Fault::Foreign))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_differs_is_told_as_what_it_is() {
        let catalogue = |lines: &[(&str, &str)]| -> Catalogue {
            lines.iter().map(|(object, detail)| (object.to_string(), detail.to_string())).collect()
        };
        let wanted = catalogue(&[("index a", "on x"), ("table b", ""), ("table c", "")]);
        let found = catalogue(&[("index a", "on y"), ("table c", ""), ("table d", "")]);
        let told: Vec<_> = differences(&found, &wanted).iter().map(ToString::to_string).collect();
        let expected = [
            "index a is 'on y' and should be 'on x'",
            "table b is missing",
            "table d is not from the migrations",
        ];
        assert_eq!(told, expected);
    }
}
