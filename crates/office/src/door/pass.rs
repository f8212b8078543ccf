//! One exam's passes, one pass with its phones.

use app::door::{self, DeviceRow, PassForm, PassRow, SiteRow};
use app::exam::{Exam, setup};
use askama::Template;
use axum::extract::{Path, Query};
use axum::response::{IntoResponse, Response};
use domain::door::PassState;
use domain::field::FieldErrors;
use serde::Deserialize;
use web::forms::{Field, Form};
use web::{Html, PageResult, Protected, Shell, page as answer};

use crate::context::{Desk, problem};
use crate::list::{Asked, Cursor, Here, Pager, Tag};

/// A pass as a line of a list.
#[derive(Debug)]
struct Line {
    pass: PassRow,
    site: String,
    rooms: String,
    tag: Tag,
}

impl Line {
    fn of(pass: PassRow, sites: &[SiteRow], desk: &Desk) -> Self {
        let site = sites.iter().find(|site| site.site_no == pass.site_no);
        Self {
            site: site.map_or_else(
                || format!("第 {} 考点（现行编排中没有）", pass.site_no),
                |site| site.name.clone(),
            ),
            rooms: pass.area().text(),
            tag: tag(&pass, desk),
            pass,
        }
    }

    /// Can a slip of it still be handed out, and can it be taken back?
    fn is_open(&self, now: &i64) -> bool {
        self.pass.is_active() && self.pass.closes_at > *now
    }
}

fn tag(pass: &PassRow, desk: &Desk) -> Tag {
    if !pass.is_active() {
        return Tag::off("已撤销");
    }
    match pass.span().lets_in(desk.ctx.at) {
        Ok(()) => Tag::ok("有效"),
        Err(domain::door::OutOfTime::Early) => Tag::info("未到时间"),
        Err(domain::door::OutOfTime::Late) => Tag::off("已结束"),
    }
}

#[derive(Debug, Template)]
#[template(path = "door/page.html")]
struct Page {
    shell: Shell,
    base: String,
    seating: String,
    seated: bool,
    /// Cameras and workers need a secure address.
    secure: bool,
    lines: Vec<Line>,
    pager: Pager,
    form: Form,
    now: i64,
}

fn base(exam: &Exam) -> String {
    format!("/office/door/{}", exam.public_id())
}

async fn show(
    desk: &Desk,
    exam: &Exam,
    typed: &PassForm,
    errors: Option<&FieldErrors>,
    begins: Option<&Cursor>,
) -> PageResult {
    let sites = door::sites(&desk.ctx, exam).await.map_err(problem)?;
    let mut passes = door::passes(&desk.ctx, exam, begins.map(Cursor::first))
        .await
        .map_err(problem)?;
    let size = usize::try_from(door::PAGE).unwrap_or(50);
    let next = Pager::cut(&mut passes, size, |pass| Cursor::one(pass.id));
    let base = base(exam);
    let page = Page {
        shell: Shell::new(&desk.visit, exam.title())
            .below("/office/door")
            .with_errors(errors.is_some()),
        seating: format!("/office/seating/{}", exam.public_id()),
        seated: exam.is_seated(),
        secure: desk.visit.kit().parts().base_url.secure(),
        lines: passes
            .into_iter()
            .map(|pass| Line::of(pass, &sites, desk))
            .collect(),
        pager: Pager::new(&Here::new(base.clone()), begins, next),
        form: form(desk, &base, &sites, typed, errors),
        now: desk.ctx.at.micros(),
        base,
    };
    Ok(if errors.is_some() {
        Html::invalid(page).into()
    } else {
        Html::new(page).into()
    })
}

fn form(
    desk: &Desk,
    base: &str,
    sites: &[SiteRow],
    typed: &PassForm,
    errors: Option<&FieldErrors>,
) -> Form {
    let mut choices: Vec<(String, String)> = Vec::new();
    if sites.len() > 1 {
        let text = format!("全部 {} 个考点（各建一个）", sites.len());
        choices.push(("all".to_owned(), text));
    }
    choices.extend(sites.iter().map(|site| {
        let text = format!(
            "{} {}（考场 {:03}–{:03}）",
            site.site_no, site.name, site.first_room, site.last_room
        );
        (site.site_no.to_string(), text)
    }));
    let choices: Vec<web::forms::Choice> = choices
        .into_iter()
        .map(|(value, text)| web::forms::Choice::new(value, text))
        .collect();
    let form = Form::new(&desk.visit, base)
        .field(
            Field::select("site", "考点", choices)
                .with(&typed.site)
                .required(),
        )
        .field(
            Field::text("first", "起始考场")
                .hint("整个考点的，两栏都留空")
                .with(&typed.first)
                .digits()
                .narrow()
                .optional(),
        )
        .field(
            Field::text("last", "末尾考场")
                .with(&typed.last)
                .digits()
                .narrow()
                .optional(),
        )
        .field(
            Field::text("label", "说明")
                .hint("印在授权单上，例如 3 号楼一楼大厅；留空写考点名称")
                .with(&typed.label)
                .optional(),
        )
        .field(
            Field::date_time("opens", "开始时间")
                .hint("监考人员从此时起可以登记手机、下载名单")
                .with(&typed.opens)
                .required(),
        )
        .field(
            Field::date_time("closes", "结束时间")
                .hint("此后不再给出名单；没有网络的手机 48 小时内仍可补报")
                .with(&typed.closes)
                .required(),
        )
        .field(
            Field::text("devices", "手机数量")
                .hint("最多登记几部手机")
                .with(&typed.devices)
                .digits()
                .narrow()
                .required(),
        );
    match errors {
        Some(errors) => form.errors(errors),
        None => form,
    }
}

