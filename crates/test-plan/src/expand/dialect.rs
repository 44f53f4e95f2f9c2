//! What the instruments of the bench cannot do, said before anything is sent.

use bench_catalog::{CaptureWords, Dialect, FunctionWords, Range, Setting};
use bench_model::Quantity;

use crate::operation::MeasuredBy;
use crate::reading::{CaptureDraft, RangeText, ReadingDraft};
use crate::source::Span;
use crate::step::{Amount, TakenDraft};
use crate::suggest;

use super::Expander;

impl<'i> Expander<'_, 'i> {
    pub(super) fn dialect(&self, role: &str) -> Option<&'i Dialect> {
        (self.inputs.dialect_of)(role)
    }

    /// Whether the instrument has a setting; of an unknown instrument it is assumed.
    pub(super) fn has_setting(&self, role: &str, setting: Setting) -> bool {
        self.dialect(role).is_none_or(|dialect| dialect.setting(setting).is_some())
    }

    /// Why a setting cannot be made on the role's channel, where it cannot.
    pub(super) fn unsettable(
        &self,
        role: &str,
        setting: Setting,
        value: &Quantity,
    ) -> Option<String> {
        let size = Quantity::new(value.value.abs(), value.unit.clone());
        let listed = (self.inputs.most_of)(role, setting).filter(|most| size > **most);
        if let Some(most) = listed {
            return Some(format!(
                "{value} lies beyond what the inventory has of the instrument of '{role}', {most}"
            ));
        }
        let dialect = self.dialect(role)?;
        let channel = dialect.channel((self.inputs.channel_of)(role)?)?;
        let most = match setting {
            Setting::Voltage => channel.max_voltage.as_ref(),
            Setting::CurrentLimit | Setting::Current => channel.max_current.as_ref(),
            Setting::Power => channel.max_power.as_ref(),
            _ => None,
        }?;
        (size > *most).then(|| {
            format!(
                "{value} lies beyond what the instrument of '{role}' ({}) can do, {most}",
                dialect.title
            )
        })
    }

    pub(super) fn fault_if_unreadable(&mut self, draft: &ReadingDraft, range: Option<&Range>) {
        let Some(dialect) = self.dialect(&draft.role) else { return };
        let Some(words) = dialect.function(*draft.function) else {
            let can = suggest::listed(dialect.functions().map(|function| function.word()));
            let (title, function) = (&dialect.title, draft.function.word());
            let can = can.unwrap_or_else(|| "nothing".to_owned());
            let message = format!("{title} measure no {function}; they measure {can}");
            self.fault(&draft.function.span, message);
            return;
        };
        if let (Some(text), Some(range)) = (&draft.range, range)
            && let Some(message) = wrong_range(words, range)
        {
            self.fault(span_of(text), message);
        }
        self.fault_if_wrong_settings(draft, words);
    }

    fn fault_if_wrong_settings(&mut self, draft: &ReadingDraft, words: &FunctionWords) {
        if let Some(nplc) = &draft.nplc
            && !words.nplc.contains(nplc)
        {
            let all = words.nplc.iter().map(ToString::to_string).collect::<Vec<_>>();
            let message =
                format!("the instrument cannot integrate over {} cycles{}", nplc.value, can(&all));
            self.fault(&nplc.span, message);
        }
        if let Some(auto_zero) = &draft.auto_zero
            && !words.auto_zero
        {
            self.fault(&auto_zero.span, "auto-zero cannot be chosen on this instrument");
        }
        if let Some(impedance) = &draft.input_impedance
            && !words.input_impedance.contains_key(&impedance.value)
        {
            let all = words.input_impedance.keys().cloned().collect::<Vec<_>>();
            let message = format!(
                "the instrument has no input impedance of {}{}",
                impedance.value,
                can(&all)
            );
            self.fault(&impedance.span, message);
        }
    }

    pub(super) fn fault_if_uncapturable(&mut self, draft: &CaptureDraft) {
        let Some(dialect) = self.dialect(&draft.role) else { return };
        let Some(words) = &dialect.capture else {
            self.fault(&draft.span, format!("{} capture no waveforms", dialect.title));
            return;
        };
        for (what, chosen) in [
            ("coupling", &draft.coupling),
            ("bandwidth", &draft.bandwidth),
            ("acquisition", &draft.acquisition),
            ("slope", &draft.trigger.slope),
        ] {
            if let Some(message) = wrong_choice(words, what, chosen) {
                self.fault(&chosen.span, message);
            }
        }
    }

    pub(super) fn fault_if_not_taken(&mut self, role: &str, taken: &TakenDraft) {
        let Some(dialect) = self.dialect(role) else { return };
        if taken.by == MeasuredBy::Scope && !dialect.has_measure(taken.quantity) {
            let (title, quantity) = (&dialect.title, taken.quantity);
            let message = format!("{title} take no {quantity} themselves; by = \"samples\" does");
            self.fault(&taken.span, message);
        }
    }
}

fn can(all: &[String]) -> String {
    suggest::listed(all.iter().map(String::as_str))
        .map_or("; it cannot be chosen".to_owned(), |all| format!("; it can: {all}"))
}

fn wrong_range(words: &FunctionWords, range: &Range) -> Option<String> {
    let all = words.ranges.iter().map(ToString::to_string).collect::<Vec<_>>();
    match range {
        Range::Auto if words.auto_range.is_some() => None,
        Range::Auto => {
            Some(format!("the instrument does not choose its range itself{}", can(&all)))
        }
        Range::Fixed(range) => {
            let same =
                |own: &Quantity| own.partial_cmp(range).is_some_and(std::cmp::Ordering::is_eq);
            let known = words.ranges.iter().any(same);
            (!known).then(|| format!("the instrument has no range of {range}{}", can(&all)))
        }
    }
}

fn wrong_choice(words: &CaptureWords, what: &str, chosen: &str) -> Option<String> {
    let all: Vec<_> = words.choices(what).collect();
    (!all.contains(&chosen)).then(|| {
        let instead = suggest::instead(chosen, all.iter().copied());
        format!("the oscilloscope has no {what} '{chosen}'{instead}")
    })
}

fn span_of(range: &RangeText) -> &Span {
    match range {
        RangeText::Auto(span) | RangeText::Fixed(Amount { span, .. }) => span,
    }
}
