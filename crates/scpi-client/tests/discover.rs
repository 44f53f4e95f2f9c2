//! Discovery, answered by responders of our own on 127.0.0.1.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails by panicking")]

use std::net::SocketAddr;
use std::time::Duration;

use scpi_client::{DiscoverConfig, discover};
use scpi_protocol::vxi11::{Call, Port, Procedure, reply};
use tokio::net::UdpSocket;

/// Answers the first datagram by what is made of it.
async fn responder(
    answer: impl Fn(&[u8]) -> Vec<Vec<u8>> + Send + 'static,
) -> (SocketAddr, tokio::task::JoinHandle<()>) {
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let address = socket.local_addr().unwrap();
    let task = tokio::spawn(async move {
        let mut datagram = [0; 2048];
        let (bytes, from) = socket.recv_from(&mut datagram).await.unwrap();
        for said in answer(&datagram[..bytes]) {
            socket.send_to(&said, from).await.unwrap();
        }
    });
    (address, task)
}

/// PTR, SRV and A of a service, names in full.
fn service(kind: &str, instance: &str, port: u16) -> Vec<u8> {
    let name = |text: &str| {
        let labels = text.split('|').flat_map(|label| {
            [vec![u8::try_from(label.len()).unwrap()], label.as_bytes().to_vec()].concat()
        });
        labels.chain([0]).collect::<Vec<u8>>()
    };
    let (service, host) = (format!("{kind}|_tcp|local"), "box|local");
    let whole = format!("{instance}|{service}");
    let record = |owner: &str, kind: u16, data: &[u8]| {
        let head = [name(owner), [kind, 1, 0, 120].map(u16::to_be_bytes).concat()].concat();
        let length = u16::try_from(data.len()).unwrap().to_be_bytes();
        [head, length.to_vec(), data.to_vec()].concat()
    };
    let place = [vec![0, 0, 0, 0], port.to_be_bytes().to_vec(), name(host)].concat();
    [
        [0_u16, 0x8400, 0, 3, 0, 0].map(u16::to_be_bytes).concat(),
        record(&service, 12, &name(&whole)),
        record(&whole, 33, &place),
        record(host, 1, &[192, 0, 2, 7]),
    ]
    .concat()
}

#[tokio::test]
async fn what_answers_is_listed_once_each_by_its_address() {
    let (mdns, asked) = responder(|question| {
        assert!(question.windows(9).any(|part| part == b"_scpi-raw"));
        vec![
            service("_scpi-raw", "DMM 1", 5025),
            service("_scpi-raw", "DMM 1", 5025),
            b"garbage".to_vec(),
            service("_hislip", "DMM 1", 4881),
            service("_lxi", "DMM 1", 80),
        ]
    })
    .await;
    let (mappers, called) = responder(|datagram| {
        let (call, _) = Call::parse(datagram).unwrap();
        assert_eq!(call.procedure(), Some(Procedure::GetPort));
        let other = reply(call.xid + 1, &Port { port: 1024 })[4..].to_vec();
        vec![other, b"x".to_vec(), reply(call.xid, &Port { port: 1024 })[4..].to_vec()]
    })
    .await;
    let config = DiscoverConfig {
        wait: Duration::from_millis(400),
        mdns,
        mappers,
        ..DiscoverConfig::new(Some("lo".to_owned()))
    };
    let all = discover(&config).await;
    asked.await.unwrap();
    called.await.unwrap();
    assert!(all.faults.is_empty(), "{:?}", all.faults);
    let found: Vec<_> =
        all.found.iter().map(|it| (it.address.to_string(), it.name.as_deref())).collect();
    assert_eq!(
        found,
        [
            ("TCPIP::127.0.0.1::inst0::INSTR".to_owned(), None),
            ("TCPIP::192.0.2.7::hislip0,4881::INSTR".to_owned(), Some("DMM 1")),
            ("tcp://192.0.2.7:5025".to_owned(), Some("DMM 1")),
        ]
    );
}

#[tokio::test]
async fn an_interface_that_is_not_there_is_said() {
    let mut config = DiscoverConfig::new(Some("nosuch0".to_owned()));
    config.wait = Duration::from_millis(1);
    let all = discover(&config).await;
    assert_eq!(all.faults.len(), 2, "{:?}", all.faults);
}
