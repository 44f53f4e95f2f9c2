//! Which dialects there are, and which of them an instrument speaks.

use bench_model::Quantity;
use scpi_protocol::identity::Identity;
use sha2::{Digest, Sha256};

use crate::built_in::BUILT_IN;
use crate::capture_words::CaptureWords;
use crate::dialect::{Dialect, SettingWords};
use crate::setting::{Setting, SettingKind};
use crate::wire::{LAST_QUIRK, is_quirk};

/// The dialect of an instrument of which nothing is known but that it speaks SCPI.
const PLAIN: &str = "scpi_instrument";

/// A dialect that cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("dialect {file}: {fault}")]
pub struct DialectError {
    /// Its file.
    pub file: String,
    /// What is wrong with it, and where.
    pub fault: String,
}

/// The dialects that are known.
#[derive(Clone, Debug)]
pub struct Dialects {
    all: Vec<Dialect>,
}

impl Dialects {
    /// Those that are built in.
    ///
    /// # Errors
    /// When one of them is wrong, which a test rules out.
    pub fn built_in() -> Result<Self, DialectError> {
        let all = BUILT_IN.iter().map(|(file, text)| read(file, text)).collect::<Result<_, _>>()?;
        Ok(Self { all })
    }

    /// The same, and one more, which is looked at first.
    ///
    /// # Errors
    /// When the text is no dialect.
    pub fn with(mut self, file: &str, text: &str) -> Result<Self, DialectError> {
        self.all.insert(0, read(file, text)?);
        Ok(self)
    }

    /// By its name.
    #[must_use]
    pub fn named(&self, name: &str) -> Option<&Dialect> {
        self.all.iter().find(|dialect| dialect.name == name)
    }

    /// The one that an instrument speaks by what it says of itself.
    #[must_use]
    pub fn for_identity(&self, identity: &Identity) -> Option<&Dialect> {
        self.all.iter().find(|dialect| speaks(dialect, identity))
    }

    /// For an instrument of which nothing is known but that it speaks SCPI: raw messages alone.
    #[must_use]
    pub fn plain(&self) -> Option<&Dialect> {
        self.named(PLAIN)
    }

    /// The names of all.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.all.iter().map(|dialect| dialect.name.as_str())
    }
}

fn speaks(dialect: &Dialect, identity: &Identity) -> bool {
    dialect.identities.iter().any(|wanted| identity_fits(wanted, identity))
}

/// Whether an identity is what a dialect or a bench file wants: `MAKER,MODEL`, either with `*` at its end,
/// without regard to case.
#[must_use]
pub fn identity_fits(wanted: &str, identity: &Identity) -> bool {
    let (maker, model) = wanted.split_once(',').unwrap_or((wanted, "*"));
    fits(maker.trim(), &identity.maker) && fits(model.trim(), &identity.model)
}

fn fits(wanted: &str, found: &str) -> bool {
    let (wanted, found) = (wanted.to_ascii_lowercase(), found.to_ascii_lowercase());
    match wanted.strip_suffix('*') {
        Some(start) => found.starts_with(start),
        None => wanted == found,
    }
}

fn read(file: &str, text: &str) -> Result<Dialect, DialectError> {
    let fault = |fault: String| DialectError { file: file.to_owned(), fault };
    let mut dialect: Dialect = toml::from_str(text).map_err(|error| fault(error.to_string()))?;
    let hash = Sha256::digest(text.as_bytes());
    dialect.sha256 = hash.iter().map(|byte| format!("{byte:02x}")).collect();
    check(&dialect).map_err(fault)?;
    Ok(dialect)
}

