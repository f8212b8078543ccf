//! The fonts of the documents, and which characters they can print.
//!
//! Noto Sans SC (Regular and Bold) is embedded; it has all of GB 2312 and GBK. HanaMinB, Debian's `fonts-hanazono`, has the
//! rare characters of names (extensions B to F); it is read from the font folder at run time when it is there, because it
//! would add 30 MiB to the binary for one name in some ten thousand.

use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use std::{fmt, fs};

use typst::foundations::Bytes;
use typst::text::{Font, FontBook, FontInfo};

use crate::{DocumentError, text};

static REGULAR: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/regular.ttf"));
static BOLD: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/bold.ttf"));

/// Where Debian's `fonts-hanazono` puts its files.
pub const SYSTEM_FOLDER: &str = "/usr/share/fonts/truetype/hanazono";
/// The fallback font in the font folder.
const FALLBACK: &str = "HanaMinB.ttf";

/// The fonts that documents are set in, most wanted first.
#[derive(Clone)]
pub struct Fonts {
    faces: Arc<Vec<Face>>,
}

struct Face {
    info: FontInfo,
    source: Source,
    font: OnceLock<Option<Font>>,
}

enum Source {
    Embedded(&'static [u8]),
    /// Opened again when a text first needs it: 30 MiB that most processes never touch.
    File(PathBuf),
}

impl Fonts {
    /// The embedded fonts alone.
    ///
    /// # Errors
    /// [`DocumentError::Font`] when the build embedded something that is no font.
    pub fn embedded() -> Result<Self, DocumentError> {
        let faces = [REGULAR, BOLD]
            .into_iter()
            .map(|data| {
                let info = FontInfo::new(data, 0)
                    .ok_or_else(|| DocumentError::Font("内置字体".to_owned()))?;
                Ok(Face {
                    info,
                    source: Source::Embedded(data),
                    font: OnceLock::new(),
                })
            })
            .collect::<Result<_, DocumentError>>()?;
        Ok(Self {
            faces: Arc::new(faces),
        })
    }

    /// The embedded fonts, and the fallback for rare characters when `folder` has it. A folder without it is no error:
    /// ask [`Fonts::has_fallback`], and say so to the operator.
    ///
    /// # Errors
    /// [`DocumentError::Font`] when the file is there and is no font.
    pub fn with_folder(folder: &Path) -> Result<Self, DocumentError> {
        let mut fonts = Self::embedded()?;
        let path = folder.join(FALLBACK);
        if path.is_file() {
            let shown = path.display().to_string();
            let data = fs::read(&path)
                .map_err(|error| DocumentError::Font(format!("{shown}：{error}")))?;
            let info = FontInfo::new(&data, 0).ok_or(DocumentError::Font(shown))?;
            let face = Face {
                info,
                source: Source::File(path),
                font: OnceLock::new(),
            };
            if let Some(faces) = Arc::get_mut(&mut fonts.faces) {
                faces.push(face);
            }
        }
        Ok(fonts)
    }

    /// [`Fonts::with_folder`] of the folder where Debian puts the fallback.
    ///
    /// # Errors
    /// As [`Fonts::with_folder`].
    pub fn system() -> Result<Self, DocumentError> {
        Self::with_folder(Path::new(SYSTEM_FOLDER))
    }

    /// Whether rare characters beyond the embedded fonts can be printed.
    pub fn has_fallback(&self) -> bool {
        self.faces
            .iter()
            .any(|face| matches!(face.source, Source::File(_)))
    }

    /// The characters of a text that no font has, each once, in order. Ask at sign-up: a name that can't be printed on
    /// the ticket has to reach the staff before the exam day.
    pub fn unsupported(&self, text: &str) -> Vec<char> {
        let mut missing = Vec::new();
        for c in text.chars() {
            let printed = text::is_invisible(c)
                || self
                    .faces
                    .iter()
                    .any(|face| face.info.coverage.contains(u32::from(c)));
            if !printed && !missing.contains(&c) {
                missing.push(c);
            }
        }
        missing
    }

    /// The names of the families, most wanted first.
    pub(crate) fn families(&self) -> Vec<String> {
        let mut families = Vec::new();
        for face in self.faces.iter() {
            if !families.contains(&face.info.family) {
                families.push(face.info.family.clone());
            }
        }
        families
    }

    pub(crate) fn book(&self) -> FontBook {
        FontBook::from_infos(self.faces.iter().map(|face| face.info.clone()))
    }

    pub(crate) fn font(&self, index: usize) -> Option<Font> {
        let face = self.faces.get(index)?;
        let load = || {
            let data = match &face.source {
                Source::Embedded(data) => Bytes::new(*data),
                Source::File(path) => Bytes::new(fs::read(path).ok()?),
            };
            Font::new(data, 0)
        };
        face.font.get_or_init(load).clone()
    }
}

impl fmt::Debug for Fonts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Fonts").field(&self.families()).finish()
    }
}

/// The characters of a text that the embedded fonts don't have, without any fallback. [`Fonts::unsupported`] knows
/// the fallback too.
pub fn unsupported(text: &str) -> Vec<char> {
    static EMBEDDED: OnceLock<Option<Fonts>> = OnceLock::new();
    EMBEDDED
        .get_or_init(|| Fonts::embedded().ok())
        .as_ref()
        .map_or_else(|| text.chars().collect(), |fonts| fonts.unsupported(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_with_rare_characters_are_printable() {
        for name in [
            "欧阳喆",
            "䶮",
            "㛃",
            "旻",
            "𬭊",
            "阿不都热依木·买买提",
            "１２Ａ—–“”（）、",
            "",
        ] {
            assert_eq!(unsupported(name), Vec::<char>::new(), "{name}");
        }
    }

    #[test]
    fn private_use_and_unassigned_characters_are_named_once() {
        assert_eq!(
            unsupported("张\u{e863}三\u{e863}\u{10fffd}"),
            ['\u{e863}', '\u{10fffd}']
        );
    }

    #[test]
    fn the_fallback_adds_characters_and_a_folder_without_it_is_fine() {
        let empty = tempfile::tempdir().unwrap();
        let plain = Fonts::with_folder(empty.path()).unwrap();
        assert!(!plain.has_fallback());
        // The last two of extension B; of its beginning, Noto Sans SC has a few itself.
        let rare = "\u{2a6d5}\u{2a6d6}";
        assert_eq!(plain.unsupported(rare).len(), 2);
        let system = Fonts::system().unwrap();
        if system.has_fallback() {
            assert_eq!(system.unsupported(rare), Vec::<char>::new());
        }
    }

    #[test]
    fn a_file_that_is_no_font_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(FALLBACK), b"<html>404</html>").unwrap();
        let error = Fonts::with_folder(folder.path()).unwrap_err();
        assert!(error.to_string().contains(FALLBACK));
    }
}
