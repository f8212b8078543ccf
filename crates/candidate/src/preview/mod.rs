//! An exam as a candidate would see it, for those who set it up: the pages themselves, fed with a draft.
//!
//! Nothing here asks who may see the draft: `server` mounts these pages below `/office` behind the staff's session and takes the
//! exam from [`app::exam::preview`], which authorizes. Nothing is compared, kept or sent, and no page leads out of the preview
//! but back to the set-up (ADR 11).

use std::sync::Arc;

use app::exam::{Exam, positions};
use app::{App, Ctx};
use askama::Template;
use domain::exam::{Question, Subject};
use web::forms::{Form, InputView};
use web::layout::Preview;
use web::{Html, PageResult, Shell, Visit};

use crate::application::{agreement, question_field};
use crate::context::{self, problem};
use crate::exam::links::Links;
pub use crate::exam::list::PositionQuery;
use crate::exam::{page, position};

/// What is previewed and where.
#[derive(Debug)]
pub struct Stage {
    /// The request.
    pub visit: Visit,
    /// The application.
    pub app: App,
    /// The exam, as it would stand.
    pub exam: Arc<Exam>,
    /// The address of the preview's first page.
    pub base: String,
    /// What is previewed, in a sentence.
    pub says: &'static str,
    /// The way back: words and address.
    pub back: (&'static str, String),
}

/// A page of the preview.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Tab {
    Exam,
    Positions,
    Agreement,
    Form,
    Ticket,
}

impl Tab {
    const ALL: [(Self, &'static str, &'static str); 5] = [
        (Self::Exam, "考试页面", ""),
        (Self::Positions, "岗位表", "/positions"),
        (Self::Agreement, "报名协议", "/agreement"),
        (Self::Form, "报考信息", "/form"),
        (Self::Ticket, "准考证", "/ticket"),
    ];

    fn belongs_to(self, exam: &Exam) -> bool {
        match self {
            Self::Positions => exam.has_positions(),
            Self::Ticket => exam.settings.steps.seating,
            Self::Exam | Self::Agreement | Self::Form => true,
        }
    }
}

impl Stage {
    fn shell(&self, title: impl Into<String>, tab: Tab) -> Shell {
        let pages = Tab::ALL
            .into_iter()
            .filter(|(one, ..)| one.belongs_to(&self.exam))
            .map(|(one, text, path)| (text, format!("{}{path}", self.base), one == tab))
            .collect();
        Shell::new(&self.visit, title).previewed(Preview {
            says: self.says.to_owned(),
            pages,
            back: self.back.clone(),
        })
    }

    fn links(&self) -> Links {
        Links::preview(&self.base)
    }

    /// Somebody who isn't logged in: a member of staff is no candidate to compare.
    fn ctx(&self) -> Ctx {
        context::ctx(&self.visit, &self.app)
    }
}

/// The exam's own page, with the timeline of its windows.
///
/// # Errors
/// As pages of an exam have them.
pub async fn exam(stage: Stage) -> PageResult {
    let shell = stage.shell(stage.exam.title(), Tab::Exam);
    let links = stage.links();
    page::drawn(&stage.app, &stage.visit, stage.exam, (shell, links)).await
}

/// 岗位表.
///
/// # Errors
/// As pages of an exam have them.
pub async fn positions(stage: Stage, query: &PositionQuery) -> PageResult {
    let shell = stage.shell("岗位表", Tab::Positions);
    let (ctx, links) = (stage.ctx(), stage.links());
    position::drawn_list(&ctx, stage.exam, query, (shell, links)).await
}

/// 岗位详细.
///
/// # Errors
/// `NotFound` for a position that the exam hasn't.
pub async fn position(stage: Stage, public_id: &str) -> PageResult {
    let item = positions::find(&stage.app, &stage.exam, public_id)
        .await
        .map_err(problem)?;
    let shell = stage.shell(item.position.name.clone(), Tab::Positions);
    let (ctx, links) = (stage.ctx(), stage.links());
    position::drawn(&ctx, stage.exam, item, (shell, links)).await
}

#[derive(Debug, Template)]
#[template(path = "preview/agreement.html")]
struct AgreementPage {
    shell: Shell,
    exam: Arc<Exam>,
    title: String,
    paragraphs: Vec<String>,
    privacy: Vec<String>,
}

/// 报名协议 and 隐私说明.
///
/// # Errors
/// None of its own.
pub async fn agreement(stage: Stage) -> PageResult {
    let (title, paragraphs, privacy) = agreement::texts(&stage.exam.settings);
    let page = AgreementPage {
        shell: stage.shell(title.clone(), Tab::Agreement),
        title,
        paragraphs,
        privacy,
        exam: stage.exam,
    };
    Ok(Html::new(page).into())
}

#[derive(Debug, Template)]
#[template(path = "preview/form.html")]
struct FormPage {
    shell: Shell,
    exam: Arc<Exam>,
    form: Form,
}

impl FormPage {
    /// Each question's input, and of whom it is asked where not of everybody.
    fn asked(&self) -> Vec<(Option<String>, InputView<'_>)> {
        let whom = |question: &Question| {
            let asked = &question.asked_of;
            (!asked.is_everybody()).then(|| asked.says())
        };
        let questions = self.exam.settings.questions.iter().map(whom);
        questions.zip(self.form.inputs()).collect()
    }
}

/// 报考信息 with all extra questions; its buttons do nothing.
///
/// # Errors
/// None of its own.
pub async fn form(stage: Stage) -> PageResult {
    let mut form = Form::new(&stage.visit, stage.base.clone());
    for question in &stage.exam.settings.questions {
        form = form.fields(question_field::inputs(
            question,
            &app::draft::Fields::new(),
            &[],
        ));
    }
    let page = FormPage {
        shell: stage.shell("填写报考信息", Tab::Form),
        form,
        exam: stage.exam,
    };
    Ok(Html::new(page).into())
}

#[derive(Debug, Template)]
#[template(path = "preview/ticket.html")]
struct TicketPage {
    shell: Shell,
    exam: Arc<Exam>,
    /// Subject and time.
    sittings: Vec<(String, String)>,
    window: String,
}

/// What the ticket will say besides name and seat.
///
/// # Errors
/// As pages of an exam have them.
pub async fn ticket(stage: Stage) -> PageResult {
    let table = app::exam::subjects(&stage.app, &stage.exam)
        .await
        .map_err(problem)?;
    let papers = stage.exam.settings.papers.iter().map(|paper| {
        let name = format!("{} {}", paper.class, paper.name);
        let times = (paper.starts_at.to_chinese_short(), paper.ends_at.to_clock());
        (name.trim().to_owned(), format!("{}–{}", times.0, times.1))
    });
    let subjects = table.subjects.iter().map(|subject: &Subject| {
        let times = (
            subject.starts_at.to_chinese_short(),
            subject.ends_at.to_clock(),
        );
        (subject.name.clone(), format!("{}–{}", times.0, times.1))
    });
    let mut sittings: Vec<(String, String)> = papers.chain(subjects).collect();
    sittings.dedup();
    let window = stage
        .exam
        .window(domain::exam::Phase::Ticket)
        .map(|window| window.to_chinese())
        .unwrap_or_default();
    let page = TicketPage {
        shell: stage.shell("准考证", Tab::Ticket),
        sittings,
        window,
        exam: stage.exam,
    };
    Ok(Html::new(page).into())
}
