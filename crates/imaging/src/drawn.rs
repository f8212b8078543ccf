//! Portraits for demonstrations: a few flat shapes, made to be told from a real person at a glance.

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use crate::canvas::{Canvas, Rgb};

/// Width in pixels.
pub const WIDTH: u16 = 130;
/// Height in pixels.
pub const HEIGHT: u16 = 170;

const BACKGROUNDS: [Rgb; 4] = [
    [0xff, 0xff, 0xff],
    [0xcf, 0xe0, 0xea],
    [0xe4, 0xec, 0xf0],
    [0xb9, 0xd3, 0xe6],
];
const SKINS: [Rgb; 5] = [
    [0xf2, 0xd6, 0xbd],
    [0xec, 0xc8, 0xa8],
    [0xe2, 0xb8, 0x95],
    [0xf6, 0xdf, 0xca],
    [0xd6, 0xa8, 0x84],
];
const HAIRS: [Rgb; 4] = [
    [0x26, 0x2a, 0x2e],
    [0x33, 0x2a, 0x26],
    [0x1c, 0x20, 0x28],
    [0x4a, 0x3a, 0x30],
];
const CLOTHES: [Rgb; 8] = [
    [0x33, 0x42, 0x4f],
    [0x14, 0x56, 0x6b],
    [0x5c, 0x4a, 0x6e],
    [0x2f, 0x5d, 0x46],
    [0x7a, 0x3b, 0x35],
    [0x3f, 0x4f, 0x86],
    [0x6b, 0x5a, 0x35],
    [0x4b, 0x4f, 0x55],
];
const SHIRTS: [Rgb; 3] = [[0xf7, 0xf7, 0xf5], [0xdc, 0xe8, 0xf2], [0xf3, 0xe9, 0xd8]];

/// A JPEG of 130×170 pixels and a few kilobytes; the same seed gives the same portrait.
pub fn portrait(seed: u64) -> Vec<u8> {
    let mut rng = StdRng::seed_from_u64(seed);
    let mut canvas = Canvas::new(WIDTH, HEIGHT, pick(&mut rng, &BACKGROUNDS));
    let person = Person::new(&mut rng);
    person.hair_behind(&mut canvas);
    person.body(&mut canvas);
    person.head(&mut canvas);
    person.hair_in_front(&mut canvas);
    person.face(&mut canvas);
    canvas.jpeg(88)
}

