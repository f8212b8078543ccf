//! `baokao admin`: staff accounts from the command line; the way in when nobody else can let one in.

use std::path::PathBuf;

use anyhow::{Context as _, bail};
use app::Ctx;
use app::staff::{self, NewStaff};
use clap::{Args, Subcommand};
use domain::staff::Role;
use vault::Secret;

use super::TEMPLATE;
use crate::config::{Config, secret};
use crate::output::out;
use crate::wiring::Opener;

#[derive(Debug, Subcommand)]
pub(super) enum AdminCommand {
    /// 建立工作人员账号，显示一次性初始密码
    #[command(help_template = TEMPLATE)]
    Create(CreateArgs),
    /// 重设密码；加 --factor 时动态码也重新绑定
    #[command(help_template = TEMPLATE)]
    Reset(ResetArgs),
    /// 解除登录失败后的等待
    #[command(help_template = TEMPLATE)]
    Unlock(NameArgs),
}

#[derive(Debug, Args)]
pub(super) struct CreateArgs {
    /// 用户名：3 至 32 位小写字母、数字或 . _ -
    #[arg(value_name = "用户名")]
    username: String,
    /// 姓名
    #[arg(long, value_name = "姓名")]
    name: String,
    /// 角色，可重复：sys_admin security_admin exam_officer photo_reviewer first_reviewer second_reviewer finance_officer score_officer auditor
    #[arg(long = "role", value_name = "角色", required = true)]
    roles: Vec<String>,
    /// 只管这个单位（招聘单位的审核人员）；不填为全部
    #[arg(long, value_name = "单位", default_value = "")]
    unit: String,
    /// 初始密码所在的文件；不填则随机生成
    #[arg(long, value_name = "文件")]
    password_file: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(super) struct ResetArgs {
    /// 用户名
    #[arg(value_name = "用户名")]
    username: String,
    /// 动态码也重新绑定（手机丢失时）
    #[arg(long)]
    factor: bool,
    /// 新密码所在的文件；不填则随机生成
    #[arg(long, value_name = "文件")]
    password_file: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(super) struct NameArgs {
    /// 用户名
    #[arg(value_name = "用户名")]
    username: String,
}

pub(super) async fn run(command: AdminCommand, config: Config) -> anyhow::Result<()> {
    let opened = Opener::new(config).open().await?;
    let ctx = Ctx::system(&opened.app);
    let result =
        match command {
            AdminCommand::Create(args) => create(&ctx, args).await,
            AdminCommand::Reset(args) => reset(&ctx, args).await,
            AdminCommand::Unlock(args) => staff::unlock(&ctx, &args.username)
                .await
                .map_err(said)
                .map(|()| {
                    out!("已解除 {} 的登录等待", args.username);
                }),
        };
    opened.app.db().clone().close().await;
    result
}

async fn create(ctx: &Ctx, args: CreateArgs) -> anyhow::Result<()> {
    let mut grants = Vec::new();
    for code in &args.roles {
        let Some(role) = Role::parse(code) else {
            bail!("没有“{code}”这个角色。可用的角色：{}", role_list());
        };
        grants.push((role, 0, args.unit.clone()));
    }
    let (password, generated) = password(ctx, args.password_file.as_deref())?;
    let new = NewStaff {
        username: args.username.clone(),
        name: args.name,
        unit: args.unit,
        grants,
        password: Secret::new(password.clone()),
        must_change_password: true,
    };
    staff::create(ctx, new).await.map_err(said)?;
    out!("已建立账号 {}", args.username.trim().to_lowercase());
    tell_password(generated.then_some(password.as_str()));
    Ok(())
}

async fn reset(ctx: &Ctx, args: ResetArgs) -> anyhow::Result<()> {
    let (password, generated) = password(ctx, args.password_file.as_deref())?;
    staff::reset(
        ctx,
        &args.username,
        Secret::new(password.clone()),
        args.factor,
    )
    .await
    .map_err(said)?;
    out!(
        "已重设 {} 的密码{}",
        args.username,
        if args.factor {
            "，下次登录时重新绑定动态码"
        } else {
            ""
        }
    );
    tell_password(generated.then_some(password.as_str()));
    Ok(())
}

fn tell_password(password: Option<&str>) {
    if let Some(password) = password {
        out!("初始密码：{password}");
        out!("只显示这一次。本人首次登录时须改成自己的密码，并用手机验证器绑定动态码。");
    }
}

/// The password of the file, or a random one, and whether it was made here.
fn password(ctx: &Ctx, file: Option<&std::path::Path>) -> anyhow::Result<(String, bool)> {
    match file {
        Some(path) => Ok((secret(path)?.context("没有写密码文件的路径")?, false)),
        None => Ok((random_password(ctx), true)),
    }
}

/// Four groups of four letters and digits that are easily told apart: 78 bits.
fn random_password(ctx: &Ctx) -> String {
    const LETTERS: &[u8; 32] = b"23456789abcdefghjkmnpqrstuvwxyz7";
    let bytes: [u8; 16] = ctx.app.random();
    let letters: Vec<char> = bytes
        .iter()
        .map(|byte| char::from(LETTERS[usize::from(byte & 31)]))
        .collect();
    letters
        .chunks(4)
        .map(|group| group.iter().collect::<String>())
        .collect::<Vec<_>>()
        .join("-")
}

fn role_list() -> String {
    Role::ALL
        .iter()
        .map(|role| format!("{}（{}）", role.code(), role.label()))
        .collect::<Vec<_>>()
        .join("、")
}

/// A use case's no in words for the operator.
pub(super) fn said(error: app::Error) -> anyhow::Error {
    match error {
        app::Error::Fields(errors) => {
            let texts: Vec<String> = errors
                .iter()
                .map(|(_, message)| message.to_owned())
                .collect();
            anyhow::anyhow!("{}", texts.join("；"))
        }
        app::Error::Refused(refusal) => anyhow::anyhow!("{}：{}", refusal.title, refusal.text),
        app::Error::NotFound => anyhow::anyhow!("没有找到"),
        app::Error::Conflict(text) => anyhow::anyhow!("{text}"),
        other => anyhow::Error::new(other),
    }
}
