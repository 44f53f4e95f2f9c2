//! HTTP over TLS: whose certificate is believed, and what is wrong with one that is not.

use std::io;
use std::path::Path;
use std::sync::Arc;

use bench_model::Timestamp;
use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{CertificateError, ClientConfig, Error, RootCertStore};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

/// Names of a certificate that are told, at most.
const MAX_NAMES: usize = 5;

/// Who may vouch for a server.
#[derive(Clone, Copy)]
pub(super) struct Authorities<'a> {
    /// The file of those that the system trusts, in PEM.
    pub(super) system: Option<&'a Path>,
    /// Those that the plan names, in PEM.
    pub(super) own: Option<&'a str>,
}

/// TLS over a connection, with a server that proves to be `host`.
pub(super) async fn secured(
    stream: TcpStream,
    host: &str,
    authorities: Authorities<'_>,
) -> Result<TlsStream<TcpStream>, String> {
    let name = ServerName::try_from(host.to_owned())
        .map_err(|_| format!("'{host}' is no name that a certificate can be for"))?;
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?
        .with_root_certificates(roots(authorities)?)
        .with_no_client_auth();
    let connecting = TlsConnector::from(Arc::new(config)).connect(name, stream).await;
    connecting.map_err(|error| explained(&error, host))
}

/// All that are trusted. Those of the system that this library does not take are left out, as everybody does.
fn roots(authorities: Authorities<'_>) -> Result<RootCertStore, String> {
    let mut roots = RootCertStore::empty();
    if let Some(file) = authorities.system {
        let text = std::fs::read(file).map_err(|error| format!("{}: {error}", file.display()))?;
        roots.add_parsable_certificates(
            CertificateDer::pem_slice_iter(&text).filter_map(Result::ok),
        );
    }
    for certificate in
        authorities.own.into_iter().flat_map(|own| CertificateDer::pem_slice_iter(own.as_bytes()))
    {
        let certificate = certificate.map_err(|error| format!("ca: {error}"))?;
        roots.add(certificate).map_err(|error| format!("ca: {error}"))?;
    }
    if roots.is_empty() {
        return Err("nobody is trusted: there is no file with the system's authorities; ca = \"FILE\" names some".to_owned());
    }
    Ok(roots)
}

/// What a person can do something about.
fn explained(error: &io::Error, host: &str) -> String {
    let fault = error.get_ref().and_then(|inner| inner.downcast_ref::<Error>());
    match fault {
        Some(Error::InvalidCertificate(fault)) => certificate_fault(fault, host),
        Some(Error::InvalidMessage(_)) => {
            "what answers speaks no TLS; http:// asks in clear".to_owned()
        }
        Some(other) => format!("TLS: {other}"),
        None => format!("TLS: {error}"),
    }
}

fn certificate_fault(fault: &CertificateError, host: &str) -> String {
    use CertificateError as Fault;
    match fault {
        Fault::ExpiredContext { not_after, .. } => {
            format!("its certificate has expired: it held until {}", utc(*not_after))
        }
        Fault::NotValidYetContext { not_before, .. } => format!(
            "its certificate does not hold yet, but from {}; is the clock here right?",
            utc(*not_before)
        ),
        Fault::UnknownIssuer => "its certificate comes from no authority that is trusted here; \
                                 ca = \"FILE\" names another one"
            .to_owned(),
        Fault::NotValidForNameContext { presented, .. } => {
            let names: Vec<String> = presented
                .iter()
                .take(MAX_NAMES)
                .map(|name| name.escape_debug().to_string())
                .collect();
            format!("its certificate is not for {host}, but for {}", names.join(", "))
        }
        other => format!("its certificate is refused: {other}"),
    }
}

fn utc(time: UnixTime) -> String {
    let seconds = i64::try_from(time.as_secs()).ok();
    let at = seconds.and_then(|seconds| Timestamp::from_second(seconds).ok());
    at.map_or_else(|| "a time beyond all clocks".to_owned(), |at| at.to_string())
}
