//! Runner, recorder, `sync`, server and network are killed, cut and filled at seeded random moments; after each round
//! one `sync` brings it all to rights: journals and database hold the same events, each once.
//!
//! `SCPI_RUN_FAULTS=300` says how many rounds; `SCPI_RUN_SEED=7` begins another series.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "a test that cannot go on fails by panicking, and a long one says how far it is"
)]

#[path = "store_faults/made.rs"]
mod made;
#[path = "store_faults/proxy.rs"]
#[allow(dead_code, reason = "another test uses the rest of it")]
mod proxy;
#[path = "store_faults/rows.rs"]
mod rows;
mod support;

use std::fmt::Write as _;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use bench_model::Record;
use private_postgres::testing::TestServer;
use private_postgres::{RUN_ROLE, SUPERUSER};
use proxy::{Network, Proxy};
use result_store::testing::TestDatabase;
use result_store::{StoreConfig, migrate};
use rows::Rows;
use rustix::process::{Pid, Signal, kill_process};
use support::{Home, Random, number};

/// Rounds where nobody asks for more.
const ROUNDS: u64 = 18;
/// Of so many rounds one has to do with the server, but there are not more than `MAX_SERVER_ROUNDS`.
const SERVER_EVERY: u64 = 6;
const MAX_SERVER_ROUNDS: u64 = 40;
/// Steps of a run's plan.
const STEPS: u64 = 60;
/// After the moment that is waited for, something may live on for so many microseconds.
const MAX_DELAY_US: u64 = 30_000;
/// Bytes that a whole journal takes on its way to the server, and half as many again.
const MAX_NETWORK_BYTES: u64 = 1_000_000;
/// The largest file of a run on a full disk, in blocks of 512 bytes; the whole journal is larger.
const MAX_JOURNAL_BLOCKS: u64 = 100;
/// For what must come.
const PATIENCE: Duration = Duration::from_secs(60);
/// A database of a server of its own.
const OWN_DATABASE: &str = "lab";

/// What goes wrong in a round.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    KillSync,
    KillRunner,
    TwoSyncs,
    CutSync,
    CutRunner,
    SlowLink,
    ServerFull,
    JournalFull,
    RestartServer,
    KillServer,
    KillAll,
}

const CALM: [Fault; 8] = [
    Fault::KillSync,
    Fault::KillRunner,
    Fault::TwoSyncs,
    Fault::CutSync,
    Fault::CutRunner,
    Fault::SlowLink,
    Fault::ServerFull,
    Fault::JournalFull,
];
const OF_SERVER: [Fault; 3] = [Fault::KillServer, Fault::KillAll, Fault::RestartServer];

/// A short while that no other program shares.
fn a_moment(random: &mut Random) {
    let end = Instant::now() + Duration::from_micros(random.below(MAX_DELAY_US));
    while Instant::now() < end {
        thread::yield_now();
    }
}

/// A home for one round, and who is asked in it.
struct Round<'a> {
    home: Home,
    rows: &'a Rows,
    random: Random,
}

impl Round<'_> {
    fn sync_at(&self, url: &str) -> Command {
        let mut command = self.home.command(&["sync", "--db", url]);
        command.stdout(Stdio::null()).stderr(Stdio::null());
        command
    }

    fn sync(&self) -> Child {
        self.sync_at(&self.rows.url).spawn().unwrap()
    }

    /// A run of a plan that ends soon, its events on standard output.
    fn runner(&self, url: &str) -> Command {
        let plan = self.home.write("plan.toml", &plan());
        let plan = plan.to_str().unwrap();
        let mut command = self.home.command(&[plan, "--sim=quickstart", "--db", url, "--json"]);
        command.stdout(Stdio::piped()).stderr(Stdio::null());
        command
    }

    /// Starts a run, and hears it up to an event.
    fn run_to(&mut self, url: &str) -> Child {
        let mut child = self.runner(url).spawn().unwrap();
        let events = self.random.below(3 * STEPS);
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let heard = lines.map_while(Result::ok).take(usize::try_from(events).unwrap());
        for line in heard {
            serde_json::from_str::<Record>(&line).unwrap();
        }
        a_moment(&mut self.random);
        child
    }

    /// Starts a `sync` of a made journal, and lets it come to some event.
    fn sync_to(&mut self) -> Child {
        let session = made::write(&self.home, &mut self.random);
        let mut child = self.sync();
        let events = self.random.below(made::EVENTS);
        self.rows.wait_for(session, events, || child.try_wait().unwrap().is_some());
        a_moment(&mut self.random);
        child
    }

    fn through(&self, network: Network, socket: &std::path::Path) -> (Proxy, String) {
        let proxy = Proxy::start(socket.to_owned(), network);
        let database = self.rows.of("SELECT current_database()").remove(0);
        let url = format!("postgresql://{RUN_ROLE}@127.0.0.1:{}/{database}", proxy.port);
        (proxy, url)
    }
}