pub(super) async fn page(
    desk: Desk,
    Path(exam): Path<String>,
    Query(asked): Query<Asked>,
) -> PageResult {
    let exam = setup::for_staff(&desk.ctx, &exam).await.map_err(problem)?;
    let typed = door::form(&desk.ctx, &exam).await.map_err(problem)?;
    show(&desk, &exam, &typed, None, asked.before.as_ref()).await
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Sent {
    site: String,
    first: String,
    last: String,
    label: String,
    opens: String,
    closes: String,
    devices: String,
}

pub(super) async fn make(
    desk: Desk,
    Path(exam): Path<String>,
    form: Protected<Sent>,
) -> PageResult<Response> {
    let exam = setup::for_staff(&desk.ctx, &exam).await.map_err(problem)?;
    let sent = form.into_inner();
    let typed = PassForm {
        site: sent.site,
        first: sent.first,
        last: sent.last,
        label: sent.label,
        opens: sent.opens,
        closes: sent.closes,
        devices: sent.devices,
    };
    match door::make(&desk.ctx, &exam, &typed).await {
        Ok(count) => Ok(answer::redirect_with(
            &desk.visit,
            &base(&exam),
            web::flash::done(format!(
                "已建立 {count} 个核验授权。请打印授权单，当面交给监考人员。"
            )),
        )),
        Err(app::Error::Fields(errors)) => Ok(show(&desk, &exam, &typed, Some(&errors), None)
            .await?
            .into_response()),
        Err(error) => Err(problem(error)),
    }
}

#[derive(Debug, Template)]
#[template(path = "door/pass.html")]
struct One {
    shell: Shell,
    back: String,
    base: String,
    line: Line,
    devices: Vec<(DeviceRow, Tag)>,
    by: String,
    now: i64,
}

impl One {
    fn is_in(&self, device: &DeviceRow) -> bool {
        PassState::from_code(&device.state) == Some(PassState::Active)
    }
}

pub(super) async fn one(desk: Desk, Path((exam, pass)): Path<(String, String)>) -> PageResult {
    let exam = setup::for_staff(&desk.ctx, &exam).await.map_err(problem)?;
    let pass = door::pass(&desk.ctx, &exam, &pass).await.map_err(problem)?;
    let sites = door::sites(&desk.ctx, &exam).await.map_err(problem)?;
    let devices = door::devices(&desk.ctx, &pass).await.map_err(problem)?;
    let by = app::staff::name_of(&desk.ctx, pass.made_by)
        .await
        .map_err(problem)?;
    let back = base(&exam);
    Ok(Html::new(One {
        shell: Shell::new(&desk.visit, pass.label.clone()).below("/office/door"),
        base: format!("{back}/passes/{}", pass.public_id),
        devices: devices
            .into_iter()
            .map(|device| {
                let state = PassState::from_code(&device.state);
                let tag = match state {
                    Some(PassState::Active) => Tag::ok("使用中"),
                    Some(PassState::Revoked) | None => Tag::off("已停用"),
                };
                (device, tag)
            })
            .collect(),
        line: Line::of(pass, &sites, &desk),
        by,
        now: desk.ctx.at.micros(),
        back,
    })
    .into())
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Back {
    /// One phone; empty for the pass with all of them.
    device: String,
}

pub(super) async fn revoke(
    desk: Desk,
    Path((exam, pass)): Path<(String, String)>,
    form: Protected<Back>,
) -> PageResult<Response> {
    let exam = setup::for_staff(&desk.ctx, &exam).await.map_err(problem)?;
    let pass = door::pass(&desk.ctx, &exam, &pass).await.map_err(problem)?;
    let device = form.into_inner().device;
    let said = if device.is_empty() {
        door::revoke(&desk.ctx, &pass).await.map_err(problem)?;
        "授权已撤销，登记的手机都不能再用"
    } else {
        // What is no number is no phone of this pass.
        let id = device.parse().unwrap_or(0);
        door::revoke_device(&desk.ctx, &pass, id)
            .await
            .map_err(problem)?;
        "这部手机已停用，可以另外登记一部"
    };
    let target = format!("{}/passes/{}", base(&exam), pass.public_id);
    Ok(answer::redirect_with(
        &desk.visit,
        &target,
        web::flash::done(said),
    ))
}

pub(super) async fn slip(
    desk: Desk,
    Path((exam, pass)): Path<(String, String)>,
    _form: Protected<Back>,
) -> PageResult<Response> {
    let exam = setup::for_staff(&desk.ctx, &exam).await.map_err(problem)?;
    let pass = door::pass(&desk.ctx, &exam, &pass).await.map_err(problem)?;
    slips(&desk, &exam, Some(&pass)).await
}

pub(super) async fn all_slips(
    desk: Desk,
    Path(exam): Path<String>,
    _form: Protected<Back>,
) -> PageResult<Response> {
    let exam = setup::for_staff(&desk.ctx, &exam).await.map_err(problem)?;
    slips(&desk, &exam, None).await
}

async fn slips(desk: &Desk, exam: &Exam, pass: Option<&PassRow>) -> PageResult<Response> {
    let bytes = door::slips(&desk.ctx, exam, pass).await.map_err(problem)?;
    Ok(answer::inline("application/pdf", "核验授权单.pdf", bytes))
}
