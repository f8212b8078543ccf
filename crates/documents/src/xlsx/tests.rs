use std::io::{Cursor, Write as _};

use domain::sheet::Cell;
use domain::time::Timestamp;
use proptest::prelude::*;
use rust_xlsxwriter::{Format, Workbook};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::*;

const TYPES: &str = r#"<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"></Types>"#;

fn zipped(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
    for (name, data) in entries {
        zip.start_file(*name, options).unwrap();
        zip.write_all(data).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

/// A workbook of one sheet with this XML in `sheetData`.
fn workbook(sheet: &str, extra: &[(&str, &[u8])]) -> Vec<u8> {
    let types = r#"<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/></Types>"#;
    let rels = r#"<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#;
    let book = r#"<?xml version="1.0"?><workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="S" sheetId="1" r:id="rId1"/></sheets></workbook>"#;
    let book_rels = r#"<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>"#;
    let sheet = format!(
        r#"<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{sheet}</sheetData></worksheet>"#
    );
    let mut entries: Vec<(&str, &[u8])> = vec![
        ("[Content_Types].xml", types.as_bytes()),
        ("_rels/.rels", rels.as_bytes()),
        ("xl/workbook.xml", book.as_bytes()),
        ("xl/_rels/workbook.xml.rels", book_rels.as_bytes()),
        ("xl/worksheets/sheet1.xml", sheet.as_bytes()),
    ];
    entries.extend_from_slice(extra);
    zipped(&entries)
}

#[test]
fn a_table_as_centres_publish_it_is_read_with_its_merged_cells() {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    let plain = Format::new();
    sheet
        .merge_range(0, 0, 0, 3, "2026年公开招聘岗位表", &plain)
        .unwrap();
    sheet.merge_range(1, 0, 2, 0, "招聘单位", &plain).unwrap();
    sheet.merge_range(3, 0, 4, 0, "市图书馆", &plain).unwrap();
    sheet.write_string(3, 1, "０１").unwrap();
    sheet.write_number(3, 2, 2).unwrap();
    sheet.write_number(3, 3, 82.1).unwrap();
    let day = rust_xlsxwriter::ExcelDateTime::from_ymd(2026, 4, 12).unwrap();
    sheet
        .write_datetime_with_format(4, 2, &day, &Format::new().set_num_format("yyyy-mm-dd"))
        .unwrap();
    sheet.write_formula(4, 3, "=1+1").unwrap();
    book.add_worksheet().set_hidden(true);
    let sheets = read(&book.save_to_buffer().unwrap()).unwrap();
    assert_eq!(sheets.len(), 1, "a hidden sheet is nobody's table");
    let sheet = &sheets[0];
    assert_eq!(sheet.merges.len(), 3);
    assert_eq!(sheet.seen(4, 0).raw(), "市图书馆");
    assert_eq!(sheet.at(3, 1), &Cell::text("０１"));
    assert_eq!(sheet.at(3, 2), &Cell::Number("2".into()));
    assert_eq!(sheet.at(3, 3), &Cell::Number("82.1".into()));
    assert_eq!(sheet.at(4, 2), &Cell::Date("2026-04-12".into()));
}

/// What 缴款码 and the bank's lists go by: see `domain::payment::nontax`.
#[test]
fn a_code_typed_as_a_number_is_known_to_be_rounded_and_midnight_tells_no_time() {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    let code: f64 = "43012326301234567897".parse().unwrap();
    sheet.write_number(0, 0, code).unwrap();
    sheet.write_number(0, 1, 12_345_678.0).unwrap();
    let format = Format::new().set_num_format("yyyy-mm-dd hh:mm:ss");
    let midnight = rust_xlsxwriter::ExcelDateTime::from_ymd(2026, 3, 16).unwrap();
    sheet
        .write_datetime_with_format(0, 2, &midnight, &format)
        .unwrap();
    let morning = midnight.and_hms(9, 30, 0.0).unwrap();
    sheet
        .write_datetime_with_format(0, 3, &morning, &format)
        .unwrap();
    let sheets = read(&book.save_to_buffer().unwrap()).unwrap();
    let row = &sheets[0].rows[0];
    // Twenty digits, as a code has, and not those that were typed.
    assert_eq!(row[0].raw().len(), 20);
    assert!(row[0].is_rounded());
    assert_eq!(row[1], Cell::Number("12345678".into()));
    assert!(!row[1].is_rounded());
    assert_eq!(row[2], Cell::Date("2026-03-16".into()));
    assert_eq!(row[3], Cell::Date("2026-03-16 09:30".into()));
}

#[test]
fn what_is_written_reads_back_and_formulas_stay_text() {
    let at = Timestamp::from_seconds(1_770_000_000);
    let make = || {
        let columns = [
            ColumnSpec::new("准考证号", 20.0),
            ColumnSpec::new("备注", 10.0),
        ];
        let mut writer = Writer::new("名单[1]", &columns, at).unwrap();
        writer
            .row(&[Cell::text("26030701218"), Cell::text("=HYPERLINK(\"x\")")])
            .unwrap();
        writer
            .row(&[
                Cell::Number("431000199001010019".into()),
                Cell::Number("-4".into()),
            ])
            .unwrap();
        writer.finish().unwrap()
    };
    let bytes = make();
    assert_eq!(bytes, make(), "the same rows give the same bytes");
    let sheets = read(&bytes).unwrap();
    assert_eq!(sheets[0].name, "名单1");
    assert_eq!(sheets[0].at(1, 0), &Cell::text("26030701218"));
    assert_eq!(sheets[0].at(1, 1), &Cell::text("=HYPERLINK(\"x\")"));
    assert_eq!(
        sheets[0].at(2, 0),
        &Cell::text("431000199001010019"),
        "no digit is lost"
    );
    assert_eq!(sheets[0].at(2, 1), &Cell::Number("-4".into()));
}

#[test]
fn the_hand_made_workbook_is_good_without_damage() {
    let sheets = read(&workbook(r#"<row r="1"><c r="A1"><v>7</v></c></row>"#, &[])).unwrap();
    assert_eq!(sheets[0].at(0, 0), &Cell::Number("7".into()));
}

#[test]
fn hostile_files_are_refused_with_a_reason() {
    let zeros = vec![b' '; 40 * 1024 * 1024];
    let many: Vec<(String, Vec<u8>)> = (0..600)
        .map(|at| (format!("xl/media/{at}.bin"), vec![0]))
        .collect();
    let many: Vec<(&str, &[u8])> = many
        .iter()
        .map(|(name, data)| (name.as_str(), data.as_slice()))
        .collect();
    let laughs = br#"<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY lol "lol">]><sst>&lol;</sst>"#;
    let texts = "<si><t>a</t></si>".repeat(1_000_001);
    let prefixed = format!(
        r#"<x:sst xmlns:x="a">{}</x:sst>"#,
        "<a-long-prefix:si><t>a</t></a-long-prefix:si>".repeat(1_000_001)
    );
    let wide = r#"<row r="1"><c r="ZZ1"><v>1</v></c></row>"#;
    let deep = r#"<row r="1048576"><c r="A1048576"><v>1</v></c></row>"#;
    let mut truncated = workbook("", &[]);
    truncated.truncate(truncated.len() / 2);
    let ole = [0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1, 0, 0];
    let one = r#"<row r="1"><c r="A1"><v>1</v></c></row>"#;
    for (name, bytes, expected) in [
        ("empty", Vec::new(), XlsxError::Empty),
        ("old or encrypted", ole.to_vec(), XlsxError::OldOrEncrypted),
        (
            "a picture",
            vec![0xff, 0xd8, 0xff, 0xe0],
            XlsxError::NotAWorkbook,
        ),
        ("html", b"<html>".to_vec(), XlsxError::NotAWorkbook),
        ("cut off", truncated, XlsxError::Broken),
        (
            "another zip",
            zipped(&[("a.txt", b"x")]),
            XlsxError::NotAWorkbook,
        ),
        (
            "climbing name",
            workbook(one, &[("../evil.xml", b"x")]),
            XlsxError::Suspicious,
        ),
        (
            "hidden climb",
            workbook(one, &[("xl\\..\\evil.xml", b"x")]),
            XlsxError::Suspicious,
        ),
        (
            "absolute name",
            workbook(one, &[("/etc/passwd", b"x")]),
            XlsxError::Suspicious,
        ),
        (
            "bomb",
            workbook(one, &[("xl/media/a.bin", &zeros)]),
            XlsxError::Bomb,
        ),
        ("entries", workbook(one, &many), XlsxError::Bomb),
        (
            "billion laughs",
            workbook(one, &[("xl/sharedStrings.xml", laughs)]),
            XlsxError::Entities,
        ),
        (
            "texts",
            workbook(one, &[("xl/sharedStrings.xml", texts.as_bytes())]),
            XlsxError::TooManyCells,
        ),
        (
            "texts behind a prefix",
            workbook(one, &[("xl/sharedStrings.xml", prefixed.as_bytes())]),
            XlsxError::TooManyCells,
        ),
        (
            "utf-16",
            workbook(one, &[("xl/theme/a.xml", b"\xff\xfe<\0!\0")]),
            XlsxError::Suspicious,
        ),
        (
            "columns",
            workbook(wide, &[]),
            XlsxError::TooManyColumns(256),
        ),
        ("rows", workbook(deep, &[]), XlsxError::TooManyRows(200_000)),
        (
            "no types",
            zipped(&[("xl/workbook.xml", TYPES.as_bytes())]),
            XlsxError::NotAWorkbook,
        ),
    ] {
        assert_eq!(read(&bytes).unwrap_err(), expected, "{name}");
    }
}

/// The control run: with the ratio switched off, the bomb passes the guard.
#[test]
fn without_the_ratio_the_bomb_would_pass() {
    let zeros = vec![b' '; 40 * 1024 * 1024];
    let bomb = workbook(
        r#"<row r="1"><c r="A1"><v>1</v></c></row>"#,
        &[("xl/media/a.bin", &zeros)],
    );
    let open = Limits {
        ratio: u64::MAX,
        ..Limits::default()
    };
    assert!(read_within(&bomb, &open).is_ok());
}

#[test]
fn an_encrypted_entry_is_refused() {
    let mut bytes = workbook("", &[]);
    // Bit 0 of the general purpose flags, in each local header and each central one.
    for at in 0..bytes.len().saturating_sub(10) {
        match bytes.get(at..at + 4) {
            Some([b'P', b'K', 3, 4]) => bytes[at + 6] |= 1,
            Some([b'P', b'K', 1, 2]) => bytes[at + 8] |= 1,
            _ => {}
        }
    }
    assert_eq!(read(&bytes).unwrap_err(), XlsxError::Encrypted);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]
    #[test]
    fn a_damaged_file_never_panics(at in 0usize..2000, value: u8, cut in 0usize..2000) {
        let mut bytes = workbook(r#"<row r="1"><c r="A1" t="str"><v>林</v></c><c r="B1"><v>2</v></c></row>"#, &[]);
        let length = bytes.len();
        bytes[at % length] = value;
        bytes.truncate(length - cut % (length / 2));
        let _ = read(&bytes);
    }
}