fn kill(mut child: Child) -> bool {
    let was_alive = child.try_wait().unwrap().is_none();
    child.kill().unwrap();
    child.wait().unwrap();
    was_alive
}

fn plan() -> String {
    let mut text = r#"
name = "faults"
[instruments]
psu = { class = "power_supply", max_voltage = "15 V", max_current = "1 A", sense = "local" }
[readings.v]
role = "psu"
function = "dc_voltage"
[[setup]]
id = "on"
apply = [{ role = "psu", voltage = "5 V", current_limit = "1 A", output = "on" }]
"#
    .to_owned();
    for step in 0..STEPS {
        let measured = "measure = { reading = \"v\", limit = \"> -100 V\" }";
        write!(text, "[[steps]]\nid = \"s{step}\"\n{measured}\n").unwrap();
    }
    text
}

/// A fault that leaves the server as it is; whether it hit something.
fn calm(round: &mut Round<'_>, server: &TestServer, fault: Fault) -> bool {
    let socket = server.socket_folder().join(format!(".s.PGSQL.{}", server.port()));
    match fault {
        Fault::KillRunner => {
            let url = round.rows.url.clone();
            kill(round.run_to(&url))
        }
        Fault::TwoSyncs => {
            let (one, mut other) = (round.sync_to(), round.sync());
            let both = kill(one);
            assert!(other.wait().unwrap().success(), "two at once do not hinder each other");
            both
        }
        Fault::CutSync => {
            made::write(&round.home, &mut round.random);
            let limit = round.random.below(MAX_NETWORK_BYTES);
            let (proxy, url) = round.through(Network::CutAfter(limit), &socket);
            let done = round.sync_at(&url).status().unwrap();
            assert!(done.success() || done.code() == Some(40), "{done}");
            proxy.has_cut()
        }
        Fault::CutRunner => {
            let limit = round.random.below(MAX_NETWORK_BYTES / 16);
            let (proxy, url) = round.through(Network::CutAfter(limit), &socket);
            let done = round.runner(&url).stdout(Stdio::null()).status().unwrap();
            assert_eq!(done.code(), Some(0), "a run needs no database");
            proxy.has_cut()
        }
        Fault::SlowLink => {
            made::write(&round.home, &mut round.random);
            let pause = Duration::from_micros(round.random.below(1000));
            let (_proxy, url) = round.through(Network::Slow(pause), &socket);
            assert!(round.sync_at(&url).status().unwrap().success());
            false
        }
        Fault::JournalFull => journal_full(round),
        _ => kill(round.sync_to()),
    }
}

/// A file that may not grow is what a full disk is: the write fails, and the signal for it is ignored.
fn journal_full(round: &mut Round<'_>) -> bool {
    let blocks = 8 + round.random.below(MAX_JOURNAL_BLOCKS);
    let run = round.runner(&round.rows.url);
    let mut shell = Command::new("/bin/sh");
    shell.arg("-c").arg(format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$0\" \"$@\""));
    shell.arg(run.get_program()).args(run.get_args()).current_dir(support::root());
    for (name, value) in run.get_envs() {
        match value {
            Some(value) => shell.env(name, value),
            None => shell.env_remove(name),
        };
    }
    let done =
        shell.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status().unwrap();
    assert!(matches!(done.code(), Some(0 | 40)), "{done}");
    done.code() == Some(40)
}

/// The server says that its disk is full, from some row on; then there is room again.
fn server_full(round: &mut Round<'_>, owner: &Rows) -> bool {
    made::write(&round.home, &mut round.random);
    let room = 1 + round.random.below(made::EVENTS);
    owner.of(&format!(
        "CREATE SEQUENCE public.room;
         CREATE FUNCTION public.full_disk() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$ BEGIN
             IF nextval('public.room') > {room} THEN
                 RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = '53100';
             END IF;
             RETURN NEW;
         END $$;
         GRANT EXECUTE ON FUNCTION public.full_disk() TO {RUN_ROLE};
         CREATE TRIGGER full_disk BEFORE INSERT ON scpi.measurements
             FOR EACH ROW EXECUTE FUNCTION public.full_disk()"
    ));
    let done = round.sync().wait().unwrap();
    owner.of(
        "DROP TRIGGER full_disk ON scpi.measurements; DROP FUNCTION public.full_disk; DROP SEQUENCE public.room",
    );
    assert!(matches!(done.code(), Some(0 | 40)), "{done}");
    done.code() == Some(40)
}

