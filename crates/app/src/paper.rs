//! Setting papers: one typesetter for the process.

use documents::{DocumentError, Engine, Fonts, Pdf, Templates};
use tokio::sync::OnceCell;

use crate::{App, Error, Result};

/// The typesetter, built when the first paper is wanted unless the operator brought templates of his own.
#[derive(Debug, Default)]
pub(crate) struct Papers {
    engine: OnceCell<Engine>,
}

impl App {
    /// Installs a typesetter with the operator's templates; one that came too late is refused.
    pub fn set_documents(&self, engine: Engine) -> bool {
        self.papers().engine.set(engine).is_ok()
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
