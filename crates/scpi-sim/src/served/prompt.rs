//! A port for people at a terminal: a greeting, a prompt, lines as terminals want them, telnet's own words left out.
//!
//! After what Keysight's instruments show at port 5024, and RFC 854 for telnet.

/// "Interpret as command".
const IAC: u8 = 255;
/// WILL, WONT, DO, DONT: an option follows.
const WITH_OPTION: std::ops::RangeInclusive<u8> = 251..=254;

const PROMPT: &[u8] = b"SCPI> ";

/// What is known of a terminal.
#[derive(Debug, Default)]
pub(super) struct Prompt {
    /// Bytes of telnet's own that are still to come.
    telnet: Telnet,
}

#[derive(Clone, Copy, Debug, Default)]
enum Telnet {
    #[default]
    Data,
    Command,
    Option,
}

impl Prompt {
    pub(super) fn greeting(&self) -> Vec<u8> {
        [b"Welcome to a simulated instrument\r\n".as_slice(), PROMPT].concat()
    }

    /// What a person typed, without what telnet says to itself.
    pub(super) fn plain(&mut self, chunk: &[u8]) -> Vec<u8> {
        let mut plain = Vec::with_capacity(chunk.len());
        for byte in chunk.iter().copied() {
            self.telnet = match (self.telnet, byte) {
                (Telnet::Data, IAC) => Telnet::Command,
                (Telnet::Command, byte) if WITH_OPTION.contains(&byte) => Telnet::Option,
                (Telnet::Command | Telnet::Option, _) => Telnet::Data,
                (Telnet::Data, 0) => Telnet::Data,
                (Telnet::Data, byte) => {
                    plain.push(byte);
                    Telnet::Data
                }
            };
        }
        plain
    }

    /// An answer as a terminal shows it, the next prompt after it, and what was typed before it where it is repeated.
    pub(super) fn around(&self, answer: &[u8], echo: Option<&[u8]>) -> Vec<u8> {
        let mut shown = Vec::new();
        if let Some(echo) = echo {
            shown.extend_from_slice(echo);
            shown.extend_from_slice(b"\r\n");
        }
        match answer.strip_suffix(b"\n") {
            Some(line) => {
                shown.extend_from_slice(line.strip_suffix(b"\r").unwrap_or(line));
                shown.extend_from_slice(b"\r\n");
            }
            None => shown.extend_from_slice(answer),
        }
        shown.extend_from_slice(PROMPT);
        shown
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn telnet_says_things_to_itself() {
        let mut prompt = Prompt::default();
        let first = prompt.plain(b"\xff\xfd\x03*ID\xff");
        assert_eq!([first, prompt.plain(b"\xfb\x18N?\r\n")].concat(), b"*IDN?\r\n");
        assert_eq!(prompt.around(b"1\n", None), b"1\r\nSCPI> ");
        assert_eq!(prompt.around(b"", Some(b"*RST")), b"*RST\r\nSCPI> ");
    }
}
