//! What a candidate submits: choice, answers, a copy of the profile; compared, priced, and sealed with its hash.

use std::collections::BTreeMap;

use domain::check::{CheckRules, CheckSeen};
use domain::eligibility::{self, Facts, Report, Rule};
use domain::exam::carried::{Seen, judge};
use domain::exam::question::{self, Answer, Question};
use domain::exam::snapshot::{Choice, Snapshot};
use domain::exam::{LevelChoice, Position};
use domain::field::FieldErrors;
use domain::money::Fen;
use domain::payment::SubjectFee;
use domain::payment::fee::FeeLine;
use domain::profile::{Identity, Part, Profile};
use domain::time::{Date, Timestamp};
use serde::{Deserialize, Serialize};
use vault::Place;

use super::rules::barred;
use super::store::{self, ApplicationRow, CarriedColumns, ContentColumns};
use crate::exam::{self, Exam};
use crate::{App, Ctx, Error, Result, carried, photo};

/// The person as he was when he submitted.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PersonCopy {
    /// 姓名.
    pub name: String,
    /// 证件类型, a code of [`domain::id_number::IdType`].
    pub id_type: String,
    /// 证件号码.
    pub id_number: String,
    /// 手机号码.
    pub mobile: String,
    /// The profile.
    pub profile: Profile,
}

impl std::fmt::Debug for PersonCopy {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PersonCopy(…)")
    }
}

/// A snapshot as this product keeps it.
pub type Kept = Snapshot<PersonCopy>;

/// What the candidate picked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Pick {
    /// A position, by its public id.
    Position(String),
    /// A level with specialty and subjects.
    Professional(LevelChoice),
    /// The exam itself.
    Exam,
}

/// A pick, looked up.
#[derive(Debug, Clone)]
pub struct Picked {
    /// The position's id.
    pub position_id: Option<i64>,
    /// The reviewing unit.
    pub unit: String,
    /// In words.
    pub choice: Choice,
    /// What the candidate is compared with.
    pub rules: Vec<Rule>,
    /// What he sits, for the fee.
    pub subjects: Vec<SubjectFee>,
    /// What he is asked: the exam's questions, and those of a claim that he makes.
    pub questions: Vec<Question>,
    /// What the carried-over file says of him.
    pub carried: Option<PickedCarried>,
}

/// What the carried-over file says of a pick.
#[derive(Debug, Clone)]
pub struct PickedCarried {
    /// What the snapshot keeps.
    pub seen: Seen,
    pub(super) import_id: i64,
    pub(super) seal: String,
}

impl Picked {
    /// How somebody compares, with what a person must look at because of the carried-over file.
    pub fn report(&self, facts: &Facts) -> Report {
        let report = eligibility::check_all(&self.rules, facts);
        match &self.carried {
            Some(carried) => report.with_manual(&carried.seen.manual),
            None => report,
        }
    }
}

/// Looks a pick up.
///
/// # Errors
/// `NotFound` for a position that isn't visible; `Fields` under `choice` for levels and subjects that don't fit, or that the
/// account's holder can't take like that.
pub async fn pick(app: &App, exam: &Exam, account_id: i64, pick: &Pick) -> Result<Picked> {
    let questions = exam.settings.questions.clone();
    match pick {
        Pick::Position(public_id) => {
            let item = exam::positions::find(app, exam, public_id).await?;
            Ok(Picked {
                position_id: Some(item.id),
                unit: item.unit.clone(),
                choice: position_choice(&item.position),
                rules: exam::positions::rules(exam, &item.position),
                subjects: papers(exam, &item.position.paper),
                questions,
                carried: None,
            })
        }
        Pick::Professional(level) => {
            let table = exam::subjects(app, exam).await?;
            let found = carried::lookup(app, exam, account_id).await?;
            let levels = &exam.settings.levels;
            let judged = judge((levels, &table, exam.settings.year), &found.lookup, level)
                .map_err(|e| Error::field("choice", e.to_string()))?;
            let chosen = &judged.taken;
            let fee = |subject: &&domain::exam::Subject| SubjectFee {
                name: subject.name.clone(),
                fee: subject.fee,
            };
            let claims = judged.offer.needs_claim.then_some(level.level.as_str());
            let seen = judged.seen(found.version, &found.lookup, level);
            Ok(Picked {
                position_id: None,
                unit: String::new(),
                subjects: chosen.iter().map(fee).collect(),
                choice: Choice::Professional {
                    level: level.level.clone(),
                    specialty: level.specialty.clone(),
                    subjects: chosen.iter().map(|subject| subject.code.clone()).collect(),
                },
                rules: exam.settings.rules.clone(),
                questions: exam.settings.questions_for(claims),
                carried: (!levels.is_unset()).then_some(PickedCarried {
                    seen,
                    import_id: found.import_id,
                    seal: found.seal,
                }),
            })
        }
        Pick::Exam => Ok(Picked {
            position_id: None,
            unit: String::new(),
            choice: Choice::Exam,
            rules: exam.settings.rules.clone(),
            subjects: papers(exam, ""),
            questions,
            carried: None,
        }),
    }
}

