//! VXI-11, word by word as its specification has it, without a line of the code that is tried.

use std::io::{Read, Write};
use std::net::TcpStream;

use crate::client::Bench;

const BENCH: &str = r#"
name = "vxi11"
[instruments.dmm]
model = "34461a"
serial = "S"
idn = "ACME,X,S,1"
transports = ["vxi11"]
"#;

const CORE: u32 = 0x0607AF;
const ABORT: u32 = 0x0607B0;

fn words(words: &[u32]) -> Vec<u8> {
    words.iter().flat_map(|word| word.to_be_bytes()).collect()
}

/// Opaque data, with its length and filled up.
fn opaque(bytes: &[u8]) -> Vec<u8> {
    let mut found = words(&[bytes.len().try_into().unwrap()]);
    found.extend_from_slice(bytes);
    found.resize(found.len().next_multiple_of(4), 0);
    found
}

struct Client {
    stream: TcpStream,
    xid: u32,
}

impl Client {
    fn connect(bench: &Bench) -> Self {
        Self { stream: bench.connection("dmm", 0), xid: 0 }
    }

    /// What is replied, behind its header.
    fn call(&mut self, program: u32, procedure: u32, asked: &[u8]) -> Vec<u8> {
        self.begin(program, procedure, asked);
        self.reply()
    }

    fn begin(&mut self, program: u32, procedure: u32, asked: &[u8]) {
        self.xid += 1;
        let version = if program == 100_000 { 2 } else { 1 };
        let header = [self.xid, 0, 2, program, version, procedure, 0, 0, 0, 0];
        let body = [words(&header), asked.to_vec()].concat();
        let mark = 0x8000_0000 | u32::try_from(body.len()).unwrap();
        self.stream.write_all(&[words(&[mark]), body].concat()).unwrap();
    }

    fn reply(&mut self) -> Vec<u8> {
        let mut mark = [0; 4];
        self.stream.read_exact(&mut mark).unwrap();
        let length = u32::from_be_bytes(mark) & 0x7FFF_FFFF;
        let mut body = vec![0; length.try_into().unwrap()];
        self.stream.read_exact(&mut body).unwrap();
        let header = body.drain(..24).collect::<Vec<_>>();
        assert_eq!(header, words(&[self.xid, 1, 0, 0, 0, 0]));
        body
    }

    /// Opens a link, whose number is told.
    fn link(&mut self) -> u32 {
        let asked = [words(&[1, 0, 0]), opaque(b"inst0")].concat();
        let replied = self.call(CORE, 10, &asked);
        assert_eq!(&replied[..4], words(&[0]));
        u32::from_be_bytes(replied[4..8].try_into().unwrap())
    }

    /// The error of a writing.
    fn write(&mut self, link: u32, text: &str, flags: u32) -> u32 {
        let asked = [words(&[link, 10_000, 0, flags]), opaque(text.as_bytes())].concat();
        let replied = self.call(CORE, 11, &asked);
        u32::from_be_bytes(replied[..4].try_into().unwrap())
    }

    /// Error, reason and bytes of a reading.
    fn read(&mut self, link: u32, most: u32, within_ms: u32) -> (u32, u32, Vec<u8>) {
        self.read_until(link, most, within_ms, None)
    }

    fn read_until(
        &mut self,
        link: u32,
        most: u32,
        within_ms: u32,
        until: Option<u8>,
    ) -> (u32, u32, Vec<u8>) {
        let flags = if until.is_some() { 128 } else { 0 };
        let until = until.unwrap_or_default().into();
        let replied = self.call(CORE, 12, &words(&[link, most, within_ms, 0, flags, until]));
        let word = |at: usize| u32::from_be_bytes(replied[at..at + 4].try_into().unwrap());
        let length = usize::try_from(word(8)).unwrap();
        (word(0), word(4), replied[12..12 + length].to_vec())
    }

    fn generic(&mut self, procedure: u32, link: u32) -> Vec<u8> {
        self.call(CORE, procedure, &words(&[link, 0, 0, 1000]))
    }
}

