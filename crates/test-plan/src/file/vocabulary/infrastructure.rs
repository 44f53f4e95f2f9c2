//! What is asked of the infrastructure.

use super::super::keys::{Kind, Table, key};
use super::{LIMIT, table};

pub(super) static INFRASTRUCTURE: Table = table(
    "infrastructure",
    "a look at the infrastructure",
    "Asks one thing of the infrastructure. No answer is a FAIL, not an error of the equipment.",
    &[
        key(
            "tcp",
            Kind::Text,
            "HOST:PORT that must take a connection; the result is \"connected\".",
        ),
        key(
            "http",
            Kind::Text,
            "http://HOST:PORT/PATH, or https://; the result is the status, 200 .. 299 by itself.",
        ),
        key(
            "lookup",
            Kind::Text,
            "A name; the result is its addresses, sorted, with commas between.",
        ),
        key("identity", Kind::Name, "A role; the result is its instrument's answer to *IDN?."),
        key("limit", LIMIT, "What must be answered, instead of what usually must."),
        key(
            "latency",
            LIMIT,
            "How long it may take: \"<= 50 ms\"; a result of its own, ID/latency.",
        ),
        key("timeout", Kind::Quantity, "How long an answer is waited for; 5 s by itself."),
        key(
            "ca",
            Kind::Text,
            "With https: a file in PEM, beside the plan, of authorities that are trusted besides the system's.",
        ),
        key("device", Kind::Text, "Whose it is: the name of a device in the inventory."),
        key("service", Kind::Text, "The name of a service in the inventory."),
    ],
);
