//! Published positions: amended with a notice, checked against 开考比例, cut and cancelled by two people, and what becomes of those
//! who applied.

mod amend;
mod cancel;
mod lists;
mod pages;
mod races;
mod ratio;

use std::collections::BTreeMap;
use std::sync::Arc;

use app::application::{self, View};
use app::exam::amendment::Publication;
use app::exam::decision::{self, Single};
use app::exam::{self, Exam};
use app::{Ctx, Error};
use domain::application::Event;
use domain::exam::Phase;
use domain::exam::settings::ExamSettings;
use domain::staff::Role;
use testkit::{TestApp, TestCandidate, TestExam, TestStaff, moved};

pub(crate) const POSITION: &str = "数字资源管理";
const OTHER: &str = "信息系统运维";
const REASON: &str = "单位机构调整，不再招聘";

fn refusal<T: std::fmt::Debug>(answer: app::Result<T>) -> &'static str {
    match answer {
        Err(Error::Refused(refusal)) => refusal.code,
        other => panic!("not refused: {other:?}"),
    }
}

fn field<T: std::fmt::Debug>(answer: app::Result<T>, key: &str) -> String {
    match answer {
        Err(Error::Fields(errors)) => errors
            .get(key)
            .unwrap_or_else(|| panic!("no {key} in {errors:?}"))
            .to_owned(),
        other => panic!("no fields: {other:?}"),
    }
}

async fn found(t: &TestApp, exam: &TestExam) -> Arc<Exam> {
    exam::find(&t.app, &exam.public_id).await.expect("the exam")
}

/// Asks and confirms, and a reviewer to look at who chose anew.
struct Desk {
    one: TestStaff,
    two: TestStaff,
}

impl Desk {
    async fn of(t: &TestApp) -> Self {
        Self {
            one: t.staff(&[Role::ExamOfficer]).await,
            two: t.staff(&[Role::ExamOfficer]).await,
        }
    }
}

fn notice() -> Publication {
    Publication {
        reason: REASON.into(),
        title: "取消部分岗位的公告".into(),
        body: "根据工作需要，取消以下岗位。\n报考人员可以改报。".into(),
    }
}

/// One asks for the end of a position; the decision's public id.
async fn asked(ctx: &Ctx, t: &TestApp, exam: &TestExam, position: &str) -> String {
    let exam_now = found(t, exam).await;
    let single = Single {
        outcome: "cancel".into(),
        headcount: String::new(),
        reason: REASON.into(),
    };
    let id = decision::draft_single(ctx, &exam_now, exam.position(position), &single)
        .await
        .expect("a draft");
    decision::ask(ctx, &exam_now, &id, &notice())
        .await
        .expect("asked");
    id
}

/// Cancels a position by two people and lets the job do it.
pub(crate) async fn cancelled(t: &TestApp, exam: &TestExam, position: &str) -> String {
    let desk = Desk::of(t).await;
    let id = asked(&desk.one.ctx().await, t, exam, position).await;
    let now = found(t, exam).await;
    decision::decide(&desk.two.ctx().await, &now, &id, true, "")
        .await
        .expect("confirmed");
    t.run_jobs().await;
    id
}

/// 改报 on 24 and 25 March, after everything else closed; the review goes on for those who choose anew.
pub(crate) fn with_reapply(settings: &mut ExamSettings) {
    moved(
        settings,
        Phase::Reapply,
        "2026-03-24 08:00",
        "2026-03-26 08:00",
    );
    moved(
        settings,
        Phase::Review,
        "2026-03-16 08:00",
        "2026-03-30 17:00",
    );
    moved(
        settings,
        Phase::Payment,
        "2026-03-16 08:00",
        "2026-03-31 17:00",
    );
}

async fn view(who: &TestCandidate, id: &str) -> View {
    application::own(&who.ctx(), id).await.expect("his own")
}

/// Life, end, review, payment in one line.
pub(crate) async fn standing(who: &TestCandidate, id: &str) -> [String; 4] {
    let row = view(who, id).await.row;
    [row.life, row.end_reason, row.review, row.payment]
}

pub(crate) async fn moves(
    who: &TestCandidate,
    exam: &TestExam,
    position: &str,
) -> app::Result<Option<Event>> {
    let ctx = who.ctx();
    let form = testkit::application_form(&ctx, exam.position(position));
    application::submit(&ctx, &exam.public_id, &form)
        .await
        .map(|saved| saved.event)
}

async fn titles(who: &TestCandidate) -> Vec<String> {
    let rows = app::message::inbox(&who.ctx(), None)
        .await
        .expect("an inbox");
    rows.into_iter()
        .map(|row| row.title.split('：').next().unwrap_or_default().to_owned())
        .collect()
}

fn typed(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs
        .iter()
        .map(|(key, text)| ((*key).to_owned(), (*text).to_owned()))
        .collect()
}

/// Nothing that `baokao invariants` looks at is broken.
pub(crate) async fn sound(t: &TestApp) {
    app::statistics::fold(&t.app).await.expect("folded");
    app::audit::seal_all(&t.system()).await.expect("sealed");
    let mut snapshot = db::backup::Snapshot::take(&t.options, t.folder())
        .await
        .expect("a snapshot");
    let findings = app::invariants::check(&mut snapshot, &t.keyring, t.now())
        .await
        .expect("findings");
    snapshot.close().await;
    let broken: Vec<_> = findings
        .into_iter()
        .filter(|finding| finding.violations > 0)
        .collect();
    assert!(broken.is_empty(), "{broken:#?}");
}
