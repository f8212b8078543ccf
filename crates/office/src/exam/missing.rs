//! What is still missing in one part of a draft, on the part's own page.

use app::exam::Exam;
use app::exam::part::Part;
use askama::Template;
use askama::filters::HtmlSafe;
use domain::exam::ExamState;
use web::PageResult;

use crate::context::{Desk, problem};

/// The block above a part's form; nothing where nothing is missing.
#[derive(Debug, Template)]
#[template(path = "exam/missing.html")]
pub(super) struct Missing {
    texts: Vec<String>,
}

impl HtmlSafe for Missing {}

impl Missing {
    /// Of one part. Only a draft lacks anything.
    pub(super) async fn of(desk: &Desk, exam: &Exam, part: Part) -> PageResult<Self> {
        if exam.state != ExamState::Draft {
            return Ok(Self { texts: Vec::new() });
        }
        let check = app::exam::check(&desk.ctx.app, exam)
            .await
            .map_err(problem)?;
        let texts = check.of(part).map(str::to_owned).collect();
        Ok(Self { texts })
    }
}
