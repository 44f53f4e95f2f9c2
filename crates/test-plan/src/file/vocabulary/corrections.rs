//! Corrections of readings.

use super::super::keys::{Kind, Table, key};
use super::table;

pub(super) static CORRECTION: Table = table(
    "correction",
    "a correction",
    "A number by which readings are corrected: one of 'shunt', 'gain', 'offset' and 'zero'. The reading that the \
     instrument gave keeps its row; the corrected one has its own, with the formula and what stood in it.",
    &[
        key(
            "shunt",
            Kind::Quantity,
            "A resistance: a voltage divided by it is the current through it.",
        ),
        key("gain", Kind::Quantity, "What a reading is multiplied by: \"1.00012\", \"10 A/V\"."),
        key("offset", Kind::Quantity, "What is added to a reading."),
        key(
            "zero",
            Kind::Text,
            "The result that is taken off: an earlier step without a sweep, \"shorted\" or \"null/leads\".",
        ),
        key(
            "uncertainty",
            Kind::Quantity,
            "How uncertain the number is: U for 95 % with k = 2, in its unit or in %.",
        ),
        key("certificate", Kind::Text, "The certificate that states it."),
        key(
            "due",
            Kind::Text,
            "Until when that holds, YYYY-MM-DD. Later a run warns; where the reading's role has calibration = \
             \"required\" it does not begin.",
        ),
    ],
);
