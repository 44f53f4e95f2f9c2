//! The documents: every command in them is run, every recipe is read, every query is asked.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that cannot go on fails by panicking"
)]

mod support;

use std::path::{Path, PathBuf};
use std::process::Command;

use private_postgres::{RUN_ROLE, SUPERUSER};
use result_store::testing::TestDatabase;
use support::{Home, done, root};
use tokio_postgres::NoTls;

/// Before a block whose commands need what a test has not.
const NOT_RUN: &str = "<!-- not run:";

/// Before a block that the reader writes into a file.
const FILE: &str = "<!-- file: ";

/// What a block may begin a line with. Nothing else is run: a guide may speak of `useradd` and `systemctl`.
const OURS: [&str; 3] = ["scpi-run ", "cargo run --release ", "psql "];

/// Whether every line is a command of ours, or goes on from the one before.
fn is_ours(block: &str) -> bool {
    let mut goes_on = false;
    block.lines().all(|line| {
        let is_ours = goes_on || line.is_empty() || OURS.iter().any(|own| line.starts_with(own));
        goes_on = line.ends_with('\\');
        is_ours
    })
}

/// What a document has its reader do.
enum Block {
    /// Commands of a shell.
    Commands(String),
    /// A file that is written: its name, and what is in it.
    File(String, String),
}

/// The shell commands and the files of a document, in their order.
fn blocks(text: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut before = "";
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        if let Some(kind @ ("sh" | "toml")) = line.strip_prefix("```") {
            let block: Vec<_> = lines.by_ref().take_while(|line| *line != "```").collect();
            let block = block.join("\n");
            let file = before.strip_prefix(FILE).and_then(|rest| rest.strip_suffix(" -->"));
            match (kind, file) {
                ("toml", Some(name)) => blocks.push(Block::File(name.to_owned(), block)),
                ("sh", _) if !before.starts_with(NOT_RUN) => blocks.push(Block::Commands(block)),
                _ => {}
            }
        }
        if !line.is_empty() {
            before = line;
        }
    }
    blocks
}

fn documents() -> Vec<PathBuf> {
    let guides = std::fs::read_dir(root().join("docs")).unwrap();
    let mut all: Vec<_> = guides.map(|entry| entry.unwrap().path()).collect();
    all.retain(|file| file.extension().is_some_and(|ending| ending == "md"));
    all.push(root().join("README.md"));
    all.sort();
    all
}

/// A folder as who follows a guide has it: the project's plans and benches, and nothing else.
fn workplace(home: &Home) -> PathBuf {
    let folder = home.path().join("lab");
    std::fs::create_dir_all(&folder).unwrap();
    for name in ["testplans", "sim"] {
        std::os::unix::fs::symlink(root().join(name), folder.join(name)).unwrap();
    }
    folder
}

/// A shell with the program in its way, and `cargo run` for it too.
fn shell(home: &Home, folder: &Path, url: &str, script: &str) -> Command {
    let program = PathBuf::from(env!("CARGO_BIN_EXE_scpi-run"));
    let way = format!("{}:{}", program.parent().unwrap().display(), std::env::var("PATH").unwrap());
    let script = script
        .replace("cargo run --release --quiet --", "scpi-run")
        .replace("cargo run --release --", "scpi-run");
    let mut command = Command::new("sh");
    command.args(["-eu", "-c", &script]).current_dir(folder);
    command
        .env("PATH", way)
        .env("HOME", home.path())
        .env("XDG_DATA_HOME", home.path().join("data"))
        .env_remove("XDG_CONFIG_HOME")
        .env("DATABASE_URL", url);
    command
}

#[test]
fn every_command_in_the_documents_runs() {
    for document in documents() {
        let (home, database) = (Home::new(), TestDatabase::new().unwrap());
        let folder = workplace(&home);
        for block in blocks(&std::fs::read_to_string(&document).unwrap()) {
            let file = document.display();
            let block = match block {
                Block::Commands(block) => block,
                Block::File(name, text) => {
                    std::fs::write(folder.join(name), text).unwrap();
                    continue;
                }
            };
            assert!(is_ours(&block), "{file}: say `{NOT_RUN} why -->` before\n{block}");
            // A backup is the owner's; runs are recorded by whoever may do no more than that.
            let role = if block.contains("db backup") { SUPERUSER } else { RUN_ROLE };
            let ran = shell(&home, &folder, &database.url(role), &block).output().unwrap();
            let done = done(ran);
            assert_eq!(done.code, 0, "{file}:\n{block}\n{done:#?}");
        }
    }
}

#[test]
fn every_link_in_the_documents_leads_somewhere() {
    for document in documents() {
        let text = std::fs::read_to_string(&document).unwrap();
        let folder = document.parent().unwrap();
        for link in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let file = link.split('#').next().unwrap();
            if !file.is_empty() && !file.contains("://") {
                assert!(folder.join(file).exists(), "{}: {link}", document.display());
            }
        }
    }
}

/// The keys of an object whose names are fixed, and of the objects and lists in it.
fn keys(value: &serde_json::Value, found: &mut Vec<String>) {
    /// Their keys are names of a plan, or of statistics.
    const FREE: [&str; 4] = ["parameters", "environment", "statistics", "counts"];
    match value {
        serde_json::Value::Object(fields) => {
            for (key, value) in fields {
                found.push(key.clone());
                if !FREE.contains(&key.as_str()) {
                    keys(value, found);
                }
            }
        }
        serde_json::Value::Array(values) => values.iter().for_each(|value| keys(value, found)),
        _ => {}
    }
}

