//! Questions that are asked often, with their answers as rows.

mod shape;

use tokio_postgres::Row;
use tokio_postgres::types::ToSql;

use crate::error::{Doing, StoreError};
use crate::store::Store;

pub use shape::{Report, ReportColumn};

const INFRASTRUCTURE: &str = include_str!("infrastructure.sql");
const EQUIPMENT_UPTIME: &str = include_str!("equipment_uptime.sql");
const TEST_SUCCESS: &str = include_str!("test_success.sql");
const MODEL_PERFORMANCE: &str = include_str!("model_performance.sql");

/// Which question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReportName {
    /// How many devices there are of each type and status.
    Infrastructure,
    /// How long each instrument was online, and how often it came and went.
    EquipmentUptime,
    /// How many tests passed, for each type of session.
    TestSuccess,
    /// How fast language models answered, and how often they failed.
    ModelPerformance,
}

/// Of which time: so many days before a moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReportWindow {
    /// Days; none for what is usual for the question: 7, for tests 30.
    pub days: Option<u32>,
    /// The moment, as `2026-03-01T00:00:00Z`; none for now.
    pub until: Option<String>,
}

impl ReportName {
    fn query(self) -> &'static str {
        match self {
            Self::Infrastructure => INFRASTRUCTURE,
            Self::EquipmentUptime => EQUIPMENT_UPTIME,
            Self::TestSuccess => TEST_SUCCESS,
            Self::ModelPerformance => MODEL_PERFORMANCE,
        }
    }

    /// Days, where nobody says how many; none where the question is about now.
    fn usual_days(self) -> Option<u32> {
        match self {
            Self::Infrastructure => None,
            Self::TestSuccess => Some(30),
            Self::EquipmentUptime | Self::ModelPerformance => Some(7),
        }
    }

    fn columns(self) -> &'static [ReportColumn] {
        match self {
            Self::Infrastructure => &shape::INFRASTRUCTURE,
            Self::EquipmentUptime => &shape::EQUIPMENT_UPTIME,
            Self::TestSuccess => &shape::TEST_SUCCESS,
            Self::ModelPerformance => &shape::MODEL_PERFORMANCE,
        }
    }
}

impl Store {
    /// Asks a question. Moments and days in the answer are those of UTC.
    ///
    /// # Errors
    ///
    /// When the moment is none, or the database cannot be asked.
    pub async fn report(
        &mut self,
        name: ReportName,
        window: &ReportWindow,
    ) -> Result<Report, StoreError> {
        let days = name.usual_days().map(|usual| window.days.unwrap_or(usual));
        let days = days.map(|days| i32::try_from(days).unwrap_or(i32::MAX));
        let parameters: Vec<&(dyn ToSql + Sync)> = match &days {
            Some(days) => vec![&window.until, days],
            None => Vec::new(),
        };
        let rows = self.connection_mut().query(name.query(), &parameters).await;
        let rows = rows.and_then(|rows| rows.iter().map(cells).collect());
        Ok(Report {
            columns: name.columns(),
            rows: rows.doing(self.place(), "ask for the report")?,
        })
    }
}

/// Every query gives texts, as the server writes them: no number passes through a float.
fn cells(row: &Row) -> Result<Vec<Option<String>>, tokio_postgres::Error> {
    (0..row.len()).map(|column| row.try_get(column)).collect()
}
