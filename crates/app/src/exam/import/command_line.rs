//! `baokao exam import FILE`: the same upload and confirmation from a terminal.

use domain::exam::ExamState;

use super::{Preview, confirm, preview, upload};
use crate::exam::preset::Preset;
use crate::exam::{catalogue, setup, store};
use crate::{App, Ctx, Error, Result};

/// What the operator asks for.
#[derive(Debug, Clone)]
pub struct ImportFile {
    /// The exam's code.
    pub exam_code: String,
    /// Makes the exam first, from this preset, if there is none with the code.
    pub preset: Option<Preset>,
    /// Its title, if it is made.
    pub title: String,
    /// The file's name.
    pub file_name: String,
    /// Its content.
    pub bytes: Vec<u8>,
    /// Whether good rows are made the exam's at once. Without it the batch waits for somebody in the office.
    pub confirm: bool,
}

/// What came of it.
#[derive(Debug, Clone)]
pub struct FileReport {
    /// The exam's title.
    pub exam: String,
    /// The exam's public id.
    pub exam_public_id: String,
    /// Where the exam stands.
    pub state: ExamState,
    /// What was read, with every problem.
    pub preview: Preview,
    /// Whether the rows are the exam's now.
    pub confirmed: bool,
}

/// Imports a table into a draft as the operator.
pub async fn import_file(app: &App, file: &ImportFile) -> Result<FileReport> {
    let ctx = Ctx::system(app);
    let known = store::exam_by_code(&mut app.db().read(), &file.exam_code).await?;
    let exam = match (known, file.preset) {
        (Some(id), _) => catalogue::find_by_id(app, id).await?,
        (None, None) => return Err(Error::NotFound),
        (None, Some(preset)) => {
            let keys = (
                preset.category(),
                file.exam_code.as_str(),
                file.title.as_str(),
            );
            let settings = preset.settings(ctx.at);
            let public_id = setup::create_with(&ctx, keys, settings, "命令行导入").await?;
            catalogue::find(app, &public_id).await?
        }
    };
    let batch = upload(&ctx, &exam, &file.file_name, &file.bytes).await?;
    let preview = preview(app, &exam, &batch).await?;
    if file.confirm {
        confirm(&ctx, &exam, &preview.batch).await?;
    }
    Ok(FileReport {
        exam: exam.row.title.clone(),
        exam_public_id: exam.row.public_id.clone(),
        state: exam.state,
        preview,
        confirmed: file.confirm,
    })
}
