//! Which instruments are there: asked for by multicast DNS and by a broadcast to port mappers (VXI-11), and read
//! from the kernel's list of USBTMC devices.

use std::collections::BTreeMap;
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, SocketAddrV4};
use std::time::Duration;

use scpi_protocol::address::{Address, HISLIP_PORT, SCPI_RAW_PORT, VXI11_DEVICE};
use scpi_protocol::mdns::{self, Record, RecordData};
use scpi_protocol::vxi11::{
    CORE_PROGRAM, CORE_VERSION, GetPort, MAPPER_PORT, Port, Procedure, Reply, Xdr, call,
};
use tokio::net::UdpSocket;
use tokio::time::{Instant, timeout_at};

/// Instruments that are listed at most.
pub const MAX_FOUND: usize = 1024;

/// The longest datagram.
const MAX_DATAGRAM_BYTES: usize = 9000;

/// Datagrams that are read at most.
const MAX_DATAGRAMS: usize = 4096;

/// Bytes that a record has before its body; a datagram has none of them.
const RECORD_MARK_BYTES: usize = 4;

/// The number of the call that goes to the port mappers.
const CALL_NUMBER: u32 = 0x5C_D1;

/// What instruments say that they serve.
const SERVICES: [(&str, Kind); 4] = [
    ("_scpi-raw._tcp.local", Kind::Raw),
    ("_hislip._tcp.local", Kind::Hislip),
    ("_vxi-11._tcp.local", Kind::Vxi11),
    ("_lxi._tcp.local", Kind::Lxi),
];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Raw,
    Hislip,
    Vxi11,
    /// A web page: it only says that an instrument is there.
    Lxi,
}

/// Where and how long it is asked.
#[derive(Clone, Debug)]
pub struct DiscoverConfig {
    /// The network interface; else the system's own choice.
    pub interface: Option<String>,
    /// How long answers are waited for.
    pub wait: Duration,
    /// Where the question by multicast DNS goes.
    pub mdns: SocketAddr,
    /// Where the call to the port mappers goes.
    pub mappers: SocketAddr,
}

impl DiscoverConfig {
    /// All instruments on an interface, or on the system's own choice of it.
    #[must_use]
    pub fn new(interface: Option<String>) -> Self {
        let is_loopback = interface.as_deref() == Some("lo");
        let broadcast = if is_loopback { [127, 255, 255, 255] } else { [255; 4] };
        let address = |ip: Ipv4Addr, port| SocketAddr::V4(SocketAddrV4::new(ip, port));
        Self {
            interface,
            wait: Duration::from_secs(2),
            mdns: address(mdns::GROUP, mdns::PORT),
            mappers: address(broadcast.into(), MAPPER_PORT),
        }
    }
}

/// An instrument that is there, by one of its addresses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Where.
    pub address: Address,
    /// What it calls itself, where it says so.
    pub name: Option<String>,
}

/// What was found, and what could not be asked.
#[derive(Clone, Debug, Default)]
pub struct Discovered {
    /// In the order of their addresses, each once.
    pub found: Vec<Found>,
    /// Why a way of asking brought nothing, a line each.
    pub faults: Vec<String>,
}

/// Asks, waits, and lists what has answered.
pub async fn discover(config: &DiscoverConfig) -> Discovered {
    let (by_mdns, by_mappers) = tokio::join!(ask_mdns(config), ask_mappers(config));
    let mut all = Discovered::default();
    let interface = config.interface.as_deref();
    all.take("multicast DNS", interface, by_mdns);
    all.take("VXI-11 broadcast", interface, by_mappers);
    #[cfg(feature = "usbtmc")]
    all.found.extend(crate::transport::usbtmc_devices());
    all.found.sort_by_key(|found| found.address.to_string());
    all.found.dedup_by(|one, two| one.address == two.address);
    all.found.truncate(MAX_FOUND);
    all
}

impl Discovered {
    fn take(&mut self, way: &str, interface: Option<&str>, found: io::Result<Vec<Found>>) {
        match found {
            Ok(found) => self.found.extend(found),
            Err(error) => {
                let on = interface.map(|name| format!(" on {name}")).unwrap_or_default();
                self.faults.push(format!("{way}{on}: {error}"));
            }
        }
    }
}

