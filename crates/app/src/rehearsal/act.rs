//! What candidates of a rehearsal do by themselves: apply for something that fits them while the window is open, and pay once they
//! owe. By the use cases that the candidates' pages call, so that every rule and figure is the real one.

use std::collections::BTreeMap;

use db::{Command, Crowd, Lane, Tx};
use domain::chance::Dice;
use domain::eligibility::{self, Verdict};
use domain::exam::carried::offer;
use domain::exam::question::{Answer, Question, QuestionKind};
use domain::exam::{LevelChoice, Phase, TextForm};

use super::{candidate, store};
use crate::application::{self, Agreed, Form, Pick};
use crate::exam::{self, Exam};
use crate::{Ctx, Error, Result, carried, payment};

/// Candidates of one look: the rest is for the next.
const ROUND: i64 = 50;
/// Rounds of one look.
const ROUNDS: usize = 20;

/// Lets those act who can by now; the timer's work.
///
/// # Errors
/// Trouble with the database.
pub async fn act(ctx: &Ctx) -> Result<()> {
    let acting = store::acting(&mut ctx.app.db().scan(Crowd::System)).await?;
    for (id,) in acting {
        let exam = exam::find_by_id(&ctx.app, id).await?;
        act_in(ctx, &exam).await?;
    }
    Ok(())
}

/// The same in one exam.
pub(super) async fn act_in(ctx: &Ctx, exam: &Exam) -> Result<()> {
    let now = ctx.app.now();
    let ctx = &Ctx {
        at: now,
        ..ctx.clone()
    };
    if exam.open_at(now).registration {
        for _ in 0..ROUNDS {
            let waiting =
                store::to_apply(&mut ctx.app.db().scan(Crowd::System), exam.id(), ROUND).await?;
            if waiting.is_empty() {
                break;
            }
            for (account_id, no) in waiting {
                apply(ctx, exam, account_id, no).await?;
            }
        }
    }
    if exam.is_open(Phase::Payment, now) {
        for _ in 0..ROUNDS {
            let owing =
                store::to_pay(&mut ctx.app.db().scan(Crowd::System), exam.id(), ROUND).await?;
            if owing.is_empty() {
                break;
            }
            for (account_id, application) in owing {
                pay(ctx, exam, account_id, &application).await?;
            }
        }
    }
    Ok(())
}

async fn apply(ctx: &Ctx, exam: &Exam, account_id: i64, no: i64) -> Result<()> {
    let him = candidate(ctx, account_id, exam.id());
    let mut dice = Dice::new(
        u64::from_be_bytes(exam.id().to_be_bytes()),
        "apply",
        u32::try_from(no).unwrap_or(0),
    );
    let (stage, note) = match tried(&him, exam, account_id, &mut dice).await {
        Ok(()) => ("applied", String::new()),
        Err(Error::Refused(refusal)) => ("refused", refusal.title),
        Err(Error::Fields(errors)) => (
            "refused",
            errors
                .iter()
                .map(|(_, text)| text.to_owned())
                .collect::<Vec<_>>()
                .join("；"),
        ),
        // A page of his own, open at the same moment.
        Err(Error::Conflict(_)) => return Ok(()),
        Err(error) => return Err(error),
    };
    let command = Stage {
        account_id,
        stage,
        note: note.chars().take(100).collect(),
    };
    ctx.app.db().write(Lane::Background, command).await
}

async fn tried(him: &Ctx, exam: &Exam, account_id: i64, dice: &mut Dice) -> Result<()> {
    if application::living(him, exam).await?.is_some() {
        return Ok(());
    }
    let nothing = || Error::refused("nothing_fits", "没有适合的岗位或科目", "请由人工报名。");
    let pick = choose(him, exam, account_id, dice)
        .await?
        .ok_or_else(nothing)?;
    let picked = application::pick(&him.app, exam, account_id, &pick).await?;
    let facts = application::facts(&him.app, exam, account_id, him.at).await?;
    let mut answers = BTreeMap::new();
    for question in application::asked(&picked, &facts) {
        if let Some(answer) = answer(him, &question, dice).await? {
            answers.insert(question.key.clone(), answer);
        }
    }
    let form = Form {
        pick,
        answers,
        agreed: Agreed {
            version: exam.settings.agreement.version,
            at: him.at,
        },
    };
    application::submit(him, exam.public_id(), &form)
        .await
        .map(|_| ())
}

/// Something at random that fits him, or that a person must look at, if nothing does.
async fn choose(him: &Ctx, exam: &Exam, account_id: i64, dice: &mut Dice) -> Result<Option<Pick>> {
    if !exam.has_positions() {
        return levels(him, exam, account_id, dice).await;
    }
    let table = exam::positions::table(&him.app, exam).await?;
    let figures = exam::positions::figures(&him.app, exam).await?;
    let facts = application::facts(&him.app, exam, account_id, him.at).await?;
    let (mut fit, mut doubtful) = (Vec::new(), Vec::new());
    for item in table.items() {
        let now = figures.of(item.id);
        if now.cancelled || now.is_full() {
            continue;
        }
        let rules = exam::positions::rules(exam, &item.position);
        match eligibility::check_all(&rules, &facts).verdict {
            Verdict::Pass => fit.push(&item.public_id),
            Verdict::Manual => doubtful.push(&item.public_id),
            Verdict::Fail => {}
        }
    }
    // Now and then somebody whom a person must look at.
    let from = if fit.is_empty() || (!doubtful.is_empty() && dice.chance(15)) {
        doubtful
    } else {
        fit
    };
    Ok(dice.pick(&from).map(|id| Pick::Position((*id).clone())))
}

