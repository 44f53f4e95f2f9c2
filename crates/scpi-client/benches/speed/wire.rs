//! Exchanges over loopback.

use std::time::Duration;

use scpi_client::{ClientConfig, Instrument as Client};
use scpi_protocol::preamble::{Preamble, Values};
use scpi_protocol::response::{Response, decode_list};
use tokio::runtime::{Builder, Runtime};

use crate::Report;
use crate::instrument::Instrument;
use crate::raw;

const QUERIES: usize = 2_000;
const MEGABYTE: usize = 1_000_000;
/// Bytes of a list of the instrument: 16 each, the last without its comma, and the terminator.
const LIST_BYTES: usize = 16 * MEGABYTE;

pub(crate) fn rows(report: &mut Report, instrument: &Instrument) {
    let one = Builder::new_current_thread().enable_all().build().unwrap();
    let pool = Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    single(report, instrument, &one, &pool);
    for instruments in [64, 256] {
        many(report, instrument, &one, instruments);
    }
    pipelined(report, instrument, &one);
    list(report, instrument, &one);
    blocks(report, instrument, &one);
}

fn connect(runtime: &Runtime, instrument: &Instrument, pipelined: usize) -> Client {
    let config = ClientConfig {
        read_timeout: Duration::from_secs(60),
        pipelined,
        ..ClientConfig::default()
    };
    let address = format!("tcp://{}", instrument.at).parse().unwrap();
    runtime.block_on(Client::connect(&address, config)).unwrap()
}

async fn exchanges(client: &Client, answer: &mut Response, count: usize) {
    for _ in 0..count {
        client.query_into("READ?", answer).await.unwrap();
        assert!(answer.number().unwrap().suffix.is_none());
    }
}

fn single(report: &mut Report, instrument: &Instrument, one: &Runtime, pool: &Runtime) {
    let mut plain = raw::connect(instrument.at);
    let client = connect(one, instrument, 1);
    let mut answer = Response::default();
    report.row(
        "query / raw blocking socket",
        (0.85, 0.93),
        || (0..QUERIES).for_each(|_| raw::query(&mut plain)),
        || one.block_on(exchanges(&client, &mut answer, QUERIES)),
    );
    let client = connect(pool, instrument, 1);
    report.row(
        "query from a spawned task of several threads / raw",
        (0.75, 0.88),
        || (0..QUERIES).for_each(|_| raw::query(&mut plain)),
        || {
            let client = client.clone();
            let task = pool
                .spawn(async move { exchanges(&client, &mut Response::default(), QUERIES).await });
            pool.block_on(task).unwrap();
        },
    );
}

fn many(report: &mut Report, instrument: &Instrument, one: &Runtime, instruments: usize) {
    let each = 10_000 / instruments;
    let mut plain: Vec<_> = (0..instruments).map(|_| raw::connect(instrument.at)).collect();
    let clients: Vec<_> = (0..instruments).map(|_| connect(one, instrument, 1)).collect();
    report.row(
        &format!("{instruments} instruments at once / one epoll loop"),
        (0.80, 0.95),
        || raw::many(&mut plain, each),
        || {
            one.block_on(async {
                let mut tasks = tokio::task::JoinSet::new();
                for client in &clients {
                    let client = client.clone();
                    tasks.spawn(async move {
                        exchanges(&client, &mut Response::default(), each).await;
                    });
                }
                tasks.join_all().await;
            });
        },
    );
}

fn pipelined(report: &mut Report, instrument: &Instrument, one: &Runtime) {
    let client = connect(one, instrument, 1);
    let mut answer = Response::default();
    for (depth, goals) in [(10, (6.0, 8.0)), (100, (35.0, 60.0))] {
        let together = connect(one, instrument, depth);
        let queries = vec!["READ?"; depth];
        report.row(
            &format!("{depth} queries at once, parsed / one by one"),
            goals,
            || one.block_on(exchanges(&client, &mut answer, QUERIES)),
            || {
                for _ in 0..QUERIES / depth {
                    let answers = one.block_on(together.query_all(&queries)).unwrap();
                    assert!(answers.iter().all(|it| it.number().is_ok()));
                }
            },
        );
    }
}

fn list(report: &mut Report, instrument: &Instrument, one: &Runtime) {
    let mut plain = raw::connect(instrument.at);
    let client = connect(one, instrument, 1);
    let mut buffer = vec![0; 1 << 18];
    let (mut answer, mut values) = (Response::default(), Vec::<f64>::new());
    report.row(
        "10^6 values over loopback, parsed / received alone",
        (0.5, 0.75),
        || raw::receive(&mut plain, b"FETC:ARR? 1000000\n", LIST_BYTES, &mut buffer),
        || {
            one.block_on(client.query_into("FETC:ARR? 1000000", &mut answer)).unwrap();
            values.clear();
            decode_list(answer.raw(), &mut values).unwrap();
            assert_eq!(values.len(), MEGABYTE);
        },
    );
}

fn blocks(report: &mut Report, instrument: &Instrument, one: &Runtime) {
    let mut plain = raw::connect(instrument.at);
    let client = connect(one, instrument, 1);
    let mut buffer = vec![0; 1 << 18];
    let mut data = Vec::new();
    for (megabytes, repeats, goals) in [(1, 20, (0.85, 0.95)), (100, 1, (0.75, 0.85))] {
        let bytes = megabytes * MEGABYTE;
        let query = format!("WAV:DATA? {bytes}");
        let line = format!("{query}\n");
        let whole = scpi_protocol::block::header(bytes).len() + bytes + 1;
        report.row(
            &format!("block of {megabytes} MB into a used buffer / received alone"),
            goals,
            || {
                (0..repeats)
                    .for_each(|_| raw::receive(&mut plain, line.as_bytes(), whole, &mut buffer))
            },
            || {
                for _ in 0..repeats {
                    one.block_on(client.query_block_into(&query, &mut data)).unwrap();
                    assert_eq!(data.len(), bytes);
                }
            },
        );
    }
    let (query, whole) = ("WAV:DATA? 100000000", 100 * MEGABYTE + 12);
    report.row(
        "block of 100 MB into a new buffer / received alone",
        (0.40, 0.65),
        || raw::receive(&mut plain, b"WAV:DATA? 100000000\n", whole, &mut buffer),
        || {
            let mut data = Vec::new();
            one.block_on(client.query_block_into(query, &mut data)).unwrap();
            assert_eq!(data.len(), 100 * MEGABYTE);
        },
    );
    drop(data);
    volts(report, one, &client, &mut plain, &mut buffer);
}

fn volts(
    report: &mut Report,
    one: &Runtime,
    client: &Client,
    plain: &mut std::net::TcpStream,
    buffer: &mut [u8],
) {
    let answer = Response::new(b"1,2,2,1,1E-6,0,0,1E-3,0.5,128".to_vec());
    let scale = Values::of(&Preamble::keysight(&answer).unwrap()).unwrap();
    let mut values = Vec::new();
    report.row(
        "block of 100 MB to volts while it arrives / received alone",
        (0.55, 0.75),
        || raw::receive(plain, b"WAV:DATA? 100000000\n", 100 * MEGABYTE + 12, buffer),
        || {
            one.block_on(client.query_values_into("WAV:DATA? 100000000", scale, &mut values))
                .unwrap();
            assert_eq!(values.len(), 50 * MEGABYTE);
        },
    );
}
