//! The picture: legible for a person, tiresome for a script. No two glyphs share a baseline, a lean or an ink.

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use super::strokes::glyph;
use crate::canvas::{Canvas, Point, Rgb, byte};

/// Width in pixels; shown at half of it on fine screens.
pub const WIDTH: u16 = 240;
/// Height in pixels.
pub const HEIGHT: u16 = 88;

/// Inks of at least 6:1 on the paper.
const INKS: [Rgb; 6] = [
    [0x14, 0x56, 0x6b],
    [0x1c, 0x22, 0x24],
    [0x5b, 0x34, 0x6b],
    [0x7a, 0x2f, 0x2a],
    [0x1a, 0x55, 0x3a],
    [0x2b, 0x3f, 0x86],
];

/// A JPEG of the text. The same text and seed give the same picture; characters outside the alphabet are left out.
pub fn picture(text: &str, seed: [u8; 32]) -> Vec<u8> {
    let mut rng = StdRng::from_seed(seed);
    let mut canvas = Canvas::new(WIDTH, HEIGHT, [0xf8, 0xf6, 0xf2]);
    paper(&mut canvas, &mut rng);
    for _ in 0..2 {
        curve(&mut canvas, &mut rng, 1.0, 0.45);
    }
    let wave = Wave::new(&mut rng);
    let glyphs: Vec<_> = text.chars().filter_map(glyph).collect();
    let mut x = rng.random_range(16.0..26.0);
    let room = f32::from(WIDTH) - 40.0;
    let natural: f32 = glyphs.iter().map(|(_, width)| width * 50.0 + 16.0).sum();
    let squeeze = (room / natural.max(1.0)).min(1.25);
    for (strokes, width) in glyphs {
        let pose = Pose::new(&mut rng, x, width);
        let ink = INKS[rng.random_range(0..INKS.len())];
        let radius = rng.random_range(2.7..3.5);
        for stroke in strokes {
            let points: Vec<_> = stroke
                .points()
                .into_iter()
                .map(|p| wave.bend(pose.place(p)))
                .collect();
            canvas.stroke(&points, radius, ink);
        }
        x += (width * 50.0 + 16.0) * squeeze;
    }
    curve(&mut canvas, &mut rng, 1.3, 0.0);
    specks(&mut canvas, &mut rng);
    canvas.jpeg(72)
}

/// How one character stands.
struct Pose {
    left: f32,
    top: f32,
    size: Point,
    middle: f32,
    lean: f32,
    turn: f32,
}

impl Pose {
    fn new(rng: &mut StdRng, left: f32, width: f32) -> Self {
        let height = rng.random_range(44.0..52.0);
        Self {
            left,
            top: (f32::from(HEIGHT) - height) / 2.0 + rng.random_range(-8.0..8.0),
            size: (height * rng.random_range(0.92..1.12), height),
            middle: width / 2.0,
            lean: rng.random_range(-0.18..0.18),
            turn: rng.random_range(-0.2f32..0.2),
        }
    }

    fn place(&self, (x, y): Point) -> Point {
        let (dx, dy) = ((x - self.middle) * self.size.0, (y - 0.5) * self.size.1);
        let dx = dx - self.lean * dy;
        let (sin, cos) = self.turn.sin_cos();
        (
            self.left + self.middle * self.size.0 + dx * cos - dy * sin,
            self.top + self.size.1 / 2.0 + dx * sin + dy * cos,
        )
    }
}

/// A gentle wave through the whole line.
struct Wave {
    height: Point,
    length: Point,
    phase: Point,
}

impl Wave {
    fn new(rng: &mut StdRng) -> Self {
        let turn = std::f32::consts::TAU;
        Self {
            height: (rng.random_range(1.0..2.4), rng.random_range(1.5..4.0)),
            length: (rng.random_range(36.0..60.0), rng.random_range(70.0..120.0)),
            phase: (rng.random_range(0.0..turn), rng.random_range(0.0..turn)),
        }
    }

    fn bend(&self, (x, y): Point) -> Point {
        let turn = std::f32::consts::TAU;
        (
            x + self.height.0 * (y / self.length.0 * turn + self.phase.0).sin(),
            y + self.height.1 * (x / self.length.1 * turn + self.phase.1).sin(),
        )
    }
}

/// Warm paper with a faint slope and grain.
fn paper(canvas: &mut Canvas, rng: &mut StdRng) {
    let (across, down) = (
        rng.random_range(-0.05..0.05f32),
        rng.random_range(-0.08..0.08f32),
    );
    let grain: Vec<f32> = (0..997).map(|_| rng.random_range(-7.0..7.0)).collect();
    canvas.shade(|x, y| {
        let at = usize::from(y) * 131 + usize::from(x) * 7 + usize::from(x ^ y);
        let slope = across * f32::from(x) + down * f32::from(y);
        let light = slope + grain.get(at % grain.len()).copied().unwrap_or_default();
        [241.0, 238.0, 231.0].map(|base: f32| byte(base + light))
    });
}

/// A curve from side to side; `fade` 0 is ink, 1 is paper.
fn curve(canvas: &mut Canvas, rng: &mut StdRng, radius: f32, fade: f32) {
    let (start, end) = (
        rng.random_range(14.0..74.0f32),
        rng.random_range(14.0..74.0f32),
    );
    let bow = rng.random_range(-30.0..30.0f32);
    let ink = INKS[rng.random_range(0..INKS.len())]
        .map(|c| byte(f32::from(c) * (1.0 - fade) + 236.0 * fade));
    let points: Vec<_> = (0u8..=24)
        .map(|step| f32::from(step) / 24.0)
        .map(|t| {
            (
                t * f32::from(WIDTH),
                start + (end - start) * t + bow * 4.0 * t * (1.0 - t),
            )
        })
        .collect();
    canvas.stroke(&points, radius, ink);
}

fn specks(canvas: &mut Canvas, rng: &mut StdRng) {
    for _ in 0..26 {
        let at = (
            rng.random_range(2.0..f32::from(WIDTH) - 2.0),
            rng.random_range(2.0..f32::from(HEIGHT) - 2.0),
        );
        let radius = rng.random_range(0.7..1.4);
        canvas.ellipse(at, (radius, radius), INKS[rng.random_range(0..INKS.len())]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::captcha::{ALPHABET, text};
    use crate::photo::{Spec, check};

    #[test]
    fn a_picture_is_a_small_sound_jpeg_of_the_stated_size() {
        let spec = Spec {
            width: WIDTH,
            height: HEIGHT,
            max_bytes: 16 * 1024,
        };
        for n in 0..60 {
            let jpeg = picture(&text([n; 32]), [n.wrapping_add(1); 32]);
            check(&jpeg, &spec).unwrap();
        }
    }

    #[test]
    fn the_seed_decides_and_the_text_shows() {
        assert_eq!(picture("A2K9", [1; 32]), picture("A2K9", [1; 32]));
        assert_ne!(picture("A2K9", [1; 32]), picture("A2K9", [2; 32]));
        assert_ne!(picture("A2K9", [1; 32]), picture("A2K8", [1; 32]));
    }

    #[test]
    fn foreign_text_is_left_out_without_a_panic() {
        assert_eq!(picture("验O\u{0}", [1; 32]), picture("", [1; 32]));
        assert!(!picture(&ALPHABET.repeat(20), [1; 32]).is_empty());
    }
}