async fn levels(him: &Ctx, exam: &Exam, account_id: i64, dice: &mut Dice) -> Result<Option<Pick>> {
    let table = exam::subjects(&him.app, exam).await?;
    let Some(level) = dice.pick(&table.levels()).map(|level| (*level).to_owned()) else {
        return Ok(Some(Pick::Exam));
    };
    let specialties = table.specialties(&level);
    let specialty = dice
        .pick(&specialties)
        .map(|text| (*text).to_owned())
        .unwrap_or_default();
    let found = carried::lookup(&him.app, exam, account_id).await?;
    let ground = (&exam.settings.levels, &*table, exam.settings.year);
    let Ok(open) = offer(ground, &found.lookup, &level, &specialty) else {
        return Ok(None);
    };
    let subjects = open.left.iter().map(|one| one.code.clone()).collect();
    Ok(Some(Pick::Professional(LevelChoice {
        level,
        specialty,
        subjects,
        claims_passes: false,
    })))
}

/// An answer that a question takes; `None` where it may be left out.
async fn answer(him: &Ctx, question: &Question, dice: &mut Dice) -> Result<Option<Answer>> {
    Ok(match &question.kind {
        QuestionKind::Choice { options, many, .. } => {
            let chosen = dice.pick(options).cloned().unwrap_or_default();
            Some(if *many {
                Answer::Chosen(vec![chosen])
            } else {
                Answer::Text(chosen)
            })
        }
        QuestionKind::Number { min, max } => {
            let span = u32::try_from((max - min).clamp(0, 1_000_000)).unwrap_or(0);
            Some(Answer::Text(
                (min + i64::from(dice.below(span + 1))).to_string(),
            ))
        }
        QuestionKind::Date { from, to } => {
            let day = from.or(*to).unwrap_or_else(|| him.at.date());
            question.required.then(|| Answer::Text(day.to_string()))
        }
        QuestionKind::Text {
            max,
            min,
            form,
            mask,
            ..
        } => Some(Answer::Text(text((*min, *max), *form, mask))),
        QuestionKind::File { types, .. } if question.required => {
            let (name, bytes) = if types.iter().any(|one| one == "image/jpeg") {
                let drawn = him
                    .app
                    .compute("draw a file", || imaging::drawn::portrait(1))
                    .await?;
                ("演练材料.jpg", drawn)
            } else {
                let pdf = b"%PDF-1.4\n% rehearsal\n%%EOF\n".to_vec();
                ("演练材料.pdf", pdf)
            };
            let facts = application::files::attach(him, question, name, &bytes).await?;
            Some(Answer::Files(vec![facts]))
        }
        QuestionKind::File { .. } => None,
    })
}

/// A text of a form and length.
fn text((min, max): (u32, u32), form: TextForm, mask: &str) -> String {
    let length = |unit: &str| {
        let least = usize::try_from(min.max(1)).unwrap_or(1);
        let most = usize::try_from(max.max(1)).unwrap_or(1);
        let text: String = unit
            .chars()
            .cycle()
            .take(least.max(unit.chars().count()).min(most))
            .collect();
        text
    };
    match form {
        TextForm::Any => length("演练填写"),
        TextForm::Digits => length("1234567890"),
        TextForm::Alphanumeric => length("YANLIAN1"),
        TextForm::Mobile => "15400000000".to_owned(),
        TextForm::Postcode => "100000".to_owned(),
        TextForm::Email => "yanlian@example.com".to_owned(),
        TextForm::Mask => mask
            .chars()
            .map(|c| match c {
                '9' | '*' => '1',
                'A' => 'A',
                other => other,
            })
            .collect(),
    }
}

async fn pay(ctx: &Ctx, exam: &Exam, account_id: i64, application: &str) -> Result<()> {
    let him = candidate(ctx, account_id, exam.id());
    match payment::rehearsal::pay_now(&him, application).await {
        // Paid, or a rule stands in the way: not tried again by itself.
        Ok(())
        | Err(Error::Refused(_) | Error::Conflict(_) | Error::NotFound | Error::Fields(_)) => {}
        Err(error) => return Err(error),
    }
    ctx.app
        .db()
        .write(Lane::Background, Done { account_id })
        .await
}

struct Stage {
    account_id: i64,
    stage: &'static str,
    note: String,
}

impl Command for Stage {
    const NAME: &'static str = "rehearsal.stage";
    type Out = ();
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        store::candidate_stage(tx, self.account_id, "ready", (self.stage, &self.note)).await?;
        Ok(())
    }
}

struct Done {
    account_id: i64,
}

impl Command for Done {
    const NAME: &'static str = "rehearsal.paid";
    type Out = ();
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        store::pays_no_more(tx, self.account_id).await?;
        Ok(())
    }
}
