//! Files that a plan names: beside it or anywhere in its project, never above.

use std::fs::File;
use std::io::Read;
use std::path::{Component, Path, PathBuf};

use test_plan::{MAX_CSV_BYTES, Sources};

/// What the top of a project has in it.
const TOP_HAS: &str = ".git";

/// The files of a plan's project.
pub(crate) struct PlanFiles {
    /// The plan's folder.
    folder: PathBuf,
    /// The top of its project: the nearest folder with `.git` in it, else the plan's own.
    top: PathBuf,
}

impl PlanFiles {
    /// Those of the plan in a file.
    pub(crate) fn of(plan: &Path) -> Self {
        let folder = plan.parent().filter(|folder| !folder.as_os_str().is_empty());
        let folder = folder.unwrap_or(Path::new("."));
        let folder = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
        let top = folder.ancestors().find(|above| above.join(TOP_HAS).exists());
        let top = top.unwrap_or(&folder).to_owned();
        Self { folder, top }
    }
}

impl PlanFiles {
    /// The file of a name: beside the plan, else below the top of its project.
    fn file(&self, name: &str) -> Result<PathBuf, String> {
        let is_relative = Path::new(name).components().all(|part| {
            matches!(part, Component::Normal(_) | Component::CurDir | Component::ParentDir)
        });
        if !is_relative || name.is_empty() {
            return Err(format!("'{name}' is no file beside the plan; a relative path is wanted"));
        }
        // Links are followed first: where they lead is what counts.
        let beside = self.folder.join(name).canonicalize();
        let file = beside.or_else(|_| self.top.join(name).canonicalize());
        let file = file.map_err(|error| format!("'{name}' cannot be read: {error}"))?;
        if !file.starts_with(&self.top) {
            return Err(format!(
                "'{name}' lies outside of the plan's project, {}",
                self.top.display()
            ));
        }
        Ok(file)
    }
}

impl Sources for PlanFiles {
    fn find(&self, name: &str) -> Result<(), String> {
        self.file(name).map(|_| ())
    }

    fn read(&self, name: &str) -> Result<String, String> {
        let fault = |error: &dyn std::fmt::Display| format!("'{name}' cannot be read: {error}");
        let file = self.file(name)?;
        // A pipe would be waited for.
        if !file.is_file() {
            return Err(fault(&"it is no file"));
        }
        let mut text = String::new();
        let most = u64::try_from(MAX_CSV_BYTES).unwrap_or(u64::MAX);
        let opened = File::open(&file).map_err(|error| fault(&error))?;
        opened.take(most + 1).read_to_string(&mut text).map_err(|error| fault(&error))?;
        if text.len() > MAX_CSV_BYTES {
            return Err(format!("'{name}' is larger than {MAX_CSV_BYTES} bytes"));
        }
        Ok(text)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test says what it expects by panicking")]

    use std::fs;

    use super::*;

    #[test]
    fn files_are_those_of_the_project_alone() {
        let home = tempfile::tempdir().unwrap();
        let plans = home.path().join("project/plans");
        fs::create_dir_all(plans.join("data")).unwrap();
        fs::create_dir(home.path().join("project/.git")).unwrap();
        for (file, text) in [
            ("outside.csv", "secret"),
            ("project/top.csv", "top"),
            ("project/plans/data/own.csv", "own"),
        ] {
            fs::write(home.path().join(file), text).unwrap();
        }
        let large = "x".repeat(MAX_CSV_BYTES + 1);
        fs::write(plans.join("large.csv"), large).unwrap();
        fs::write(plans.join("bytes.csv"), [0xFF, 0xFE]).unwrap();
        std::os::unix::fs::symlink(home.path().join("outside.csv"), plans.join("link.csv"))
            .unwrap();
        let files = PlanFiles::of(&plans.join("plan.toml"));
        for (name, wanted) in [
            ("data/own.csv", Ok("own")),
            ("./data/../data/own.csv", Ok("own")),
            ("../top.csv", Ok("top")),
            ("../../outside.csv", Err("outside of the plan's project")),
            ("link.csv", Err("outside of the plan's project")),
            ("/etc/hostname", Err("a relative path is wanted")),
            ("", Err("a relative path is wanted")),
            ("none.csv", Err("cannot be read")),
            ("data", Err("no file")),
            ("large.csv", Err("larger than")),
            ("bytes.csv", Err("cannot be read")),
        ] {
            match (files.read(name), wanted) {
                (Ok(text), Ok(wanted)) => assert_eq!(text, wanted, "{name}"),
                (Err(fault), Err(wanted)) => assert!(fault.contains(wanted), "{name}: {fault}"),
                (found, _) => panic!("{name}: {found:?}"),
            }
        }
    }

    #[test]
    fn without_a_project_the_plans_own_folder_is_the_top() {
        let home = tempfile::tempdir().unwrap();
        let plans = home.path().join("plans");
        fs::create_dir(&plans).unwrap();
        fs::write(plans.join("own.csv"), "own").unwrap();
        fs::write(home.path().join("above.csv"), "above").unwrap();
        let files = PlanFiles::of(&plans.join("plan.toml"));
        // Somebody may keep the folder for temporary files in a project.
        if !files.top.join(TOP_HAS).exists() {
            assert_eq!(files.read("own.csv").unwrap(), "own");
            assert!(files.read("../above.csv").is_err());
        }
    }
}
