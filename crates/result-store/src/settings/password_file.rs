//! `.pgpass`: `host:port:database:user:password`, a star for any, a backslash before `:` and `\`.
//! <https://www.postgresql.org/docs/15/libpq-pgpass.html>

use super::Settings;

/// The host that a line for a Unix socket in the server's usual folder names.
const LOCALHOST: &str = "localhost";
/// Folders that count as the usual one.
const USUAL_FOLDERS: [&str; 2] = ["/tmp", "/var/run/postgresql"];

/// The password of the first line that fits; none where no line does.
#[must_use]
pub fn password_in(text: &str, settings: &Settings) -> Option<String> {
    let host = first(settings.get("host").or(settings.get("hostaddr")).unwrap_or(LOCALHOST));
    let host = if USUAL_FOLDERS.contains(&host) { LOCALHOST } else { host };
    let port = first(settings.get("port").unwrap_or("5432"));
    let user = settings.get("user").unwrap_or_default();
    let database = settings.get("dbname").unwrap_or(user);
    let wanted = [host, port, database, user];
    text.lines().filter(|line| !line.starts_with('#')).find_map(|line| {
        let fields = fields(line);
        let (password, keys) = fields.split_last()?;
        let fits = |(key, wanted): (&String, &&str)| key == "*" || key == wanted;
        (keys.len() == wanted.len() && keys.iter().zip(&wanted).all(fits)).then(|| password.clone())
    })
}

/// Of several servers the first is asked.
fn first(list: &str) -> &str {
    list.split(',').next().unwrap_or(list)
}

/// The password is the fifth, colons and all: only an escaped backslash or colon is one letter less.
fn fields(line: &str) -> Vec<String> {
    let mut fields = vec![String::new()];
    let mut letters = line.chars();
    while let Some(letter) = letters.next() {
        let is_last = fields.len() == 5;
        match letter {
            ':' if !is_last => fields.push(String::new()),
            '\\' => fields.last_mut().into_iter().for_each(|field| field.extend(letters.next())),
            letter => fields.last_mut().into_iter().for_each(|field| field.push(letter)),
        }
    }
    fields
}
