//! What there is to say of every model in a line: its word, its identity, its ends.

use std::ops::RangeInclusive;

use scpi_protocol::program::{CommandTree, HeaderPath};

use super::generator::{rigol, siglent};
use super::multimeter::scanner;
use super::oscilloscope::siglent as sds;
use super::oscilloscope::{keysight, tektronix};
use super::{dl3021, dp832, multimeter, oscilloscope};
use crate::assembly::header_of;
use crate::instrument::{Character, is_common};
use crate::pace::Pace;
use crate::spec::{InstrumentSpec, ModelName};

/// The ends of a multimeter: that for current is its second.
pub(crate) const METER_END: u32 = 1;
pub(crate) const SHUNT_END: u32 = 2;

/// What is known of a model.
struct Entry {
    /// As bench files name it.
    word: &'static str,
    maker: &'static str,
    name: &'static str,
    firmware: &'static str,
    /// The channels that roles can have.
    channels: u32,
    /// The ends that can be wired; beside those of a scanner there are no others.
    ends: u32,
    tree: fn() -> &'static CommandTree<usize>,
}

const DP832: Entry = Entry {
    word: "dp832",
    maker: "RIGOL TECHNOLOGIES",
    name: "DP832",
    firmware: "00.01.19",
    channels: 3,
    ends: 3,
    tree: dp832::tree,
};
const MULTIMETER_34461A: Entry = Entry {
    word: "34461a",
    maker: "Keysight Technologies",
    name: "34461A",
    firmware: "A.02.08-02.37-02.08-00.49-01-01",
    channels: 1,
    ends: SHUNT_END,
    tree: multimeter::tree,
};
const DL3021: Entry = Entry {
    word: "dl3021",
    maker: "RIGOL TECHNOLOGIES",
    name: "DL3021",
    firmware: "00.01.05.00.01",
    channels: 1,
    ends: 1,
    tree: dl3021::tree,
};
const MSO5074: Entry = Entry {
    word: "mso5074",
    maker: "RIGOL TECHNOLOGIES",
    name: "MSO5074",
    firmware: "00.01.03.00.01",
    channels: 4,
    ends: 4,
    tree: oscilloscope::tree,
};
const SDG2042X: Entry = Entry {
    word: "sdg2042x",
    maker: "Siglent Technologies",
    name: "SDG2042X",
    firmware: "2.01.01.38R4",
    channels: 2,
    ends: 2,
    tree: siglent::tree,
};
const DG1032Z: Entry = Entry {
    word: "dg1032z",
    maker: "Rigol Technologies",
    name: "DG1032Z",
    // Its form; no real one was verified.
    firmware: "00.00.00",
    channels: 2,
    ends: 2,
    tree: rigol::tree,
};

const DSOX3024T: Entry = Entry {
    word: "dsox3024t",
    maker: "KEYSIGHT TECHNOLOGIES",
    name: "DSO-X 3024T",
    firmware: "07.30.2019051434",
    channels: 4,
    ends: 4,
    tree: keysight::tree,
};
const MDO3104: Entry = Entry {
    word: "mdo3104",
    maker: "TEKTRONIX",
    name: "MDO3104",
    firmware: "CF:91.1CT FV:v1.30",
    channels: 4,
    ends: 4,
    tree: tektronix::tree,
};
const MSO54: Entry = Entry {
    word: "mso54",
    maker: "TEKTRONIX",
    name: "MSO54",
    // Its form; no real one was verified.
    firmware: "CF:91.1CT FV:0.0.0.0",
    channels: 4,
    ends: 4,
    tree: tektronix::tree,
};
const SDS824X: Entry = Entry {
    word: "sds824x",
    maker: "Siglent Technologies",
    name: "SDS824X HD",
    // Its form; no real one was verified.
    firmware: "0.0.0.0",
    channels: 4,
    ends: 4,
    tree: sds::tree,
};

const SCANNER_34972A: Entry = Entry {
    word: "34972a",
    maker: "Agilent Technologies",
    name: "34972A",
    firmware: "1.17-1.12-02-02",
    channels: *scanner::CHANNELS.end(),
    ends: *scanner::CHANNELS.end(),
    tree: scanner::tree,
};

impl ModelName {
    pub(crate) const ALL: [Self; 11] = [
        Self::Dp832,
        Self::Multimeter34461a,
        Self::Dl3021,
        Self::Mso5074,
        Self::Sdg2042x,
        Self::Dg1032z,
        Self::Dsox3024t,
        Self::Mdo3104,
        Self::Mso54,
        Self::Sds824x,
        Self::Scanner34972a,
    ];

    fn entry(self) -> &'static Entry {
        match self {
            Self::Dp832 => &DP832,
            Self::Multimeter34461a => &MULTIMETER_34461A,
            Self::Dl3021 => &DL3021,
            Self::Mso5074 => &MSO5074,
            Self::Sdg2042x => &SDG2042X,
            Self::Dg1032z => &DG1032Z,
            Self::Dsox3024t => &DSOX3024T,
            Self::Mdo3104 => &MDO3104,
            Self::Mso54 => &MSO54,
            Self::Sds824x => &SDS824X,
            Self::Scanner34972a => &SCANNER_34972A,
        }
    }

    /// As bench files name it.
    pub(crate) fn word(self) -> &'static str {
        self.entry().word
    }

    /// The channels that roles can have.
    pub(crate) fn channels(self) -> RangeInclusive<u32> {
        self.first()..=self.entry().channels
    }

    /// The ends that can be wired; those for current are a multimeter's second.
    pub(crate) fn ends(self) -> RangeInclusive<u32> {
        self.first()..=self.entry().ends
    }

    /// A scanner counts from its first slot.
    fn first(self) -> u32 {
        if self == Self::Scanner34972a { *scanner::CHANNELS.start() } else { 1 }
    }

    /// Whether its ends feed what they are wired to.
    pub(crate) fn feeds(self) -> bool {
        matches!(self, Self::Dp832 | Self::Sdg2042x | Self::Dg1032z)
    }

    /// Whether its ends can be switched on and off.
    pub(crate) fn is_switched(self) -> bool {
        self.feeds() || self == Self::Dl3021
    }

    /// Its commands, each by its place.
    pub(crate) fn tree(self) -> &'static CommandTree<usize> {
        (self.entry().tree)()
    }

    /// Whether it has a command of this header.
    pub(crate) fn knows(self, header: &str) -> bool {
        header_of(header).is_some_and(|header| {
            let in_tree = self.tree().find(&header, &mut HeaderPath::default()).is_ok();
            in_tree || is_common(&header)
        })
    }

    /// How it speaks.
    pub(crate) fn character(self, spec: &InstrumentSpec, pace: Pace) -> Character {
        let Entry { maker, name, firmware, .. } = self.entry();
        let firmware = spec.firmware.as_deref().unwrap_or(firmware);
        let own = || format!("{maker},{name},{},{firmware}", spec.serial);
        let is_keysight =
            matches!(self, Self::Multimeter34461a | Self::Dsox3024t | Self::Scanner34972a);
        Character {
            identity: spec.identity.clone().unwrap_or_else(own),
            has_plus: is_keysight,
            version: if is_keysight { "1994.0" } else { "1999.0" },
            overload: if is_keysight { "+9.90000000E+37" } else { "9.9E37" },
            walks: self != Self::Sdg2042x,
            pace,
        }
    }
}
