//! Applications that the file that counts now says something else about than the one they were saved with.

use db::Crowd;
use domain::exam::carried::{Seen, judge};
use domain::exam::snapshot::Choice;
use domain::exam::{LevelChoice, LevelRules};

use super::{Found, lookup, may_look, store};
use crate::application::{self, ApplicationRow, store as applications};
use crate::exam::{self, Exam};
use crate::{App, Ctx, Error, Result};

/// One of them.
#[derive(Debug, Clone)]
pub struct Differs {
    /// The application.
    pub row: ApplicationRow,
    /// What was chosen, in words.
    pub choice: String,
    /// What the file said then.
    pub then: Seen,
    /// What it would come to now; the refusal in words if it couldn't be saved any more.
    pub now: std::result::Result<Seen, String>,
}

impl Differs {
    /// Whether the verdict would be another one, not only the file's words.
    pub fn is_other(&self) -> bool {
        match &self.now {
            Err(_) => true,
            Ok(now) => {
                now.standing != self.then.standing
                    || now.manual.is_empty() != self.then.manual.is_empty()
            }
        }
    }

    /// What it would be now, in words.
    pub fn now_text(&self) -> String {
        match &self.now {
            Err(refusal) => refusal.clone(),
            Ok(seen) if seen.manual.is_empty() => seen.standing.label().to_owned(),
            Ok(seen) => format!("{}：{}", seen.standing.label(), seen.manual.join("；")),
        }
    }
}

/// A page of them by their ids, after this one. Nothing is changed: the officer decides.
pub async fn differs(ctx: &Ctx, exam: &Exam, after: i64, limit: i64) -> Result<Vec<Differs>> {
    may_look(ctx, exam)?;
    let current = store::current(&mut ctx.app.db().read(), exam.id()).await?;
    let import_id = current.map_or(0, |(id, _)| id);
    let mut scan = ctx.app.db().scan(Crowd::Staff);
    let found = store::differing(&mut scan, exam.id(), import_id, after, limit).await?;
    let mut out = Vec::with_capacity(found.len());
    for (application_id, account_id) in found {
        let row = applications::application_by_id(&mut ctx.app.db().read(), application_id)
            .await?
            .ok_or(Error::NotFound)?;
        let kept = application::kept(&ctx.app, &row).await?;
        let Some(then) = kept.carried else { continue };
        let now = now(&ctx.app, exam, account_id, &kept.choice, &then).await?;
        out.push(Differs {
            choice: kept.choice.text(),
            row,
            then,
            now,
        });
    }
    Ok(out)
}

/// What a choice that was made would come to with the file as it is.
pub(crate) async fn now(
    app: &App,
    exam: &Exam,
    account_id: i64,
    choice: &Choice,
    then: &Seen,
) -> Result<std::result::Result<Seen, String>> {
    let Choice::Professional {
        level,
        specialty,
        subjects,
    } = choice
    else {
        return Ok(Err(String::new()));
    };
    let Found {
        version, lookup, ..
    } = lookup(app, exam, account_id).await?;
    let table = exam::subjects(app, exam).await?;
    let choice = LevelChoice {
        level: level.clone(),
        specialty: specialty.clone(),
        subjects: subjects.clone(),
        claims_passes: then.claims_passes,
    };
    let rules: &LevelRules = &exam.settings.levels;
    let judged = judge((rules, &table, exam.settings.year), &lookup, &choice);
    Ok(judged
        .map(|judged| judged.seen(version, &lookup, &choice))
        .map_err(|refusal| refusal.to_string()))
}
