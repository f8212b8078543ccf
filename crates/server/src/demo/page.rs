//! `/demo`: who can log in to the demonstration, the codes that phones would show, the SMS that were "sent". On a real
//! system there is no such page.

use app::App;
use askama::Template;
use axum::extract::State;
use gateways::sms::{DemoSender, Shown};
use web::{Html, PageResult, Problem, Routes, Shell, Visit, Who};

use super::accounts::{CANDIDATE_PASSWORD, Candidate, Marker, STAFF_PASSWORD};
use super::code::code;

/// What the page of a demonstration needs.
#[derive(Debug, Clone)]
pub struct DemoDesk {
    /// The application.
    pub app: App,
    /// The SMS.
    pub sms: DemoSender,
}

/// The route; it leads nowhere without a [`DemoDesk`].
pub(crate) fn routes() -> Routes<Option<DemoDesk>> {
    Routes::new("demo").get("/demo", Who::Anonymous, page)
}

struct StaffLine {
    username: String,
    role: String,
    code: String,
}

#[derive(Template)]
#[template(path = "demo/page.html")]
struct Page {
    shell: Shell,
    staff: Vec<StaffLine>,
    candidates: Vec<Candidate>,
    staff_password: &'static str,
    candidate_password: &'static str,
    /// Whether SMS go out at all.
    sms_on: bool,
    sms: Vec<Shown>,
    left: i64,
}

async fn page(State(desk): State<Option<DemoDesk>>, visit: Visit) -> PageResult {
    let desk = desk.ok_or(Problem::NotFound)?;
    let marker = Marker::read(&desk.app).await.map_err(|error| {
        tracing::warn!(%error, "the demonstration's marker");
        Problem::internal("the demonstration's marker")
    })?;
    let marker = marker.unwrap_or_default();
    let staff = marker
        .staff
        .iter()
        .map(|staff| StaffLine {
            username: staff.username.clone(),
            role: staff.role.clone(),
            code: code(&staff.secret, visit.at()),
        })
        .collect();
    Ok(Html::new(Page {
        shell: Shell::new(&visit, "演示账号"),
        staff,
        candidates: marker.candidates,
        staff_password: STAFF_PASSWORD,
        candidate_password: CANDIDATE_PASSWORD,
        sms_on: desk.app.policy().sms,
        sms: desk.sms.shown(),
        left: 30 - visit.at().seconds().rem_euclid(30),
    })
    .into())
}
