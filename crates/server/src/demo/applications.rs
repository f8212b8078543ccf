//! Candidates apply; reviewers decide; money is paid.

use std::collections::BTreeMap;
use std::sync::Arc;

use anyhow::Context as _;
use app::application::{self, Agreed, Form, Pick};
use app::exam::{self, Exam};
use app::payment;
use app::review::{self, Decision, Shown};
use domain::eligibility::{self, Verdict};
use domain::exam::LevelChoice;
use domain::review::{ReturnItem, Review};
use domain::time::Timestamp;

use super::candidates::Candidate;
use super::carried;
use super::clock;
use super::exams::Stage;
use super::people::Dice;
use super::tuning;
use super::world::World;

/// How it goes on after 保存.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    /// Waits for the reviewer.
    Waits,
    /// Sent back.
    Returned,
    /// Refused.
    Rejected,
    /// Refused, and the candidate objects.
    Appealed,
    /// Approved, not paid.
    Approved,
    /// Approved and paid.
    Paid,
    /// Approved, at the cashier's and not back.
    AtCashier,
    /// Taken back by the candidate.
    Withdrawn,
}

/// Who applied in an exam, by number: what becomes of him, and the application's public id.
pub(super) type Fates = BTreeMap<u32, (Fate, String)>;

impl Fate {
    /// A fate that fits how far the exam has come.
    pub(super) fn draw(stage: Stage, dice: &mut Dice) -> Self {
        let table: &[(u32, Self)] = match stage {
            Stage::Open => &[
                (38, Self::Waits),
                (6, Self::Returned),
                (4, Self::Rejected),
                (2, Self::Appealed),
                (16, Self::Approved),
                (2, Self::AtCashier),
                (30, Self::Paid),
                (2, Self::Withdrawn),
            ],
            Stage::Reviewing => &[
                (10, Self::Waits),
                (6, Self::Returned),
                (5, Self::Rejected),
                (1, Self::Appealed),
                (20, Self::Approved),
                (1, Self::AtCashier),
                (55, Self::Paid),
                (2, Self::Withdrawn),
            ],
            _ => &[
                (4, Self::Rejected),
                (3, Self::Approved),
                (92, Self::Paid),
                (1, Self::Withdrawn),
            ],
        };
        let mut drawn = dice.below(100);
        for (share, fate) in table {
            if drawn < *share {
                return *fate;
            }
            drawn -= share;
        }
        Self::Paid
    }
}

impl World {
    /// One candidate applies in one exam and goes on to his fate. Returns the application's public id.
    pub(super) async fn apply(
        &self,
        exam: &Arc<Exam>,
        candidate: &Candidate,
        at: Timestamp,
        fate: Fate,
    ) -> anyhow::Result<Option<String>> {
        let mut dice = Dice::new(self.seed, exam.public_id(), candidate.person.index);
        match self.choose(exam, candidate, at, &mut dice).await? {
            Some(pick) => self.apply_for(exam, candidate, at, (pick, fate)).await,
            None => Ok(None),
        }
    }

    /// The same for something that was chosen already.
    pub(super) async fn apply_for(
        &self,
        exam: &Arc<Exam>,
        candidate: &Candidate,
        at: Timestamp,
        (pick, fate): (Pick, Fate),
    ) -> anyhow::Result<Option<String>> {
        let ctx = self.as_candidate(candidate, at);
        let questions = &exam.settings.questions;
        let form = Form {
            pick,
            answers: tuning::answers(&ctx, questions, candidate.person.index).await?,
            agreed: Agreed {
                version: exam.settings.agreement.version,
                at: at.plus_seconds(-120),
            },
        };
        let saved = match application::submit(&ctx, exam.public_id(), &form).await {
            Ok(saved) => saved,
            // A rule stood in his way, as it would: he isn't in the exam.
            Err(app::Error::Refused(refusal)) => {
                tracing::debug!(
                    code = refusal.code,
                    "a candidate of the demonstration was refused"
                );
                return Ok(None);
            }
            Err(error) => return Err(error.into()),
        };
        self.go_on(
            exam,
            candidate,
            &saved.public_id,
            at.plus_seconds(1800),
            fate,
        )
        .await?;
        Ok(Some(saved.public_id))
    }

    async fn choose(
        &self,
        exam: &Arc<Exam>,
        candidate: &Candidate,
        at: Timestamp,
        dice: &mut Dice,
    ) -> anyhow::Result<Option<Pick>> {
        if !exam.has_positions() {
            if exam.settings.levels.is_unset() {
                return self.choose_subjects(exam, dice).await;
            }
            return carried::choose(self, exam, candidate, dice).await;
        }
        let table = exam::positions::table(&self.app, exam).await?;
        let facts = application::facts(&self.app, exam, candidate.id, at).await?;
        let mut second_best = None;
        for _ in 0..40 {
            let Some(item) = dice.pick(table.items()) else {
                break;
            };
            let rules = exam::positions::rules(exam, &item.position);
            match eligibility::check_all(&rules, &facts).verdict {
                Verdict::Pass => return Ok(Some(Pick::Position(item.public_id.clone()))),
                Verdict::Manual => {
                    second_best.get_or_insert_with(|| item.public_id.clone());
                }
                Verdict::Fail => {}
            }
        }
        Ok(second_best.map(Pick::Position))
    }

