//! What an uploaded file really is, by its first bytes, never by its name.

/// Kinds of files that candidates upload in place of a JPEG.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A JPEG, by its first three bytes.
    Jpeg,
    /// PNG: screenshots.
    Png,
    /// HEIC or HEIF: the default of Apple's and many other phones.
    Heic,
    /// AVIF.
    Avif,
    /// WEBP: pictures saved from chats and web pages.
    Webp,
    /// GIF.
    Gif,
    /// Windows bitmap.
    Bmp,
    /// TIFF: scanners.
    Tiff,
    /// PDF.
    Pdf,
    /// SVG, HTML or another text file.
    Text,
    /// Word, Excel, zip.
    Zip,
    /// Something else.
    Other,
}

impl Kind {
    /// Looks at the first bytes.
    pub fn of(bytes: &[u8]) -> Self {
        let brand = bytes.get(8..12).unwrap_or_default();
        match bytes {
            [0xff, 0xd8, 0xff, ..] => Self::Jpeg,
            [0x89, b'P', b'N', b'G', ..] => Self::Png,
            [b'G', b'I', b'F', b'8', ..] => Self::Gif,
            [b'R', b'I', b'F', b'F', ..] if brand == b"WEBP" => Self::Webp,
            [_, _, _, _, b'f', b't', b'y', b'p', ..] => match brand {
                b"avif" | b"avis" => Self::Avif,
                b"heic" | b"heix" | b"hevc" | b"heim" | b"heis" | b"mif1" | b"msf1" => Self::Heic,
                _ => Self::Other,
            },
            [b'%', b'P', b'D', b'F', ..] => Self::Pdf,
            [b'B', b'M', ..] => Self::Bmp,
            [b'I', b'I', 0x2a, 0, ..] | [b'M', b'M', 0, 0x2a, ..] => Self::Tiff,
            [b'P', b'K', 3, 4, ..] => Self::Zip,
            _ if looks_like_text(bytes) => Self::Text,
            _ => Self::Other,
        }
    }

    /// What it is and what to do, as the rest of a sentence.
    pub(super) const fn advice(self) -> &'static str {
        match self {
            Self::Png => "您上传的是 PNG 图片。请另存为 jpg 后再上传。",
            Self::Heic => {
                "您上传的是 HEIC 图片，这是手机相机的默认格式。请在手机相机设置里把格式改为“兼容性最佳”后重拍，或转成 jpg 后再上传。"
            }
            Self::Avif => "您上传的是 AVIF 图片。请另存为 jpg 后再上传。",
            Self::Webp => "您上传的是 WEBP 图片。请另存为 jpg 后再上传。",
            Self::Gif => "您上传的是 GIF 图片。请另存为 jpg 后再上传。",
            Self::Bmp => "您上传的是 BMP 图片。请另存为 jpg 后再上传。",
            Self::Tiff => "您上传的是 TIFF 图片。请另存为 jpg 后再上传。",
            Self::Pdf => "您上传的是 PDF 文件。请上传照片本身，不要上传扫描成 PDF 的文件。",
            Self::Text => "您上传的是文本或网页文件。请选择照片文件。",
            Self::Zip => "您上传的是压缩包或 Office 文件。请选择照片文件。",
            Self::Jpeg | Self::Other => {
                "您上传的文件不是 jpg 图片，只改文件名不会改变格式。请另存为 jpg 后再上传。"
            }
        }
    }
}

fn looks_like_text(bytes: &[u8]) -> bool {
    let start = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let start = start.get(..start.len().min(64)).unwrap_or_default();
    !start.is_empty()
        && start
            .iter()
            .all(|b| b.is_ascii_graphic() || b.is_ascii_whitespace())
}