#[test]
fn every_key_of_the_events_is_documented() {
    let home = Home::new();
    let text = std::fs::read_to_string(root().join("docs/events.md")).unwrap();
    let parts: Vec<_> = text.split("\n## ").skip(1).collect();
    let places = &text[..text.find("\n## ").unwrap()];
    for (plan, code) in [("quickstart", 0), ("scope-ripple", 0), ("failing", 10)] {
        let plan = format!("testplans/{plan}.toml");
        let lines = home.run(&[&plan, "--sim", "--json", "--db", "none"]).expect(code).out;
        for line in lines.lines() {
            let record: serde_json::Value = serde_json::from_str(line).unwrap();
            let kind = record["event"]["type"].as_str().unwrap();
            let part = parts.iter().find(|part| part.starts_with(&format!("{kind}\n")));
            let part = part.unwrap_or_else(|| panic!("docs/events.md says nothing of {kind}"));
            let mut found = Vec::new();
            keys(&record["event"], &mut found);
            for key in found {
                let name = format!("`{key}`");
                let is_told = part.contains(&name) || places.contains(&name);
                assert!(is_told, "docs/events.md does not tell {key} of {kind}");
            }
        }
    }
}

/// The commands of ours in a recipe, whatever its service writes before and behind them.
fn commands_of(recipe: &str) -> Vec<String> {
    let text = std::fs::read_to_string(root().join("docs/recipes").join(recipe)).unwrap();
    // A folded line of YAML is one.
    let text =
        text.replace(">-\n          scpi-run", "scpi-run").replace("\n          --db", " --db");
    let commands = text.lines().filter(|line| !line.contains('#') && !line.contains("baseline"));
    let commands =
        commands.filter_map(|line| Some(line[line.find("scpi-run schedule")?..].to_owned()));
    commands.map(|line| line.trim_end_matches('\'').to_owned()).collect()
}

#[test]
fn the_commands_of_the_recipes_run_as_their_jobs_would_run_them() {
    for (recipe, folder, names) in [
        ("gitlab-ci.yml", "reports/$CI_NODE_INDEX", ["$CI_NODE_INDEX", "$CI_NODE_TOTAL"]),
        ("Jenkinsfile", "reports/$SHARD", ["$SHARD", "2"]),
        ("github-actions.yml", "reports", ["${{ matrix.shard }}", "2"]),
    ] {
        let home = Home::new();
        let workplace = workplace(&home);
        let commands = commands_of(recipe);
        let [run, report] = commands.as_slice() else { panic!("{recipe}: {commands:?}") };
        for shard in ["1", "2"] {
            // Artifacts of GitHub's jobs come down into a folder for each.
            let own = if folder == "reports" {
                run.replace("--report reports", "--report parts/${{ matrix.shard }}")
            } else {
                run.clone()
            };
            let own = own.replace(names[0], shard).replace(names[1], "2");
            let done = done(shell(&home, &workplace, "none", &own).output().unwrap());
            assert_eq!(done.code, 0, "{recipe}: {own}\n{done:#?}");
        }
        let done = done(shell(&home, &workplace, "none", report).output().unwrap());
        assert_eq!(done.code, 0, "{recipe}: {report}\n{done:#?}");
        assert!(done.out.contains("(parts 1/2, 2/2)") && done.out.contains("3 jobs"), "{done:#?}");
    }
}

/// What Grafana puts in the place of its own words before it asks.
fn as_asked(query: &str) -> String {
    let filters = [("$__timeFilter(started_at)", "started_at > now() - interval '30 days'")];
    let filters = filters.into_iter().chain([
        ("$__timeFilter(s.started_at)", "s.started_at > now() - interval '30 days'"),
        ("$plan", "quickstart"),
        ("$place", "accuracy/vout[vset=5 V, iload=0 A]"),
        ("$simulated", "true"),
    ]);
    filters.fold(query.to_owned(), |query, (word, value)| query.replace(word, value))
}

#[test]
fn every_query_of_the_dashboard_gives_rows() {
    let (home, database) = (Home::new(), TestDatabase::new().unwrap());
    let url = database.url(RUN_ROLE);
    let run = ["testplans/quickstart.toml", "--sim", "--progress", "none", "--db", &url];
    home.run(&run).expect(0);
    home.run(&["testplans/failing.toml", "--sim", "--progress", "none", "--db", &url]).expect(10);
    let file = root().join("docs/recipes/grafana-dashboard.json");
    let board: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
    let variables = board["templating"]["list"].as_array().unwrap().iter();
    let mut queries: Vec<_> =
        variables.filter_map(|one| one["query"].as_str()).map(str::to_owned).collect();
    for panel in board["panels"].as_array().unwrap() {
        let targets = panel["targets"].as_array().unwrap().iter();
        queries.extend(targets.map(|target| target["rawSql"].as_str().unwrap().to_owned()));
    }
    assert!(queries.len() >= 7, "{queries:?}");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let (client, connection) = tokio_postgres::connect(&url, NoTls).await.unwrap();
        let connection = tokio::spawn(connection);
        for query in queries.iter().filter(|query| query.to_lowercase().starts_with("select")) {
            let asked = as_asked(query);
            let rows = client.simple_query(&asked).await.unwrap_or_else(|error| {
                panic!("{asked}\n{error:?}");
            });
            let is_row = |message: &&tokio_postgres::SimpleQueryMessage| {
                matches!(message, tokio_postgres::SimpleQueryMessage::Row(_))
            };
            assert!(rows.iter().any(|message| is_row(&message)), "no row: {asked}");
        }
        drop(client);
        connection.await.unwrap().unwrap();
    });
}
