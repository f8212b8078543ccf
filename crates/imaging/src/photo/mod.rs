//! The candidate's photo: what may be stored, and why a file is refused (manual 1.2.2.2).
//!
//! A file passes in this order: it is a JPEG, light enough, its header says the right size, nothing is missing, a strict
//! decoder reads all of it, and its pixels are all the file's own. The last is asked by decoding once more with other bytes
//! in front of the end marker: decoders fill what a cut took away from whatever follows, so a picture that changes was cut,
//! even if an end marker was put back. A progressive file that lacks whole scans is a
//! coarser picture and no damaged one; it passes, and the reviewer sees it. What is stored is never the file but a new JPEG of its pixels, so that EXIF (with GPS), colour
//! profiles and anything appended are gone. Signs that a reviewer should look twice are [`Hint`]s, never refusals.

mod exif;
mod header;
mod hint;
mod kind;
mod orientation;
mod refusal;

#[cfg(test)]
mod samples;
#[cfg(test)]
mod tests;

use jpeg_encoder::{ChromaSubsamplingMethod, ColorType, Encoder};
use zune_core::bytestream::ZCursor;
use zune_core::colorspace::ColorSpace;
use zune_core::options::DecoderOptions;
use zune_jpeg::JpegDecoder;
use zune_jpeg::errors::DecodeErrors;

pub use hint::Hint;
pub use kind::Kind;
pub use orientation::Orientation;
pub use refusal::Refusal;

/// What a photo must be: data, it differs by exam.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Spec {
    /// Width in pixels, exactly.
    pub width: u16,
    /// Height in pixels, exactly.
    pub height: u16,
    /// Largest file in bytes; holds for the upload and for what is stored.
    pub max_bytes: usize,
}

/// Bounds on what one check may cost, whatever the specification says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Files above this are refused unread.
    pub bytes: usize,
    /// Pictures with more pixels are never decoded; three bytes of memory each.
    pub pixels: usize,
    /// Scans of a progressive file; each costs a pass over the picture.
    pub scans: usize,
}

impl Limits {
    /// 8 MiB, four million pixels (12 MB decoded), 40 scans.
    pub const DEFAULT: Self = Self {
        bytes: 8 * 1024 * 1024,
        pixels: 4_000_000,
        scans: 40,
    };
}

/// A photo as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accepted {
    /// Our own JPEG, without metadata.
    pub jpeg: Vec<u8>,
    /// Width in pixels.
    pub width: u16,
    /// Height in pixels.
    pub height: u16,
    /// What the reviewer should look at.
    pub hints: Vec<Hint>,
}

/// Checks an uploaded file against the specification, within [`Limits::DEFAULT`].
///
/// # Errors
/// The exact reason, whose `Display` is what the candidate reads.
pub fn check(bytes: &[u8], spec: &Spec) -> Result<Accepted, Refusal> {
    check_within(bytes, spec, &Limits::DEFAULT)
}

/// The same as [`check`], within other limits.
///
/// # Errors
/// The exact reason, whose `Display` is what the candidate reads.
pub fn check_within(bytes: &[u8], spec: &Spec, limits: &Limits) -> Result<Accepted, Refusal> {
    if bytes.is_empty() {
        return Err(Refusal::Empty);
    }
    let kind = Kind::of(bytes);
    if kind != Kind::Jpeg {
        return Err(Refusal::NotJpeg(kind));
    }
    let most = spec.max_bytes.min(limits.bytes);
    if bytes.len() > most {
        return Err(Refusal::TooHeavy {
            most,
            actual: bytes.len(),
            size: header::read(bytes).ok().map(|head| head.upright()),
        });
    }
    let head = header::read(bytes)?;
    let wanted = (spec.width, spec.height);
    if head.upright() != wanted {
        return Err(Refusal::WrongSize {
            wanted,
            actual: head.upright(),
        });
    }
    if usize::from(head.width) * usize::from(head.height) > limits.pixels {
        return Err(Refusal::Unreadable);
    }
    let end = head.end.ok_or(Refusal::CutOff)?;
    let rgb = decode(bytes, &head, limits, true)?;
    if decode(&padded(bytes, end), &head, limits, false).as_ref() != Ok(&rgb) {
        return Err(Refusal::CutOff);
    }
    let rgb = head.orientation.turn(&rgb, head.width, head.height);
    let jpeg = encode(&rgb, wanted, spec.max_bytes)?;
    let hints = hint::look(&rgb, wanted);
    Ok(Accepted {
        jpeg,
        width: spec.width,
        height: spec.height,
        hints,
    })
}

/// The file with foreign bytes between its coded data and the end marker at `end`. No byte is FF, and they are far from
/// the zeros that a decoder makes up at an end marker.
fn padded(bytes: &[u8], end: usize) -> Vec<u8> {
    const FILLER: [u8; 8] = [0xb5, 0x6e, 0xd3, 0x9a, 0xf6, 0x5b, 0xad, 0x77];
    let (data, tail) = bytes.split_at_checked(end).unwrap_or((bytes, &[]));
    [data, &FILLER.repeat(8), tail].concat()
}

/// Every pixel as RGB; a strict decoder refuses what is malformed, the other makes of it what it can.
fn decode(
    bytes: &[u8],
    head: &header::Header,
    limits: &Limits,
    strict: bool,
) -> Result<Vec<u8>, Refusal> {
    let options = DecoderOptions::default()
        .set_strict_mode(strict)
        .set_max_width(usize::from(head.width))
        .set_max_height(usize::from(head.height))
        .jpeg_set_max_scans(limits.scans)
        .jpeg_set_out_colorspace(ColorSpace::RGB);
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(bytes), options);
    decoder.decode_headers().map_err(|e| refusal_of(&e))?;
    // The decoder's own reading of the header must agree with ours, or one of the two was misled.
    let same = decoder
        .info()
        .is_some_and(|info| (info.width, info.height) == (head.width, head.height));
    let expected = usize::from(head.width) * usize::from(head.height) * 3;
    if !same || decoder.output_buffer_size() != Some(expected) {
        return Err(Refusal::Unreadable);
    }
    let rgb = decoder.decode().map_err(|e| refusal_of(&e))?;
    if rgb.len() == expected {
        Ok(rgb)
    } else {
        Err(Refusal::Unreadable)
    }
}

fn refusal_of(error: &DecodeErrors) -> Refusal {
    match error {
        DecodeErrors::ExhaustedData
        | DecodeErrors::IoErrors(_)
        | DecodeErrors::FormatStatic("Premature end of buffer") => Refusal::CutOff,
        _ => Refusal::Unreadable,
    }
}

/// Qualities tried in turn until the file is light enough.
const QUALITIES: [u8; 10] = [92, 88, 84, 80, 75, 70, 62, 54, 45, 35];

fn encode(rgb: &[u8], (width, height): (u16, u16), max_bytes: usize) -> Result<Vec<u8>, Refusal> {
    for quality in QUALITIES {
        let mut jpeg = Vec::with_capacity(16 * 1024);
        let mut encoder = Encoder::new(&mut jpeg, quality);
        encoder.set_chroma_subsampling_method(ChromaSubsamplingMethod::Average);
        encoder.set_optimized_huffman_tables(true);
        encoder
            .encode(rgb, width, height, ColorType::Rgb)
            .map_err(|_| Refusal::Unreadable)?;
        if jpeg.len() <= max_bytes {
            return Ok(jpeg);
        }
    }
    Err(Refusal::TooDetailed { most: max_bytes })
}