/// A fault of the server, which is up again afterwards; whether it hit something.
fn of_server(round: &mut Round<'_>, server: &mut TestServer, fault: Fault) -> bool {
    let url = round.rows.url.clone();
    let child = match fault {
        Fault::KillAll if round.random.below(2) == 0 => round.run_to(&url),
        _ => round.sync_to(),
    };
    let end = |mut child: Child| !child.wait().unwrap().success();
    let hit = match fault {
        Fault::KillAll => {
            server.kill().unwrap();
            kill(child)
        }
        Fault::KillServer => {
            server.kill().unwrap();
            end(child)
        }
        _ => {
            // Those who are connected are shown the door, in the middle of what they do.
            let pid = Pid::from_raw(server.pid().try_into().unwrap()).unwrap();
            kill_process(pid, Signal::INT).unwrap();
            let hit = end(child);
            until_gone(server.pid());
            hit
        }
    };
    server.reopen().unwrap();
    hit
}

/// Until a server that was told to stop has stopped.
fn until_gone(pid: u32) {
    let deadline = Instant::now() + PATIENCE;
    let state = || std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    while !(state().is_empty() || state().contains(") Z ")) {
        assert!(Instant::now() < deadline, "the server does not stop");
        thread::yield_now();
    }
}

/// Rounds that had something to hit, and those that hit it.
#[derive(Default)]
struct Hits {
    hits: u64,
    of: u64,
}

impl Hits {
    fn play(
        &mut self,
        fault: Fault,
        (rows, seed): (&Rows, u64),
        play: impl FnOnce(&mut Round<'_>) -> bool,
    ) {
        let (what, began) = (format!("{fault:?}, seed {seed}"), Instant::now());
        let mut round = Round { home: Home::new(), rows, random: Random(seed | 1) };
        let hit = play(&mut round);
        let done = round.home.run(&["sync", "--db", &rows.url]);
        assert_eq!(done.code, 0, "{what}: {done:?}");
        rows.hold_what_the_journals_say(&round.home, &what);
        eprintln!("{what}: {} in {:?}", if hit { "hit" } else { "missed" }, began.elapsed());
        self.hits += u64::from(hit);
        self.of += u64::from(fault != Fault::SlowLink);
    }

    /// A harness whose faults come too late would show nothing.
    fn were_real(&self) {
        eprintln!("{} of {} rounds hit what they were to hit", self.hits, self.of);
        assert!(self.hits * 3 >= self.of, "only {} of {} rounds hit", self.hits, self.of);
    }
}

fn calm_rounds(rounds: u64, seed: u64) -> Hits {
    let database = TestDatabase::new().unwrap();
    let rows = Rows { url: database.run_url() };
    let owner = Rows { url: database.url(SUPERUSER) };
    let mut hits = Hits::default();
    for (round, fault) in (0..rounds).zip(CALM.into_iter().cycle()) {
        hits.play(fault, (&rows, seeded(seed, round)), |round| match fault {
            Fault::ServerFull => server_full(round, &owner),
            _ => calm(round, database.server(), fault),
        });
    }
    hits
}

fn server_rounds(rounds: u64, seed: u64) -> Hits {
    let mut server = TestServer::own_durable().unwrap();
    let owner = StoreConfig::from_url(&server.url(SUPERUSER, OWN_DATABASE)).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(migrate(&owner.create_database(true))).unwrap();
    let rows = Rows { url: server.url(RUN_ROLE, OWN_DATABASE) };
    let mut hits = Hits::default();
    for (round, fault) in (0..rounds).zip(OF_SERVER.into_iter().cycle()) {
        hits.play(fault, (&rows, seeded(seed, 1_000_000 + round)), |round| {
            of_server(round, &mut server, fault)
        });
    }
    hits
}

fn seeded(seed: u64, round: u64) -> u64 {
    let mut random = Random((seed ^ round.wrapping_mul(0x9E37_79B9_7F4A_7C15)) | 1);
    random.below(u64::MAX)
}

#[test]
fn after_every_fault_journal_and_database_hold_the_same_events_each_once() {
    let rounds = number("SCPI_RUN_FAULTS").unwrap_or(ROUNDS);
    let seed = number("SCPI_RUN_SEED").unwrap_or(0x5EED);
    eprintln!("{rounds} rounds; seed {seed}: SCPI_RUN_SEED={seed} plays the same again");
    let of_server = (rounds / SERVER_EVERY).min(MAX_SERVER_ROUNDS);
    let (calm, of_server) = thread::scope(|scope| {
        let other = scope.spawn(|| server_rounds(of_server, seed));
        (calm_rounds(rounds - of_server, seed), other.join().unwrap())
    });
    calm.were_real();
    of_server.were_real();
}
