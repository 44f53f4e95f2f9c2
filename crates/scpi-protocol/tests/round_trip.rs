//! What is printed reads back as what it was; and nothing that a wire can bring stops a parser.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails by panicking")]

use exact_decimal::Decimal;
use proptest::prelude::*;
use scpi_protocol::address::Address;
use scpi_protocol::error_queue::ErrorEntry;
use scpi_protocol::identity::Identity;
use scpi_protocol::preamble::Preamble;
use scpi_protocol::program::{
    Base, Header, Number, Parameter, Pattern, ProgramMessage, ProgramUnit, units,
};
use scpi_protocol::response::{Response, decode_list};
use scpi_protocol::{Channel, ChannelList, ChannelRange};

/// What may be an address: its parts in any order, with what parts them.
fn nearly_an_address() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        proptest::sample::select(vec![
            "TCPIP",
            "USB",
            "ASRL",
            "vxi11://",
            "tcp://",
            "::",
            ":",
            ",",
            "[",
            "]",
            "[::1]",
            "/",
            " ",
            "INSTR",
            "SOCKET",
            "hislip0",
            "inst0",
            "host",
            "1",
            "4880",
            "?baud=9600",
        ])
        .prop_map(str::to_owned),
        "\\PC{0,3}",
    ];
    let start = proptest::sample::select(vec![
        "",
        "TCPIP::h::",
        "TCPIP::h,1::",
        "USB::1::2::",
        "vxi11://h:1/",
    ]);
    (start, proptest::collection::vec(part, 0..7))
        .prop_map(|(start, rest)| start.to_owned() + &rest.concat())
}

fn mnemonic() -> impl Strategy<Value = String> {
    "[A-Za-z][A-Za-z0-9_]{0,11}"
}

fn header() -> impl Strategy<Value = Header> {
    let tree =
        (any::<bool>(), any::<bool>(), proptest::collection::vec(mnemonic(), 1..5)).prop_map(
            |(absolute, query, mnemonics)| Header { common: false, absolute, query, mnemonics },
        );
    let common = (any::<bool>(), mnemonic()).prop_map(|(query, name)| Header {
        common: true,
        absolute: false,
        query,
        mnemonics: vec![name],
    });
    prop_oneof![tree, common]
}

fn number() -> impl Strategy<Value = Decimal> {
    (any::<i64>(), -30_i32..30)
        .prop_map(|(digits, power)| Decimal::from(digits).scale_by_power_of_ten(power).unwrap())
}

fn channel() -> impl Strategy<Value = Channel> {
    proptest::collection::vec(any::<u32>(), 1..3).prop_map(Channel)
}

fn channels() -> impl Strategy<Value = ChannelList> {
    let range = (channel(), proptest::option::of(channel()))
        .prop_map(|(first, last)| ChannelRange { first, last });
    proptest::collection::vec(range, 1..4).prop_map(|ranges| ChannelList { ranges })
}

fn parameter() -> impl Strategy<Value = Parameter> {
    let base = prop_oneof![Just(Base::Binary), Just(Base::Octal), Just(Base::Hexadecimal)];
    let suffix = proptest::option::of("[A-DF-Z][A-Z]{0,4}(/[A-Z]{1,3})?");
    prop_oneof![
        (number(), suffix).prop_map(|(value, suffix)| Parameter::Number(Number { value, suffix })),
        (base, any::<u64>()).prop_map(|(base, value)| Parameter::NonDecimal { base, value }),
        mnemonic().prop_map(Parameter::Word),
        "[ -~\n]{0,20}".prop_map(Parameter::Text),
        proptest::collection::vec(any::<u8>(), 0..30).prop_map(Parameter::Block),
        channels().prop_map(Parameter::Channels),
        "[A-Z0-9+*]{1,9}".prop_map(Parameter::Expression),
    ]
}

fn message() -> impl Strategy<Value = ProgramMessage> {
    let unit = (header(), proptest::collection::vec(parameter(), 0..4))
        .prop_map(|(header, parameters)| ProgramUnit { header, parameters });
    proptest::collection::vec(unit, 1..4).prop_map(|units| ProgramMessage { units })
}

proptest! {
    #[test]
    fn addresses(text in nearly_an_address()) {
        if let Ok(address) = text.parse::<Address>() {
            let printed = address.to_string();
            prop_assert_eq!(printed.parse(), Ok(address), "{} of {}", printed, text);
        }
    }

    #[test]
    fn program_messages(message in message()) {
        prop_assert_eq!(ProgramMessage::parse(&message.to_bytes()).unwrap(), message);
    }

    #[test]
    fn error_entries(code in any::<i32>(), text in "[ -~]{0,40}") {
        let entry = ErrorEntry { code, text };
        prop_assert_eq!(entry.to_string().parse(), Ok(entry));
    }

    #[test]
    fn a_number_keeps_its_text_and_its_value(value in number()) {
        let text = value.to_string();
        let answer = Response::new(format!(" {text}\r").into_bytes());
        prop_assert_eq!(answer.number().unwrap().text, text.as_str());
        let float: f64 = text.parse().unwrap();
        let mut list: Vec<f64> = Vec::new();
        decode_list(format!("{text},{text}").as_bytes(), &mut list).unwrap();
        prop_assert_eq!(list, [float, float]);
    }

    /// Every parser of answers and of messages, over bytes that look like SCPI and over any bytes.
    #[test]
    fn nothing_stops_a_parser(bytes in prop_oneof![
        proptest::collection::vec(any::<u8>(), 0..120),
        "[-+0-9.eE,;:#'\"()@*? A-Z\n]{0,120}".prop_map(String::into_bytes),
    ]) {
        let answer = Response::new(bytes.clone());
        let units_found = answer.parse().units;
        prop_assert!(!units_found.is_empty() && units_found.iter().all(|unit| !unit.data.is_empty()));
        let _ = (answer.number(), answer.numeric(), answer.integer(), answer.boolean());
        let _ = (answer.numbers(), answer.string(), answer.block());
        let _ = (Preamble::rigol(&answer), Preamble::tektronix(&answer), Preamble::siglent(&bytes, &Decimal::from(1), 10));
        prop_assert!(units(&bytes).count() <= bytes.len());
        let text = String::from_utf8_lossy(&bytes);
        let _ = (text.parse::<Identity>(), text.parse::<ErrorEntry>());
        let _ = (text.parse::<Address>(), text.parse::<Pattern>());
    }
}