    async fn choose_subjects(
        &self,
        exam: &Arc<Exam>,
        dice: &mut Dice,
    ) -> anyhow::Result<Option<Pick>> {
        let table = exam::subjects(&self.app, exam).await?;
        let Some(level) = dice.pick(&table.levels()).map(|level| (*level).to_owned()) else {
            return Ok(None);
        };
        let specialties = table.specialties(&level);
        let specialty = dice
            .pick(&specialties)
            .map(|text| (*text).to_owned())
            .unwrap_or_default();
        let subjects = table
            .subjects_of(&level, &specialty)
            .into_iter()
            .map(|subject| subject.code.clone())
            .collect();
        Ok(Some(Pick::Professional(LevelChoice {
            level,
            specialty,
            subjects,
            claims_passes: false,
        })))
    }

    async fn go_on(
        &self,
        exam: &Arc<Exam>,
        candidate: &Candidate,
        public_id: &str,
        at: Timestamp,
        fate: Fate,
    ) -> anyhow::Result<()> {
        let ctx = self.as_candidate(candidate, at);
        match fate {
            Fate::Waits => return Ok(()),
            Fate::Withdrawn => return ignore_refusal(application::withdraw(&ctx, public_id).await),
            _ => {}
        }
        if exam.settings.steps.has_review() {
            self.decide(public_id, at, fate).await?;
        }
        match fate {
            Fate::Appealed => {
                let later = self.as_candidate(candidate, at.plus_seconds(3600));
                let why = "我的专业在岗位要求的专业类别内，毕业证书复印件已上传，请核对。";
                ignore_refusal(application::appeal(&later, public_id, why).await)
            }
            Fate::Paid | Fate::AtCashier if exam.settings.steps.has_payment() => {
                self.pay(
                    candidate,
                    public_id,
                    at.plus_seconds(7200),
                    fate == Fate::Paid,
                )
                .await
            }
            _ => Ok(()),
        }
    }

    async fn decide(&self, public_id: &str, at: Timestamp, fate: Fate) -> anyhow::Result<()> {
        for username in ["chushen", "fushen"] {
            let ctx = self.by(username, at).await?;
            let bench = review::bench(&ctx, public_id).await?;
            let stands = bench.review();
            let wanted = if username == "chushen" {
                Review::Pending
            } else {
                Review::FirstApproved
            };
            if stands != wanted {
                continue;
            }
            let shown = Shown {
                public_id: public_id.to_owned(),
                hash: bench.hash(),
                review: stands,
            };
            review::claim(&ctx, public_id).await?;
            review::decide(&ctx, &shown, &decision(fate)).await?;
        }
        Ok(())
    }

    /// 缴费: at the cashier's, and back.
    async fn pay(
        &self,
        candidate: &Candidate,
        application: &str,
        at: Timestamp,
        to_the_end: bool,
    ) -> anyhow::Result<()> {
        let ctx = self.as_candidate(candidate, at);
        let bill = payment::payable(&ctx, application).await?;
        let Some(order) = bill.order.filter(|_| bill.open) else {
            return Ok(());
        };
        // Most pay with what is on their phone already.
        let code = match candidate.person.index % 10 {
            0..5 => "wechat",
            5..9 => "alipay",
            _ => "unionpay",
        };
        let channel = self.channels.channel(code).context("支付渠道")?;
        let payer = payment::Payer::default();
        let started = clock::at(at, payment::pay(&ctx, &order.public_id, code, &payer)).await?;
        let payment::Started::Cashier(checkout) = started else {
            return Ok(());
        };
        let history = payment::find(&ctx, &order.public_id).await?;
        let attempt = history.latest().context("支付")?;
        let paid = clock::at(at.plus_seconds(60), async {
            let came = simulators::visit(channel, &checkout);
            came && to_the_end && channel.bank().pay(&attempt.merchant_no)
        });
        if paid.await {
            let back = at.plus_seconds(90);
            let ctx = self.as_candidate(candidate, back);
            clock::at(back, payment::ask_returned(&ctx, &order.public_id)).await?;
        }
        Ok(())
    }
}

fn decision(fate: Fate) -> Decision {
    match fate {
        Fate::Returned => Decision::Return {
            code: "wrong_entry".into(),
            reason: "以下内容与材料不一致，请核对后修改：毕业证书编号".into(),
            items: vec![ReturnItem {
                field: "certificate_no".into(),
                note: "请按毕业证书填写编号".into(),
            }],
            due: None,
        },
        Fate::Rejected | Fate::Appealed => Decision::Reject {
            code: "major".into(),
            reason: "岗位要求的专业与您的毕业专业不一致。报名截止前您可以改报其他岗位。".into(),
        },
        _ => Decision::Approve,
    }
}

/// A rule that stands in the way is part of life; anything else is not.
fn ignore_refusal<T>(result: app::Result<T>) -> anyhow::Result<()> {
    match result {
        Ok(_) | Err(app::Error::Refused(_)) => Ok(()),
        Err(error) => Err(error.into()),
    }
}