async fn ask_mdns(config: &DiscoverConfig) -> io::Result<Vec<Found>> {
    let question = mdns::question(&SERVICES.map(|(name, _)| name));
    let mut said = Vec::new();
    let mut take = |from: IpAddr, datagram: &[u8]| {
        if let Ok(records) = mdns::records(datagram) {
            said.extend(services(&records, from));
        }
    };
    ask(config, config.mdns, &question, &mut take).await?;
    Ok(said)
}

/// What the records of one answer say is served. Some answer without the host's address: theirs is the sender's.
fn services(records: &[Record], from: IpAddr) -> Vec<Found> {
    let mut addresses = BTreeMap::new();
    let mut places = BTreeMap::new();
    for record in records {
        match &record.data {
            RecordData::Address(address) => drop(addresses.insert(&record.name, *address)),
            RecordData::Service { port, host } => drop(places.insert(&record.name, (*port, host))),
            _ => {}
        }
    }
    let found = records.iter().filter_map(|record| {
        let RecordData::Pointer(instance) = &record.data else { return None };
        let (_, kind) =
            SERVICES.iter().find(|(name, _)| name.eq_ignore_ascii_case(&record.name))?;
        let place = places.get(instance);
        let host = place.and_then(|(_, host)| addresses.get(host)).copied().unwrap_or(from);
        let address = address(*kind, &host.to_string(), place.map(|(port, _)| *port))?;
        let name = instance.split("._").next().map(str::to_owned);
        Some(Found { address, name })
    });
    found.collect()
}

fn address(kind: Kind, host: &str, port: Option<u16>) -> Option<Address> {
    let host = host.to_owned();
    match kind {
        Kind::Raw => Some(Address::Tcp { host, port: port.unwrap_or(SCPI_RAW_PORT) }),
        Kind::Hislip => {
            let port = port.unwrap_or(HISLIP_PORT);
            Some(Address::Hislip { host, port, device: "hislip0".to_owned() })
        }
        Kind::Vxi11 => Some(vxi11(host)),
        Kind::Lxi => None,
    }
}

fn vxi11(host: String) -> Address {
    Address::Vxi11 { host, port: None, device: VXI11_DEVICE.to_owned() }
}

/// Every port mapper that knows the core program of VXI-11 stands for an instrument.
async fn ask_mappers(config: &DiscoverConfig) -> io::Result<Vec<Found>> {
    let asked =
        GetPort { program: CORE_PROGRAM, version: CORE_VERSION, protocol: GetPort::TCP, port: 0 };
    let record = call(CALL_NUMBER, Procedure::GetPort, &asked);
    let datagram = record.get(RECORD_MARK_BYTES..).unwrap_or_default();
    let mut found = Vec::new();
    let mut take = |from: IpAddr, datagram: &[u8]| {
        if is_core_there(datagram) {
            found.push(Found { address: vxi11(from.to_string()), name: None });
        }
    };
    ask(config, config.mappers, datagram, &mut take).await?;
    Ok(found)
}

fn is_core_there(datagram: &[u8]) -> bool {
    let Ok((Reply { xid: CALL_NUMBER, .. }, Ok(said))) = Reply::parse(datagram) else {
        return false;
    };
    Port::of_bytes(said).is_ok_and(|told| told.port != 0)
}

/// Sends a datagram and gives every one that comes back until the time is over.
async fn ask(
    config: &DiscoverConfig,
    to: SocketAddr,
    datagram: &[u8],
    take: &mut (dyn FnMut(IpAddr, &[u8]) + Send),
) -> io::Result<()> {
    let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0)).await?;
    socket.set_broadcast(true)?;
    #[cfg(target_os = "linux")]
    if let Some(interface) = &config.interface {
        socket.bind_device(Some(interface.as_bytes()))?;
    }
    socket.send_to(datagram, to).await?;
    let end = Instant::now() + config.wait;
    let mut buffer = vec![0; MAX_DATAGRAM_BYTES];
    for _ in 0..MAX_DATAGRAMS {
        let Ok(come) = timeout_at(end, socket.recv_from(&mut buffer)).await else { break };
        let (bytes, from) = come?;
        take(from.ip(), buffer.get(..bytes).unwrap_or_default());
    }
    Ok(())
}
