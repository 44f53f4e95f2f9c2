//! The command line as scripts use it: exit codes and what is said, without any database.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails by panicking")]

mod support;

use std::io::{BufRead, BufReader, Write};

use support::{Home, SimProcess};

const NO_DB: [&str; 2] = ["--db", "none"];

#[test]
fn the_shipped_plans_come_out_as_they_say() {
    let home = Home::new();
    for (plan, code, says) in [
        ("quickstart", 0, "load_regulation"),
        ("scope-ripple", 0, "ripple/ripple/vpp_scope"),
        ("failing", 10, "beyond"),
        ("raw-scpi", 0, "identity"),
        ("psu-current-accuracy", 0, "readback_error"),
        ("psu-load-effect", 0, "load_effect"),
        ("dmm-dc-volts", 0, "input_10v"),
        ("ldo-regulation", 0, "line_regulation"),
        ("ldo-dropout", 0, "vi was stopped at"),
        ("load-cc-accuracy", 0, "programmed"),
        ("scope-dc-gain", 0, "gain_2v"),
        ("scope-timebase", 0, "time_base"),
        ("generator-accuracy", 0, "level/rms"),
        ("warm-up-drift", 0, "drift"),
        ("shunt-current", 0, "loaded"),
        ("manual-inspection", 0, "height"),
        ("inrush", 0, "inrush[cycle=5]"),
        ("scope-rise-time", 0, "against_bandwidth"),
        ("battery-discharge", 0, "t was stopped at"),
    ] {
        let plan = format!("testplans/{plan}.toml");
        home.run(&[&plan, "--sim", "--db", "none"]).expect(code).says(says);
        home.run(&["check", &plan]).expect(0).says("no fault");
        home.run(&["explain", &plan]).expect(0).says("steps\n  step ");
    }
}

#[test]
fn a_plan_with_three_faults_shows_all_three_and_runs_nothing() {
    let home = Home::new();
    let plan = home.write(
        "faulty.toml",
        "name = 'x'\nsim = 'quickstart'\n\
         [instruments]\ndmm = { class = 'multimeter', colour = 'red' }\n\
         [readings.w]\nrole = 'dmn'\nfunction = 'dc_voltage'\nrange = '10 V'\n\
         [readings.v]\nrole = 'dmm'\nfunction = 'dc_voltage'\nrange = '10 V'\n\
         [[steps]]\nid = 'v'\nmeasure = { reading = 'v', limit = '1 A .. 2 A' }\n",
    );
    for command in [&["check"][..], &[]] {
        let mut words: Vec<_> = command.iter().map(|word| (*word).to_owned()).collect();
        words.push(plan.display().to_string());
        if command.is_empty() {
            words.extend(["--sim".to_owned(), "--db".to_owned(), "none".to_owned()]);
        }
        let done = home.run(&words).expect(20);
        for place in ["faulty.toml:4:", "faulty.toml:6:", "faulty.toml:15:"] {
            assert!(done.err.contains(place), "{place}: {}", done.err);
        }
    }
    assert_eq!(home.journals(), Vec::<std::path::PathBuf>::new());
}

#[test]
fn what_is_wrong_on_the_command_line_is_said_with_2() {
    let home = Home::new();
    let plan = "testplans/failing.toml";
    for (words, says) in [
        (&["testplans/none.toml", "--sim"][..], "none.toml"),
        (&[plan], "--sim"),
        (&[plan, "--sim=nowhere"], "nowhere"),
        (&[plan, "--sim=../failing"], "name of a simulated bench"),
        (&[plan, "--sim=quickstart"], "nobody for sink, vin"),
        (&[plan, "--sim", "--dut", "X"], "serial number"),
        (&[plan, "--sim", "--set", "colour"], "NAME=VALUE"),
        (&["query", "tcp://:1", "*IDN?"], "address"),
        (&["sim", "nowhere"], "nowhere"),
        (&["show", "--db", "none", "ffff"], "ffff"),
    ] {
        home.run(words).expect(2).says(says);
    }
    let bench = home.write(
        "b.toml",
        "name = 'b'\n[instruments.dmm]\naddress = 'tcp://127.0.0.1:1'\n\
         [roles]\nvin = { instrument = 'dmm' }\nsink = { instrument = 'dmm' }\n",
    );
    let bench = bench.display().to_string();
    // Without a simulation nobody gives a serial number, and without a terminal nobody is asked.
    home.run(&[plan, "--bench", &bench, "--db", "none"]).expect(2).says("--dut");
}

