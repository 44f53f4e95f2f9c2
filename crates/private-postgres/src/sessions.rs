//! Who is connected to the server, seen from outside: it is asked nothing.

use std::fs;
use std::path::Path;
use std::time::Duration;

use crate::error::Result;
use crate::pid_file::{self, State};
use crate::place::Place;
use crate::wait::poll;

/// The kernel's list of sockets: number, users, protocol, flags, type, state, inode, path (`proc(5)`).
const SOCKETS: &str = "/proc/net/unix";
/// Where the state stands in a line, and where the path.
const STATE: usize = 5;
const PATH: usize = 7;
/// The state of a socket that has somebody on its other end.
const CONNECTED: &str = "03";
/// How long our own last connection may take to be gone from the server.
const LEAVE_LIMIT: Duration = Duration::from_secs(2);

/// Sessions that are connected once those of ours, which have just ended, are gone. Where the system has no such list,
/// none is seen.
pub(crate) fn remaining(place: &Place) -> Result<usize> {
    let State::Up(up) = pid_file::state(place)? else { return Ok(0) };
    let (Some(folder), Some(port)) = (up.socket, up.port) else { return Ok(0) };
    let socket = folder.join(format!(".s.PGSQL.{port}"));
    let gone =
        poll(LEAVE_LIMIT, || Ok::<_, crate::ClusterError>((count(&socket) == 0).then_some(())));
    Ok(if gone?.is_some() { 0 } else { count(&socket) })
}

fn count(socket: &Path) -> usize {
    fs::read_to_string(SOCKETS).map_or(0, |list| count_in(&list, socket))
}

fn count_in(list: &str, socket: &Path) -> usize {
    let is_connected = |line: &&str| {
        let words: Vec<&str> = line.split_whitespace().collect();
        // A path may have blanks in it.
        let path = line.split_whitespace().nth(PATH).and_then(|word| line.split_once(word));
        let path = path.and_then(|(before, _)| line.get(before.len()..));
        words.get(STATE) == Some(&CONNECTED)
            && path.map(str::trim_end).map(Path::new) == Some(socket)
    };
    list.lines().filter(is_connected).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_those_who_are_connected_to_this_socket_count() {
        let list = "Num       RefCount Protocol Flags    Type St Inode Path
ffff9d3f: 00000002 00000000 00010000 0001 01 22150 /a b/.s.PGSQL.5432
ffff9d40: 00000003 00000000 00000000 0001 03 22151 /a b/.s.PGSQL.5432
ffff9d41: 00000003 00000000 00000000 0001 03 22152 /a b/.s.PGSQL.5433
ffff9d42: 00000003 00000000 00000000 0001 03 22153 /a b/.s.PGSQL.5432
ffff9d43: 00000003 00000000 00000000 0001 03 22154
";
        assert_eq!(count_in(list, Path::new("/a b/.s.PGSQL.5432")), 2);
        assert_eq!(count_in(list, Path::new("/a/.s.PGSQL.5432")), 0);
    }
}
