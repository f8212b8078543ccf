//! One exam: what is set up and what is missing, its figures, and what can be done with it now.

use std::sync::Arc;

use app::App;
use app::exam::change::{self, ChangeRow};
use app::exam::part::Part;
use app::exam::{self, Exam, Figures, setup};
use askama::Template;
use axum::extract::{Path, State};
use domain::exam::{ExamState, Phase};
use domain::staff::Permission;
use domain::time::Timestamp;
use domain::window::Standing;
use web::{Html, PageResult, Shell};

use super::words;
use crate::context::{Desk, problem};
use crate::list::Tag;

/// A part in the guided list.
#[derive(Debug)]
struct Line {
    label: &'static str,
    says: String,
    href: String,
    missing: Vec<String>,
}

/// A window.
#[derive(Debug)]
struct Stage {
    label: &'static str,
    times: String,
    on: bool,
    state: &'static str,
}

#[derive(Debug, Template)]
#[template(path = "exam/overview.html")]
struct Page {
    shell: Shell,
    exam: Arc<Exam>,
    tag: Tag,
    stage: String,
    figures: Figures,
    /// What is due now.
    next: Vec<super::next::Line>,
    lines: Vec<Line>,
    stages: Vec<Stage>,
    missing: usize,
    may_edit: bool,
    /// Whether there is a carried-over file to look at, and the asker may.
    carries: bool,
    open: Option<exam::decision::DecisionRow>,
    /// Changes of settings that wait for whoever drafted them, or for a second person.
    changes: Vec<ChangeRow>,
    history: Vec<(i64, String, String, String)>,
}

impl Page {
    fn is(&self, state: &str) -> bool {
        self.exam.state.code() == state
    }
}

pub(super) async fn page(desk: Desk, State(app): State<App>, Path(id): Path<String>) -> PageResult {
    let exam = setup::for_staff(&desk.ctx, &id).await.map_err(problem)?;
    let figures = setup::figures(&desk.ctx, &exam).await.map_err(problem)?;
    let check = exam::check(&app, &exam).await.map_err(problem)?;
    let known = (check.problems.len(), figures.waiting);
    let next = exam::next_steps(&desk.ctx, &exam, known)
        .await
        .map_err(problem)?;
    let history = setup::history(&desk.ctx, &exam).await.map_err(problem)?;
    let draft = exam.state == ExamState::Draft;
    let lines = Part::ALL
        .into_iter()
        .filter(|part| part.belongs_to(exam.category, &exam.settings))
        .map(|part| Line {
            label: part.label(exam.category),
            says: says(&exam, &figures, part),
            href: super::address(&exam, part),
            missing: if draft {
                check.of(part).map(str::to_owned).collect()
            } else {
                Vec::new()
            },
        })
        .collect();
    let edits = desk
        .ctx
        .allow_for(Permission::ExamEdit, exam.id(), "")
        .is_ok();
    let open = match edits && exam.has_positions() {
        true => exam::decision::open(&desk.ctx, &exam)
            .await
            .map_err(problem)?,
        false => None,
    };
    let changes = match edits && exam.is_public() {
        true => change::waiting(&desk.ctx, &exam).await.map_err(problem)?,
        false => Vec::new(),
    };
    let page = Page {
        open,
        changes,
        shell: Shell::new(&desk.visit, exam.title()).below("/office/exams"),
        tag: words::tag(&exam),
        stage: words::stage(&exam, desk.ctx.at),
        stages: stages(&exam, desk.ctx.at),
        figures,
        next: super::next::lines(&desk, (exam.id(), exam.public_id()), &next),
        lines,
        missing: check.problems.len(),
        may_edit: edits,
        carries: app::carried::belongs_to(&exam)
            && app::carried::may_look(&desk.ctx, &exam).is_ok(),
        history: history
            .into_iter()
            .map(|(version, why, who, at)| (version, why, who, at.to_local_minute()))
            .collect(),
        exam,
    };
    Ok(Html::new(page).into())
}