#[test]
fn a_parameter_is_given_and_checked() {
    let home = Home::new();
    let explained = home.run(&["explain", "testplans/quickstart.toml", "--set", "full_load=2 A"]);
    explained.expect(0).says("2 A");
    for (given, says) in [("full_load=3 A", "full_load"), ("empty_load=1 A", "empty_load")] {
        home.run(&["check", "testplans/quickstart.toml", "--set", given]).expect(20).says(says);
    }
}

#[test]
fn instruments_of_a_served_bench_are_used_by_address() {
    let home = Home::new();
    let sim = SimProcess::start(&home, "quickstart");
    home.run(&["query", sim.address("dmm"), "*IDN?"]).expect(0).says("34461A");
    home.run(&["query", sim.address("dmm"), "BOGUS 1"]).expect(30).says("-113");
    let bench = home.write("bench.toml", &sim.bench_file(""));
    let bench = bench.to_str().unwrap();
    let plan = "testplans/quickstart.toml";
    let run = ["--bench", bench, "--dut", "BENCH00001", "--db", "none"];
    home.run(&[&[plan][..], &run].concat()).expect(0).says("outputs off");
    let off = home.run(&["query", sim.address("psu"), ":OUTP? CH1"]).expect(0);
    assert_eq!(off.out, "OFF\n");
}

#[test]
fn a_console_answers_line_by_line_and_shows_the_error_queue() {
    let home = Home::new();
    let sim = SimProcess::start(&home, "quickstart");
    let input = home.write(
        "lines",
        "*IDN?\nBOGUS 1\n.status\n.timeout 300\nNONE?\nSYST:ERR?\n.clear\n.nonsense\n.quit\nREAD?\n",
    );
    let mut command = home.command(&["console", sim.address("dmm"), "--trace", "tape"]);
    let command = command.current_dir(home.path()).stdin(std::fs::File::open(input).unwrap());
    let done = support::done(command.output().unwrap()).expect(0);
    let lines: Vec<_> = done.out.lines().collect();
    assert!(lines[0].starts_with("Keysight Technologies 34461A, serial "), "{lines:?}");
    assert!(lines[1].starts_with("Keysight Technologies,34461A,"), "{lines:?}");
    assert!(lines[2].ends_with(')') && lines[3].starts_with("+0,"), "{lines:?}");
    assert_eq!((lines[4], lines.len()), ("it was in step", 5), "{lines:?}");
    assert!(done.err.contains("! -113,"), "{}", done.err);
    assert!(done.err.contains("'NONE?': no answer within 300ms"), "{}", done.err);
    assert!(done.err.contains("there is no .nonsense"), "{}", done.err);
    let tape = std::fs::read_to_string(home.path().join("tape")).unwrap();
    assert!(tape.contains("> BOGUS 1"), "{tape}");
}

#[test]
fn discovery_stays_on_its_interface_and_writes_a_bench_file() {
    let home = Home::new();
    let file = home.path().join("found.toml");
    let words = ["discover", "--interface", "lo", "--timeout-ms", "100", "--save"];
    let words: Vec<_> = words.iter().map(std::ffi::OsStr::new).chain([file.as_os_str()]).collect();
    home.run(&words).expect(0).says("address");
    assert!(std::fs::read_to_string(file).unwrap().starts_with("name = \"lab\""));
    home.run(&["discover", "--interface", "nosuch0", "--timeout-ms", "1"])
        .expect(0)
        .says("nosuch0");
}

