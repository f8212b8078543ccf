//! 老考生: passes carried over from earlier years, and what they mean for a choice of level, specialty and subjects.
//!
//! The file is imported by the officer. A question to it has three answers: found, not found, can't be checked. What it says is
//! copied into the application: a later import changes nothing that was submitted.

use serde::{Deserialize, Serialize};

use super::levels::{LevelRule, LevelRules, OnMismatch, TakeMode};
use super::professional::{ChoiceError, LevelChoice, ProfessionalTable, Subject};
use crate::coded::coded;

/// A subject passed in an earlier year.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Pass {
    /// 科目代码.
    pub code: String,
    /// 科目, as it was called.
    pub name: String,
    /// Exam year that the pass belongs to.
    pub year: u32,
    /// Day of the pass as the file says it, `2024-10-20`; empty where it only has the year.
    #[serde(default)]
    pub date: String,
}

impl Pass {
    /// When it was passed, as people read it.
    pub fn when(&self) -> String {
        if self.date.is_empty() {
            format!("{} 年", self.year)
        } else {
            self.date.clone()
        }
    }
}

/// What the file has about a person at one level and specialty.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Carried {
    /// Level.
    pub level: String,
    /// Specialty.
    pub specialty: String,
    /// 档案号.
    pub archive_no: String,
    /// Whether all is passed and the certificate was given.
    pub holds: bool,
    /// Passes, by code.
    pub passes: Vec<Pass>,
}

impl Carried {
    /// `考全科 · 水利工程`.
    pub fn title(&self) -> String {
        title(&self.level, &self.specialty)
    }
}

fn title(level: &str, specialty: &str) -> String {
    if specialty.is_empty() {
        level.to_owned()
    } else {
        format!("{level} · {specialty}")
    }
}

coded! {
    /// Why the file can't be asked.
    pub enum Unchecked {
        /// None was imported for the exam, or the last one was withdrawn.
        NoFile = "no_file", "考试机构还没有导入老考生档案";
        /// The number is there under another name.
        NameDiffers = "name_differs", "档案中这个证件号码的姓名与您的不一致";
    }
}

/// The answer of the file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "answer", content = "what", rename_all = "snake_case")]
pub enum Lookup {
    /// What it has.
    Found(Vec<Carried>),
    /// It has nothing about this person.
    NotFound,
    /// It can't be asked.
    Unchecked(Unchecked),
}

impl Lookup {
    fn carried(&self) -> &[Carried] {
        match self {
            Self::Found(carried) => carried,
            Self::NotFound | Self::Unchecked(_) => &[],
        }
    }
}

coded! {
    /// What a candidate is to an exam.
    pub enum Standing {
        /// Takes it for the first time, or as if.
        New = "new", "新考生";
        /// Found, and what he chose fits what was found.
        Returning = "returning", "老考生";
        /// He claims what the file doesn't have.
        Differs = "differs", "与档案不一致";
        /// He claims something, and the file can't be asked.
        Unchecked = "unchecked", "无法核查";
    }
}

/// A pass with what its level makes of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counted {
    /// The pass.
    #[serde(flatten)]
    pub pass: Pass,
    /// The last exam year in which it counts; `None`: it never runs out.
    pub last_year: Option<u32>,
}

impl Counted {
    /// Until when it counts, in words.
    pub fn until(&self) -> String {
        match self.last_year {
            Some(year) => format!("有效至 {year} 年度"),
            None => "长期有效".to_owned(),
        }
    }
}

/// One level and specialty as it stands open to a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer<'t> {
    /// The rule of the level.
    pub rule: LevelRule,
    /// Passes that count: not taken again.
    pub counted: Vec<Counted>,
    /// Passes that have run out: taken again.
    pub lapsed: Vec<Counted>,
    /// Subjects that are left.
    pub left: Vec<&'t Subject>,
    /// 档案号; empty for who isn't found here.
    pub archive_no: String,
    /// Whether the file says nothing that would let him take this level: he must claim a condition, which a reviewer looks at.
    pub needs_claim: bool,
    /// Whether he may say that he passed some subjects although the file doesn't have them.
    pub may_claim_passes: bool,
    /// Another level and specialty where his passes count.
    pub elsewhere: Option<String>,
}

