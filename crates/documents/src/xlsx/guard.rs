//! Measuring a container before anything parses it.
//!
//! Sizes that an archive declares can lie, so every entry is unpacked once into a counter (64 KiB at a time). On the
//! way the XML is searched for document types, and its rows, cells and shared texts are counted.

use std::collections::HashSet;
use std::io::{Cursor, Read};

use zip::ZipArchive;

use super::XlsxError;

/// Largest upload, in bytes.
pub const MOST_BYTES: usize = 16 * 1024 * 1024;

/// What a workbook may hold.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Bytes of the file.
    pub bytes: usize,
    /// Entries of the container.
    pub entries: usize,
    /// Bytes of all entries, unpacked.
    pub unpacked: u64,
    /// Unpacked bytes to packed ones, for entries above [`Limits::ratio_from`].
    pub ratio: u64,
    /// Unpacked size from which the ratio counts: small XML packs well without harm.
    pub ratio_from: u64,
    /// Sheets.
    pub sheets: usize,
    /// Rows of a sheet, gaps included.
    pub rows: usize,
    /// Columns of a sheet.
    pub columns: usize,
    /// Cells of all sheets, gaps included.
    pub cells: usize,
    /// Shared texts.
    pub shared_strings: usize,
    /// Merged areas of a sheet.
    pub merges: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            bytes: MOST_BYTES,
            entries: 512,
            unpacked: 256 * 1024 * 1024,
            ratio: 250,
            ratio_from: 8 * 1024 * 1024,
            sheets: 30,
            rows: 200_000,
            columns: 256,
            cells: 3_000_000,
            shared_strings: 1_000_000,
            merges: 20_000,
        }
    }
}

/// OLE compound file: `.xls`, or an encrypted workbook.
const OLE: [u8; 8] = [0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1];
const ZIP: [u8; 4] = [b'P', b'K', 3, 4];
/// Longest needle of the XML search, less one: what is carried over between pieces.
const CARRIED: usize = 9;

/// Refuses a container that is no workbook or could do harm.
pub(super) fn check(bytes: &[u8], limits: &Limits) -> Result<(), XlsxError> {
    if bytes.is_empty() {
        return Err(XlsxError::Empty);
    }
    if bytes.len() > limits.bytes {
        return Err(XlsxError::TooBig(limits.bytes / (1024 * 1024)));
    }
    if bytes.starts_with(&OLE) {
        return Err(XlsxError::OldOrEncrypted);
    }
    if !bytes.starts_with(&ZIP) {
        return Err(XlsxError::NotAWorkbook);
    }
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|_| XlsxError::Broken)?;
    if archive.len() > limits.entries {
        return Err(XlsxError::Bomb);
    }
    let mut names = HashSet::new();
    for index in 0..archive.len() {
        let entry = archive.by_index_raw(index).map_err(|_| XlsxError::Broken)?;
        if entry.encrypted() {
            return Err(XlsxError::Encrypted);
        }
        let name = entry
            .name()
            .map_err(|_| XlsxError::Suspicious)?
            .to_ascii_lowercase();
        if leads_out(&name) || !names.insert(name) {
            return Err(XlsxError::Suspicious);
        }
        // What the archive itself admits to is refused without unpacking a byte.
        if entry.size() > limits.unpacked {
            return Err(XlsxError::Bomb);
        }
    }
    if !names.contains("[content_types].xml") || !names.contains("xl/workbook.xml") {
        return Err(XlsxError::NotAWorkbook);
    }
    let mut count = Count::default();
    for index in 0..archive.len() {
        measure(&mut archive, index, limits, &mut count)?;
    }
    Ok(())
}

/// Names that climb, start at the root or a drive, or hide a separator.
fn leads_out(name: &str) -> bool {
    name.is_empty()
        || name.len() > 300
        || name.starts_with('/')
        || name.contains(['\\', '\0', ':'])
        || name.split('/').any(|part| part == ".." || part == ".")
}

#[derive(Default)]
struct Count {
    unpacked: u64,
    cells: usize,
    texts: usize,
}

fn measure(
    archive: &mut ZipArchive<Cursor<&[u8]>>,
    index: usize,
    limits: &Limits,
    count: &mut Count,
) -> Result<(), XlsxError> {
    let entry = archive.by_index(index).map_err(|_| XlsxError::Broken)?;
    let name = entry
        .name()
        .map_err(|_| XlsxError::Suspicious)?
        .to_ascii_lowercase();
    let packed = entry.compressed_size().max(1);
    let xml = [".xml", ".rels", ".vml"]
        .iter()
        .any(|end| name.ends_with(end));
    let sheet = name.starts_with("xl/worksheets/");
    let texts = name.starts_with("xl/sharedstrings");
    let mut left = limits.unpacked.saturating_sub(count.unpacked);
    let mut reader = entry.take(left.saturating_add(1));
    let mut piece = vec![0_u8; 64 * 1024];
    let mut carried: Vec<u8> = Vec::new();
    let (mut size, mut rows, mut first) = (0_u64, 0_usize, true);
    loop {
        let got = reader.read(&mut piece).map_err(|_| XlsxError::Broken)?;
        if got == 0 {
            break;
        }
        let got_bytes = u64::try_from(got).unwrap_or(u64::MAX);
        if got_bytes > left {
            return Err(XlsxError::Bomb);
        }
        left -= got_bytes;
        size += got_bytes;
        if size > limits.ratio_from && size / packed > limits.ratio {
            return Err(XlsxError::Bomb);
        }
        if !xml {
            continue;
        }
        let before = carried.len();
        carried.extend_from_slice(piece.get(..got).unwrap_or_default());
        if first && (carried.starts_with(&[0xff, 0xfe]) || carried.starts_with(&[0xfe, 0xff])) {
            // UTF-16 would hide from the search below; no workbook program writes it.
            return Err(XlsxError::Suspicious);
        }
        first = false;
        let window = carried.as_slice();
        if has(window, b"<!DOCTYPE") || has(window, b"<!ENTITY") || has(window, b"<!doctype") {
            return Err(XlsxError::Entities);
        }
        if sheet {
            rows += starts(window, b"<row", before);
            count.cells += starts(window, b"<c", before);
        } else if texts {
            count.texts += starts(window, b"<si", before);
        }
        if rows > limits.rows {
            return Err(XlsxError::TooManyRows(limits.rows));
        }
        if count.cells > limits.cells || count.texts > limits.shared_strings {
            return Err(XlsxError::TooManyCells);
        }
        let keep = carried.len().min(CARRIED);
        carried.drain(..carried.len() - keep);
    }
    count.unpacked += size;
    Ok(())
}

fn has(window: &[u8], needle: &[u8]) -> bool {
    window.windows(needle.len()).any(|at| at == needle)
}

/// How many start tags of this name lie in the window, those of the part carried over (`before` bytes) not again.
fn starts(window: &[u8], tag: &[u8], before: usize) -> usize {
    let length = tag.len() + 1;
    window
        .windows(length)
        .enumerate()
        .filter(|(at, bytes)| {
            at + length > before
                && bytes.starts_with(tag)
                && bytes
                    .last()
                    .is_some_and(|end| matches!(end, b' ' | b'>' | b'/' | b'\t' | b'\n' | b'\r'))
        })
        .count()
}
