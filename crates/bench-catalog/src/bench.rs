//! Bench files: the instruments of one place, and which channel plays which role.

use std::collections::BTreeMap;

use bench_model::{Decimal, Quantity, Timestamp};
use scpi_protocol::address::{Address, default_port};

use crate::accuracy::AccuracyTable;
use crate::dialect::Dialect;
use crate::function::Function;
use crate::maxima::Maxima;
use crate::setting::Setting;
use crate::site::{self, Site};

/// The frequency of the power line where a bench file does not say.
pub const DEFAULT_LINE_FREQUENCY_HZ: u32 = 50;

/// The instruments of one place.
#[derive(Clone, Debug, PartialEq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bench {
    /// Its name.
    pub name: String,
    /// Of the power line: 50 or 60.
    #[serde(default = "default_line_frequency")]
    pub line_frequency_hz: u32,
    /// The inventory of the lab, a file of the project: its maxima hold for these instruments.
    #[serde(default)]
    pub inventory: Option<String>,
    /// By their names.
    #[serde(default)]
    pub instruments: BTreeMap<String, BenchInstrument>,
    /// What a person reads, by names: a thermometer on the wall, a ruler.
    #[serde(default)]
    pub manual: BTreeMap<String, ManualInstrument>,
    /// By the part that they play in plans.
    #[serde(default)]
    pub roles: BTreeMap<String, RoleTarget>,
    /// Places for several DUTs at the same time, by their names.
    #[serde(default)]
    pub sites: BTreeMap<String, Site>,
}

fn default_line_frequency() -> u32 {
    DEFAULT_LINE_FREQUENCY_HZ
}

/// One instrument of a bench.
#[derive(Clone, Debug, PartialEq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BenchInstrument {
    /// Where it is.
    #[serde(deserialize_with = "address")]
    pub address: Address,
    /// The dialect that it speaks; else the one that its identity asks for.
    #[serde(default)]
    pub dialect: Option<String>,
    /// The serial number that must answer there.
    #[serde(default)]
    pub serial: Option<String>,
    /// `MAKER,MODEL` that must answer there, either with `*` at its end.
    #[serde(default)]
    pub identity: Option<String>,
    /// When it was calibrated.
    #[serde(default)]
    pub calibration: Option<Calibration>,
    /// Since when it has been on, for plans that want it warm: `2026-11-24T08:00:00Z`.
    #[serde(default)]
    pub on_since: Option<Timestamp>,
    /// What its readings are accurate to, instead of its dialect's data sheet: from its own certificate, say.
    #[serde(default)]
    pub accuracy: BTreeMap<Function, AccuracyTable>,
    /// For each answer, in milliseconds.
    #[serde(default)]
    pub timeout_ms: Option<u64>,
    /// What is said first on each new connection.
    #[serde(default)]
    pub login: Option<BenchLogin>,
    /// Whether it is simulated; only a simulator says so.
    #[serde(skip)]
    pub simulated: bool,
    /// What it may be set to at most; only the inventory says so.
    #[serde(skip)]
    pub maxima: Maxima,
}

/// An instrument without a connection, which a person reads.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ManualInstrument {
    /// Who made it.
    pub maker: String,
    /// Its model.
    pub model: String,
    /// Its serial number.
    #[serde(default)]
    pub serial: Option<String>,
    /// When it was calibrated.
    #[serde(default)]
    pub calibration: Option<Calibration>,
}

/// A login that an instrument wants. Its secret is kept by `scpi-run credentials`, never here.
#[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BenchLogin {
    /// The name of the system whose user and password are meant.
    pub credential: String,
    /// The line that is sent, with `{user}` and `{password}` in their places: `login {password}`.
    pub line: String,
    /// What the instrument's answer to it begins with, where it gives one.
    #[serde(default)]
    pub answer: Option<String>,
}

/// When an instrument was calibrated, as its certificate says. Dates are `YYYY-MM-DD`.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Calibration {
    /// When.
    #[serde(default)]
    pub last: Option<String>,
    /// Until when it holds.
    #[serde(default)]
    pub due: Option<String>,
    /// The certificate's number.
    #[serde(default)]
    pub certificate: Option<String>,
}

/// The channel that plays a role.
#[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RoleTarget {
    /// The instrument's name.
    pub instrument: String,
    /// Its channel, from 1.
    #[serde(default = "first_channel")]
    pub channel: u32,
}

