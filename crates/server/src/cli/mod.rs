//! The commands. Help is for operators and therefore Chinese; what goes wrong is said with what to do.

mod admin;
mod backup;
mod check;
mod data;
mod keys;
mod money;
pub(crate) mod typeset;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{ArgAction, Parser, Subcommand};

use crate::config::{Config, Sources};
use crate::output::out;

const TEMPLATE: &str = "{about}\n\n用法：{usage}\n\n{all-args}{after-help}";
const TAIL: &str = "设置来自一个 TOML 文件（--config、BAOKAO_CONFIG、./baokao.toml 或 /etc/baokao/baokao.toml），\n\
                    每一项都可用环境变量覆盖，例如 BAOKAO_LISTEN=127.0.0.1:8081、BAOKAO_SITE_PHONE=0735-1234567。\n\
                    baokao config print 显示现在生效的全部设置。";

/// 报考：人事考试网上报名系统
#[derive(Debug, Parser)]
#[command(
    name = "baokao",
    version,
    about = "报考：人事考试网上报名系统",
    help_template = TEMPLATE,
    after_help = TAIL,
    disable_help_flag = true,
    disable_help_subcommand = true,
    disable_version_flag = true,
    subcommand_help_heading = "命令",
    next_help_heading = "选项"
)]
pub struct Cli {
    /// 配置文件
    #[arg(long, global = true, value_name = "文件")]
    config: Option<PathBuf>,
    /// 显示帮助
    #[arg(short = 'h', long, global = true, action = ArgAction::Help)]
    help: Option<bool>,
    /// 显示版本
    #[arg(short = 'V', long, action = ArgAction::Version)]
    version: Option<bool>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
#[command(help_template = TEMPLATE, subcommand_help_heading = "命令")]
enum Command {
    /// 启动网站；除非另有说明，也兼做后台任务
    #[command(help_template = TEMPLATE)]
    Serve {
        /// 只提供网页，后台任务由 baokao worker 去做
        #[arg(long)]
        no_jobs: bool,
    },
    /// 只做后台任务（PostgreSQL，可以有多个）
    #[command(help_template = TEMPLATE)]
    Worker,
    /// 把数据库升级到本程序的版本；SQLite 会先自动备份
    #[command(help_template = TEMPLATE)]
    Migrate {
        /// 只看还差什么，不改动
        #[arg(long)]
        check: bool,
    },
    /// 检查或显示设置
    #[command(help_template = TEMPLATE, subcommand_help_heading = "命令", subcommand)]
    Config(ConfigCommand),
    /// 密钥环：建立、核对、轮换
    #[command(help_template = TEMPLATE, subcommand_help_heading = "命令", subcommand)]
    Keys(keys::KeysCommand),
    /// 工作人员账号：建立、重设密码、解除登录等待
    #[command(help_template = TEMPLATE, subcommand_help_heading = "命令", subcommand)]
    Admin(admin::AdminCommand),
    /// 考试
    #[command(help_template = TEMPLATE, subcommand_help_heading = "命令", subcommand)]
    Exam(data::ExamCommand),
    /// 演示数据：载入、清除
    #[command(help_template = TEMPLATE, subcommand_help_heading = "命令", subcommand)]
    Demo(data::DemoCommand),
    /// 备份正在使用的数据库（加密，不含密钥环）
    #[command(help_template = TEMPLATE)]
    Backup(backup::BackupArgs),
    /// 把备份恢复到一个空数据库
    #[command(help_template = TEMPLATE)]
    Restore(backup::RestoreArgs),
    /// 列出全部网址：方法、路径、功能、谁可以访问
    #[command(help_template = TEMPLATE)]
    Routes,
    /// 核对数据是否符合全部规则（只读，可在运行时使用）
    #[command(help_template = TEMPLATE)]
    Invariants,
    /// 操作日志
    #[command(help_template = TEMPLATE, subcommand_help_heading = "命令", subcommand)]
    Audit(check::AuditCommand),
    /// 对一个渠道一天的账：取账单，与本系统逐笔比对
    #[command(help_template = TEMPLATE)]
    Reconcile(money::ReconcileArgs),
    /// 缴费单：查询补单、显示
    #[command(help_template = TEMPLATE, subcommand_help_heading = "命令", subcommand)]
    Payments(money::PaymentsCommand),
    /// 检查运行环境：设置、密钥、数据库、磁盘、时间
    #[command(help_template = TEMPLATE)]
    Doctor,
    /// 试排准考证版式：由服务自己启动，不用手工运行
    #[command(help_template = TEMPLATE, hide = true)]
    Typeset,
}

#[derive(Debug, Subcommand)]
enum ConfigCommand {
    /// 检查设置，说明哪里不对
    #[command(help_template = TEMPLATE)]
    Check,
    /// 显示现在生效的全部设置，不含密码
    #[command(help_template = TEMPLATE)]
    Print,
}

/// Runs the command of the process's arguments.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    let result = run(cli);
    match result {
        Ok(code) => code,
        Err(error) => {
            complain(&error);
            ExitCode::FAILURE
        }
    }
}

