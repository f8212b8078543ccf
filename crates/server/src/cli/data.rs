//! `baokao exam import`, `baokao demo`.

use std::path::PathBuf;

use anyhow::bail;
use clap::{Args, Subcommand};

use super::TEMPLATE;
use crate::config::Config;

#[derive(Debug, Subcommand)]
pub(super) enum ExamCommand {
    /// 从 xlsx 导入岗位表或科目表：先列出读不懂的行，确认后才写入
    #[command(help_template = TEMPLATE)]
    Import(ImportArgs),
}

#[derive(Debug, Args)]
pub(super) struct ImportArgs {
    /// 岗位表或科目表（xlsx）
    #[arg(value_name = "文件")]
    file: PathBuf,
    /// 考试代码
    #[arg(long, value_name = "代码")]
    exam: String,
    /// 确认写入；不加时只预览
    #[arg(long)]
    confirm: bool,
}

#[derive(Debug, Subcommand)]
pub(super) enum DemoCommand {
    /// 载入演示数据，显示演示账号
    #[command(help_template = TEMPLATE)]
    Load(LoadArgs),
    /// 清除全部数据（只对演示数据库有效）
    #[command(help_template = TEMPLATE)]
    Wipe,
}

#[derive(Debug, Args)]
pub(super) struct LoadArgs {
    /// 考生人数
    #[arg(long, value_name = "人数", default_value_t = 2000)]
    candidates: u32,
    /// 随机种子：相同的种子得到相同的人和报名
    #[arg(long, value_name = "种子", default_value_t = 1)]
    seed: u64,
}

pub(super) async fn exam(command: ExamCommand, config: Config) -> anyhow::Result<()> {
    let ExamCommand::Import(args) = command;
    let _ = (args.file, args.exam, args.confirm, config);
    bail!("尚未提供")
}

pub(super) async fn demo(command: DemoCommand, config: Config) -> anyhow::Result<()> {
    if !config.demo {
        bail!("演示命令只在演示系统上可用：请设 demo = true（或 BAOKAO_DEMO=true）");
    }
    match command {
        DemoCommand::Load(args) => crate::demo::load(config, args.candidates, args.seed).await,
        DemoCommand::Wipe => crate::demo::wipe(config).await,
    }
}
