//! HiSLIP, byte by byte as IVI-6.1 has it, without a line of the code that is tried.

use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, TcpStream};

use crate::client::Bench;

const BENCH: &str = r#"
name = "hislip"
[instruments.dmm]
model = "34461a"
serial = "S"
idn = "ACME,X,S,1"
transports = ["hislip", "tcp"]
"#;

const FIRST: u32 = 0xFFFF_FF00;

fn message(kind: u8, control: u8, parameter: u32, payload: &[u8]) -> Vec<u8> {
    let length = u64::try_from(payload.len()).unwrap().to_be_bytes();
    [&b"HS"[..], &[kind, control], &parameter.to_be_bytes(), &length, payload].concat()
}

/// Kind, control code, parameter, payload.
type Message = (u8, u8, u32, Vec<u8>);

fn read(stream: &mut TcpStream) -> Message {
    let mut header = [0; 16];
    stream.read_exact(&mut header).unwrap();
    assert_eq!(&header[..2], b"HS");
    let length = u64::from_be_bytes(header[8..].try_into().unwrap());
    let mut payload = vec![0; length.try_into().unwrap()];
    stream.read_exact(&mut payload).unwrap();
    (header[2], header[3], u32::from_be_bytes(header[4..8].try_into().unwrap()), payload)
}

struct Session {
    synchronous: TcpStream,
    asynchronous: TcpStream,
}

impl Session {
    fn open(bench: &Bench) -> Self {
        let mut synchronous = bench.connection("dmm", 0);
        synchronous.write_all(&message(0, 0, 0x0100_7878, b"hislip0")).unwrap();
        let (kind, overlap, offer, _) = read(&mut synchronous);
        assert_eq!((kind, overlap, offer >> 16), (1, 0, 0x0100));
        let mut asynchronous = bench.connection("dmm", 0);
        asynchronous.write_all(&message(17, 0, offer & 0xFFFF, b"")).unwrap();
        assert_eq!(read(&mut asynchronous).0, 18);
        let mut session = Self { synchronous, asynchronous };
        session.tell(15, 0, 0, &1024_u64.to_be_bytes());
        assert_eq!(read(&mut session.asynchronous).3, (1_u64 << 20).to_be_bytes());
        session
    }

    fn say(&mut self, control: u8, id: u32, text: &str) {
        self.synchronous.write_all(&message(7, control, id, text.as_bytes())).unwrap();
    }

    fn tell(&mut self, kind: u8, control: u8, parameter: u32, payload: &[u8]) {
        self.asynchronous.write_all(&message(kind, control, parameter, payload)).unwrap();
    }

    fn status(&mut self, control: u8, id: u32) -> u8 {
        self.tell(21, control, id, b"");
        let (kind, byte, ..) = read(&mut self.asynchronous);
        assert_eq!(kind, 22);
        byte
    }
}

fn answer(id: u32, text: &str) -> Message {
    (7, 0, id, text.as_bytes().to_vec())
}

#[test]
fn an_answer_bears_the_number_of_its_query() {
    let bench = Bench::fast(BENCH);
    let mut session = Session::open(&bench);
    session.say(0, FIRST, "*IDN?\n");
    assert_eq!(read(&mut session.synchronous), answer(FIRST, "ACME,X,S,1\n"));
    // Its MAV bit stays until the client says that it has it.
    assert_eq!(session.status(0, FIRST), 16);
    assert_eq!(session.status(1, FIRST), 0);
    session.synchronous.write_all(&message(6, 0, FIRST + 2, b"*OP")).unwrap();
    session.say(0, FIRST + 4, "C?");
    assert_eq!(read(&mut session.synchronous), answer(FIRST + 4, "1\n"));
}

/// Clause 3.1.2: -410, and both channels are told.
#[test]
fn a_message_before_the_answer_is_taken_interrupts() {
    let bench = Bench::fast(BENCH);
    let mut session = Session::open(&bench);
    session.say(0, FIRST, "*OPC?");
    assert_eq!(read(&mut session.synchronous), answer(FIRST, "1\n"));
    session.say(0, FIRST + 2, "SYST:ERR?");
    assert_eq!(read(&mut session.synchronous), (13, 0, FIRST + 2, vec![]));
    assert_eq!(read(&mut session.asynchronous), (14, 0, FIRST + 2, vec![]));
    let error = "-410,\"Query INTERRUPTED\"\n";
    assert_eq!(read(&mut session.synchronous), answer(FIRST + 2, error));
    session.say(1, FIRST + 4, "SYST:ERR?");
    let none = "+0,\"No error\"\n";
    assert_eq!(read(&mut session.synchronous), answer(FIRST + 4, none));
}

