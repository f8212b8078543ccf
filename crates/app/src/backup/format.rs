//! The parts of a backup, inside of its seal: `kind (1 byte) · length (4 bytes) · content`.

use std::io::{self, Read, Write};

use db::Value;
use db::backup::AnyRow;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::BackupError;

/// No part is longer: 64 rows with 256 KB each, or one large file.
const LONGEST: u32 = 512 << 20;

/// A part.
pub(super) struct Frame {
    pub(super) kind: u8,
    content: Vec<u8>,
}

impl Frame {
    pub(super) const HEADER: u8 = 1;
    pub(super) const TABLE: u8 = 2;
    pub(super) const ROWS: u8 = 3;
    pub(super) const OBJECT: u8 = 4;
    pub(super) const MANIFEST: u8 = 5;

    /// The content of a part of JSON.
    pub(super) fn json<T: DeserializeOwned>(&self, kind: u8) -> Result<T, BackupError> {
        if self.kind != kind {
            return Err(BackupError::Damaged("its parts are in disorder"));
        }
        serde_json::from_slice(&self.content)
            .map_err(|_| BackupError::Damaged("a part can't be read"))
    }

    /// The rows of a part of them.
    pub(super) fn rows(&self) -> Result<Vec<AnyRow>, BackupError> {
        let mut rest = self.content.as_slice();
        let mut rows = Vec::new();
        while !rest.is_empty() {
            let columns = number(&mut rest)?;
            let mut row = Vec::new();
            for _ in 0..columns {
                row.push(value(&mut rest)?);
            }
            rows.push(AnyRow(row));
        }
        Ok(rows)
    }

    /// A file: its name and content.
    pub(super) fn object(self) -> Result<(String, Vec<u8>), BackupError> {
        let mut rest = self.content.as_slice();
        let length = number(&mut rest)?;
        let name = take(&mut rest, length)?;
        let name =
            String::from_utf8(name.to_vec()).map_err(|_| BackupError::Damaged("a file's name"))?;
        Ok((name, rest.to_vec()))
    }
}

/// Writes parts.
pub(super) struct FrameWriter<W: Write>(pub(super) W);

impl<W: Write> FrameWriter<W> {
    fn put(&mut self, kind: u8, content: &[u8]) -> Result<(), BackupError> {
        let length = u32::try_from(content.len())
            .ok()
            .filter(|length| *length <= LONGEST);
        let length =
            length.ok_or_else(|| BackupError::Io(io::Error::other("a part is too long")))?;
        self.0.write_all(&[kind])?;
        self.0.write_all(&length.to_be_bytes())?;
        self.0.write_all(content)?;
        Ok(())
    }

    pub(super) fn json<T: Serialize>(&mut self, kind: u8, value: &T) -> Result<(), BackupError> {
        let content =
            serde_json::to_vec(value).map_err(|e| BackupError::Io(io::Error::other(e)))?;
        self.put(kind, &content)
    }

    pub(super) fn rows(&mut self, rows: &[AnyRow]) -> Result<(), BackupError> {
        let mut content = Vec::new();
        for row in rows {
            push_number(&mut content, row.0.len())?;
            for value in &row.0 {
                push_value(&mut content, value)?;
            }
        }
        self.put(Frame::ROWS, &content)
    }

    pub(super) fn object(&mut self, name: &str, bytes: &[u8]) -> Result<(), BackupError> {
        let mut content = Vec::with_capacity(bytes.len() + name.len() + 4);
        push_number(&mut content, name.len())?;
        content.extend_from_slice(name.as_bytes());
        content.extend_from_slice(bytes);
        self.put(Frame::OBJECT, &content)
    }
}

/// Reads parts.
pub(super) struct FrameReader<R: Read>(pub(super) R);

impl<R: Read> FrameReader<R> {
    /// The next part; none at the end of the seal.
    pub(super) fn next(&mut self) -> Result<Option<Frame>, BackupError> {
        let mut kind = [0u8; 1];
        if self.0.read(&mut kind)? == 0 {
            return Ok(None);
        }
        let mut length = [0u8; 4];
        self.0.read_exact(&mut length)?;
        let length = u32::from_be_bytes(length);
        if length > LONGEST {
            return Err(BackupError::Damaged("a part is too long"));
        }
        // Grows as it is read: a length that lies costs no memory.
        let mut content = Vec::new();
        let read = (&mut self.0)
            .take(length.into())
            .read_to_end(&mut content)?;
        if u32::try_from(read) != Ok(length) {
            return Err(BackupError::Damaged("cut off"));
        }
        let [kind] = kind;
        Ok(Some(Frame { kind, content }))
    }
}

