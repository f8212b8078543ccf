//! One plan: rooms, differences, publication, papers.

use app::arrangement::{self, Differences, PlanRow, RoomRow, SeatRow};
use app::exam::{Exam, setup};
use askama::Template;
use axum::extract::{Path, Query};
use axum::response::Response;
use domain::arrangement::{PlanState, RoomUse, seed_hash};
use serde::Deserialize;
use web::protected::Nothing;
use web::{Html, PageResult, Protected, Shell, redirect};

use super::import::XLSX;
use super::list::tag;
use crate::context::{Desk, problem};
use crate::list::{Asked, Cursor, Here, Pager, Tag};

type PathOf = Path<(String, String)>;

#[derive(Debug, Template)]
#[template(path = "arrangement/plan.html")]
struct Page {
    shell: Shell,
    base: String,
    here: String,
    plan: PlanRow,
    tag: Tag,
    ready: bool,
    open: bool,
    /// Seats that are there and seats in all, while it is being made.
    progress: Option<(i64, i64)>,
    seed_hash: String,
    rooms: Vec<RoomRow>,
    pager: Pager,
    differences: Option<Differences>,
    first: i64,
    last: i64,
}

impl Page {
    fn usage(&self, room: &&RoomRow) -> &'static str {
        RoomUse::from_code(&room.usage).map_or("", RoomUse::label)
    }
}

async fn load(desk: &Desk, exam: &str, plan: &str) -> app::Result<(std::sync::Arc<Exam>, PlanRow)> {
    let exam = setup::for_staff(&desk.ctx, exam).await?;
    let plan = arrangement::plan(&desk.ctx, &exam, plan).await?;
    Ok((exam, plan))
}

pub(super) async fn page(
    desk: Desk,
    Path((exam, plan)): PathOf,
    Query(asked): Query<Asked>,
) -> PageResult {
    let (exam, plan) = load(&desk, &exam, &plan).await.map_err(problem)?;
    let begins = asked.before.as_ref();
    let after = begins.map_or((i64::MIN, 0), |at| (at.first(), at.second()));
    let (rooms, next) = arrangement::rooms(&desk.ctx, &plan, after)
        .await
        .map_err(problem)?;
    let (first, last) = arrangement::first_rooms(&desk.ctx, &plan)
        .await
        .map_err(problem)?;
    let differences = arrangement::differences(&desk.ctx, &exam, &plan)
        .await
        .map_err(problem)?;
    let state = PlanState::from_code(&plan.state);
    let progress = match state {
        Some(PlanState::Staging) => Some(
            arrangement::progress(&desk.ctx, &plan)
                .await
                .map_err(problem)?,
        ),
        _ => None,
    };
    let base = format!("/office/seating/{}", exam.public_id());
    let here = format!("{base}/plans/{}", plan.public_id);
    let next = next.map(|(site, room)| Cursor::two(site, room));
    let page = Page {
        shell: Shell::new(&desk.visit, format!("第 {} 版编排", plan.version))
            .below("/office/seating"),
        pager: Pager::new(&Here::new(here.as_str()), begins, next),
        here,
        base,
        tag: tag(&plan),
        ready: state == Some(PlanState::Ready),
        progress,
        open: matches!(state, Some(PlanState::Ready | PlanState::Staging)),
        seed_hash: if plan.seed.is_empty() {
            String::new()
        } else {
            seed_hash(&plan.seed)
        },
        differences: differences.filter(|_| state == Some(PlanState::Ready)),
        first,
        last,
        plan,
        rooms,
    };
    Ok(Html::new(page).into())
}

#[derive(Debug, Template)]
#[template(path = "arrangement/room.html")]
struct Room {
    shell: Shell,
    back: String,
    room: RoomRow,
    sessions: Vec<(i64, Vec<(SeatRow, String)>)>,
}

