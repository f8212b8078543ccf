//! A sheet written cell by cell, with merged cells down a column where neighbours are equal.

use rust_xlsxwriter::{
    DocProperties, ExcelDateTime, Format, FormatAlign, FormatBorder, Workbook, XlsxError,
};

/// A table on its way to a sheet.
pub(crate) struct Table<'a> {
    pub(crate) sheet: &'a str,
    /// Lines above the header; each is merged over the whole width.
    pub(crate) titles: &'a [&'a str],
    /// Rows of the header; an empty cell belongs to the one above it, or to the left of it in the first row.
    pub(crate) header: &'a [&'a [&'a str]],
    pub(crate) rows: Vec<Vec<String>>,
    /// Columns whose equal neighbours are merged downwards.
    pub(crate) merged: &'a [usize],
    /// Columns that are written as numbers where they can be.
    pub(crate) numbers: &'a [usize],
    /// Lines under the table, each in the first cell.
    pub(crate) notes: &'a [&'a str],
}

/// Row and column as the writer counts them.
fn at(row: usize, column: usize) -> Result<(u32, u16), XlsxError> {
    let row = u32::try_from(row).map_err(|_| XlsxError::RowColumnLimitError)?;
    let column = u16::try_from(column).map_err(|_| XlsxError::RowColumnLimitError)?;
    Ok((row, column))
}

pub(crate) fn workbook(table: &Table<'_>) -> Result<Workbook, XlsxError> {
    let mut workbook = Workbook::new();
    // A fixed date, so that the files don't differ by when they were made.
    let made = ExcelDateTime::from_ymd(2026, 3, 1)?;
    workbook.set_properties(&DocProperties::new().set_creation_datetime(&made));
    let width = table.header.iter().map(|row| row.len()).max().unwrap_or(1);
    let title = Format::new()
        .set_bold()
        .set_font_size(16)
        .set_align(FormatAlign::Center);
    let head = Format::new()
        .set_bold()
        .set_border(FormatBorder::Thin)
        .set_align(FormatAlign::Center)
        .set_align(FormatAlign::VerticalCenter)
        .set_text_wrap();
    let cell = Format::new()
        .set_border(FormatBorder::Thin)
        .set_align(FormatAlign::VerticalCenter)
        .set_text_wrap();
    let sheet = workbook.add_worksheet().set_name(table.sheet)?;
    let mut line = 0;
    for text in table.titles {
        let ((row, left), (_, right)) = (at(line, 0)?, at(line, width - 1)?);
        sheet.merge_range(row, left, row, right, text, &title)?;
        line += 1;
    }
    header(sheet, table.header, line, &head)?;
    line += table.header.len();
    let first = line;
    for cells in &table.rows {
        for (column, text) in cells.iter().enumerate() {
            let (row, column_no) = at(line, column)?;
            let hidden = table.merged.contains(&column)
                && line > first
                && table
                    .rows
                    .get(line - first - 1)
                    .and_then(|above| above.get(column))
                    == Some(text)
                && !text.is_empty();
            if hidden || text.is_empty() {
                sheet.write_blank(row, column_no, &cell)?;
            } else if let (true, Ok(number)) =
                (table.numbers.contains(&column), text.parse::<u32>())
            {
                sheet.write_number_with_format(row, column_no, number, &cell)?;
            } else {
                sheet.write_string_with_format(row, column_no, text, &cell)?;
            }
        }
        line += 1;
    }
    for column in table.merged {
        merge_equal(sheet, &table.rows, *column, first, &cell)?;
    }
    for note in table.notes {
        let (row, column) = at(line, 0)?;
        sheet.write_string(row, column, *note)?;
        line += 1;
    }
    Ok(workbook)
}

fn header(
    sheet: &mut rust_xlsxwriter::Worksheet,
    header: &[&[&str]],
    top: usize,
    format: &Format,
) -> Result<(), XlsxError> {
    let [first, rest @ ..] = header else {
        return Ok(());
    };
    let mut column = 0;
    while let Some(text) = first.get(column) {
        let below = rest
            .first()
            .and_then(|row| row.get(column))
            .copied()
            .unwrap_or_default();
        // A name over several columns goes on to the right until the next name.
        let right = (column + 1..first.len())
            .take_while(|next| first.get(*next).is_some_and(|text| text.is_empty()))
            .last()
            .unwrap_or(column);
        let bottom = if below.is_empty() {
            top + rest.len()
        } else {
            top
        };
        let ((r1, c1), (r2, c2)) = (at(top, column)?, at(bottom, right)?);
        if (r1, c1) == (r2, c2) {
            sheet.write_string_with_format(r1, c1, *text, format)?;
        } else {
            sheet.merge_range(r1, c1, r2, c2, text, format)?;
        }
        if !below.is_empty() {
            for under in column..=right {
                let (row, column_no) = at(top + 1, under)?;
                let name = rest
                    .first()
                    .and_then(|row| row.get(under))
                    .copied()
                    .unwrap_or_default();
                sheet.write_string_with_format(row, column_no, name, format)?;
            }
        }
        column = right + 1;
    }
    Ok(())
}

fn merge_equal(
    sheet: &mut rust_xlsxwriter::Worksheet,
    rows: &[Vec<String>],
    column: usize,
    first: usize,
    format: &Format,
) -> Result<(), XlsxError> {
    let text = |row: usize| rows.get(row).and_then(|cells| cells.get(column));
    let mut top = 0;
    for row in 1..=rows.len() {
        if row < rows.len() && text(row) == text(top) {
            continue;
        }
        if let Some(text) = text(top).filter(|text| row - top > 1 && !text.is_empty()) {
            let ((r1, c1), (r2, _)) = (at(first + top, column)?, at(first + row - 1, column)?);
            sheet.merge_range(r1, c1, r2, c1, text, format)?;
        }
        top = row;
    }
    Ok(())
}
