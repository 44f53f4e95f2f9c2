//! A connection and the task that carries it.
//!
//! Everything is asked within a transaction that begins by forgetting all prepared statements. A pooler in transaction mode
//! gives the next transaction to another connection of the server, in which somebody may have left a statement of the
//! same name; within one transaction a connection is ours alone.

use std::ops::{Deref, DerefMut};
use std::pin::pin;
use std::time::Duration;

use postgres_types::ToSql;
use tokio::task::{AbortHandle, JoinHandle};
use tokio_postgres::{Client, Error, IsolationLevel, Row, Transaction};

use crate::config::StoreConfig;
use crate::error::{Cause, Doing, StoreError};

/// Before anything else in a transaction.
const FORGET: &str = "DEALLOCATE ALL";
/// Bounds of what is only read, for who waits for it and for who else is at the server.
const READ_LIMITS: &str =
    "DEALLOCATE ALL; SET LOCAL statement_timeout = '60s'; SET LOCAL lock_timeout = '30s';
    SET LOCAL idle_in_transaction_session_timeout = '60s'";

/// Values of a statement.
type Parameters<'a> = &'a [&'a (dyn ToSql + Sync)];

/// A connection that ends, with its transaction, when it is dropped.
pub(crate) struct Connection {
    client: Client,
    carrier: JoinHandle<()>,
    answer_limit: Duration,
    is_given_up: bool,
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
        let answer_limit = config.answer_limit();
        Ok(Self { client, carrier, answer_limit, is_given_up: false })
    }

    pub(crate) fn is_lost(&self) -> bool {
        self.is_given_up || self.client.is_closed()
    }

    /// Ends it: its server says nothing any more.
    pub(crate) fn give_up(&mut self) {
        self.is_given_up = true;
        self.carrier.abort();
    }

    /// A transaction, without bounds of time.
    pub(crate) async fn transaction(&mut self) -> Result<Transaction<'_>, Error> {
        let transaction = self.client.transaction().await?;
        transaction.batch_execute(FORGET).await?;
        Ok(transaction)
    }

    /// A transaction that only reads, and sees one state of the database.
    pub(crate) async fn reading(&mut self) -> Result<Transaction<'_>, Error> {
        let begin = self.client.build_transaction().read_only(true);
        let transaction = begin.isolation_level(IsolationLevel::RepeatableRead).start().await?;
        transaction.batch_execute(READ_LIMITS).await?;
        Ok(transaction)
    }

    /// The rows of a query that only reads.
    pub(crate) async fn query(
        &mut self,
        query: &str,
        values: Parameters<'_>,
    ) -> Result<Vec<Row>, Error> {
        let watch = self.watch();
        watch
            .over(async {
                let transaction = self.reading().await?;
                let rows = transaction.query(query, values).await?;
                transaction.commit().await?;
                Ok(rows)
            })
            .await
    }

    /// The one row of a query that only reads, or none.
    pub(crate) async fn query_opt(
        &mut self,
        query: &str,
        values: Parameters<'_>,
    ) -> Result<Option<Row>, Error> {
        let watch = self.watch();
        watch
            .over(async {
                let transaction = self.reading().await?;
                let row = transaction.query_opt(query, values).await?;
                transaction.commit().await?;
                Ok(row)
            })
            .await
    }

    /// The one row of a query that only reads.
    pub(crate) async fn query_one(
        &mut self,
        query: &str,
        values: Parameters<'_>,
    ) -> Result<Row, Error> {
        let watch = self.watch();
        watch
            .over(async {
                let transaction = self.reading().await?;
                let row = transaction.query_one(query, values).await?;
                transaction.commit().await?;
                Ok(row)
            })
            .await
    }

    /// A statement that writes, in a transaction of its own.
    pub(crate) async fn execute(
        &mut self,
        statement: &str,
        values: Parameters<'_>,
    ) -> Result<u64, Error> {
        let watch = self.watch();
        watch
            .over(async {
                let transaction = self.transaction().await?;
                let changed = transaction.execute(statement, values).await?;
                transaction.commit().await?;
                Ok(changed)
            })
            .await
    }

    /// What ends the connection when its server says nothing any more.
    pub(crate) fn watch(&self) -> Watch {
        Watch { carrier: self.carrier.abort_handle(), limit: self.answer_limit }
    }
}

/// A bound for what is asked by a connection.
pub(crate) struct Watch {
    carrier: AbortHandle,
    limit: Duration,
}

impl Watch {
    /// Waits for the end of something; after the limit the connection ends, and with it whatever waits for its answer.
    pub(crate) async fn over<T>(
        self,
        asking: impl Future<Output = Result<T, Error>>,
    ) -> Result<T, Error> {
        let mut asking = pin!(asking);
        match tokio::time::timeout(self.limit, asking.as_mut()).await {
            Ok(answered) => answered,
            Err(_) => {
                self.carrier.abort();
                asking.await
            }
        }
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
