//! `baokao reconcile`, `baokao payments`: what finance does on pages, from the command line. Names are masked, numbers of people never
//! shown.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context as _, bail};
use app::payment::{self, reconcile};
use app::{App, Ctx};
use clap::{Args, Subcommand};
use domain::money::Fen;
use domain::payment::{AttemptState, RefundReason};
use domain::time::{Date, Timestamp};

use super::TEMPLATE;
use super::admin::said;
use crate::config::Config;
use crate::output::out;
use crate::wiring::Opener;

#[derive(Debug, Args)]
pub(super) struct ReconcileArgs {
    /// 渠道：wechat alipay unionpay
    #[arg(long, value_name = "渠道")]
    channel: String,
    /// 日期，如 2026-03-18
    #[arg(long, value_name = "日期")]
    date: String,
    /// 从渠道后台下载的账单；不填则向渠道取。上传的账单由一位财务人员在网页上确认后才采用
    #[arg(long, value_name = "文件")]
    file: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
pub(super) enum PaymentsCommand {
    /// 马上向渠道查询一张缴费单的全部支付，查到已支付的入账
    #[command(help_template = TEMPLATE)]
    Recover(OrderArgs),
    /// 显示一张缴费单的来龙去脉
    #[command(help_template = TEMPLATE)]
    Show(OrderArgs),
}

#[derive(Debug, Args)]
pub(super) struct OrderArgs {
    /// 缴费单号、商户单号或渠道交易号
    #[arg(value_name = "单号")]
    order: String,
}

pub(super) async fn reconcile(args: ReconcileArgs, config: Config) -> anyhow::Result<ExitCode> {
    let day = Date::parse_typed(&args.date).context("日期请写成 2026-03-18 的样子")?;
    let opened = Opener::new(config).open().await?;
    let result = reconcile_day(&opened.app, &args, day).await;
    opened.app.db().clone().close().await;
    result
}

async fn reconcile_day(app: &App, args: &ReconcileArgs, day: Date) -> anyhow::Result<ExitCode> {
    let ctx = Ctx::system(app);
    let bill = reconcile::day_of(&ctx, &args.channel, day)
        .await
        .map_err(said)?;
    if let Some(path) = &args.file {
        let bytes = std::fs::read(path).with_context(|| format!("读取 {}", path.display()))?;
        let name = path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        let row = reconcile::row(&ctx, bill).await.map_err(said)?;
        let why = "由运维人员用命令上传";
        reconcile::upload(&ctx, &row.public_id, (&name, bytes), why)
            .await
            .map_err(said)?;
        reconcile::carry_on(&ctx, bill, None).await.map_err(said)?;
        out!("账单已读入，请一位财务人员在“对账”里核对汇总数，确认后采用。");
        return Ok(ExitCode::SUCCESS);
    }
    reconcile::now(&ctx, bill).await.map_err(said)?;
    let row = reconcile::row(&ctx, bill).await.map_err(said)?;
    tell(app, &row);
    let detail = reconcile::detail(&ctx, &row.public_id)
        .await
        .map_err(said)?;
    for class in &detail.classes {
        out!(
            "  {}：{} 笔，账单 {} 元，本系统 {} 元，差额 {} 元",
            class.class.label(),
            class.count,
            yuan(class.bill),
            yuan(class.ours),
            yuan(class.delta)
        );
    }
    Ok(if row.take.is_some() && row.equation().rest() == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn yuan(sum: i64) -> String {
    Fen::new(sum).yuan()
}

fn tell(app: &App, row: &reconcile::BillRow) {
    out!(
        "{} {}：{}",
        row.day,
        app.channels().name(&row.channel),
        row.label()
    );
    if !row.problem.is_empty() {
        out!("{}", row.problem);
    }
    if row.take.is_none() {
        return;
    }
    let sums = row.equation();
    out!(
        "账单收款 {} 笔 {} 元，退款 {} 笔 {} 元，手续费 {} 元",
        row.payments,
        yuan(row.paid),
        row.refunds,
        yuan(row.refunded),
        yuan(row.fee)
    );
    out!(
        "本系统收款 {} 笔 {} 元，退款 {} 笔 {} 元",
        row.our_payments,
        yuan(row.our_paid),
        row.our_refunds,
        yuan(row.our_refunded)
    );
    out!(
        "一致 {} 笔，差异 {} 笔 {} 元，没有说明的 {} 元",
        row.matched,
        row.findings,
        yuan(row.named),
        yuan(sums.rest())
    );
}

pub(super) async fn payments(command: PaymentsCommand, config: Config) -> anyhow::Result<()> {
    let opened = Opener::new(config).open().await?;
    let ctx = Ctx::system(&opened.app);
    let result = match command {
        PaymentsCommand::Recover(args) => recover(&ctx, &args.order).await,
        PaymentsCommand::Show(args) => show(&ctx, &args.order).await,
    };
    opened.app.db().clone().close().await;
    result
}

async fn recover(ctx: &Ctx, number: &str) -> anyhow::Result<()> {
    let tried = match payment::recover(ctx, number).await {
        Err(app::Error::NotFound) => bail!("没有这张缴费单：{number}"),
        other => other.map_err(said)?,
    };
    if tried.is_empty() {
        out!("这张缴费单还没有发起过支付。");
    }
    for one in &tried {
        let came = match one.outcome {
            None => "渠道现在没有开通，没有查询",
            Some("credited" | "late_accepted" | "took_over") => "已支付，已入账",
            Some("already_applied") => "已支付，早已入账",
            Some("sent_back") => "多付的款，将原路退回",
            Some("not_paid") => "渠道没有收到款",
            Some("unknown") => "渠道没有应答，稍后再试",
            Some(_) => "与本系统不符，已转异常单",
        };
        let attempt = &one.attempt;
        out!(
            "{} {}：{came}",
            ctx.app.channels().name(&attempt.channel),
            attempt.merchant_no
        );
    }
    show(ctx, number).await
}

/// The first character of a name.
fn masked(name: &str) -> String {
    let mut chars = name.chars();
    let first: String = chars.next().into_iter().collect();
    format!("{first}{}", "*".repeat(chars.count()))
}

async fn show(ctx: &Ctx, number: &str) -> anyhow::Result<()> {
    let order = match payment::order_of(ctx, number).await {
        Err(app::Error::NotFound) => bail!("没有这张缴费单：{number}"),
        other => other.map_err(said)?,
    };
    let detail = payment::detail(ctx, &order.public_id).await.map_err(said)?;
    let second = |at: i64| Timestamp::from_micros(at).to_local_second();
    out!(
        "缴费单 {}：{}，{} 元",
        domain::payment::number::grouped(&detail.order.order_no),
        detail.state.label(),
        yuan(detail.order.amount)
    );
    out!("考试：{}", detail.exam.title());
    out!(
        "考生：{}，报名序号 {}",
        masked(&detail.application.name),
        detail.application.registration_no
    );
    out!(
        "生成 {}，截止 {}",
        second(detail.order.created_at),
        second(detail.order.expires_at)
    );
    for row in &detail.attempts {
        out!(
            "支付 {} {}：{}，{} 元，{}{}",
            ctx.app.channels().name(&row.channel),
            row.merchant_no,
            AttemptState::from_code(&row.state).map_or("未知", AttemptState::label),
            yuan(row.received.unwrap_or(row.amount)),
            second(row.paid_at.unwrap_or(row.created_at)),
            row.channel_no
                .as_ref()
                .map_or_else(String::new, |no| format!("，渠道交易号 {no}"))
        );
    }
    for row in &detail.refunds {
        out!(
            "退款 {}：{}，{} 元，{}",
            row.refund_no,
            row.label(),
            yuan(row.amount),
            RefundReason::from_code(&row.reason).map_or("其他", RefundReason::label)
        );
    }
    for row in &detail.ledger {
        out!(
            "分录 {} {}：借 {} 贷 {}",
            second(row.at),
            row.book,
            yuan(row.debit),
            yuan(row.credit)
        );
    }
    for row in &detail.discrepancies {
        out!(
            "异常 {}：{}，{}",
            payment::discrepancy_title(&row.kind),
            if row.state == "open" {
                "待核查"
            } else {
                "已核查"
            },
            row.detail
        );
    }
    Ok(())
}
