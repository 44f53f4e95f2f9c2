//! Where an instrument is: address text, as VISA writes it and as people do.
//!
//! | text | means |
//! | --- | --- |
//! | `tcp://10.0.1.5:5555`, `10.0.1.5:5555`, `TCPIP::10.0.1.5::5555::SOCKET` | raw SCPI over TCP |
//! | `tcp://psu.lab`, `psu.lab` | the same at the registered port 5025 |
//! | `TCPIP::10.0.1.5::INSTR`, `TCPIP::10.0.1.5::inst0::INSTR` | VXI-11, its port told by the port mapper at port 111 |
//! | `vxi11://10.0.1.5:1024/inst0`, `TCPIP::10.0.1.5,1024::inst0::INSTR` | the same, its port known: nobody is asked |
//! | `TCPIP::10.0.1.5::hislip0::INSTR` | HiSLIP, `hislip0,4880` to name the port |
//! | `USB0::0x1AB1::0x0588::DS1K00005888::INSTR` | USBTMC |
//! | `usbtmc:///dev/usbtmc0` | the same, by the kernel's device file |
//! | `serial:///dev/ttyUSB0?baud=9600`, `ASRL/dev/ttyUSB0::INSTR` | a serial line |
//!
//! IPv6 addresses stand in brackets: `tcp://[::1]:5025`.
//!
//! ```
//! use scpi_protocol::address::Address;
//!
//! let address: Address = "TCPIP0::192.168.1.20::5555::SOCKET".parse()?;
//! assert_eq!(address.to_string(), "tcp://192.168.1.20:5555");
//! # Ok::<(), scpi_protocol::address::AddressError>(())
//! ```

mod print;

use core::net::Ipv6Addr;

/// The registered port of raw SCPI, `scpi-raw`.
pub const SCPI_RAW_PORT: u16 = 5025;

/// The registered port of HiSLIP.
pub const HISLIP_PORT: u16 = 4880;

/// The VXI-11 instrument that is meant where none is named.
pub const VXI11_DEVICE: &str = "inst0";

/// Bits a second of a serial line that does not say.
pub const DEFAULT_BAUD: u32 = 9600;

/// Ports for raw SCPI of makers who do not use [`SCPI_RAW_PORT`].
pub const MAKERS_PORTS: &[(&str, u16)] = &[
    ("RIGOL", 5555),
    ("AIM", 9221),
    ("THURLBY", 9221),
    ("CHROMA", 2101),
    ("GW", 2268),
    ("TEKTRONIX", 4000),
    ("OWON", 3000),
];

/// The port for raw SCPI of a maker, by the name with which it begins its `*IDN?` answer.
#[must_use]
pub fn default_port(maker: &str) -> u16 {
    let maker = maker.to_ascii_uppercase();
    let own = MAKERS_PORTS.iter().find(|(name, _)| maker.starts_with(name));
    own.map_or(SCPI_RAW_PORT, |(_, port)| *port)
}

/// Where an instrument is.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Address {
    /// Raw SCPI over TCP.
    Tcp {
        /// A name, an IPv4 address, or an IPv6 address without brackets.
        host: String,
        /// The port.
        port: u16,
    },
    /// VXI-11.
    Vxi11 {
        /// As above.
        host: String,
        /// Of the core program; the port mapper is asked for it where there is none.
        port: Option<u16>,
        /// `inst0` unless said otherwise.
        device: String,
    },
    /// HiSLIP.
    Hislip {
        /// As above.
        host: String,
        /// [`HISLIP_PORT`] unless said otherwise.
        port: u16,
        /// `hislip0` unless said otherwise.
        device: String,
    },
    /// USBTMC.
    Usbtmc {
        /// The maker's number.
        vendor: u16,
        /// The model's number.
        product: u16,
        /// The serial number.
        serial: String,
    },
    /// USBTMC, by the kernel's device file.
    UsbtmcFile {
        /// Its path, `/dev/usbtmc0`.
        path: String,
    },
    /// A serial line.
    Serial {
        /// The device file, or the number that VISA gives it.
        port: String,
        /// Bits a second.
        baud: u32,
    },
}

/// Text that is no address.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("'{}' is no address: {fault}; one such as tcp://192.168.1.20:5025 or TCPIP::192.168.1.20::INSTR is wanted", .text.escape_debug())]
pub struct AddressError {
    /// As given.
    pub text: String,
    /// What is wrong.
    pub fault: AddressFault,
}

