//! A bench as its file describes it, checked.
//!
//! | file | holds |
//! | --- | --- |
//! | `section` | tables taken apart key by key |
//! | `instruments` | `[instruments]` and `[roles]` |
//! | `elements` | `[circuit]` |
//! | `faulty` | `[[faults]]` |
//! | `transports` | how an instrument can be reached |
//! | `fault` | what is wrong with a file |

mod elements;
mod fault;
mod faulty;
mod instruments;
mod section;
mod shorts;
mod transports;

use std::collections::BTreeMap;
use std::ops::Range;

use bench_catalog::{Calibration, RoleTarget, Site};
use toml::de::{DeTable, DeValue};

use crate::circuit::{Errors, Pair};
use crate::faults::Fault;
use crate::pace::Pace;
pub(crate) use elements::Elements;
use fault::Faults;
pub use fault::{SpecFault, SpecFaults};
use section::{At, Section, as_number};
use shorts::Shorts;
use transports::Ports;

/// The name of the node that is 0 V.
pub(crate) const GROUND: &str = "gnd";

/// A simulated bench as a file describes it, checked.
///
/// | key | means |
/// | --- | --- |
/// | `name` | of the bench |
/// | `seed` | of all noise; 0 unless given |
/// | `time` | `"real"`, `"fast"` (integration and settling cost no waiting), or how many times faster |
/// | `[instruments.NAME]` | see below |
/// | `[roles]` | `ROLE = { instrument = "psu", channel = 1 }`, or `ROLE = "dmm"` |
/// | `[sites.NAME]` | a place for one of several DUTs: `dut`, its serial number, and `roles` as above |
/// | `[circuit]` | `NAME = { kind = "...", ... }`, see below |
/// | `[[faults]]` | `instrument`, `on` (a header; all without it), `nth` (each without it), `do` |
///
/// Of an instrument: `model` is `dp832`, `34461a`, `dl3021`, `mso5074`, `sdg2042x`, `dg1032z`, `dsox3024t`,
/// `mdo3104`, `sds824x` or `34972a` (channels 101 to 122); `serial` and `firmware` go into `*IDN?`,
/// which `idn` replaces as a whole; `transports = ["tcp", "hislip", "vxi11", "telnet", "control", "serial"]` says how it can
/// be reached, by TCP alone unless given, at `port`, `hislip_port`, `vxi11_port`, `telnet_port` and `control_port`, each
/// of which is 0 for any; `clients` is how many it has at a time; `quirks = ["Q10", "Q17"]` are those that it has; `channels = { 1 = ["out", "gnd"] }` wires its channels
/// (four nodes: terminals and sense leads; channel 2 of a multimeter is its input for current); `errors =
/// { gain_ppm, offset, current_offset, clock_ppm }` and `noise = { voltage, current }` say how good it is; `settling` is the
/// time constant of its steps, `source_resistance` that of a supply; `calibration = { last, due, certificate }`.
///
/// | kind | keys |
/// | --- | --- |
/// | `resistor` | `nodes`, `value`; `ppm_per_kelvin`, `kelvin_per_watt` and `warm_up` where its own power warms it |
/// | `capacitor` | `nodes`, `value`, `resistance` in series with it, `voltage` at the beginning |
/// | `battery` | `nodes`, `capacity`, `resistance`, `empty` and `full` (volts without load), `charge` from 0 to 1 |
/// | `diode`, `led` | `nodes` (anode, cathode), `forward`, `resistance` |
/// | `switch` | `nodes`, `resistance`, `closed`; turned by the controls |
/// | `regulator` | `input`, `output`, `ground`, `nominal` (unloaded, at nominal + dropout), `dropout`, `current_limit`, `load_regulation` (V/A), `line_regulation` (V/V), `quiescent` |
/// | `ripple` | `nodes`, `amplitude` (peak to peak), `frequency`, `shape` (`sine`, `sawtooth`, `triangle`, `square`); only oscilloscopes and alternating functions see it, while there is voltage |
///
/// `do` is `close`, `silent`, `garbage`, `overload`, `cut`, `error` (with `code`), `refuse`, `split`, `hold`, `reset`,
/// `half-open`, `deaf`, `stale`, `echo`, `length`, `storm`, or with a `delay` `late`, `drip` and `crash`, as [`FaultAction`](crate::FaultAction) has them. Values are quantities with their unit; the node `gnd` is 0 V.
#[derive(Clone, Debug)]
pub struct BenchSpec {
    /// Its file's name, as it was given.
    file: String,
    pub(crate) name: String,
    /// The ports that it asks for, each with its line and column.
    ports: BTreeMap<u16, (usize, usize)>,
    pub(crate) seed: u64,
    pub(crate) pace: Pace,
    pub(crate) instruments: Vec<InstrumentSpec>,
    pub(crate) roles: BTreeMap<String, RoleTarget>,
    pub(crate) sites: BTreeMap<String, Site>,
    /// Names; the first is ground.
    pub(crate) nodes: Vec<String>,
    pub(crate) elements: Elements,
    pub(crate) faults: Vec<(String, Fault)>,
}

