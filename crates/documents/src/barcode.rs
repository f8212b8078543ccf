//! Code 128 and QR codes as SVG: one path of black modules, so that no gap shows between neighbours in print.

use std::fmt::Write as _;

use barcoders::sym::code128::Code128;
use fast_qr::{ECL, QRBuilder};

use crate::DocumentError;

/// Quiet zone of a Code 128, in modules (ISO/IEC 15417: ten).
const BAR_QUIET: usize = 10;
/// Height of a Code 128 in modules; the template stretches it.
const BAR_HEIGHT: usize = 40;
/// Quiet zone of a QR code, in modules (ISO/IEC 18004: four).
const QR_QUIET: usize = 4;

/// A Code 128 of printable ASCII.
///
/// Runs of digits are packed two to a symbol (code set C), which makes a ticket number half as wide; the odd digit of a
/// run and everything else is written in code set B.
///
/// # Errors
/// [`DocumentError::Barcode`] for an empty text, more than 48 characters or anything outside printable ASCII.
pub fn code128(text: &str) -> Result<String, DocumentError> {
    let refused = || DocumentError::Barcode(text.chars().take(60).collect());
    if text.is_empty() || text.len() > 48 || !text.bytes().all(|b| (0x20..0x7f).contains(&b)) {
        return Err(refused());
    }
    let modules = Code128::new(with_code_sets(text))
        .map_err(|_| refused())?
        .encode();
    let width = modules.len() + 2 * BAR_QUIET;
    let mut path = String::new();
    runs(
        modules.iter().map(|module| *module == 1),
        |start, length| {
            // Writing to a String can't fail.
            let _ = write!(
                path,
                "M{} 0h{length}v{BAR_HEIGHT}h-{length}z",
                start + BAR_QUIET
            );
        },
    );
    Ok(svg(width, BAR_HEIGHT, &path))
}

/// A QR code (error correction Q: a quarter may be smudged or folded).
///
/// # Errors
/// [`DocumentError::Barcode`] for an empty text or one of more than 600 bytes, which no phone reads from paper.
pub fn qr(text: &str) -> Result<String, DocumentError> {
    let refused = || DocumentError::Barcode(text.chars().take(60).collect());
    if text.is_empty() || text.len() > 600 {
        return Err(refused());
    }
    let code = QRBuilder::new(text)
        .ecl(ECL::Q)
        .build()
        .map_err(|_| refused())?;
    let mut path = String::new();
    for row in 0..code.size {
        let dark = code
            .data
            .iter()
            .skip(row * code.size)
            .take(code.size)
            .map(|m| m.value());
        runs(dark, |start, length| {
            let _ = write!(
                path,
                "M{} {}h{length}v1h-{length}z",
                start + QR_QUIET,
                row + QR_QUIET
            );
        });
    }
    let side = code.size + 2 * QR_QUIET;
    Ok(svg(side, side, &path))
}

/// Calls `each(start, length)` for every run of dark modules.
fn runs(modules: impl Iterator<Item = bool>, mut each: impl FnMut(usize, usize)) {
    let mut run: Option<(usize, usize)> = None;
    for (at, dark) in modules.enumerate() {
        run = match (run, dark) {
            (None, true) => Some((at, 1)),
            (Some((start, length)), true) => Some((start, length + 1)),
            (Some((start, length)), false) => {
                each(start, length);
                None
            }
            (None, false) => None,
        };
    }
    if let Some((start, length)) = run {
        each(start, length);
    }
}

fn svg(width: usize, height: usize, path: &str) -> String {
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
         viewBox=\"0 0 {width} {height}\"><path d=\"{path}\"/></svg>"
    )
}

/// The text with the marks by which barcoders switches code sets: `Ɓ` for B, `Ć` for C.
///
/// Set C takes digits in pairs and fails on an odd number of them, so the first digit of an odd run goes into set B.
fn with_code_sets(text: &str) -> String {
    const B: char = '\u{181}';
    const C: char = '\u{106}';
    /// A switch costs a symbol: shorter runs are no gain.
    const WORTH: usize = 4;
    let chars: Vec<char> = text.chars().collect();
    let mut marked = String::new();
    let mut set = None;
    let mut at = 0;
    while let Some(c) = chars.get(at).copied() {
        let digits = chars
            .iter()
            .skip(at)
            .take_while(|c| c.is_ascii_digit())
            .count();
        let whole = digits == chars.len() && digits >= 2;
        if (digits >= WORTH || whole) && digits % 2 == 0 {
            if set != Some(C) {
                marked.push(C);
                set = Some(C);
            }
            marked.extend(chars.iter().skip(at).take(digits));
            at += digits;
        } else {
            if set != Some(B) {
                marked.push(B);
                set = Some(B);
            }
            marked.push(c);
            at += 1;
        }
    }
    marked
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_packed_in_pairs_and_an_odd_one_stands_alone() {
        for (text, marked) in [
            ("260307011207", "Ć260307011207"),
            ("26030701218", "Ɓ2Ć6030701218"),
            ("12", "Ć12"),
            ("1", "Ɓ1"),
            ("BK202600018", "ƁBK2Ć02600018"),
            ("A12B", "ƁA12B"),
            ("1234A", "Ć1234ƁA"),
        ] {
            assert_eq!(with_code_sets(text), marked);
        }
    }

    #[test]
    fn what_cannot_be_encoded_is_refused() {
        for text in ["", "准考证", "a\nb", &"9".repeat(49)] {
            assert!(
                matches!(code128(text), Err(DocumentError::Barcode(_))),
                "{text:?}"
            );
        }
        assert!(qr("").is_err());
        assert!(qr(&"x".repeat(601)).is_err());
        assert!(qr("https://example.cn/v/8Q2K?名=喆").is_ok());
    }
}
