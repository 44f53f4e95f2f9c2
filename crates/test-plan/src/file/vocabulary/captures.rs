//! Captures of waveforms.

use super::super::keys::{Kind, Table, key, needed};
use super::table;

pub(super) static CAPTURE: Table = table(
    "capture",
    "a capture",
    "How a waveform is captured, whole.",
    &[
        needed("role", Kind::Name, "The oscilloscope."),
        needed("probe", Kind::Text, "The probe's attenuation: \"10x\"."),
        needed("coupling", Kind::Words(|| vec!["ac", "dc"]), "The input's coupling."),
        needed("bandwidth", Kind::Text, "\"full\", or the limit: \"20 MHz\"."),
        needed("scale", Kind::Quantity, "Volts a division."),
        key("offset", Kind::Quantity, "The offset in volts; 0 V where it is not given."),
        needed("time_base", Kind::Quantity, "Seconds a division."),
        needed("trigger", Kind::Table(&TRIGGER), "What starts the acquisition."),
        needed(
            "acquisition",
            Kind::Words(|| vec!["normal", "average", "peak", "high_resolution"]),
            "How samples are taken.",
        ),
    ],
);

static TRIGGER: Table = table(
    "trigger",
    "a trigger",
    "What starts an acquisition.",
    &[
        key(
            "mode",
            Kind::Words(|| vec!["normal", "auto"]),
            "\"auto\" forces it after the timeout.",
        ),
        key("level", Kind::Quantity, "The level; needed unless the mode is \"auto\"."),
        key("slope", Kind::Words(|| vec!["rising", "falling"]), "The edge; \"rising\" by itself."),
        needed("timeout", Kind::Quantity, "How long it is waited for."),
    ],
);
