//! Exams: tables from real workbooks, what the public sees and when, windows to the second, places to the last one.

mod asked;
mod change;
mod copies;
mod counts;
mod pages;
mod parts;
mod preview;
mod tables;
mod told;

use std::sync::Arc;

use app::exam::preset::Preset;
use app::exam::{self, Exam, import, setup};
use app::{Ctx, Error};
use domain::exam::{ExamSettings, Windows};
use domain::staff::Role;
use domain::time::Timestamp;
use domain::window::Window;
use testkit::TestApp;

pub(super) const COUNTY: &[u8] = include_bytes!("../../../fixtures/county-recruitment.xlsx");
pub(super) const INTERVIEW: &[u8] = include_bytes!("../../../fixtures/direct-interview.xlsx");
pub(super) const CIVIL: &[u8] = include_bytes!("../../../fixtures/civil-service.xlsx");
pub(super) const PROFESSIONAL: &[u8] =
    include_bytes!("../../../fixtures/professional-subjects.xlsx");
pub(super) const SKILLS: &[u8] = include_bytes!("../../../fixtures/skills-subjects.xlsx");
pub(super) const BROKEN: &[u8] = include_bytes!("../../../fixtures/broken-positions.xlsx");

pub(super) fn at(local: &str) -> Timestamp {
    Timestamp::parse_local(local).unwrap()
}

pub(super) fn windows() -> Windows {
    let window = |open, close| Window::new(at(open), at(close)).ok();
    Windows {
        registration: window("2026-03-18 09:00", "2026-03-20 17:00"),
        review: window("2026-03-18 09:00", "2026-03-21 17:00"),
        payment: window("2026-03-18 09:00", "2026-03-23 17:00"),
        ticket: window("2026-04-07 09:00", "2026-04-12 09:00"),
        sitting: window("2026-04-12 09:00", "2026-04-12 17:00"),
        ..Windows::default()
    }
}

pub(super) fn settings(preset: Preset) -> ExamSettings {
    let mut settings = preset.settings(at("2026-03-01 09:00"));
    settings.organizer = "南屿县人力资源和社会保障局".into();
    settings.counted_to = "2026-03-11".parse().ok();
    settings.windows = windows();
    if !settings.steps.seating {
        settings.windows.ticket = None;
        settings.windows.sitting = None;
    }
    if !settings.steps.has_payment() {
        settings.windows.payment = None;
    }
    if preset.category().has_positions() && settings.steps.seating {
        settings.papers = vec![domain::exam::settings::Paper {
            class: String::new(),
            code: "11".into(),
            name: "综合知识".into(),
            session: 1,
            starts_at: at("2026-04-12 09:00"),
            ends_at: at("2026-04-12 11:00"),
        }];
    }
    settings
}

pub(super) async fn officer(t: &TestApp) -> Ctx {
    t.staff(&[Role::ExamOfficer]).await.ctx().await
}

pub(super) async fn draft(t: &TestApp, ctx: &Ctx, preset: Preset, code: &str) -> Arc<Exam> {
    let of = (preset.category(), code, "南屿县2026年考试");
    let id = setup::create_with(ctx, of, settings(preset), "测试")
        .await
        .unwrap();
    exam::find(&t.app, &id).await.unwrap()
}

pub(super) async fn again(t: &TestApp, exam: &Exam) -> Arc<Exam> {
    exam::find(&t.app, exam.public_id()).await.unwrap()
}

pub(super) async fn imported(t: &TestApp, ctx: &Ctx, exam: &Exam, book: &[u8]) -> Arc<Exam> {
    let batch = import::upload(ctx, exam, "表.xlsx", book).await.unwrap();
    let batch = import::find(&t.app, exam.id(), &batch).await.unwrap();
    import::confirm(ctx, exam, &batch).await.unwrap();
    again(t, exam).await
}

pub(super) async fn published(
    t: &TestApp,
    ctx: &Ctx,
    preset: Preset,
    code: &str,
    book: &[u8],
) -> Arc<Exam> {
    let exam = draft(t, ctx, preset, code).await;
    let exam = imported(t, ctx, &exam, book).await;
    exam::publish(ctx, exam.public_id()).await.unwrap();
    again(t, &exam).await
}

pub(super) fn refusal(error: Error) -> &'static str {
    match error {
        Error::Refused(refusal) => refusal.code,
        other => panic!("not a refusal: {other:?}"),
    }
}

pub(super) fn field(error: Error, key: &str) -> String {
    match error {
        Error::Fields(errors) => errors
            .get(key)
            .unwrap_or_else(|| panic!("{errors}"))
            .to_owned(),
        other => panic!("no fields: {other:?}"),
    }
}

/// Extends windows as the office does: drafted, published with the notice that the system words.
pub(crate) async fn extend(
    ctx: &Ctx,
    exam: &Exam,
    draft: &app::exam::part::WindowsDraft,
) -> app::Result<()> {
    let change = app::exam::change::draft_extension(ctx, exam, draft).await?;
    publish_change(ctx, exam, &change).await
}

/// Publishes a drafted change with the notice that the system words.
pub(crate) async fn publish_change(ctx: &Ctx, exam: &Exam, change: &str) -> app::Result<()> {
    let row = app::exam::change::find(ctx, exam, change).await?.row;
    let with = app::exam::amendment::Publication {
        reason: if row.reason.is_empty() {
            "核对有误，予以更正".into()
        } else {
            row.reason
        },
        title: row.notice_title,
        body: row.notice_body,
    };
    app::exam::change::submit(ctx, exam, change, &with).await
}
