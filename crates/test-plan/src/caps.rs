//! What a role may be set to.

use bench_catalog::Setting;
use bench_model::Quantity;

use crate::plan::Role;

/// All settings of a role that have a cap, with it.
pub(crate) fn of_role(role: &Role) -> Vec<(Setting, Quantity)> {
    let settings = Setting::of_class(role.class).iter();
    settings.filter_map(|setting| Some((*setting, cap_of(role, *setting)?.0.clone()))).collect()
}

fn cap_of(role: &Role, setting: Setting) -> Option<(&Quantity, &'static str)> {
    match setting {
        Setting::Voltage | Setting::Amplitude | Setting::Offset => {
            role.max_voltage.as_ref().map(|cap| (cap, "max_voltage"))
        }
        Setting::CurrentLimit | Setting::Current => {
            role.max_current.as_ref().map(|cap| (cap, "max_current"))
        }
        _ => None,
    }
}

/// Why a role is not set to this, where it is not.
pub(crate) fn refused(role: &Role, setting: Setting, value: &Quantity) -> Option<String> {
    let cap = cap_of(role, setting);
    let size = Quantity::new(value.value.abs(), value.unit.clone());
    if let Some((cap, name)) = cap
        && size > *cap
    {
        return Some(format!("{value} lies beyond the {name} of '{}', {cap}", role.name));
    }
    let is_signed = matches!(setting, Setting::Voltage | Setting::Offset);
    (!is_signed && value.value.is_negative() && !value.value.is_zero())
        .then(|| format!("a {setting} of {value}; it is not below zero"))
}
