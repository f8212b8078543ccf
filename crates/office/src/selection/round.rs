//! One list: what it says, what it changes, the second person's word, its time.

use std::sync::Arc;

use app::exam::positions::{self, PositionTable};
use app::exam::{Exam, setup};
use app::selection::export::verdict_words;
use app::selection::round::{self, Looked, Obstacles, Round};
use app::selection::{RoundChange, RowLine};
use askama::Template;
use axum::extract::{Path, Query};
use axum::response::{IntoResponse, Response};
use domain::field::FieldErrors;
use domain::selection::{RoundKind, RoundState};
use domain::time::Timestamp;
use serde::Deserialize;
use web::forms::{Choice, Field, Form};
use web::protected::Nothing;
use web::{Html, PageResult, Protected, Shell, flash, page as answer};

use super::board::tag;
use crate::context::{Desk, problem};
use crate::list::{Cursor, Empty, Export, Filters, Here, Pager, Tabs, Tag};

type PathOf = Path<(String, String)>;
/// Lines on a page.
const PAGE: u32 = 100;

/// What the lines are narrowed to, as the address carries it.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    show: String,
    position: String,
    name: String,
    before: Option<Cursor>,
}

impl Asked {
    /// Who goes on, unless something else is asked for; `all` for any.
    fn verdict(&self) -> &str {
        match self.show.as_str() {
            "" => "on",
            "all" => "",
            other => other,
        }
    }

    pub(super) fn looked(&self, table: &PositionTable) -> Looked {
        let code = domain::sheet::squeezed(&self.position);
        let wanted = table.items().iter().find(|item| item.position.code == code);
        Looked {
            // A code that there isn't finds nobody.
            position_id: match (code.is_empty(), wanted) {
                (true, _) => 0,
                (false, Some(item)) => item.id,
                (false, None) => -1,
            },
            verdict: self.verdict().to_owned(),
            name: domain::text::line(&self.name),
        }
    }

    fn here(&self, path: &str) -> Here {
        Here::new(path)
            .with("show", &self.show)
            .with("position", &self.position)
            .with("name", &self.name)
    }
}

#[derive(Debug, Template)]
#[template(path = "selection/round.html")]
struct Page {
    shell: Shell,
    base: String,
    here: String,
    round: Round,
    tag: Tag,
    table: Arc<PositionTable>,
    obstacles: Obstacles,
    changes: Vec<RoundChange>,
    tabs: Tabs,
    filters: Filters,
    export: Export,
    paper: String,
    rows: Vec<RowLine>,
    pager: Pager,
    empty: Empty,
    /// Is it whole, to be looked through and taken away?
    there: bool,
    own: bool,
    /// Publication, of one that was checked.
    form: Option<Form>,
    /// Who shares a last place, of one for the 体检 that isn't checked.
    tie: Option<Form>,
    withdrawable: bool,
}

impl Page {
    fn place(&self, position_id: &i64) -> String {
        self.table.by_id(*position_id).map_or_else(
            || "（岗位已不在表中）".to_owned(),
            |item| format!("{} {}", item.position.employer, item.position.name),
        )
    }

    fn words(&self, row: &&RowLine) -> String {
        verdict_words(self.round.kind, &row.verdict, &row.why)
    }

    fn change(&self, verdict: &str, rank: &i64) -> String {
        let words = verdict_words(self.round.kind, verdict, "");
        match (words.is_empty(), *rank) {
            (true, 0) if verdict.is_empty() => "不在名单".to_owned(),
            (true, 0) => "不参加排名".to_owned(),
            (true, rank) => format!("第 {rank} 名"),
            (false, 0) => words,
            (false, rank) => format!("{words}，第 {rank} 名"),
        }
    }

    fn marks(&self) -> bool {
        self.round.kind != RoundKind::Shortlist
    }
}

fn dash(text: &str) -> &str {
    if text.is_empty() { "—" } else { text }
}

/// What was typed into one of the two forms, and what is wrong with it.
enum Typed<'a> {
    Nothing,
    Publish(&'a web::Submission, &'a FieldErrors),
    Tie(&'a web::Submission, &'a FieldErrors),
}

fn publish_form(desk: &Desk, here: &str, round: &Round, replaces: bool) -> Form {
    let form = Form::new(&desk.visit, format!("{here}/publish")).field(
        Field::date_time("visible_at", "公布时间")
            .hint("到这一刻名单才生效，考生才能看到；填已过的时间等于立即公布")
            .with(desk.ctx.at.to_input())
            .required(),
    );
    if replaces {
        return form.field(
            Field::text("reason", "更改原因")
                .with(round.row.reason.clone())
                .required(),
        );
    }
    form
}

