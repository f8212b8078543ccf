//! Workbooks in and out.
//!
//! [`read`] takes what a browser uploaded, which may be made to harm: the container is measured entry by entry
//! ([`guard`]) before the parser sees it, and the parser's output is measured again. [`Writer`] writes row by row in
//! constant memory.

mod guard;
mod read;
#[cfg(test)]
mod tests;
mod write;

pub use guard::{Limits, MOST_BYTES};
pub use read::{read, read_within};
pub use write::{ColumnSpec, Writer};

/// Why a workbook can't be read. The texts are for the person who uploaded it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum XlsxError {
    /// Larger than an upload may be.
    #[error("文件超过 {0} MB，请拆分后分次导入")]
    TooBig(usize),
    /// Nothing in it.
    #[error("文件是空的，请重新选择文件")]
    Empty,
    /// The old binary format, or a workbook with a password: both are OLE containers.
    #[error("文件是旧版 .xls 或设有打开密码，请去掉密码并另存为 .xlsx 后再上传")]
    OldOrEncrypted,
    /// Not a ZIP container at all.
    #[error("文件不是 .xlsx 工作簿，请用 Excel 或 WPS 另存为 .xlsx 后再上传")]
    NotAWorkbook,
    /// Cut off or corrupt.
    #[error("文件已损坏，无法打开，请重新另存为 .xlsx 后再上传")]
    Broken,
    /// An entry is encrypted.
    #[error("文件内容被加密，请去掉密码后再上传")]
    Encrypted,
    /// Names that lead out of the container, or twice the same.
    #[error("文件内部结构异常，已拒绝读取")]
    Suspicious,
    /// Unpacks to far more than it holds (a zip bomb) or has too many parts.
    #[error("文件解压后过大，已拒绝读取。请只保留需要导入的工作表")]
    Bomb,
    /// A document type or an entity: no workbook program writes one.
    #[error("文件含有不允许的 XML 声明，已拒绝读取")]
    Entities,
    /// Too many rows.
    #[error("工作表超过 {0} 行，请拆分后分次导入")]
    TooManyRows(usize),
    /// Too many columns.
    #[error("工作表超过 {0} 列，请删除多余的列")]
    TooManyColumns(usize),
    /// Too many cells or texts.
    #[error("工作表内容过多，请拆分后分次导入")]
    TooManyCells,
    /// No visible sheet.
    #[error("文件中没有可见的工作表")]
    NoSheet,
}