fn position_choice(position: &Position) -> Choice {
    Choice::Position {
        code: position.code.clone(),
        name: position.name.clone(),
        employer: position.employer.clone(),
        department: position.department.clone(),
    }
}

/// The papers of a class: their number makes the fee of exams by position.
fn papers(exam: &Exam, class: &str) -> Vec<SubjectFee> {
    exam.settings
        .papers
        .iter()
        .filter(|paper| paper.class.is_empty() || class.is_empty() || paper.class == class)
        .map(|paper| SubjectFee {
            name: paper.name.clone(),
            fee: Fen::ZERO,
        })
        .collect()
}

/// The parts of the profile that an exam asks for.
pub fn wanted_parts(exam: &Exam) -> &'static [Part] {
    if exam.has_positions() {
        Profile::RECRUITMENT
    } else {
        Profile::ALWAYS
    }
}

/// The day that ages and years count to.
pub fn counted_to(exam: &Exam, today: Date) -> Date {
    exam.settings
        .counted_to
        .or_else(|| {
            exam.windows()
                .registration
                .map(|window| window.open().date())
        })
        .unwrap_or(today)
}

struct Person {
    identity: Identity,
    profile: Profile,
}

async fn person_of(app: &App, account_id: i64) -> Result<Person> {
    let identity = crate::account::identity(app, account_id).await?;
    let profile = crate::profile::find(app, account_id).await?.profile;
    Ok(Person { identity, profile })
}

/// What the rules of an exam compare for one account, the integrity record among it.
pub async fn facts(app: &App, exam: &Exam, account_id: i64, at: Timestamp) -> Result<Facts> {
    let person = person_of(app, account_id).await?;
    facts_of(app, exam, &person, account_id, at).await
}

/// The extra questions that somebody with this pick and these facts is asked.
pub fn asked(picked: &Picked, facts: &Facts) -> Vec<Question> {
    question::asked(&picked.questions, &picked.choice, facts.education())
}

async fn facts_of(
    app: &App,
    exam: &Exam,
    person: &Person,
    account_id: i64,
    at: Timestamp,
) -> Result<Facts> {
    let mut facts = person.profile.facts(counted_to(exam, at.date()));
    facts.integrity_barred = barred(&mut app.db().read(), account_id, at)
        .await?
        .is_some();
    Ok(facts)
}

/// The bill of a pick.
pub fn bill(exam: &Exam, picked: &Picked) -> Result<(Vec<FeeLine>, Fen)> {
    if !exam.settings.steps.has_payment() {
        return Ok((Vec::new(), Fen::ZERO));
    }
    let fees = &exam.settings.fees;
    let no_fee =
        |e: domain::payment::fee::FeeError| Error::refused("fee", "不能计算费用", format!("{e}。"));
    let lines = fees.lines(&picked.subjects).map_err(no_fee)?;
    let fee = fees.fee(&picked.subjects, None).map_err(no_fee)?;
    Ok((lines, fee))
}

/// Everything that 保存 needs, checked; nothing is stored yet.
#[derive(Debug)]
pub struct Prepared {
    /// The pick.
    pub picked: Picked,
    /// What he is asked.
    pub questions: Vec<Question>,
    /// How the candidate compares.
    pub report: Report,
    /// The bill.
    pub fee_lines: Vec<FeeLine>,
    /// What is to pay.
    pub fee: Fen,
    pub(super) kept: Kept,
    pub(super) photo_id: i64,
    pub(super) agreed_at: Timestamp,
}

/// The agreement as accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Agreed {
    /// Which version.
    pub version: u32,
    /// When.
    pub at: Timestamp,
}

