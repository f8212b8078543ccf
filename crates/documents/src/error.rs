//! Why a document could not be made.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What is wrong with a template, and where.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
    /// The line of the template, from 1, where it is known.
    pub line: Option<u32>,
    /// What is wrong.
    pub text: String,
}

impl Fault {
    /// A fault of the whole.
    pub fn new(text: impl Into<String>) -> Self {
        Self {
            line: None,
            text: text.into(),
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "第 {line} 行：{}", self.text),
            None => f.write_str(&self.text),
        }
    }
}

fn said(faults: &[Fault]) -> String {
    let said: Vec<String> = faults.iter().map(Fault::to_string).collect();
    said.join("；")
}

/// Why a document could not be made. The texts are for people; what the typesetter said is for the log.
#[derive(Debug, thiserror::Error)]
pub enum DocumentError {
    /// A font file is missing or broken.
    #[error("字体文件无法使用：{0}")]
    Font(String),
    /// A barcode or QR code can't hold the text.
    #[error("条码内容无法编码：{0}")]
    Barcode(String),
    /// The photo is no JPEG.
    #[error("照片不是有效的 JPEG 图片")]
    Photo,
    /// Texts set by the exam are too long for a form that must fit on one page.
    #[error("{0}内容过长，一页 A4 纸放不下，请精简考生须知等文字")]
    TooLong(&'static str),
    /// More papers in one file than a batch may hold.
    #[error("一个文件最多 {most} 份，本次 {given} 份")]
    BatchTooBig {
        /// Papers asked for.
        given: usize,
        /// Most papers of one file.
        most: usize,
    },
    /// A batch without anything in it.
    #[error("没有可打印的内容")]
    Empty,
    /// An operator's template can't be read or is unknown.
    #[error("打印模板无法使用：{0}")]
    Template(String),
    /// The typesetter refused the document: faults of a template.
    #[error("排版失败：{}", said(.0))]
    Typeset(Vec<Fault>),
    /// A table could not be written.
    #[error("表格文件无法生成：{0}")]
    Table(String),
}
