//! What is tested: by its serial number, from the command line, the simulation, or a person.

use std::collections::BTreeMap;
use std::io::Write;

use bench_catalog::Site;
use bench_model::Dut;
use test_plan::{DutSpec, SerialSpec};

use crate::environment;
use crate::failure::{Failure, Result};

/// A place for a DUT, and which is known to sit there.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Seat {
    /// The site, where the bench has several.
    pub(crate) site: Option<String>,
    pub(crate) serial: Option<String>,
}

/// Where DUTs are tested: at the sites that `--dut` names, else at all; in one place on a bench without sites.
pub(crate) fn seats(sites: &BTreeMap<String, Site>, given: &[String]) -> Result<Vec<Seat>> {
    if sites.is_empty() {
        return match given {
            [] => Ok(vec![Seat { site: None, serial: None }]),
            [serial] => Ok(vec![Seat { site: None, serial: Some(serial.clone()) }]),
            _ => Err(Failure::usage("several DUTs want a bench with sites, and this one has none")),
        };
    }
    let mut named = BTreeMap::new();
    for text in given {
        let known = || sites.keys().cloned().collect::<Vec<_>>().join(", ");
        let pair = text.split_once('=').filter(|(site, _)| sites.contains_key(*site));
        let (site, serial) = pair.ok_or_else(|| {
            Failure::usage(format!(
                "--dut {text}: the bench has the sites {}; --dut SITE=SERIAL is wanted",
                known()
            ))
        })?;
        if named.insert(site, serial).is_some() {
            return Err(Failure::usage(format!("--dut {text}: {site} has a DUT already")));
        }
    }
    let takes_part = |name: &String| named.is_empty() || named.contains_key(name.as_str());
    let seat = |(name, site): (&String, &Site)| Seat {
        site: Some(name.clone()),
        serial: named.get(name.as_str()).map(|serial| (*serial).to_owned()).or(site.dut.clone()),
    };
    Ok(sites.iter().filter(|(name, _)| takes_part(name)).map(seat).collect())
}

/// The DUT of a run, at a site where there are several.
pub(crate) fn of_run(
    spec: &DutSpec,
    site: Option<&str>,
    given: Option<&str>,
    simulated: bool,
) -> Result<Dut> {
    let serial = match (&spec.serial, given) {
        (Some(SerialSpec::Fixed(fixed)), Some(given)) if fixed != given => {
            return Err(Failure::usage(format!(
                "--dut {given}: the plan is for the DUT '{fixed}' alone"
            )));
        }
        (Some(SerialSpec::Fixed(fixed)), _) => Some(fixed.clone()),
        (Some(wanted @ SerialSpec::Pattern { .. }), Some(given)) => {
            Some(checked(wanted, given).map_err(Failure::usage)?)
        }
        (Some(SerialSpec::Pattern { sim: Some(sim), .. }), None) if simulated => Some(sim.clone()),
        (Some(wanted @ SerialSpec::Pattern { .. }), None) => Some(ask(wanted, site)?),
        (None, given) => given.map(str::to_owned),
    };
    Ok(Dut { model: spec.model.clone(), serial })
}

fn checked(spec: &SerialSpec, serial: &str) -> std::result::Result<String, String> {
    match spec {
        SerialSpec::Pattern { pattern, .. } if !spec.accepts(serial) => Err(format!(
            "'{serial}' is no serial number of this DUT: the plan wants {}",
            pattern.as_str()
        )),
        _ => Ok(serial.to_owned()),
    }
}

/// Asks the person; without a terminal nobody is asked.
fn ask(spec: &SerialSpec, site: Option<&str>) -> Result<String> {
    let option = site.map_or("--dut SERIAL".to_owned(), |site| format!("--dut {site}=SERIAL"));
    let at = site.map(|site| format!(" at {site}")).unwrap_or_default();
    if !environment::can_ask() {
        return Err(Failure::usage(format!(
            "which DUT{at}? The plan wants its serial number: {option} gives it"
        )));
    }
    loop {
        eprint!("Serial number of the DUT{at}: ");
        // A prompt that cannot be shown is still answered.
        let _ = std::io::stderr().flush();
        let mut line = String::new();
        let read = std::io::stdin().read_line(&mut line);
        if !matches!(read, Ok(bytes) if bytes > 0) {
            return Err(Failure::usage("no serial number was given"));
        }
        match checked(spec, line.trim()) {
            Ok(serial) => return Ok(serial),
            Err(fault) => say!("{fault}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(sites: &[&str], given: &[&str]) -> String {
        let dut = |name: &str| (name == "c").then(|| "C-1".to_owned());
        let site = |name: &&str| ((*name).to_owned(), Site { dut: dut(name), ..Site::default() });
        let given: Vec<_> = given.iter().map(|text| (*text).to_owned()).collect();
        match seats(&sites.iter().map(site).collect(), &given) {
            Ok(seats) => seats
                .into_iter()
                .map(|seat| {
                    let known = |text: Option<String>| text.unwrap_or("-".to_owned());
                    format!("{}:{} ", known(seat.site), known(seat.serial))
                })
                .collect(),
            Err(failure) => failure.to_string(),
        }
    }

    #[test]
    fn duts_sit_where_they_are_said_to() {
        let all: &[&str] = &["a", "b", "c"];
        for (sites, given, wanted) in [
            (&[][..], &[][..], "-:- "),
            (&[], &["X=1"], "-:X=1 "),
            (&[], &["X", "Y"], "this one has none"),
            (all, &[], "a:- b:- c:C-1 "),
            (all, &["b=B-1", "c=C-2"], "b:B-1 c:C-2 "),
            (all, &["B-1"], "a, b, c"),
            (all, &["d=1"], "a, b, c"),
            (all, &["a=1", "a=2"], "a DUT already"),
        ] {
            let found = found(sites, given);
            assert!(found.contains(wanted), "{sites:?} {given:?}: {found}");
        }
    }
}