/// What serde cannot see: every setting takes what its kind asks for, and every channel has its bits.
fn check(dialect: &Dialect) -> Result<(), String> {
    let channels = most_channels(dialect)?;
    if let Some(unknown) = dialect.quirks.iter().find(|id| !is_quirk(id)) {
        return Err(format!("'{unknown}' is no quirk: Q1 to Q{LAST_QUIRK} are"));
    }
    for (setting, words) in dialect.settings() {
        check_setting(*setting, words)?;
        if !words.part.as_ref().is_none_or(|part| part.covers(channels)) {
            return Err(format!("the setting {setting} has not bits for each channel"));
        }
    }
    let mode = dialect.regulation.as_ref().and_then(|words| words.part.as_ref());
    if !mode.is_none_or(|part| part.covers(channels)) {
        return Err("the regulation has not bits for each channel".to_owned());
    }
    if let Some(fault) = dialect.capture.as_ref().and_then(CaptureWords::fault) {
        return Err(fault);
    }
    dialect.accuracies().find_map(|(function, table)| table.fault(function)).map_or(Ok(()), Err)
}

/// Of the dialect and each of its models, the most.
fn most_channels(dialect: &Dialect) -> Result<usize, String> {
    let counts = || {
        let models = dialect.models.iter().map(|model| model.channels.len());
        models.chain([dialect.channels.len()])
    };
    if counts().any(|count| count == 0) {
        return Err("it has no [[channels]]; one for each channel is wanted".to_owned());
    }
    Ok(counts().max().unwrap_or_default())
}

