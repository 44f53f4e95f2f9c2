//! `user:password@host:port,host:port/database?keyword=value&...`, what follows `postgresql://`.

/// None where it is not built so.
pub(super) fn pairs(rest: &str) -> Option<Vec<(String, String)>> {
    let (before, query) = rest.split_once('?').unwrap_or((rest, ""));
    let (authority, database) = before.split_once('/').unwrap_or((before, ""));
    let mut pairs = Vec::new();
    let hosts = match authority.rsplit_once('@') {
        Some((who, hosts)) => {
            people(who, &mut pairs)?;
            hosts
        }
        None => authority,
    };
    servers(hosts, &mut pairs)?;
    add(&mut pairs, "dbname", database)?;
    for parameter in query.split('&').filter(|parameter| !parameter.is_empty()) {
        let (keyword, value) = parameter.split_once('=')?;
        pairs.push((decoded(keyword)?, decoded(value)?));
    }
    Some(pairs)
}

fn people(who: &str, pairs: &mut Vec<(String, String)>) -> Option<()> {
    let (user, password) = who.split_once(':').unwrap_or((who, ""));
    add(pairs, "user", user)?;
    add(pairs, "password", password)
}

/// Several hosts stand behind each other, with or without ports.
fn servers(hosts: &str, pairs: &mut Vec<(String, String)>) -> Option<()> {
    let servers: Option<Vec<(String, &str)>> = hosts.split(',').map(server).collect();
    let servers = servers?;
    let names: Vec<&str> = servers.iter().map(|(name, _)| name.as_str()).collect();
    let ports: Vec<&str> = servers.iter().map(|(_, port)| *port).collect();
    if names.iter().any(|name| !name.is_empty()) {
        pairs.push(("host".to_owned(), names.join(",")));
    }
    if ports.iter().any(|port| !port.is_empty()) {
        let ports: Vec<&str> =
            ports.iter().map(|port| if port.is_empty() { "5432" } else { *port }).collect();
        pairs.push(("port".to_owned(), ports.join(",")));
    }
    Some(())
}

fn server(text: &str) -> Option<(String, &str)> {
    let (name, port) = match text.strip_prefix('[') {
        Some(address) => {
            let (address, rest) = address.split_once(']')?;
            (address, rest.strip_prefix(':').or(rest.is_empty().then_some(""))?)
        }
        None => text.rsplit_once(':').unwrap_or((text, "")),
    };
    Some((decoded(name)?, port))
}

fn add(pairs: &mut Vec<(String, String)>, keyword: &str, value: &str) -> Option<()> {
    if !value.is_empty() {
        pairs.push((keyword.to_owned(), decoded(value)?));
    }
    Some(())
}

/// `%40` is `@`.
fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(if byte == b'%' { hexadecimal(rest.next()?, rest.next()?)? } else { byte });
    }
    // No value of the protocol can hold a NUL.
    String::from_utf8(bytes).ok().filter(|text| !text.contains('\0'))
}

fn hexadecimal(high: u8, low: u8) -> Option<u8> {
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    Some(digit(high)? << 4 | digit(low)?)
}