/// What is wrong with an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AddressFault {
    /// No known form.
    #[error("its form is not known")]
    Form,
    /// No host name or address.
    #[error("the host is no name, IPv4 address or IPv6 address in brackets")]
    Host,
    /// No port.
    #[error("the port is no number from 1 to 65535")]
    Port,
    /// No name of a device, or no serial number.
    #[error("the device or serial number is no plain name, such as inst0")]
    Name,
    /// No USB number.
    #[error("a USB number is wanted, such as 0x1AB1")]
    UsbNumber,
    /// No baud rate.
    #[error("the baud rate is no number from 1 on")]
    Baud,
}

type Fault<T> = Result<T, AddressFault>;

impl std::str::FromStr for Address {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, AddressError> {
        Self::parse_with_port(text, SCPI_RAW_PORT)
    }
}

impl Address {
    /// The same, where raw SCPI without a port is at this one: [`default_port`] of a maker who is known.
    ///
    /// # Errors
    /// When it is no address.
    pub fn parse_with_port(text: &str, raw_port: u16) -> Result<Self, AddressError> {
        read(text.trim(), raw_port).map_err(|fault| AddressError { text: text.to_owned(), fault })
    }
}

fn read(text: &str, raw_port: u16) -> Fault<Address> {
    if let Some(rest) = text.strip_prefix("tcp://") {
        return tcp(rest, raw_port);
    }
    if let Some(rest) = text.strip_prefix("serial://") {
        return serial(rest);
    }
    if let Some(path) = text.strip_prefix("usbtmc://") {
        let is_path = path.starts_with('/');
        let path = path.to_owned();
        return is_path.then_some(Address::UsbtmcFile { path }).ok_or(AddressFault::Form);
    }
    if let Some(rest) = text.strip_prefix("vxi11://") {
        return vxi11_url(rest);
    }
    let upper = text.to_ascii_uppercase();
    let is_visa = ["TCPIP", "USB", "ASRL"].iter().any(|name| upper.starts_with(name));
    match () {
        () if is_visa && text.contains("::") => visa(text),
        () if text.contains("://") || text.contains("::") && !text.starts_with('[') => {
            Err(AddressFault::Form)
        }
        () => tcp(text, raw_port),
    }
}

/// `HOST[:PORT]`.
fn tcp(text: &str, raw_port: u16) -> Fault<Address> {
    let (host, port) = host_and_port(text.strip_suffix('/').unwrap_or(text), ':')?;
    Ok(Address::Tcp { host, port: port.unwrap_or(raw_port) })
}

/// `HOST[:PORT][/DEVICE]`.
fn vxi11_url(text: &str) -> Fault<Address> {
    let (place, device) = text.split_once('/').unwrap_or((text, ""));
    let device = if device.is_empty() { VXI11_DEVICE } else { device };
    let (host, port) = host_and_port(place, ':')?;
    if is_hislip(device) {
        return Err(AddressFault::Name);
    }
    Ok(Address::Vxi11 { host, port, device: checked_name(device)? })
}

fn host_and_port(text: &str, separator: char) -> Fault<(String, Option<u16>)> {
    let (host, port) = match text.rsplit_once(separator) {
        Some((host, port)) if !port.ends_with(']') => (host, Some(number(port)?)),
        _ => (text, None),
    };
    Ok((checked_host(host)?, port))
}

/// `PATH[?baud=N]`.
fn serial(text: &str) -> Fault<Address> {
    let (port, query) = text.split_once('?').unwrap_or((text, ""));
    let baud = match query.strip_prefix("baud=") {
        Some(baud) => baud.parse().ok().filter(|baud| *baud > 0).ok_or(AddressFault::Baud)?,
        None if query.is_empty() => DEFAULT_BAUD,
        None => return Err(AddressFault::Form),
    };
    if port.is_empty() {
        Err(AddressFault::Form)
    } else {
        Ok(Address::Serial { port: port.to_owned(), baud })
    }
}

