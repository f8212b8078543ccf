//! 保存, part by part.

use db::{Command, Lane, Tx};
use domain::profile::{
    BasicForm, EducationForm, FamilyForm, MOST_EDUCATIONS, Part, Profile, ResumeRowForm, WorkForm,
    check_resume,
};
use serde_json::json;

use super::{Stored, place, store};
use crate::{Ctx, Error, Object, Result, Stamp};

/// Tries at a save that another tab crossed.
const TRIES: usize = 3;

/// Saves 基本信息.
pub async fn save_basic(ctx: &Ctx, form: &BasicForm) -> Result<()> {
    let identity = crate::account::identity(&ctx.app, ctx.candidate()?).await?;
    let basic = form.check(&identity, ctx.at.date())?;
    save(ctx, Part::Basic, |profile| {
        profile.basic = Some(basic.clone());
        Ok(())
    })
    .await
}

/// Saves one education: the row `id`, or a new one.
pub async fn save_education(ctx: &Ctx, id: Option<u32>, form: &EducationForm) -> Result<()> {
    let checked = form.check(id.unwrap_or(0), ctx.at.date())?;
    save(ctx, Part::Education, |profile| {
        let mut education = checked.clone();
        match id {
            Some(id) => {
                let row = profile
                    .educations
                    .iter_mut()
                    .find(|row| row.id == id)
                    .ok_or(Error::NotFound)?;
                *row = education;
            }
            None if profile.educations.len() >= MOST_EDUCATIONS => {
                return Err(Error::field(
                    "level",
                    format!("学历最多填 {MOST_EDUCATIONS} 条，请先删除不需要的"),
                ));
            }
            None => {
                education.id = profile.next_education_id();
                profile.educations.push(education);
            }
        }
        Ok(())
    })
    .await
}

/// 删除 one education.
pub async fn remove_education(ctx: &Ctx, id: u32) -> Result<()> {
    save(ctx, Part::Education, |profile| {
        let before = profile.educations.len();
        profile.educations.retain(|row| row.id != id);
        if profile.educations.len() == before {
            Err(Error::NotFound)
        } else {
            Ok(())
        }
    })
    .await
}

/// Saves 工作与联系.
pub async fn save_work(ctx: &Ctx, form: &WorkForm) -> Result<()> {
    let work = form.check(ctx.at.date())?;
    save(ctx, Part::Work, |profile| {
        profile.work = Some(work.clone());
        Ok(())
    })
    .await
}

/// Saves 简历.
pub async fn save_resume(ctx: &Ctx, rows: &[ResumeRowForm]) -> Result<()> {
    let rows = check_resume(rows, ctx.at.date())?;
    save(ctx, Part::Resume, |profile| {
        profile.resume.clone_from(&rows);
        Ok(())
    })
    .await
}

/// Saves 家庭成员与其他.
pub async fn save_family(ctx: &Ctx, form: &FamilyForm) -> Result<()> {
    let family = form.check()?;
    save(ctx, Part::Family, |profile| {
        profile.family = Some(family.clone());
        Ok(())
    })
    .await
}

/// Reads, changes one part, writes at the version that was read. Crossed by another tab, it begins anew.
async fn save(ctx: &Ctx, part: Part, change: impl Fn(&mut Profile) -> Result<()>) -> Result<()> {
    let account_id = ctx.candidate()?;
    for _ in 0..TRIES {
        let Stored {
            mut profile,
            version,
            ..
        } = super::find(&ctx.app, account_id).await?;
        change(&mut profile)?;
        let clear =
            serde_json::to_vec(&profile).map_err(|e| Error::internal("profile.content", e))?;
        let command = Put {
            stamp: Stamp::of(ctx),
            account_id,
            content: ctx
                .app
                .cipher()
                .seal(place(account_id), &clear, ctx.app.entropy()),
            complete: profile.is_complete(),
            version,
            part,
        };
        if ctx.app.db().write(Lane::Interactive, command).await? {
            return Ok(());
        }
    }
    Err(Error::Conflict(
        "个人信息刚在别的页面保存过，请刷新后再保存",
    ))
}

struct Put {
    stamp: Stamp,
    account_id: i64,
    content: Vec<u8>,
    complete: bool,
    version: i64,
    part: Part,
}

impl Command for Put {
    const NAME: &'static str = "profile.save";
    /// Whether nobody was faster.
    type Out = bool;
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<bool> {
        let at = self.stamp.at.micros();
        let id = self.account_id;
        if store::profile_put(tx, id, (&self.content, self.complete), at, self.version).await? == 0
        {
            return Ok(false);
        }
        if self.part == Part::Education {
            crate::check::due(tx, id, self.stamp.at).await?;
        }
        crate::draft::forget(tx, id, &super::draft_name(self.part)).await?;
        let object = Object {
            kind: "profile",
            id,
            exam_id: 0,
        };
        self.stamp
            .trail()
            .audit(
                tx,
                "profile.save",
                object,
                json!({ "part": self.part.code() }),
            )
            .await?;
        Ok(true)
    }
}
