//! A serial line: a device file like any other.

use std::fs::OpenOptions;
use std::io::{BufRead, BufReader, Write};

use scpi_protocol::address::Address;

use crate::client::Bench;

#[test]
fn an_instrument_at_a_serial_line() {
    let bench = Bench::fast(
        r#"
        name = "serial"
        [instruments.psu]
        model = "dp832"
        serial = "S"
        idn = "ACME,X,S,1"
        transports = ["serial"]
    "#,
    );
    let instruments = bench.served.instruments();
    let Address::Serial { port, .. } = &instruments[0].addresses[0] else { panic!() };
    for _ in 0..2 {
        let line = OpenOptions::new().read(true).write(true).open(port).unwrap();
        let (mut writer, mut reader) = (line.try_clone().unwrap(), BufReader::new(line));
        for (message, wanted) in
            [("*IDN?\n", "ACME,X,S,1\n"), (":APPL CH1,5,1;:VOLT?\n", "5.000\n")]
        {
            writer.write_all(message.as_bytes()).unwrap();
            let mut answer = String::new();
            reader.read_line(&mut answer).unwrap();
            assert_eq!(answer, wanted);
        }
    }
}
