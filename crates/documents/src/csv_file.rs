//! CSV in and out, for centres whose tools know nothing else.
//!
//! Read as UTF-8 or, as most of such files are, GB 18030. Written as UTF-8 with a mark that makes Excel see it; text that
//! a spreadsheet would run as a formula gets an apostrophe in front.

use std::io::Cursor;

use domain::sheet::{Cell, Sheet};

use crate::{DocumentError, text};

/// Largest file, in bytes.
pub const MOST_BYTES: usize = 16 * 1024 * 1024;
/// Most rows.
const MOST_ROWS: usize = 200_000;
/// Most columns.
const MOST_COLUMNS: usize = 256;
/// Most cells.
const MOST_CELLS: usize = 3_000_000;

/// Why a CSV can't be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CsvError {
    /// Larger than an upload may be.
    #[error("文件超过 16 MB，请拆分后分次导入")]
    TooBig,
    /// Nothing in it.
    #[error("文件是空的，请重新选择文件")]
    Empty,
    /// Bytes that are neither UTF-8 nor GB 18030 text.
    #[error("文件不是文本，请另存为 CSV（UTF-8）后再上传")]
    NotText,
    /// Too many rows, columns or cells.
    #[error("文件内容过多，请拆分后分次导入")]
    TooMany,
}

/// The file as one sheet of text cells.
///
/// # Errors
/// [`CsvError`], with a text for the person who uploaded it.
pub fn read(bytes: &[u8]) -> Result<Sheet, CsvError> {
    if bytes.len() > MOST_BYTES {
        return Err(CsvError::TooBig);
    }
    let mut sheet = Sheet {
        name: "CSV".to_owned(),
        ..Sheet::default()
    };
    let mut cells = 0;
    for row in Rows::of(bytes.to_vec())? {
        let row = row?;
        cells += row.len();
        if sheet.rows.len() >= MOST_ROWS || cells > MOST_CELLS {
            return Err(CsvError::TooMany);
        }
        sheet.rows.push(row);
    }
    Ok(sheet)
}

/// The rows of a file one after the other: for what is too long to be held as a sheet. It may be of any size.
pub struct Rows(csv::StringRecordsIntoIter<Cursor<Vec<u8>>>);

impl std::fmt::Debug for Rows {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Rows")
    }
}

impl Rows {
    /// Over the bytes of a file.
    ///
    /// # Errors
    /// [`CsvError`] for what is no text.
    pub fn of(bytes: Vec<u8>) -> Result<Self, CsvError> {
        if bytes.is_empty() {
            return Err(CsvError::Empty);
        }
        if bytes.contains(&0) {
            return Err(CsvError::NotText);
        }
        let plain = bytes.strip_prefix(b"\xef\xbb\xbf");
        let text = match std::str::from_utf8(&bytes) {
            Ok(_) => plain.map(<[u8]>::to_vec).unwrap_or(bytes),
            Err(_) => {
                let (text, _, wrong) = encoding_rs::GB18030.decode(&bytes);
                if wrong {
                    return Err(CsvError::NotText);
                }
                text.into_owned().into_bytes()
            }
        };
        let reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .from_reader(Cursor::new(text));
        Ok(Self(reader.into_records()))
    }
}

impl Iterator for Rows {
    type Item = Result<Vec<Cell>, CsvError>;

    fn next(&mut self) -> Option<Self::Item> {
        Some(match self.0.next()? {
            Err(_) => Err(CsvError::NotText),
            Ok(record) if record.len() > MOST_COLUMNS => Err(CsvError::TooMany),
            Ok(record) => Ok(record.iter().map(cell).collect()),
        })
    }
}

/// A cell; the apostrophe that [`Writer`] put in front of a would-be formula goes again.
fn cell(typed: &str) -> Cell {
    let plain = typed
        .strip_prefix('\'')
        .filter(|rest| text::starts_formula(rest))
        .unwrap_or(typed);
    if plain.is_empty() {
        Cell::Empty
    } else {
        Cell::Text(plain.to_owned())
    }
}

