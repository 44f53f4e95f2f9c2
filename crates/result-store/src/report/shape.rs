//! Answers as rows, JSON and CSV.

/// A column of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReportColumn {
    /// Its name: `success_rate_percent`.
    pub name: &'static str,
    /// Whether its cells are numbers.
    pub is_number: bool,
}

/// The answer to a question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// Its columns.
    pub columns: &'static [ReportColumn],
    /// Its rows; a cell is none where nothing is known.
    pub rows: Vec<Vec<Option<String>>>,
}

const fn text(name: &'static str) -> ReportColumn {
    ReportColumn { name, is_number: false }
}

const fn number(name: &'static str) -> ReportColumn {
    ReportColumn { name, is_number: true }
}

pub(super) const INFRASTRUCTURE: [ReportColumn; 3] =
    [text("device_type"), text("status"), number("count")];
pub(super) const EQUIPMENT_UPTIME: [ReportColumn; 7] = [
    text("equipment_id"),
    text("device_name"),
    text("status"),
    number("online_events"),
    number("offline_events"),
    text("last_status_change"),
    number("uptime_percent"),
];
pub(super) const TEST_SUCCESS: [ReportColumn; 7] = [
    text("test_type"),
    number("total_sessions"),
    number("total_passed"),
    number("total_failed"),
    number("success_rate_percent"),
    number("aborted_sessions"),
    number("simulated_sessions"),
];
pub(super) const MODEL_PERFORMANCE: [ReportColumn; 5] = [
    text("model_name"),
    number("inference_count"),
    number("avg_tokens_per_second"),
    number("avg_total_tokens"),
    number("error_count"),
];

impl Report {
    /// A list of objects, one a line.
    ///
    /// # Errors
    ///
    /// Never for texts that came from a database.
    pub fn json(&self) -> Result<String, serde_json::Error> {
        let rows: Result<Vec<_>, _> = self.rows.iter().map(|row| self.object(row)).collect();
        let rows = rows?;
        if rows.is_empty() {
            return Ok("[]\n".to_owned());
        }
        Ok(format!("[\n  {}\n]\n", rows.join(",\n  ")))
    }

    /// Numbers stand as the server wrote them, every digit kept.
    fn object(&self, row: &[Option<String>]) -> Result<String, serde_json::Error> {
        let members: Result<Vec<_>, _> = self.columns.iter().zip(row).map(member).collect();
        Ok(format!("{{{}}}", members?.join(", ")))
    }

    /// Comma-separated values with a head, as RFC 4180 has them.
    #[must_use]
    pub fn csv(&self) -> String {
        let head = self.columns.iter().map(|column| column.name.to_owned()).collect::<Vec<_>>();
        let rows = self.rows.iter().map(|row| {
            let cells = row.iter().map(|cell| field(cell.as_deref().unwrap_or_default()));
            cells.collect::<Vec<_>>()
        });
        let lines = std::iter::once(head).chain(rows).map(|cells| cells.join(",") + "\r\n");
        lines.collect()
    }
}

fn member((column, cell): (&ReportColumn, &Option<String>)) -> Result<String, serde_json::Error> {
    let value = match cell {
        None => "null".to_owned(),
        // What NUMERIC has besides numbers, JSON has not.
        Some(cell) if column.is_number && !cell.contains(['N', 'I']) => cell.clone(),
        Some(cell) => serde_json::to_string(cell)?,
    };
    Ok(format!("{}: {value}", serde_json::to_string(column.name)?))
}

fn field(cell: &str) -> String {
    if cell.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", cell.replace('"', "\"\""))
    } else {
        cell.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_keeps_every_digit_and_letter() {
        let row = |cells: [Option<&str>; 3]| cells.map(|cell| cell.map(str::to_owned)).to_vec();
        let report = Report {
            columns: &INFRASTRUCTURE,
            rows: vec![
                row([Some("a \"b\", c"), None, Some("98765432109876543210.50")]),
                row([Some("Ω"), Some("x\ny"), Some("NaN")]),
            ],
        };
        let json = "[\n  {\"device_type\": \"a \\\"b\\\", c\", \"status\": null, \"count\": 98765432109876543210.50},\n  \
            {\"device_type\": \"Ω\", \"status\": \"x\\ny\", \"count\": \"NaN\"}\n]\n";
        assert_eq!(report.json().unwrap(), json);
        let csv = "device_type,status,count\r\n\"a \"\"b\"\", c\",,98765432109876543210.50\r\nΩ,\"x\ny\",NaN\r\n";
        assert_eq!(report.csv(), csv);
        let empty = Report { rows: Vec::new(), ..report };
        assert_eq!((empty.json().unwrap().as_str(), empty.csv().lines().count()), ("[]\n", 1));
    }
}