/// Checks a form against exam and profile.
///
/// # Errors
/// `Fields` keyed `q.<question>` or `choice`; `Refused` for a profile with missing parts or an agreement that has changed.
pub async fn prepare(
    ctx: &Ctx,
    exam: &Exam,
    wanted: &Pick,
    answers: &BTreeMap<String, Answer>,
    agreed: Agreed,
) -> Result<Prepared> {
    let account_id = ctx.candidate()?;
    let person = person_of(&ctx.app, account_id).await?;
    let missing = person.profile.missing(wanted_parts(exam));
    if !missing.is_empty() {
        let names: Vec<&str> = missing.iter().map(|part| part.label()).collect();
        return Err(Error::refused(
            "profile_incomplete",
            "个人信息还没有填完",
            format!(
                "请先在“个人信息修改”中填写：{}。您填的报考信息已保留。",
                names.join("、")
            ),
        ));
    }
    if agreed.version != exam.settings.agreement.version {
        return Err(Error::refused(
            "agreement_changed",
            "请重新阅读报名协议",
            "报名协议有更新，请阅读新的协议，同意后继续。您填的内容已保留。",
        ));
    }
    let picked = pick(&ctx.app, exam, account_id, wanted).await?;
    let facts = facts_of(&ctx.app, exam, &person, account_id, ctx.at).await?;
    let questions = asked(&picked, &facts);
    let answers = question::check_all(&questions, answers).map_err(|wrong| {
        let mut errors = FieldErrors::new();
        for (key, message) in wrong {
            errors.add(format!("q.{key}"), message);
        }
        Error::Fields(errors)
    })?;
    let about = (&person.identity, &person.profile);
    // The people of a rehearsal are made up: there is nobody to ask about them.
    let rules = if exam.is_rehearsal() {
        CheckRules::default()
    } else {
        exam.settings.checks
    };
    let checks = crate::check::seen(&ctx.app, &rules, account_id, about).await?;
    if let Some(barrier) = rules.barrier(&checks) {
        return Err(Error::refused(
            barrier.code(),
            barrier.title(),
            barrier.text(),
        ));
    }
    let manual: Vec<String> = checks.iter().filter_map(CheckSeen::manual).collect();
    let report = picked.report(&facts).with_manual(&manual);
    let (fee_lines, fee) = bill(exam, &picked)?;
    let photo = photo::current(&ctx.app, account_id).await?;
    let kept = Kept {
        settings_version: u32::try_from(exam.row.settings_version)
            .map_err(|_| Error::inconsistent("exam.settings_version"))?,
        agreement_version: agreed.version,
        major_catalogue: domain::major::catalogue::VERSION.to_owned(),
        choice: picked.choice.clone(),
        profile: copy_of(&person),
        photo: photo
            .as_ref()
            .map(|photo| photo.public_id.clone())
            .unwrap_or_default(),
        answers,
        verdict: report.verdict,
        reasons: report
            .answers
            .iter()
            .map(|answer| answer.reason().to_owned())
            .collect(),
        fee: fee_lines.clone(),
        carried: picked.carried.as_ref().map(|carried| carried.seen.clone()),
        checks,
    };
    let photo_id = photo.map_or(0, |photo| photo.id);
    Ok(Prepared {
        picked,
        questions,
        report,
        fee_lines,
        fee,
        kept,
        photo_id,
        agreed_at: agreed.at,
    })
}

fn copy_of(person: &Person) -> PersonCopy {
    PersonCopy {
        name: person.identity.name.clone(),
        id_type: person.identity.document.id_type().code().to_owned(),
        id_number: person.identity.document.canonical().to_owned(),
        mobile: person.identity.mobile.clone(),
        profile: person.profile.clone(),
    }
}

fn place(column: &'static str, id: i64) -> Place {
    Place {
        table: "application",
        column,
        row: id,
    }
}

impl Prepared {
    /// Seals the content for the application `id`.
    pub(super) fn columns(&self, app: &App, id: i64) -> Result<ContentColumns> {
        let (text, snapshot_hash) = self
            .kept
            .sealed()
            .map_err(|e| Error::internal("application.snapshot", e))?;
        let answers = serde_json::to_vec(&self.kept.answers)
            .map_err(|e| Error::internal("application.answers", e))?;
        let choice = serde_json::to_string(&self.picked.choice)
            .map_err(|e| Error::internal("application.choice", e))?;
        let seal =
            |column, clear: &[u8]| app.cipher().seal(place(column, id), clear, app.entropy());
        Ok(ContentColumns {
            position_id: self.picked.position_id,
            unit: self.picked.unit.clone(),
            choice,
            verdict: self.report.verdict.code(),
            name: self.kept.profile.name.clone(),
            snapshot: seal("snapshot", text.as_bytes()),
            snapshot_hash,
            answers: seal("answers", &answers),
            settings_version: i64::from(self.kept.settings_version),
            agreement_version: i64::from(self.kept.agreement_version),
            agreed_at: self.agreed_at.micros(),
            photo_id: self.photo_id,
            fee: self.fee.get(),
            checks: self.kept.checks.clone(),
            carried: self.picked.carried.as_ref().map(|carried| CarriedColumns {
                standing: carried.seen.standing.code(),
                import_id: carried.import_id,
                seal: carried.seal.clone(),
            }),
        })
    }
}

