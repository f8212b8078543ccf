//! 双人复核: changes that one person asked for and another decides.

use app::App;
use app::account::recovery::Slip;
use app::approval::{self, ApprovalRow, Change, ExamWait, Kind};
use askama::Template;
use axum::extract::{Path, Query};
use domain::staff::Permission;
use serde::Deserialize;
use web::forms::{Field, Form};
use web::{Html, PageResult, Protected, Routes, Shell, Visit, Who, flash, page as answer};

use crate::context::{Desk, problem};
use crate::list::{
    Cursor, Empty, Export, Filters, Here, Pager, Saved, Tabs, Tag, Taken, given, saved, turned,
    typed,
};

const PAGE: usize = 30;

pub(crate) fn routes() -> Routes<App> {
    // Which kinds somebody sees hangs on his permissions; who holds none of them sees an empty list.
    Routes::new("approval")
        .get("/office/approvals", Who::AnyStaff, list)
        .post(
            "/office/approvals/export",
            Who::AnyStaff.export(),
            list_export,
        )
        .get("/office/approvals/{id}", Who::AnyStaff, page)
        .post("/office/approvals/{id}", Who::AnyStaff, decide)
        .get("/office/approvals/{id}/evidence", Who::AnyStaff, evidence)
}

fn state_tag(state: &str) -> Tag {
    let label = approval::state_label(state);
    match state {
        "open" => Tag::wait(label),
        "approved" => Tag::ok(label),
        "rejected" => Tag::bad(label),
        _ => Tag::off(label),
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct ListQuery {
    state: String,
    kind: String,
    before: Option<Cursor>,
}

impl ListQuery {
    fn asked(&self) -> approval::Asked {
        let state = match self.state.as_str() {
            "approved" => "approved",
            "rejected" => "rejected",
            _ => "open",
        };
        let (code, other) = turned(&self.kind);
        let kind = Kind::parse(code);
        approval::Asked {
            state: state.to_owned(),
            kind,
            other: other && kind.is_some(),
        }
    }
}

fn typed_kind(asked: &approval::Asked) -> String {
    typed(asked.kind.map_or("", Kind::code), asked.other)
}

#[derive(Debug, Template)]
#[template(path = "approval/list.html")]
struct ListPage {
    shell: Shell,
    saved: Saved,
    export: Export,
    /// What waits of the exams; on the first tab only.
    exams: Vec<ExamWait>,
    tabs: Tabs,
    filters: Filters,
    rows: Vec<ApprovalRow>,
    pager: Pager,
    empty: Empty,
}

/// What waits of an exam: in words, and where it is done.
fn exam_wait(wait: &ExamWait) -> (&'static str, String) {
    let base = format!("/office/exams/{}", wait.exam);
    match wait.kind.as_str() {
        "decision" => (
            "岗位处置，待复核",
            format!("{base}/decisions/{}", wait.item),
        ),
        "change" => (
            "更正考试设置，待复核",
            format!("{base}/changes/{}", wait.item),
        ),
        "handover" => ("考试档案已生成，待移交", format!("{base}/archive")),
        _ => ("归档，待复核", format!("{base}/archive")),
    }
}

/// What would stand in the empty list, for who looks.
fn nothing(desk: &Desk) -> &'static str {
    match (
        desk.may(Permission::AccountDesk),
        desk.may(Permission::StaffManage),
    ) {
        (false, true) => {
            "同事更换手机、须重新绑定验证器的申请会出现在这里，由提出人和本人以外的另一位安全管理员决定。\
             只有一位安全管理员时，请运维人员在服务器上用命令 baokao admin reset 办理。"
        }
        (true, true) => {
            "更正身份信息、更换手机号码、找回账号、建立原系统账号、重新绑定验证器等须两人办理的申请会出现在这里。\
             只有一位安全管理员时，验证器请运维人员在服务器上用命令 baokao admin reset 办理。"
        }
        _ => "更正身份信息、更换手机号码、找回账号、建立原系统账号等须两人办理的申请会出现在这里。",
    }
}

/// The list under its filter as a file.
async fn list_export(
    desk: Desk,
    Query(query): Query<ListQuery>,
    taken: Protected<Taken>,
) -> PageResult {
    let copy = approval::export(&desk.ctx, &query.asked(), taken.format())
        .await
        .map_err(problem)?;
    given(&desk, "双人复核", taken.format(), copy)
}

/// The list.
async fn list(desk: Desk, Query(query): Query<ListQuery>) -> PageResult {
    let asked = query.asked();
    let state = asked.state.as_str();
    let here = Here::new("/office/approvals")
        .with("state", if state == "open" { "" } else { state })
        .with("kind", &typed_kind(&asked));
    let waiting = approval::waiting(&desk.ctx).await.map_err(problem)?;
    let tabs = Tabs::new("复核状态")
        .tab(
            "待复核",
            here.but("state", ""),
            state == "open",
            Some(waiting),
        )
        .tab(
            "已同意",
            here.but("state", "approved"),
            state == "approved",
            None,
        )
        .tab(
            "未同意",
            here.but("state", "rejected"),
            state == "rejected",
            None,
        );
    let before = query.before.as_ref().map(Cursor::first);
    let mut rows = approval::page(&desk.ctx, &asked, before, 31)
        .await
        .map_err(problem)?;
    let next = Pager::cut(&mut rows, PAGE, |row| Cursor::one(row.id));
    let exams = if state == "open" && asked.kind.is_none() {
        approval::exam_waits(&desk.ctx).await.map_err(problem)?
    } else {
        Vec::new()
    };
    let shell = Shell::new(&desk.visit, "双人复核");
    let kinds = approval::kinds_seen(&desk.ctx).map_err(problem)?;
    let kinds = kinds
        .iter()
        .map(|kind| (kind.code().to_owned(), kind.label().to_owned()));
    let page = ListPage {
        saved: Saved::of(&desk, &shell, &saved::APPROVAL, &here).await?,
        export: Export::new(&shell, &here),
        shell,
        exams,
        tabs,
        filters: Filters::new(&here).choice("kind", "事项", &typed_kind(&asked), kinds),
        rows,
        pager: Pager::new(&here, query.before.as_ref(), next),
        empty: Empty::new("没有申请", nothing(&desk)).icon(web::icon::OK),
    };
    Ok(Html::new(page).into())
}

#[derive(Debug, Template)]
#[template(path = "approval/page.html")]
struct Page {
    shell: Shell,
    row: ApprovalRow,
    changes: Vec<Change>,
    form: Form,
    own: bool,
    /// It is about the account of who looks.
    concerned: bool,
    /// It is about a candidate's document.
    by_number: bool,
    /// The candidate asked: the first of two members of staff only passes it on.
    by_candidate: bool,
}

fn form(visit: &Visit, id: &str) -> Form {
    Form::new(visit, format!("/office/approvals/{id}"))
        .bare()
        .field(
            Field::text_area("note", "核对情况", 3)
                .hint("写明核对了什么材料、怎样核实了本人。不要写证件号码。")
                .required(),
        )
}

async fn shown(desk: &Desk, id: &str, form: Form) -> PageResult<Page> {
    let row = approval::find(&desk.ctx, id).await.map_err(problem)?;
    let changes = approval::changes(&desk.ctx, &row).await.map_err(problem)?;
    let title = Kind::title(&row.kind);
    let shell = Shell::new(&desk.visit, title)
        .below("/office/approvals")
        .with_errors(form.has_errors());
    Ok(Page {
        shell,
        own: desk.is(row.requested_by),
        concerned: approval::concerns(&desk.ctx, &row),
        by_number: matches!(
            Kind::parse(&row.kind),
            Some(
                Kind::IdentityCorrection
                    | Kind::MobileChange
                    | Kind::AccountRecovery
                    | Kind::CheckOverrule
            )
        ),
        by_candidate: app::account::correction::is_own(&row),
        row,
        changes,
        form,
    })
}

/// One request.
async fn page(desk: Desk, Path(id): Path<String>) -> PageResult {
    let form = form(&desk.visit, &id).refill(&desk.visit);
    Ok(Html::new(shown(&desk, &id, form).await?).into())
}

/// The second person's word.
#[derive(Debug, Deserialize)]
struct Word {
    note: String,
    decision: String,
}

/// What is handed over to the candidate, shown on this one page.
#[derive(Debug, Template)]
#[template(path = "approval/slip.html")]
struct SlipPage {
    shell: Shell,
    slip: Slip,
}

/// Decides.
async fn decide(desk: Desk, Path(id): Path<String>, sent: Protected<Word>) -> PageResult {
    let approve = match sent.decision.as_str() {
        "approve" => true,
        "reject" => false,
        _ => return Err(web::Problem::BadRequest("请选择同意或者不同意。").into()),
    };
    let row = approval::find(&desk.ctx, &id).await.map_err(problem)?;
    let kind = Kind::title(&row.kind);
    match approval::decide(&desk.ctx, &id, approve, &sent.note).await {
        Ok(Some(slip)) => {
            let shell = Shell::new(&desk.visit, "找回账号已办理").below("/office/approvals");
            Ok(Html::new(SlipPage { shell, slip }).into())
        }
        Ok(None) => Ok(answer::redirect_with(
            &desk.visit,
            "/office/approvals",
            flash::named(if approve { "已同意" } else { "未同意" }, kind),
        )),
        Err(app::Error::Fields(errors)) => {
            let form = form(&desk.visit, &id)
                .values(sent.submission())
                .errors(&errors);
            Ok(Html::invalid(shown(&desk, &id, form).await?).into())
        }
        Err(other) => Err(problem(other)),
    }
}

/// The picture that a candidate sent along with a request.
async fn evidence(desk: Desk, Path(id): Path<String>) -> PageResult {
    let row = approval::find(&desk.ctx, &id).await.map_err(problem)?;
    let file = app::account::correction::evidence(&desk.ctx, &row)
        .await
        .map_err(problem)?;
    let media_type = match file.media_type.as_str() {
        "image/png" => "image/png",
        "application/pdf" => "application/pdf",
        _ => "image/jpeg",
    };
    Ok(answer::inline(media_type, &file.file_name, file.bytes))
}
