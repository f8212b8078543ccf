//! 家庭成员与其他: rows for 回避, awards and remarks.

use app::draft::Fields;
use app::profile::Stored;
use domain::field::FieldErrors;
use domain::profile::{FamilyForm, FamilyRowForm, MOST_FAMILY, Part, PoliticalStatus, Relation};
use domain::time::Timestamp;
use web::forms::{Field, Form};
use web::{Html, PageResult, Protected, Shell};

use super::{Around, choices, rows};
use crate::context::{Me, fields, problem};
use crate::way_back;

#[derive(Debug, askama::Template)]
#[template(path = "profile/family.html")]
struct Page {
    shell: Shell,
    form: Form,
    around: Around,
    rows: Vec<Names>,
    more: bool,
}

/// The names of one row's fields.
#[derive(Debug)]
struct Names {
    number: usize,
    relation: String,
    name: String,
    political: String,
    unit: String,
}

impl Names {
    fn of(row: usize) -> Self {
        let name = |name: &str| format!("{name}_{row}");
        Self {
            number: row + 1,
            relation: name("relation"),
            name: name("name"),
            political: name("political"),
            unit: name("unit"),
        }
    }
}

fn form(me: &Me, typed: &FamilyForm, count: usize) -> Form {
    let mut form = Form::new(&me.visit, way_back::keep(&me.visit, "/profile/family"))
        .draft(crate::draft::address("profile-family"));
    let relations = choices(
        Relation::ALL.iter().copied(),
        Relation::code,
        Relation::label,
    );
    let politics = choices(
        PoliticalStatus::ALL.iter().copied(),
        PoliticalStatus::code,
        PoliticalStatus::label,
    );
    for row in 0..count {
        let names = Names::of(row);
        let typed = typed.rows.get(row).cloned().unwrap_or_default();
        form = form
            .field(
                Field::select(names.relation, "与本人关系", relations.clone()).with(typed.relation),
            )
            .field(
                Field::text(names.name, "姓名")
                    .with(typed.name)
                    .attribute("maxlength", "60"),
            )
            .field(
                Field::select(names.political, "政治面貌", politics.clone()).with(typed.political),
            )
            .field(
                Field::text(names.unit, "工作单位及职务")
                    .with(typed.unit)
                    .attribute("maxlength", "80"),
            );
    }
    form.field(
        Field::text_area("awards", "奖惩情况", 3)
            .optional()
            .with(typed.awards.clone()),
    )
    .field(
        Field::text_area("remarks", "备注", 3)
            .optional()
            .with(typed.remarks.clone()),
    )
}

fn read(sent: &Fields) -> FamilyForm {
    FamilyForm {
        rows: (0..rows::count(sent, "name"))
            .map(|row| FamilyRowForm {
                relation: rows::value(sent, "relation", row).to_owned(),
                name: rows::value(sent, "name", row).to_owned(),
                political: rows::value(sent, "political", row).to_owned(),
                unit: rows::value(sent, "unit", row).to_owned(),
            })
            .collect(),
        awards: rows::single(sent, "awards").to_owned(),
        remarks: rows::single(sent, "remarks").to_owned(),
    }
}

/// What is shown: the form as typed, how many rows, what to mend, when the draft was kept.
struct Shown<'a> {
    typed: &'a FamilyForm,
    count: usize,
    errors: FieldErrors,
    draft: Option<Timestamp>,
}

async fn draw(me: &Me, stored: &Stored, shown: Shown<'_>) -> Page {
    let form = form(me, shown.typed, shown.count)
        .errors(&shown.errors)
        .refill(&me.visit);
    Page {
        shell: super::shell(me, form.has_errors()).await,
        form,
        around: Around::new(me, Part::Family, &stored.profile, shown.draft),
        rows: (0..shown.count).map(Names::of).collect(),
        more: shown.count < MOST_FAMILY,
    }
}

/// The page.
pub(super) async fn page(me: Me) -> PageResult {
    let stored = app::profile::find(&me.ctx.app, me.account_id())
        .await
        .map_err(problem)?;
    let draft = super::draft(&me, Part::Family).await?;
    let typed = match &draft {
        Some((fields, _)) => read(fields),
        None => stored
            .profile
            .family
            .as_ref()
            .map(FamilyForm::from)
            .unwrap_or_default(),
    };
    let filled = typed
        .rows
        .iter()
        .rposition(|row| !row.is_empty())
        .map_or(0, |last| last + 1);
    let count = if me.visit.refill().is_some() {
        MOST_FAMILY
    } else {
        rows::shown(filled, MOST_FAMILY)
    };
    let shown = Shown {
        typed: &typed,
        count,
        errors: FieldErrors::new(),
        draft: draft.as_ref().map(|(_, at)| *at),
    };
    Ok(Html::new(draw(&me, &stored, shown).await).into())
}

/// 保存, or 增加一行.
pub(super) async fn save(me: Me, posted: Protected<Fields>) -> PageResult {
    let typed = read(&posted);
    let stored = app::profile::find(&me.ctx.app, me.account_id())
        .await
        .map_err(problem)?;
    if rows::wants_more(&posted) {
        let count = (typed.rows.len() + 3).min(MOST_FAMILY);
        let shown = Shown {
            typed: &typed,
            count,
            errors: FieldErrors::new(),
            draft: None,
        };
        return Ok(Html::new(draw(&me, &stored, shown).await).into());
    }
    match app::profile::save_family(&me.ctx, &typed).await {
        Ok(()) => super::saved(&me, Part::Family).await,
        Err(error) => {
            let count = typed.rows.len().max(3);
            let shown = Shown {
                typed: &typed,
                count,
                errors: fields(error)?,
                draft: None,
            };
            Ok(Html::invalid(draw(&me, &stored, shown).await).into())
        }
    }
}