fn first_channel() -> u32 {
    1
}

/// A bench file that cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BenchError {
    /// It is no bench file; the text says where and why.
    #[error("{file}: {fault}")]
    Toml {
        /// The file.
        file: String,
        /// Line, column and fault.
        fault: String,
    },
    /// A role names an instrument that is not there.
    #[error(
        "{file}: the role '{role}' is played by '{instrument}', which is none of [instruments]: {known}"
    )]
    NoInstrument {
        /// The file.
        file: String,
        /// The role.
        role: String,
        /// The name.
        instrument: String,
        /// Those that are there.
        known: String,
    },
    /// A site that cannot be.
    #[error("{file}: {fault}")]
    Site {
        /// The file.
        file: String,
        /// What is wrong, and what would be right.
        fault: String,
    },
    /// A login that cannot be said.
    #[error("{file}: [instruments.{instrument}] login: {why}")]
    Login {
        /// The file.
        file: String,
        /// The instrument's name.
        instrument: String,
        /// What is wrong, and what would be right.
        why: &'static str,
    },
    /// A line frequency that no power line has.
    #[error("{file}: line_frequency_hz is {found}; 50 or 60 is wanted")]
    LineFrequency {
        /// The file.
        file: String,
        /// As given.
        found: u32,
    },
    /// An accuracy that no reading can have.
    #[error("{file}: the instrument '{instrument}': {fault}")]
    Accuracy {
        /// The file.
        file: String,
        /// The instrument.
        instrument: String,
        /// What is wrong, and what would be right.
        fault: String,
    },
    /// No instrument at all.
    #[error(
        "{0}: there is no instrument in it; one such as [instruments.dmm] address = \"tcp://192.168.1.20:5025\" is wanted"
    )]
    Empty(String),
}

impl Bench {
    /// Reads a bench file.
    ///
    /// # Errors
    /// When it is no bench file, or a role is played by nobody.
    pub fn parse(file: &str, text: &str) -> Result<Self, BenchError> {
        let mut bench: Self = toml::from_str(text).map_err(|error| BenchError::Toml {
            file: file.to_owned(),
            fault: error.to_string().trim_end().to_owned(),
        })?;
        bench.add_makers_ports(text);
        bench.check(file)?;
        Ok(bench)
    }

    /// An address without a port is at the port of its maker, where `identity` or `dialect` tells the maker.
    fn add_makers_ports(&mut self, text: &str) {
        let Ok(file) = toml::from_str::<toml::Table>(text) else { return };
        for (name, instrument) in &mut self.instruments {
            let maker = instrument.identity.as_deref().or(instrument.dialect.as_deref());
            let entry = file.get("instruments").and_then(|all| all.get(name));
            let address = entry.and_then(|entry| entry.get("address")?.as_str());
            if let (Some(maker), Some(address)) = (maker, address) {
                let own = Address::parse_with_port(address, default_port(maker));
                instrument.address = own.unwrap_or_else(|_| instrument.address.clone());
            }
        }
    }

    fn check(&self, file: &str) -> Result<(), BenchError> {
        if self.instruments.is_empty() && self.manual.is_empty() {
            return Err(BenchError::Empty(file.to_owned()));
        }
        if ![50, 60].contains(&self.line_frequency_hz) {
            return Err(BenchError::LineFrequency {
                file: file.to_owned(),
                found: self.line_frequency_hz,
            });
        }
        for (name, instrument) in &self.instruments {
            let why = instrument.login_fault();
            let instrument = name.clone();
            why.map_or(Ok(()), |why| {
                Err(BenchError::Login { file: file.to_owned(), instrument, why })
            })?;
        }
        self.check_accuracies(file)?;
        let fault = |fault| BenchError::Site { file: file.to_owned(), fault };
        site::fault(&self.sites).map_or(Ok(()), |wrong| Err(fault(wrong)))?;
        let all = self.roles.iter().chain(self.sites.values().flat_map(|site| &site.roles));
        let is_there =
            |name: &String| self.instruments.contains_key(name) || self.manual.contains_key(name);
        let lost = all.into_iter().find(|(_, to)| !is_there(&to.instrument));
        lost.map_or(Ok(()), |(role, target)| {
            Err(BenchError::NoInstrument {
                file: file.to_owned(),
                role: role.clone(),
                instrument: target.instrument.clone(),
                known: self.instruments.keys().cloned().collect::<Vec<_>>().join(", "),
            })
        })
    }