/// The models that can be simulated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ModelName {
    Dp832,
    Multimeter34461a,
    Dl3021,
    Mso5074,
    Sdg2042x,
    Dg1032z,
    Dsox3024t,
    Mdo3104,
    Mso54,
    Sds824x,
    Scanner34972a,
}

/// How an instrument can be reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Transport {
    Tcp,
    Hislip,
    Vxi11,
    /// A raw socket with a prompt, for people.
    Telnet,
    /// Beside a raw socket: device clear and service requests.
    Control,
    /// A pseudo terminal.
    Serial,
}

/// One instrument of a bench.
#[derive(Clone, Debug)]
pub(crate) struct InstrumentSpec {
    pub(crate) name: String,
    pub(crate) model: ModelName,
    pub(crate) serial: String,
    pub(crate) firmware: Option<String>,
    /// In the place of the whole answer to `*IDN?`.
    pub(crate) identity: Option<String>,
    /// How it can be reached, and at which ports.
    pub(crate) transports: Vec<(Transport, u16)>,
    /// The first line that a client on the bare byte stream must say.
    pub(crate) login: Option<String>,
    pub(crate) channels: BTreeMap<u32, ChannelSpec>,
    pub(crate) calibration: Option<Calibration>,
    pub(crate) errors: Errors,
    pub(crate) volts_noise: Option<f64>,
    pub(crate) amperes_noise: Option<f64>,
    /// In seconds.
    pub(crate) settling: Option<f64>,
    /// In ohms.
    pub(crate) source_resistance: Option<f64>,
    /// The numbers of its quirks.
    pub(crate) quirks: Vec<u8>,
    /// Clients that it has at a time.
    pub(crate) clients: Option<u16>,
}

/// A switch of the circuit, which the controls turn.
#[derive(Clone, Debug)]
pub(crate) struct Switch {
    pub(crate) name: String,
    pub(crate) nodes: Pair,
    /// When closed.
    pub(crate) ohms: f64,
    pub(crate) closed: bool,
}

/// Where a channel is connected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ChannelSpec {
    pub(crate) nodes: Pair,
    /// The same unless sensed apart.
    pub(crate) sense: Pair,
}

impl BenchSpec {
    /// Reads and checks a bench file; `file` is its name in messages.
    ///
    /// # Errors
    /// All faults of the file, each with its place and what would be right.
    pub fn parse(file: &str, text: &str) -> Result<Self, SpecFaults> {
        let mut faults = Faults::new(text);
        let (document, errors) = DeTable::parse_recoverable(text);
        for error in &errors {
            let place = error.span().unwrap_or(0..0);
            faults.add(&place, error.message().to_owned(), "TOML is wanted");
        }
        if !faults.is_empty() {
            return Err(faults.into_error(file));
        }
        let place = document.span();
        let section = Section::new("the bench", place.start..place.start, document.into_inner());
        let spec = read(section, &mut faults);
        match spec.filter(|_| faults.is_empty()) {
            Some(spec) => Ok(Self { file: file.to_owned(), ..spec }),
            None => Err(faults.into_error(file)),
        }
    }

