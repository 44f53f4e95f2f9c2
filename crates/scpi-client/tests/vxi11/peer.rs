//! A VXI-11 peer on 127.0.0.1 that follows a script, link by link.

use std::net::Ipv4Addr;
use std::time::Duration;

use scpi_client::{ClientConfig, Instrument};
use scpi_protocol::address::Address;
use scpi_protocol::vxi11::{
    ByLink, Call, CreateLink, CreatedLink, DONE, DeviceError, END, Generic, INTERRUPT_PROGRAM,
    InterruptChannel, Lock, Procedure, Read, ReadReply, Records, ServiceRequest, ServiceRequests,
    StatusReply, Write, WriteReply, Xdr, call, reply,
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// What the peer does next.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Step {
    /// Takes writings to the end of a message, which must be this.
    Expect(&'static str),
    /// Takes writings whose pieces must be these, only the last of which has END.
    ExpectPieces(&'static [&'static str]),
    /// Takes readings and says that nothing came in time, until a writing comes, which must be this.
    ExpectAmidReadings(&'static str),
    /// Takes a writing, and says no.
    RefuseWrite(i32),
    /// Takes a reading, and answers it with these bytes and this reason.
    Read(&'static [u8], i32),
    /// Takes a reading, and says that nothing came in time.
    ReadNothing,
    /// Takes readings and says that nothing came in time, until a device clear comes.
    NothingUntilClear,
    /// Takes a reading, sends this in the place of a reply, with its xid in front where that is wanted.
    Raw(bool, &'static [u8]),
    /// Takes a reading, and sends the reply to another call before its own.
    ReadAfterStale(&'static [u8]),
    /// Gives the status byte.
    Status(u32),
    /// Answers a request for the lock with this error; 0 is none.
    Lock(i32),
    /// Answers its giving back.
    Unlock(i32),
    /// Connects to the client to tell of service requests, which it asks for.
    Interrupts,
    /// Says that it has no such connections.
    NoInterrupts,
    /// Tells of so many.
    Tell(u32),
    /// Never does anything again.
    Hang,
}

pub(crate) struct Peer {
    pub(crate) address: Address,
    scripts: tokio::task::JoinHandle<()>,
}

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
    /// One script per link, in order, each of which is number 0; after the last step, the connection is closed.
    pub(crate) async fn serve(scripts: Vec<Vec<Step>>) -> Self {
        Self::serve_taking(u32::MAX, scripts).await
    }

    /// The same, for a peer that says that it takes so many bytes.
    pub(crate) async fn serve_taking(most: u32, scripts: Vec<Vec<Step>>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let address = format!("vxi11://127.0.0.1:{port}/inst0").parse().unwrap();
        let scripts = tokio::spawn(async move {
            for script in scripts {
                let (stream, _) = listener.accept().await.unwrap();
                let mut link = Link { stream, records: Records::new(1 << 21), interrupts: None };
                link.create(most).await;
                for step in script {
                    link.follow(step).await;
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

pub(crate) struct Link {
    stream: TcpStream,
    records: Records,
    interrupts: Option<TcpStream>,
}

impl Link {
    /// The next call: its number, what it is, what it asks.
    async fn next(&mut self) -> (u32, Procedure, Vec<u8>) {
        loop {
            let byte = [self.stream.read_u8().await.unwrap()];
            if let Some(record) = self.records.next(&mut byte.as_slice()).unwrap() {
                let (call, asked) = Call::parse(&record).unwrap();
                return (call.xid, call.procedure().unwrap(), asked.to_vec());
            }
        }
    }

    async fn expect<A: Xdr>(&mut self, wanted: Procedure) -> (u32, A) {
        let (xid, procedure, asked) = self.next().await;
        assert_eq!(procedure, wanted);
        (xid, A::of_bytes(&asked).unwrap())
    }

    async fn send(&mut self, bytes: &[u8]) {
        self.stream.write_all(bytes).await.unwrap();
    }

    async fn create(&mut self, most: u32) {
        let (xid, asked) = self.expect::<CreateLink>(Procedure::CreateLink).await;
        assert_eq!(asked.device, "inst0");
        let created = CreatedLink { error: DONE, link: 0, abort_port: 0, max_receive_bytes: most };
        self.send(&reply(xid, &created)).await;
    }

    async fn follow(&mut self, step: Step) {
        match step {
            Step::Expect(wanted) => {
                let (piece, has_end) = self.take_write().await;
                assert_eq!((piece, has_end), (format!("{wanted}\n"), true));
            }
            Step::ExpectPieces(pieces) => {
                for (index, wanted) in pieces.iter().enumerate() {
                    let (piece, has_end) = self.take_write().await;
                    assert_eq!(piece, *wanted);
                    assert_eq!(has_end, index + 1 == pieces.len());
                }
            }
            Step::RefuseWrite(code) => {
                let (xid, _) = self.expect::<Write>(Procedure::Write).await;
                self.send(&reply(xid, &WriteReply { error: DeviceError(code), size: 0 })).await;
            }
            Step::Read(bytes, reason) => {
                let (xid, _) = self.expect::<Read>(Procedure::Read).await;
                self.read(xid, DONE, bytes, reason).await;
            }
            Step::ReadNothing => {
                let (xid, _) = self.expect::<Read>(Procedure::Read).await;
                self.read(xid, DeviceError::TIMEOUT, b"", 0).await;
            }
            Step::NothingUntilClear => {
                let (xid, _) = self.nothing_until(Procedure::Clear).await;
                self.send(&reply(xid, &DONE)).await;
            }
            Step::ExpectAmidReadings(wanted) => {
                let (xid, asked) = self.nothing_until(Procedure::Write).await;
                let data = Write::of_bytes(&asked).unwrap().data;
                assert_eq!(data, wanted.as_bytes());
                let size = data.len().try_into().unwrap();
                self.send(&reply(xid, &WriteReply { error: DONE, size })).await;
            }
            Step::Raw(has_xid, bytes) => {
                let (xid, _) = self.expect::<Read>(Procedure::Read).await;
                let xid = xid.to_be_bytes();
                let (header, rest) = bytes.split_at(bytes.len().min(4));
                let xid = if has_xid { xid.as_slice() } else { b"" };
                self.send(&[header, xid, rest].concat()).await;
            }
            Step::ReadAfterStale(bytes) => {
                let (xid, _) = self.expect::<Read>(Procedure::Read).await;
                self.read(xid.wrapping_sub(1), DONE, b"stale\n", 4).await;
                self.read(xid, DONE, bytes, 4).await;
            }
            Step::Status(status) => {
                let (xid, _) = self.expect::<Generic>(Procedure::ReadStatus).await;
                self.send(&reply(xid, &StatusReply { error: DONE, status })).await;
            }
            Step::Hang => std::future::pending().await,
            other => self.aside(other).await,
        }
    }

    /// What goes on beside messages: locks, and telling of service requests.
    async fn aside(&mut self, step: Step) {
        match step {
            Step::Lock(error) => {
                let (xid, _) = self.expect::<Lock>(Procedure::Lock).await;
                self.send(&reply(xid, &DeviceError(error))).await;
            }
            Step::Unlock(error) => {
                let (xid, _) = self.expect::<ByLink>(Procedure::Unlock).await;
                self.send(&reply(xid, &DeviceError(error))).await;
            }
            Step::Interrupts => {
                let (xid, asked) =
                    self.expect::<InterruptChannel>(Procedure::CreateInterruptChannel).await;
                assert_eq!((asked.program, asked.version, asked.family), (INTERRUPT_PROGRAM, 1, 0));
                let to = (Ipv4Addr::from(asked.address), asked.port.try_into().unwrap());
                self.interrupts = Some(TcpStream::connect(to).await.unwrap());
                self.send(&reply(xid, &DONE)).await;
                let (xid, asked) =
                    self.expect::<ServiceRequests>(Procedure::EnableServiceRequests).await;
                assert!(asked.enable && asked.link == 0);
                self.send(&reply(xid, &DONE)).await;
            }
            Step::NoInterrupts => {
                let wanted = Procedure::CreateInterruptChannel;
                let (xid, _) = self.expect::<InterruptChannel>(wanted).await;
                self.send(&reply(xid, &DeviceError(8))).await;
            }
            Step::Tell(count) => {
                let told = ServiceRequest { handle: Vec::new() };
                let to = self.interrupts.as_mut().unwrap();
                for xid in 0..count {
                    let call = call(xid, Procedure::TellServiceRequest, &told);
                    to.write_all(&call).await.unwrap();
                }
            }
            other => unreachable!("{other:?} is a step of messages"),
        }
    }

    async fn take_write(&mut self) -> (String, bool) {
        let (xid, asked) = self.expect::<Write>(Procedure::Write).await;
        let size = asked.data.len().try_into().unwrap();
        self.send(&reply(xid, &WriteReply { error: DONE, size })).await;
        (String::from_utf8(asked.data).unwrap(), asked.flags & END != 0)
    }

    async fn read(&mut self, xid: u32, error: DeviceError, data: &[u8], reason: i32) {
        self.send(&reply(xid, &ReadReply { error, reason, data: data.to_vec() })).await;
    }

    async fn nothing_until(&mut self, wanted: Procedure) -> (u32, Vec<u8>) {
        loop {
            let (xid, procedure, asked) = self.next().await;
            if procedure == wanted {
                return (xid, asked);
            }
            assert_eq!(procedure, Procedure::Read);
            self.read(xid, DeviceError::TIMEOUT, b"", 0).await;
        }
    }
}
