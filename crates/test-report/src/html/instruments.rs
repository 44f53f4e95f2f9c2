//! The instruments that were used, what is known of them, and how their readings can be traced.

use std::fmt::{self, Formatter};

use bench_model::{CalibrationState, InstrumentIdentity};

use super::markup::{Column, section, table, text, wide_row};
use super::session::Session;

/// Instruments that are listed, at most.
const MAX_INSTRUMENTS: usize = 100;

/// The whole part.
pub(super) fn instruments(session: &Session<'_>, f: &mut Formatter<'_>) -> fmt::Result {
    section(f, "instruments", "Instruments", |f| {
        if session.instruments.is_empty() {
            return f.write_str("<p>No instrument said who it is.</p>\n");
        }
        let columns =
            ["Instrument", "Maker and model", "Serial number", "Firmware", "Roles", "Address"]
                .map(Column::words);
        table(f, "Instruments as they identified themselves", &columns, |f| {
            let shown = session.instruments.iter().take(MAX_INSTRUMENTS);
            shown.into_iter().try_for_each(|identity| row(identity, f))?;
            match session.instruments.len().saturating_sub(MAX_INSTRUMENTS) {
                0 => Ok(()),
                more => wide_row(f, columns.len(), &format!("{more} more are left out here")),
            }
        })?;
        traceability(session, f)
    })
}

fn row(identity: &InstrumentIdentity, f: &mut Formatter<'_>) -> fmt::Result {
    let InstrumentIdentity { instrument, class, maker, model, address, .. } = identity;
    let unknown = "not told";
    let serial = identity.serial.as_deref().unwrap_or(unknown);
    let firmware = identity.firmware.as_deref().unwrap_or(unknown);
    let simulated = if identity.simulated { ", simulated" } else { "" };
    write!(
        f,
        "<tr><th scope=\"row\">{}<small>{}{simulated}</small></th>",
        text(instrument),
        text(class)
    )?;
    write!(
        f,
        "<td>{} {}</td><td>{}</td><td class=\"f\">{}</td>",
        text(maker),
        text(model),
        text(serial),
        text(firmware)
    )?;
    writeln!(f, "<td>{}</td><td class=\"w\">{}</td></tr>", text(&roles(identity)), text(address))
}

fn roles(identity: &InstrumentIdentity) -> String {
    let roles = identity.roles.iter().map(|binding| match identity.channels {
        1 => binding.role.clone(),
        _ => format!("{} (channel {})", binding.role, binding.channel),
    });
    roles.collect::<Vec<_>>().join(", ")
}

/// Of each instrument: when it was calibrated, until when that holds, and by which certificate.
fn traceability(session: &Session<'_>, f: &mut Formatter<'_>) -> fmt::Result {
    if session.instruments.iter().all(|identity| identity.calibration.is_none()) {
        f.write_str("<p class=\"note\">Calibration: the bench file states no dates or certificates of these ")?;
        return f.write_str("instruments, so that traceability is not stated here.</p>\n");
    }
    let columns =
        ["Instrument", "Calibrated", "Due", "Certificate", "When it was used"].map(Column::words);
    table(f, "Calibration and traceability, as the bench file states them", &columns, |f| {
        let shown = session.instruments.iter().take(MAX_INSTRUMENTS);
        shown.into_iter().try_for_each(|identity| calibration_row(identity, f))
    })
}

fn calibration_row(identity: &InstrumentIdentity, f: &mut Formatter<'_>) -> fmt::Result {
    let unknown = CalibrationState::default();
    let state = identity.calibration.as_ref().unwrap_or(&unknown);
    write!(f, "<tr><th scope=\"row\">{}</th>", text(&identity.instrument))?;
    for value in [&state.last, &state.due, &state.certificate] {
        write!(f, "<td>{}</td>", text(value.as_deref().unwrap_or("not stated")))?;
    }
    let held = match (identity.simulated, state.overdue) {
        (true, _) => "simulated",
        (false, Some(true)) => "OVERDUE",
        (false, Some(false)) => "in force",
        (false, None) => "not known",
    };
    writeln!(f, "<td>{held}</td></tr>")
}
