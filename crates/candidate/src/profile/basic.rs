//! 基本信息. Name, document and mobile are shown and locked; sex and birth are those that the number tells.

use app::check::Shown;
use app::profile::Own;
use domain::check::CheckKind;
use domain::field::FieldErrors;
use domain::id_number::Sex;
use domain::profile::{
    BasicForm, Disability, Ethnicity, Identity, MaritalStatus, Part, PoliticalStatus,
};
use web::forms::{Field, Form};
use web::{Html, PageResult, Protected, Shell};

use super::{Around, choices};
use crate::context::{Me, fields, problem};
use crate::way_back;

#[derive(Debug, askama::Template)]
#[template(path = "profile/basic.html")]
struct Page {
    shell: Shell,
    form: Form,
    around: Around,
    locked: Vec<(&'static str, String)>,
    checks: Vec<Shown>,
}

fn form(me: &Me, identity: &Identity) -> Form {
    let mut form = Form::new(&me.visit, way_back::keep(&me.visit, "/profile"))
        .draft(crate::draft::address("profile-basic"));
    if identity.sex().is_none() {
        form = form
            .field(
                Field::radio(
                    "sex",
                    "性别",
                    choices(Sex::ALL.iter().copied(), Sex::code, Sex::label),
                )
                .required(),
            )
            .field(Field::date("birth_date", "出生日期").required());
    }
    form.field(
        Field::select(
            "ethnicity",
            "民族",
            choices(Ethnicity::all(), Ethnicity::code, Ethnicity::label),
        )
        .required(),
    )
    .field(
        Field::select(
            "political",
            "政治面貌",
            choices(
                PoliticalStatus::ALL.iter().copied(),
                PoliticalStatus::code,
                PoliticalStatus::label,
            ),
        )
        .required(),
    )
    .fields(super::place(
        "hukou",
        "户籍所在地",
        "例如：郴州市桂东县",
        identity.has_hukou(),
    ))
    .field(
        Field::select(
            "marital",
            "婚姻状况",
            choices(
                MaritalStatus::ALL.iter().copied(),
                MaritalStatus::code,
                MaritalStatus::label,
            ),
        )
        .optional(),
    )
    .fields(super::place("native", "籍贯", "", false))
    .fields(super::place("birth", "出生地", "", false))
    .fields(super::place(
        "origin",
        "生源地",
        "高校毕业生填写入学前的户籍所在地",
        false,
    ))
    .field(
        Field::select(
            "disability",
            "残疾类别",
            choices(
                Disability::ALL.iter().copied(),
                Disability::code,
                Disability::label,
            ),
        )
        .blank("")
        .with("0")
        .hint("需要合理便利的，报名后与考试机构联系。"),
    )
    .field(
        Field::text("disability_cert_no", "残疾人证号")
            .optional()
            .attribute("maxlength", "40"),
    )
}

fn locked(identity: &Identity) -> Vec<(&'static str, String)> {
    let mut rows = vec![
        ("姓名", identity.name.clone()),
        ("证件类型", identity.document.id_type().label().to_owned()),
        ("证件号码", identity.document.masked()),
    ];
    if let (Some(sex), Some(birth)) = (identity.sex(), identity.birth_date()) {
        rows.push(("性别", sex.label().to_owned()));
        rows.push(("出生日期", birth.to_chinese()));
    }
    rows
}

async fn draw(
    me: &Me,
    own: &Own,
    form: Form,
    draft: Option<domain::time::Timestamp>,
) -> PageResult<Page> {
    Ok(Page {
        checks: super::checks(me, CheckKind::Identity).await?,
        shell: super::shell(me, form.has_errors()).await,
        form,
        around: Around::new(me, Part::Basic, &own.stored.profile, draft),
        locked: locked(&own.identity),
    })
}

/// The page.
pub(super) async fn page(me: Me) -> PageResult {
    let own = app::profile::own(&me.ctx).await.map_err(problem)?;
    let mut form = form(&me, &own.identity);
    if let Some(basic) = &own.stored.profile.basic {
        form = super::filled(form, &BasicForm::from(basic));
    }
    let draft = super::draft(&me, Part::Basic).await?;
    if let Some((typed, _)) = &draft {
        form = form.kept(typed);
    }
    Ok(Html::new(draw(&me, &own, form.refill(&me.visit), draft.map(|(_, at)| at)).await?).into())
}

/// 保存.
pub(super) async fn save(me: Me, posted: Protected<BasicForm>) -> PageResult {
    match app::profile::save_basic(&me.ctx, &posted).await {
        Ok(()) => super::saved(&me, Part::Basic).await,
        Err(error) => {
            let errors: FieldErrors = fields(error)?;
            let own = app::profile::own(&me.ctx).await.map_err(problem)?;
            let form = form(&me, &own.identity)
                .values(posted.submission())
                .errors(&errors);
            Ok(Html::invalid(draw(&me, &own, form, None).await?).into())
        }
    }
}
