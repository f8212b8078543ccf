//! Writing a message, from nothing or from a usual one.

use std::sync::Arc;

use app::exam::Exam;
use app::exam::positions;
use app::message::broadcast::{self, BroadcastForm, BroadcastRow};
use askama::Template;
use axum::extract::{Path, Query};
use domain::application::Payment;
use domain::message::{Is, Leads, MAX_TEXT, MAX_TITLE};
use domain::review::Review;
use serde::Deserialize;
use web::forms::{Field, Form};
use web::{Html, PageResult, Protected, Shell, Visit, flash, page as answer};

use crate::context::{Desk, problem};

/// A message that centres send again and again: what it is called, and what the form is filled with.
struct Usual {
    code: &'static str,
    name: &'static str,
    fields: [(&'static str, &'static str); 5],
}

const USUAL: [Usual; 4] = [
    Usual {
        code: "supplement",
        name: "提醒补充材料",
        fields: [
            ("review", "returned"),
            ("payment", ""),
            ("title", "请尽快补充报名材料"),
            (
                "body",
                "{姓名}，您报考的{考试}需要补充材料。请打开“我的报名信息”查看要补充的内容和截止时间，逾期不再受理。",
            ),
            ("leads", "applications"),
        ],
    },
    Usual {
        code: "pay",
        name: "提醒缴费",
        fields: [
            ("review", ""),
            ("payment", "due"),
            ("title", "请在截止前缴费"),
            (
                "body",
                "{姓名}，您报考的{考试}已通过审核，还没有缴费。请在缴费截止前支付，逾期视为放弃报名。",
            ),
            ("leads", "unpaid"),
        ],
    },
    Usual {
        code: "ticket",
        name: "提醒打印准考证",
        fields: [
            ("review", ""),
            ("payment", "!due"),
            ("title", "请打印准考证"),
            (
                "body",
                "{姓名}，{考试}的准考证可以打印了。请及时打印，考试当天带准考证和有效身份证件。",
            ),
            ("leads", "tickets"),
        ],
    },
    Usual {
        code: "change",
        name: "考务安排变动",
        fields: [
            ("review", ""),
            ("payment", ""),
            ("title", "考试安排有变动"),
            ("body", "{姓名}，{考试}的安排有变动："),
            ("leads", "applications"),
        ],
    },
];

#[derive(Debug, Template)]
#[template(path = "broadcast/write.html")]
struct Page {
    shell: Shell,
    exam: Arc<Exam>,
    form: Form,
    base: String,
    /// Usual messages: code and name. Empty while an old one is changed.
    usual: Vec<(&'static str, &'static str)>,
}

/// What a select offers: each state, and each turned round.
fn both<T: Copy>(
    all: &[T],
    code: impl Fn(T) -> &'static str,
    label: impl Fn(T) -> &'static str,
) -> Vec<(String, String)> {
    let is = all
        .iter()
        .map(|one| (code(*one).to_owned(), label(*one).to_owned()));
    let not = all
        .iter()
        .map(|one| (format!("!{}", code(*one)), format!("不是“{}”", label(*one))));
    is.chain(not).collect()
}

async fn form(visit: &Visit, desk: &Desk, exam: &Exam, action: &str) -> PageResult<Form> {
    let mut form = Form::new(visit, action);
    if exam.settings.steps.has_review() {
        form = form.field(
            Field::select(
                "review",
                "资格审查",
                both(Review::ALL, Review::code, Review::label),
            )
            .blank("不限"),
        );
    }
    if exam.settings.steps.has_payment() {
        form = form.field(
            Field::select(
                "payment",
                "缴费",
                both(Payment::ALL, Payment::code, Payment::label),
            )
            .blank("不限"),
        );
    }
    if exam.has_positions() {
        let table = positions::table(&desk.ctx.app, exam)
            .await
            .map_err(problem)?;
        let units = table
            .departments()
            .iter()
            .map(|unit| (unit.clone(), unit.clone()));
        form = form
            .field(Field::select("unit", "审核单位", units).blank("全部单位"))
            .field(
                Field::text("position", "岗位代码")
                    .hint("只发给报考这个岗位的考生")
                    .optional()
                    .narrow(),
            );
    }
    let leads = Leads::ALL.iter().map(|one| (one.code(), one.label()));
    Ok(form
        .field(
            Field::text("title", "标题")
                .hint(format!("最多 {MAX_TITLE} 个字"))
                .required(),
        )
        .field(
            Field::text_area("body", "内容", 5)
                .hint(format!(
                    "最多 {MAX_TEXT} 个字。{{姓名}}、{{考试}}、{{报名序号}} 会换成每个人自己的。"
                ))
                .required(),
        )
        .field(
            Field::select("leads", "点开后到", leads)
                .with(Leads::Applications.code())
                .required(),
        )
        .field(
            Field::check("by_sms", "同时发短信")
                .hint("按短信服务商的价格计费；没有验证过手机的考生只收站内消息。"),
        ))
}

