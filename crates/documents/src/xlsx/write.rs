//! Writing a workbook row by row.

use domain::sheet::Cell;
use domain::time::Timestamp;
use rust_xlsxwriter::{
    DocProperties, ExcelDateTime, Format, FormatAlign, FormatBorder, Workbook, Worksheet,
};

use crate::{DocumentError, text};

/// A column of an exported table.
#[derive(Debug, Clone, PartialEq)]
pub struct ColumnSpec {
    /// Its title.
    pub title: String,
    /// Width in characters.
    pub width: f64,
}

impl ColumnSpec {
    /// A column.
    pub fn new(title: impl Into<String>, width: f64) -> Self {
        Self {
            title: title.into(),
            width,
        }
    }
}

/// A workbook with one sheet, in constant memory: rows go to a temporary file as they come.
pub struct Writer {
    book: Workbook,
    sheet: Worksheet,
    row: u32,
    plain: Format,
    quoted: Format,
}

impl std::fmt::Debug for Writer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Writer")
            .field("row", &self.row)
            .finish_non_exhaustive()
    }
}

/// Most characters that a cell holds.
const LONGEST: usize = 32_000;

impl Writer {
    /// A workbook whose one sheet has these columns; `at` is its date, so that the same rows give the same bytes.
    ///
    /// # Errors
    /// [`DocumentError::Table`] when the temporary file can't be made.
    pub fn new(name: &str, columns: &[ColumnSpec], at: Timestamp) -> Result<Self, DocumentError> {
        let mut book = Workbook::new();
        let created = ExcelDateTime::from_timestamp(at.seconds()).map_err(table)?;
        book.set_properties(&DocProperties::new().set_creation_datetime(&created));
        let mut sheet = book.new_worksheet_with_constant_memory().map_err(table)?;
        sheet.set_name(sheet_name(name)).map_err(table)?;
        // `@` is the text format: an ID number stays what it is when somebody edits the cell.
        let plain = Format::new().set_num_format("@");
        let quoted = plain.clone().set_quote_prefix();
        let head = Format::new()
            .set_bold()
            .set_align(FormatAlign::Center)
            .set_border_bottom(FormatBorder::Thin)
            .set_num_format("@");
        for (at, column) in (0_u16..).zip(columns) {
            sheet.set_column_width(at, column.width).map_err(table)?;
        }
        sheet.set_freeze_panes(1, 0).map_err(table)?;
        for (at, column) in (0_u16..).zip(columns) {
            sheet
                .write_string_with_format(0, at, column.title.as_str(), &head)
                .map_err(table)?;
        }
        Ok(Self {
            book,
            sheet,
            row: 1,
            plain,
            quoted,
        })
    }

    /// The next row.
    ///
    /// # Errors
    /// [`DocumentError::Table`] beyond the rows that the format has.
    pub fn row(&mut self, cells: &[Cell]) -> Result<(), DocumentError> {
        let mut column = 0_u16;
        for cell in cells {
            match cell {
                Cell::Empty => {}
                Cell::Number(number) => match short_number(number) {
                    Some(float) => {
                        self.sheet
                            .write_number(self.row, column, float)
                            .map_err(table)?;
                    }
                    None => self.text(column, number)?,
                },
                Cell::Text(text) | Cell::Date(text) => self.text(column, text)?,
            }
            column = column.saturating_add(1);
        }
        self.row += 1;
        Ok(())
    }

    fn text(&mut self, column: u16, content: &str) -> Result<(), DocumentError> {
        let content: String = text::printable(content).chars().take(LONGEST).collect();
        let format = if text::starts_formula(&content) {
            &self.quoted
        } else {
            &self.plain
        };
        self.sheet
            .write_string_with_format(self.row, column, content, format)
            .map_err(table)?;
        Ok(())
    }

    /// The file.
    ///
    /// # Errors
    /// [`DocumentError::Table`] when the temporary file can't be read back.
    pub fn finish(mut self) -> Result<Vec<u8>, DocumentError> {
        self.book.push_worksheet(self.sheet);
        self.book.save_to_buffer().map_err(table)
    }
}

impl Writer {
    /// The file, written into another: a large one never stands in memory.
    ///
    /// # Errors
    /// [`DocumentError::Table`]: a full disk.
    pub fn finish_into(mut self, file: std::fs::File) -> Result<(), DocumentError> {
        self.book.push_worksheet(self.sheet);
        self.book.save_to_writer(file).map_err(table)
    }
}

/// A number that a spreadsheet holds exactly; longer ones (tickets, IDs) are written as text.
fn short_number(number: &str) -> Option<f64> {
    let digits = number.bytes().filter(u8::is_ascii_digit).count();
    let shape = number
        .bytes()
        .all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'-'));
    if shape && digits <= 15 {
        number.parse().ok()
    } else {
        None
    }
}

/// A name that the format allows: 31 characters, none of `[]:*?/\`.
fn sheet_name(name: &str) -> String {
    let cleaned: String = text::printable(name)
        .chars()
        .filter(|c| !matches!(c, '[' | ']' | ':' | '*' | '?' | '/' | '\\' | '\n'))
        .take(31)
        .collect();
    let cleaned = cleaned.trim_matches('\'').trim();
    if cleaned.is_empty() {
        "Sheet1".to_owned()
    } else {
        cleaned.to_owned()
    }
}

fn table(error: impl std::fmt::Display) -> DocumentError {
    DocumentError::Table(error.to_string())
}
