//! What is asked of the infrastructure: whether a port takes connections, what an address answers, what a name stands
//! for, who an instrument is.

use std::fmt;
use std::time::Duration;

use bench_model::{Place, Unit};

use crate::operation::{OnError, PlannedLimit};
use crate::source::Located;
use crate::step::{Amount, LimitDraft};
use crate::text::Template;

/// How long an answer is waited for, where a plan does not say.
pub const INSPECTION_TIMEOUT: Duration = Duration::from_secs(5);

/// Something is asked of the infrastructure.
#[derive(Clone, Debug)]
pub struct Inspection {
    /// Where its result belongs.
    pub place: Place,
    /// What is asked.
    pub target: InspectionTarget,
    /// What must be answered.
    pub limit: PlannedLimit,
    /// How long it may take until then, in s; judged as a result of its own.
    pub latency: Option<InspectionLatency>,
    /// How long an answer is waited for.
    pub timeout: Duration,
    /// Certificates in PEM that are trusted besides those of the system.
    pub ca: Option<String>,
    /// Whose it is: names of the inventory.
    pub owner: InspectionOwner,
    /// What an error does.
    pub on_error: OnError,
}

/// The time until an answer, as a result of its own.
#[derive(Clone, Debug)]
pub struct InspectionLatency {
    /// Where its result belongs.
    pub place: Place,
    /// What it must be.
    pub limit: PlannedLimit,
}

/// What of the inventory is looked at.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct InspectionOwner {
    /// The device's name.
    pub device: Option<String>,
    /// The service's name.
    pub service: Option<String>,
}

/// What is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InspectionTarget {
    /// `HOST:PORT` takes a connection.
    Tcp(String),
    /// A GET of this address is answered with a status.
    Http(HttpAddress),
    /// A name stands for addresses.
    Lookup(String),
    /// A role's instrument says who it is.
    Identity(String),
}

/// An address of HTTP (RFC 9110): `http://HOST[:PORT]/PATH`, or the same with `https`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HttpAddress {
    /// Whether it is spoken over TLS.
    pub is_secure: bool,
    /// `HOST:PORT`.
    pub authority: String,
    /// The path with its query; at least `/`.
    pub path: String,
}

/// The word of [`InspectionTarget::Tcp`] that took a connection.
pub const CONNECTED: &str = "connected";

impl HttpAddress {
    /// Reads an address.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let (is_secure, rest) = match (text.strip_prefix("http://"), text.strip_prefix("https://"))
        {
            (Some(rest), _) => (false, rest),
            (None, Some(rest)) => (true, rest),
            (None, None) => {
                return Err(format!("'{text}' is no address: http://HOST:PORT/PATH, or https://"));
            }
        };
        if rest.chars().any(|c| c.is_control() || c.is_whitespace()) || rest.contains('@') {
            return Err("an address has neither blanks nor a user in it".to_owned());
        }
        let at = rest.find(['/', '?']).unwrap_or(rest.len());
        let (host, path) = rest.split_at(at);
        let has_port = host.rsplit(']').next().is_some_and(|behind| behind.contains(':'));
        let port = if is_secure { 443 } else { 80 };
        let authority = if has_port { host.to_owned() } else { format!("{host}:{port}") };
        is_host_and_port(&authority)?;
        let path = if path.starts_with('/') { path.to_owned() } else { format!("/{path}") };
        Ok(Self { is_secure, authority, path })
    }

    /// The host alone, an IPv6 address without its brackets.
    #[must_use]
    pub fn host(&self) -> &str {
        let host =
            self.authority.rsplit_once(':').map_or(self.authority.as_str(), |(host, _)| host);
        host.trim_start_matches('[').trim_end_matches(']')
    }
}

/// `http://127.0.0.1:8080/health`.
impl fmt::Display for HttpAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.is_secure { "https" } else { "http" };
        write!(f, "{scheme}://{}{}", self.authority, self.path)
    }
}