fn shown(desk: &Desk, exam: Arc<Exam>, form: Form, title: &'static str, usual: bool) -> Page {
    let base = format!("/office/exams/{}/broadcasts", exam.public_id());
    let shell = Shell::new(&desk.visit, title)
        .below("/office/exams")
        .with_errors(form.has_errors());
    let usual = if usual {
        USUAL.iter().map(|one| (one.code, one.name)).collect()
    } else {
        Vec::new()
    };
    Page {
        shell,
        exam,
        form,
        base,
        usual,
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    usual: String,
}

pub(super) async fn new(
    desk: Desk,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> PageResult {
    let (exam, _) = broadcast::list(&desk.ctx, &id, Some(0), 1)
        .await
        .map_err(problem)?;
    let action = format!("/office/exams/{id}/broadcasts/new");
    let mut form = form(&desk.visit, &desk, &exam, &action).await?;
    if let Some(usual) = USUAL.iter().find(|one| one.code == asked.usual) {
        for (name, value) in usual.fields {
            form = form.value(name, value);
        }
    }
    let form = form.refill(&desk.visit);
    Ok(Html::new(shown(&desk, exam, form, "写消息", true)).into())
}

pub(super) async fn add(
    desk: Desk,
    Path(id): Path<String>,
    sent: Protected<BroadcastForm>,
) -> PageResult {
    match broadcast::write(&desk.ctx, &id, &sent).await {
        Ok(message) => Ok(answer::redirect_with(
            &desk.visit,
            &format!("/office/exams/{id}/broadcasts/{message}"),
            flash::named("消息已保存，还没有发送", &sent.title),
        )),
        Err(app::Error::Fields(errors)) => {
            let (exam, _) = broadcast::list(&desk.ctx, &id, Some(0), 1)
                .await
                .map_err(problem)?;
            let action = format!("/office/exams/{id}/broadcasts/new");
            let form = form(&desk.visit, &desk, &exam, &action).await?;
            let form = form.values(sent.submission()).errors(&errors);
            Ok(Html::invalid(shown(&desk, exam, form, "写消息", true)).into())
        }
        Err(other) => Err(problem(other)),
    }
}

/// A condition as the form's select has it.
fn written<T: Copy>(is: Option<Is<T>>, code: impl Fn(T) -> &'static str) -> String {
    is.map_or_else(String::new, |is| {
        let not = if is.not { "!" } else { "" };
        format!("{not}{}", code(is.what))
    })
}

async fn filled(desk: &Desk, exam: &Exam, row: &BroadcastRow, form: Form) -> PageResult<Form> {
    let audience = row.audience().map_err(problem)?;
    let position = super::page::position(desk, exam, &audience).await?;
    let code = position.map_or_else(String::new, |(code, _)| code);
    Ok(form
        .value("review", written(audience.review, Review::code))
        .value("payment", written(audience.payment, Payment::code))
        .value("unit", audience.unit)
        .value("position", code)
        .value("title", &row.title)
        .value("body", &row.body)
        .value("leads", &row.leads)
        .value("by_sms", if row.by_sms == 1 { "1" } else { "" }))
}

pub(super) async fn edit(desk: Desk, Path((id, message)): Path<(String, String)>) -> PageResult {
    let (exam, row) = broadcast::find(&desk.ctx, &id, &message)
        .await
        .map_err(problem)?;
    let action = format!("/office/exams/{id}/broadcasts/{message}/edit");
    let form = form(&desk.visit, &desk, &exam, &action).await?;
    let form = filled(&desk, &exam, &row, form).await?.refill(&desk.visit);
    Ok(Html::new(shown(&desk, exam, form, "修改消息", false)).into())
}

pub(super) async fn change(
    desk: Desk,
    Path((id, message)): Path<(String, String)>,
    sent: Protected<BroadcastForm>,
) -> PageResult {
    match broadcast::rewrite(&desk.ctx, &id, &message, &sent).await {
        Ok(()) => Ok(answer::redirect_with(
            &desk.visit,
            &format!("/office/exams/{id}/broadcasts/{message}"),
            flash::named("消息已保存，还没有发送", &sent.title),
        )),
        Err(app::Error::Fields(errors)) => {
            let (exam, _) = broadcast::find(&desk.ctx, &id, &message)
                .await
                .map_err(problem)?;
            let action = format!("/office/exams/{id}/broadcasts/{message}/edit");
            let form = form(&desk.visit, &desk, &exam, &action).await?;
            let form = form.values(sent.submission()).errors(&errors);
            Ok(Html::invalid(shown(&desk, exam, form, "修改消息", false)).into())
        }
        Err(other) => Err(problem(other)),
    }
}