/// Clause 6.12: what was under way is forgotten, half a message above all.
#[test]
fn a_device_clear_forgets_what_was_under_way() {
    let bench = Bench::of(&format!(
        "{BENCH}[[faults]]\ninstrument = \"dmm\"\non = \"*TST?\"\ndo = \"late\"\ndelay = \"1000 s\"\n"
    ));
    let mut session = Session::open(&bench);
    session.synchronous.write_all(&message(6, 0, FIRST, b"*TST?\nCONF:V")).unwrap();
    session.tell(19, 0, 0, b"");
    assert_eq!(read(&mut session.asynchronous).0, 23);
    session.synchronous.write_all(&message(7, 0, FIRST + 2, b"*IDN?")).unwrap();
    session.synchronous.write_all(&message(8, 0, 0, b"")).unwrap();
    assert_eq!(read(&mut session.synchronous).0, 9);
    session.say(0, FIRST, "*OPC?");
    assert_eq!(read(&mut session.synchronous), answer(FIRST, "1\n"));
}

#[test]
fn service_is_requested_by_its_mask() {
    let bench = Bench::fast(BENCH);
    let mut session = Session::open(&bench);
    session.say(0, FIRST, "*CLS;*SRE 4");
    session.say(0, FIRST + 2, "NONSENSE");
    assert_eq!(read(&mut session.asynchronous), (20, 4 + 64, 0, vec![]));
    assert_eq!(session.status(0, FIRST + 2), 4 + 64);
}

#[test]
fn a_lock_keeps_others_waiting() {
    let bench = Bench::fast(BENCH);
    let (mut one, mut two) = (Session::open(&bench), Session::open(&bench));
    one.tell(4, 1, 0, b"");
    assert_eq!(read(&mut one.asynchronous), (5, 1, 0, vec![]));
    two.tell(4, 1, 0, b"");
    assert_eq!(read(&mut two.asynchronous), (5, 0, 0, vec![]));
    two.tell(24, 0, 0, b"");
    assert_eq!(read(&mut two.asynchronous), (25, 1, 1, vec![]));
    two.say(0, FIRST, "*OPC?");
    drop(one);
    assert_eq!(read(&mut two.synchronous), answer(FIRST, "1\n"));
}

#[test]
fn who_goes_while_it_waits_for_a_lock_is_gone() {
    let bench = Bench::fast(BENCH);
    let (mut one, mut two) = (Session::open(&bench), Session::open(&bench));
    one.tell(4, 1, 0, b"");
    assert_eq!(read(&mut one.asynchronous).1, 1);
    two.tell(4, 1, u32::MAX, b"");
    two.synchronous.shutdown(Shutdown::Both).unwrap();
    let ended = two.asynchronous.read(&mut [0]).map_err(|error| error.kind());
    assert!(matches!(ended, Ok(0) | Err(ErrorKind::ConnectionReset)), "{ended:?}");
}

/// A long answer is cut as the client takes it; only the last piece has END.
#[test]
fn a_long_answer_comes_in_pieces() {
    let bench = Bench::fast(&BENCH.replace("ACME", &"A".repeat(2500)));
    let mut session = Session::open(&bench);
    session.say(0, FIRST, "*IDN?");
    let pieces: Vec<_> = (0..3).map(|_| read(&mut session.synchronous)).collect();
    let shapes: Vec<_> = pieces.iter().map(|piece| (piece.0, piece.3.len())).collect();
    assert_eq!(shapes, [(6, 1008), (6, 1008), (7, 2500 + 7 - 2016)]);
}

#[test]
fn what_is_no_hislip_is_told_so_and_left() {
    let bench = Bench::fast(BENCH);
    for (sent, code) in [
        (b"GET / HTTP/1.1\r\n".to_vec(), 1),
        (message(7, 0, FIRST, b"*IDN?"), 3),
        (message(17, 0, 999, b""), 3),
        ([&b"HS\0\0\x01\0xx"[..], &(1_u64 << 60).to_be_bytes()].concat(), 1),
    ] {
        let mut stream = bench.connection("dmm", 0);
        stream.write_all(&sent).unwrap();
        let (kind, control, ..) = read(&mut stream);
        assert_eq!((kind, control), (2, code));
        assert_eq!(stream.read(&mut [0]).unwrap(), 0);
    }
    let mut alone = bench.connection("dmm", 0);
    alone.write_all(&message(0, 0, 0x0200_7878, b"hislip0")).unwrap();
    assert_eq!(read(&mut alone).2 >> 16, 0x0200);
    alone.write_all(&message(7, 0, FIRST, b"*IDN?")).unwrap();
    assert_eq!(read(&mut alone).1, 2);
    assert_eq!(bench.connection("dmm", 1).peer_addr().unwrap().ip().to_string(), "127.0.0.1");
}

#[test]
fn a_fault_that_closes_ends_both_connections() {
    let bench = Bench::of(&format!(
        "{BENCH}[[faults]]\ninstrument = \"dmm\"\non = \"READ?\"\ndo = \"close\"\n"
    ));
    let mut session = Session::open(&bench);
    session.say(0, FIRST, "READ?");
    assert_eq!(session.synchronous.read(&mut [0]).unwrap(), 0);
    assert_eq!(session.asynchronous.read(&mut [0]).unwrap(), 0);
}
