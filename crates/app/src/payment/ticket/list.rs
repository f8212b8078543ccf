//! Lists of 异常单.

use db::Crowd;
use domain::staff::Permission;

use super::super::offline;
use super::store::{self as tickets, DiscrepancyRow};
use crate::{Ctx, Result};

/// Lines on a page.
const PAGE: i64 = 50;

/// What a list of discrepancies is asked for.
#[derive(Debug, Clone, Default)]
pub struct Mismatches {
    /// `open`, `resolved`.
    pub state: String,
    /// A code of [`DISCREPANCIES`], or empty for all.
    pub kind: String,
    /// All but that kind.
    pub other: bool,
    /// `me` for the asker's own, `nobody` for those that nobody has, empty for all.
    pub owner: String,
    /// The oldest first.
    pub oldest: bool,
}

/// The newest discrepancies in one state (`open`, `resolved`).
pub async fn discrepancies(
    ctx: &Ctx,
    state: &str,
    before: Option<i64>,
) -> Result<Vec<DiscrepancyRow>> {
    let asked = Mismatches {
        state: state.to_owned(),
        ..Mismatches::default()
    };
    mismatches(ctx, &asked, before, PAGE).await
}

/// A page of discrepancies under a filter, from behind `from` on.
pub async fn mismatches(
    ctx: &Ctx,
    asked: &Mismatches,
    from: Option<i64>,
    limit: i64,
) -> Result<Vec<DiscrepancyRow>> {
    ctx.allow(Permission::Finance)?;
    let mut scan = ctx.app.db().scan(Crowd::Staff);
    let of = (
        asked.state.as_str(),
        asked.kind.as_str(),
        i64::from(asked.other),
        match asked.owner.as_str() {
            "me" => ctx.actor.id(),
            "nobody" => 0,
            _ => -1,
        },
    );
    Ok(if asked.oldest {
        tickets::discrepancies_oldest(&mut scan, of, from.unwrap_or(0), limit).await?
    } else {
        tickets::discrepancies(&mut scan, of, from.unwrap_or(i64::MAX), limit).await?
    })
}

/// The kinds of discrepancies, with what people read.
pub const DISCREPANCIES: [(&str, &str); 22] = [
    ("unknown_order", "渠道有款，本系统无单"),
    ("hold", "信息不符，未入账"),
    ("other_merchant", "不是本单位的收款"),
    ("applied_elsewhere", "交易号重复"),
    ("illegal", "状态矛盾"),
    ("refund_failed", "退款未成功"),
    ("refund_after_close", "关账后退款未成"),
    ("refund_twice", "退款退了两次"),
    ("paid_after_close", "关账后收款有变"),
    (offline::RETURN, "线下收款须退还考生"),
    (offline::REFUSED, "线下登记未确认，收款待处理"),
    ("list_line", "到账清单未能入账"),
    ("bill_local_only", "短款：渠道账单里没有"),
    ("bill_channel_only", "长款：账单有款未能入账"),
    ("bill_differs", "账单与本系统不符"),
    ("bill_foreign", "账单里不是本系统的款"),
    ("bill_duplicate", "账单明细重复"),
    ("bill_refund", "账单退款不符"),
    ("bill_fee", "手续费异常"),
    ("bill_missing", "对账单没有取到"),
    ("bill_many", "账单差异过多"),
    ("nontax_strange", "到账清单里不是本系统的缴款码"),
];

/// What people read for a kind of discrepancy.
pub fn discrepancy_title(kind: &str) -> &'static str {
    let mut kinds = DISCREPANCIES.iter();
    kinds
        .find(|(code, _)| *code == kind)
        .map_or("其他", |(_, title)| title)
}
