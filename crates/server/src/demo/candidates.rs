//! Candidates sign up, fill in their profiles and upload drawn photos; a reviewer looks at those.

use anyhow::{Context as _, bail};
use app::account::session;
use app::account::{Login, NewPassword, SignupForm, SignupOutcome};
use app::application::integrity::{self, IntegrityForm};
use app::photo as photos;
use app::{Actor, Ctx, account, profile};
use domain::id_number::IdType;
use domain::photo::PhotoSpec;
use domain::time::Timestamp;
use vault::Secret;

use super::accounts::CANDIDATE_PASSWORD;
use super::people::{Dice, Person};
use super::world::World;

/// A candidate of the demonstration.
#[derive(Debug, Clone)]
pub(super) struct Candidate {
    pub(super) id: i64,
    pub(super) person: Person,
}

impl World {
    /// A candidate's context at an instant.
    pub(super) fn as_candidate(&self, candidate: &Candidate, at: Timestamp) -> Ctx {
        self.ctx(Actor::Candidate(candidate.id), at)
    }

    /// 注册, first login, first password, the whole profile, a photo.
    pub(super) async fn join(&self, index: u32, at: Timestamp) -> anyhow::Result<Candidate> {
        let person = Person::new(self.seed, index);
        let id = self
            .sign_up(&person, at)
            .await
            .with_context(|| format!("考生 {index}"))?;
        let candidate = Candidate { id, person };
        let ctx = self.as_candidate(&candidate, at.plus_seconds(300));
        let forms = candidate.person.forms(at.date());
        profile::save_basic(&ctx, &forms.basic).await?;
        profile::save_education(&ctx, None, &forms.education).await?;
        profile::save_work(&ctx, &forms.work).await?;
        profile::save_resume(&ctx, &forms.resume).await?;
        profile::save_family(&ctx, &forms.family).await?;
        let seed = self
            .seed
            .wrapping_mul(1_000_003)
            .wrapping_add(u64::from(index));
        let drawn = tokio::task::spawn_blocking(move || imaging::drawn::portrait(seed)).await?;
        photos::upload(&ctx, &drawn, &PhotoSpec::MANUAL).await?;
        Ok(candidate)
    }

    async fn sign_up(&self, person: &Person, at: Timestamp) -> anyhow::Result<i64> {
        let ctx = self.ctx(Actor::Anonymous, at);
        let form = SignupForm {
            name: person.name.clone(),
            id_type: IdType::ResidentCard.code().into(),
            id_number: person.number.clone(),
            mobile: person.mobile.clone(),
            door: String::new(),
        };
        let SignupOutcome::Created(created) =
            account::start_signup(&ctx, &form, self.solved(at)).await?
        else {
            bail!("没有建立账号：演示数据要载入空数据库");
        };
        let login = Login {
            number: person.number.clone(),
            password: Secret::new(person.last_six()),
            door: String::new(),
            captcha: self.solved(at),
            activation: Some(created.cookie.expose()),
            device: None,
        };
        let half = account::login(&ctx, login).await?;
        let stored = session::lookup(&self.app, &half.token.expose(), at)
            .await?
            .context("会话")?;
        let chosen = NewPassword {
            password: Secret::new(CANDIDATE_PASSWORD),
            again: Secret::new(CANDIDATE_PASSWORD),
        };
        account::set_first(&ctx, &stored, chosen).await?;
        Ok(half.account_id)
    }

    /// A reviewer looks at what waits and leaves about `leave` of it; three of a hundred are refused.
    pub(super) async fn review_photos(&self, at: Timestamp, leave: i64) -> anyhow::Result<()> {
        let ctx = self.by("zhaopian", at).await?;
        let mut dice = Dice::new(
            self.seed,
            "photo review",
            u32::try_from(at.seconds() % 1_000_000).unwrap_or(0),
        );
        while photos::pending(&ctx).await? > leave && photos::claim(&ctx).await? > 0 {
            for card in photos::held(&ctx).await? {
                let decision = if dice.chance(3) {
                    photos::Decision::Reject {
                        code: "photo_background".into(),
                        reason: "背景不是纯色，请换浅色墙面重拍。".into(),
                    }
                } else {
                    photos::Decision::Approve
                };
                photos::decide(&ctx, &card.public_id, card.version, &decision).await?;
            }
        }
        photos::release(&ctx).await?;
        Ok(())
    }

    /// 诚信档案 of people who never signed up here: one that bars for years, one for good, one that is over, one lifted.
    pub(super) async fn bar(&self, beyond: u32) -> anyhow::Result<()> {
        // Kind, days since it began, what was done.
        const RECORDS: [(&str, i64, &str); 4] = [
            (
                "five_years",
                200,
                "笔试开考后使用手机，监考人员当场记录，本人签字确认。",
            ),
            ("long_term", 400, "组织作弊，经公安机关查实。"),
            ("no_show", 900, "一年内两次缴费后无故缺考。"),
            ("dishonest", 120, "提交的学历证明与学信网记录不一致。"),
        ];
        let mut last = String::new();
        for (place, (kind, ago, reason)) in (0u32..).zip(RECORDS) {
            let person = Person::new(self.seed, beyond.saturating_add(1000 + place));
            let day = self.days.at(-ago, 9);
            let form = IntegrityForm {
                name: person.name.clone(),
                id_type: IdType::ResidentCard.code().into(),
                id_number: person.number.clone(),
                kind: kind.into(),
                source: format!(
                    "南屿市人社局，南人社罚〔{}〕{} 号",
                    day.date().year(),
                    12 + place
                ),
                reason: reason.into(),
                starts_on: day.date().to_string(),
                ends_on: String::new(),
            };
            let entered = self.days.at(-100, 9);
            last = integrity::enter(&self.by("kaowu", entered).await?, &form).await?;
        }
        let other = self.by("kaowu2", self.days.at(-20, 10)).await?;
        integrity::lift(&other, &last, "经复核属学校录入错误，原处理决定已撤销。").await?;
        Ok(())
    }
}
