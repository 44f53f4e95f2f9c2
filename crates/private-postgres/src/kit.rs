//! What it takes to run the server's programs: found, or fetched.

use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

use crate::binaries::{Binaries, Found, Search};
use crate::config::{ClusterConfig, Fetch};
use crate::error::{ClusterError, Result};
use crate::fetch::{self, Install};
use crate::names::{self, Names};
use crate::notice::Notice;
use crate::place::Place;

/// Programs, and a name for who runs them.
#[derive(Clone, Debug)]
pub(crate) struct Kit {
    pub(crate) binaries: Binaries,
    names: Option<Names>,
}

impl Kit {
    /// Finds what there is, and fetches what there is not; with the start lock held.
    pub(crate) fn gather(
        config: &ClusterConfig,
        place: &Place,
        notices: &mut Vec<Notice>,
    ) -> Result<Self> {
        let mut found = look(config, place);
        let is_nameless = place.user.name.is_none();
        let mut names = if is_nameless { Names::find(place) } else { None };
        let lacks_name = is_nameless && names.is_none();
        if found.fit.is_empty() || lacks_name {
            // What is fetched replaces what was: with the library, such a server comes anew.
            let server = found.fit.is_empty() || place.fetched().exists();
            let wanted = fetch::Wanted { server, major: place.major()?, names: lacks_name };
            if let Some(notice) = try_fetch(config, place, wanted, &found)? {
                notices.push(notice);
                found = look(config, place);
                names = if is_nameless { Names::find(place) } else { None };
            }
        }
        let binaries = choose(config, place, found)?;
        if is_nameless && names.is_none() {
            return Err(no_name(config, place));
        }
        if let Some(names) = &names {
            names.write(place)?;
        }
        Ok(Self { binaries, names })
    }

    /// A program of the server, run as its user, in the folder of the cluster.
    pub(crate) fn command(&self, program: &str, place: &Place) -> Command {
        let mut command = self.binaries.command(program);
        self.put_on(&mut command, place);
        command
    }

    /// The same command through a shell that first closes what we may have been given open by whoever
    /// started us: a server that kept a pipe open would keep its reader waiting.
    pub(crate) fn detached(&self, inner: &Command, place: &Place) -> Command {
        const CLOSE: &str = "exec 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&-; exec \"$0\" \"$@\"";
        let mut command = Command::new("/bin/sh");
        command.arg("-c").arg(CLOSE).arg(inner.get_program()).args(inner.get_args());
        command.env_clear();
        command.envs(inner.get_envs().filter_map(|(name, value)| Some((name, value?))));
        self.put_on(&mut command, place);
        command.process_group(0);
        command
    }

    fn put_on(&self, command: &mut Command, place: &Place) {
        command.current_dir(place.base());
        place.user.put_on(command);
        if let Some(names) = &self.names {
            names.put_on(command);
        }
    }
}

/// The programs that fit the cluster, if there is one.
pub(crate) fn find(config: &ClusterConfig, place: &Place) -> Result<Binaries> {
    choose(config, place, look(config, place))
}

fn look(config: &ClusterConfig, place: &Place) -> Found {
    let (root, search_path) = (Path::new("/"), config.search_path.as_deref());
    Search { root, search_path, fetched: &place.fetched(), user: &place.user }.find()
}

fn choose(config: &ClusterConfig, place: &Place, found: Found) -> Result<Binaries> {
    let install = |major| Install::of_server(config.search_path.as_deref(), major).to_string();
    let majors: Vec<u32> = found.fit.iter().map(|binaries| binaries.major).collect();
    let Some(made_with) = place.major()? else {
        let rejected = found.rejected;
        let newest = found.fit.into_iter().next();
        return newest.ok_or_else(|| ClusterError::NoBinaries { rejected, install: install(None) });
    };
    let fit = found.fit.into_iter().find(|binaries| binaries.major == made_with);
    fit.ok_or_else(|| ClusterError::OtherMajor {
        folder: place.base().to_owned(),
        made_with,
        found: majors,
        install: install(Some(made_with)),
    })
}

fn try_fetch(
    config: &ClusterConfig,
    place: &Place,
    wanted: fetch::Wanted,
    found: &Found,
) -> Result<Option<Notice>> {
    let Some(apt) = fetch::Apt::find(config.search_path.as_deref()) else {
        return Ok(None);
    };
    match config.fetch {
        Fetch::Forbidden => Ok(None),
        Fetch::Allowed => apt.fetch(place, wanted).map(Some).map_err(|why| {
            let rejected: Vec<String> = found.rejected.iter().map(ToString::to_string).collect();
            let found = if rejected.is_empty() { "" } else { "; found " };
            let install = Install::of_server(config.search_path.as_deref(), None).to_string();
            ClusterError::NotFetched {
                why: format!("{why}{found}{}", rejected.join("; ")),
                install,
            }
        }),
    }
}

fn no_name(config: &ClusterConfig, place: &Place) -> ClusterError {
    let uid = place.user.ids.uid;
    let install = Install::of_name(config.search_path.as_deref(), names::PACKAGE).to_string();
    ClusterError::NoName { uid, install }
}
