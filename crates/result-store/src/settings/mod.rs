//! How a connection is described: a URL or `keyword=value` words, as libpq has them, with what service files,
//! variables and password files add. Everything comes in as text: nothing is read here.

mod password_file;
mod service_file;
mod url;
mod words;

use std::collections::BTreeMap;

pub use password_file::password_in;
pub use service_file::{ServiceFileError, service_in};

use crate::error::{Cause, StoreError};

/// Keywords of libpq that mean nothing here, and change nothing.
const IGNORED: [&str; 6] = [
    "client_encoding",
    "fallback_application_name",
    "gssencmode",
    "krbsrvname",
    "sslcompression",
    "sslsni",
];

/// Keywords and their values. A password may be among them: it has no `Debug`.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Settings(BTreeMap<String, String>);

impl Settings {
    /// Reads `postgresql://user:password@host:port/database?sslmode=verify-full`, or `host=... dbname=...`.
    ///
    /// # Errors
    ///
    /// When it is neither. Nothing of the text is repeated, since a password may be in it.
    pub fn parse(text: &str) -> Result<Self, StoreError> {
        let text = text.trim();
        let url =
            ["postgresql://", "postgres://"].iter().find_map(|scheme| text.strip_prefix(scheme));
        let pairs = match url {
            Some(rest) => url::pairs(rest),
            None => words::pairs(text),
        };
        let pairs =
            pairs.ok_or_else(|| StoreError::new("the database", "read its URL", Cause::Url))?;
        Ok(pairs.into_iter().collect())
    }

    /// A value.
    #[must_use]
    pub fn get(&self, keyword: &str) -> Option<&str> {
        self.0.get(keyword).map(String::as_str)
    }

    /// The same, with what `others` say of which these say nothing.
    #[must_use]
    pub fn or(mut self, others: Self) -> Self {
        for (keyword, value) in others.0 {
            self.0.entry(keyword).or_insert(value);
        }
        self
    }

    /// The same with one more, or another value.
    #[must_use]
    pub fn with(mut self, keyword: &str, value: impl Into<String>) -> Self {
        self.0.insert(keyword.to_owned(), value.into());
        self
    }

    /// All but the password, as words that [`parse`](Self::parse) reads: for a file that others may read.
    #[must_use]
    pub fn without_password(&self) -> String {
        let wanted = self.0.iter().filter(|(keyword, _)| *keyword != "password");
        let words: String = wanted.map(|(keyword, value)| words::word(keyword, value)).collect();
        words.trim().to_owned()
    }

    pub(crate) fn take(&mut self, keyword: &str) -> Option<String> {
        self.0.remove(keyword)
    }

    /// What the library reads by itself, as its words.
    pub(crate) fn words(&self) -> String {
        let wanted = self.0.iter().filter(|(keyword, _)| !IGNORED.contains(&keyword.as_str()));
        wanted.map(|(keyword, value)| words::word(library_keyword(keyword), value)).collect()
    }
}

/// The library has another name for one.
fn library_keyword(keyword: &str) -> &str {
    if keyword == "keepalives_count" { "keepalives_retries" } else { keyword }
}

