//! `scpi-run db report`: questions that are asked often.

use result_store::{Report, ReportName, ReportWindow};

use crate::args::{ReportArguments, ReportWord};
use crate::commands::print;
use crate::commands::table::{Column, table};
use crate::exit::Exit;
use crate::failure::{Failure, Result};
use crate::runtime::block_on;

/// Asks one, and shows the answer as a table, JSON or CSV.
pub(super) fn report(arguments: &ReportArguments) -> Result<Exit> {
    let open = super::open(&arguments.database)?;
    let window = ReportWindow { days: arguments.days, until: None };
    let report = block_on(async {
        let mut store = open.connect().await.map_err(Failure::store)?;
        store.report(arguments.name.into(), &window).await.map_err(Failure::store)
    });
    open.close()?;
    let report = report?;
    let text = if arguments.json {
        report.json().map_err(Failure::internal)?
    } else if arguments.csv {
        report.csv()
    } else {
        as_table(&report)
    };
    print(&text);
    Ok(Exit::Pass)
}

fn as_table(report: &Report) -> String {
    let column = |column: &result_store::ReportColumn| match column.is_number {
        true => Column::number(column.name),
        false => Column::text(column.name),
    };
    let columns: Vec<_> = report.columns.iter().map(column).collect();
    let cell = |cell: &Option<String>| cell.clone().unwrap_or_else(|| "-".to_owned());
    let rows: Vec<Vec<_>> = report.rows.iter().map(|row| row.iter().map(cell).collect()).collect();
    table(&columns, &rows)
}

impl From<ReportWord> for ReportName {
    fn from(word: ReportWord) -> Self {
        match word {
            ReportWord::Infrastructure => Self::Infrastructure,
            ReportWord::EquipmentUptime => Self::EquipmentUptime,
            ReportWord::TestSuccess => Self::TestSuccess,
            ReportWord::ModelPerformance => Self::ModelPerformance,
        }
    }
}
