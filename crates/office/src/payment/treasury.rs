//! 退库: what waits for the treasury to pay it back, the lists for it, and that they were paid, by two people.

use app::payment::treasury::{self, LineRow, ListRow, Treasury};
use askama::Template;
use axum::extract::{Path, Query};
use domain::payment::number::grouped;
use serde::Deserialize;
use web::forms::{Field, Form};
use web::protected::Nothing;
use web::{Html, PageResult, Protected, Shell, flash, page as answer};

use super::word::{self, Word};
use super::{reason, yuan};
use crate::context::{Desk, problem};
use crate::list::{Cursor, Empty, Export, Here, Pager, Tag, Taken, given};

const PAGE: usize = 100;
const HOME: &str = "/office/payments/treasury";

fn state_tag(state: &str) -> Tag {
    match state {
        "listed" => Tag::wait("待退库"),
        "entered" => Tag::wait("待复核"),
        "paid" => Tag::wait("正在登记"),
        _ => Tag::ok("已退库"),
    }
}

#[derive(Debug, Template)]
#[template(path = "payment/treasury.html")]
struct Page {
    shell: Shell,
    all: Treasury,
    rows: Vec<LineRow>,
    pager: Pager,
    empty: Empty,
}

/// Where a page of refunds begins.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Place {
    before: Option<Cursor>,
}

async fn some(desk: &Desk, list: i64, place: &Place) -> PageResult<(Vec<LineRow>, Option<Cursor>)> {
    let from = place.before.as_ref().map_or(0, Cursor::first);
    let limit = i64::try_from(PAGE).unwrap_or(i64::MAX) + 1;
    let mut rows = treasury::lines(&desk.ctx, list, from, limit)
        .await
        .map_err(problem)?;
    let next = Pager::cut(&mut rows, PAGE, |row| Cursor::one(row.refund_id));
    Ok((rows, next))
}

/// The page.
pub(super) async fn page(desk: Desk, Query(place): Query<Place>) -> PageResult {
    let (rows, next) = some(&desk, 0, &place).await?;
    let page = Page {
        shell: Shell::new(&desk.visit, "国库退库").below("/office/payments"),
        all: treasury::overview(&desk.ctx).await.map_err(problem)?,
        pager: Pager::new(&Here::new(HOME), place.before.as_ref(), next),
        rows,
        empty: Empty::new("没有要退库的退款", "已缴库的款批准退款以后，会出现在这里。")
            .icon(web::icon::OK),
    };
    Ok(Html::new(page).into())
}

/// Makes a list of what waits.
pub(super) async fn make(desk: Desk, _: Protected<Nothing>) -> PageResult {
    let id = treasury::make(&desk.ctx).await.map_err(problem)?;
    Ok(answer::redirect_with(
        &desk.visit,
        &format!("{HOME}/{id}"),
        flash::done("清单已生成，导出后报财政部门"),
    ))
}

#[derive(Debug, Template)]
#[template(path = "payment/treasury_list.html")]
struct ListPage {
    shell: Shell,
    list: ListRow,
    export: Export,
    rows: Vec<LineRow>,
    pager: Pager,
    own: bool,
    enter: Form,
    word: Form,
    app: app::App,
    /// The row whose form has to be mended, and why.
    bad: Option<(i64, String)>,
}

impl ListPage {
    fn channel(&self, code: &str) -> String {
        self.app.channels().name(code)
    }

    fn message(&self, id: &i64) -> Option<&str> {
        let bad = self.bad.as_ref().filter(|(bad, _)| bad == id);
        bad.map(|(_, message)| message.as_str())
    }
}

fn enter_form(desk: &Desk, id: &str) -> Form {
    Form::new(&desk.visit, format!("{HOME}/{id}/paid"))
        .bare()
        .field(Field::text("voucher_no", "退库凭证号").required())
        .field(Field::date("paid_on", "退库日期").required())
}

fn word_form(desk: &Desk, id: &str) -> Form {
    word::form(
        desk,
        format!("{HOME}/{id}"),
        "不予确认的须写明原因；确认的可以不填。",
    )
}