/// What is set, in a few words.
fn says(exam: &Exam, figures: &Figures, part: Part) -> String {
    let settings = &exam.settings;
    let steps = settings.steps;
    match part {
        Part::Basics => format!(
            "{} 年第 {} 场，{}",
            settings.year,
            settings.number,
            blank(&settings.organizer)
        ),
        Part::Steps => format!(
            "{}，{}，{}，{}",
            steps.review.label(),
            steps.payment.label(),
            steps.photo.label(),
            if steps.seating {
                "有笔试"
            } else {
                "没有笔试"
            }
        ),
        Part::Windows => exam.window(Phase::Registration).map_or_else(
            || "未填写".to_owned(),
            |window| format!("网上报名 {}", window.to_chinese()),
        ),
        Part::Table if exam.has_positions() => {
            format!(
                "{} 个岗位，招聘 {} 人",
                figures.positions, figures.headcount
            )
        }
        Part::Table => format!("{} 个科目", figures.subjects),
        Part::Levels if settings.levels.is_unset() => {
            "没有规则，科目任选，不认以前年度的成绩".to_owned()
        }
        Part::Levels => {
            let rules = settings.levels.levels.iter();
            let texts: Vec<String> = rules
                .map(|rule| format!("{}（{}）", rule.level, rule.mode.label()))
                .collect();
            texts.join("、")
        }
        Part::Papers => {
            let names: Vec<&str> = settings
                .papers
                .iter()
                .map(|paper| paper.name.as_str())
                .collect();
            blank(&names.join("、")).to_owned()
        }
        Part::Fees => app::exam::part::FeesDraft::RULES
            .iter()
            .find(|(code, _)| *code == rule_code(exam))
            .map_or_else(String::new, |(_, label)| (*label).to_owned()),
        Part::Photo => format!(
            "{} × {} 像素，不超过 {} KB",
            settings.photo.width, settings.photo.height, settings.photo.max_kb
        ),
        Part::Agreement => format!(
            "{}，第 {} 版",
            blank(&settings.agreement.title),
            settings.agreement.version
        ),
        Part::Questions if settings.questions.is_empty() => "没有".to_owned(),
        Part::Questions => format!("{} 个", settings.questions.len()),
        Part::Seating => format!(
            "每考场 {} 人，准考证号 {} 位",
            settings.room_capacity,
            settings.ticket.width()
        ),
        Part::Scores => settings.score.formula.as_ref().map_or_else(
            || "只公布各科成绩".to_owned(),
            |formula| format!("总成绩 = {}", formula.text()),
        ),
        Part::Selection if !settings.selection.on => "没有面试".to_owned(),
        Part::Selection => settings.selection.total.as_ref().map_or_else(
            || "有面试，总成绩公式未填写".to_owned(),
            |formula| format!("有面试，总成绩 = {}", formula.text()),
        ),
    }
}

fn rule_code(exam: &Exam) -> &'static str {
    use domain::payment::FeeRule as F;
    match exam.settings.fees.rule {
        F::Free => "free",
        F::Flat { .. } => "flat",
        F::PerSubject { .. } => "per_subject",
        F::BySubject => "by_subject",
        F::PerCombination { .. } => "per_combination",
    }
}

fn blank(text: &str) -> &str {
    if text.is_empty() { "未填写" } else { text }
}

fn stages(exam: &Exam, now: Timestamp) -> Vec<Stage> {
    let mut known: Vec<_> = Phase::ALL
        .iter()
        .filter_map(|phase| exam.window(*phase).map(|window| (*phase, window)))
        .collect();
    known.sort_by_key(|(_, window)| window.open());
    known
        .into_iter()
        .map(|(phase, window)| Stage {
            label: phase.label(),
            times: window.to_chinese(),
            on: exam.is_open(phase, now),
            state: match window.standing(now) {
                Standing::Before => "未开始",
                Standing::Open if exam.is_open(phase, now) || !exam.is_public() => "进行中",
                _ => "已结束",
            },
        })
        .collect()
}