fn tie_form(desk: &Desk, here: &str, tied: &[RowLine]) -> Form {
    let people = tied.iter().map(|row| {
        Choice::new(
            row.public_id.clone(),
            format!("{}（总成绩 {}）", row.name, dash(&row.total)),
        )
    });
    Form::new(&desk.visit, format!("{here}/tie"))
        .bare()
        .field(Field::select("application", "考生", people).required())
        .field(
            Field::radio(
                "enters",
                "是否进入体检",
                [("yes", "进入"), ("no", "不进入")],
            )
            .required(),
        )
        .field(
            Field::text("reason", "怎样确定的")
                .hint("例如：加试成绩 81.5 分，高于并列的另一人")
                .required(),
        )
}

async fn show(
    desk: &Desk,
    exam: &Exam,
    round: Round,
    asked: &Asked,
    typed: Typed<'_>,
) -> PageResult {
    let base = format!("/office/selection/{}", exam.public_id());
    let here = format!("{base}/rounds/{}", round.row.public_id);
    let table = positions::table(&desk.ctx.app, exam)
        .await
        .map_err(problem)?;
    let obstacles = if round.state.is_open() {
        round::obstacles(&desk.ctx, exam, &round)
            .await
            .map_err(problem)?
    } else {
        Obstacles::default()
    };
    let changes = if round.state.is_open() {
        round::changes(&desk.ctx, exam, &round)
            .await
            .map_err(problem)?
    } else {
        Vec::new()
    };
    let looked = asked.looked(&table);
    let begins = asked.before.as_ref();
    let from = begins.map(|at| (at.first(), at.second(), at.third()));
    let mut rows = round::rows(&desk.ctx, &round, &looked, from, PAGE + 1)
        .await
        .map_err(problem)?;
    let most = usize::try_from(PAGE).unwrap_or(usize::MAX);
    let next = Pager::cut(&mut rows, most, |row| {
        Cursor::three(row.position_id, row.rank, row.application_id)
    });
    let list = asked.here(&here);
    let mut tabs = Tabs::new("名单的范围");
    let choices = match round.kind {
        RoundKind::Shortlist => [
            ("", "入围"),
            ("beyond", "未入围（部分）"),
            ("excluded", "不参加排名"),
            ("all", "全部"),
        ],
        _ => [
            ("", "在名单上"),
            ("beyond", "未进入"),
            ("excluded", "不参加排名"),
            ("all", "全部"),
        ],
    };
    for (code, text) in choices {
        tabs = tabs.tab(text, list.but("show", code), asked.show == code, None);
    }
    let replaces = exam_has(desk, exam, &round).await?;
    let mut form =
        (round.state == RoundState::Checked).then(|| publish_form(desk, &here, &round, replaces));
    let waits = round.kind == RoundKind::Medical && round.state == RoundState::Draft;
    let mut tie = None;
    if waits && obstacles.ties > 0 {
        let tied = Looked {
            verdict: "tie".to_owned(),
            ..Looked::default()
        };
        let tied = round::rows(&desk.ctx, &round, &tied, None, PAGE)
            .await
            .map_err(problem)?;
        tie = Some(tie_form(desk, &here, &tied));
    }
    let failed = match typed {
        Typed::Nothing => false,
        Typed::Publish(sent, errors) => {
            form = form.map(|form| form.values(sent).errors(errors));
            true
        }
        Typed::Tie(sent, errors) => {
            tie = tie.map(|form| form.values(sent).errors(errors));
            true
        }
    };
    let title = format!("{} 第 {} 份", round.kind.label(), round.row.version);
    let shell = Shell::new(&desk.visit, title)
        .below("/office/selection")
        .with_errors(failed);
    let page = Page {
        export: Export::new(&shell, &list),
        paper: Here::new(format!("{here}/paper"))
            .with("show", &asked.show)
            .with("position", &asked.position)
            .with("name", &asked.name)
            .href(),
        filters: Filters::new(&list)
            .text("position", "岗位代码", &asked.position)
            .text("name", "姓名", &asked.name),
        pager: Pager::new(&list, begins, next),
        shell,
        base,
        here,
        tag: tag(&round, desk.ctx.at),
        table,
        obstacles,
        changes,
        tabs,
        rows,
        empty: Empty::new(
            "这个范围里没有考生",
            "换一个范围或清空筛选再看，姓名要写全。",
        ),
        there: !matches!(round.state, RoundState::Staging | RoundState::Discarded),
        own: desk.is(round.row.made_by),
        form,
        tie,
        withdrawable: round.state == RoundState::Published && !round.is_visible(desk.ctx.at),
        round,
    };
    Ok(if failed {
        Html::invalid(page).into()
    } else {
        Html::new(page).into()
    })
}