/// `HOST:PORT`, with an IPv6 address in brackets.
pub(crate) fn is_host_and_port(text: &str) -> Result<(), String> {
    let wrong = || Err(format!("'{text}' is no HOST:PORT, such as 127.0.0.1:5432 or [::1]:5432"));
    let Some((host, port)) = text.rsplit_once(':') else { return wrong() };
    let is_bare_ipv6 = host.contains(':') && !(host.starts_with('[') && host.ends_with(']'));
    let is_port = port.parse::<u16>().is_ok_and(|port| port > 0);
    let inside = host.trim_start_matches('[').trim_end_matches(']');
    if is_port && !is_bare_ipv6 && is_host(inside) { Ok(()) } else { wrong() }
}

/// A name or an address, as far as its characters say.
pub(crate) fn is_host(text: &str) -> bool {
    let fits = |c: char| c.is_ascii_alphanumeric() || "-._:%".contains(c);
    !text.is_empty() && text.len() <= 253 && text.chars().all(fits)
}

impl InspectionTarget {
    /// What is asked, from the text of the plan.
    pub(crate) fn parse(kind: &str, text: &str) -> Result<Self, String> {
        match kind {
            "tcp" => is_host_and_port(text).map(|()| Self::Tcp(text.to_owned())),
            "http" => HttpAddress::parse(text).map(Self::Http),
            _ if is_host(text) => Ok(Self::Lookup(text.to_owned())),
            _ => Err(format!("'{text}' is no name of a host")),
        }
    }
}

impl fmt::Display for InspectionTarget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tcp(to) => write!(f, "connect to {to}"),
            Self::Http(address) => write!(f, "get {address}"),
            Self::Lookup(name) => write!(f, "look up {name}"),
            Self::Identity(role) => write!(f, "ask {role} who it is"),
        }
    }
}

/// What is asked of the infrastructure, as it was checked.
#[derive(Clone, Debug)]
pub(crate) struct InspectionDraft {
    pub(crate) kind: InspectionKind,
    pub(crate) limit: LimitDraft,
    pub(crate) latency: Option<LimitDraft>,
    pub(crate) timeout: Option<Amount>,
    pub(crate) ca: Option<String>,
    pub(crate) owner: InspectionOwner,
}

/// What is asked, with parameters still open.
#[derive(Clone, Debug)]
pub(crate) enum InspectionKind {
    Address { kind: &'static str, text: Located<Template> },
    Identity(String),
}

impl InspectionKind {
    /// The unit of what is answered; none where it is words.
    pub(crate) fn unit(&self) -> Option<Unit> {
        matches!(self, Self::Address { kind: "http", .. }).then(Unit::none)
    }

    /// What must be answered, where the plan says nothing.
    pub(crate) fn usual_limit(&self) -> &'static str {
        match self {
            Self::Address { kind: "tcp", .. } => "\"connected\"",
            Self::Address { kind: "http", .. } => "200 .. 299",
            _ => "/.+/",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_and_others_refused() {
        for (text, shown) in [
            ("http://127.0.0.1:8080/health", "http://127.0.0.1:8080/health"),
            ("http://nas.lab", "http://nas.lab:80/"),
            ("https://nas.lab/ok", "https://nas.lab:443/ok"),
            ("https://[::1]:8443", "https://[::1]:8443/"),
            ("http://[::1]/?a=b", "http://[::1]:80/?a=b"),
            ("http://[::1]:81?a=b", "http://[::1]:81/?a=b"),
        ] {
            let found = HttpAddress::parse(text).map(|address| address.to_string());
            assert_eq!(found.as_deref(), Ok(shown));
        }
        for text in [
            "ftp://nas.lab",
            "https://",
            "nas.lab",
            "http://",
            "http://a b/",
            "http://u@h/",
            "http://h:0/",
        ] {
            assert!(HttpAddress::parse(text).is_err(), "{text}");
        }
        for text in ["127.0.0.1", "::1:80", "h:65536", "h:", ":80", "a/b:80"] {
            assert!(is_host_and_port(text).is_err(), "{text}");
        }
        assert!(is_host_and_port("[::1]:80").is_ok());
    }
}
