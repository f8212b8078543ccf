//! Why there is no backup, or no restored database. The operator reads these.

use std::io;
use std::path::PathBuf;

use gateways::object::ObjectError;

/// What went wrong.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// The target file is there already.
    #[error("文件 {0} 已存在，不会覆盖")]
    Exists(PathBuf),
    /// The backup was sealed to another key.
    #[error("备份不是用这把备份密钥加密的")]
    WrongKey,
    /// It was changed, cut off, or is no backup.
    #[error("备份文件已损坏或被改动（{0}）")]
    Damaged(&'static str),
    /// A later program made it.
    #[error("备份格式 {0} 是更新的程序写的，请使用新版本程序")]
    Format(u32),
    /// Its schema isn't this program's.
    #[error("备份的数据库是第 {found} 版，本程序是第 {known} 版。请用同版本的程序恢复，再升级")]
    Version {
        /// The backup's.
        found: u32,
        /// This program's.
        known: u32,
    },
    /// The target database has data.
    #[error("目标数据库不是空的（{0}）。请先准备一个新的空数据库")]
    NotEmpty(String),
    /// After the restore a table doesn't hold what the backup says.
    #[error("恢复后核对不一致：{0}。请用新的空数据库重试")]
    Different(String),
    /// The database's.
    #[error("数据库")]
    Db(#[from] db::DbError),
    /// A file's.
    #[error("读写备份文件")]
    Io(#[source] io::Error),
    /// The object store's.
    #[error("文件存储")]
    Object(#[from] ObjectError),
}

/// Reading a sealed file fails with `InvalidData` where it was changed and `UnexpectedEof` where it was cut off.
impl From<io::Error> for BackupError {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::InvalidData => Self::Damaged("seal"),
            io::ErrorKind::UnexpectedEof => Self::Damaged("cut off"),
            _ => Self::Io(error),
        }
    }
}

impl BackupError {
    /// An error of opening the seal: the header tells whose key it was.
    pub(super) fn opening(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::InvalidData && error.to_string().contains("another key") {
            return Self::WrongKey;
        }
        error.into()
    }
}
