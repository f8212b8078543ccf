//! 群发消息 of one exam: a list, a form, a page that shows to how many and how it reads before anything is sent.

mod list;
mod page;
mod write;

use app::App;
use app::message::broadcast::BroadcastRow;
use domain::application::Payment;
use domain::message::{Audience, Is};
use domain::review::Review;
use domain::staff::Permission;
use web::{Routes, Who};

use crate::list::Tag;

pub(crate) fn routes() -> Routes<App> {
    const WHO: Who = Who::Staff(Permission::ExamEdit);
    Routes::new("message")
        .get("/office/exams/{id}/broadcasts", WHO, list::page)
        .get("/office/exams/{id}/broadcasts/new", WHO, write::new)
        .post("/office/exams/{id}/broadcasts/new", WHO, write::add)
        .get("/office/exams/{id}/broadcasts/{message}", WHO, page::page)
        .get(
            "/office/exams/{id}/broadcasts/{message}/edit",
            WHO,
            write::edit,
        )
        .post(
            "/office/exams/{id}/broadcasts/{message}/edit",
            WHO,
            write::change,
        )
        .post(
            "/office/exams/{id}/broadcasts/{message}/send",
            WHO,
            page::send,
        )
        .post(
            "/office/exams/{id}/broadcasts/{message}/stop",
            WHO,
            page::stop,
        )
        .post(
            "/office/exams/{id}/broadcasts/{message}/delete",
            WHO,
            page::delete,
        )
}

fn tag(row: &BroadcastRow) -> Tag {
    match row.state.as_str() {
        "draft" => Tag::off("草稿"),
        "sending" => Tag::wait("发送中"),
        "sent" => Tag::ok("已发送"),
        _ => Tag::bad("已停止"),
    }
}

/// To whom, in words: `资格审查：审核通过；缴费：不是已缴费`.
fn audience_words(audience: &Audience, position: &str) -> String {
    fn part<T: Copy>(
        name: &str,
        is: Option<Is<T>>,
        label: impl Fn(T) -> &'static str,
    ) -> Option<String> {
        is.map(|is| {
            let not = if is.not { "不是" } else { "" };
            format!("{name}：{not}{}", label(is.what))
        })
    }
    let mut parts: Vec<String> = [
        part("资格审查", audience.review, Review::label),
        part("缴费", audience.payment, Payment::label),
    ]
    .into_iter()
    .flatten()
    .collect();
    if !audience.unit.is_empty() {
        parts.push(format!("审核单位：{}", audience.unit));
    }
    if !position.is_empty() {
        parts.push(format!("岗位：{position}"));
    }
    if parts.is_empty() {
        "全部有效报名".to_owned()
    } else {
        parts.join("；")
    }
}
