//! Service requests over VXI-11: a connection to the client, and a call on it for each (clauses B.6.12 to B.6.15).

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::time::Duration;

use scpi_protocol::vxi11::{
    DONE, DeviceError, INTERRUPT_PROGRAM, InterruptChannel, Procedure, ServiceRequest,
    ServiceRequests, call,
};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::sync::Mutex;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use super::Served;

/// The longest handle that a client may want to hear again, in bytes (clause B.6.13).
const MAX_HANDLE_BYTES: usize = 40;

/// The longest that a connection to a client may take.
const WITHIN: Duration = Duration::from_secs(5);

/// The service requests of one client's links.
pub(super) struct Interrupts {
    served: Arc<Served>,
    /// Who may be connected to: nobody but who asks.
    peer: IpAddr,
    stream: Option<Arc<Mutex<TcpStream>>>,
    tellers: BTreeMap<i32, JoinHandle<()>>,
}

impl Interrupts {
    pub(super) fn of(served: Arc<Served>, peer: IpAddr) -> Self {
        Self { served, peer, stream: None, tellers: BTreeMap::new() }
    }

    pub(super) async fn connect(&mut self, asked: &InterruptChannel) -> DeviceError {
        if self.stream.is_some() {
            return DeviceError::ESTABLISHED;
        }
        let address = IpAddr::V4(Ipv4Addr::from(asked.address));
        let is_known = (asked.program, asked.version, asked.family) == (INTERRUPT_PROGRAM, 1, 0);
        let Some(port) = u16::try_from(asked.port).ok().filter(|_| is_known) else {
            return DeviceError::PARAMETER;
        };
        if address != self.peer {
            return DeviceError::PARAMETER;
        }
        match timeout(WITHIN, TcpStream::connect((address, port))).await {
            Ok(Ok(stream)) => {
                self.stream = Some(Arc::new(Mutex::new(stream)));
                DONE
            }
            _ => DeviceError::NOT_ESTABLISHED,
        }
    }

    pub(super) fn close(&mut self) -> DeviceError {
        self.end_all();
        if self.stream.take().is_some() { DONE } else { DeviceError::NOT_ESTABLISHED }
    }

    /// Tells of them from now on, or no longer.
    pub(super) fn enable(&mut self, asked: ServiceRequests) -> DeviceError {
        self.disable(asked.link);
        if !asked.enable {
            return DONE;
        }
        let Some(stream) = self.stream.clone() else { return DeviceError::NOT_ESTABLISHED };
        if asked.handle.len() > MAX_HANDLE_BYTES {
            return DeviceError::PARAMETER;
        }
        let mut requests = self.served.service_requests.subscribe();
        requests.mark_unchanged();
        let told = ServiceRequest { handle: asked.handle };
        let teller = tokio::spawn(async move {
            let mut xid = 0_u32;
            while requests.changed().await.is_ok() {
                xid = xid.wrapping_add(1);
                let call = call(xid, Procedure::TellServiceRequest, &told);
                if stream.lock().await.write_all(&call).await.is_err() {
                    return;
                }
            }
        });
        self.tellers.insert(asked.link, teller);
        DONE
    }

    pub(super) fn disable(&mut self, link: i32) {
        if let Some(teller) = self.tellers.remove(&link) {
            teller.abort();
        }
    }

    fn end_all(&mut self) {
        for teller in std::mem::take(&mut self.tellers).into_values() {
            teller.abort();
        }
    }
}

impl Drop for Interrupts {
    fn drop(&mut self) {
        self.end_all();
    }
}