/// Whether a list of the same kind is in force, so that this one takes its place.
async fn exam_has(desk: &Desk, exam: &Exam, round: &Round) -> PageResult<bool> {
    if round.state != RoundState::Checked {
        return Ok(false);
    }
    let rounds = round::rounds(&desk.ctx, exam).await.map_err(problem)?;
    let mut rounds = rounds.iter();
    Ok(rounds.any(|one| one.kind == round.kind && one.state == RoundState::Published))
}

pub(super) async fn found(desk: &Desk, exam: &str, id: &str) -> PageResult<(Arc<Exam>, Round)> {
    let exam = setup::for_staff(&desk.ctx, exam).await.map_err(problem)?;
    let round = round::round(&desk.ctx, &exam, id).await.map_err(problem)?;
    Ok((exam, round))
}

pub(super) async fn page(
    desk: Desk,
    Path((exam, id)): PathOf,
    Query(asked): Query<Asked>,
) -> PageResult {
    let (exam, round) = found(&desk, &exam, &id).await?;
    show(&desk, &exam, round, &asked, Typed::Nothing).await
}

fn back(desk: &Desk, exam: &Exam, round: &Round, what: &str) -> Response {
    let target = format!(
        "/office/selection/{}/rounds/{}",
        exam.public_id(),
        round.row.public_id
    );
    let text = format!("{} 第 {} 份{what}", round.kind.label(), round.row.version);
    answer::redirect_with(&desk.visit, &target, flash::named(&text, exam.title()))
}

pub(super) async fn check(
    desk: Desk,
    Path((exam, id)): PathOf,
    _: Protected<Nothing>,
) -> PageResult<Response> {
    let (exam, round) = found(&desk, &exam, &id).await?;
    round::check(&desk.ctx, &exam, &id).await.map_err(problem)?;
    Ok(back(&desk, &exam, &round, "已核对无误"))
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Sent {
    visible_at: String,
    reason: String,
}

pub(super) async fn publish(
    desk: Desk,
    Path((exam, id)): PathOf,
    sent: Protected<Sent>,
) -> PageResult<Response> {
    let (exam, round) = found(&desk, &exam, &id).await?;
    let outcome = match Timestamp::parse_local(&sent.visible_at.replace('T', " ")) {
        Some(at) => round::publish(&desk.ctx, &exam, &id, (at, &sent.reason)).await,
        None => Err(app::Error::field(
            "visible_at",
            "请填写公布时间，例如 2026-05-12 10:00",
        )),
    };
    match outcome {
        Ok(()) => Ok(back(&desk, &exam, &round, "已公布")),
        Err(app::Error::Fields(errors)) => {
            let typed = Typed::Publish(sent.submission(), &errors);
            let shown = show(&desk, &exam, round, &Asked::default(), typed).await?;
            Ok(shown.into_response())
        }
        Err(error) => Err(problem(error)),
    }
}

pub(super) async fn withdraw(
    desk: Desk,
    Path((exam, id)): PathOf,
    _: Protected<Nothing>,
) -> PageResult<Response> {
    let (exam, round) = found(&desk, &exam, &id).await?;
    round::withdraw(&desk.ctx, &exam, &id)
        .await
        .map_err(problem)?;
    Ok(back(&desk, &exam, &round, "已撤回，公布时间可以另定"))
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Tie {
    application: String,
    enters: String,
    reason: String,
}

/// Decides about one of those who share a last place.
pub(super) async fn tie(
    desk: Desk,
    Path((exam, id)): PathOf,
    sent: Protected<Tie>,
) -> PageResult<Response> {
    let (exam, round) = found(&desk, &exam, &id).await?;
    let outcome = match sent.enters.as_str() {
        "yes" | "no" => {
            let of = (id.as_str(), sent.application.as_str());
            let word = (sent.enters == "yes", sent.reason.as_str());
            round::decide_tie(&desk.ctx, &exam, of, word).await
        }
        _ => Err(app::Error::field("enters", "请选择是否进入体检")),
    };
    match outcome {
        Ok(()) => Ok(back(&desk, &exam, &round, "：并列的考生已确定")),
        Err(app::Error::Fields(errors)) => {
            let typed = Typed::Tie(sent.submission(), &errors);
            let shown = show(&desk, &exam, round, &Asked::default(), typed).await?;
            Ok(shown.into_response())
        }
        Err(error) => Err(problem(error)),
    }
}
