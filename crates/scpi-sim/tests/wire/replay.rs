//! A tape is an instrument.

use std::time::{Duration, Instant};

use scpi_sim::{ReplayOptions, Tape, replay};

use crate::client::Client;

const TAPE: &str = "0.000000001 tcp://10.0.0.5:5025 # connected
0.000100000 tcp://10.0.0.5:5025 > *IDN?\\n
0.000200000 tcp://10.0.0.5:5025 < ACME,X,1,2\\n
0.000300000 tcp://10.0.0.5:5025 > CONF:VOLT:DC 10\\nREAD?\\n
0.200300000 tcp://10.0.0.5:5025 < +1.0E+00\\n
0.300000000 tcp://10.0.0.5:5025 > READ?\\n
0.300100000 tcp://10.0.0.5:5025 < +2.0E+00\\n
";

fn served(options: ReplayOptions, talk: impl FnOnce(Client)) {
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    let runtime = builder.worker_threads(1).enable_all().build().unwrap();
    let replay = runtime.block_on(replay(Tape::parse("t", TAPE).unwrap(), options)).unwrap();
    let (name, address) = replay.instruments()[0].clone();
    assert_eq!(name, "tcp://10.0.0.5:5025");
    talk(Client::connect(address).unwrap());
    runtime.block_on(replay.stop());
}

#[test]
fn in_any_order() {
    served(ReplayOptions::default(), |mut client| {
        assert_eq!(client.ask("read?"), "+1.0E+00");
        assert_eq!(client.ask("READ?"), "+2.0E+00");
        client.send("FOO?");
        assert_eq!(client.ask("*IDN?"), "ACME,X,1,2");
        assert_eq!(client.ask("READ?"), "+1.0E+00");
    });
}

#[test]
fn exactly_as_it_was() {
    let options = ReplayOptions { exact: true, original_timing: true };
    served(options, |mut client| {
        assert_eq!(client.ask("*IDN?"), "ACME,X,1,2");
        client.send("CONF:VOLT:DC 10");
        let start = Instant::now();
        assert_eq!(client.ask("READ?"), "+1.0E+00");
        assert!(start.elapsed() >= Duration::from_millis(199));
        client.send("*IDN?");
        assert_eq!(client.line(), None, "it was not said then");
    });
}