    fn check_accuracies(&self, file: &str) -> Result<(), BenchError> {
        for (instrument, entry) in &self.instruments {
            let tables = entry.accuracy.iter();
            if let Some(fault) = tables.filter_map(|(own, table)| table.fault(*own)).next() {
                let (file, instrument) = (file.to_owned(), instrument.clone());
                return Err(BenchError::Accuracy { file, instrument, fault });
            }
        }
        Ok(())
    }

    /// The channel that plays a role: as `[roles]` says, else the first of the instrument of that name.
    #[must_use]
    pub fn target(&self, role: &str) -> Option<RoleTarget> {
        self.roles.get(role).cloned().or_else(|| {
            let named = self.instruments.contains_key(role);
            named.then(|| RoleTarget { instrument: role.to_owned(), channel: first_channel() })
        })
    }

    /// What the inventory says that a setting of a role's instrument may be at most.
    #[must_use]
    pub fn most(&self, role: &str, setting: Setting) -> Option<&Quantity> {
        self.instruments.get(&self.target(role)?.instrument)?.maxima.of(setting)
    }

    /// What a person reads in a role, with its name: as `[roles]` says, else what has the role's name.
    #[must_use]
    pub fn read_by_hand(&self, role: &str) -> Option<(&str, &ManualInstrument)> {
        let name = self.roles.get(role).map_or(role, |target| target.instrument.as_str());
        self.manual.get_key_value(name).map(|(name, own)| (name.as_str(), own))
    }

    /// As one of its sites has it: the roles of that site, else its own.
    #[must_use]
    pub fn at_site(&self, name: &str, site: &Site) -> Self {
        let own = site.roles.iter().map(|(role, target)| (role.clone(), target.clone()));
        Self {
            name: site::name_of(&self.name, name),
            roles: self.roles.clone().into_iter().chain(own).collect(),
            sites: BTreeMap::new(),
            ..self.clone()
        }
    }

    /// Whether any of its instruments is simulated.
    #[must_use]
    pub fn is_simulated(&self) -> bool {
        self.instruments.values().any(|instrument| instrument.simulated)
    }

    /// Power line cycles as seconds. `None` beyond the bounds of a decimal.
    #[must_use]
    pub fn seconds_of(&self, nplc: &Decimal) -> Option<Decimal> {
        nplc.checked_div(&Decimal::from(self.line_frequency_hz)).ok()
    }
}

fn address<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Address, D::Error> {
    let text = <std::borrow::Cow<'de, str> as serde::Deserialize>::deserialize(deserializer)?;
    text.parse().map_err(serde::de::Error::custom)
}

impl BenchInstrument {
    /// An instrument at an address, of which nothing else is known.
    #[must_use]
    pub fn at(address: Address) -> Self {
        Self {
            address,
            dialect: None,
            serial: None,
            identity: None,
            calibration: None,
            on_since: None,
            accuracy: BTreeMap::new(),
            timeout_ms: None,
            login: None,
            simulated: false,
            maxima: Maxima::default(),
        }
    }
}

