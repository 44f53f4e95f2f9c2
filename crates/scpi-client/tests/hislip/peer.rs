//! A HiSLIP peer on 127.0.0.1 that follows a script, session by session.

use std::time::Duration;

use scpi_client::{ClientConfig, Instrument};
use scpi_protocol::address::Address;
use scpi_protocol::hislip::{HEADER_BYTES, Header, Kind, Message, Messages, SessionOffer, Version};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// What the peer does next.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Step {
    /// Reads messages to the end of a program message, which must be this, with this control code first.
    Expect(&'static str, u8),
    /// Answers the last message: these bytes are all of it.
    Answer(&'static [u8]),
    /// Sends a piece of the answer to the last message.
    Piece(&'static [u8]),
    /// Sends a whole answer to the message so many before the last.
    AnswerOlder(u32, &'static [u8]),
    /// Sends these bytes on the synchronous channel.
    Raw(&'static [u8]),
    /// Says that a message after the last has interrupted it.
    Interrupt,
    /// Takes part in a device clear.
    Clear,
    /// Waits for a device clear and leaves it at that.
    IgnoreClear,
    /// Says that it wants to be looked at.
    RequestService(u8),
    /// Answers a status query, which must name the last message.
    Status(u8),
    /// Answers a request for the lock (1), or its giving back (0).
    Lock(u8, u8),
    /// Never does anything again.
    Hang,
}

pub(crate) struct Peer {
    pub(crate) address: Address,
    scripts: tokio::task::JoinHandle<()>,
}

/// The number that comes before that of the first message of a session.
const BEFORE_FIRST: u32 = 0xFFFF_FEFE;

/// For what the test wants to see pass.
pub(crate) const SHORT: Duration = Duration::from_millis(120);

/// Deadlines that no test waits for, even on a busy machine.
pub(crate) fn config() -> ClientConfig {
    let long = Duration::from_secs(30);
    ClientConfig {
        connect_timeout: long,
        read_timeout: long,
        write_timeout: long,
        probe_timeout: long,
        ..ClientConfig::default()
    }
}

impl Peer {
    /// One script per session, in order; after the last step, both its connections are closed.
    pub(crate) async fn serve(scripts: Vec<Vec<Step>>) -> Self {
        Self::serve_taking(1 << 20, scripts).await
    }

    /// The same, for a peer that takes messages of so many bytes.
    pub(crate) async fn serve_taking(most: u64, scripts: Vec<Vec<Step>>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let address = format!("TCPIP::127.0.0.1::hislip0,{port}::INSTR").parse().unwrap();
        let scripts = tokio::spawn(async move {
            for script in scripts {
                let mut session = Session::accept(&listener, most).await;
                for step in script {
                    session.follow(step).await;
                }
            }
        });
        Self { address, scripts }
    }

    pub(crate) async fn instrument(&self) -> Instrument {
        Instrument::connect(&self.address, config()).await.unwrap()
    }

    /// Every script has been followed to its end.
    pub(crate) async fn done(self) {
        self.scripts.await.unwrap();
    }
}

pub(crate) struct Channel {
    stream: TcpStream,
    messages: Messages,
}

impl Channel {
    pub(crate) fn new(stream: TcpStream) -> Self {
        Self { stream, messages: Messages::new(1 << 20) }
    }

    pub(crate) async fn next(&mut self) -> Message {
        loop {
            let byte = [self.stream.read_u8().await.unwrap()];
            if let Some(message) = self.messages.next(&mut byte.as_slice()).unwrap() {
                return message;
            }
        }
    }

    /// The same, for a long one: its payload in one piece.
    async fn next_at_once(&mut self) -> Message {
        let mut header = [0; HEADER_BYTES];
        self.stream.read_exact(&mut header).await.unwrap();
        let header = Header::parse(header).unwrap();
        let mut payload = vec![0; header.length.try_into().unwrap()];
        self.stream.read_exact(&mut payload).await.unwrap();
        Message { header, payload }
    }

    async fn expect(&mut self, kind: Kind) -> Message {
        let message = self.next().await;
        assert_eq!(message.header.kind, kind);
        message
    }

    pub(crate) async fn say(&mut self, kind: Kind, control: u8, parameter: u32, payload: &[u8]) {
        let header = Header::new(kind, control, parameter, payload.len() as u64);
        self.raw(&[header.to_bytes().as_slice(), payload].concat()).await;
    }

    pub(crate) async fn raw(&mut self, bytes: &[u8]) {
        self.stream.write_all(bytes).await.unwrap();
    }
}

struct Session {
    synchronous: Channel,
    asynchronous: Channel,
    last: u32,
}

impl Session {
    async fn accept(listener: &TcpListener, most: u64) -> Self {
        let mut synchronous = Channel::new(listener.accept().await.unwrap().0);
        assert_eq!(synchronous.expect(Kind::Initialize).await.payload, b"hislip0");
        let offer = SessionOffer { version: Version::V1_0, session: 7 };
        synchronous.say(Kind::InitializeResponse, 0, offer.parameter(), b"").await;
        let mut asynchronous = Channel::new(listener.accept().await.unwrap().0);
        assert_eq!(asynchronous.expect(Kind::AsyncInitialize).await.header.parameter, 7);
        asynchronous.say(Kind::AsyncInitializeResponse, 0, 0, b"").await;
        asynchronous.expect(Kind::AsyncMaximumMessageSize).await;
        let most = most.to_be_bytes();
        asynchronous.say(Kind::AsyncMaximumMessageSizeResponse, 0, 0, &most).await;
        Self { synchronous, asynchronous, last: BEFORE_FIRST }
    }

    async fn follow(&mut self, step: Step) {
        match step {
            Step::Expect(wanted, control) => self.program_message(wanted, control).await,
            Step::Answer(bytes) => self.answer(Kind::DataEnd, 0, bytes).await,
            Step::Piece(bytes) => self.answer(Kind::Data, 0, bytes).await,
            Step::AnswerOlder(by, bytes) => self.answer(Kind::DataEnd, by, bytes).await,
            Step::Raw(bytes) => self.synchronous.raw(bytes).await,
            Step::Interrupt => {
                let later = self.last.wrapping_add(2);
                self.synchronous.say(Kind::Interrupted, 0, later, b"").await;
                self.asynchronous.say(Kind::AsyncInterrupted, 0, later, b"").await;
            }
            Step::Clear => {
                self.asynchronous.expect(Kind::AsyncDeviceClear).await;
                self.asynchronous.say(Kind::AsyncDeviceClearAcknowledge, 0, 0, b"").await;
                self.synchronous.expect(Kind::DeviceClearComplete).await;
                // What was under way may still be on the wire.
                self.answer(Kind::DataEnd, 0, b"late\n").await;
                self.synchronous.say(Kind::DeviceClearAcknowledge, 0, 0, b"").await;
                self.last = BEFORE_FIRST;
            }
            Step::IgnoreClear => drop(self.asynchronous.expect(Kind::AsyncDeviceClear).await),
            Step::RequestService(byte) => {
                self.asynchronous.say(Kind::AsyncServiceRequest, byte, 0, b"").await;
            }
            Step::Status(byte) => {
                let query = self.asynchronous.expect(Kind::AsyncStatusQuery).await;
                assert_eq!(query.header.parameter, self.last);
                self.asynchronous.say(Kind::AsyncStatusResponse, byte, 0, b"").await;
            }
            Step::Lock(wanted, answer) => {
                let asked = self.asynchronous.expect(Kind::AsyncLock).await;
                assert_eq!((asked.header.control, asked.payload.as_slice()), (wanted, &b""[..]));
                self.asynchronous.say(Kind::AsyncLockResponse, answer, 0, b"").await;
            }
            Step::Hang => std::future::pending().await,
        }
    }

    async fn program_message(&mut self, wanted: &str, control: u8) {
        let (mut text, mut controls) = (Vec::new(), Vec::new());
        loop {
            let Message { header, payload } = self.synchronous.next_at_once().await;
            text.extend(payload);
            controls.push(header.control);
            self.last = self.last.wrapping_add(2);
            assert_eq!(header.parameter, self.last);
            if header.kind == Kind::DataEnd {
                break;
            }
        }
        assert_eq!(text.pop(), Some(b'\n'));
        assert!(text == wanted.as_bytes(), "{} bytes in the place of '{:.40}'", text.len(), wanted);
        assert_eq!(controls[0], control, "{wanted}");
    }

    async fn answer(&mut self, kind: Kind, older_by: u32, bytes: &[u8]) {
        let id = self.last.wrapping_sub(2 * older_by);
        self.synchronous.say(kind, 0, id, bytes).await;
    }
}
