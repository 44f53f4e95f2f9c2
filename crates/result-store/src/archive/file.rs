//! One file: a month of a table.

use std::collections::HashSet;
use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::sync::Arc;

use parquet::basic::Compression;
use parquet::errors::ParquetError;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::WriterProperties;
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::file::writer::SerializedFileWriter;
use sha2::{Digest, Sha256};

use super::cells::Cells;
use super::column::{Column, Kind, schema};

/// Who wrote a file, in its own words.
const WRITTEN_BY: &str = concat!("scpi-run ", env!("CARGO_PKG_VERSION"));
/// Bytes that are read at once.
const READ_BYTES: usize = 64 * 1024;

/// A file that is being written.
pub(super) struct Writer<'a> {
    inner: SerializedFileWriter<File>,
    columns: &'a [Column],
}

impl<'a> Writer<'a> {
    /// Begins; with what the month is in the file's own words.
    pub(super) fn begin(
        file: File,
        columns: &'a [Column],
        about: &[(&str, &str)],
    ) -> Result<Self, ParquetError> {
        let about = about.iter().map(|(key, value)| {
            KeyValue::new(format!("scpi_run.{key}"), Some((*value).to_owned()))
        });
        let properties = WriterProperties::builder()
            .set_compression(Compression::SNAPPY)
            .set_created_by(WRITTEN_BY.to_owned())
            .set_key_value_metadata(Some(about.collect()))
            .build();
        let inner = SerializedFileWriter::new(file, schema(columns)?, Arc::new(properties))?;
        Ok(Self { inner, columns })
    }

    /// Writes rows, column by column.
    pub(super) fn write(&mut self, batch: &[Cells]) -> Result<(), ParquetError> {
        let mut group = self.inner.next_row_group()?;
        for (column, cells) in self.columns.iter().zip(batch) {
            if let Kind::Numeric { scale } = column.kind
                && let Some(mut writer) = group.next_column()?
            {
                cells.write_decimals(scale, &mut writer)?;
                writer.close()?;
            }
            if let Some(mut writer) = group.next_column()? {
                cells.write(&mut writer)?;
                writer.close()?;
            }
        }
        group.close().map(|_| ())
    }

    /// Ends; what was written is on the disk then.
    pub(super) fn finish(self) -> Result<(), ParquetError> {
        let file = self.inner.into_inner()?;
        file.sync_all()?;
        Ok(())
    }
}

/// A file that is read.
pub(super) struct Reader<'a> {
    inner: SerializedFileReader<File>,
    columns: &'a [Column],
    next: usize,
}

impl<'a> Reader<'a> {
    /// Opens one with these columns.
    pub(super) fn open(path: &Path, columns: &'a [Column]) -> Result<Self, ParquetError> {
        Ok(Self { inner: SerializedFileReader::new(File::open(path)?)?, columns, next: 0 })
    }

    /// The names of the columns of a file.
    pub(super) fn names(path: &Path) -> Result<HashSet<String>, ParquetError> {
        let file = SerializedFileReader::new(File::open(path)?)?;
        let columns = file.metadata().file_metadata().schema_descr().columns();
        Ok(columns.iter().map(|column| column.name().to_owned()).collect())
    }

    /// The next rows, column by column; none at the end.
    pub(super) fn next(&mut self) -> Result<Option<Vec<Cells>>, ParquetError> {
        if self.next >= self.inner.num_row_groups() {
            return Ok(None);
        }
        let group = self.inner.get_row_group(self.next)?;
        self.next += 1;
        let rows = usize::try_from(group.metadata().num_rows());
        let rows = rows.map_err(|_| ParquetError::General("a count of rows".to_owned()))?;
        let places = group.metadata().schema_descr();
        let column = |column: &Column| {
            let name = column.stored_name();
            let at = places.columns().iter().position(|one| one.name() == name);
            let at = at.ok_or_else(|| ParquetError::General(format!("it has no column {name}")))?;
            Cells::read(column.kind, group.get_column_reader(at)?, rows)
        };
        self.columns.iter().map(column).collect::<Result<_, _>>().map(Some)
    }
}

/// How long a file is, and the SHA-256 of its bytes.
pub(super) fn sum(path: &Path) -> std::io::Result<(u64, [u8; 32])> {
    let (mut file, mut hash) = (File::open(path)?, Sha256::new());
    let (mut bytes, mut buffer) = (0, vec![0; READ_BYTES]);
    loop {
        let read = file.read(&mut buffer)?;
        if read == 0 {
            return Ok((bytes, hash.finalize().into()));
        }
        hash.update(buffer.get(..read).unwrap_or_default());
        bytes += u64::try_from(read).unwrap_or_default();
    }
}