impl BenchInstrument {
    /// What its readings of a function are accurate to: by its own entry, else by the data sheet that its dialect knows.
    #[must_use]
    pub fn accuracy<'a>(
        &'a self,
        function: Function,
        dialect: Option<&'a Dialect>,
    ) -> &'a [AccuracyTable] {
        let by_sheet = || dialect.and_then(|dialect| dialect.function(function));
        match self.accuracy.get(&function) {
            Some(own) => std::slice::from_ref(own),
            None => by_sheet().map_or(&[], |words| &words.accuracy),
        }
    }

    fn login_fault(&self) -> Option<&'static str> {
        let login = self.login.as_ref()?;
        if !login.line.contains("{password}") {
            return Some("its line has no place for the secret: \"login {password}\" has");
        }
        if login.line.contains(['\n', '\r']) {
            return Some("its line is more than one: one line is said");
        }
        let is_stream = matches!(self.address, Address::Tcp { .. });
        (!is_stream).then_some("only an instrument at tcp://HOST:PORT is logged in to")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LAB: &str = r#"
        name = "lab"
        [instruments.psu]
        address = "tcp://127.0.0.1:5555"
        serial = "DP8C194205678"
        [instruments.dmm]
        address = "TCPIP::127.0.0.1::5025::SOCKET"
        calibration = { due = "2027-05-01" }
        [roles]
        vin = { instrument = "psu", channel = 2 }
    "#;

    #[test]
    fn an_address_without_a_port_is_at_its_makers() {
        let file = "name = 'x'\n\
            [instruments.a]\naddress = 'tcp://psu.lab'\nidentity = 'RIGOL TECHNOLOGIES,DP832'\n\
            [instruments.b]\naddress = '[::1]'\ndialect = 'tektronix_mso'\n\
            [instruments.c]\naddress = '10.0.0.1:5025'\ndialect = 'rigol_dl3000'\n\
            [instruments.d]\naddress = '10.0.0.2'\n\
            [instruments.e]\naddress = 'TCPIP::10.0.0.3::INSTR'\ndialect = 'rigol_dl3000'\n";
        let bench = Bench::parse("x.toml", file).unwrap();
        for (name, wanted) in [
            ("a", "tcp://psu.lab:5555"),
            ("b", "tcp://[::1]:4000"),
            ("c", "tcp://10.0.0.1:5025"),
            ("d", "tcp://10.0.0.2:5025"),
            ("e", "TCPIP::10.0.0.3::inst0::INSTR"),
        ] {
            assert_eq!(bench.instruments[name].address.to_string(), wanted);
        }
    }

    #[test]
    fn roles_are_bound_by_the_file_or_by_name_alone() {
        let bench = Bench::parse("lab.toml", LAB).unwrap();
        assert_eq!(bench.target("vin").unwrap().channel, 2);
        assert_eq!(bench.target("dmm").unwrap().channel, 1);
        assert_eq!(bench.target("load"), None);
        assert!(!bench.is_simulated());
        assert_eq!(bench.seconds_of(&"10".parse().unwrap()).unwrap(), "0.2".parse().unwrap());
    }

    #[test]
    fn what_a_person_reads_has_an_identity() {
        let text = "name='x'\n[manual.wall]\nmaker='Fluke'\nmodel='1523'\nserial='S1'\n\
                    calibration={ due='2027-05-01' }\n[roles]\nroom={ instrument='wall' }";
        let bench = Bench::parse("x.toml", text).unwrap();
        assert_eq!(bench.read_by_hand("room").unwrap().0, "wall");
        assert_eq!(bench.read_by_hand("wall").unwrap().1.serial.as_deref(), Some("S1"));
        assert_eq!(bench.read_by_hand("dmm"), None);
    }

    #[test]
    fn a_wrong_bench_file_says_where_and_what() {
        for (text, wanted) in [
            ("name = 'x'", "no instrument"),
            ("name = 'x'\n[instruments.a]\naddress = 'tcp://:5'", "line 3"),
            ("name = 'x'\n[instruments.a]\naddress = 'a'\nadress = 'b'", "line 4"),
            ("name = 'x'\nline_frequency_hz = 55\n[instruments.a]\naddress = 'a'", "50 or 60"),
            ("name='x'\n[instruments.a]\naddress='a'\n[roles]\nv={instrument='b'}", "'b'"),
            ("name='x'\n[instruments.a]\naddress='a'\n[sites.'a b']\ndut='1'", "'a b'"),
            ("name='x'\n[instruments.a]\naddress='a'\n[sites.b.roles]\nv={instrument='c'}", "'c'"),
            (
                "name='x'\n[instruments.a]\naddress='tcp://127.0.0.1:1'\nlogin={credential='c', line='login'}",
                "{password}",
            ),
            (
                "name='x'\n[instruments.a]\naddress='TCPIP::127.0.0.1::hislip0::INSTR'\nlogin={credential='c', line='{password}'}",
                "tcp://HOST:PORT",
            ),
            (
                "name='x'\n[instruments.a]\naddress='tcp://127.0.0.1:1'\nlogin={credential='c', line=\"{password}\\n\"}",
                "more than one",
            ),
        ] {
            let error = Bench::parse("x.toml", text).unwrap_err().to_string();
            assert!(error.contains(wanted) && error.starts_with("x.toml: "), "{error}");
        }
    }
}
