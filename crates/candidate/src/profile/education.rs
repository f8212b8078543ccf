//! 学历学位: the list, and the form of one of them.

use app::check::Shown;
use axum::extract::Path;
use axum::response::Response;
use domain::check::CheckKind;
use domain::profile::{
    Degree, Education, EducationCode, EducationForm, MOST_EDUCATIONS, Part, Profile, StudyMode,
};
use web::forms::{Field, Form};
use web::page::redirect_with;
use web::protected::Nothing;
use web::{Html, PageResult, Problem, Protected, Shell, flash};

use super::{Around, choices};
use crate::context::{Me, fields, problem};
use crate::way_back;

#[derive(Debug, askama::Template)]
#[template(path = "profile/educations.html")]
struct ListPage {
    shell: Shell,
    around: Around,
    rows: Vec<Education>,
    full: bool,
    checks: Vec<Shown>,
}

#[derive(Debug, askama::Template)]
#[template(path = "profile/education.html")]
struct FormPage {
    shell: Shell,
    form: Form,
    around: Around,
    id: Option<u32>,
}

fn form(me: &Me, action: &str) -> Form {
    Form::new(&me.visit, way_back::keep(&me.visit, action))
        .field(
            Field::select(
                "level",
                "学历",
                choices(
                    EducationCode::all(),
                    EducationCode::code,
                    EducationCode::label,
                ),
            )
            .required(),
        )
        .field(
            Field::select(
                "degree",
                "学位",
                choices(Degree::all(), Degree::code, Degree::label),
            )
            .blank("无")
            .optional(),
        )
        .field(
            Field::select(
                "study_mode",
                "学习形式",
                choices(
                    StudyMode::ALL.iter().copied(),
                    StudyMode::code,
                    StudyMode::label,
                ),
            )
            .required(),
        )
        .field(
            Field::text("graduated_on", "毕业时间")
                .hint("例如：2022年6月。应届填预计毕业的年月。")
                .attribute("maxlength", "20")
                .required(),
        )
        .field(
            Field::text("school", "毕业院校")
                .hint("与毕业证书一致")
                .attribute("maxlength", "80")
                .required(),
        )
        .field(
            Field::text("major", "所学专业")
                .hint("按毕业证书上的专业填写，高中、初中不填")
                .attribute("maxlength", "80"),
        )
        .field(
            Field::text("certificate_no", "毕业证书编号")
                .optional()
                .attribute("maxlength", "60"),
        )
        .field(
            Field::text("degree_certificate_no", "学位证书编号")
                .optional()
                .attribute("maxlength", "60"),
        )
}

async fn profile(me: &Me) -> PageResult<Profile> {
    Ok(app::profile::find(&me.ctx.app, me.account_id())
        .await
        .map_err(problem)?
        .profile)
}

/// Back to the list, with a notice.
fn to_list(me: &Me, notice: flash::Notice) -> Response {
    let list = way_back::keep(&me.visit, "/profile/education");
    redirect_with(&me.visit, &list, notice)
}

/// The list.
pub(super) async fn list(me: Me) -> PageResult {
    let profile = profile(&me).await?;
    let page = ListPage {
        shell: super::shell(&me, false).await,
        around: Around::new(&me, Part::Education, &profile, None),
        full: profile.educations.len() >= MOST_EDUCATIONS,
        checks: super::checks(&me, CheckKind::Education).await?,
        rows: profile.educations,
    };
    Ok(Html::new(page).into())
}

async fn draw(
    me: &Me,
    form: Form,
    id: Option<u32>,
    draft: Option<domain::time::Timestamp>,
) -> PageResult<FormPage> {
    let profile = profile(me).await?;
    Ok(FormPage {
        shell: super::shell(me, form.has_errors()).await,
        form,
        around: Around::new(me, Part::Education, &profile, draft),
        id,
    })
}

/// 添加: the form.
pub(super) async fn add_page(me: Me) -> PageResult {
    let mut form =
        form(&me, "/profile/education/new").draft(crate::draft::address("profile-education"));
    let draft = super::draft(&me, Part::Education).await?;
    if let Some((typed, _)) = &draft {
        form = form.kept(typed);
    }
    let page = draw(&me, form.refill(&me.visit), None, draft.map(|(_, at)| at)).await?;
    Ok(Html::new(page).into())
}

/// 添加: 保存.
pub(super) async fn add(me: Me, posted: Protected<EducationForm>) -> PageResult {
    match app::profile::save_education(&me.ctx, None, &posted).await {
        Ok(()) => Ok(to_list(&me, flash::SAVED)),
        Err(error) => {
            let errors = fields(error)?;
            let form = form(&me, "/profile/education/new")
                .draft(crate::draft::address("profile-education"))
                .values(posted.submission())
                .errors(&errors);
            Ok(Html::invalid(draw(&me, form, None, None).await?).into())
        }
    }
}

/// Which row an address means. What is no number leads nowhere, like a number that is nobody's.
fn row_id(part: &str) -> PageResult<u32> {
    part.parse().map_err(|_| Problem::NotFound.into())
}

/// 修改: the form.
pub(super) async fn edit_page(me: Me, Path(id): Path<String>) -> PageResult {
    let id = row_id(&id)?;
    let profile = profile(&me).await?;
    let row = profile
        .educations
        .iter()
        .find(|row| row.id == id)
        .ok_or(Problem::NotFound)?;
    let form = super::filled(
        form(&me, &format!("/profile/education/{id}")),
        &EducationForm::from(row),
    );
    Ok(Html::new(draw(&me, form.refill(&me.visit), Some(id), None).await?).into())
}

/// 修改: 保存.
pub(super) async fn edit(
    me: Me,
    Path(id): Path<String>,
    posted: Protected<EducationForm>,
) -> PageResult {
    let id = row_id(&id)?;
    match app::profile::save_education(&me.ctx, Some(id), &posted).await {
        Ok(()) => Ok(to_list(&me, flash::SAVED)),
        Err(error) => {
            let errors = fields(error)?;
            let form = form(&me, &format!("/profile/education/{id}"))
                .values(posted.submission())
                .errors(&errors);
            Ok(Html::invalid(draw(&me, form, Some(id), None).await?).into())
        }
    }
}

/// 删除.
pub(super) async fn remove(me: Me, Path(id): Path<String>, _: Protected<Nothing>) -> PageResult {
    let id = row_id(&id)?;
    app::profile::remove_education(&me.ctx, id)
        .await
        .map_err(problem)?;
    Ok(to_list(&me, flash::REMOVED))
}