/// An instrument that shares nothing with the program: a line in, a line out, by plain text.
fn foreign_instrument() -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("tcp://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming().take(4) {
            let mut stream = stream.unwrap();
            for line in BufReader::new(stream.try_clone().unwrap()).lines() {
                let answer = match line.unwrap().as_str() {
                    "*IDN?" => "ACME Instruments,REF-1,SN00001,1.0.0",
                    "READ?" => "+1.23456789E+00",
                    "*OPC?" => "1",
                    "SYST:ERR?" => "+0,\"No error\"",
                    _ => continue,
                };
                stream.write_all(format!("{answer}\r\n").as_bytes()).unwrap();
            }
        }
    });
    address
}

#[test]
fn an_instrument_that_is_not_ours_is_used_too() {
    let home = Home::new();
    let address = foreign_instrument();
    let text = format!("name = 'b'\n[instruments.dmm]\naddress = '{address}'\n");
    let bench = home.write("bench.toml", &text);
    let words = ["testplans/raw-scpi.toml", "--bench", bench.to_str().unwrap()];
    home.run(&[&words[..], &NO_DB].concat()).expect(0).says("ACME Instruments");
    home.run(&["query", &address, "READ?"]).expect(0).says("+1.23456789E+00");
}

#[test]
fn another_instrument_than_the_bench_file_says_is_not_used() {
    let home = Home::new();
    let sim = SimProcess::start(&home, "quickstart");
    let text = sim
        .bench_file("")
        .replace("[instruments.dmm]\n", "[instruments.dmm]\nserial = \"MY00000001\"\n");
    let bench = home.write("bench.toml", &text);
    let words = ["testplans/raw-scpi.toml", "--bench", bench.to_str().unwrap(), "--db", "none"];
    home.run(&words).expect(30).says("MY00000001");
}

#[test]
fn an_instrument_that_refuses_the_connection_is_named() {
    let home = Home::new();
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("tcp://{}", listener.local_addr().unwrap());
    drop(listener);
    let text = format!("name = 'b'\n[instruments.dmm]\naddress = '{address}'\n");
    let bench = home.write("bench.toml", &text);
    let words = ["testplans/raw-scpi.toml", "--bench", bench.to_str().unwrap()];
    let done = home.run(&[&words[..], &NO_DB].concat()).expect(30);
    assert!(done.out.contains(&address) || done.err.contains(&address), "{done:?}");
    home.run(&["query", &address, "*IDN?"]).expect(30).says("no connection");
}

#[test]
fn json_is_one_event_a_line_and_nothing_else() {
    let home = Home::new();
    let done = home.run(&["testplans/failing.toml", "--sim", "--db", "none", "--json"]).expect(10);
    let events: Vec<serde_json::Value> =
        done.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    for (at, event) in (1..).zip(&events) {
        assert_eq!(event["seq"], at);
    }
    let kinds: Vec<_> =
        events.iter().map(|event| event["event"]["type"].as_str().unwrap()).collect();
    assert_eq!(kinds.first(), Some(&"session_started"));
    assert_eq!(kinds.last(), Some(&"session_finished"));
    assert!(kinds.contains(&"reading") && kinds.contains(&"safe_state"));
}

#[test]
fn junit_has_a_case_for_every_verdict() {
    let home = Home::new();
    let file = home.path().join("junit.xml");
    let words = ["testplans/failing.toml", "--sim", "--db", "none", "--junit"];
    home.run(&[&words[..], &[file.to_str().unwrap()]].concat()).expect(10);
    let text = std::fs::read_to_string(file).unwrap();
    assert_eq!(text.matches("<testcase ").count(), 2, "{text}");
    assert_eq!(text.matches("<failure ").count(), 1, "{text}");
}

#[test]
fn runs_are_found_again_in_the_journals() {
    let home = Home::new();
    home.run(&["history", "--db", "none"]).expect(0).says("no run yet");
    home.run(&["testplans/failing.toml", "--sim", "--db", "none"]).expect(10);
    home.run(&["history", "--db", "none"]).expect(0).says("FAIL");
    let journal = home.journals().pop().unwrap();
    let id = journal.file_stem().unwrap().to_str().unwrap().to_owned();
    home.run(&["show", "--db", "none", &id[..13]]).expect(0).says("output_voltage");
}

