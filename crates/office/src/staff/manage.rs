//! One account of 账号与权限: its roles on exams and units, its devices, in and out. For the security admin.

use app::Secret;
use app::account::OpenSession;
use app::staff::{Grant, NewStaff, Profile, StaffListRow};
use askama::Template;
use axum::extract::{Path, Query};
use axum::response::Response;
use domain::field::FieldErrors;
use domain::staff::{BUNDLES, Bundle, Role};
use serde::Deserialize;
use web::forms::{Choice, Field, Form};
use web::protected::Nothing;
use web::{Html, PageResult, Protected, Shell, flash, page};

use super::own::Which;
use crate::context::{Desk, problem};

/// Rows of roles on the form: more than anybody holds.
const ROWS: usize = 6;
/// Exams whose units are offered while typing.
const EXAMS_SHOWN: usize = 6;
/// What the form sends for 全部考试. It is said, never left out: a field that got lost must not widen a role.
const EVERY_EXAM: &str = "all";

/// One row of roles on the form.
#[derive(Debug, Clone, Default)]
struct Line {
    role: String,
    exam: String,
    unit: String,
}

#[derive(Debug, Template)]
#[template(path = "staff/edit.html")]
struct EditPage {
    shell: Shell,
    form: Form,
    lines: Vec<Line>,
    roles: Vec<(&'static str, &'static str)>,
    exams: Vec<(String, String)>,
    /// Units to choose from while typing: those of the position tables.
    units: Vec<String>,
    profile: Option<Profile>,
    own: bool,
    /// A new second factor is asked for and waits for another security admin.
    factor_asked: Option<String>,
    /// Where it is logged in.
    devices: Vec<OpenSession>,
    /// Desks whose roles the form of a new account can be filled with.
    bundles: &'static [Bundle],
}

#[derive(Debug, Deserialize)]
pub(super) struct EditForm {
    username: String,
    name: String,
    unit: String,
    version: String,
    role: Vec<String>,
    exam: Vec<String>,
    scope: Vec<String>,
}

fn form(desk: &Desk, action: String, fresh: bool) -> Form {
    let mut form = Form::new(&desk.visit, action);
    if fresh {
        form = form.field(
            Field::text("username", "用户名")
                .hint("3 至 32 位小写字母、数字或 . _ -，建好后不能修改。")
                .required()
                .attribute("autocomplete", "off"),
        );
    }
    form.field(Field::text("name", "姓名").required())
        .field(
            Field::text("unit", "所在单位")
                .hint("考试机构自己的人员可不填。")
                .optional(),
        )
        .field(Field::checks("roles", "角色", Vec::<Choice>::new()))
}

async fn edit_page(
    desk: &Desk,
    form: Form,
    lines: Vec<Line>,
    profile: Option<Profile>,
) -> PageResult<EditPage> {
    let held_by = profile.as_ref().map_or(0, |profile| profile.row.id);
    let exams = app::staff::exams_to_choose(&desk.ctx, held_by)
        .await
        .map_err(problem)?;
    let title = if profile.is_some() {
        "修改账号"
    } else {
        "新建账号"
    };
    let factor_asked = match &profile {
        Some(profile) => app::staff::factor::requested(&desk.ctx, profile.row.id)
            .await
            .map_err(problem)?,
        None => None,
    };
    let devices = match &profile {
        Some(profile) => app::account::sessions_of_staff(&desk.ctx, profile.row.id)
            .await
            .map_err(problem)?,
        None => Vec::new(),
    };
    let units = units(desk, &exams).await.map_err(problem)?;
    let mut lines = lines;
    lines.resize(ROWS.max(lines.len() + 1), Line::default());
    Ok(EditPage {
        shell: Shell::new(&desk.visit, title)
            .below("/office/staff")
            .with_errors(form.has_errors()),
        own: profile
            .as_ref()
            .is_some_and(|profile| desk.is(profile.row.id)),
        factor_asked,
        devices,
        bundles: if profile.is_none() { &BUNDLES } else { &[] },
        form,
        lines,
        roles: Role::ALL
            .iter()
            .map(|role| (role.code(), role.label()))
            .collect(),
        exams: exams
            .into_iter()
            .map(|(_, public_id, title)| (public_id, title))
            .collect(),
        units,
        profile,
    })
}

