//! Clients on a bare byte stream: a line feed ends a message.

use std::io;
use std::sync::Arc;

use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use super::Served;
use super::messages::{INPUT_BUFFER_OVERRUN, Messages, READ_BYTES};
use crate::instrument::Next;

pub(super) async fn client(served: Arc<Served>, mut stream: TcpStream) {
    let mut messages = Messages::default();
    while let Ok(Some(chunk)) = read(&stream).await {
        if take(&served, &mut stream, &mut messages, &chunk).await == Next::Close {
            return;
        }
    }
}

/// Whatever has come; `None` at the end of the stream.
async fn read(stream: &TcpStream) -> io::Result<Option<Vec<u8>>> {
    loop {
        stream.readable().await?;
        let mut chunk = Vec::with_capacity(READ_BYTES);
        match stream.try_read_buf(&mut chunk) {
            Ok(0) => return Ok(None),
            Ok(_) => return Ok(Some(chunk)),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            Err(error) => return Err(error),
        }
    }
}

/// Executes the messages that are complete, and sends the answers of each in one write.
async fn take(
    served: &Arc<Served>,
    stream: &mut TcpStream,
    messages: &mut Messages,
    mut chunk: &[u8],
) -> Next {
    loop {
        let message = match messages.next(&mut chunk) {
            Ok(Some(message)) => message,
            Ok(None) => return Next::GoOn,
            Err(_) => {
                // What follows would be taken for commands that nobody sent.
                served.report(INPUT_BUFFER_OVERRUN).await;
                return Next::Close;
            }
        };
        let (answer, next) = served.execute(message).await;
        if next == Next::Close || stream.write_all(&answer).await.is_err() {
            return Next::Close;
        }
    }
}
