//! The bench: one application, its facts against the position's rules, line by line.

use domain::application::Event;
use domain::eligibility::{self, Answer, Degree, EducationLevel, Fact, Facts, Rule, describe};
use domain::exam::carried::Seen;
use domain::exam::question::{self, Answer as Typed, Question};
use domain::review::Review;
use domain::staff::Permission;
use domain::time::Timestamp;

use super::scope;
use super::store::{self, DecisionRow};
use crate::application::store::{application_by_public_id, events_of, file_object};
use crate::application::{self, EventRow, Kept, View, kept, view};
use crate::exam::amendment::Past;
use crate::exam::{self, Exam};
use crate::object::{self, File};
use crate::{Ctx, Error, Result, carried, check};

/// One condition.
#[derive(Debug, Clone)]
pub struct Line {
    /// 条件.
    pub label: &'static str,
    /// 岗位要求.
    pub wanted: String,
    /// 考生填报.
    pub told: String,
    /// 系统比对.
    pub answer: Answer,
}

/// Everything that the bench shows.
#[derive(Debug)]
pub struct Bench {
    /// The application.
    pub view: View,
    /// What was submitted.
    pub content: Kept,
    /// Conditions, those that need a person first.
    pub lines: Vec<Line>,
    /// Its history, oldest first.
    pub events: Vec<EventRow>,
    /// The decisions, oldest first.
    pub decisions: Vec<DecisionRow>,
    /// Who holds it now: name, and whether it is the asker.
    pub holder: Option<(String, bool)>,
    /// Whether the asker may decide on it as it stands.
    pub may_decide: bool,
    /// Whether a 诚信档案 record bars the candidate today.
    pub barred: bool,
    /// What was amended of the position after the candidate last saved; the conditions are those that stand now.
    pub amended: Vec<Past>,
    /// The questions that the candidate was asked and whose answers the asker reads, in order.
    pub questions: Vec<Question>,
    /// 老考生: what the carried-over file would say today, or the refusal in words, where that isn't what it said.
    pub carried_now: Option<std::result::Result<Seen, String>>,
    /// 实名核验 and 学历核验 as they stand now.
    pub checks: Vec<check::Shown>,
}

impl Bench {
    /// The hash of what is shown, for the decision.
    pub fn hash(&self) -> String {
        hex::encode(&self.view.row.snapshot_hash)
    }

    /// Where the review stands.
    pub fn review(&self) -> Review {
        self.view.state.tracks().review
    }

    /// When it is to be decided.
    pub fn due(&self) -> Option<Timestamp> {
        self.view.review_due()
    }

    /// The files with the question that they answer.
    pub fn files(&self) -> Vec<(String, &domain::exam::question::FileFacts)> {
        let mut files = Vec::new();
        for question in &self.questions {
            if let Some(Typed::Files(list)) = self.content.answers.get(&question.key) {
                files.extend(list.iter().map(|file| (question.label.clone(), file)));
            }
        }
        files
    }
}

/// One application for a reviewer within whose scope it lies.
///
/// # Errors
/// `NotFound`, also outside the scope.
pub async fn bench(ctx: &Ctx, public_id: &str) -> Result<Bench> {
    let mut read = ctx.app.db().read();
    let row = application_by_public_id(&mut read, public_id)
        .await?
        .ok_or(Error::NotFound)?;
    scope::may_look(ctx, row.exam_id, &row.unit)?;
    let mut content = kept(&ctx.app, &row).await?;
    let levels = levels_of(ctx, row.exam_id, &row.unit)?;
    let events = events_of(&mut read, row.id).await?;
    let decisions = store::decisions_of(&mut read, row.id).await?;
    let me = ctx.staff()?.id;
    let holder = store::claim_of(&mut read, row.id)
        .await?
        .filter(|(_, _, until)| *until > ctx.at.micros())
        .map(|(id, name, _)| (name, id == me));
    let barred = application::is_barred(&ctx.app, row.account_id, ctx.at).await?;
    let view = view(ctx, row).await?;
    // Nothing of what isn't for him leaves this function.
    let all = view.made.questions_for(content.choice.level());
    content.answers.retain(|key, _| reads(&all, key, levels));
    let counted = application::counted_to(&view.exam, view.submitted_at().date());
    let education = content.profile.profile.facts(counted).education();
    let questions = question::asked(&all, &content.choice, education)
        .into_iter()
        .filter(|question| question.seen_by.shows(levels.0, levels.1))
        .collect();
    let review = view.state.tracks().review;
    let may_decide = review.waits_for_staff()
        && scope::may_decide(ctx, review, view.row.exam_id, &view.row.unit).is_ok();
    let lines = lines(ctx, &view, &content, barred).await?;
    let amended = amended(ctx, &view, &events).await?;
    let carried_now = carried_now(ctx, &view, &content).await?;
    let checks = check::of_account(&ctx.app, view.row.account_id).await?;
    Ok(Bench {
        checks,
        carried_now,
        amended,
        view,
        content,
        lines,
        events,
        decisions,
        holder,
        may_decide,
        barred,
        questions,
    })
}

/// Whether the asker reviews applications of a unit at the first and at the second level.
fn levels_of(ctx: &Ctx, exam_id: i64, unit: &str) -> Result<(bool, bool)> {
    let grants = &ctx.staff()?.grants;
    let at = |permission| grants.allows(permission, exam_id, unit);
    Ok((at(Permission::FirstReview), at(Permission::SecondReview)))
}

/// Whether somebody of these levels reads the answer to a question. What belongs to no question is for nobody.
fn reads(questions: &[Question], key: &str, (first, second): (bool, bool)) -> bool {
    questions
        .iter()
        .find(|question| question.key == key)
        .is_some_and(|question| question.seen_by.shows(first, second))
}

