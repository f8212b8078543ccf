//! `baokao exam import`, `baokao demo`.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context as _, bail};
use app::exam::import::{self, FileReport, ImportFile, Preview};
use app::exam::preset::Preset;
use clap::{Args, Subcommand};

use super::TEMPLATE;
use super::admin::said;
use crate::config::Config;
use crate::output::out;
use crate::wiring::Opener;

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
    /// 没有这场考试时先新建：recruitment interview civil_service professional other
    #[arg(long, value_name = "类型")]
    new: Option<String>,
    /// 新建考试的名称；不写的用文件名
    #[arg(long, value_name = "名称")]
    title: Option<String>,
    /// 确认写入；不加时只预览
    #[arg(long)]
    confirm: bool,
}

#[derive(Debug, Subcommand)]
pub(super) enum DemoCommand {
    /// 载入演示数据，显示演示账号
    #[command(help_template = TEMPLATE)]
    Load(LoadArgs),
    /// 演示数据是否已完整载入
    #[command(help_template = TEMPLATE)]
    Status,
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
    let preset = match args.new.as_deref() {
        None => None,
        Some(code) => Some(Preset::from_code(code).context("没有这种考试类型")?),
    };
    let bytes =
        std::fs::read(&args.file).with_context(|| format!("读取 {}", args.file.display()))?;
    let name =
        |part: Option<&std::ffi::OsStr>| part.unwrap_or_default().to_string_lossy().into_owned();
    let file = ImportFile {
        exam_code: args.exam.trim().to_ascii_uppercase(),
        preset,
        title: args.title.unwrap_or_else(|| name(args.file.file_stem())),
        file_name: name(args.file.file_name()),
        bytes,
        confirm: args.confirm,
    };
    let opened = Opener::new(config).open().await?;
    let result = import::import_file(&opened.app, &file).await.map_err(said);
    opened.app.db().clone().close().await;
    tell(&result?);
    Ok(())
}

/// Every row that can't be read, then what was done.
fn tell(report: &FileReport) {
    let all: Vec<_> = report.preview.problems.iter().collect();
    for (problem, lines) in Preview::grouped(&all) {
        let kind = if problem.severity == "error" {
            "错误"
        } else {
            "留意"
        };
        let place = match lines.as_slice() {
            _ if problem.line == 0 => "全表".to_owned(),
            [only] => format!("第 {only} 行"),
            lines => format!("第 {} 等 {} 行", problem.line, lines.len()),
        };
        out!("{kind}  {place}  {}：{}", problem.field, problem.message);
    }
    let batch = &report.preview.batch;
    out!(
        "{}：读到 {} 行，可以导入 {} 行，有错误 {} 行",
        report.exam,
        batch.rows_read,
        batch.rows_good,
        batch.rows_bad
    );
    if report.confirmed {
        out!("已导入 {} 行", batch.rows_good);
    } else {
        out!(
            "还没有写入。请到 /office/exams/{}/import/{} 核对，或加 --confirm 再执行",
            report.exam_public_id,
            batch.public_id
        );
    }
}

pub(super) async fn demo(command: DemoCommand, config: Config) -> anyhow::Result<ExitCode> {
    if !config.demo {
        bail!("演示命令只在演示系统上可用：请设 demo = true（或 BAOKAO_DEMO=true）");
    }
    match command {
        DemoCommand::Load(args) => crate::demo::load(config, args.candidates, args.seed).await?,
        DemoCommand::Wipe => crate::demo::wipe(config).await?,
        DemoCommand::Status if crate::demo::is_complete(config).await? => out!("演示数据已载入"),
        DemoCommand::Status => {
            out!("没有演示数据，或上次载入没有完成");
            return Ok(ExitCode::FAILURE);
        }
    }
    Ok(ExitCode::SUCCESS)
}
