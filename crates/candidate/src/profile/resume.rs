//! 简历, row by row from senior high school to today.

use app::draft::Fields;
use app::profile::Stored;
use domain::field::FieldErrors;
use domain::profile::{MOST_RESUME, Part, ResumeRowForm};
use domain::time::Timestamp;
use web::forms::{Field, Form};
use web::{Html, PageResult, Protected, Shell};

use super::{Around, rows};
use crate::context::{Me, fields, problem};
use crate::way_back;

#[derive(Debug, askama::Template)]
#[template(path = "profile/resume.html")]
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
    from: String,
    to: String,
    place: String,
    role: String,
}

impl Names {
    fn of(row: usize) -> Self {
        let name = |name: &str| format!("{name}_{row}");
        Self {
            number: row + 1,
            from: name("from"),
            to: name("to"),
            place: name("place"),
            role: name("role"),
        }
    }
}

fn form(me: &Me, typed: &[ResumeRowForm], count: usize) -> Form {
    let mut form = Form::new(&me.visit, way_back::keep(&me.visit, "/profile/resume"))
        .draft(crate::draft::address("profile-resume"));
    for row in 0..count {
        let names = Names::of(row);
        let typed = typed.get(row).cloned().unwrap_or_default();
        form = form
            .field(
                Field::text(names.from, "开始时间")
                    .with(typed.from)
                    .attribute("maxlength", "20"),
            )
            .field(
                Field::text(names.to, "结束时间")
                    .with(typed.to)
                    .attribute("maxlength", "20"),
            )
            .field(
                Field::text(names.place, "学校或单位")
                    .with(typed.place)
                    .attribute("maxlength", "80"),
            )
            .field(
                Field::text(names.role, "学习或担任的职务")
                    .with(typed.role)
                    .attribute("maxlength", "60"),
            );
    }
    form
}

fn read(sent: &Fields) -> Vec<ResumeRowForm> {
    (0..rows::count(sent, "from"))
        .map(|row| ResumeRowForm {
            from: rows::value(sent, "from", row).to_owned(),
            to: rows::value(sent, "to", row).to_owned(),
            place: rows::value(sent, "place", row).to_owned(),
            role: rows::value(sent, "role", row).to_owned(),
        })
        .collect()
}

/// What is shown: the rows as typed, how many, what to mend, when the draft was kept.
struct Shown<'a> {
    typed: &'a [ResumeRowForm],
    count: usize,
    errors: FieldErrors,
    draft: Option<Timestamp>,
}

async fn draw(me: &Me, stored: &Stored, shown: Shown<'_>) -> Page {
    let form = form(me, shown.typed, shown.count).errors(&shown.errors);
    Page {
        shell: super::shell(me, form.has_errors()).await,
        form,
        around: Around::new(me, Part::Resume, &stored.profile, shown.draft),
        rows: (0..shown.count).map(Names::of).collect(),
        more: shown.count < MOST_RESUME,
    }
}

/// What was typed before the session ended.
fn refilled(me: &Me) -> Option<Fields> {
    let refill = me.visit.refill()?;
    let mut fields = Fields::new();
    for row in 0..MOST_RESUME {
        for name in ["from", "to", "place", "role"] {
            let key = format!("{name}_{row}");
            let values: Vec<String> = refill.values(&key).map(str::to_owned).collect();
            if !values.is_empty() {
                fields.insert(key, values);
            }
        }
    }
    Some(fields)
}

/// The page.
pub(super) async fn page(me: Me) -> PageResult {
    let stored = app::profile::find(&me.ctx.app, me.account_id())
        .await
        .map_err(problem)?;
    let draft = super::draft(&me, Part::Resume).await?;
    let typed: Vec<ResumeRowForm> = match (refilled(&me), &draft) {
        (Some(fields), _) => read(&fields),
        (None, Some((fields, _))) => read(fields),
        (None, None) => stored
            .profile
            .resume
            .iter()
            .map(ResumeRowForm::from)
            .collect(),
    };
    let filled = typed
        .iter()
        .rposition(|row| !row.is_empty())
        .map_or(0, |last| last + 1);
    let shown = Shown {
        typed: &typed,
        count: rows::shown(filled, MOST_RESUME),
        errors: FieldErrors::new(),
        draft: draft.map(|(_, at)| at),
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
        let count = (typed.len() + 3).min(MOST_RESUME);
        let shown = Shown {
            typed: &typed,
            count,
            errors: FieldErrors::new(),
            draft: None,
        };
        return Ok(Html::new(draw(&me, &stored, shown).await).into());
    }
    match app::profile::save_resume(&me.ctx, &typed).await {
        Ok(()) => super::saved(&me, Part::Resume).await,
        Err(error) => {
            let count = typed.len().max(3);
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
