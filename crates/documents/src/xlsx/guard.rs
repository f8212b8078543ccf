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
    let mut tags = Tags::default();
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
        let read = piece.get(..got).unwrap_or_default();
        carried.extend_from_slice(read);
        if first && (carried.starts_with(&[0xff, 0xfe]) || carried.starts_with(&[0xfe, 0xff])) {
            // UTF-16 would hide from the search below; no workbook program writes it.
            return Err(XlsxError::Suspicious);
        }
        first = false;
        let window = carried.as_slice();
        if has(window, b"<!DOCTYPE") || has(window, b"<!ENTITY") || has(window, b"<!doctype") {
            return Err(XlsxError::Entities);
        }
        if sheet || texts {
            tags.feed(read, |name| match name {
                b"row" if sheet => rows += 1,
                b"c" if sheet => count.cells += 1,
                b"si" if texts => count.texts += 1,
                _ => {}
            });
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

/// Longest name that is counted.
const LONGEST: usize = 3;

/// Finds start tags by their local name, across pieces: programs may write `<x:row>`, and the parser behind this guard
/// looks at what follows the colon only. What lies in comments is counted too, which errs on the safe side.
#[derive(Default)]
struct Tags {
    /// Between `<` and the end of a name.
    inside: bool,
    name: [u8; LONGEST],
    /// Bytes of the local name so far, those that don't fit included.
    length: usize,
}

impl Tags {
    fn feed(&mut self, bytes: &[u8], mut found: impl FnMut(&[u8])) {
        for &byte in bytes {
            match byte {
                b'<' => {
                    self.inside = true;
                    self.length = 0;
                }
                _ if !self.inside => {}
                b':' => self.length = 0,
                b' ' | b'>' | b'/' | b'\t' | b'\n' | b'\r' => {
                    // An end tag begins with its slash: it has no name here.
                    if let Some(name) = self.name.get(..self.length) {
                        found(name);
                    }
                    self.inside = false;
                }
                _ => {
                    if let Some(place) = self.name.get_mut(self.length) {
                        *place = byte;
                    }
                    self.length = self.length.saturating_add(1);
                }
            }
        }
    }
}