/// The units of the newest exams' position tables, each once.
async fn units(desk: &Desk, exams: &[(i64, String, String)]) -> app::Result<Vec<String>> {
    let mut found = std::collections::BTreeSet::new();
    for (_, public_id, _) in exams.iter().take(EXAMS_SHOWN) {
        found.extend(units_of(desk, public_id).await?);
    }
    Ok(found.into_iter().collect())
}

/// The units of one exam's position table; none if it has no table yet.
async fn units_of(desk: &Desk, exam: &str) -> app::Result<Vec<String>> {
    let exam = app::exam::find(&desk.ctx.app, exam).await?;
    if !exam.has_positions() {
        return Ok(Vec::new());
    }
    let table = app::exam::positions::table(&desk.ctx.app, &exam).await?;
    Ok(table.departments().to_vec())
}

fn lines(sent: &EditForm) -> Vec<Line> {
    let at = |list: &[String], place: usize| list.get(place).cloned().unwrap_or_default();
    (0..sent.role.len().min(40))
        .map(|place| Line {
            role: at(&sent.role, place),
            exam: at(&sent.exam, place),
            unit: at(&sent.scope, place),
        })
        .filter(|line| !line.role.is_empty())
        .collect()
}

/// The roles as chosen, for the member of staff with this id (0 for a new one), and what is wrong with any of them: a role or an
/// exam that doesn't exist, an exam that isn't chosen, a unit that its table doesn't have.
async fn grants(
    desk: &Desk,
    staff: i64,
    lines: &[Line],
) -> app::Result<(Vec<(Role, i64, String)>, Vec<String>)> {
    let exams = app::staff::exams_to_choose(&desk.ctx, staff).await?;
    let (mut grants, mut wrong) = (Vec::new(), Vec::new());
    for line in lines {
        let Some(role) = Role::parse(&line.role) else {
            wrong.push("没有这个角色，请重新选择".to_owned());
            continue;
        };
        let chosen = if line.exam == EVERY_EXAM {
            Some(0)
        } else {
            let known = exams
                .iter()
                .find(|(_, public_id, _)| *public_id == line.exam);
            known.map(|(id, ..)| *id)
        };
        let Some(exam_id) = chosen else {
            wrong.push(format!("{}：请选择考试，或者选“全部考试”", role.label()));
            continue;
        };
        let unit = domain::text::line(&line.unit);
        if exam_id != 0 && !unit.is_empty() {
            // A unit that the table doesn't have is a slip of the pen: its holder would see an empty queue.
            let known = units_of(desk, &line.exam).await?;
            if !known.is_empty() && !known.contains(&unit) {
                wrong.push(format!(
                    "{}：这场考试的岗位表里没有主管部门“{unit}”，请按岗位表填写",
                    role.label()
                ));
                continue;
            }
        }
        let grant = (role, exam_id, unit);
        if !grants.contains(&grant) {
            grants.push(grant);
        }
    }
    Ok((grants, wrong))
}

/// Everything that is wrong with an account as it is typed, each at its field; nothing is stored then.
async fn sound(
    desk: &Desk,
    username: Option<&str>,
    name: &str,
    (grants, mut wrong): (Vec<(Role, i64, String)>, Vec<String>),
) -> app::Result<Vec<(Role, i64, String)>> {
    let found = app::staff::problems(&desk.ctx, username, name, &grants).await?;
    if found.is_empty() && wrong.is_empty() {
        return Ok(grants);
    }
    let mut errors = FieldErrors::new();
    for (field, message) in found.iter() {
        if field == "roles" {
            wrong.push(message.to_owned());
        } else {
            errors.add(field, message);
        }
    }
    if !wrong.is_empty() {
        errors.add("roles", wrong.join("；"));
    }
    Err(app::Error::Fields(errors))
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    bundle: String,
}