/// What the carried-over file says by now, if that is something else than the application keeps.
async fn carried_now(
    ctx: &Ctx,
    view: &View,
    content: &Kept,
) -> Result<Option<std::result::Result<Seen, String>>> {
    let Some(then) = &content.carried else {
        return Ok(None);
    };
    let account = view.row.account_id;
    let now = carried::now(&ctx.app, &view.exam, account, &content.choice, then).await?;
    let same = now.as_ref().is_ok_and(|now| {
        (now.standing, &now.counted, &now.manual) == (then.standing, &then.counted, &then.manual)
    });
    Ok((!same).then_some(now))
}

/// A file of an application, for a reviewer within whose scope it lies.
pub async fn attachment(ctx: &Ctx, public_id: &str, object: &str) -> Result<File> {
    let mut read = ctx.app.db().read();
    let row = application_by_public_id(&mut read, public_id)
        .await?
        .ok_or(Error::NotFound)?;
    scope::may_look(ctx, row.exam_id, &row.unit)?;
    let id = file_object(&mut read, row.id, object)
        .await?
        .ok_or(Error::NotFound)?;
    let levels = levels_of(ctx, row.exam_id, &row.unit)?;
    let content = kept(&ctx.app, &row).await?;
    let answers = |typed: &Typed| matches!(typed, Typed::Files(files) if files.iter().any(|file| file.object == object));
    let answered = content.answers.iter().find(|(_, typed)| answers(typed));
    let view = view(ctx, row).await?;
    let all = view.made.questions_for(content.choice.level());
    if !answered.is_some_and(|(key, _)| reads(&all, key, levels)) {
        return Err(Error::NotFound);
    }
    object::read(&ctx.app, id).await
}

/// What was amended of the position after the candidate last saved.
async fn amended(ctx: &Ctx, view: &View, events: &[EventRow]) -> Result<Vec<Past>> {
    let Some(position) = view.row.position_id else {
        return Ok(Vec::new());
    };
    let saves = [Event::Submit, Event::Edit, Event::Move, Event::Supplement];
    let saved = events
        .iter()
        .filter(|event| saves.iter().any(|save| save.code() == event.event))
        .map(|event| event.at)
        .max()
        .unwrap_or(view.row.submitted_at);
    let mut past = exam::amendment::history_of(&ctx.app, position).await?;
    past.retain(|one| one.row.published_at >= saved);
    Ok(past)
}

async fn lines(ctx: &Ctx, view: &View, content: &Kept, barred: bool) -> Result<Vec<Line>> {
    let mut facts = content.profile.profile.facts(application::counted_to(
        &view.exam,
        view.submitted_at().date(),
    ));
    facts.integrity_barred = barred;
    let rules = rules_of(ctx, &view.exam, view.row.position_id).await?;
    let mut lines: Vec<Line> = rules
        .iter()
        .map(|rule| Line {
            label: rule.fact.label(),
            wanted: describe(rule),
            told: told(rule.fact, &facts, content),
            answer: eligibility::check(rule, &facts),
        })
        .collect();
    lines.sort_by_key(|line| std::cmp::Reverse(line.answer.verdict()));
    Ok(lines)
}

async fn rules_of(ctx: &Ctx, exam: &Exam, position_id: Option<i64>) -> Result<Vec<Rule>> {
    let mut rules = exam.settings.rules.clone();
    if let Some(id) = position_id {
        let position = exam::position_by_id(&mut ctx.app.db().read(), id)
            .await?
            .ok_or(Error::inconsistent("application.position_id"))?;
        let own: Vec<Rule> = serde_json::from_str(&position.rules)
            .map_err(|e| Error::internal("position.rules", e))?;
        rules.extend(own);
    }
    Ok(rules)
}

/// What the candidate told about a fact, in words.
fn told(fact: Fact, facts: &Facts, content: &Kept) -> String {
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    let list = |list: &[String]| list.join("、");
    let told = match fact {
        Fact::Sex => text(&facts.sex),
        Fact::BirthDate => facts.birth_date.map_or_else(String::new, |born| {
            let on = facts.on.unwrap_or(born);
            format!("{}（{} 岁）", born.to_chinese(), on.full_years_since(born))
        }),
        Fact::Education => facts
            .education()
            .map(EducationLevel::label)
            .unwrap_or_default()
            .to_owned(),
        Fact::Degree => facts
            .degree()
            .map(Degree::label)
            .unwrap_or_default()
            .to_owned(),
        Fact::StudyMode | Fact::Major | Fact::GraduateYear => content
            .profile
            .profile
            .educations
            .iter()
            .map(|e| {
                format!(
                    "{}，{}，{}，{}毕业",
                    e.level.label(),
                    e.major,
                    e.study_mode.label(),
                    e.graduated_on.to_chinese()
                )
            })
            .collect::<Vec<_>>()
            .join("；"),
        Fact::Hukou => text(&facts.hukou),
        Fact::Origin => text(&facts.origin),
        Fact::Political => text(&facts.political),
        Fact::Ethnicity => text(&facts.ethnicity),
        Fact::WorkYears => facts
            .work_years
            .map_or_else(String::new, |y| format!("{y} 年")),
        Fact::SpecialtyWorkYears => facts
            .specialty_work_years
            .map_or_else(String::new, |y| format!("{y} 年")),
        Fact::Certificate => list(&facts.certificates),
        Fact::Title => list(&facts.titles),
        Fact::Group => list(&facts.groups),
        Fact::Integrity => if facts.integrity_barred {
            "有限制记录"
        } else {
            "无不良记录"
        }
        .to_owned(),
        Fact::Other => String::new(),
    };
    if told.is_empty() {
        "未填写".to_owned()
    } else {
        told
    }
}
