//! `pg_service.conf`: sections of settings, each under the name of a service.
//! <https://www.postgresql.org/docs/15/libpq-pgservice.html>

use super::Settings;

/// What is wrong with a service file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ServiceFileError {
    /// A line is none of the form.
    #[error("line {line} is neither `[name]` nor `keyword=value` nor `# comment`")]
    Line {
        /// Which, from 1.
        line: usize,
    },
    /// A service cannot be another one.
    #[error("line {line}: a service cannot name a service")]
    Nested {
        /// Which, from 1.
        line: usize,
    },
}

/// The settings of a service; none where the file has it not.
///
/// # Errors
///
/// When a line of the section is none. It is not repeated: a password may be in it.
pub fn service_in(text: &str, name: &str) -> Result<Option<Settings>, ServiceFileError> {
    let mut found: Option<Vec<(String, String)>> = None;
    for (number, line) in (1..).zip(text.lines()) {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        if line.starts_with('[') {
            if found.is_some() {
                break;
            }
            let section = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
            found = (section == Some(name)).then(Vec::new);
            continue;
        }
        if let Some(pairs) = &mut found {
            let (keyword, value) =
                line.split_once('=').ok_or(ServiceFileError::Line { line: number })?;
            if keyword.trim() == "service" {
                return Err(ServiceFileError::Nested { line: number });
            }
            pairs.push((keyword.trim().to_owned(), value.trim().to_owned()));
        }
    }
    // Of a keyword that stands twice the first counts there.
    Ok(found.map(|pairs| pairs.into_iter().rev().collect()))
}