impl FromIterator<(String, String)> for Settings {
    /// Of several values of a keyword the last one counts.
    fn from_iter<T: IntoIterator<Item = (String, String)>>(pairs: T) -> Self {
        Self(pairs.into_iter().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(text: &str) -> Vec<(String, String)> {
        Settings::parse(text).map(|settings| settings.0.into_iter().collect()).unwrap_or_default()
    }

    fn expected(text: &[(&str, &str)]) -> Vec<(String, String)> {
        text.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
    }

    /// Examples of libpq's own documentation among them (34.1.1).
    #[test]
    fn a_connection_is_written_in_two_ways() {
        for (text, wanted) in [
            ("postgresql://", &[][..]),
            ("postgresql://localhost:5433", &[("host", "localhost"), ("port", "5433")]),
            ("postgresql://localhost/mydb", &[("dbname", "mydb"), ("host", "localhost")]),
            (
                "postgresql://user:secret@localhost",
                &[("host", "localhost"), ("password", "secret"), ("user", "user")],
            ),
            (
                "postgresql://other@localhost/otherdb?connect_timeout=10&application_name=myapp",
                &[
                    ("application_name", "myapp"),
                    ("connect_timeout", "10"),
                    ("dbname", "otherdb"),
                    ("host", "localhost"),
                    ("user", "other"),
                ],
            ),
            (
                "postgresql://host1:123,host2:456/somedb?target_session_attrs=any",
                &[
                    ("dbname", "somedb"),
                    ("host", "host1,host2"),
                    ("port", "123,456"),
                    ("target_session_attrs", "any"),
                ],
            ),
            (
                "postgresql://%2Fvar%2Flib%2Fpg/dbname",
                &[("dbname", "dbname"), ("host", "/var/lib/pg")],
            ),
            ("postgresql:///lab?host=/run/pg", &[("dbname", "lab"), ("host", "/run/pg")]),
            (
                "postgres://a%40b:p%3Aq@[2001:db8::1]:5/x",
                &[
                    ("dbname", "x"),
                    ("host", "2001:db8::1"),
                    ("password", "p:q"),
                    ("port", "5"),
                    ("user", "a@b"),
                ],
            ),
            (
                r"host=localhost port = 5432 password='a \'b\\' dbname=mydb",
                &[
                    ("dbname", "mydb"),
                    ("host", "localhost"),
                    ("password", r"a 'b\"),
                    ("port", "5432"),
                ],
            ),
            ("service=lab", &[("service", "lab")]),
        ] {
            assert_eq!(pairs(text), expected(wanted), "{text}");
        }
    }

    #[test]
    fn what_is_no_connection_is_refused_and_not_repeated() {
        for text in [
            "s3cret",
            "",
            "password = s3cret s3cret",
            "password='s3cret",
            "= s3cret",
            "postgresql://a:s3cret%4@h",
            "postgresql://a:s3cret%00@h",
            "postgresql://[::1/s3cret",
            "postgresql://h/?s3cret",
        ] {
            let error = Settings::parse(text).err().map(|error| format!("{error} {error:?}"));
            let error = error.unwrap_or_else(|| panic!("{text} was taken"));
            assert!(!error.contains("s3cret"), "{error}");
        }
    }

    #[test]
    fn what_is_said_comes_before_what_is_found() {
        let said = Settings::parse("postgresql://db.lab/x").unwrap();
        let found = Settings::parse("host=other user=ann").unwrap();
        let both = said.or(found);
        assert_eq!((both.get("host"), both.get("user")), (Some("db.lab"), Some("ann")));
    }

    const SERVICES: &str = "# comment\n[other]\nhost=other\nbroken\n\n[lab]\nhost = db.lab\nport=5433\n\
        user=ann\nhost=late\n[last]\nservice=lab\n";

    #[test]
    fn a_service_is_a_section() {
        let lab = service_in(SERVICES, "lab").unwrap().unwrap();
        assert_eq!((lab.get("host"), lab.get("port")), (Some("db.lab"), Some("5433")));
        assert!(service_in(SERVICES, "none").unwrap().is_none());
        assert_eq!(service_in(SERVICES, "other").err(), Some(ServiceFileError::Line { line: 4 }));
        assert_eq!(service_in(SERVICES, "last").err(), Some(ServiceFileError::Nested { line: 12 }));
    }

    #[test]
    fn the_first_line_that_fits_has_the_password() {
        let file = "#db.lab:5432:lab:ann:no\nshort:line\ndb.lab:5433:lab:ann:one:more\n\
            db.lab:*:*:ann:t\\:w\\\\o\nlocalhost:*:*:bob:three\n";
        for (text, password) in [
            ("postgresql://ann@db.lab:5433/lab", Some("one:more")),
            ("postgresql://ann@db.lab/lab", Some(r"t:w\o")),
            ("postgresql://ann@db.lab", Some(r"t:w\o")),
            ("user=bob", Some("three")),
            ("host=/tmp user=bob", Some("three")),
            ("host=/run/other user=bob", None),
            ("postgresql://eve@db.lab/lab", None),
        ] {
            let found = password_in(file, &Settings::parse(text).unwrap());
            assert_eq!(found.as_deref(), password, "{text}");
        }
    }
}
