//! Setting papers: one typesetter for the process.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::Duration;

use documents::apart::{self, Answer, ApartError, Limits, Request};
use documents::{DocumentError, Engine, Fault, Fonts, Pdf, Templates};
use tokio::sync::{OnceCell, Semaphore};

use crate::{App, Error, Result};

/// Longest wait for the one child that tries templates.
const TURN: Duration = Duration::from_secs(10);

/// The typesetter, built when the first paper is wanted unless the operator brought templates of his own.
#[derive(Debug)]
pub(crate) struct Papers {
    engine: OnceCell<Engine>,
    /// The program that tries templates, and how much one may take.
    apart: OnceLock<(PathBuf, Limits)>,
    /// One child at a time: each may take a core and a gigabyte.
    turn: Semaphore,
}

impl Default for Papers {
    fn default() -> Self {
        Self {
            engine: OnceCell::new(),
            apart: OnceLock::new(),
            turn: Semaphore::new(1),
        }
    }
}

impl App {
    /// Installs a typesetter with the operator's templates; one that came too late is refused.
    pub fn set_documents(&self, engine: Engine) -> bool {
        self.papers().engine.set(engine).is_ok()
    }

    /// Names the program whose `typeset` tries templates that nobody has looked at: ourselves. One that came too late is refused;
    /// without one no template is tried.
    pub fn set_typesetter(&self, program: &Path, limits: Limits) -> bool {
        let apart = (program.to_owned(), limits);
        self.papers().apart.set(apart).is_ok()
    }

    /// Has a template tried in a process of its own. One that takes too long or too much is a fault of the template and told as one.
    ///
    /// # Errors
    /// `Busy` while others' templates are tried; `Refused` where there is no such program; `Internal` for faults of ours.
    pub(crate) async fn set_apart(&self, request: Request) -> Result<Answer> {
        const WHAT: &str = "try a template";
        let papers = self.papers();
        let Some((program, limits)) = papers.apart.get().cloned() else {
            return Err(Error::refused(
                "typesetter",
                "暂时不能预览版式",
                "本服务没有启用版式预览，请联系系统管理员。",
            ));
        };
        let _turn = tokio::time::timeout(TURN, papers.turn.acquire())
            .await
            .map_err(|_| Error::Busy(Duration::from_secs(5)))?
            .map_err(|e| Error::internal(WHAT, e))?;
        let work = move || apart::ask(&program, &request, limits);
        let outcome = tokio::task::spawn_blocking(work).await;
        let text = match outcome.map_err(|e| Error::internal(WHAT, e))? {
            Ok(answer) => return Ok(answer),
            Err(ApartError::TooSlow) => "排版用的时间太长，已经停止。请检查循环和函数调用",
            Err(ApartError::TooMuch) => "排版用的内存太多，已经停止。请检查循环和很长的列表",
            Err(error) => return Err(Error::internal(WHAT, error)),
        };
        Ok(Answer {
            faults: vec![Fault::new(text)],
            ..Answer::default()
        })
    }

    /// The typesetter: ask its fonts about names.
    ///
    /// # Errors
    /// `Internal` when the fonts of the machine are broken.
    pub async fn documents(&self) -> Result<&Engine> {
        self.papers()
            .engine
            .get_or_try_init(|| async {
                let build =
                    || Fonts::system().map(|fonts| Engine::new(fonts, Templates::built_in()));
                tokio::task::spawn_blocking(build)
                    .await
                    .map_err(|e| Error::internal("build the typesetter", e))?
                    .map_err(|e| Error::internal("fonts", e))
            })
            .await
    }
}

/// What the log calls a fault of ours, or of a template, while a paper is set.
pub(crate) const SETTING: &str = "set a paper";

/// Sets one paper. `set` gets the typesetter on a blocking thread.
///
/// # Errors
/// `Refused` where the exam's own texts don't fit the page; `Internal` for faults of ours.
pub async fn set<F>(app: &App, set: F) -> Result<Pdf>
where
    F: FnOnce(&Engine) -> std::result::Result<Pdf, DocumentError> + Send + 'static,
{
    let engine = app.documents().await?.clone();
    app.compute(SETTING, move || set(&engine))
        .await?
        .map_err(problem)
}

fn problem(error: DocumentError) -> Error {
    match error {
        DocumentError::TooLong(_) | DocumentError::BatchTooBig { .. } | DocumentError::Empty => {
            Error::refused("paper", "暂时无法生成打印件", error.to_string())
        }
        other => Error::internal(SETTING, other),
    }
}
