//! Sites: places of one bench in which several DUTs are tested at the same time.

use std::collections::{BTreeMap, BTreeSet};

use crate::bench::RoleTarget;

/// How many sites a bench may have.
pub const MAX_SITES: usize = 1024;

/// A place for one DUT.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Site {
    /// The serial number of the DUT that always sits there.
    #[serde(default)]
    pub dut: Option<String>,
    /// Who plays which role there; the bench's own roles are shared with all other sites.
    #[serde(default)]
    pub roles: BTreeMap<String, RoleTarget>,
}

/// What is wrong with sites, and what would be right.
#[must_use]
pub fn fault(sites: &BTreeMap<String, Site>) -> Option<String> {
    if sites.len() > MAX_SITES {
        return Some(format!("{} sites are too many: at most {MAX_SITES}", sites.len()));
    }
    let is_wrong = |name: &&String| {
        name.is_empty() || !name.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '-')
    };
    let wrong = sites.keys().find(is_wrong)?;
    Some(format!("'{wrong}' is no name of a site: letters, digits, _ and - are wanted"))
}

/// The name of a bench as one of its sites has it.
#[must_use]
pub fn name_of(bench: &str, site: &str) -> String {
    format!("{bench}/{site}")
}

/// Instruments that play a role at more than one of the sites. `of_site` has the targets of each.
#[must_use]
pub fn shared<'t>(of_site: impl Iterator<Item = Vec<&'t RoleTarget>>) -> BTreeSet<String> {
    let (mut seen, mut shared) = (BTreeSet::new(), BTreeSet::new());
    for targets in of_site {
        let own: BTreeSet<_> = targets.into_iter().map(|target| &target.instrument).collect();
        shared.extend(own.intersection(&seen).map(|name| (*name).clone()));
        seen.extend(own);
    }
    shared
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::Bench;

    #[test]
    fn a_site_has_its_own_roles_and_shares_the_others() {
        let text = "name = 'lab'\n[instruments.psu]\naddress = 'tcp://127.0.0.1:1'\n\
                    [instruments.dmm]\naddress = 'tcp://127.0.0.1:2'\n\
                    [sites.left]\ndut = 'A1'\n[sites.left.roles]\nvin = { instrument = 'psu' }\n\
                    [sites.right.roles]\nvin = { instrument = 'psu', channel = 2 }\n";
        let bench = Bench::parse("lab.toml", text).unwrap();
        let right = bench.at_site("right", &bench.sites["right"]);
        assert_eq!(right.name, "lab/right");
        assert_eq!(right.target("vin").unwrap().channel, 2);
        assert_eq!(right.target("dmm").unwrap().channel, 1);
        assert!(right.sites.is_empty() && bench.target("vin").is_none());
        let of_site = bench.sites.values().map(|site| site.roles.values().collect());
        assert_eq!(shared(of_site).into_iter().collect::<Vec<_>>(), ["psu"]);
    }
}
