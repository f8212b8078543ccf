//! 面试与聘用: lists by two people and a clock, everybody's way from 入围 to 聘用, and who follows whom.

mod after;
mod follow;
mod lists;
mod people;
mod settings;

use std::sync::Arc;

use app::exam::Exam;
use app::selection::list::{self, Asked};
use app::selection::{PersonLine, draft, round, step};
use app::{App, Ctx, Error, Result, Stamp, score};
use db::{Command, Lane, Tx};
use domain::exam::ExamSettings;
use domain::selection::rules::RatioStep;
use domain::selection::{RoundKind, StageEvent};
use domain::staff::Role;
use testkit::{TestApp, TestCandidate, TestExam, TestStaff};

use crate::arrangement::{applied, find, patient, seat};
use crate::score::{at, row, scored, tickets, upload};

/// When scores can be seen in these tests.
pub(crate) const SCORES: &str = "2026-05-08 10:00";

/// Two papers, an interview, one place for each post: two of a position.
pub(crate) fn selecting(settings: &mut ExamSettings) {
    scored(settings);
    settings.score.total_line = None;
    settings.notices.score_sms = true;
    let rules = &mut settings.selection;
    rules.on = true;
    rules.ratios = vec![RatioStep::parse_line("1:1").unwrap()];
    rules.total = Some("笔试*60%+面试*40%".parse().unwrap());
}

/// An exam whose scores are out.
pub(crate) struct Stand {
    pub(crate) t: TestApp,
    pub(crate) exam: TestExam,
    /// Candidate and application, in the order of the names.
    pub(crate) people: Vec<(TestCandidate, String)>,
    pub(crate) tickets: Vec<String>,
    /// Two who run the selection.
    pub(crate) one: TestStaff,
    pub(crate) other: TestStaff,
}

