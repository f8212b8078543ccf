//! Files for the tests, made on the spot.

use jpeg_encoder::{ColorType, Encoder};

use super::Spec;
use crate::drawn;

pub(super) const SPEC: Spec = Spec {
    width: 130,
    height: 170,
    max_bytes: 50 * 1024,
};

/// RGB pixels from a function of the place.
pub(super) fn pixels(width: u16, height: u16, colour: impl Fn(u16, u16) -> [u8; 3]) -> Vec<u8> {
    (0..height)
        .flat_map(|y| (0..width).map(move |x| (x, y)))
        .flat_map(|(x, y)| colour(x, y))
        .collect()
}

/// Coarse, lively pixels: compresses badly but isn't noise.
pub(super) fn lively(width: u16, height: u16) -> Vec<u8> {
    pixels(width, height, |x, y| {
        let n = u32::from(x) * 7_919 + u32::from(y) * 104_729;
        [
            (n >> 3).to_le_bytes()[0],
            (n >> 5).to_le_bytes()[0],
            (x ^ y).to_le_bytes()[0],
        ]
    })
}

pub(super) fn jpeg(rgb: &[u8], width: u16, height: u16, quality: u8) -> Vec<u8> {
    with(rgb, (width, height), ColorType::Rgb, |encoder| {
        encoder.set_quality(quality);
    })
}

pub(super) fn with(
    data: &[u8],
    (width, height): (u16, u16),
    kind: ColorType,
    set: impl Fn(&mut Encoder<&mut Vec<u8>>),
) -> Vec<u8> {
    let mut out = Vec::new();
    let mut encoder = Encoder::new(&mut out, 85);
    set(&mut encoder);
    encoder.encode(data, width, height, kind).unwrap();
    out
}

/// A good photo.
pub(super) fn good() -> Vec<u8> {
    drawn::portrait(11)
}

/// `jpeg` with one more segment right behind its first two bytes.
pub(super) fn insert(jpeg: &[u8], marker: u8, body: &[u8]) -> Vec<u8> {
    let length = u16::try_from(body.len() + 2).unwrap();
    let mut out = vec![0xff, 0xd8, 0xff, marker];
    out.extend_from_slice(&length.to_be_bytes());
    out.extend_from_slice(body);
    out.extend_from_slice(&jpeg[2..]);
    out
}

/// An EXIF body with an orientation and a GPS directory that holds the text `GPSCANARY`.
pub(super) fn exif(orientation: u16, big: bool) -> Vec<u8> {
    let short = |v: u16| {
        if big {
            v.to_be_bytes()
        } else {
            v.to_le_bytes()
        }
    };
    let long = |v: u32| {
        if big {
            v.to_be_bytes()
        } else {
            v.to_le_bytes()
        }
    };
    let mut body = b"Exif\0\0".to_vec();
    body.extend_from_slice(if big { b"MM\0*" } else { b"II*\0" });
    body.extend_from_slice(&long(8));
    body.extend_from_slice(&short(2));
    for (tag, kind, count, value) in [(0x0112u16, 3u16, 1u32, orientation), (0x8825, 4, 1, 0)] {
        body.extend_from_slice(&short(tag));
        body.extend_from_slice(&short(kind));
        body.extend_from_slice(&long(count));
        body.extend_from_slice(&short(value));
        body.extend_from_slice(&[0, 0]);
    }
    body.extend_from_slice(b"GPSCANARY 25.7706N 113.0147E");
    body
}

/// Overwrites the size in the frame header.
pub(super) fn resize_header(jpeg: &[u8], width: u16, height: u16) -> Vec<u8> {
    let mut out = jpeg.to_vec();
    let at = out
        .windows(2)
        .position(|w| matches!(w, [0xff, 0xc0..=0xc2]))
        .unwrap();
    out[at + 5..at + 7].copy_from_slice(&height.to_be_bytes());
    out[at + 7..at + 9].copy_from_slice(&width.to_be_bytes());
    out
}

pub(super) fn contains(haystack: &[u8], needle: &[u8]) -> bool {
    haystack
        .windows(needle.len())
        .any(|window| window == needle)
}