fn push_number(to: &mut Vec<u8>, number: usize) -> Result<(), BackupError> {
    let number = u32::try_from(number)
        .map_err(|_| BackupError::Io(io::Error::other("a value is too long")))?;
    to.extend_from_slice(&number.to_be_bytes());
    Ok(())
}

fn push_value(to: &mut Vec<u8>, value: &Value) -> Result<(), BackupError> {
    match value {
        Value::Null => to.push(0),
        Value::Int(v) => {
            to.push(1);
            to.extend_from_slice(&v.to_be_bytes());
        }
        Value::Text(v) => {
            to.push(2);
            push_number(to, v.len())?;
            to.extend_from_slice(v.as_bytes());
        }
        Value::Blob(v) => {
            to.push(3);
            push_number(to, v.len())?;
            to.extend_from_slice(v);
        }
    }
    Ok(())
}

fn take<'a>(rest: &mut &'a [u8], length: usize) -> Result<&'a [u8], BackupError> {
    let (taken, left) = rest
        .split_at_checked(length)
        .ok_or(BackupError::Damaged("a value is cut off"))?;
    *rest = left;
    Ok(taken)
}

fn number(rest: &mut &[u8]) -> Result<usize, BackupError> {
    let bytes = take(rest, 4)?
        .try_into()
        .map_err(|_| BackupError::Damaged("a number"))?;
    usize::try_from(u32::from_be_bytes(bytes)).map_err(|_| BackupError::Damaged("a number"))
}

fn value(rest: &mut &[u8]) -> Result<Value, BackupError> {
    let damaged = || BackupError::Damaged("a value can't be read");
    match take(rest, 1)? {
        [0] => Ok(Value::Null),
        [1] => {
            let bytes = take(rest, 8)?.try_into().map_err(|_| damaged())?;
            Ok(Value::Int(i64::from_be_bytes(bytes)))
        }
        [2] => {
            let length = number(rest)?;
            let bytes = take(rest, length)?.to_vec();
            String::from_utf8(bytes)
                .map(Value::Text)
                .map_err(|_| damaged())
        }
        [3] => {
            let length = number(rest)?;
            Ok(Value::Blob(take(rest, length)?.to_vec()))
        }
        _ => Err(damaged()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_and_files_read_back() {
        let rows = vec![
            AnyRow(vec![
                Value::Int(i64::MIN),
                Value::Null,
                Value::Text("王".to_owned()),
            ]),
            AnyRow(vec![
                Value::Blob(vec![]),
                Value::Text(String::new()),
                Value::Blob(vec![0, 255]),
            ]),
        ];
        let mut out = FrameWriter(Vec::new());
        out.rows(&rows).unwrap();
        out.object("a3/x", b"content").unwrap();
        out.json(Frame::TABLE, &"account").unwrap();
        let mut frames = FrameReader(out.0.as_slice());
        assert_eq!(frames.next().unwrap().unwrap().rows().unwrap(), rows);
        let file = frames.next().unwrap().unwrap().object().unwrap();
        assert_eq!(file, ("a3/x".to_owned(), b"content".to_vec()));
        let table: String = frames.next().unwrap().unwrap().json(Frame::TABLE).unwrap();
        assert_eq!(table, "account");
        assert!(frames.next().unwrap().is_none());
    }

    #[test]
    fn lengths_that_lie_are_refused() {
        for bytes in [
            &[3u8, 0, 0, 0, 9, 1][..],
            &[3, 255, 255, 255, 255],
            &[3, 0, 0],
        ] {
            assert!(FrameReader(bytes).next().is_err(), "{bytes:?}");
        }
        for content in [
            vec![0, 0, 0, 1, 2, 0, 0, 0, 9],
            vec![0, 0, 0, 1, 7],
            vec![0, 0, 0, 1],
        ] {
            let frame = Frame {
                kind: Frame::ROWS,
                content,
            };
            assert!(frame.rows().is_err());
        }
    }
}
