//! Why a file isn't taken, in words that say what to do.

use super::Kind;

/// The reason, with the numbers that help. `Display` is what the candidate reads.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Nothing was chosen.
    #[error("没有选择照片，请先点“浏览”选择文件。")]
    Empty,
    /// Another kind of file.
    #[error("照片要用 jpg 格式，{}", .0.advice())]
    NotJpeg(Kind),
    /// Another size in pixels. Both as (width, height), as a viewer shows the picture.
    #[error(
        "照片要宽 {}、高 {} 像素，您上传的是宽 {}、高 {} 像素。请用本页的裁剪功能调整。",
        .wanted.0, .wanted.1, .actual.0, .actual.1
    )]
    WrongSize {
        /// What the specification asks for.
        wanted: (u16, u16),
        /// What the file's header says.
        actual: (u16, u16),
    },
    /// Too many bytes.
    #[error(
        "照片不能超过 {}，您上传的是 {}{}。请用本页的裁剪功能压缩。",
        kilobytes(*.most), kilobytes_up(*.actual), pixels(.size.as_ref())
    )]
    TooHeavy {
        /// Most bytes allowed.
        most: usize,
        /// Bytes received. If reading stopped at a limit, that limit plus one.
        actual: usize,
        /// Size in pixels, when the header could be read.
        size: Option<(u16, u16)>,
    },
    /// The file ends before the picture does.
    #[error("照片文件不完整，可能没有传完或保存时中断。请重新选择文件上传。")]
    CutOff,
    /// It claims to be a JPEG, but can't be read as one.
    #[error("照片打不开，文件可能已损坏或用了少见的编码。请用手机或画图软件另存为 jpg 后再上传。")]
    Unreadable,
    /// Even the strongest compression stays above the limit.
    #[error("照片内容过于复杂，无法压缩到 {} 以内。请换一张背景干净的证件照。", kilobytes(*.most))]
    TooDetailed {
        /// Most bytes allowed.
        most: usize,
    },
}

impl Refusal {
    /// A short stable code, for counting and for the page's script.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::NotJpeg(_) => "not_jpeg",
            Self::WrongSize { .. } => "wrong_size",
            Self::TooHeavy { .. } => "too_heavy",
            Self::CutOff => "cut_off",
            Self::Unreadable => "unreadable",
            Self::TooDetailed { .. } => "too_detailed",
        }
    }
}

/// A limit: `50 KB`.
fn kilobytes(bytes: usize) -> String {
    format!("{} KB", bytes / 1024)
}

/// An actual size, rounded up, so that one byte too many doesn't read as exactly the limit.
fn kilobytes_up(bytes: usize) -> String {
    let tenths = (bytes * 10).div_ceil(1024);
    match (tenths / 10, tenths % 10) {
        (whole, _) if whole >= 10_240 => format!("{} MB", whole / 1024),
        (whole, 0) => format!("{whole} KB"),
        (whole, tenth) => format!("{whole}.{tenth} KB"),
    }
}

fn pixels(size: Option<&(u16, u16)>) -> String {
    size.map_or_else(String::new, |(w, h)| format!("（{w}×{h} 像素）"))
}
