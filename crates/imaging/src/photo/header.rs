//! Size and completeness of a JPEG from its markers alone, before any decoder runs.

use super::exif;
use super::{Orientation, Refusal};

/// What the markers say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Header {
    /// Columns as stored.
    pub(super) width: u16,
    /// Rows as stored.
    pub(super) height: u16,
    /// How a viewer turns it.
    pub(super) orientation: Orientation,
    /// Where the end marker stands that closes the last scan; none in a file that was cut off.
    pub(super) end: Option<usize>,
}

impl Header {
    /// (width, height) as a viewer shows the picture.
    pub(super) const fn upright(&self) -> (u16, u16) {
        if self.orientation.swaps() {
            (self.height, self.width)
        } else {
            (self.width, self.height)
        }
    }
}

/// Walks the segments up to the first scan. Costs one look per segment, whatever their lengths claim.
pub(super) fn read(bytes: &[u8]) -> Result<Header, Refusal> {
    let mut size = None;
    let mut orientation = Orientation::Upright;
    let mut at = 2; // after FF D8
    loop {
        let (marker, after) = next_marker(bytes, at)?;
        match marker {
            0xd8 | 0x01 | 0xd0..=0xd7 => at = after,
            0xd9 => return Err(Refusal::Unreadable), // the end, and no picture before it
            _ => {
                let body = segment(bytes, after)?;
                match marker {
                    0xda => {
                        let (width, height) = size.ok_or(Refusal::Unreadable)?;
                        return Ok(Header {
                            width,
                            height,
                            orientation,
                            end: end(bytes, after + 2 + body.len()),
                        });
                    }
                    // Start of frame, all kinds; C4, C8 and CC are tables. A second frame is no photo.
                    0xc0..=0xcf if !matches!(marker, 0xc4 | 0xc8 | 0xcc) => {
                        if size.is_some() {
                            return Err(Refusal::Unreadable);
                        }
                        size = Some(frame_size(body)?);
                    }
                    0xe1 => {
                        if let Some(found) = exif::orientation(body) {
                            orientation = found;
                        }
                    }
                    _ => {}
                }
                at = after + 2 + body.len();
            }
        }
    }
}

/// The marker at `at` (fill bytes allowed) and where it ends.
fn next_marker(bytes: &[u8], mut at: usize) -> Result<(u8, usize), Refusal> {
    if *bytes.get(at).ok_or(Refusal::CutOff)? != 0xff {
        return Err(Refusal::Unreadable);
    }
    loop {
        match *bytes.get(at).ok_or(Refusal::CutOff)? {
            0xff => at += 1,
            0 => return Err(Refusal::Unreadable),
            marker => return Ok((marker, at + 1)),
        }
    }
}

/// The body of the segment whose length stands at `at`.
fn segment(bytes: &[u8], at: usize) -> Result<&[u8], Refusal> {
    let &[high, low] = bytes.get(at..at + 2).ok_or(Refusal::CutOff)? else {
        return Err(Refusal::CutOff);
    };
    let length = usize::from(u16::from_be_bytes([high, low]));
    let length = length.checked_sub(2).ok_or(Refusal::Unreadable)?;
    bytes.get(at + 2..at + 2 + length).ok_or(Refusal::CutOff)
}

/// (width, height) from a start-of-frame segment: precision, height, width, components.
fn frame_size(body: &[u8]) -> Result<(u16, u16), Refusal> {
    match *body {
        [_, h1, h0, w1, w0, _, ..] => {
            let size = (u16::from_be_bytes([w1, w0]), u16::from_be_bytes([h1, h0]));
            if size.0 == 0 || size.1 == 0 {
                Err(Refusal::Unreadable)
            } else {
                Ok(size)
            }
        }
        _ => Err(Refusal::Unreadable),
    }
}

/// Walks from coded data to the end marker, over further scans and the segments between them. In coded data a literal
/// FF is written FF 00, so FF D9 there can only be the end; inside a segment it means nothing.
fn end(bytes: &[u8], mut at: usize) -> Option<usize> {
    loop {
        let rest = bytes.get(at..)?;
        let ff = rest.windows(2).position(|pair| {
            matches!(pair, [0xff, marker] if !matches!(marker, 0x00 | 0x01 | 0xd0..=0xd7 | 0xff))
        })?;
        at += ff;
        if bytes.get(at + 1) == Some(&0xd9) {
            return Some(at);
        }
        at += 4 + segment(bytes, at + 2).ok()?.len();
    }
}
