//! 到场情况: how many are in, by site and room, and who isn't, for one session.

use app::arrangement::Session;
use app::door::{self, Missing, MissingRow, RoomCount, SiteCount};
use app::exam::{Exam, setup};
use askama::Template;
use axum::extract::{Path, Query};
use serde::Deserialize;
use web::{Html, PageResult, Protected, Shell};

use crate::context::{Desk, problem};
use crate::list::{Cursor, Empty, Export, Filters, Here, Pager, Tabs, Taken, given};

/// Lines on a page.
const PAGE: i64 = 100;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    /// The session; the one that is on or comes next if it isn't said.
    session: String,
    /// A site: then its rooms are shown.
    site: String,
    /// `missing`: who isn't in.
    show: String,
    before: Option<Cursor>,
}

impl Asked {
    fn site(&self) -> Option<i64> {
        self.site.parse().ok()
    }

    fn session(&self, desk: &Desk, sessions: &[Session]) -> i64 {
        let typed: Option<u32> = self.session.parse().ok();
        let known = sessions.iter().find(|one| Some(one.number) == typed);
        let coming = sessions.iter().find(|one| one.ends_at > desk.ctx.at);
        let chosen = known.or(coming).or(sessions.last());
        chosen.map_or(1, |one| i64::from(one.number))
    }

    fn is_missing(&self) -> bool {
        self.show == "missing"
    }
}

#[derive(Debug)]
enum Lines {
    Sites(Vec<SiteCount>),
    Rooms(Vec<RoomCount>),
    Missing(Vec<MissingRow>),
}

impl Lines {
    fn is_empty(&self) -> bool {
        match self {
            Self::Sites(rows) => rows.is_empty(),
            Self::Rooms(rows) => rows.is_empty(),
            Self::Missing(rows) => rows.is_empty(),
        }
    }
}

#[derive(Debug, Template)]
#[template(path = "door/presence.html")]
struct Page {
    shell: Shell,
    back: String,
    export: Export,
    tabs: Tabs,
    filters: Filters,
    lines: Lines,
    here: Here,
    pager: Pager,
    empty: Empty,
    seated: bool,
}

impl Page {
    fn site_href(&self, no: &i64) -> String {
        self.here.but("site", &no.to_string())
    }
}

/// Who isn't in and wasn't sent back either.
fn unseen(people: &i64, present: &i64, refused: &i64) -> i64 {
    people.saturating_sub(*present).saturating_sub(*refused)
}

fn last(at: &i64) -> String {
    if *at == 0 {
        "—".to_owned()
    } else {
        crate::show::short(*at)
    }
}

async fn lines(
    desk: &Desk,
    exam: &Exam,
    asked: &Asked,
    session: i64,
) -> PageResult<(Lines, Option<Cursor>)> {
    let size = usize::try_from(PAGE).unwrap_or(100);
    let from = asked.before.as_ref();
    let after = from.map_or(i64::MIN, Cursor::first);
    if asked.is_missing() {
        let wanted = Missing {
            session,
            site: asked.site(),
        };
        let place = from.map(|cursor| (cursor.first(), cursor.second()));
        let mut rows = door::missing(&desk.ctx, exam, wanted, place, PAGE + 1)
            .await
            .map_err(problem)?;
        let next = Pager::cut(&mut rows, size, |row| Cursor::two(row.room_no, row.seat_no));
        return Ok((Lines::Missing(rows), next));
    }
    match asked.site() {
        Some(site) => {
            let mut rows = door::of_rooms(&desk.ctx, exam, (session, site), after, PAGE)
                .await
                .map_err(problem)?;
            let next = Pager::cut(&mut rows, size, |row| Cursor::one(row.room_no));
            Ok((Lines::Rooms(rows), next))
        }
        None => {
            let mut rows = door::of_sites(&desk.ctx, exam, session, after, PAGE)
                .await
                .map_err(problem)?;
            let next = Pager::cut(&mut rows, size, |row| Cursor::one(row.site_no));
            Ok((Lines::Sites(rows), next))
        }
    }
}

pub(super) async fn page(
    desk: Desk,
    Path(exam): Path<String>,
    Query(asked): Query<Asked>,
) -> PageResult {
    let exam = setup::for_staff(&desk.ctx, &exam).await.map_err(problem)?;
    let sites = door::sites(&desk.ctx, &exam).await.map_err(problem)?;
    let sessions = app::arrangement::sessions(&desk.ctx.app, &exam)
        .await
        .map_err(problem)?;
    let session = asked.session(&desk, &sessions);
    let number = session.to_string();
    let back = format!("/office/door/{}", exam.public_id());
    let here = Here::new(format!("{back}/presence"))
        .with("session", &number)
        .with("site", &asked.site)
        .with("show", &asked.show);
    let (lines, next) = lines(&desk, &exam, &asked, session).await?;
    let shell = Shell::new(&desk.visit, "到场情况").below("/office/door");
    let choices = sessions
        .iter()
        .map(|one| (one.number.to_string(), one.line()));
    let of_sites = sites.iter().map(|site| {
        let text = format!("{} {}", site.site_no, site.name);
        (site.site_no.to_string(), text)
    });
    let tabs = Tabs::new("到场情况")
        .tab("到场人数", here.but("show", ""), !asked.is_missing(), None)
        .tab(
            "未到名单",
            here.but("show", "missing"),
            asked.is_missing(),
            None,
        );
    let empty = if !exam.is_seated() {
        Empty::new(
            "考场尚未编排",
            "公布考场编排后，这里按考点、考场统计到场人数。",
        )
    } else if asked.is_missing() {
        Empty::new("都到齐了", "这一场次、这个范围内的考生都已核验入场。")
    } else {
        Empty::new("这一场次没有考生", "请换一个场次或考点查看。")
    };
    Ok(Html::new(Page {
        export: Export::new(&shell, &here),
        filters: Filters::new(&here)
            .select("session", "场次", &number, choices)
            .select("site", "考点", &asked.site, of_sites),
        pager: Pager::new(&here, asked.before.as_ref(), next),
        empty: empty.icon(web::icon::SCAN),
        seated: exam.is_seated(),
        shell,
        back,
        tabs,
        lines,
        here,
    })
    .into())
}

/// Who isn't in, as a file.
pub(super) async fn export(
    desk: Desk,
    Path(exam): Path<String>,
    Query(asked): Query<Asked>,
    taken: Protected<Taken>,
) -> PageResult {
    let exam = setup::for_staff(&desk.ctx, &exam).await.map_err(problem)?;
    let sessions = app::arrangement::sessions(&desk.ctx.app, &exam)
        .await
        .map_err(problem)?;
    let wanted = Missing {
        session: asked.session(&desk, &sessions),
        site: asked.site(),
    };
    let copy = door::export_missing(&desk.ctx, &exam, wanted, taken.format())
        .await
        .map_err(problem)?;
    given(&desk, &exam.sheet("未到名单"), taken.format(), copy)
}