/// What went wrong, each cause once, on standard error.
fn complain(error: &anyhow::Error) {
    use std::io::Write as _;
    let mut said: Vec<String> = Vec::new();
    for cause in error.chain() {
        let text = cause.to_string();
        if !said.iter().any(|before| before.contains(&text)) {
            said.push(text);
        }
    }
    let _ = writeln!(std::io::stderr().lock(), "{}", said.join("："));
}

fn run(cli: Cli) -> anyhow::Result<ExitCode> {
    let sources = Sources::of_process(cli.config);
    if let Command::Config(command) = &cli.command {
        return config(command, &sources);
    }
    if let Command::Routes = cli.command {
        return check::routes();
    }
    if let Command::Typeset = cli.command {
        return typeset::run();
    }
    let config = Config::load(&sources)?;
    crate::logging::start(&config.log);
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?
        .block_on(dispatch(cli.command, config))
}

async fn dispatch(command: Command, config: Config) -> anyhow::Result<ExitCode> {
    let done = ExitCode::SUCCESS;
    match command {
        Command::Serve { no_jobs } => {
            let jobs = config.jobs.in_serve && !no_jobs;
            crate::serve::serve(config, jobs).await.map(|()| done)
        }
        Command::Worker => crate::serve::worker(config).await.map(|()| done),
        Command::Migrate { check: true } => check::migration_status(&config).await,
        Command::Migrate { check: false } => check::migrate(&config).await.map(|()| done),
        Command::Keys(command) => keys::run(command, &config).await.map(|()| done),
        Command::Admin(command) => admin::run(command, config).await.map(|()| done),
        Command::Exam(command) => data::exam(command, config).await.map(|()| done),
        Command::Demo(command) => data::demo(command, config).await,
        Command::Backup(args) => backup::backup(&args, &config).await.map(|()| done),
        Command::Restore(args) => backup::restore(&args, &config).await.map(|()| done),
        Command::Invariants => check::invariants(&config).await,
        Command::Audit(check::AuditCommand::Verify) => check::audit_verify(config).await,
        Command::Reconcile(args) => money::reconcile(args, config).await,
        Command::Payments(command) => money::payments(command, config).await.map(|()| done),
        Command::Doctor => check::doctor(&config).await,
        Command::Config(_) | Command::Routes | Command::Typeset => Ok(done),
    }
}

fn config(command: &ConfigCommand, sources: &Sources) -> anyhow::Result<ExitCode> {
    let config = Config::read(sources)?;
    match command {
        ConfigCommand::Print => out!("{}", config.redacted()?.trim_end()),
        ConfigCommand::Check => {
            let problems = config.problems();
            for problem in &problems {
                out!(
                    "{} {}",
                    if problem.fatal { "错误" } else { "注意" },
                    problem.text
                );
            }
            if problems.iter().any(|problem| problem.fatal) {
                return Ok(ExitCode::FAILURE);
            }
            match sources.path() {
                Some(path) => out!("设置没有错误（{}）", path.display()),
                None => out!("设置没有错误（没有配置文件，只用默认值和环境变量）"),
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn every_command_has_help_in_chinese() {
        fn walk(command: &clap::Command) {
            let about = command
                .get_about()
                .map(ToString::to_string)
                .unwrap_or_default();
            assert!(
                !about.is_ascii(),
                "{} has no Chinese help",
                command.get_name()
            );
            for argument in command.get_arguments() {
                let help = argument
                    .get_help()
                    .map(ToString::to_string)
                    .unwrap_or_default();
                assert!(
                    !help.is_ascii(),
                    "{} {}",
                    command.get_name(),
                    argument.get_id()
                );
            }
            command.get_subcommands().for_each(walk);
        }
        let command = Cli::command();
        command.clone().debug_assert();
        walk(&command);
    }
}
