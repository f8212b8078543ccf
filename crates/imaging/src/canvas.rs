//! A small drawing surface: shapes as signed distances, edges smoothed by coverage.

use jpeg_encoder::{ColorType, Encoder};

/// A colour, red, green, blue.
pub(crate) type Rgb = [u8; 3];
/// A point in pixels, x to the right, y down.
pub(crate) type Point = (f32, f32);

/// RGB pixels.
#[derive(Debug, Clone)]
pub(crate) struct Canvas {
    width: u16,
    height: u16,
    rgb: Vec<u8>,
}

impl Canvas {
    pub(crate) fn new(width: u16, height: u16, paper: Rgb) -> Self {
        let pixels = usize::from(width) * usize::from(height);
        Self {
            width,
            height,
            rgb: paper.repeat(pixels),
        }
    }

    /// Sets every pixel from its place.
    pub(crate) fn shade(&mut self, colour: impl Fn(u16, u16) -> Rgb) {
        let mut pixels = self.rgb.chunks_exact_mut(3);
        for y in 0..self.height {
            for x in 0..self.width {
                if let Some(pixel) = pixels.next() {
                    pixel.copy_from_slice(&colour(x, y));
                }
            }
        }
    }

    /// Paints the points whose `distance` is below zero, half-way at the edge. `bounds`: two corners that hold them all.
    pub(crate) fn paint(
        &mut self,
        (from, to): (Point, Point),
        colour: Rgb,
        distance: impl Fn(Point) -> f32,
    ) {
        let (left, right) = (edge(from.0 - 1.0, self.width), edge(to.0 + 2.0, self.width));
        let (top, bottom) = (
            edge(from.1 - 1.0, self.height),
            edge(to.1 + 2.0, self.height),
        );
        for y in top..bottom {
            for x in left..right {
                let cover =
                    (0.5 - distance((f32::from(x) + 0.5, f32::from(y) + 0.5))).clamp(0.0, 1.0);
                if cover > 0.0 {
                    self.blend(x, y, colour, cover);
                }
            }
        }
    }

    pub(crate) fn ellipse(&mut self, centre: Point, radius: Point, colour: Rgb) {
        let bounds = (
            (centre.0 - radius.0, centre.1 - radius.1),
            (centre.0 + radius.0, centre.1 + radius.1),
        );
        let least = radius.0.min(radius.1);
        self.paint(bounds, colour, |(x, y)| {
            let (dx, dy) = ((x - centre.0) / radius.0, (y - centre.1) / radius.1);
            (dx.hypot(dy) - 1.0) * least
        });
    }

    /// A convex polygon, its corners clockwise on the screen.
    pub(crate) fn polygon(&mut self, corners: &[Point], colour: Rgb) {
        let Some(bounds) = bounds(corners) else {
            return;
        };
        self.paint(bounds, colour, |point| {
            let next = corners.iter().cycle().skip(1);
            corners
                .iter()
                .zip(next)
                .map(|(a, b)| {
                    let (ex, ey) = (b.0 - a.0, b.1 - a.1);
                    ((point.0 - a.0) * -ey + (point.1 - a.1) * ex) / -ex.hypot(ey).max(1e-6)
                })
                .fold(f32::MIN, f32::max)
        });
    }

    /// A line of round strokes through `points`.
    pub(crate) fn stroke(&mut self, points: &[Point], radius: f32, colour: Rgb) {
        let Some((from, to)) = bounds(points) else {
            return;
        };
        let bounds = (
            (from.0 - radius, from.1 - radius),
            (to.0 + radius, to.1 + radius),
        );
        self.paint(bounds, colour, |point| {
            points
                .iter()
                .zip(points.iter().skip(1))
                .map(|(a, b)| to_segment(point, *a, *b))
                .fold(f32::MAX, f32::min)
                - radius
        });
    }

    /// The picture as a JPEG. Empty only if the picture has no pixels.
    /// The same picture at another size, each pixel from the nearest one.
    pub(crate) fn scaled(&self, width: u16, height: u16) -> Self {
        let mut to = Self::new(width, height, [0xff, 0xff, 0xff]);
        to.shade(|x, y| {
            let nearest = |at: u16, of: u16, from: u16| {
                let at = u32::from(at) * u32::from(from) / u32::from(of.max(1));
                usize::try_from(at).unwrap_or(0)
            };
            let column = nearest(x, width, self.width);
            let row = nearest(y, height, self.height);
            let at = (row * usize::from(self.width) + column) * 3;
            match self.rgb.get(at..at + 3) {
                Some([r, g, b]) => [*r, *g, *b],
                _ => [0xff, 0xff, 0xff],
            }
        });
        to
    }

    pub(crate) fn jpeg(&self, quality: u8) -> Vec<u8> {
        let mut jpeg = Vec::with_capacity(8 * 1024);
        let encoder = Encoder::new(&mut jpeg, quality);
        match encoder.encode(&self.rgb, self.width, self.height, ColorType::Rgb) {
            Ok(()) => jpeg,
            Err(_) => Vec::new(),
        }
    }

    fn blend(&mut self, x: u16, y: u16, colour: Rgb, cover: f32) {
        let at = (usize::from(y) * usize::from(self.width) + usize::from(x)) * 3;
        if let Some(pixel) = self.rgb.get_mut(at..at + 3) {
            for (old, new) in pixel.iter_mut().zip(colour) {
                *old = byte(f32::from(*old) + (f32::from(new) - f32::from(*old)) * cover);
            }
        }
    }
}

/// The nearest byte.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "clamped to the range first"
)]
pub(crate) fn byte(value: f32) -> u8 {
    value.round().clamp(0.0, 255.0) as u8
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "clamped to the range first"
)]
fn edge(value: f32, most: u16) -> u16 {
    value.clamp(0.0, f32::from(most)) as u16
}

fn bounds(points: &[Point]) -> Option<(Point, Point)> {
    let first = *points.first()?;
    Some(points.iter().fold((first, first), |(from, to), p| {
        (
            (from.0.min(p.0), from.1.min(p.1)),
            (to.0.max(p.0), to.1.max(p.1)),
        )
    }))
}

fn to_segment(point: Point, a: Point, b: Point) -> f32 {
    let (px, py) = (point.0 - a.0, point.1 - a.1);
    let (ex, ey) = (b.0 - a.0, b.1 - a.1);
    let length = ex * ex + ey * ey;
    let along = if length > 0.0 {
        ((px * ex + py * ey) / length).clamp(0.0, 1.0)
    } else {
        0.0
    };
    (px - along * ex).hypot(py - along * ey)
}
