//! Connections, one GET, names.

use std::collections::BTreeSet;

use test_plan::HttpAddress;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpStream, lookup_host};

use super::secure::{Authorities, secured};

/// The longest line with a status that is read (RFC 9112, section 4: `HTTP/1.1 200 OK`).
const MAX_STATUS_LINE_BYTES: usize = 1024;

/// A connection to `HOST:PORT`.
pub(super) async fn connect(to: &str) -> Result<TcpStream, String> {
    TcpStream::connect(to).await.map_err(|error| error.to_string())
}

/// The addresses of a name, sorted, with commas between.
pub(super) async fn addresses(name: &str) -> Result<String, String> {
    let found = lookup_host((name, 0)).await.map_err(|error| error.to_string())?;
    let all: BTreeSet<_> = found.map(|address| address.ip()).collect();
    let all: Vec<_> = all.iter().map(ToString::to_string).collect();
    if all.is_empty() { Err("it has no address".to_owned()) } else { Ok(all.join(", ")) }
}

/// The status with which a GET is answered, from who has shown a certificate where that is asked.
pub(super) async fn status(
    address: &HttpAddress,
    authorities: Authorities<'_>,
) -> Result<u16, String> {
    let stream = connect(&address.authority).await?;
    if address.is_secure {
        let stream = secured(stream, address.host(), authorities).await?;
        return status_over(stream, address).await;
    }
    status_over(stream, address).await
}

/// Asks, and reads the first line. What comes behind it is not read.
async fn status_over(
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    address: &HttpAddress,
) -> Result<u16, String> {
    let request = format!(
        "GET {} HTTP/1.1\r\nHost: {}\r\nUser-Agent: scpi-run/{}\r\nAccept: */*\r\nConnection: close\r\n\r\n",
        address.path,
        address.authority,
        env!("CARGO_PKG_VERSION")
    );
    stream.write_all(request.as_bytes()).await.map_err(|error| error.to_string())?;
    stream.flush().await.map_err(|error| error.to_string())?;
    let mut line = Vec::new();
    let mut buffer = [0; MAX_STATUS_LINE_BYTES];
    while !line.contains(&b'\n') && line.len() < MAX_STATUS_LINE_BYTES {
        let count = stream.read(&mut buffer).await.map_err(|error| error.to_string())?;
        if count == 0 {
            break;
        }
        line.extend(buffer.iter().take(count));
    }
    let first = line.split(|byte| *byte == b'\n').next().unwrap_or_default();
    status_of(first).ok_or_else(|| {
        let shown: String = String::from_utf8_lossy(first).chars().take(40).collect();
        format!("'{}' is no status of HTTP", shown.escape_debug())
    })
}

fn status_of(line: &[u8]) -> Option<u16> {
    let text = std::str::from_utf8(line).ok()?;
    let mut words = text.split_ascii_whitespace();
    words.next().filter(|version| version.starts_with("HTTP/1."))?;
    words.next()?.parse().ok().filter(|status| (100..=599).contains(status))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_is_the_number_behind_the_version() {
        for (line, status) in [
            ("HTTP/1.1 200 OK\r", Some(200)),
            ("HTTP/1.0 503\r", Some(503)),
            ("HTTP/2 200", None),
            ("HTTP/1.1 2000 OK", None),
            ("SSH-2.0-OpenSSH_9.6", None),
            ("", None),
        ] {
            assert_eq!(status_of(line.as_bytes()), status, "{line}");
        }
        assert_eq!(status_of(&[0xFF, 0xFE]), None);
    }
}