#[test]
fn a_journal_that_cannot_be_made_stops_the_run_before_it_begins() {
    let home = Home::new();
    home.write("data/scpi-run/journals", "no folder");
    home.run(&["testplans/failing.toml", "--sim", "--db", "none"]).expect(40).says("journal");
}

#[test]
fn completions_and_schemas_are_printed() {
    let home = Home::new();
    home.run(&["completions", "bash"]).expect(0).says("scpi-run");
    for of in ["plan", "bench"] {
        let schema = home.run(&["schema", of]).expect(0).out;
        let schema: serde_json::Value = serde_json::from_str(&schema).unwrap();
        assert!(schema["$schema"].is_string(), "{of}");
    }
}

#[test]
fn options_come_from_the_command_line_else_the_environment_else_the_settings() {
    let home = Home::new();
    let settings = home.path().join(".config/scpi-run");
    std::fs::create_dir_all(&settings).unwrap();
    let file = settings.join("config.toml");
    std::fs::write(&file, "database = 'none'\noperator = 'Ada'\nreport = 'out'\n").unwrap();
    let plan = "testplans/raw-scpi.toml";
    home.run(&[plan, "--sim"]).expect(0).says("journal alone (--db none)");
    home.run(&["show", "latest"]).expect(0).says("manual by Ada");
    let written = std::fs::read_dir(settings.join("out")).unwrap().count();
    assert_eq!(written, 4, "HTML, CSV, Parquet and JUnit, in a folder seen from the settings' own");

    let with = |words: &[&str], variables: &[(&str, &str)]| {
        let mut command = home.command(words);
        command.envs(variables.iter().copied());
        support::done(command.output().unwrap())
    };
    with(&[plan, "--sim"], &[("SCPI_RUN_OPERATOR", "Grace"), ("SCPI_RUN_PROGRESS", "none")])
        .expect(0);
    with(&["show", "latest"], &[]).expect(0).says("manual by Grace");
    // Our own name stands above DATABASE_URL, and nothing of the run's stands in the way of a command.
    let both = [
        ("SCPI_RUN_DB", "none"),
        ("DATABASE_URL", "postgresql://127.0.0.1:1/none"),
        ("SCPI_RUN_BENCH", "nowhere.toml"),
        ("SCPI_RUN_LIMIT", "1"),
    ];
    let listed = with(&["history"], &both).expect(0);
    assert_eq!(listed.out.lines().count(), 3, "{listed:?}");
    with(&[plan], &both).expect(2).says("nowhere.toml");
    // A simulation that is asked for stands above a bench that is only set, and the other way round.
    with(&[plan, "--sim"], &both).expect(0);
    with(&[plan, "--bench", "other.toml"], &[("SCPI_RUN_SIM", "quickstart")])
        .expect(2)
        .says("other.toml");
    let several = [("SCPI_RUN_SET", "full_load=1.5 A\nfull_load=2 A"), ("SCPI_RUN_JSON", "yes")];
    let json = with(&["testplans/quickstart.toml", "--sim"], &several).expect(0);
    assert!(json.out.starts_with('{') && json.out.contains("\"full_load\":\"2 A\""), "{json:?}");

    std::fs::write(&file, "bench = 'a.toml'\ncolour = 'red'\n").unwrap();
    home.run(&["history"]).expect(2).says("config.toml").says("line 2").says("colour");
}

#[test]
fn manual_pages_are_printed_and_written() {
    let home = Home::new();
    home.run(&["man"]).expect(0).says(".TH scpi-run 1");
    let folder = home.path().join("man");
    home.run(&["man", folder.to_str().unwrap()]).expect(0);
    for page in ["scpi-run.1", "scpi-run-history.1", "scpi-run-db-backup.1"] {
        let text = std::fs::read_to_string(folder.join(page)).unwrap();
        assert!(text.contains(".SH SYNOPSIS"), "{page}");
    }
    assert!(!folder.join("scpi-run-guardian.1").exists(), "only a run starts it");
}

