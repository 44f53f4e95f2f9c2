//! Health over HTTPS: a server of this test on the loopback interface, with certificates of an authority of its own.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::crypto::ring;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

use super::results;
use super::support::Home;

fn authority(name: &str) -> CertifiedIssuer<'static, KeyPair> {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.distinguished_name.push(rcgen::DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
}

/// A certificate for a name, which holds in these years.
fn server(
    authority: &CertifiedIssuer<'static, KeyPair>,
    name: &str,
    (from, until): (i32, i32),
) -> Arc<ServerConfig> {
    let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
    params.not_before = rcgen::date_time_ymd(from, 1, 1);
    params.not_after = rcgen::date_time_ymd(until, 1, 1);
    let key = KeyPair::generate().unwrap();
    let certificate = params.signed_by(&key, authority).unwrap();
    let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()));
    let config = config.with_safe_default_protocol_versions().unwrap().with_no_client_auth();
    Arc::new(config.with_single_cert(vec![certificate.der().clone()], key).unwrap())
}

/// Answers every GET with what `answer` does; ends with the test.
fn listen(answer: impl Fn(TcpStream) + Send + 'static) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(stream) = stream else { return };
            answer(stream);
        }
    });
    port
}

fn https(config: Arc<ServerConfig>) -> u16 {
    listen(move |stream| {
        let session = ServerConnection::new(Arc::clone(&config)).unwrap();
        let mut stream = BufReader::new(StreamOwned::new(session, stream));
        let mut line = String::new();
        // Whoever does not believe us goes away.
        if stream.read_line(&mut line).is_ok() {
            let status = if line.contains("/missing") { "404 Not Found" } else { "204 No Content" };
            let _ = write!(stream.get_mut(), "HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n");
        }
    })
}

#[test]
fn a_service_is_asked_over_tls_and_what_is_wrong_with_its_certificate_is_said() {
    let (home, own) = (Home::new(), authority("own"));
    home.write("own.pem", &own.pem());
    home.write("system.pem", &authority("system").pem());
    let good = https(server(&own, "127.0.0.1", (2020, 4000)));
    let other = https(server(&own, "nas.lab", (2020, 4000)));
    let old = https(server(&own, "127.0.0.1", (2020, 2021)));
    let early = https(server(&own, "127.0.0.1", (3999, 4000)));
    let clear = listen(|mut stream| drop(stream.write_all(b"SSH-2.0-OpenSSH_9.6\r\n")));
    // Whoever connects waits in its queue, and is never answered.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let silent_port = silent.local_addr().unwrap().port();
    let ca = "ca = 'own.pem'";
    let steps = [
        ("good", good, "", ca),
        ("missing", good, "missing", ca),
        ("stranger", good, "", "device = 'nas'"),
        ("other", other, "", ca),
        ("old", old, "", ca),
        ("early", early, "", ca),
        ("clear", clear, "", ca),
        ("silent", silent_port, "", "ca = 'own.pem', timeout = '300 ms'"),
    ];
    let mut plan = String::from("name = 'secure'\n");
    for (id, port, path, more) in steps {
        plan += &format!(
            "[[steps]]\nid = '{id}'\ninfrastructure = {{ http = 'https://127.0.0.1:{port}/{path}', {more} }}\n"
        );
    }
    let plan = home.write("plan.toml", &plan);
    let mut command = home.command(&[plan.to_str().unwrap(), "--db", "none", "--json"]);
    command.env("SSL_CERT_FILE", home.path().join("system.pem"));
    let done = super::support::done(command.output().unwrap()).expect(10);
    let wanted = [
        "good PASS",
        "missing FAIL",
        "stranger FAIL",
        "other FAIL",
        "old FAIL",
        "early FAIL",
        "clear FAIL",
        "silent FAIL",
    ];
    assert_eq!(results(&done), wanted);
    for told in [
        "comes from no authority that is trusted here",
        "its certificate is not for 127.0.0.1, but for ",
        "its certificate has expired: it held until 2021-01-01T00:00:00Z",
        "its certificate does not hold yet, but from 3999-01-01T00:00:00Z",
        "what answers speaks no TLS",
        "no answer within 300ms",
    ] {
        assert!(done.out.contains(told), "{told}: {}", done.out);
    }
}

#[test]
fn authorities_that_are_none_are_told_before_the_night() {
    let home = Home::new();
    home.write("empty.pem", "nothing");
    let plan = home.write(
        "plan.toml",
        "name = 'secure'\n[[steps]]\nid = 'a'\ninfrastructure = { http = 'https://nas.lab', ca = 'none.pem' }\n\
         [[steps]]\nid = 'b'\ninfrastructure = { http = 'https://nas.lab', ca = 'empty.pem' }\n\
         [[steps]]\nid = 'c'\ninfrastructure = { http = 'http://nas.lab', ca = 'empty.pem' }\n",
    );
    home.run(&["check", plan.to_str().unwrap()])
        .expect(20)
        .says("'none.pem' cannot be read")
        .says("'empty.pem' has no certificate in PEM")
        .says("'ca' belongs to http = \"https://HOST/PATH\"");
}
