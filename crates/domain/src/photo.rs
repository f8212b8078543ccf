//! What an exam asks of the photo. The check itself is `imaging`'s.

use serde::{Deserialize, Serialize};

/// Size and weight, as the notice states them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PhotoSpec {
    /// Width in pixels, exactly.
    pub width: u16,
    /// Height in pixels, exactly.
    pub height: u16,
    /// Largest file, in KB of 1,024 bytes.
    pub max_kb: u16,
}

impl PhotoSpec {
    /// 130×170, at most 50 KB (manual 1.2.2.2).
    pub const MANUAL: Self = Self {
        width: 130,
        height: 170,
        max_kb: 50,
    };

    /// Largest file in bytes.
    pub const fn max_bytes(self) -> usize {
        self.max_kb as usize * 1024
    }

    /// `130×170 像素，JPEG 格式，不超过 50 KB`.
    pub fn to_chinese(self) -> String {
        format!(
            "{}×{} 像素，JPEG 格式，不超过 {} KB",
            self.width, self.height, self.max_kb
        )
    }
}

impl Default for PhotoSpec {
    fn default() -> Self {
        Self::MANUAL
    }
}