/// `INTERFACE[board]::...::CLASS`; the class may be left out where it is `INSTR`.
fn visa(text: &str) -> Fault<Address> {
    let mut parts = split_outside_brackets(text);
    let class = parts.last().map(|class| class.to_ascii_uppercase()).unwrap_or_default();
    let is_socket = class == "SOCKET";
    if is_socket || class == "INSTR" {
        parts.pop();
    }
    let interface = parts.first().map(|name| name.to_ascii_uppercase()).unwrap_or_default();
    let name = interface.trim_end_matches(|c: char| c.is_ascii_digit());
    match (name, parts.get(1..).unwrap_or_default()) {
        ("TCPIP", [host, port]) if is_socket => {
            Ok(Address::Tcp { host: checked_host(host)?, port: number(port)? })
        }
        ("TCPIP", [host]) if !is_socket => lan_device(host, VXI11_DEVICE),
        ("TCPIP", [_, ""]) if !is_socket => Err(AddressFault::Name),
        ("TCPIP", [host, device]) if !is_socket => lan_device(host, device),
        ("USB", [vendor, product, serial]) | ("USB", [vendor, product, serial, _]) => {
            let (vendor, product) = (usb_number(vendor)?, usb_number(product)?);
            Ok(Address::Usbtmc { vendor, product, serial: checked_name(serial)? })
        }
        _ if interface.starts_with("ASRL") && parts.len() == 1 => {
            serial(text.get(4..).and_then(|rest| rest.split("::").next()).unwrap_or_default())
        }
        _ => Err(AddressFault::Form),
    }
}

/// `inst0` or `hislip0[,PORT]`.
fn lan_device(host: &str, device: &str) -> Fault<Address> {
    let (name, port) = device.split_once(',').unwrap_or((device, ""));
    if !is_hislip(name) {
        let (host, port) = host_and_port(host, ',')?;
        return Ok(Address::Vxi11 { host, port, device: checked_name(device)? });
    }
    let host = checked_host(host)?;
    let port = if port.is_empty() { HISLIP_PORT } else { number(port)? };
    Ok(Address::Hislip { host, port, device: checked_name(name)? })
}

fn is_hislip(device: &str) -> bool {
    device.get(..6).is_some_and(|start| start.eq_ignore_ascii_case("hislip"))
}

/// At `::`, but not inside `[...]`.
fn split_outside_brackets(text: &str) -> Vec<&str> {
    let (mut parts, mut rest) = (Vec::new(), text);
    loop {
        let closed = rest.starts_with('[').then(|| rest.find(']')).flatten().unwrap_or_default();
        let end = rest.get(closed..).and_then(|open| open.find("::")).map(|at| closed + at);
        let Some((part, after)) = end.and_then(|end| rest.split_at_checked(end)) else {
            parts.push(rest);
            return parts;
        };
        parts.push(part);
        rest = after.strip_prefix("::").unwrap_or_default();
    }
}

fn number(port: &str) -> Fault<u16> {
    port.parse().ok().filter(|port| *port > 0).ok_or(AddressFault::Port)
}

fn usb_number(text: &str) -> Fault<u16> {
    let hex = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X"));
    let number = hex.map_or_else(|| text.parse(), |hex| u16::from_str_radix(hex, 16));
    number.map_err(|_| AddressFault::UsbNumber)
}

/// Of a device or a serial number. A `:` or a bracket in it would be taken for what parts an address.
fn checked_name(text: &str) -> Fault<String> {
    let is_plain = |c: char| !c.is_control() && !":[]".contains(c);
    let fits = text.trim() == text && text.chars().all(is_plain);
    fits.then(|| text.to_owned()).ok_or(AddressFault::Name)
}