/// Name and two marks of each.
pub(crate) type Marks<'a> = &'a [(&'a str, &'a str, &'a str)];

pub(crate) async fn stand(
    t: &TestApp,
    tune: impl FnOnce(&mut ExamSettings),
    marks: Marks<'_>,
) -> Stand {
    let t = patient(t).with(|setup| setup.policy.sms = true);
    let exam = t
        .recruitment(|settings| {
            selecting(settings);
            tune(settings);
        })
        .await;
    let names: Vec<&str> = marks.iter().map(|(name, ..)| *name).collect();
    let people = applied(&t, &exam, &names).await;
    crate::invariants::run(&t, &["UPDATE account SET mobile_verified_at = 1"]).await;
    seat(
        &t,
        &t.staff(&[Role::ExamOfficer]).await.ctx().await,
        &exam,
        "甲",
    )
    .await;
    let numbers = tickets(&t, &people).await;
    t.clock.set("2026-05-01 09:00");
    let s = Stand {
        one: t.staff(&[Role::SelectionOfficer]).await,
        other: t.staff(&[Role::SelectionOfficer]).await,
        exam,
        people,
        tickets: numbers,
        t,
    };
    s.scores(marks, "").await;
    s.t.clock.set(SCORES);
    s
}

impl Stand {
    /// Scores of everybody, published for the usual time or at once.
    pub(crate) async fn scores(&self, marks: Marks<'_>, reason: &str) {
        let (maker, checker) = (
            self.t.staff(&[Role::ScoreOfficer]).await,
            self.t.staff(&[Role::ScoreOfficer]).await,
        );
        let rows: Vec<Vec<String>> = marks
            .iter()
            .zip(&self.tickets)
            .map(|((_, one, two), ticket)| row(ticket, "", one, two))
            .collect();
        let batch = upload(&self.t, &maker, &self.exam, &rows, reason)
            .await
            .unwrap()
            .unwrap();
        let exam = self.now().await;
        let ctx = checker.ctx().await;
        score::check(&ctx, &exam, &batch).await.unwrap();
        let visible = at(SCORES).max(self.t.now());
        score::publish(&ctx, &exam, &batch, (visible, reason))
            .await
            .unwrap();
    }

    pub(crate) async fn now(&self) -> Arc<Exam> {
        find(&self.t, &self.exam).await
    }

    /// The first officer.
    pub(crate) async fn ctx(&self) -> Ctx {
        self.one.ctx().await
    }

    /// The second officer.
    pub(crate) async fn second(&self) -> Ctx {
        self.other.ctx().await
    }

    /// A list of a kind, made by one and checked by the other; its public id.
    pub(crate) async fn checked(&self, kind: RoundKind) -> Result<String> {
        let exam = self.now().await;
        let id = draft::make(&self.ctx().await, &exam, kind).await?;
        round::check(&self.second().await, &exam, &id).await?;
        Ok(id)
    }

    /// The same, published at once and carried out.
    pub(crate) async fn published(&self, kind: RoundKind, reason: &str) -> Result<String> {
        let id = self.checked(kind).await?;
        self.publish(&id, reason).await?;
        self.t.run_jobs().await;
        Ok(id)
    }

    pub(crate) async fn publish(&self, id: &str, reason: &str) -> Result<()> {
        let exam = self.now().await;
        round::publish(&self.second().await, &exam, id, (self.t.now(), reason)).await
    }

    /// Everybody on a list now, by application.
    pub(crate) async fn listed(&self) -> Vec<PersonLine> {
        let exam = self.now().await;
        list::page(&self.ctx().await, &exam, &Asked::default(), None, 1_000)
            .await
            .unwrap()
    }

    /// One of them by name.
    pub(crate) async fn person(&self, name: &str) -> PersonLine {
        let listed = self.listed().await;
        let found = listed.into_iter().find(|one| one.name == name);
        found.unwrap_or_else(|| panic!("{name} is on no list"))
    }

    /// Name and stage of everybody, by name.
    pub(crate) async fn stages(&self) -> Vec<(String, String)> {
        let mut stages: Vec<(String, String)> = self
            .listed()
            .await
            .into_iter()
            .map(|one| (one.name, one.stage))
            .collect();
        stages.sort();
        stages
    }

    /// How many SMS of a kind were put into the outbox.
    pub(crate) async fn texted(&self, template: &str) -> usize {
        let sql = format!(
            "SELECT CAST(COUNT(*) AS TEXT) FROM outbox_message WHERE template = '{template}'"
        );
        crate::invariants::text_of(&self.t, &sql)
            .await
            .parse()
            .unwrap()
    }

    /// A candidate with his application, by name.
    pub(crate) fn of(&self, name: &str) -> &(TestCandidate, String) {
        self.people
            .iter()
            .find(|(who, _)| who.person.name == name)
            .unwrap_or_else(|| panic!("nobody is called {name}"))
    }
}

pub(crate) fn code(result: Result<impl std::fmt::Debug>) -> &'static str {
    match result {
        Err(Error::Refused(refusal)) => refusal.code,
        other => panic!("not refused: {other:?}"),
    }
}

pub(crate) fn field(result: Result<impl std::fmt::Debug>, name: &str) -> String {
    match result {
        Err(Error::Fields(errors)) => errors.get(name).unwrap_or_default().to_owned(),
        other => panic!("no field to mend: {other:?}"),
    }
}

/// What features beside the selection tell it, in a transaction of theirs.
pub(crate) enum Told {
    /// An application ended.
    Left,
    /// The interview's outcome, and its mark.
    Interviewed(StageEvent, &'static str),
    /// The 公示, and why.
    Publicised(StageEvent, &'static str),
}

struct Tell {
    stamp: Stamp,
    app: App,
    id: i64,
    told: Told,
}

impl Command for Tell {
    const NAME: &'static str = "test.tell";
    type Out = ();
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        let mut trail = self.stamp.trail();
        let (app, id) = (&self.app, self.id);
        match self.told {
            Told::Left => app::selection::left_in(tx, &mut trail, app, id).await,
            Told::Interviewed(event, mark) => {
                step::interviewed(tx, &mut trail, app, id, (event, mark)).await
            }
            Told::Publicised(event, why) => {
                step::publicised(tx, &mut trail, app, id, (event, why)).await
            }
        }
    }
}

impl Stand {
    /// Tells the selection something of somebody.
    pub(crate) async fn tell(&self, name: &str, told: Told) -> Result<()> {
        let ctx = self.t.system();
        let command = Tell {
            stamp: Stamp::of(&ctx),
            app: ctx.app.clone(),
            id: self.person(name).await.application_id,
            told,
        };
        ctx.app.db().write(Lane::Interactive, command).await
    }
}