/// What a choice comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judged<'t> {
    /// What he is.
    pub standing: Standing,
    /// What is open to him there.
    pub offer: Offer<'t>,
    /// What he takes, in the order of the table.
    pub taken: Vec<&'t Subject>,
    /// Whether passing all that he takes makes it complete.
    pub completes: bool,
    /// Why a person must look; empty: nobody must.
    pub manual: Vec<String>,
}

/// What is open to a person at a level and specialty. `year`: the exam's.
///
/// # Errors
/// [`ChoiceError::NoSuchLevel`].
pub fn offer<'t>(
    (rules, table, year): (&LevelRules, &'t ProfessionalTable, u32),
    lookup: &Lookup,
    level: &str,
    specialty: &str,
) -> Result<Offer<'t>, ChoiceError> {
    let subjects = table.subjects_of(level, specialty);
    if subjects.is_empty() {
        return Err(ChoiceError::NoSuchLevel);
    }
    let rule = rules.of(level);
    let here = lookup
        .carried()
        .iter()
        .find(|one| one.level == level && one.specialty == specialty);
    let (mut counted, mut lapsed) = (Vec::new(), Vec::new());
    for pass in here.iter().flat_map(|one| &one.passes) {
        let known = Counted {
            pass: pass.clone(),
            last_year: rule.last_year(pass.year),
        };
        if rule.counts(pass.year, year) {
            counted.push(known);
        } else {
            lapsed.push(known);
        }
    }
    let passed = |code: &str| counted.iter().any(|one| one.pass.code == code);
    let left: Vec<&Subject> = subjects
        .into_iter()
        .filter(|subject| !passed(&subject.code))
        .collect();
    let holder = lookup
        .carried()
        .iter()
        .any(|one| one.holds && one.specialty != specialty);
    // Who was let in before, in a year that still counts, needn't show again that he may.
    let known = !counted.is_empty() || (rule.mode == TakeMode::Extra && holder);
    let elsewhere = lookup.carried().iter().find(|one| {
        let counts = |pass: &Pass| rules.of(&one.level).counts(pass.year, year);
        let other = one.level != level || one.specialty != specialty;
        other && !one.holds && one.passes.iter().any(counts)
    });
    let full = rule.mode.takes_all() && rule.valid_years != 1 && counted.is_empty();
    let asks = rules.mismatch == OnMismatch::Manual || matches!(lookup, Lookup::Unchecked(_));
    Ok(Offer {
        needs_claim: rule.mode.needs_claim() && !known,
        may_claim_passes: full && asks && left.len() > 1,
        archive_no: here.map(|one| one.archive_no.clone()).unwrap_or_default(),
        elsewhere: elsewhere
            .filter(|_| rule.mode != TakeMode::Extra && counted.is_empty())
            .map(Carried::title),
        rule,
        counted,
        lapsed,
        left,
    })
}