/// Writes a CSV, into memory unless it is told where.
pub struct Writer<W: std::io::Write = Vec<u8>> {
    inner: csv::Writer<W>,
}

impl<W: std::io::Write> std::fmt::Debug for Writer<W> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Writer")
    }
}

impl Writer {
    /// A file that begins with these titles.
    ///
    /// # Errors
    /// Never in practice: it writes to memory.
    pub fn new(titles: &[&str]) -> Result<Self, DocumentError> {
        Self::over(Vec::new(), titles)
    }

    /// The file.
    ///
    /// # Errors
    /// As [`Writer::new`].
    pub fn finish(self) -> Result<Vec<u8>, DocumentError> {
        self.done()
    }
}

impl<W: std::io::Write> Writer<W> {
    /// A file that begins with these titles and goes to `out` as it grows.
    ///
    /// # Errors
    /// A full disk.
    pub fn over(mut out: W, titles: &[&str]) -> Result<Self, DocumentError> {
        out.write_all(b"\xef\xbb\xbf")
            .map_err(|error| DocumentError::Table(error.to_string()))?;
        let mut writer = Self {
            inner: csv::WriterBuilder::new().flexible(true).from_writer(out),
        };
        let titles: Vec<Cell> = titles.iter().map(|title| Cell::text(*title)).collect();
        writer.row(&titles)?;
        Ok(writer)
    }

    /// The next row.
    ///
    /// # Errors
    /// As [`Writer::new`].
    pub fn row(&mut self, cells: &[Cell]) -> Result<(), DocumentError> {
        let fields = cells.iter().map(|cell| match cell {
            Cell::Number(number) => number.clone(),
            other => neutral(other.raw()),
        });
        self.inner
            .write_record(fields)
            .map_err(|error| DocumentError::Table(error.to_string()))
    }

    /// Where it went, written to the end.
    ///
    /// # Errors
    /// A full disk.
    pub fn done(self) -> Result<W, DocumentError> {
        self.inner
            .into_inner()
            .map_err(|error| DocumentError::Table(error.to_string()))
    }
}

/// The text, made harmless for a program that would run it.
fn neutral(content: &str) -> String {
    // Looked at before cleaning: a tab in front is a trick of its own.
    let formula = text::starts_formula(content);
    let content = text::printable(content);
    let content = content.trim_start_matches(['\t', ' ']);
    if formula || text::starts_formula(content) {
        format!("'{content}")
    } else {
        content.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_leave_as_text_and_come_back_as_they_were() {
        let mut writer = Writer::new(&["姓名"]).unwrap();
        let cells = ["=1+1", "+86", "-2", "@cmd", "\t=1", "＝1", "林一舟"].map(Cell::text);
        writer.row(&cells).unwrap();
        writer.row(&[Cell::Number("-4".into())]).unwrap();
        let bytes = writer.finish().unwrap();
        let text = String::from_utf8(bytes.clone()).unwrap();
        assert!(
            text.contains("'=1+1,'+86,'-2,'@cmd,'=1,'＝1,林一舟"),
            "{text}"
        );
        assert!(text.contains("\n-4"));
        let sheet = read(&bytes).unwrap();
        assert_eq!(sheet.at(1, 0), &Cell::text("=1+1"));
        assert_eq!(sheet.at(0, 0), &Cell::text("姓名"));
    }

    #[test]
    fn both_encodings_are_read_and_others_refused() {
        let (gb, _, _) = encoding_rs::GB18030.encode("准考证号,姓名\n1,䶮\n");
        assert_eq!(read(&gb).unwrap().at(1, 1), &Cell::text("䶮"));
        assert_eq!(read(b"").unwrap_err(), CsvError::Empty);
        assert_eq!(read(b"PK\x03\x04\0\0").unwrap_err(), CsvError::NotText);
        assert_eq!(read(b"\xff\xff\xff").unwrap_err(), CsvError::NotText);
    }
}