pub(super) async fn room(
    desk: Desk,
    Path((exam, plan, room)): Path<(String, String, String)>,
) -> PageResult {
    let room: i64 = room.parse().map_err(|_| problem(app::Error::NotFound))?;
    let (exam, plan) = load(&desk, &exam, &plan).await.map_err(problem)?;
    let found = arrangement::one_room(&desk.ctx, &plan, room)
        .await
        .map_err(problem)?;
    let mut sessions: Vec<(i64, Vec<(SeatRow, String)>)> = Vec::new();
    for seat in arrangement::room(&desk.ctx, &plan, room)
        .await
        .map_err(problem)?
    {
        if sessions
            .last()
            .is_none_or(|(session, _)| *session != seat.session)
        {
            sessions.push((seat.session, Vec::new()));
        }
        let choice = serde_json::from_str::<domain::exam::snapshot::Choice>(&seat.choice)
            .map(|choice| choice.text())
            .unwrap_or_default();
        if let Some((_, seats)) = sessions.last_mut() {
            seats.push((seat, choice));
        }
    }
    let page = Room {
        shell: Shell::new(&desk.visit, format!("第 {room} 考场")).below("/office/seating"),
        back: format!(
            "/office/seating/{}/plans/{}",
            exam.public_id(),
            plan.public_id
        ),
        room: found,
        sessions,
    };
    Ok(Html::new(page).into())
}

pub(super) async fn publish(
    desk: Desk,
    Path((exam, plan)): PathOf,
    _: Protected<Nothing>,
) -> PageResult<Response> {
    let exam = setup::for_staff(&desk.ctx, &exam).await.map_err(problem)?;
    arrangement::publish(&desk.ctx, &exam, &plan)
        .await
        .map_err(problem)?;
    let target = format!("/office/seating/{}", exam.public_id());
    Ok(web::page::redirect_with(
        &desk.visit,
        &target,
        web::flash::named("考场编排已公布", exam.title()),
    ))
}

pub(super) async fn discard(
    desk: Desk,
    Path((exam, plan)): PathOf,
    _: Protected<Nothing>,
) -> PageResult<Response> {
    let exam = setup::for_staff(&desk.ctx, &exam).await.map_err(problem)?;
    arrangement::discard(&desk.ctx, &exam, &plan)
        .await
        .map_err(problem)?;
    Ok(redirect(&format!("/office/seating/{}", exam.public_id())))
}

/// Which papers of which rooms.
#[derive(Debug, Deserialize)]
pub(super) struct Wanted {
    kind: String,
    first: String,
    last: String,
}

pub(super) async fn papers(
    desk: Desk,
    Path((exam, plan)): PathOf,
    form: Protected<Wanted>,
) -> PageResult<Response> {
    use app::arrangement::PaperKind as Kind;
    let (exam, plan) = load(&desk, &exam, &plan).await.map_err(problem)?;
    let kind = match form.kind.as_str() {
        "door" => Kind::Door,
        "chart" => Kind::Chart,
        _ => Kind::SignIn,
    };
    let number = |text: &str| domain::sheet::clean::whole_number(text).map(i64::from);
    let range = number(&form.first)
        .zip(number(&form.last))
        .filter(|(first, last)| first <= last);
    let range = range.ok_or_else(|| {
        problem(app::Error::field(
            "first",
            "考场号应为整数，起始号不能大于结束号",
        ))
    })?;
    let bytes = arrangement::print(&desk.ctx, &exam, &plan, kind, range)
        .await
        .map_err(problem)?;
    let name = format!(
        "{} {}（{}-{}）.pdf",
        exam.title(),
        kind.label(),
        range.0,
        range.1
    );
    Ok(web::page::download("application/pdf", &name, bytes))
}

pub(super) async fn table(
    desk: Desk,
    Path((exam, plan)): PathOf,
    _: Protected<Nothing>,
) -> PageResult<Response> {
    let (exam, plan) = load(&desk, &exam, &plan).await.map_err(problem)?;
    let bytes = arrangement::seats_xlsx(&desk.ctx, &exam, &plan)
        .await
        .map_err(problem)?;
    let name = format!("{} 编排表 第{}版.xlsx", exam.title(), plan.version);
    Ok(web::page::download(XLSX, &name, bytes))
}
