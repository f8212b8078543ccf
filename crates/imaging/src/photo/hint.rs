//! What a reviewer should look at twice. Thresholds depend on cameras and compression, so nothing here ever refuses.

use serde::{Deserialize, Serialize};

/// A sign that something may be wrong with an accepted photo.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Hint {
    /// Hardly any difference between its pixels.
    Blank,
    /// No sharp edges.
    Blurred,
    /// The upper corners aren't of one colour.
    Background,
    /// Very dark as a whole.
    Dark,
    /// No colour at all: black and white, or a photocopy.
    Grey,
}

impl Hint {
    /// The stored code, as serde writes it.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Blank => "blank",
            Self::Blurred => "blurred",
            Self::Background => "background",
            Self::Dark => "dark",
            Self::Grey => "grey",
        }
    }

    /// What the reviewer reads.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Blank => "疑似空白图片",
            Self::Blurred => "疑似模糊",
            Self::Background => "背景可能不是纯色",
            Self::Dark => "整体偏暗",
            Self::Grey => "黑白照片",
        }
    }
}

/// Standard deviation of brightness below which a picture counts as blank.
const BLANK: f32 = 6.0;
/// Variance of the Laplacian: about 800 sharp, 77 slightly soft, 12 clearly blurred (measured on portraits).
const BLURRED: f32 = 40.0;
/// Spread of one colour channel inside a corner, and distance between the corners.
const CORNER_SPREAD: f32 = 22.0;
const CORNER_DISTANCE: f32 = 60.0;
/// Mean brightness of a dark picture.
const DARK: f32 = 55.0;
/// Mean difference between the largest and the smallest channel of a pixel.
const GREY: f32 = 3.0;

/// Looks at RGB pixels.
pub(super) fn look(rgb: &[u8], (width, height): (u16, u16)) -> Vec<Hint> {
    let (w, h) = (usize::from(width), usize::from(height));
    let luma: Vec<f32> = rgb.chunks_exact(3).map(brightness).collect();
    let (mean, spread) = spread(luma.iter().copied());
    if spread < BLANK {
        return vec![Hint::Blank]; // says it all
    }
    let mut hints = Vec::new();
    if laplacian_variance(&luma, w, h) < BLURRED {
        hints.push(Hint::Blurred);
    }
    if !plain_background(rgb, w, h) {
        hints.push(Hint::Background);
    }
    if mean < DARK {
        hints.push(Hint::Dark);
    }
    let colour = rgb
        .chunks_exact(3)
        .map(|p| p.iter().max().zip(p.iter().min()).map_or(0, |(a, b)| a - b));
    if spread_of_bytes(colour).0 < GREY {
        hints.push(Hint::Grey);
    }
    hints
}

fn brightness(pixel: &[u8]) -> f32 {
    match *pixel {
        [r, g, b] => 0.299 * f32::from(r) + 0.587 * f32::from(g) + 0.114 * f32::from(b),
        _ => 0.0,
    }
}

/// Mean and standard deviation.
fn spread(values: impl Iterator<Item = f32>) -> (f32, f32) {
    let (mut n, mut sum, mut squares) = (0.0f64, 0.0f64, 0.0f64);
    for value in values {
        let value = f64::from(value);
        n += 1.0;
        sum += value;
        squares += value * value;
    }
    if n == 0.0 {
        return (0.0, 0.0);
    }
    let mean = sum / n;
    let variance = (squares / n - mean * mean).max(0.0);
    (narrow(mean), narrow(variance.sqrt()))
}

fn spread_of_bytes(values: impl Iterator<Item = u8>) -> (f32, f32) {
    spread(values.map(f32::from))
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "statistics of bytes fit any float"
)]
fn narrow(value: f64) -> f32 {
    value as f32
}

fn laplacian_variance(luma: &[f32], w: usize, h: usize) -> f32 {
    let at = |x: usize, y: usize| luma.get(y * w + x).copied().unwrap_or_default();
    let inner =
        (1..h.saturating_sub(1)).flat_map(|y| (1..w.saturating_sub(1)).map(move |x| (x, y)));
    let edges = inner
        .map(|(x, y)| at(x - 1, y) + at(x + 1, y) + at(x, y - 1) + at(x, y + 1) - 4.0 * at(x, y));
    let (_, deviation) = spread(edges);
    deviation * deviation
}

/// The two upper corners, a seventh of the picture each way: each of one colour, and of the same.
fn plain_background(rgb: &[u8], w: usize, h: usize) -> bool {
    let (cw, ch) = ((w / 7).max(1), (h / 7).max(1));
    let corner = |left: usize| {
        let mut means = [0.0f32; 3];
        let mut widest = 0.0f32;
        for (channel, mean) in means.iter_mut().enumerate() {
            let values = (0..ch)
                .flat_map(|y| (left..left + cw).map(move |x| (y * w + x) * 3 + channel))
                .filter_map(|at| rgb.get(at).copied());
            let (m, s) = spread_of_bytes(values);
            *mean = m;
            widest = widest.max(s);
        }
        (means, widest)
    };
    let (left, left_spread) = corner(0);
    let (right, right_spread) = corner(w - cw.min(w));
    let distance: f32 = left.iter().zip(right).map(|(a, b)| (a - b).abs()).sum();
    left_spread.max(right_spread) < CORNER_SPREAD && distance < CORNER_DISTANCE
}