/// The empty form, or one with the roles of a desk.
pub(super) async fn blank(desk: Desk, Query(asked): Query<Asked>) -> PageResult {
    let form = form(&desk, "/office/staff/new".to_owned(), true);
    let bundle = BUNDLES.iter().find(|one| one.code == asked.bundle);
    let lines = bundle.map_or_else(Vec::new, |bundle| {
        let line = |role: &Role| Line {
            role: role.code().to_owned(),
            exam: EVERY_EXAM.to_owned(),
            unit: String::new(),
        };
        bundle.roles.iter().map(line).collect()
    });
    Ok(Html::new(edit_page(&desk, form, lines, None).await?).into())
}

/// Shown once: the password to begin with.
#[derive(Debug, Template)]
#[template(path = "staff/secret.html")]
struct SecretPage {
    shell: Shell,
    username: String,
    password: String,
    reset: bool,
}

/// A password that is long enough, easily read out, and changed at the first login anyway.
fn fresh_password(desk: &Desk) -> String {
    const LETTERS: &[u8; 32] = b"abcdefghjkmnpqrstuvwxyz23456789_";
    let bytes: [u8; 16] = desk.ctx.app.random();
    let mut text = String::new();
    for (place, byte) in bytes.iter().enumerate() {
        if place > 0 && place % 4 == 0 {
            text.push('-');
        }
        text.push(char::from(
            LETTERS.get(usize::from(byte % 31)).copied().unwrap_or(b'a'),
        ));
    }
    text
}

/// Makes an account and shows its first password, once.
pub(super) async fn create(desk: Desk, sent: Protected<EditForm>) -> PageResult {
    let chosen = lines(&sent);
    let password = fresh_password(&desk);
    match made(&desk, &sent, &chosen, &password).await {
        Ok(_) => Ok(Html::new(SecretPage {
            shell: Shell::new(&desk.visit, "账号已建立").below("/office/staff"),
            username: sent.username.trim().to_lowercase(),
            password,
            reset: false,
        })
        .into()),
        Err(app::Error::Fields(errors)) => {
            let form = form(&desk, "/office/staff/new".to_owned(), true)
                .values(sent.submission())
                .errors(&errors);
            Ok(Html::invalid(edit_page(&desk, form, chosen, None).await?).into())
        }
        Err(other) => Err(problem(other)),
    }
}

async fn made(desk: &Desk, sent: &EditForm, chosen: &[Line], password: &str) -> app::Result<i64> {
    let typed = grants(desk, 0, chosen).await?;
    let grants = sound(desk, Some(&sent.username), &sent.name, typed).await?;
    let new = NewStaff {
        username: sent.username.clone(),
        name: sent.name.clone(),
        unit: sent.unit.clone(),
        grants,
        password: Secret::new(password.to_owned()),
        must_change_password: true,
    };
    app::staff::create(&desk.ctx, new).await
}

fn lines_of(grants: &[Grant], exams: &[(i64, String, String)]) -> Vec<Line> {
    grants
        .iter()
        .map(|grant| Line {
            role: grant.role.code().to_owned(),
            exam: if grant.exam_id == 0 {
                EVERY_EXAM.to_owned()
            } else {
                // One that can't be found leaves the choice open: saving then asks for it.
                let held = exams.iter().find(|(id, ..)| *id == grant.exam_id);
                held.map(|(_, public_id, _)| public_id.clone())
                    .unwrap_or_default()
            },
            unit: grant.unit.clone(),
        })
        .collect()
}

/// One account.
pub(super) async fn page(desk: Desk, Path(id): Path<String>) -> PageResult {
    let profile = app::staff::find(&desk.ctx, &id).await.map_err(problem)?;
    let exams = app::staff::exams_to_choose(&desk.ctx, profile.row.id)
        .await
        .map_err(problem)?;
    let lines = lines_of(&profile.grants.0, &exams);
    let form = form(&desk, format!("/office/staff/{id}"), false)
        .value("name", profile.row.name.clone())
        .value("unit", profile.row.unit.clone());
    Ok(Html::new(edit_page(&desk, form, lines, Some(profile)).await?).into())
}

