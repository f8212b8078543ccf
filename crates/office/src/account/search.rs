//! 查找考生, and one candidate with everything masked until somebody says why.
//!
//! What is looked for is posted, so that no number gets into an address, a history or a log.

use app::account::office::{self, Candidate, Found, Masked, Search, Words};
use askama::Template;
use axum::extract::Path;
use domain::application::Payment;
use domain::money::Fen;
use serde::Deserialize;
use web::forms::{Field, Form};
use web::{Html, PageResult, Problem, Protected, Shell, Visit};

use crate::context::{Desk, problem};
use crate::list::{Empty, Export, Here, Tag, Taken, given};

#[derive(Debug, Template)]
#[template(path = "account/search.html")]
struct SearchPage {
    shell: Shell,
    form: Form,
    found: Option<Vec<Found>>,
    empty: Empty,
}

fn form(visit: &Visit) -> Form {
    Form::new(visit, "/office/search")
        .field(
            Field::text("number", "证件号码或手机号码")
                .hint("须填写完整的号码。")
                .attribute("autocomplete", "off"),
        )
        .field(Field::text("name", "姓名").attribute("autocomplete", "off"))
        .field(
            Field::text("last_four", "证件号码后四位")
                .hint("只有同时填写完整姓名才能用后四位查找。")
                .narrow()
                .attribute("maxlength", "4")
                .attribute("autocomplete", "off"),
        )
}

fn search_page(visit: &Visit, form: Form, found: Option<Vec<Found>>) -> SearchPage {
    SearchPage {
        shell: Shell::new(visit, "查找考生").with_errors(form.has_errors()),
        form,
        found,
        empty: Empty::new(
            "没有找到",
            "请核对号码或姓名。考生可能还没有注册，或者账号已经失效。",
        )
        .icon(web::icon::SEARCH),
    }
}

/// The form.
pub(super) async fn blank(desk: Desk) -> PageResult {
    Ok(Html::new(search_page(&desk.visit, form(&desk.visit), None)).into())
}

/// What the form sends.
#[derive(Debug, Deserialize)]
pub(super) struct Sent {
    number: String,
    name: String,
    last_four: String,
}

/// Looks a person up.
pub(super) async fn find(desk: Desk, sent: Protected<Sent>) -> PageResult {
    let search = Search {
        number: sent.number.clone(),
        name: sent.name.clone(),
        last_four: sent.last_four.clone(),
    };
    match office::search(&desk.ctx, &search).await {
        Ok(found) => {
            // The numbers typed are not written into the page again.
            let form = form(&desk.visit).value("name", sent.name.clone());
            Ok(Html::new(search_page(&desk.visit, form, Some(found))).into())
        }
        Err(app::Error::Fields(errors)) => {
            let form = form(&desk.visit).values(sent.submission()).errors(&errors);
            Ok(Html::invalid(search_page(&desk.visit, form, None)).into())
        }
        Err(other) => Err(problem(other)),
    }
}

/// Reasons that the desk has most often.
pub(super) const REASONS: [&str; 4] = ["核对本人身份", "电话联系考生", "办理更正", "处理申诉"];

#[derive(Debug, Template)]
#[template(path = "account/page.html")]
struct Page {
    shell: Shell,
    candidate: Candidate,
    export: Export,
    /// What was unmasked just now: never kept, gone with the page.
    clear: Option<(Masked, String)>,
    message: Option<String>,
    reasons: [&'static str; 4],
}

async fn shown(desk: &Desk, id: &str) -> PageResult<Page> {
    let candidate = office::candidate(&desk.ctx, id).await.map_err(problem)?;
    let shell = Shell::new(&desk.visit, candidate.account.name.clone()).below("/office/search");
    let here = Here::new(format!(
        "/office/candidates/{}",
        candidate.account.public_id
    ));
    Ok(Page {
        export: Export::new(&shell, &here),
        shell,
        candidate,
        clear: None,
        message: None,
        reasons: REASONS,
    })
}

/// One candidate.
pub(super) async fn page(desk: Desk, Path(id): Path<String>) -> PageResult {
    Ok(Html::new(shown(&desk, &id).await?).into())
}

/// His applications as a file.
pub(super) async fn export(
    desk: Desk,
    Path(id): Path<String>,
    taken: Protected<Taken>,
) -> PageResult {
    let words = Words {
        life: &life_words,
        review: &review_words,
        payment: &|one| payment_words(&one.payment, &one.fee).to_owned(),
    };
    let copy = office::export(&desk.ctx, &id, words, taken.format())
        .await
        .map_err(problem)?;
    given(&desk, "考生的报名", taken.format(), copy)
}

/// Which value, and why.
#[derive(Debug, Deserialize)]
pub(super) struct Unmask {
    value: String,
    reason: String,
    other: String,
}

/// Shows a value in clear on this one page; the look is recorded first.
pub(super) async fn unmask(
    desk: Desk,
    Path(id): Path<String>,
    sent: Protected<Unmask>,
) -> PageResult {
    let value = Masked::parse(&sent.value).ok_or(Problem::NotFound)?;
    let reason = if sent.other.trim().is_empty() {
        &sent.reason
    } else {
        &sent.other
    };
    match office::unmask(&desk.ctx, &id, value, reason).await {
        Ok(clear) => {
            let mut page = shown(&desk, &id).await?;
            page.clear = Some((value, clear));
            Ok(Html::new(page).into())
        }
        Err(app::Error::Fields(errors)) => {
            let mut page = shown(&desk, &id).await?;
            page.message = errors.iter().next().map(|(_, text)| text.to_owned());
            Ok(Html::invalid(page).into())
        }
        Err(other) => Err(problem(other)),
    }
}

fn clear_of<'a>(clear: &'a Option<(Masked, String)>, code: &str) -> Option<&'a str> {
    clear
        .as_ref()
        .filter(|(value, _)| value.code() == code)
        .map(|(_, text)| text.as_str())
}

fn life_words(life: &str) -> &'static str {
    match life {
        "live" => "有效",
        "draft" => "未提交",
        _ => "已结束",
    }
}

fn life_tag(life: &str) -> Tag {
    match life {
        "live" => Tag::ok(life_words(life)),
        "draft" => Tag::wait(life_words(life)),
        _ => Tag::off(life_words(life)),
    }
}

fn review_words(code: &str) -> &'static str {
    match code {
        "pending" => "待初审",
        "first_approved" => "待复审",
        "approved" => "通过",
        "returned" => "退回补充",
        "rejected" => "不通过",
        "appealed" => "申诉中",
        _ => "—",
    }
}

/// The fee's standing; a dash while it isn't known yet whether one is due.
fn payment_words(code: &str, fee: &i64) -> &'static str {
    match Payment::from_code(code) {
        None => "—",
        Some(Payment::None) if *fee > 0 => "—",
        Some(payment) => payment.label_for(Fen::new(*fee)),
    }
}

fn photo_tag(state: &str) -> Tag {
    match state {
        "approved" => Tag::ok("已通过"),
        "rejected" => Tag::bad("未通过"),
        _ => Tag::wait("待审核"),
    }
}
