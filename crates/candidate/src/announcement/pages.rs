//! Standing pages, and the demonstration's SMS.

use app::App;
use app::announcement::PageRow;
use app::message::office::Demonstrated;
use askama::Template;
use axum::extract::{Path, State};
use domain::time::Timestamp;
use http::HeaderMap;
use web::{Html, PageResult, Problem, Shell, Visit};

use super::{Tab, fresh};

#[derive(Debug, Template)]
#[template(path = "announcement/standing.html")]
struct Standing {
    shell: Shell,
    tab: Tab,
    row: PageRow,
    changed: Option<String>,
}

fn show(visit: &Visit, app: &App, headers: &HeaderMap, slug: &str) -> PageResult {
    let row = app::announcement::standing(app, slug).ok_or(Problem::NotFound)?;
    let tab = match slug {
        "guide" => Tab::Guide,
        "payment" => Tab::Payment,
        "faq" => Tab::Faq,
        _ => Tab::Other,
    };
    Ok(fresh::answer(visit, app, headers, &[], || Standing {
        shell: Shell::new(visit, row.title.clone()),
        tab,
        changed: (row.changed_at > 0)
            .then(|| Timestamp::from_micros(row.changed_at).to_chinese_minute()),
        row,
    }))
}

/// 报考指南, 常见问题.
pub(super) async fn page(
    visit: Visit,
    State(app): State<App>,
    Path(slug): Path<String>,
    headers: HeaderMap,
) -> PageResult {
    show(&visit, &app, &headers, &slug)
}

/// 个人信息保护说明.
pub(super) async fn privacy(
    visit: Visit,
    State(app): State<App>,
    headers: HeaderMap,
) -> PageResult {
    show(&visit, &app, &headers, "privacy")
}

/// 无障碍说明.
pub(super) async fn accessibility(
    visit: Visit,
    State(app): State<App>,
    headers: HeaderMap,
) -> PageResult {
    show(&visit, &app, &headers, "accessibility")
}

/// 网上支付说明 (manual 1.2.3.1).
pub(super) async fn payment(
    visit: Visit,
    State(app): State<App>,
    headers: HeaderMap,
) -> PageResult {
    show(&visit, &app, &headers, "payment")
}

#[derive(Debug, Template)]
#[template(path = "announcement/demo_sms.html")]
struct DemoSms {
    shell: Shell,
    rows: Vec<Demonstrated>,
}

/// The SMS that the demonstration didn't send. There is no such page where SMS are real.
pub(super) async fn demo_sms(visit: Visit, State(app): State<App>) -> PageResult {
    let rows = app::message::office::demonstrated(&app).ok_or(Problem::NotFound)?;
    Ok(Html::new(DemoSms {
        shell: Shell::new(&visit, "演示短信"),
        rows,
    })
    .into())
}