#[test]
fn reports_of_a_run_are_written_after_it_and_at_its_end() {
    let home = Home::new();
    let plan = "testplans/failing.toml";
    let folder = home.path().join("reports");
    let end = ["--db", "none", "--progress", "none", "--report", folder.to_str().unwrap()];
    home.run(&[&[plan, "--sim"][..], &end].concat()).expect(10);
    let names: Vec<_> = std::fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    for ending in [".html", ".csv", ".junit.xml"] {
        assert!(names.iter().any(|name| name.ends_with(ending)), "{ending}: {names:?}");
    }
    let id = home.journals()[0].file_stem().unwrap().to_string_lossy().into_owned();
    let names = ["later.html", "later.csv", "later.xml", "later.parquet"];
    let files = names.map(|name| home.path().join(name));
    let [html, csv, junit, parquet] = files.each_ref().map(|file| file.to_str().unwrap());
    let wanted = ["--html", html, "--csv", csv, "--junit", junit, "--parquet", parquet];
    home.run(&[&["report", &id[..13]], &wanted[..]].concat()).expect(0);
    for (file, begins) in files.iter().zip(["<!DOCTYPE html>", "session,place", "<?xml", "PAR1"]) {
        assert!(std::fs::read(file).unwrap().starts_with(begins.as_bytes()), "{file:?}");
    }
    // The journal's events as the run itself would have told them.
    let lines = home.run(&["report", &id, "--json"]).expect(0).out;
    let events = lines.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
    assert_eq!(events.map(|event| event["seq"].as_u64().unwrap()).next(), Some(1));
    let reason = "the serial number was wrong";
    home.run(&["report", &id, "--html", html, "--amendment", "1", "--reason", reason]).expect(0);
    let text = std::fs::read_to_string(html).unwrap();
    assert!(text.contains(&format!("replaces report {id}. Changed: {reason}")), "{text}");
    home.run(&["testplans/quickstart.toml", "--sim", "--db", "none", "--set", "full_load=1.5 A"])
        .expect(0);
    home.run(&["report", "latest", "--html", html]).expect(0);
    let text = std::fs::read_to_string(html).unwrap();
    assert!(
        text.contains("Another value than the plan’s own (--set): full_load = 1.5 A, not 1 A."),
        "{text}"
    );
    home.run(&["report", &id, "--html", html]).expect(0);
    assert!(!std::fs::read_to_string(html).unwrap().contains("Another value than"));
    let letterhead = home.write("letterhead.html", "<header>Lab</header><!-- report --><footer/>");
    let letterhead = letterhead.to_str().unwrap();
    home.run(&["report", "latest", "--html", html, "--letterhead", letterhead]).expect(0);
    assert!(std::fs::read_to_string(html).unwrap().contains("<header>Lab</header>"));
    let bad = home.write("bad.html", "<header>Lab</header>");
    let bad = bad.to_str().unwrap();
    for (words, says) in [
        (&["report", "latest", "--html", html, "--letterhead", bad][..], "<!-- report -->"),
        (&[plan, "--sim", "--html", html, "--letterhead", bad], "<!-- report -->"),
        (&["report", "latest", "--html", html, "--letterhead", "none.html"], "none.html"),
        (&["report", "latest"], "nothing to write"),
        (&["report", "latest", "--html", html, "--amendment", "1"], "--reason"),
        (&["report", "ffff", "--html", html, "--db", "none"], "no run begins with 'ffff'"),
    ] {
        home.run(words).expect(2).says(says);
    }
    // Nothing was run in vain.
    assert_eq!(home.journals().len(), 2);
    let nowhere = home.path().join("none/report.html");
    home.run(&["report", "latest", "--html", nowhere.to_str().unwrap()]).expect(40).says("--html");
}