/// Judges a choice.
///
/// # Errors
/// Why it isn't possible, in the candidate's words.
pub fn judge<'t>(
    ground: (&LevelRules, &'t ProfessionalTable, u32),
    lookup: &Lookup,
    choice: &LevelChoice,
) -> Result<Judged<'t>, ChoiceError> {
    let (rules, table, _) = ground;
    let offer = offer(ground, lookup, &choice.level, &choice.specialty)?;
    if offer.left.is_empty() {
        return Err(ChoiceError::NothingLeft);
    }
    if let Some(passed) = offer
        .counted
        .iter()
        .find(|one| choice.subjects.contains(&one.pass.code))
    {
        return Err(ChoiceError::Passed(passed.pass.name.clone()));
    }
    let taken = table.choose(choice)?;
    let mut manual = Vec::new();
    let mut standing = if offer.counted.is_empty() {
        Standing::New
    } else {
        Standing::Returning
    };
    let missing: Vec<String> = offer
        .left
        .iter()
        .filter(|one| !taken.contains(one))
        .map(|one| one.name.clone())
        .collect();
    let unasked = match lookup {
        Lookup::Unchecked(why) => Some(*why),
        Lookup::Found(_) | Lookup::NotFound => None,
    };
    if offer.rule.mode.takes_all() && !missing.is_empty() {
        if !choice.claims_passes || offer.rule.valid_years == 1 || !offer.counted.is_empty() {
            return Err(ChoiceError::AllRequired {
                level: choice.level.clone(),
                left: !offer.counted.is_empty(),
                missing,
            });
        }
        let names = missing.join("、");
        match (unasked, rules.mismatch) {
            (Some(why), _) => {
                standing = Standing::Unchecked;
                manual.push(format!("自述已通过{names}；{}，须人工核对", why.label()));
            }
            (None, OnMismatch::Refuse) => {
                return Err(ChoiceError::NoSuchPasses(choice.level.clone()));
            }
            (None, OnMismatch::Manual) => {
                standing = Standing::Differs;
                manual.push(format!("自述已通过{names}，档案里没有查到"));
            }
        }
    }
    if let Some(other) = &offer.elsewhere {
        if rules.mismatch == OnMismatch::Refuse {
            return Err(ChoiceError::OtherLevel(other.clone()));
        }
        standing = Standing::Differs;
        manual.push(format!("档案中的合格成绩属于“{other}”，与所选不同"));
    }
    if unasked == Some(Unchecked::NameDiffers) && standing == Standing::New {
        standing = Standing::Unchecked;
        manual.push("档案中有这个证件号码，但姓名不一致，须人工核对".to_owned());
    }
    if offer.needs_claim {
        if offer.rule.conditions.is_empty() {
            match unasked {
                None => return Err(ChoiceError::NoCertificate(choice.level.clone())),
                Some(_) => standing = Standing::Unchecked,
            }
        }
        manual.push(format!("{}的条件须人工审核", choice.level));
    } else if offer.rule.mode == TakeMode::Extra && standing == Standing::New {
        standing = Standing::Returning;
    }
    Ok(Judged {
        completes: taken.len() == offer.left.len() || offer.rule.mode.takes_all(),
        standing,
        offer,
        taken,
        manual,
    })
}

/// What an application keeps of the file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seen {
    /// Version of the file that was asked; 0 for none.
    pub version: u32,
    /// What the candidate was taken for.
    pub standing: Standing,
    /// What the file answered.
    pub lookup: Lookup,
    /// Passes that counted.
    pub counted: Vec<Counted>,
    /// Passes that had run out.
    pub lapsed: Vec<Counted>,
    /// 档案号.
    pub archive_no: String,
    /// Whether the candidate said that he passed what he left out.
    pub claims_passes: bool,
    /// Whether he claimed a condition of the level.
    pub claims_condition: bool,
    /// Whether passing all makes it complete.
    pub completes: bool,
    /// Why a person must look.
    pub manual: Vec<String>,
}

impl Seen {
    /// What people read about it: label and text.
    pub fn fields(&self) -> Vec<(String, String)> {
        let pair = |label: &str, text: String| (label.to_owned(), text);
        let listed = |passes: &[Counted], until: bool| {
            let texts: Vec<String> = passes
                .iter()
                .map(|one| {
                    let until = if until {
                        format!("，{}", one.until())
                    } else {
                        String::new()
                    };
                    format!("{}（{} 合格{until}）", one.pass.name, one.pass.when())
                })
                .collect();
            texts.join("、")
        };
        let mut fields = vec![pair("考生类别", self.standing.label().to_owned())];
        if !self.archive_no.is_empty() {
            fields.push(pair("档案号", self.archive_no.clone()));
        }
        if !self.counted.is_empty() {
            fields.push(pair("已合格科目", listed(&self.counted, true)));
        }
        if !self.lapsed.is_empty() {
            fields.push(pair("已失效的合格成绩", listed(&self.lapsed, false)));
        }
        fields
    }
}

impl Judged<'_> {
    /// What is kept of it.
    pub fn seen(&self, version: u32, lookup: &Lookup, choice: &LevelChoice) -> Seen {
        Seen {
            version,
            standing: self.standing,
            lookup: lookup.clone(),
            counted: self.offer.counted.clone(),
            lapsed: self.offer.lapsed.clone(),
            archive_no: self.offer.archive_no.clone(),
            claims_passes: choice.claims_passes,
            claims_condition: self.offer.needs_claim,
            completes: self.completes,
            manual: self.manual.clone(),
        }
    }
}
