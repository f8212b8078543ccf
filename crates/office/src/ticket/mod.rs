//! 准考证: per exam the window, 考生须知, a sample to look at, how many have printed, its own [`template`].

mod template;
mod template_use;

use app::App;
use app::exam::{Exam, setup};
use app::ticket::bake::{self, Baked};
use app::ticket::{self, TicketDraft};
use askama::Template;
use axum::extract::{Path, Query};
use axum::response::{IntoResponse, Response};
use domain::exam::Phase;
use domain::field::FieldErrors;
use domain::staff::Permission;
use domain::window::Standing;
use serde::Deserialize;
use web::forms::{Field, Form};
use web::{Html, PageResult, Protected, Routes, Shell, Who};

use crate::context::{Desk, problem};
use crate::list::{Asked, Cursor, Empty, Here, Pager, Tag};

pub(crate) fn routes() -> Routes<App> {
    let staff = Who::Staff(Permission::Arrange);
    Routes::new("ticket")
        .get("/office/tickets", staff, list)
        .get("/office/tickets/{exam}", staff, page)
        .post("/office/tickets/{exam}", staff, save)
        .get("/office/tickets/{exam}/sample", staff, sample)
        .and(template::routes())
}

#[derive(Debug)]
struct Row {
    href: String,
    title: String,
    window: String,
    tag: Tag,
}

#[derive(Debug, Template)]
#[template(path = "ticket/list.html")]
struct List {
    shell: Shell,
    rows: Vec<Row>,
    pager: Pager,
    empty: Empty,
}

/// Whether candidates can print now, in one word.
fn tag(exam: &Exam, desk: &Desk) -> Tag {
    let standing = exam
        .window(Phase::Ticket)
        .map(|window| window.standing(desk.ctx.at));
    match (exam.is_seated(), standing) {
        (false, _) => Tag::wait("等待编排"),
        (true, None) => Tag::wait("未设时间"),
        (true, Some(Standing::Before)) => Tag::info("未到时间"),
        (true, Some(Standing::After)) => Tag::off("已结束"),
        (true, Some(_)) => Tag::ok("可以打印"),
    }
}

async fn list(desk: Desk, Query(asked): Query<Asked>) -> PageResult {
    let before = asked.before.as_ref().map(Cursor::first);
    let mut exams = setup::seated_list(&desk.ctx, Permission::Arrange, before)
        .await
        .map_err(problem)?;
    let size = usize::try_from(setup::PAGE).unwrap_or(20);
    let next = Pager::cut(&mut exams, size, |exam| Cursor::one(exam.id()));
    let rows = exams
        .iter()
        .map(|exam| Row {
            href: format!("/office/tickets/{}", exam.public_id()),
            title: exam.title().to_owned(),
            window: exam
                .window(Phase::Ticket)
                .map_or_else(|| "未设置".to_owned(), |window| window.to_chinese()),
            tag: tag(exam, &desk),
        })
        .collect();
    let empty = Empty::new("没有需要准考证的考试", "已发布、有笔试的考试会出现在这里。")
        .icon(web::icon::TICKET)
        .way_on("考试管理", "/office/exams");
    Ok(Html::new(List {
        shell: Shell::new(&desk.visit, "准考证"),
        pager: Pager::new(&Here::new("/office/tickets"), asked.before.as_ref(), next),
        rows,
        empty,
    })
    .into())
}

#[derive(Debug, Template)]
#[template(path = "ticket/page.html")]
struct Page {
    shell: Shell,
    base: String,
    exam_href: String,
    seated: bool,
    tag: Tag,
    people: i64,
    printed: i64,
    /// How far tickets are set ahead.
    baked: Option<Baked>,
    /// 分批打印, in words.
    stagger: Option<String>,
    /// Whether the asker may write the exam's own template.
    may_write: bool,
    form: Form,
    version: String,
}

async fn show(
    desk: &Desk,
    exam: &Exam,
    draft: &TicketDraft,
    errors: Option<&FieldErrors>,
) -> PageResult {
    let base = format!("/office/tickets/{}", exam.public_id());
    let mut form = Form::new(&desk.visit, base.clone())
        .field(
            Field::date_time("opens", "开始打印")
                .with(&draft.opens)
                .required(),
        )
        .field(
            Field::date_time("closes", "停止打印")
                .with(&draft.closes)
                .required(),
        )
        .field(
            Field::text_area("notice", "考生须知", 10)
                .hint("每行一条，印在准考证上。要写明迟到多久不得入场、必须携带的证件、禁带的物品")
                .with(&draft.notice)
                .required(),
        )
        .field(
            Field::text("reason", "修改原因")
                .hint("会记入操作日志，例如：编排完成，开放打印")
                .with(&draft.reason)
                .required(),
        );
    if let Some(errors) = errors {
        form = form.errors(errors);
    }
    let (people, printed) = ticket::figures(&desk.ctx, exam).await.map_err(problem)?;
    let page = Page {
        shell: Shell::new(&desk.visit, exam.title())
            .below("/office/tickets")
            .with_errors(errors.is_some()),
        base,
        exam_href: format!("/office/seating/{}", exam.public_id()),
        seated: exam.is_seated(),
        tag: tag(exam, desk),
        people,
        printed,
        baked: bake::baked(&desk.ctx, exam).await.map_err(problem)?,
        stagger: Some(exam.settings.stagger)
            .filter(|stagger| !stagger.is_off())
            .map(|stagger| stagger.to_chinese()),
        may_write: desk
            .ctx
            .allow_for(Permission::ExamEdit, exam.id(), "")
            .is_ok(),
        form,
        version: exam.row.version.to_string(),
    };
    Ok(if errors.is_some() {
        Html::invalid(page).into()
    } else {
        Html::new(page).into()
    })
}

async fn page(desk: Desk, Path(exam): Path<String>) -> PageResult {
    let exam = setup::for_staff(&desk.ctx, &exam).await.map_err(problem)?;
    show(&desk, &exam, &TicketDraft::of(&exam), None).await
}

#[derive(Debug, Deserialize)]
struct Sent {
    opens: String,
    closes: String,
    notice: String,
    reason: String,
    version: i64,
}

async fn save(desk: Desk, Path(exam): Path<String>, form: Protected<Sent>) -> PageResult<Response> {
    let exam = setup::for_staff(&desk.ctx, &exam).await.map_err(problem)?;
    let sent = form.into_inner();
    let draft = TicketDraft {
        opens: sent.opens,
        closes: sent.closes,
        notice: sent.notice,
        reason: sent.reason,
    };
    match ticket::amend(&desk.ctx, &exam, sent.version, &draft).await {
        Ok(()) => {
            let target = format!("/office/tickets/{}", exam.public_id());
            Ok(web::page::redirect_with(
                &desk.visit,
                &target,
                web::flash::named("准考证设置已保存", exam.title()),
            ))
        }
        Err(app::Error::Fields(errors)) => Ok(show(&desk, &exam, &draft, Some(&errors))
            .await?
            .into_response()),
        Err(error) => Err(problem(error)),
    }
}

async fn sample(desk: Desk, Path(exam): Path<String>) -> PageResult<Response> {
    let exam = setup::for_staff(&desk.ctx, &exam).await.map_err(problem)?;
    let bytes = ticket::sample(&desk.ctx, &exam).await.map_err(problem)?;
    Ok(web::page::inline(
        "application/pdf",
        "准考证样张.pdf",
        bytes,
    ))
}
