//! Many files in one ZIP: made in memory, where its maker watches how large it gets and begins another, or sent as it is made.

use std::io::{Cursor, Write};

use zip::write::{SimpleFileOptions, StreamWriter};
use zip::{CompressionMethod, DateTime, ZipWriter};

use crate::DocumentError;

/// A bundle in the making.
pub struct Bundle {
    zip: ZipWriter<Cursor<Vec<u8>>>,
    entries: usize,
    bytes: usize,
}

impl std::fmt::Debug for Bundle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Bundle({} entries, {} bytes)", self.entries, self.bytes)
    }
}

impl Default for Bundle {
    fn default() -> Self {
        Self::new()
    }
}

impl Bundle {
    /// An empty one.
    pub fn new() -> Self {
        Self {
            zip: ZipWriter::new(Cursor::new(Vec::new())),
            entries: 0,
            bytes: 0,
        }
    }

    /// Puts a file in.
    ///
    /// # Errors
    /// [`DocumentError::Table`] for a name that is already there.
    pub fn put(&mut self, name: &str, bytes: &[u8]) -> Result<(), DocumentError> {
        self.zip.start_file(name, stored()).map_err(broken)?;
        self.zip.write_all(bytes).map_err(broken)?;
        self.entries += 1;
        self.bytes += bytes.len();
        Ok(())
    }

    /// Files in it.
    pub fn entries(&self) -> usize {
        self.entries
    }

    /// Bytes of the files in it.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// The ZIP.
    ///
    /// # Errors
    /// [`DocumentError::Table`] when it can't be ended.
    pub fn finish(self) -> Result<Vec<u8>, DocumentError> {
        let cursor = self.zip.finish().map_err(broken)?;
        Ok(cursor.into_inner())
    }
}

/// A bundle that goes out while it is made: of any size, and nothing of it stands in memory.
pub struct Stream<W: Write>(ZipWriter<StreamWriter<W>>);

impl<W: Write> std::fmt::Debug for Stream<W> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Stream(…)")
    }
}

impl<W: Write> Stream<W> {
    /// A bundle over `out`.
    pub fn over(out: W) -> Self {
        Self(ZipWriter::new_stream(out))
    }

    /// Sends a file.
    ///
    /// # Errors
    /// [`DocumentError::Table`] when `out` takes nothing any more, or the name is already there.
    pub fn put(&mut self, name: &str, bytes: &[u8]) -> Result<(), DocumentError> {
        self.0.start_file(name, stored()).map_err(broken)?;
        self.0.write_all(bytes).map_err(broken)
    }

    /// Sends the end.
    ///
    /// # Errors
    /// [`DocumentError::Table`] when `out` takes nothing any more.
    pub fn finish(self) -> Result<(), DocumentError> {
        self.0.finish().map(drop).map_err(broken)
    }
}

/// Pictures, PDFs and workbooks are compressed already; a fixed date keeps the bytes the same for the same files.
fn stored() -> SimpleFileOptions {
    SimpleFileOptions::default()
        .compression_method(CompressionMethod::Stored)
        .last_modified_time(DateTime::default())
        .unix_permissions(0o600)
}

fn broken(error: impl std::fmt::Display) -> DocumentError {
    DocumentError::Table(error.to_string())
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use super::*;

    #[test]
    fn what_is_put_in_comes_out_under_its_name_and_the_same_files_give_the_same_bytes() {
        let make = || {
            let mut bundle = Bundle::new();
            bundle.put("001 林一舟.jpg", b"one").unwrap();
            bundle.put("002 苏晓.jpg", b"two!").unwrap();
            assert_eq!((bundle.entries(), bundle.bytes()), (2, 7));
            bundle.finish().unwrap()
        };
        let bytes = make();
        assert_eq!(bytes, make());
        let mut zip = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
        let mut text = String::new();
        zip.by_name("002 苏晓.jpg")
            .unwrap()
            .read_to_string(&mut text)
            .unwrap();
        assert_eq!(text, "two!");
    }

    #[test]
    fn what_is_sent_piece_by_piece_opens_as_well() {
        let mut out = Vec::new();
        let mut stream = Stream::over(&mut out);
        stream.put("卷内目录.csv", b"a,b").unwrap();
        stream.put("照片-01.zip", &[7; 4000]).unwrap();
        stream.finish().unwrap();
        let mut zip = zip::ZipArchive::new(Cursor::new(out)).unwrap();
        let mut bytes = Vec::new();
        zip.by_name("照片-01.zip")
            .unwrap()
            .read_to_end(&mut bytes)
            .unwrap();
        assert_eq!(bytes, [7; 4000]);
    }

    #[test]
    fn a_name_stands_once() {
        let mut bundle = Bundle::new();
        bundle.put("same", b"1").unwrap();
        assert!(bundle.put("same", b"2").is_err());
    }
}