/// Saves names and roles.
pub(super) async fn change(
    desk: Desk,
    Path(id): Path<String>,
    sent: Protected<EditForm>,
) -> PageResult {
    let chosen = lines(&sent);
    match changed(&desk, &id, &sent, &chosen).await {
        Ok(()) => Ok(page::redirect_with(
            &desk.visit,
            &format!("/office/staff/{id}"),
            flash::named("账号已保存", &sent.name),
        )),
        Err(app::Error::Fields(errors)) => {
            let profile = app::staff::find(&desk.ctx, &id).await.map_err(problem)?;
            let form = form(&desk, format!("/office/staff/{id}"), false)
                .values(sent.submission())
                .errors(&errors);
            Ok(Html::invalid(edit_page(&desk, form, chosen, Some(profile)).await?).into())
        }
        Err(other) => Err(problem(other)),
    }
}

async fn changed(desk: &Desk, id: &str, sent: &EditForm, chosen: &[Line]) -> app::Result<()> {
    let staff = app::staff::find(&desk.ctx, id).await?.row.id;
    let typed = grants(desk, staff, chosen).await?;
    let grants = sound(desk, None, &sent.name, typed).await?;
    let version = sent.version.parse().unwrap_or(0);
    app::staff::change(&desk.ctx, id, version, (&sent.name, &sent.unit), grants).await
}

/// A new first password, shown once.
pub(super) async fn reset(desk: Desk, Path(id): Path<String>, _: Protected<Nothing>) -> PageResult {
    let username = row(&desk, &id).await?.username;
    let password = fresh_password(&desk);
    let secret = Secret::new(password.clone());
    app::staff::reset(&desk.ctx, &username, secret, false)
        .await
        .map_err(problem)?;
    let shell = Shell::new(&desk.visit, "密码已重置").below("/office/staff");
    Ok(Html::new(SecretPage {
        shell,
        username,
        password,
        reset: true,
    })
    .into())
}

async fn row(desk: &Desk, id: &str) -> PageResult<StaffListRow> {
    Ok(app::staff::find(&desk.ctx, id).await.map_err(problem)?.row)
}

fn back(desk: &Desk, id: &str, what: &str, name: &str) -> Response {
    page::redirect_with(
        &desk.visit,
        &format!("/office/staff/{id}"),
        flash::named(what, name),
    )
}

/// Ends one of its logins, or all.
pub(super) async fn end_devices(
    desk: Desk,
    Path(id): Path<String>,
    sent: Protected<Which>,
) -> PageResult {
    let row = row(&desk, &id).await?;
    let which = Some(sent.which.as_str()).filter(|which| *which != "others");
    app::account::end_sessions_of_staff(&desk.ctx, row.id, which)
        .await
        .map_err(problem)?;
    let what = if which.is_some() {
        "那台设备已退出"
    } else {
        "所有登录已退出"
    };
    Ok(back(&desk, &id, what, &row.name))
}

/// Out at once, everywhere.
pub(super) async fn disable(
    desk: Desk,
    Path(id): Path<String>,
    _: Protected<Nothing>,
) -> PageResult {
    let row = row(&desk, &id).await?;
    app::staff::disable(&desk.ctx, &row.username)
        .await
        .map_err(problem)?;
    Ok(back(&desk, &id, "账号已停用", &row.name))
}

/// Back in.
pub(super) async fn enable(
    desk: Desk,
    Path(id): Path<String>,
    _: Protected<Nothing>,
) -> PageResult {
    let row = row(&desk, &id).await?;
    app::staff::enable(&desk.ctx, &row.username)
        .await
        .map_err(problem)?;
    Ok(back(&desk, &id, "账号已启用", &row.name))
}

/// Ends the delays that failed tries have built up.
pub(super) async fn unlock(
    desk: Desk,
    Path(id): Path<String>,
    _: Protected<Nothing>,
) -> PageResult {
    let row = row(&desk, &id).await?;
    app::staff::unlock(&desk.ctx, &row.username)
        .await
        .map_err(problem)?;
    Ok(back(&desk, &id, "登录等待已解除", &row.name))
}
