//! A connection and the task that carries it.

use std::ops::{Deref, DerefMut};

use tokio::task::JoinHandle;
use tokio_postgres::Client;

use crate::config::StoreConfig;
use crate::error::{Cause, Doing, StoreError};

/// A connection that ends, with its transaction, when it is dropped.
pub(crate) struct Connection {
    client: Client,
    carrier: JoinHandle<()>,
}

impl Connection {
    /// Connects within the configured time.
    pub(crate) async fn open(config: &StoreConfig) -> Result<Self, StoreError> {
        // The library's own limit ends with the TCP connection, before the server has said a word.
        let limit = config.connect_timeout();
        let connecting = tokio::time::timeout(limit, config.postgres().connect(config.tls())).await;
        let connected = connecting.map_err(|_| {
            StoreError::new(config.place(), "connect", Cause::ConnectTimeout(limit))
        })?;
        let (client, connection) = connected.doing(config.place(), "connect")?;
        let carrier = tokio::spawn(async move {
            // Whoever uses the client is told of its end.
            let _ = connection.await;
        });
        Ok(Self { client, carrier })
    }

    pub(crate) fn is_lost(&self) -> bool {
        self.client.is_closed()
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.carrier.abort();
    }
}

impl Deref for Connection {
    type Target = Client;

    fn deref(&self) -> &Client {
        &self.client
    }
}

impl DerefMut for Connection {
    fn deref_mut(&mut self) -> &mut Client {
        &mut self.client
    }
}