#[test]
fn an_answer_is_read_in_pieces_to_its_end() {
    let bench = Bench::fast(BENCH);
    let mut client = Client::connect(&bench);
    let link = client.link();
    assert_eq!(link, 0);
    assert_eq!(client.write(link, "*ID", 0), 0);
    assert_eq!(client.write(link, "N?", 8), 0);
    assert_eq!(client.read(link, 4, 20_000), (0, 1, b"ACME".to_vec()));
    // MAV while there is something to read.
    assert_eq!(client.generic(13, link), words(&[0, 16]));
    assert_eq!(client.read_until(link, 99, 0, Some(b'X')), (0, 2, b",X".to_vec()));
    assert_eq!(client.read(link, 99, 0), (0, 4, b",S,1\n".to_vec()));
    assert_eq!(client.generic(13, link), words(&[0, 0]));
    assert_eq!(client.read(link, 99, 1), (15, 0, vec![]));
}

/// Clauses B.6.12 to B.6.15, word by word: a connection back, a handle, a call without a reply for each request, and the end
/// of it; nobody but who asks is connected to.
#[test]
fn service_requests_come_over_a_connection_back() {
    let bench = Bench::fast(BENCH);
    let mut client = Client::connect(&bench);
    let link = client.link();
    let enable = |on: u32| [words(&[link, on]), opaque(b"me")].concat();
    assert_eq!(client.call(CORE, 20, &enable(1)), words(&[6]));
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port().into();
    const LOCAL: u32 = 0x7F00_0001;
    const INTERRUPT: u32 = 0x0607B1;
    assert_eq!(client.call(CORE, 25, &words(&[LOCAL + 1, port, INTERRUPT, 1, 0])), words(&[5]));
    assert_eq!(client.call(CORE, 25, &words(&[LOCAL, port, INTERRUPT, 1, 1])), words(&[5]));
    assert_eq!(client.call(CORE, 25, &words(&[LOCAL, port, INTERRUPT, 1, 0])), words(&[0]));
    assert_eq!(client.call(CORE, 25, &words(&[LOCAL, port, INTERRUPT, 1, 0])), words(&[29]));
    assert_eq!(client.call(CORE, 20, &enable(1)), words(&[0]));
    let (mut back, _) = listener.accept().unwrap();
    assert_eq!(client.write(link, "*ESE 1;*SRE 32;*OPC", 8), 0);
    let mut told = vec![0; 4 + 48];
    back.read_exact(&mut told).unwrap();
    let call = words(&[0x8000_0030, 1, 0, 2, INTERRUPT, 1, 30, 0, 0, 0, 0]);
    assert_eq!(told, [call, opaque(b"me")].concat());
    // 32 that an event is there, 64 that service was requested.
    assert_eq!(client.generic(13, link), words(&[0, 96]));
    assert_eq!(client.call(CORE, 20, &enable(0)), words(&[0]));
    assert_eq!(client.call(CORE, 26, &[]), words(&[0]));
    assert_eq!(client.call(CORE, 26, &[]), words(&[6]));
    assert_eq!(back.read(&mut [0; 8]).unwrap(), 0);
}

#[test]
fn a_device_clear_and_an_abort_end_what_is_under_way() {
    let bench = Bench::of(&format!(
        "{BENCH}[[faults]]\ninstrument = \"dmm\"\non = \"*TST?\"\ndo = \"late\"\ndelay = \"1000 s\"\n"
    ));
    let (mut client, mut other) = (Client::connect(&bench), Client::connect(&bench));
    let link = client.link();
    assert_eq!(client.write(link, "*TST?\nCONF:V", 0), 0);
    client.begin(CORE, 12, &words(&[link, 99, 1_000_000, 0, 0, 0]));
    // The reading may not have begun: an abort is asked for until it is there to be aborted.
    client.stream.set_nonblocking(true).unwrap();
    while client.stream.peek(&mut [0]).is_err() {
        assert_eq!(other.call(ABORT, 1, &words(&[link])), words(&[0]));
    }
    client.stream.set_nonblocking(false).unwrap();
    assert_eq!(client.reply()[..4], words(&[23]));
    assert_eq!(client.generic(15, link), words(&[0]));
    assert_eq!(client.write(link, "*OPC?", 8), 0);
    assert_eq!(client.read(link, 99, 20_000), (0, 4, b"1\n".to_vec()));
}