/// The same at another size and weight, with a bar across that no photo of a person has: for people who are made up.
///
/// Of what doesn't fit into `most` bytes the coarsest is returned.
pub fn stand_in(seed: u64, (width, height): (u16, u16), most: usize) -> Vec<u8> {
    const BAR: Rgb = [0xb4, 0x53, 0x09];
    let mut rng = StdRng::seed_from_u64(seed);
    let mut canvas = Canvas::new(WIDTH, HEIGHT, pick(&mut rng, &BACKGROUNDS));
    let person = Person::new(&mut rng);
    person.hair_behind(&mut canvas);
    person.body(&mut canvas);
    person.head(&mut canvas);
    person.hair_in_front(&mut canvas);
    person.face(&mut canvas);
    canvas.stroke(&[(0.0, 148.0), (130.0, 128.0)], 9.0, BAR);
    let canvas = canvas.scaled(width, height);
    let mut jpeg = Vec::new();
    for quality in [88, 75, 60, 45, 30] {
        jpeg = canvas.jpeg(quality);
        if jpeg.len() <= most {
            break;
        }
    }
    jpeg
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Cut {
    Short,
    Parted,
    Long,
    Bun,
    Fringe,
}

#[derive(Debug)]
struct Person {
    skin: Rgb,
    shade: Rgb,
    hair: Rgb,
    clothes: Rgb,
    shirt: Rgb,
    cut: Cut,
    /// Half the width and half the height of the face.
    face: (f32, f32),
    /// Where the middle of the face lies.
    centre: (f32, f32),
    shoulders: f32,
    glasses: bool,
    round_neck: bool,
    smile: f32,
}

impl Person {
    fn new(rng: &mut StdRng) -> Self {
        let skin = pick(rng, &SKINS);
        Self {
            skin,
            shade: skin.map(|c| c - c / 12),
            hair: pick(rng, &HAIRS),
            clothes: pick(rng, &CLOTHES),
            shirt: pick(rng, &SHIRTS),
            cut: pick(
                rng,
                &[Cut::Short, Cut::Parted, Cut::Long, Cut::Bun, Cut::Fringe],
            ),
            face: (rng.random_range(23.0..28.0), rng.random_range(30.0..35.0)),
            centre: (65.0, rng.random_range(74.0..79.0)),
            shoulders: rng.random_range(50.0..60.0),
            glasses: rng.random_range(0..10) < 3,
            round_neck: rng.random_range(0..3) == 0,
            smile: rng.random_range(0.5..3.5),
        }
    }

    fn hair_behind(&self, canvas: &mut Canvas) {
        let ((x, y), (w, h)) = (self.centre, self.face);
        match self.cut {
            Cut::Long => {
                canvas.ellipse((x, y - 8.0), (w + 8.0, h + 8.0), self.hair);
                let side = w + 8.0;
                let corners = [
                    (x - side, y - 8.0),
                    (x + side, y - 8.0),
                    (x + side - 2.0, y + 52.0),
                    (x - side + 2.0, y + 52.0),
                ];
                canvas.polygon(&corners, self.hair);
            }
            Cut::Bun => {
                canvas.ellipse((x, y - h - 12.0), (11.0, 10.0), self.hair);
                canvas.ellipse((x, y - 8.0), (w + 4.0, h + 2.0), self.hair);
            }
            Cut::Fringe => canvas.ellipse((x, y - 4.0), (w + 7.0, h + 5.0), self.hair),
            Cut::Short | Cut::Parted => canvas.ellipse((x, y - 9.0), (w + 4.0, h), self.hair),
        }
    }

    fn body(&self, canvas: &mut Canvas) {
        let x = self.centre.0;
        canvas.ellipse((x, 172.0), (self.shoulders, 48.0), self.clothes);
        if self.round_neck {
            canvas.ellipse((x, 128.0), (17.0, 12.0), self.shade);
        } else {
            canvas.polygon(
                &[
                    (x - 17.0, 122.0),
                    (x + 17.0, 122.0),
                    (x + 1.0, 152.0),
                    (x - 1.0, 152.0),
                ],
                self.shirt,
            );
        }
        canvas.polygon(
            &[
                (x - 11.0, 96.0),
                (x + 11.0, 96.0),
                (x + 12.0, 126.0),
                (x - 12.0, 126.0),
            ],
            self.shade,
        );
        canvas.ellipse((x, 126.0), (12.0, 7.0), self.shade);
    }

    fn head(&self, canvas: &mut Canvas) {
        let ((x, y), (w, h)) = (self.centre, self.face);
        if !matches!(self.cut, Cut::Long | Cut::Fringe) {
            canvas.ellipse((x - w, y + 2.0), (4.0, 7.0), self.shade);
            canvas.ellipse((x + w, y + 2.0), (4.0, 7.0), self.shade);
        }
        canvas.ellipse((x, y), (w, h), self.skin);
    }

    fn hair_in_front(&self, canvas: &mut Canvas) {
        let ((x, y), (w, h)) = (self.centre, self.face);
        let (cx, cy) = match self.cut {
            Cut::Short => (x, y - h * 0.84),
            Cut::Parted => (x - w * 0.30, y - h * 0.80),
            Cut::Long => (x + w * 0.24, y - h * 0.80),
            Cut::Bun => (x, y - h * 0.90),
            Cut::Fringe => (x, y - h * 0.66),
        };
        // Only what lies on the head: a cap of hair, never a cloud beside it.
        let (rx, ry) = (
            w + 3.0,
            if self.cut == Cut::Fringe {
                h * 0.40
            } else {
                h * 0.36
            },
        );
        canvas.paint(
            ((x - w - 5.0, y - h - 6.0), (x + w + 5.0, y)),
            self.hair,
            |(px, py)| {
                let cap = (((px - cx) / rx).hypot((py - cy) / ry) - 1.0) * ry;
                let head = (((px - x) / (w + 2.0)).hypot((py - y) / (h + 3.0)) - 1.0) * w;
                cap.max(head)
            },
        );
    }

    fn face(&self, canvas: &mut Canvas) {
        let ((x, y), (w, h)) = (self.centre, self.face);
        let ink = self.hair.map(|c| c / 2 + 20);
        let (eye, eye_y) = (w * 0.44, y + h * 0.02);
        for side in [-1.0, 1.0] {
            canvas.ellipse((x + side * eye, eye_y), (2.6, 2.6), ink);
            let brow = [
                (x + side * (eye - 5.0), eye_y - 8.0),
                (x + side * (eye + 5.0), eye_y - 8.5),
            ];
            canvas.stroke(&brow, 1.1, self.hair);
        }
        if self.glasses {
            for side in [-1.0, 1.0] {
                let centre = (x + side * eye, eye_y);
                canvas.paint(
                    (
                        (centre.0 - 10.0, centre.1 - 10.0),
                        (centre.0 + 10.0, centre.1 + 10.0),
                    ),
                    ink,
                    |(px, py)| ((px - centre.0).hypot(py - centre.1) - 8.0).abs() - 0.8,
                );
            }
            canvas.stroke(&[(x - eye + 8.0, eye_y), (x + eye - 8.0, eye_y)], 0.8, ink);
        }
        canvas.stroke(
            &[
                (x, eye_y + 5.0),
                (x - 2.0, y + h * 0.32),
                (x + 1.0, y + h * 0.34),
            ],
            0.9,
            self.shade.map(|c| c - c / 8),
        );
        let mouth_y = y + h * 0.56;
        let mouth: Vec<_> = (-4i8..=4)
            .map(|step| f32::from(step) / 4.0)
            .map(|t| (x + t * 8.0, mouth_y + self.smile * (1.0 - t * t)))
            .collect();
        canvas.stroke(&mouth, 1.2, [0xa8, 0x54, 0x4c]);
    }
}

fn pick<T: Copy, const N: usize>(rng: &mut StdRng, choices: &[T; N]) -> T {
    choices[rng.random_range(0..N)]
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::photo::{Hint, Spec, check};

    const SPEC: Spec = Spec {
        width: WIDTH,
        height: HEIGHT,
        max_bytes: 50 * 1024,
    };

    #[test]
    fn every_portrait_passes_the_photo_check_without_a_hint() {
        for seed in 0..200 {
            let accepted = check(&portrait(seed), &SPEC).unwrap();
            assert_eq!(accepted.hints, Vec::<Hint>::new(), "seed {seed}");
        }
    }

    #[test]
    fn a_seed_gives_one_portrait_and_seeds_give_many() {
        assert_eq!(portrait(7), portrait(7));
        let different: HashSet<_> = (0..300).map(portrait).collect();
        assert_eq!(different.len(), 300);
    }
}
