//! 首页.

use std::sync::Arc;

use app::App;
use app::announcement::Posting;
use app::exam::Exam;
use askama::Template;
use axum::extract::State;
use domain::exam::{ExamCategory, Phase};
use domain::time::Timestamp;
use http::HeaderMap;
use web::icon::{self, Icon};
use web::{PageResult, Shell, Visit};

use super::{Tab, fresh, when};
use crate::context::{self, problem};

/// Notices on the home page.
const NOTICES: usize = 8;
/// Lines of 近期时间.
const DATES: usize = 5;

/// One door of 快捷通道.
#[derive(Debug)]
struct Door {
    icon: Icon,
    title: &'static str,
    whom: &'static str,
    href: String,
    /// What is open, until when.
    open: Option<String>,
    /// What comes, or that nothing does.
    otherwise: String,
}

/// One line of 近期时间.
#[derive(Debug)]
struct Date {
    title: String,
    text: String,
    open: bool,
}

#[derive(Debug, Template)]
#[template(path = "announcement/home.html")]
struct Home {
    shell: Shell,
    tab: Tab,
    doors: Vec<Door>,
    dates: Vec<Date>,
    notices: Vec<Arc<Posting>>,
    demo_sms: bool,
    now: Timestamp,
}

/// The page.
pub(super) async fn page(visit: Visit, State(app): State<App>, headers: HeaderMap) -> PageResult {
    let ctx = context::ctx(&visit, &app);
    let exams = app::exam::shown_list(&ctx).await.map_err(problem)?;
    let now = visit.at();
    Ok(fresh::answer(&visit, &app, &headers, &exams, || Home {
        shell: Shell::new(&visit, "首页"),
        tab: Tab::Home,
        doors: ExamCategory::ALL
            .iter()
            .map(|category| door(*category, &exams, now))
            .collect(),
        dates: dates(&exams, now),
        notices: app.board().listed(ctx.viewer(), None, now, (0, NOTICES)).0,
        demo_sms: app::message::office::demonstrated(&app).is_some(),
        now,
    }))
}

fn door(category: ExamCategory, exams: &[Arc<Exam>], now: Timestamp) -> Door {
    let own: Vec<&Arc<Exam>> = exams
        .iter()
        .filter(|exam| exam.category == category)
        .collect();
    let open = |phase: Phase| -> Vec<&&Arc<Exam>> {
        own.iter().filter(|exam| exam.is_open(phase, now)).collect()
    };
    let closes = |phase: Phase, exams: &[&&Arc<Exam>]| {
        exams
            .iter()
            .filter_map(|exam| exam.window(phase))
            .map(|window| window.close())
            .min()
    };
    let registering = open(Phase::Registration);
    let printing = open(Phase::Ticket);
    let paying = open(Phase::Payment);
    let shown = if let Some(at) = closes(Phase::Registration, &registering) {
        Some(format!(
            "{} 项正在报名，{} 截止",
            registering.len(),
            at.to_chinese_short()
        ))
    } else if let Some(at) = closes(Phase::Ticket, &printing) {
        Some(format!(
            "{} 项可打印准考证，{} 截止",
            printing.len(),
            at.to_chinese_short()
        ))
    } else {
        closes(Phase::Payment, &paying).map(|at| {
            format!(
                "{} 项正在缴费，{} 截止",
                paying.len(),
                at.to_chinese_short()
            )
        })
    };
    let next = own
        .iter()
        .filter_map(|exam| exam.window(Phase::Registration))
        .map(|window| window.open())
        .filter(|opens| *opens > now)
        .min();
    let otherwise = match next {
        Some(at) => format!("{} 开始报名", at.to_chinese_short()),
        None => "暂无正在报名的考试".to_owned(),
    };
    let (icon, whom) = match category {
        ExamCategory::Recruitment => (icon::OFFICE, "市直、县区事业单位公开招聘"),
        ExamCategory::CivilService => (icon::COLUMNS, "公务员录用、遴选、选调"),
        ExamCategory::ProfessionalQualification => (icon::MEDAL, "会计、经济、卫生、建造师等"),
        ExamCategory::Other => (icon::TOOL, "技能等级、编外人员招聘等"),
    };
    Door {
        icon,
        title: category.label(),
        whom,
        href: format!("/login?door={}", category.code()),
        open: shown,
        otherwise,
    }
}

fn dates(exams: &[Arc<Exam>], now: Timestamp) -> Vec<Date> {
    const PHASES: [Phase; 5] = [
        Phase::Registration,
        Phase::Payment,
        Phase::Ticket,
        Phase::Sitting,
        Phase::Score,
    ];
    let mut list = Vec::new();
    for exam in exams {
        for phase in PHASES {
            let Some(window) = exam.window(phase).filter(|window| window.close() > now) else {
                continue;
            };
            let open = exam.is_open(phase, now);
            if window.open() <= now && !open {
                continue;
            }
            let text = match (open, phase) {
                (true, Phase::Sitting) => format!("正在进行，至 {}", when::day(window.close())),
                (true, _) => format!("进行中，{} 截止", when::deadline(window.close())),
                (false, Phase::Sitting) => format!("{} 开考", when::deadline(window.open())),
                (false, _) => format!("{} 开始", when::deadline(window.open())),
            };
            let at = if open { window.close() } else { window.open() };
            let title = format!("{} {}", exam.title(), phase.label());
            list.push((!open, at, Date { title, text, open }));
        }
    }
    list.sort_by_key(|a| (a.0, a.1));
    list.into_iter()
        .map(|(_, _, date)| date)
        .take(DATES)
        .collect()
}