    /// Where the file asks for a port: `file:line:column`.
    pub(crate) fn place_of(&self, port: u16) -> String {
        match self.ports.get(&port) {
            Some((line, column)) => format!("{}:{line}:{column}", self.file),
            None => self.file.clone(),
        }
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Which channel of which instrument plays which role.
    #[must_use]
    pub fn roles(&self) -> &BTreeMap<String, RoleTarget> {
        &self.roles
    }

    /// Places for several DUTs.
    #[must_use]
    pub fn sites(&self) -> &BTreeMap<String, Site> {
        &self.sites
    }

    /// As one of its sites has it: the roles of that site, else its own.
    #[must_use]
    pub fn at_site(&self, name: &str, site: &Site) -> Self {
        let own = site.roles.iter().map(|(role, target)| (role.clone(), target.clone()));
        Self {
            name: bench_catalog::site::name_of(&self.name, name),
            roles: self.roles.clone().into_iter().chain(own).collect(),
            sites: BTreeMap::new(),
            ..self.clone()
        }
    }

    /// The names of its instruments, in the order of the alphabet.
    #[must_use]
    pub fn instrument_names(&self) -> Vec<&str> {
        self.instruments.iter().map(|instrument| instrument.name.as_str()).collect()
    }
}

/// The nodes of a circuit as they are named, and how often.
pub(crate) struct Nodes {
    names: Vec<String>,
    /// Where each was named first, how often in all, and whether a supply feeds it.
    uses: Vec<(Range<usize>, usize, bool)>,
    shorts: Shorts,
}

impl Nodes {
    fn new() -> Self {
        Self {
            names: vec![GROUND.to_owned()],
            uses: vec![(0..0, 2, true)],
            shorts: Shorts::default(),
        }
    }

    fn named(&mut self, name: &At<String>, is_fed: bool) -> usize {
        let index = self.names.iter().position(|own| own == name.get_ref());
        let index = index.unwrap_or_else(|| {
            self.names.push(name.get_ref().clone());
            self.uses.push((name.span(), 0, false));
            self.names.len() - 1
        });
        if let Some((_, count, fed)) = self.uses.get_mut(index) {
            *count += 1;
            *fed |= is_fed;
        }
        index
    }

    /// A node that only one thing touches is a slip of the pen, unless a supply feeds it.
    fn check(&self, faults: &mut Faults<'_>) {
        self.shorts.check(faults);
        for (name, (place, count, is_fed)) in self.names.iter().zip(&self.uses) {
            if *count < 2 && !is_fed {
                let what = format!("nothing else is connected to the node '{name}'");
                let others = self.names.iter().filter(|other| *other != name);
                let others = others.map(String::as_str).collect::<Vec<_>>().join(", ");
                faults.add(place, what, format!("the other nodes are {others}"));
            }
        }
    }
}

fn read(mut section: Section<'_>, faults: &mut Faults<'_>) -> Option<BenchSpec> {
    let name = section.required("name", "name = \"quickstart\" or the like is wanted", faults);
    let seed = section.whole("seed", u64::MAX, faults).map_or(0, At::into_inner);
    let pace = pace(&mut section, faults);
    let mut nodes = Nodes::new();
    let mut ports = Ports::default();
    let instruments = instruments::read(&mut section, &mut nodes, &mut ports, faults);
    let roles = instruments::roles(&mut section, &instruments, faults);
    let sites = instruments::sites(&mut section, &instruments, faults);
    let elements = elements::read(&mut section, &mut nodes, faults);
    let wrong = faulty::read(&mut section, &instruments, faults);
    section.finish(faults);
    nodes.check(faults);
    Some(BenchSpec {
        file: String::new(),
        name: name?.into_inner(),
        ports: ports.into_places(),
        seed,
        pace,
        instruments,
        roles,
        sites,
        nodes: nodes.names,
        elements,
        faults: wrong,
    })
}

fn pace(section: &mut Section<'_>, faults: &mut Faults<'_>) -> Pace {
    let Some(value) = section.take("time") else { return Pace::REAL };
    let found = match value.get_ref() {
        DeValue::String(word) if word == "real" => Some(Pace::REAL),
        DeValue::String(word) if word == "fast" => Some(Pace::FAST),
        other => as_number(other).and_then(Pace::times_faster),
    };
    found.unwrap_or_else(|| {
        let right = "\"real\", \"fast\" or how many times faster, such as 20, is wanted";
        faults.add(&value.span(), "'time' is none that there is", right);
        Pace::REAL
    })
}

/// Two nodes that are not the same one.
fn pair(
    name: &str,
    nodes: &At<Vec<At<String>>>,
    is_fed: bool,
    known: &mut Nodes,
    faults: &mut Faults<'_>,
) -> Option<Pair> {
    let [positive, negative] = nodes.get_ref().as_slice() else {
        let what = format!("{name} has {} nodes", nodes.get_ref().len());
        faults.add(&nodes.span(), what, "two are wanted: positive and negative");
        return None;
    };
    if positive.get_ref() == negative.get_ref() {
        let what = format!("{name} is between '{}' and itself", positive.get_ref());
        faults.add(&nodes.span(), what, "two different nodes are wanted");
        return None;
    }
    let pair = [known.named(positive, is_fed), known.named(negative, is_fed)];
    if is_fed {
        known.shorts.fed(pair, name);
    }
    Some(pair)
}
