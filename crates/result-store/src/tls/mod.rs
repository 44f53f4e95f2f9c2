//! TLS to the server, by rustls: what libpq's `sslmode` asks for.
//!
//! | mode | encrypted | the server's certificate |
//! | --- | --- | --- |
//! | `disable` | no | |
//! | `allow`, `prefer` (the default) | where the server offers it | is not looked at |
//! | `require` | yes | is not looked at, or as `verify-ca` where there is a CA |
//! | `verify-ca` | yes | comes from the CA |
//! | `verify-full` | yes | comes from the CA, for the host's name |

mod stream;
mod trust;

use std::fs;
use std::path::Path;
use std::sync::Arc;

use rustls::ClientConfig;
use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_postgres::config::SslMode;

pub(crate) use stream::Tls;
use trust::Trust;

use crate::settings::Settings;

/// Why a connection cannot be encrypted as it was asked for.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TlsError {
    /// A word that is no mode.
    #[error(
        "sslmode is one of disable, allow, prefer, require, verify-ca and verify-full, not '{0}'"
    )]
    Mode(String),
    /// There is nothing to hold a certificate against.
    #[error(
        "sslmode={0} wants the certificate of the CA: sslrootcert=FILE, or ~/.postgresql/root.crt"
    )]
    NoRoot(&'static str),
    /// A file is no certificate or key.
    #[error("{file}: {why}")]
    File {
        /// The file.
        file: String,
        /// What is wrong.
        why: String,
    },
    /// A certificate without a key, or the other way round.
    #[error("sslcert and sslkey are given together, or neither")]
    HalfIdentity,
    /// The library refuses.
    #[error("{0}")]
    Refused(#[from] rustls::Error),
}

/// Takes the TLS settings out of the others: the mode, and how to encrypt.
pub(crate) fn take(settings: &mut Settings) -> Result<(SslMode, Tls), TlsError> {
    let mode = settings.take("sslmode").unwrap_or_else(|| "prefer".to_owned());
    let root = settings.take("sslrootcert").filter(|file| !file.is_empty());
    let identity = (settings.take("sslcert"), settings.take("sslkey"));
    let provider = Arc::new(ring::default_provider());
    let roots = root.as_deref().map(certificates).transpose()?;
    let (ssl_mode, trust) = match (mode.as_str(), roots) {
        ("disable", _) => (SslMode::Disable, Trust::anybody(&provider)),
        ("allow" | "prefer", _) => (SslMode::Prefer, Trust::anybody(&provider)),
        ("require", None) => (SslMode::Require, Trust::anybody(&provider)),
        ("require" | "verify-ca", Some(roots)) => {
            (SslMode::Require, Trust::chain(&provider, roots, false)?)
        }
        ("verify-full", Some(roots)) => (SslMode::Require, Trust::chain(&provider, roots, true)?),
        ("verify-ca", None) => return Err(TlsError::NoRoot("verify-ca")),
        ("verify-full", None) => return Err(TlsError::NoRoot("verify-full")),
        _ => return Err(TlsError::Mode(mode)),
    };
    Ok((ssl_mode, Tls::new(client(provider, trust, identity)?)))
}

fn client(
    provider: Arc<CryptoProvider>,
    trust: Trust,
    identity: (Option<String>, Option<String>),
) -> Result<ClientConfig, TlsError> {
    let builder =
        ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
    let builder = builder.dangerous().with_custom_certificate_verifier(Arc::new(trust));
    match identity {
        (None, None) => Ok(builder.with_no_client_auth()),
        (Some(certificate), Some(key)) => {
            let chain = certificates(&certificate)?;
            Ok(builder.with_client_auth_cert(chain, private_key(&key)?)?)
        }
        _ => Err(TlsError::HalfIdentity),
    }
}

fn certificates(file: &str) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let wrong = |why: String| TlsError::File { file: file.to_owned(), why };
    let text = fs::read(Path::new(file)).map_err(|error| wrong(error.to_string()))?;
    let read: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&text).collect();
    match read {
        Ok(certificates) if certificates.is_empty() => Err(wrong("it has no certificate".into())),
        Ok(certificates) => Ok(certificates),
        Err(error) => Err(wrong(format!("it is no certificate in PEM: {error}"))),
    }
}

fn private_key(file: &str) -> Result<PrivateKeyDer<'static>, TlsError> {
    let wrong = |why: String| TlsError::File { file: file.to_owned(), why };
    let text = fs::read(Path::new(file)).map_err(|error| wrong(error.to_string()))?;
    PrivateKeyDer::from_pem_slice(&text)
        .map_err(|_| wrong("it is no private key in PEM without a passphrase".to_owned()))
}
