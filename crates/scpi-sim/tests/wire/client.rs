//! A client that shares nothing with the simulator: a blocking socket, a line or a block at a time.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use scpi_protocol::address::Address;
use scpi_sim::{BenchSpec, SimBench, serve};
use tokio::runtime::Runtime;

/// Longer than any answer takes, also on a busy machine.
const PATIENCE: Duration = Duration::from_secs(20);

/// A bench on a runtime of its own.
pub(crate) struct Bench {
    pub(crate) runtime: Runtime,
    pub(crate) served: SimBench,
}

impl Bench {
    /// Serves a bench file; `time = "fast"` goes before it.
    pub(crate) fn fast(file: &str) -> Self {
        Self::of(&format!("time = \"fast\"\n{file}"))
    }

    pub(crate) fn of(file: &str) -> Self {
        let mut builder = tokio::runtime::Builder::new_multi_thread();
        let runtime = builder.worker_threads(1).enable_all().build().unwrap();
        let spec = BenchSpec::parse("bench.toml", file).unwrap_or_else(|faults| panic!("{faults}"));
        let served = runtime.block_on(serve(spec)).unwrap();
        Self { runtime, served }
    }

    pub(crate) fn address(&self, instrument: &str) -> SocketAddr {
        let instruments = self.served.instruments();
        instruments.iter().find(|own| own.name == instrument).unwrap().address
    }

    /// A connection by the nth transport of an instrument.
    pub(crate) fn connection(&self, instrument: &str, nth: usize) -> TcpStream {
        let instruments = self.served.instruments();
        let own = instruments.iter().find(|own| own.name == instrument).unwrap();
        let port = match own.addresses[nth] {
            Address::Tcp { port, .. } | Address::Hislip { port, .. } => port,
            Address::Vxi11 { port, .. } => port.unwrap(),
            _ => panic!("no address of a simulated instrument"),
        };
        let stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
        stream.set_nodelay(true).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream
    }

    pub(crate) fn client(&self, instrument: &str) -> Client {
        Client::connect(self.address(instrument)).unwrap()
    }
}

pub(crate) struct Client {
    stream: BufReader<TcpStream>,
}

impl Client {
    pub(crate) fn connect(address: SocketAddr) -> std::io::Result<Self> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        Ok(Self { stream: BufReader::new(stream) })
    }

    pub(crate) fn send(&mut self, message: &str) {
        self.send_bytes(format!("{message}\n").as_bytes());
    }

    pub(crate) fn send_bytes(&mut self, bytes: &[u8]) {
        self.stream.get_mut().write_all(bytes).unwrap();
    }

    /// The next line, without its end; `None` at the end of the stream.
    pub(crate) fn line(&mut self) -> Option<String> {
        let mut line = Vec::new();
        let read = self.stream.read_until(b'\n', &mut line).ok()?;
        (read > 0).then(|| String::from_utf8_lossy(&line).trim_end_matches('\n').to_owned())
    }

    pub(crate) fn ask(&mut self, message: &str) -> String {
        self.send(message);
        self.line().unwrap_or_else(|| panic!("no answer to {message}"))
    }

    /// `None` where the connection ends instead.
    pub(crate) fn try_ask(&mut self, message: &str) -> Option<String> {
        self.stream.get_mut().write_all(format!("{message}\n").as_bytes()).ok()?;
        self.line()
    }

    pub(crate) fn number(&mut self, message: &str) -> f64 {
        let answer = self.ask(message);
        answer.parse().unwrap_or_else(|_| panic!("{message} -> {answer}"))
    }

    /// The data of a block with nine digits of length.
    pub(crate) fn block(&mut self, message: &str) -> Vec<u8> {
        self.send(message);
        let mut header = [0; 11];
        self.stream.read_exact(&mut header).unwrap();
        let header = std::str::from_utf8(&header).unwrap();
        let length: usize = header.strip_prefix("#9").unwrap().parse().unwrap();
        let mut data = vec![0; length + 1];
        self.stream.read_exact(&mut data).unwrap();
        assert_eq!(data.pop(), Some(b'\n'));
        data
    }

    /// The data of a block with a header of any length, whatever stands before it; the line feed behind it is taken.
    pub(crate) fn any_block(&mut self) -> Vec<u8> {
        let mut byte = [0];
        while byte != *b"#" {
            self.stream.read_exact(&mut byte).unwrap();
        }
        self.stream.read_exact(&mut byte).unwrap();
        let mut digits = vec![0; usize::from(byte[0] - b'0')];
        self.stream.read_exact(&mut digits).unwrap();
        let mut data = vec![0; std::str::from_utf8(&digits).unwrap().parse::<usize>().unwrap() + 1];
        self.stream.read_exact(&mut data).unwrap();
        assert_eq!(data.pop(), Some(b'\n'));
        data
    }

    /// Sends what has no answer and waits until it is executed.
    pub(crate) fn tell(&mut self, message: &str) {
        assert_eq!(self.ask(&format!("{message};*OPC?")), "1", "{message}");
    }

    /// `sent -> answer`, one after the other; an empty answer for what has none.
    pub(crate) fn dialogue(&mut self, table: &[(&str, &str)]) {
        for (message, answer) in table {
            self.send(message);
            if !answer.is_empty() {
                assert_eq!(self.line().as_deref(), Some(*answer), "{message}");
            }
        }
        assert!(self.ask("SYST:ERR?").contains("No error"), "the table leaves errors behind");
    }
}
