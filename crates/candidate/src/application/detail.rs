//! 详细: the 报名登记表 on a page and as a PDF, with the history.

use app::application::{self, Block, EventRow, RegistrationForm};
use askama::Template;
use axum::extract::Path;
use domain::application::progress::Next;
use domain::application::{Event, State};
use domain::selection::Stage;
use domain::time::Timestamp;
use web::layout::Item;
use web::{Html, PageResult, Shell};

use super::form::attachment;
use super::mine::{Card, card};
use crate::context::{Me, problem};

#[derive(Debug)]
struct Line {
    at: String,
    text: String,
}

#[derive(Debug, Template)]
#[template(path = "application/detail.html")]
struct Page {
    shell: Shell,
    card: Card,
    id: String,
    title: String,
    sheet: RegistrationForm,
    has_photo: bool,
    files: Vec<(String, String)>,
    history: Vec<Line>,
    may_edit: bool,
    may_withdraw: bool,
    apply: String,
    /// Where it stands between 入围 and 聘用.
    selection: Option<&'static str>,
}

pub(super) async fn show(me: Me, Path(id): Path<String>) -> PageResult {
    let view = application::own(&me.ctx, &id).await.map_err(problem)?;
    let sheet = application::sheet(&me.ctx, &view).await.map_err(problem)?;
    let content = application::own_content(&me.ctx, &view)
        .await
        .map_err(problem)?;
    let events = application::own_events(&me.ctx, &view)
        .await
        .map_err(problem)?;
    let mut files = Vec::new();
    for answer in content.answers.values() {
        if let domain::exam::question::Answer::Files(list) = answer {
            files.extend(
                list.iter()
                    .map(|file| (file.object.clone(), file.name.clone())),
            );
        }
    }
    let open = view.exam.open_at(me.ctx.at).registration && matches!(view.state, State::Live(_));
    let money = view.state.tracks().holds_money();
    let stage = app::selection::own::glimpse(&me.ctx, &view.exam, &id)
        .await
        .map_err(problem)?;
    let page = Page {
        selection: stage.map(Stage::label),
        shell: me.shell("报名登记表").await.at(Item::Applications),
        id: view.row.public_id.clone(),
        title: view.exam.title().to_owned(),
        has_photo: view.row.photo_id != 0,
        history: events.iter().map(line).collect(),
        may_edit: open
            && !money
            && !view.seated
            && matches!(view.next, Next::AwaitReview | Next::Refused { .. }),
        may_withdraw: open && !money && !view.seated,
        apply: format!("/apply/{}", view.exam.public_id()),
        card: card(view, me.ctx.at),
        sheet,
        files,
    };
    Ok(Html::new(page).into())
}

/// The candidate reads what happened, and by which side; not who among the staff.
fn line(event: &EventRow) -> Line {
    let what = Event::from_code(&event.event).map_or("其他", Event::label);
    let text = if event.note.is_empty() {
        what.to_owned()
    } else {
        format!("{what}：{}", event.note)
    };
    Line {
        at: Timestamp::from_micros(event.at).to_local_minute(),
        text,
    }
}

pub(super) async fn pdf(me: Me, Path(id): Path<String>) -> PageResult {
    let view = application::own(&me.ctx, &id).await.map_err(problem)?;
    let bytes = application::sheet_pdf(&me.ctx, &view)
        .await
        .map_err(problem)?;
    let name = format!("报名登记表-{}.pdf", view.row.registration_no);
    Ok(web::page::inline("application/pdf", &name, bytes))
}

pub(super) async fn photo(me: Me, Path(id): Path<String>) -> PageResult {
    let view = application::own(&me.ctx, &id).await.map_err(problem)?;
    let file = application::own_photo(&me.ctx, &view)
        .await
        .map_err(problem)?;
    Ok(attachment(file))
}

pub(super) async fn file(me: Me, Path((id, object)): Path<(String, String)>) -> PageResult {
    let file = application::own_attachment(&me.ctx, &id, &object)
        .await
        .map_err(problem)?;
    Ok(attachment(file))
}
