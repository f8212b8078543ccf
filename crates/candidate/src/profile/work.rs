//! 工作与联系.

use app::profile::Stored;
use domain::profile::{Occupation, Part, WorkForm};
use domain::time::Timestamp;
use web::forms::{Field, Form};
use web::{Html, PageResult, Protected, Shell};

use super::{Around, choices};
use crate::context::{Me, fields, problem};
use crate::way_back;

#[derive(Debug, askama::Template)]
#[template(path = "profile/work.html")]
struct Page {
    shell: Shell,
    form: Form,
    around: Around,
    mobile: String,
}

fn form(me: &Me) -> Form {
    Form::new(&me.visit, way_back::keep(&me.visit, "/profile/work"))
        .draft(crate::draft::address("profile-work"))
        .field(
            Field::select(
                "occupation",
                "人员身份",
                choices(
                    Occupation::ALL.iter().copied(),
                    Occupation::code,
                    Occupation::label,
                ),
            )
            .required(),
        )
        .field(
            Field::text("started_on", "参加工作时间")
                .hint("例如：2022年7月")
                .optional()
                .attribute("maxlength", "20"),
        )
        .field(
            Field::text("employer", "工作单位")
                .hint("没有工作单位的不填")
                .optional()
                .attribute("autocomplete", "organization")
                .attribute("maxlength", "80"),
        )
        .field(
            Field::text("job_title", "职务")
                .optional()
                .attribute("maxlength", "60"),
        )
        .field(
            Field::text("work_years", "工作年限")
                .hint("满几年填几年")
                .optional()
                .digits()
                .attribute("maxlength", "5")
                .narrow(),
        )
        .field(
            Field::text("specialty_work_years", "专业工作年限")
                .hint("从事报考专业工作的年限")
                .optional()
                .digits()
                .attribute("maxlength", "5")
                .narrow(),
        )
        .field(
            Field::text_area("titles", "职称", 2)
                .hint("每行填一项，例如：工程师")
                .optional(),
        )
        .field(
            Field::text_area("qualifications", "资格证书", 2)
                .hint("每行填一项，例如：教师资格证（高级中学）")
                .optional(),
        )
        .field(
            Field::text("address", "通讯地址")
                .optional()
                .attribute("autocomplete", "off")
                .attribute("maxlength", "120"),
        )
        .field(
            Field::text("postcode", "邮编")
                .optional()
                .digits()
                .attribute("autocomplete", "postal-code")
                .attribute("maxlength", "12")
                .narrow(),
        )
        .field(
            Field::text("phone", "固定电话")
                .hint("例如：0735-2368000")
                .optional()
                .attribute("maxlength", "30"),
        )
        .field(
            Field::text("email", "电子邮箱")
                .optional()
                .attribute("inputmode", "email")
                .attribute("autocomplete", "email")
                .attribute("maxlength", "120"),
        )
}

async fn draw(me: &Me, stored: &Stored, form: Form, draft: Option<Timestamp>) -> PageResult<Page> {
    let overview = app::account::overview(&me.ctx).await.map_err(problem)?;
    Ok(Page {
        shell: super::shell(me, form.has_errors()).await,
        form,
        around: Around::new(me, Part::Work, &stored.profile, draft),
        mobile: overview.mobile,
    })
}

/// The page.
pub(super) async fn page(me: Me) -> PageResult {
    let stored = app::profile::find(&me.ctx.app, me.account_id())
        .await
        .map_err(problem)?;
    let mut form = form(&me);
    if let Some(work) = &stored.profile.work {
        form = super::filled(form, &WorkForm::from(work));
    }
    let draft = super::draft(&me, Part::Work).await?;
    if let Some((typed, _)) = &draft {
        form = form.kept(typed);
    }
    let page = draw(
        &me,
        &stored,
        form.refill(&me.visit),
        draft.map(|(_, at)| at),
    )
    .await?;
    Ok(Html::new(page).into())
}

/// 保存.
pub(super) async fn save(me: Me, posted: Protected<WorkForm>) -> PageResult {
    match app::profile::save_work(&me.ctx, &posted).await {
        Ok(()) => super::saved(&me, Part::Work).await,
        Err(error) => {
            let errors = fields(error)?;
            let stored = app::profile::find(&me.ctx.app, me.account_id())
                .await
                .map_err(problem)?;
            let form = form(&me).values(posted.submission()).errors(&errors);
            Ok(Html::invalid(draw(&me, &stored, form, None).await?).into())
        }
    }
}
