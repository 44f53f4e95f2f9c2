//! Looks at the infrastructure, against listeners of this test on the loopback interface.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;

use super::results;
use super::support::Home;

/// Answers every GET, `/missing` with 404; ends with the test.
fn http_server() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { return };
            let mut line = String::new();
            let _ = BufReader::new(stream.try_clone().unwrap()).read_line(&mut line);
            let status = if line.contains("/missing") { "404 Not Found" } else { "204 No Content" };
            let _ = write!(stream, "HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n");
        }
    });
    port
}

/// A port on which nobody listens.
fn closed_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

#[test]
fn a_plan_without_instruments_looks_at_ports_addresses_and_names() {
    let home = Home::new();
    let plan = home.write(
        "lab.toml",
        r#"
name = "lab"
[parameters]
port = { default = "1" }
closed = { default = "1" }
[[steps]]
id = "port"
infrastructure = { tcp = "127.0.0.1:$port", latency = "<= 4 s", device = "nas", service = "web" }
[[steps]]
id = "closed"
infrastructure = { tcp = "127.0.0.1:$closed", latency = "<= 4 s" }
[[steps]]
id = "health"
infrastructure = { http = "http://127.0.0.1:$port/health" }
[[steps]]
id = "missing"
infrastructure = { http = "http://127.0.0.1:$port/missing" }
[[steps]]
id = "gone"
infrastructure = { http = "http://127.0.0.1:$port/missing", limit = "== 404" }
[[steps]]
id = "name"
infrastructure = { lookup = "localhost", limit = '/.*(127\.0\.0\.1|::1).*/' }
[[steps]]
id = "fast"
compute = { value = "port.latency", limit = "< 4 s" }
"#,
    );
    let (port, closed) = (format!("port={}", http_server()), format!("closed={}", closed_port()));
    let plan = plan.to_str().unwrap();
    let arguments = [plan, "--db", "none", "--json", "--set", &port, "--set", &closed];
    let done = home.run(&arguments).expect(10);
    let wanted = [
        "port PASS",
        "port/latency PASS",
        "closed FAIL",
        "closed/latency INCONCLUSIVE",
        "health PASS",
        "missing FAIL",
        "gone PASS",
        "name PASS",
        "fast PASS",
    ];
    assert_eq!(results(&done), wanted);
    assert!(done.out.contains("\"device\":\"nas\",\"service\":\"web\""), "{}", done.out);
}

#[test]
fn an_instrument_is_asked_who_it_is() {
    let home = Home::new();
    let steps =
        "[[steps]]\nid = \"who\"\ninfrastructure = { identity = \"psu\", limit = '/RIGOL.*/' }\n";
    let done = super::run(&home, steps).expect(0);
    assert_eq!(results(&done), ["who PASS"]);
}