#[test]
fn a_message_before_the_answer_is_read_drops_it() {
    let bench = Bench::fast(BENCH);
    let mut client = Client::connect(&bench);
    let link = client.link();
    assert_eq!(client.write(link, "*OPC?", 8), 0);
    assert_eq!(client.write(link, "SYST:ERR?", 8), 0);
    let error = b"-410,\"Query INTERRUPTED\"\n".to_vec();
    // The first answer may be had before the second message is come to.
    let read = client.read(link, 99, 20_000);
    assert!(read == (0, 4, error) || read.2 == b"1\n", "{read:?}");
}

/// IEEE 488.2 clauses 6.3.2.2 and 6.3.1.7.
#[test]
fn read_before_it_is_asked_and_asked_more_than_it_can_take() {
    let bench = Bench::fast(BENCH);
    let mut client = Client::connect(&bench);
    let link = client.link();
    assert_eq!(client.read(link, 99, 1), (15, 0, vec![]));
    assert_eq!(client.write(link, "SYST:ERR?;*ESR?", 8), 0);
    // Power on and query error.
    assert_eq!(client.read(link, 99, 20_000).2, b"-420,\"Query UNTERMINATED\";+132\n");
    let piece = "*OPC?;".repeat(10_000);
    for _ in 0..2 {
        assert_eq!(client.write(link, &piece, 0), 0);
    }
    assert_eq!(client.write(link, "\n", 8), 0);
    assert_eq!(client.write(link, "SYST:ERR?", 8), 0);
    assert_eq!(client.read(link, 99, 20_000).2, b"-430,\"Query DEADLOCKED\"\n");
}

#[test]
fn a_lock_keeps_others_out_and_ends_with_its_client() {
    let bench = Bench::fast(BENCH);
    let (mut one, mut two) = (Client::connect(&bench), Client::connect(&bench));
    let (first, second) = (one.link(), two.link());
    assert_ne!(first, second);
    assert_eq!(one.call(CORE, 18, &words(&[first, 0, 0])), words(&[0]));
    assert_eq!(two.write(second, "*CLS", 8), 11);
    assert_eq!(two.call(CORE, 19, &words(&[second])), words(&[12]));
    drop(one);
    // Waits for the lock, as its flag says.
    let asked = [words(&[second, 1000, 20_000, 8 | 1]), opaque(b"*OPC?")].concat();
    assert_eq!(two.call(CORE, 11, &asked)[..4], words(&[0]));
    assert_eq!(two.read(second, 99, 20_000).2, b"1\n");
}

/// Nobody is kept for a reading that nobody waits for any more: its lock is free.
#[test]
fn who_goes_in_the_middle_of_a_reading_is_gone() {
    let bench = Bench::fast(BENCH);
    let (mut one, mut two) = (Client::connect(&bench), Client::connect(&bench));
    let (first, second) = (one.link(), two.link());
    assert_eq!(one.call(CORE, 18, &words(&[first, 0, 0])), words(&[0]));
    one.begin(CORE, 12, &words(&[first, 99, u32::MAX, 0, 0, 0]));
    drop(one);
    assert_eq!(two.call(CORE, 18, &words(&[second, 1, 20_000])), words(&[0]));
}

#[test]
fn what_is_not_there_is_refused() {
    let bench = Bench::fast(BENCH);
    let mut client = Client::connect(&bench);
    let asked = [words(&[1, 0, 0]), opaque(b"gpib0,5")].concat();
    assert_eq!(client.call(CORE, 10, &asked)[..4], words(&[3]));
    assert_eq!(client.write(77, "*CLS", 8), 4);
    let link = client.link();
    assert_eq!(client.write(link, &"x".repeat((64 << 10) + 1), 8), 5);
    assert_eq!(client.call(CORE, 23, &words(&[link])), words(&[0]));
    assert_eq!(client.write(link, "*CLS", 8), 4);
    let port = client.stream.peer_addr().unwrap().port();
    let mapped = client.call(100_000, 3, &words(&[CORE, 1, 6, 0]));
    assert_eq!(mapped, words(&[port.into()]));
    assert_eq!(client.call(100_000, 3, &words(&[CORE, 1, 17, 0])), words(&[0]));
}

#[test]
fn what_is_no_vxi11_is_left() {
    let bench = Bench::fast(BENCH);
    for sent in [&b"\xFF\xFF\xFF\xFFxx"[..], b"\x80\0\0\x04abcd"] {
        let mut stream = bench.connection("dmm", 0);
        stream.write_all(sent).unwrap();
        assert_eq!(stream.read(&mut [0]).unwrap(), 0);
    }
}
