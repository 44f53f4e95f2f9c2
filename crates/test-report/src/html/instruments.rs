//! The instruments that were used, and what is known of them.

use std::fmt::{self, Formatter};

use bench_model::InstrumentIdentity;

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
        f.write_str("<p class=\"note\">Calibration: this record holds no calibration dates or certificates of ")?;
        f.write_str("these instruments, so that traceability is not stated here.</p>\n")
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
        "<td>{} {}</td><td>{}</td><td>{}</td>",
        text(maker),
        text(model),
        text(serial),
        text(firmware)
    )?;
    writeln!(f, "<td>{}</td><td>{}</td></tr>", text(&roles(identity)), text(address))
}

fn roles(identity: &InstrumentIdentity) -> String {
    let roles = identity.roles.iter().map(|binding| match identity.channels {
        1 => binding.role.clone(),
        _ => format!("{} (channel {})", binding.role, binding.channel),
    });
    roles.collect::<Vec<_>>().join(", ")
}
