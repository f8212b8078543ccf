//! The one thing that we take from EXIF: which way is up. Everything in here reads hostile bytes.

use super::Orientation;

const ORIENTATION: u16 = 0x0112;
const SHORT: u16 = 3;

/// The orientation that an APP1 segment states, if it is EXIF and states one.
pub(super) fn orientation(app1: &[u8]) -> Option<Orientation> {
    let tiff = app1.strip_prefix(b"Exif\0\0")?;
    let big = match tiff.get(..4)? {
        b"MM\0*" => true,
        b"II*\0" => false,
        _ => return None,
    };
    let directory = usize::try_from(u32_at(tiff, 4, big)?).ok()?;
    let entries = usize::from(u16_at(tiff, directory, big)?);
    for entry in 0..entries {
        let at = directory.checked_add(2 + entry * 12)?;
        if u16_at(tiff, at, big)? == ORIENTATION && u16_at(tiff, at + 2, big)? == SHORT {
            return Orientation::from_exif(u16_at(tiff, at + 8, big)?);
        }
    }
    None
}

fn u16_at(bytes: &[u8], at: usize, big: bool) -> Option<u16> {
    let pair = bytes.get(at..at.checked_add(2)?)?.try_into().ok()?;
    Some(if big {
        u16::from_be_bytes(pair)
    } else {
        u16::from_le_bytes(pair)
    })
}

fn u32_at(bytes: &[u8], at: usize, big: bool) -> Option<u32> {
    let four = bytes.get(at..at.checked_add(4)?)?.try_into().ok()?;
    Some(if big {
        u32::from_be_bytes(four)
    } else {
        u32::from_le_bytes(four)
    })
}
