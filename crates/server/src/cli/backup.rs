//! `baokao backup` and `baokao restore`.

use std::path::PathBuf;

use anyhow::bail;
use clap::Args;

use crate::config::Config;

#[derive(Debug, Args)]
pub(super) struct BackupArgs {
    /// 备份写到这个文件（不能已经存在）
    #[arg(value_name = "文件")]
    to: PathBuf,
}

#[derive(Debug, Args)]
pub(super) struct RestoreArgs {
    /// 备份文件
    #[arg(value_name = "文件")]
    from: PathBuf,
}

pub(super) async fn backup(args: BackupArgs, config: Config) -> anyhow::Result<()> {
    let _ = (args.to, config);
    bail!("尚未提供")
}

pub(super) async fn restore(args: RestoreArgs, config: Config) -> anyhow::Result<()> {
    let _ = (args.from, config);
    bail!("尚未提供")
}