async fn shown(
    desk: &Desk,
    id: &str,
    place: &Place,
    (enter, word): (Form, Form),
    bad: Option<(i64, String)>,
) -> PageResult<ListPage> {
    let list = treasury::list(&desk.ctx, id).await.map_err(problem)?;
    let (rows, next) = some(desk, list.id, place).await?;
    let here = Here::new(format!("{HOME}/{id}"));
    let shell = Shell::new(&desk.visit, "退库清单")
        .below("/office/payments")
        .with_errors(enter.has_errors() || word.has_errors() || bad.is_some());
    Ok(ListPage {
        export: Export::new(&shell, &here),
        shell,
        own: list.entered_by.is_some_and(|by| desk.is(by)),
        pager: Pager::new(&here, place.before.as_ref(), next),
        list,
        rows,
        enter,
        word,
        app: desk.ctx.app.clone(),
        bad,
    })
}

/// One list.
pub(super) async fn list(
    desk: Desk,
    Path(id): Path<String>,
    Query(place): Query<Place>,
) -> PageResult {
    let forms = (
        enter_form(&desk, &id).refill(&desk.visit),
        word_form(&desk, &id).refill(&desk.visit),
    );
    Ok(Html::new(shown(&desk, &id, &place, forms, None).await?).into())
}

/// One list as a file.
pub(super) async fn export(
    desk: Desk,
    Path(id): Path<String>,
    taken: Protected<Taken>,
) -> PageResult {
    let copy = treasury::export(&desk.ctx, &id, taken.format())
        .await
        .map_err(problem)?;
    given(&desk, "退库清单", taken.format(), copy)
}

/// Voucher and day.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Voucher {
    voucher_no: String,
    paid_on: String,
}

/// The first person: it was paid back.
pub(super) async fn enter(
    desk: Desk,
    Path(id): Path<String>,
    sent: Protected<Voucher>,
) -> PageResult {
    match treasury::enter(&desk.ctx, &id, &sent.voucher_no, &sent.paid_on).await {
        Ok(()) => Ok(answer::redirect_with(
            &desk.visit,
            &format!("{HOME}/{id}"),
            flash::done("已登记，等待另一位财务人员复核"),
        )),
        Err(app::Error::Fields(errors)) => {
            let enter = enter_form(&desk, &id)
                .values(sent.submission())
                .errors(&errors);
            let forms = (enter, word_form(&desk, &id));
            let page = shown(&desk, &id, &Place::default(), forms, None).await?;
            Ok(Html::invalid(page).into())
        }
        Err(other) => Err(problem(other)),
    }
}

/// Confirms, or doesn't.
pub(super) async fn decide(
    desk: Desk,
    Path(id): Path<String>,
    sent: Protected<Word>,
) -> PageResult {
    let confirm = sent.agrees("confirm", "请选择确认或者不予确认。")?;
    match treasury::decide(&desk.ctx, &id, confirm, &sent.note).await {
        Ok(()) => Ok(answer::redirect_with(
            &desk.visit,
            &format!("{HOME}/{id}"),
            flash::done(if confirm {
                "已确认，正在逐笔登记并通知考生"
            } else {
                "没有确认，清单待重新登记"
            }),
        )),
        Err(app::Error::Fields(errors)) => {
            let word = word_form(&desk, &id)
                .values(sent.submission())
                .errors(&errors);
            let forms = (enter_form(&desk, &id), word);
            let page = shown(&desk, &id, &Place::default(), forms, None).await?;
            Ok(Html::invalid(page).into())
        }
        Err(other) => Err(problem(other)),
    }
}

/// Which refund is taken off, and why.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Off {
    refund: i64,
    note: String,
}

/// Takes a refund off a list.
pub(super) async fn take_off(
    desk: Desk,
    Path(id): Path<String>,
    sent: Protected<Off>,
) -> PageResult {
    match treasury::take_off(&desk.ctx, &id, sent.refund, &sent.note).await {
        Ok(gone) => {
            let to = if gone {
                HOME.to_owned()
            } else {
                format!("{HOME}/{id}")
            };
            let done = flash::named("已移出清单，列入下一份", &sent.note);
            Ok(answer::redirect_with(&desk.visit, &to, done))
        }
        Err(app::Error::Fields(errors)) => {
            let message = errors.get("note").unwrap_or("请写明移出的原因").to_owned();
            let forms = (enter_form(&desk, &id), word_form(&desk, &id));
            let bad = Some((sent.refund, message));
            let page = shown(&desk, &id, &Place::default(), forms, bad).await?;
            Ok(Html::invalid(page).into())
        }
        Err(other) => Err(problem(other)),
    }
}
