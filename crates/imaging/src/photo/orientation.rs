//! Phones store pictures as the sensor saw them and note how to turn them. We drop the note, so we turn the pixels.

/// How a viewer shows the stored rows and columns (EXIF 1–8).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Orientation {
    /// 1: as stored.
    Upright,
    /// 2: mirrored left to right.
    Mirrored,
    /// 3: turned by 180°.
    Half,
    /// 4: mirrored top to bottom.
    Flipped,
    /// 5: mirrored along the falling diagonal.
    Transposed,
    /// 6: to be turned clockwise.
    Clockwise,
    /// 7: mirrored along the rising diagonal.
    Transverse,
    /// 8: to be turned counter-clockwise.
    CounterClockwise,
}

impl Orientation {
    /// The EXIF value; `None` for one that doesn't exist.
    pub const fn from_exif(value: u16) -> Option<Self> {
        Some(match value {
            1 => Self::Upright,
            2 => Self::Mirrored,
            3 => Self::Half,
            4 => Self::Flipped,
            5 => Self::Transposed,
            6 => Self::Clockwise,
            7 => Self::Transverse,
            8 => Self::CounterClockwise,
            _ => return None,
        })
    }

    /// Whether width and height change places.
    pub const fn swaps(self) -> bool {
        matches!(
            self,
            Self::Transposed | Self::Clockwise | Self::Transverse | Self::CounterClockwise
        )
    }

    /// The RGB pixels of a stored `width`×`height` picture as a viewer shows them.
    pub(super) fn turn(self, rgb: &[u8], width: u16, height: u16) -> Vec<u8> {
        if self == Self::Upright {
            return rgb.to_vec();
        }
        let (w, h) = (usize::from(width), usize::from(height));
        let (shown_w, shown_h) = if self.swaps() { (h, w) } else { (w, h) };
        let mut turned = Vec::with_capacity(rgb.len());
        for y in 0..shown_h {
            for x in 0..shown_w {
                let (from_x, from_y) = match self {
                    Self::Upright => (x, y),
                    Self::Mirrored => (w - 1 - x, y),
                    Self::Half => (w - 1 - x, h - 1 - y),
                    Self::Flipped => (x, h - 1 - y),
                    Self::Transposed => (y, x),
                    Self::Clockwise => (y, h - 1 - x),
                    Self::Transverse => (w - 1 - y, h - 1 - x),
                    Self::CounterClockwise => (w - 1 - y, x),
                };
                let at = (from_y * w + from_x) * 3;
                turned.extend_from_slice(rgb.get(at..at + 3).unwrap_or(&[0; 3]));
            }
        }
        turned
    }
}
