//! What finance sees of applications for a waiver: the queue, one with its evidence.

use std::sync::Arc;

use db::{Command, Crowd, Lane, Tx};
use domain::payment::WaiverState;
use domain::staff::Permission;
use serde_json::json;

use super::list_store::{self as lists, Filter, WaiverLine};
use super::store::{self, EvidenceRow, WaiverRow};
use crate::application::{self, ApplicationRow};
use crate::exam::Exam;
use crate::object::{self, File};
use crate::payment::OrderRow;
use crate::{Ctx, Error, Result, Stamp, payment, staff};

/// What a list is asked for. Empty and 0 mean any.
#[derive(Debug, Clone, Default)]
pub struct Asked {
    /// The exam.
    pub exam_id: i64,
    /// A code of [`WaiverState`].
    pub state: String,
    /// The candidate's name, whole.
    pub name: String,
    /// The oldest first.
    pub oldest: bool,
}

/// A page of applications under a filter, from behind the one `from` on.
///
/// # Errors
/// `Forbidden` to who has nothing to do with money.
pub async fn page(
    ctx: &Ctx,
    asked: &Asked,
    from: Option<i64>,
    limit: i64,
) -> Result<Vec<WaiverLine>> {
    ctx.allow(Permission::Finance)?;
    let filter = Filter {
        exam_id: asked.exam_id,
        state: &asked.state,
        name: asked.name.trim(),
        from,
        oldest: asked.oldest,
        limit,
    };
    Ok(lists::waivers(&mut ctx.app.db().scan(Crowd::Staff), &filter).await?)
}

/// State and number of applications; `exam_id` 0 for all. 1,001 stands for more.
pub async fn counts(ctx: &Ctx, exam_id: i64) -> Result<Vec<(WaiverState, i64)>> {
    ctx.allow(Permission::Finance)?;
    let mut scan = ctx.app.db().scan(Crowd::Staff);
    let mut counts = Vec::new();
    for state in WaiverState::ALL {
        let count = lists::waiver_count(&mut scan, exam_id, state.code()).await?;
        counts.push((*state, count));
    }
    Ok(counts)
}

/// Exams in which somebody asked for a waiver: id, public id, title.
pub async fn exams(ctx: &Ctx) -> Result<Vec<(i64, String, String)>> {
    ctx.allow(Permission::Finance)?;
    Ok(lists::exams(&mut ctx.app.db().scan(Crowd::Staff)).await?)
}

/// An application for a waiver with all that decides about it.
#[derive(Debug, Clone)]
pub struct Detail {
    /// The row.
    pub row: WaiverRow,
    /// Its state.
    pub state: WaiverState,
    /// What the candidate wrote.
    pub statement: String,
    /// What he sent along.
    pub files: Vec<EvidenceRow>,
    /// Earlier ones for the same application, the newest first.
    pub before: Vec<WaiverRow>,
    /// The application.
    pub application: ApplicationRow,
    /// Its exam.
    pub exam: Arc<Exam>,
    /// The order that is owed or paid.
    pub order: Option<OrderRow>,
    /// Who decided; empty if nobody did.
    pub decider: String,
}

/// One application for a waiver.
///
/// # Errors
/// `Forbidden` to who has nothing to do with money.
pub async fn detail(ctx: &Ctx, public_id: &str) -> Result<Detail> {
    ctx.allow(Permission::Finance)?;
    let mut read = ctx.app.db().read();
    let row = store::waiver_by_public_id(&mut read, public_id)
        .await?
        .ok_or(Error::NotFound)?;
    let application = application::store::application_by_id(&mut read, row.application_id)
        .await?
        .ok_or(Error::inconsistent("fee_waiver.application_id"))?;
    let others = store::waivers_of(&mut read, row.application_id).await?;
    let decider = match row.decided_by {
        Some(id) => staff::name_of(ctx, id).await?,
        None => String::new(),
    };
    Ok(Detail {
        state: super::state(&row)?,
        statement: super::statement(&ctx.app, &row)?,
        files: store::files_of(&mut read, row.id).await?,
        before: others.into_iter().filter(|one| one.id < row.id).collect(),
        exam: crate::exam::find_by_id(&ctx.app, row.exam_id).await?,
        order: payment::live_order(&mut read, row.application_id).await?,
        application,
        decider,
        row,
    })
}

/// A file of evidence. Who looked is in the trail: it says something of a household.
///
/// # Errors
/// `NotFound`, also once it was deleted.
pub async fn evidence(ctx: &Ctx, public_id: &str, file: &str) -> Result<File> {
    let detail = detail(ctx, public_id).await?;
    let found = detail.files.iter().find(|one| one.public_id == file);
    let found = found.filter(|one| one.size > 0).ok_or(Error::NotFound)?;
    let content = object::read(&ctx.app, found.object_id).await?;
    let command = Looked {
        stamp: Stamp::of(ctx),
        row: detail.row,
        file: found.file_name.clone(),
    };
    ctx.app.db().write(Lane::Interactive, command).await?;
    Ok(content)
}

struct Looked {
    stamp: Stamp,
    row: WaiverRow,
    file: String,
}

impl Command for Looked {
    const NAME: &'static str = "waiver.look";
    type Out = ();
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        let detail = json!({ "file": crate::reason::hide_numbers(&self.file) });
        self.stamp
            .trail()
            .audit(tx, "waiver.look", self.row.object(), detail)
            .await
    }
}

/// One of an application's, for the exam's file.
pub(crate) struct Filed {
    pub row: WaiverRow,
    pub state: WaiverState,
    /// Empty once it was erased.
    pub statement: String,
    pub files: Vec<EvidenceRow>,
    /// Who decided; empty if nobody did.
    pub decider: String,
}

/// All that were asked for with an application, the oldest first.
pub(crate) async fn of_application(ctx: &Ctx, application_id: i64) -> Result<Vec<Filed>> {
    let mut scan = ctx.app.db().scan(Crowd::System);
    let mut all = Vec::new();
    for row in store::waivers_of(&mut scan, application_id).await? {
        let decider = match row.decided_by {
            Some(id) => lists::decider(&mut scan, id).await?.unwrap_or_default(),
            None => String::new(),
        };
        all.push(Filed {
            state: super::state(&row)?,
            statement: super::statement(&ctx.app, &row)?,
            files: store::files_of(&mut scan, row.id).await?,
            decider,
            row,
        });
    }
    all.reverse();
    Ok(all)
}
