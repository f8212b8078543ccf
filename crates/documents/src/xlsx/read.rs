//! From a measured container to sheets of typed cells.

use std::io::Cursor;
use std::panic::{AssertUnwindSafe, catch_unwind};

use calamine::{DataRef, Reader as _, SheetType, SheetVisible, Xlsx};
use domain::sheet::{Cell, Merge, Sheet};

use super::XlsxError;
use super::guard::{self, Limits};

/// The visible sheets of an uploaded workbook.
///
/// # Errors
/// [`XlsxError`], with a text for the person who uploaded it.
pub fn read(bytes: &[u8]) -> Result<Vec<Sheet>, XlsxError> {
    read_within(bytes, &Limits::default())
}

/// [`read`] with limits of one's own.
///
/// # Errors
/// As [`read`].
pub fn read_within(bytes: &[u8], limits: &Limits) -> Result<Vec<Sheet>, XlsxError> {
    guard::check(bytes, limits)?;
    // The parser is someone else's and the file is a stranger's: a panic in it is a broken file and nothing more.
    catch_unwind(AssertUnwindSafe(|| parse(bytes, limits))).unwrap_or(Err(XlsxError::Broken))
}

fn parse(bytes: &[u8], limits: &Limits) -> Result<Vec<Sheet>, XlsxError> {
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).map_err(|_| XlsxError::Broken)?;
    let names: Vec<String> = book
        .sheets_metadata()
        .iter()
        .filter(|sheet| sheet.typ == SheetType::WorkSheet && sheet.visible == SheetVisible::Visible)
        .map(|sheet| sheet.name.clone())
        .collect();
    if names.is_empty() {
        return Err(XlsxError::NoSheet);
    }
    if names.len() > limits.sheets {
        return Err(XlsxError::TooManyCells);
    }
    let mut slots = 0;
    let mut sheets = Vec::with_capacity(names.len());
    for name in names {
        let rows = rows(&mut book, &name, limits, &mut slots)?;
        let merges = merges(&mut book, &name, limits, rows.len())?;
        sheets.push(Sheet { name, rows, merges });
    }
    Ok(sheets)
}

fn rows(
    book: &mut Xlsx<Cursor<&[u8]>>,
    name: &str,
    limits: &Limits,
    slots: &mut usize,
) -> Result<Vec<Vec<Cell>>, XlsxError> {
    let mut reader = book
        .worksheet_cells_reader(name)
        .map_err(|_| XlsxError::Broken)?;
    let mut rows: Vec<Vec<Cell>> = Vec::new();
    while let Some(found) = reader.next_cell().map_err(|_| XlsxError::Broken)? {
        let cell = cell(found.get_value());
        if cell == Cell::Empty {
            continue;
        }
        let (row, column) = found.get_position();
        let row = usize::try_from(row).unwrap_or(usize::MAX);
        let column = usize::try_from(column).unwrap_or(usize::MAX);
        if row >= limits.rows {
            return Err(XlsxError::TooManyRows(limits.rows));
        }
        if column >= limits.columns {
            return Err(XlsxError::TooManyColumns(limits.columns));
        }
        if row >= rows.len() {
            rows.resize_with(row + 1, Vec::new);
        }
        if let Some(cells) = rows.get_mut(row) {
            if column >= cells.len() {
                *slots += column + 1 - cells.len();
                if *slots > limits.cells {
                    return Err(XlsxError::TooManyCells);
                }
                cells.resize(column + 1, Cell::Empty);
            }
            if let Some(slot) = cells.get_mut(column) {
                *slot = cell;
            }
        }
    }
    Ok(rows)
}

fn merges(
    book: &mut Xlsx<Cursor<&[u8]>>,
    name: &str,
    limits: &Limits,
    height: usize,
) -> Result<Vec<Merge>, XlsxError> {
    let areas = book
        .merge_cells_by_sheet_name(name)
        .map_err(|_| XlsxError::Broken)?;
    if areas.len() > limits.merges {
        return Err(XlsxError::TooManyCells);
    }
    let number = |number: u32| usize::try_from(number).unwrap_or(usize::MAX);
    Ok(areas
        .iter()
        .map(|area| Merge {
            top: number(area.start.0),
            left: number(area.start.1),
            // An area may reach to the last row of the format; nothing stands there.
            bottom: number(area.end.0).min(height.max(1) - 1),
            right: number(area.end.1).min(limits.columns - 1),
        })
        .filter(|merge| merge.top <= merge.bottom && merge.left <= merge.right)
        .collect())
}

fn cell(value: &DataRef<'_>) -> Cell {
    let text = |text: &str| {
        if text.is_empty() {
            Cell::Empty
        } else {
            Cell::Text(text.to_owned())
        }
    };
    match value {
        DataRef::Empty => Cell::Empty,
        DataRef::Int(number) => Cell::number(*number),
        // The shortest decimal that reads back as the same float: what the spreadsheet shows, up to 15 digits.
        DataRef::Float(number) => Cell::Number(number.to_string()),
        DataRef::String(string) => text(string),
        DataRef::SharedString(string) => text(string),
        DataRef::Bool(flag) => text(if *flag { "TRUE" } else { "FALSE" }),
        DataRef::DateTime(instant) if instant.is_datetime() => {
            let (year, month, day, hour, minute, _, _) = instant.to_ymd_hms_milli();
            let date = format!("{year:04}-{month:02}-{day:02}");
            if hour == 0 && minute == 0 {
                Cell::Date(date)
            } else {
                Cell::Date(format!("{date} {hour:02}:{minute:02}"))
            }
        }
        DataRef::DateTime(instant) => Cell::Number(instant.as_f64().to_string()),
        DataRef::DateTimeIso(iso) => {
            let day = iso.get(..10).unwrap_or(iso);
            match iso.get(11..16).filter(|clock| *clock != "00:00") {
                Some(clock) => Cell::Date(format!("{day} {clock}")),
                None => Cell::Date(day.to_owned()),
            }
        }
        DataRef::DurationIso(iso) => text(iso),
        DataRef::Error(error) => Cell::Text(error.to_string()),
    }
}