fn check_setting(setting: Setting, words: &SettingWords) -> Result<(), String> {
    match setting.kind() {
        SettingKind::Quantity(unit) => {
            let fits = |step: &Quantity| step.unit.dimension() == unit.dimension();
            let is_right = words.resolution.as_ref().is_none_or(fits);
            is_right
                .then_some(())
                .ok_or_else(|| format!("the resolution of {setting} is wanted in {unit}"))
        }
        SettingKind::Switch => {
            let missing = ["on", "off"].into_iter().find(|word| words.word(word).is_none());
            missing.map_or(Ok(()), |missing| {
                Err(format!("the setting {setting} has no word for '{missing}'"))
            })
        }
        SettingKind::Words(known) => {
            let unknown = words.plan_words().find(|word| !known.contains(word));
            unknown.map_or(Ok(()), |unknown| {
                let known = known.join(", ");
                Err(format!("the setting {setting} takes no '{unknown}'; it takes {known}"))
            })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Class, Function, Values, WaveformMeasure};

    #[test]
    fn identities_find_their_dialect() {
        let dialects = Dialects::built_in().unwrap();
        for (idn, dialect) in [
            ("RIGOL TECHNOLOGIES,DP832,DP8C194205678,00.01.14", Some("rigol_dp800")),
            ("RIGOL TECHNOLOGIES,DL3021,DL3A204800938,00.01.05.00.01", Some("rigol_dl3000")),
            ("RIGOL TECHNOLOGIES,MSO5074,MS5A221301338,00.01.03.00.01", Some("rigol_mso5000")),
            ("Keysight Technologies,34461A,MY53212931,A.02.08", Some("keysight_truevolt")),
            ("ACME Instruments,REF-1,SN00001,1.0.0", None),
        ] {
            let found =
                dialects.for_identity(&idn.parse().unwrap()).map(|found| found.name.as_str());
            assert_eq!(found, dialect, "{idn}");
        }
        assert_eq!(dialects.plain().unwrap().class, Class::Instrument);
    }

    #[test]
    fn every_class_has_what_the_runner_needs() {
        let dialects = Dialects::built_in().unwrap();
        for name in dialects.names() {
            let dialect = dialects.named(name).unwrap();
            if let Some(output) = Setting::output_of(dialect.class) {
                let words = dialect.setting(output).unwrap();
                let off = Values::of_channel(1).with("value", words.word("off").unwrap());
                assert!(!words.set_messages(&off).is_empty(), "{name}");
                assert!(words.get_message(&off).is_some(), "{name}");
            }
            for (setting, _) in dialect.settings() {
                assert!(Setting::of_class(dialect.class).contains(setting), "{name} {setting}");
            }
            for function in dialect.functions() {
                assert!(function.measurable_by(dialect.class), "{name} {function}");
            }
        }
    }

    #[test]
    fn what_the_plan_does_not_state_is_not_sent() {
        let dialects = Dialects::built_in().unwrap();
        let meter = dialects.named("keysight_truevolt").unwrap();
        let words = meter.function(Function::DcVoltage).unwrap();
        let values = Values::of_channel(1).with("range", "10");
        assert_eq!(words.configure_messages(&values), ["CONF:VOLT:DC 10"]);
        let values = values.with("nplc", "10").with("auto_zero", "ON");
        assert_eq!(
            words.configure_messages(&values),
            ["CONF:VOLT:DC 10", "VOLT:DC:NPLC 10", "VOLT:DC:ZERO:AUTO ON"]
        );
        assert_eq!(words.read_message(&values).as_deref(), Some("READ?"));
    }

    #[test]
    fn a_scope_has_its_words() {
        let dialects = Dialects::built_in().unwrap();
        let scope = dialects.named("rigol_mso5000").unwrap();
        let measure = scope.measure(WaveformMeasure::PeakToPeak, &Values::of_channel(2));
        assert_eq!(measure.as_deref(), Some(":MEAS:ITEM? VPP,CHAN2"));
        let capture = scope.capture.as_ref().unwrap();
        assert_eq!(capture.word("coupling", "ac"), Some("AC"));
        assert_eq!(capture.word("bandwidth", "20 MHz"), Some("20M"));
    }

    #[test]
    fn a_wrong_dialect_says_why() {
        for (text, wanted) in [
            ("name = 1", "invalid type"),
            (
                "name='x'\ntitle='x'\nsource='x'\nclass='load'\nidentities=[]\nchannels=[]",
                "[[channels]]",
            ),
            (
                "name='x'\ntitle='x'\nsource='x'\nclass='load'\nidentities=[]\nchannels=[{}]\n\
                 quirks=['Q40']",
                "'Q40' is no quirk",
            ),
            (
                "name='x'\ntitle='x'\nsource='x'\nclass='load'\nidentities=[]\nchannels=[{}]\n\
                 [wire]\nread_terminator='lfcr'",
                "unknown variant",
            ),
            (
                "name='x'\ntitle='x'\nsource='x'\nclass='load'\nidentities=[]\nchannels=[{}]\n\
                 [settings.input]\nset=['INP {value}']",
                "'on'",
            ),
            (
                "name='x'\ntitle='x'\nsource='x'\nclass='load'\nidentities=[]\nchannels=[{}]\n\
                 [settings.mode]\nset=['FUNC {value}']\nwords={ct='T'}",
                "takes no 'ct'; it takes cc, cv",
            ),
            (
                "name='x'\ntitle='x'\nsource='x'\nclass='load'\nidentities=[]\nchannels=[{},{},{}]\n\
                 [settings.input]\nset=['INP {value}']\npart={bits=['0','1']}\n\
                 words={on='1',off='0'}",
                "input has not bits for each channel",
            ),
            (
                "name='x'\ntitle='x'\nsource='x'\nclass='load'\nidentities=[]\nchannels=[{}]\n\
                 [[models]]\nidentities=['a,b']\nchannels=[]",
                "[[channels]]",
            ),
            (
                "name='x'\ntitle='x'\nsource='x'\nclass='load'\nidentities=[]\nchannels=[{}]\n\
                 [settings.current]\nset=['CURR {value}']\nresolution='1 mV'",
                "the resolution of current is wanted in A",
            ),
            (
                "name='x'\ntitle='x'\nsource='x'\nclass='load'\nidentities=[]\nchannels=[{}]\n\
                 [settings.current]\nset=['CURR {value}']\npart={bits=['64']}",
                "'64' is no bit",
            ),
        ] {
            let error = Dialects::built_in().unwrap().with("x.toml", text).unwrap_err();
            assert!(error.to_string().contains(wanted), "{error}");
        }
    }
}