/// What the candidate applied for.
pub fn choice_of(row: &ApplicationRow) -> Result<Choice> {
    serde_json::from_str(&row.choice).map_err(|e| Error::internal("application.choice", e))
}

/// Opens what was submitted, and proves that it is what the hash of the row speaks of. The caller has checked who asks.
pub(crate) async fn kept(app: &App, row: &ApplicationRow) -> Result<Kept> {
    let (snapshot, _) = store::content_of(&mut app.db().read(), row.id)
        .await?
        .ok_or(Error::NotFound)?;
    if snapshot.is_empty() {
        return Err(erased());
    }
    let clear = app
        .cipher()
        .open(place("snapshot", row.id), &snapshot)
        .map_err(|e| Error::internal("application.snapshot", e))?;
    let hash: [u8; 32] = <sha2::Sha256 as sha2::Digest>::digest(&clear).into();
    if hash.as_slice() != row.snapshot_hash.as_slice() {
        return Err(Error::inconsistent("application.snapshot_hash"));
    }
    serde_json::from_slice(&clear).map_err(|e| Error::internal("application.snapshot", e))
}

/// The exam was archived and the time that its forms are kept is over.
fn erased() -> Error {
    Error::refused(
        "content_erased",
        "报名表内容已按规定清除",
        "这场考试已归档，报名表内容和个人信息的保存期已过。报考岗位、审查结论、缴费和成绩仍可查询。",
    )
}

/// Whether an application says that its owner passed in earlier years what he left out. The caller has checked who asks.
pub async fn claims_passes(app: &App, row: &ApplicationRow) -> Result<bool> {
    Ok(kept(app, row)
        .await?
        .carried
        .is_some_and(|seen| seen.claims_passes))
}

/// What the rules of an exam compare of what somebody submitted: his snapshot, not his profile as it is now. `None` for an
/// application that isn't there.
pub(crate) async fn submitted_facts(app: &App, exam: &Exam, id: i64) -> Result<Option<Facts>> {
    let Some(row) = store::application_by_id(&mut app.db().read(), id).await? else {
        return Ok(None);
    };
    let submitted = Timestamp::from_micros(row.submitted_at).date();
    let kept = kept(app, &row).await?;
    Ok(Some(
        kept.profile.profile.facts(counted_to(exam, submitted)),
    ))
}

/// What differs between two contents, by name and without any value: for the history and for reviewers.
pub(super) fn changes(before: &Kept, after: &Kept, exam: &Exam) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    if before.choice != after.choice {
        let professional = after.choice.level().is_some();
        let name = if professional {
            "级别和科目"
        } else {
            "报考岗位"
        };
        names.push(name.to_owned());
    }
    let (was, now) = (&before.profile.profile, &after.profile.profile);
    let parts = [
        (Part::Basic, was.basic != now.basic),
        (Part::Education, was.educations != now.educations),
        (Part::Work, was.work != now.work),
        (Part::Resume, was.resume != now.resume),
        (Part::Family, was.family != now.family),
    ];
    names.extend(
        parts
            .iter()
            .filter(|(_, moved)| *moved)
            .map(|(part, _)| part.label().to_owned()),
    );
    for question in &exam.settings.questions_for(after.choice.level()) {
        if before.answers.get(&question.key) != after.answers.get(&question.key) {
            names.push(question.label.clone());
        }
    }
    if before.photo != after.photo {
        names.push("照片".to_owned());
    }
    names
}

/// The answers as they were submitted, to fill the form in again.
pub(crate) async fn answers(app: &App, row: &ApplicationRow) -> Result<BTreeMap<String, Answer>> {
    let (_, answers) = store::content_of(&mut app.db().read(), row.id)
        .await?
        .ok_or(Error::NotFound)?;
    if answers.is_empty() {
        return Err(erased());
    }
    let clear = app
        .cipher()
        .open(place("answers", row.id), &answers)
        .map_err(|e| Error::internal("application.answers", e))?;
    serde_json::from_slice(&clear).map_err(|e| Error::internal("application.answers", e))
}
