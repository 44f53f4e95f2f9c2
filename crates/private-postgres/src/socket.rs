//! The folder of the socket: in the cluster's, or a short one where the path would be too long.

use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use crate::config::PORT;
use crate::error::{ClusterError, Result};
use crate::folder;
use crate::pid_file::socket_file;
use crate::place::Place;

/// Bytes of a socket's path; systems allow 103 to 107.
const MAX_PATH_BYTES: usize = 100;

/// Makes the folder, entered by the server's user alone, and gives its path.
pub(crate) fn prepare(place: &Place, temporary_folder: &Path) -> Result<PathBuf> {
    let folder = choose(&place.socket(), place.base(), temporary_folder)?;
    folder::make_private(&folder, place.user.ids)?;
    Ok(folder)
}

fn choose(wanted: &Path, base: &Path, temporary_folder: &Path) -> Result<PathBuf> {
    if is_fit(wanted) {
        return Ok(wanted.to_owned());
    }
    let name = format!("scpi-pg-{:016x}", hash(base.as_os_str().as_bytes()));
    let short = temporary_folder.join(name);
    if is_fit(&short) { Ok(short) } else { Err(ClusterError::SocketTooLong { path: short }) }
}

/// Short enough; and without a comma, which would make two of it for server and clients.
fn is_fit(folder: &Path) -> bool {
    let path = socket_file(folder, PORT);
    let bytes = path.as_os_str().as_bytes();
    bytes.len() <= MAX_PATH_BYTES && !bytes.contains(&b',')
}

/// FNV-1a: the same in every version of every program.
pub(crate) fn hash(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_path_or_one_with_a_comma_is_made_short() {
        let file = "/.s.PGSQL.5432".len();
        let long = |length: usize| format!("/{}", "d".repeat(length - 1));
        let table = [
            (long(100 - file), true),
            (long(101 - file), false),
            ("/data/a,b/socket".to_owned(), false),
            ("/data/a b/socket".to_owned(), true),
        ];
        for (wanted, is_kept) in table {
            let wanted = Path::new(&wanted);
            let folder = choose(wanted, Path::new("/data"), Path::new("/tmp")).unwrap();
            let expected =
                if is_kept { wanted } else { Path::new("/tmp/scpi-pg-2e61291ce2d9239e") };
            assert_eq!(folder, expected);
        }
    }

    #[test]
    fn a_long_temporary_folder_is_refused() {
        let long = format!("/{}", "t".repeat(90));
        let error = choose(Path::new(&long), Path::new("/data"), Path::new(&long)).unwrap_err();
        assert!(error.to_string().contains("set TMPDIR"), "{error}");
    }

    #[test]
    fn the_hash_is_that_of_its_definition() {
        for (text, expected) in [("", 0xcbf2_9ce4_8422_2325_u64), ("foobar", 0x8594_4171_f739_67e8)]
        {
            assert_eq!(hash(text.as_bytes()), expected);
        }
    }
}