fn checked_host(text: &str) -> Fault<String> {
    let inside = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(text);
    let is_name = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    let is_v6 = inside.contains(':') && inside.parse::<Ipv6Addr>().is_ok();
    let fits = is_v6 || (!text.is_empty() && text.chars().all(is_name));
    fits.then(|| inside.to_owned()).ok_or(AddressFault::Host)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_and_its_print() {
        for (text, printed) in [
            ("tcp://10.0.1.5:5555", "tcp://10.0.1.5:5555"),
            ("tcp://psu.lab", "tcp://psu.lab:5025"),
            ("127.0.0.1:40001", "tcp://127.0.0.1:40001"),
            ("tcp://[::1]:5025", "tcp://[::1]:5025"),
            ("[fe80::1]", "tcp://[fe80::1]:5025"),
            ("TCPIP0::10.0.1.5::5555::SOCKET", "tcp://10.0.1.5:5555"),
            ("tcpip::[::1]::5025::socket", "tcp://[::1]:5025"),
            ("TCPIP::10.0.1.5::INSTR", "TCPIP::10.0.1.5::inst0::INSTR"),
            ("TCPIP::10.0.1.5", "TCPIP::10.0.1.5::inst0::INSTR"),
            ("TCPIP::10.0.1.5::gpib0,5::INSTR", "TCPIP::10.0.1.5::gpib0,5::INSTR"),
            ("TCPIP::10.0.1.5,1024::inst0::INSTR", "vxi11://10.0.1.5:1024/inst0"),
            ("vxi11://[::1]:1024", "vxi11://[::1]:1024/inst0"),
            ("TCPIP::[::1],1024::inst0::INSTR", "vxi11://[::1]:1024/inst0"),
            ("vxi11://scope", "TCPIP::scope::inst0::INSTR"),
            ("vxi11://scope:1024/gpib0,5", "vxi11://scope:1024/gpib0,5"),
            ("TCPIP0::scope::hislip0::INSTR", "TCPIP::scope::hislip0::INSTR"),
            ("TCPIP::scope::hislip0,4881::INSTR", "TCPIP::scope::hislip0,4881::INSTR"),
            ("USB0::0x1AB1::0x0588::DS1K5888::INSTR", "USB::0x1AB1::0x0588::DS1K5888::INSTR"),
            ("USB::6833::1416::DS1K5888::0::INSTR", "USB::0x1AB1::0x0588::DS1K5888::INSTR"),
            ("usbtmc:///dev/usbtmc0", "usbtmc:///dev/usbtmc0"),
            ("serial:///dev/ttyUSB0?baud=115200", "serial:///dev/ttyUSB0?baud=115200"),
            ("ASRL/dev/ttyUSB0::INSTR", "serial:///dev/ttyUSB0?baud=9600"),
            ("ASRL1::INSTR", "serial://1?baud=9600"),
        ] {
            let address: Address = text.parse().unwrap();
            assert_eq!(address.to_string(), printed, "{text}");
            assert_eq!(printed.parse(), Ok(address), "{printed}");
        }
    }

    #[test]
    fn what_is_no_address_is_said() {
        for (text, fault) in [
            ("", AddressFault::Host),
            ("tcp://:5025", AddressFault::Host),
            ("tcp://host:0", AddressFault::Port),
            ("tcp://host:65536", AddressFault::Port),
            ("host name", AddressFault::Host),
            ("http://host", AddressFault::Form),
            ("TCPIP::host::x::SOCKET", AddressFault::Port),
            ("TCPIP::host::SOCKET", AddressFault::Form),
            ("vxi11://host:x/inst0", AddressFault::Port),
            ("vxi11:///inst0", AddressFault::Host),
            ("TCPIP::host,0::inst0::INSTR", AddressFault::Port),
            ("GPIB0::5::INSTR", AddressFault::Form),
            ("TCPIP0::10.05::40,48\u{fffd}$N2T:", AddressFault::Name),
            ("TCPIP::host::inst0:::INSTR", AddressFault::Form),
            ("TCPIP::host,5::::INSTR", AddressFault::Name),
            ("TCPIP::host,5::inst0 ::INSTR", AddressFault::Name),
            ("TCPIP::host::[x]::INSTR", AddressFault::Name),
            ("TCPIP::host::hislip0:", AddressFault::Name),
            ("vxi11://host/a:b", AddressFault::Name),
            ("vxi11://host/hislip0", AddressFault::Name),
            ("USB::1::2::S:", AddressFault::Name),
            ("USB::1::2::[a::b]", AddressFault::Name),
            ("USB::x::1::S::INSTR", AddressFault::UsbNumber),
            ("usbtmc://usbtmc0", AddressFault::Form),
            ("serial:///dev/tty?baud=0", AddressFault::Baud),
            ("serial:///dev/tty?parity=odd", AddressFault::Form),
            ("tcp://[::g]:1", AddressFault::Host),
        ] {
            assert_eq!(text.parse::<Address>().unwrap_err().fault, fault, "{text}");
        }
    }

    #[test]
    fn makers_have_their_ports() {
        for (maker, port) in [
            ("RIGOL TECHNOLOGIES", 5555),
            ("Siglent Technologies", 5025),
            ("THURLBY THANDAR", 9221),
            ("TEKTRONIX", 4000),
        ] {
            assert_eq!(default_port(maker), port);
        }
    }
}
