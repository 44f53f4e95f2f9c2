//! How an instrument can be reached: `transports`, and a port for each.

use std::collections::BTreeMap;
use std::ops::Range;

use super::Transport;
use super::fault::Faults;
use super::section::{At, Section};

impl Transport {
    const ALL: [Self; 6] =
        [Self::Tcp, Self::Hislip, Self::Vxi11, Self::Telnet, Self::Control, Self::Serial];

    /// As bench files name it.
    fn word(self) -> &'static str {
        match self {
            Self::Tcp => "tcp",
            Self::Hislip => "hislip",
            Self::Vxi11 => "vxi11",
            Self::Telnet => "telnet",
            Self::Control => "control",
            Self::Serial => "serial",
        }
    }

    /// The key of its port; a serial line has none, its device file is the system's to name.
    fn port_key(self) -> Option<&'static str> {
        Some(match self {
            Self::Tcp => "port",
            Self::Hislip => "hislip_port",
            Self::Vxi11 => "vxi11_port",
            Self::Telnet => "telnet_port",
            Self::Control => "control_port",
            Self::Serial => return None,
        })
    }
}

/// Ports of the machine that the bench asks for, and where.
#[derive(Debug, Default)]
pub(super) struct Ports {
    asked: BTreeMap<u16, (usize, usize)>,
}

impl Ports {
    /// A port that is asked for twice cannot be had twice; 0 is any.
    fn take(&mut self, port: u16, place: &Range<usize>, faults: &mut Faults<'_>) {
        if port == 0 {
            return;
        }
        if let Some((line, _)) = self.asked.get(&port) {
            let what = format!("the port {port} is taken already, in line {line}");
            faults.add(place, what, "another one, or 0 for any free one, is wanted");
            return;
        }
        self.asked.insert(port, faults.line_and_column(place));
    }

    /// Each with its line and column.
    pub(super) fn into_places(self) -> BTreeMap<u16, (usize, usize)> {
        self.asked
    }
}

/// Reads `transports` and the ports, in the order in which the file names them.
pub(super) fn read(
    table: &mut Section<'_>,
    ports: &mut Ports,
    faults: &mut Faults<'_>,
) -> Vec<(Transport, u16)> {
    let place = table.place().clone();
    let named = named(table, faults);
    let mut found = Vec::new();
    for transport in Transport::ALL {
        let key = transport.port_key();
        let port = key.and_then(|key| table.whole(key, u16::MAX.into(), faults));
        match (named.iter().position(|own| *own == transport), port) {
            (Some(at), port) => {
                let place = port.as_ref().map_or(0..0, At::span);
                let port = u16::try_from(port.map_or(0, At::into_inner)).unwrap_or_default();
                ports.take(port, &place, faults);
                found.push((at, (transport, port)));
            }
            (None, Some(port)) => {
                let what = format!("'{}' is of no transport of it", key.unwrap_or_default());
                let right = format!("transports = [\"{}\"] is wanted as well", transport.word());
                faults.add(&port.span(), what, right);
            }
            (None, None) => {}
        }
    }
    if found.is_empty() {
        let what = format!("{} has no transport", table.name());
        faults.add(&place, what, "transports = [\"tcp\"] or the like is wanted");
    }
    found.sort_by_key(|(at, _)| *at);
    found.into_iter().map(|(_, transport)| transport).collect()
}

fn named(table: &mut Section<'_>, faults: &mut Faults<'_>) -> Vec<Transport> {
    let right = "a list of \"tcp\", \"hislip\", \"vxi11\", \"telnet\", \"control\" and \"serial\" is wanted";
    let Some(value) = table.take("transports") else { return vec![Transport::Tcp] };
    let Some(words) = value.get_ref().as_array() else {
        faults.add(&value.span(), format!("'transports' of {} is no list", table.name()), right);
        return Vec::new();
    };
    let mut found = Vec::new();
    for word in words.iter() {
        let text = word.get_ref().as_str().unwrap_or_default();
        match Transport::ALL.into_iter().find(|transport| transport.word() == text) {
            Some(transport) => found.push(transport),
            None => faults.add(&word.span(), format!("there is no transport '{text}'"), right),
        }
    }
    found
}
