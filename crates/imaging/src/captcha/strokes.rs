//! The characters as strokes in a box of height 1, y down.

use crate::canvas::Point;

/// One pull of the pen.
#[derive(Debug, Clone, Copy)]
pub(super) enum Stroke {
    /// Straight from point to point.
    Lines(&'static [Point]),
    /// Part of an ellipse: centre, radii, from and to in degrees, 0 to the right, 90 down.
    Arc(Point, Point, f32, f32),
}

use Stroke::{Arc, Lines};

/// The strokes of a character and the width of its box; `None` outside the alphabet.
pub(super) fn glyph(c: char) -> Option<(&'static [Stroke], f32)> {
    const TWO: &[Stroke] = &[
        Arc((0.3, 0.28), (0.28, 0.28), 195.0, 400.0),
        Lines(&[(0.514, 0.46), (0.02, 1.0), (0.6, 1.0)]),
    ];
    const THREE: &[Stroke] = &[
        Arc((0.28, 0.25), (0.26, 0.25), 205.0, 450.0),
        Arc((0.27, 0.75), (0.3, 0.25), 270.0, 515.0),
    ];
    const FOUR: &[Stroke] = &[Lines(&[
        (0.45, 1.0),
        (0.45, 0.0),
        (0.0, 0.68),
        (0.62, 0.68),
    ])];
    const FIVE: &[Stroke] = &[
        Lines(&[(0.55, 0.0), (0.1, 0.0), (0.068, 0.454)]),
        Arc((0.28, 0.68), (0.3, 0.32), 225.0, 500.0),
    ];
    const SIX: &[Stroke] = &[
        Arc((0.3, 0.69), (0.28, 0.31), 0.0, 360.0),
        Lines(&[
            (0.02, 0.66),
            (0.06, 0.42),
            (0.18, 0.2),
            (0.34, 0.05),
            (0.46, 0.0),
        ]),
    ];
    const SEVEN: &[Stroke] = &[Lines(&[(0.0, 0.0), (0.6, 0.0), (0.22, 1.0)])];
    const EIGHT: &[Stroke] = &[
        Arc((0.3, 0.24), (0.24, 0.24), 0.0, 360.0),
        Arc((0.3, 0.74), (0.29, 0.26), 0.0, 360.0),
    ];
    const NINE: &[Stroke] = &[
        Arc((0.3, 0.31), (0.28, 0.31), 0.0, 360.0),
        Lines(&[
            (0.58, 0.34),
            (0.54, 0.58),
            (0.42, 0.8),
            (0.26, 0.95),
            (0.14, 1.0),
        ]),
    ];
    const A: &[Stroke] = &[
        Lines(&[(0.0, 1.0), (0.33, 0.0), (0.66, 1.0)]),
        Lines(&[(0.12, 0.66), (0.54, 0.66)]),
    ];
    const F: &[Stroke] = &[
        Lines(&[(0.05, 1.0), (0.05, 0.0), (0.58, 0.0)]),
        Lines(&[(0.05, 0.47), (0.5, 0.47)]),
    ];
    const H: &[Stroke] = &[
        Lines(&[(0.03, 0.0), (0.03, 1.0)]),
        Lines(&[(0.6, 0.0), (0.6, 1.0)]),
        Lines(&[(0.03, 0.5), (0.6, 0.5)]),
    ];
    const K: &[Stroke] = &[
        Lines(&[(0.05, 0.0), (0.05, 1.0)]),
        Lines(&[(0.58, 0.0), (0.05, 0.6)]),
        Lines(&[(0.24, 0.4), (0.62, 1.0)]),
    ];
    const L: &[Stroke] = &[Lines(&[(0.05, 0.0), (0.05, 1.0), (0.57, 1.0)])];
    const P: &[Stroke] = &[
        Lines(&[(0.05, 1.0), (0.05, 0.0), (0.3, 0.0)]),
        Arc((0.3, 0.27), (0.28, 0.27), 270.0, 450.0),
        Lines(&[(0.3, 0.54), (0.05, 0.54)]),
    ];
    const U: &[Stroke] = &[
        Lines(&[(0.03, 0.0), (0.03, 0.68)]),
        Arc((0.31, 0.68), (0.28, 0.32), 180.0, 0.0),
        Lines(&[(0.59, 0.68), (0.59, 0.0)]),
    ];
    const W: &[Stroke] = &[Lines(&[
        (0.0, 0.0),
        (0.2, 1.0),
        (0.41, 0.2),
        (0.62, 1.0),
        (0.82, 0.0),
    ])];
    const X: &[Stroke] = &[
        Lines(&[(0.0, 0.0), (0.62, 1.0)]),
        Lines(&[(0.62, 0.0), (0.0, 1.0)]),
    ];
    const Y: &[Stroke] = &[
        Lines(&[(0.0, 0.0), (0.31, 0.48), (0.62, 0.0)]),
        Lines(&[(0.31, 0.48), (0.31, 1.0)]),
    ];
    Some(match c {
        '2' => (TWO, 0.6),
        '3' => (THREE, 0.57),
        '4' => (FOUR, 0.62),
        '5' => (FIVE, 0.58),
        '6' => (SIX, 0.58),
        '7' => (SEVEN, 0.6),
        '8' => (EIGHT, 0.6),
        '9' => (NINE, 0.58),
        'A' => (A, 0.66),
        'F' => (F, 0.58),
        'H' => (H, 0.62),
        'K' => (K, 0.62),
        'L' => (L, 0.57),
        'P' => (P, 0.58),
        'U' => (U, 0.62),
        'W' => (W, 0.82),
        'X' => (X, 0.62),
        'Y' => (Y, 0.62),
        _ => return None,
    })
}

impl Stroke {
    /// The stroke as short straight pieces, so that it can be bent.
    pub(super) fn points(self) -> Vec<Point> {
        const PIECES: u8 = 10;
        let steps = |pieces: u8| (0..=pieces).map(move |step| f32::from(step) / f32::from(pieces));
        match self {
            Arc(centre, radius, from, to) => steps(PIECES * 2)
                .map(|t| (from + (to - from) * t).to_radians())
                .map(|angle| {
                    (
                        centre.0 + radius.0 * angle.cos(),
                        centre.1 + radius.1 * angle.sin(),
                    )
                })
                .collect(),
            Lines(points) => points
                .iter()
                .zip(points.iter().skip(1))
                .flat_map(|(a, b)| {
                    steps(PIECES).map(|t| (a.0 + (b.0 - a.0) * t, a.1 + (b.1 - a.1) * t))
                })
                .collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::captcha::ALPHABET;

    #[test]
    fn every_character_has_strokes_inside_its_box() {
        for c in ALPHABET.chars() {
            let (strokes, width) = glyph(c).unwrap();
            for (x, y) in strokes.iter().flat_map(|stroke| stroke.points()) {
                assert!((-0.05..=width + 0.05).contains(&x), "{c} x {x}");
                assert!((-0.01..=1.01).contains(&y), "{c} y {y}");
            }
        }
        assert!(glyph('O').is_none());
    }
}
