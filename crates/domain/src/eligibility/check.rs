//! Compares facts with rules, and says why in words for the candidate.

use super::Verdict;
use super::describe::{date_text, describe, requirement};
use super::facts::Facts;
use super::rule::{Condition, Fact, Operand, Operator, Rule, Severity};
use crate::major::{MajorRequirement, Match, Studied, Term};

/// The answer to one rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// It is met.
    Pass,
    /// It isn't; the reason.
    Fail(String),
    /// A person must look; the reason.
    Manual(String),
}

impl Answer {
    /// The verdict without its reason.
    pub const fn verdict(&self) -> Verdict {
        match self {
            Self::Pass => Verdict::Pass,
            Self::Fail(_) => Verdict::Fail,
            Self::Manual(_) => Verdict::Manual,
        }
    }

    /// The reason; empty for a pass.
    pub fn reason(&self) -> &str {
        match self {
            Self::Pass => "",
            Self::Fail(reason) | Self::Manual(reason) => reason,
        }
    }
}

/// The answers to all rules of a position.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// The worst of the answers.
    pub verdict: Verdict,
    /// Short heading: `符合`, `专业不符`, `需人工审核`.
    pub title: String,
    /// The reason in a sentence: the first failure, else the first manual one, else how many conditions are met.
    pub reason: String,
    /// Rule by rule, in order.
    pub answers: Vec<Answer>,
}

impl Report {
    /// The same with further reasons for a person to look, which no rule of the exam gives.
    #[must_use]
    pub fn with_manual(mut self, reasons: &[String]) -> Self {
        if let Some(first) = reasons.first()
            && self.verdict == Verdict::Pass
        {
            self.verdict = Verdict::Manual;
            self.title = Verdict::Manual.label().to_owned();
            self.reason.clone_from(first);
        }
        self.answers
            .extend(reasons.iter().cloned().map(Answer::Manual));
        self
    }
}

/// What a comparison gives before severity is looked at.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Met {
    Yes,
    No,
    Unknown,
}

/// One rule.
pub fn check(rule: &Rule, facts: &Facts) -> Answer {
    let mut met = compare(rule.fact, rule.operator, &rule.operand, facts);
    for relaxed in &rule.relaxed {
        if met == Met::Yes {
            break;
        }
        let Condition {
            fact,
            operator,
            operand,
        } = &relaxed.when;
        let entitled = compare(*fact, *operator, operand, facts);
        let bound = compare(rule.fact, rule.operator, &relaxed.operand, facts);
        met = match (entitled, bound) {
            (Met::Yes, Met::Yes) => Met::Yes,
            (Met::Unknown, Met::Yes) | (Met::Yes | Met::Unknown, Met::Unknown) => Met::Unknown,
            _ => met,
        };
    }
    match (rule.severity, met) {
        // What only papers can show is never waved through by what somebody typed.
        (Severity::NeedsManual, _) => Answer::Manual(manual_reason(rule)),
        (Severity::Hard, Met::Yes) => Answer::Pass,
        (Severity::Hard, Met::No) => Answer::Fail(fail_reason(rule, facts)),
        (Severity::Hard, Met::Unknown) => Answer::Manual(unknown_reason(rule, facts)),
    }
}

/// Every rule, and the verdict over all. A position without rules takes everybody.
pub fn check_all(rules: &[Rule], facts: &Facts) -> Report {
    let answers: Vec<Answer> = rules.iter().map(|rule| check(rule, facts)).collect();
    let verdict = answers
        .iter()
        .map(Answer::verdict)
        .max()
        .unwrap_or(Verdict::Pass);
    let first = rules
        .iter()
        .zip(&answers)
        .find(|(_, answer)| answer.verdict() == verdict);
    let (title, reason) = match (verdict, first) {
        (Verdict::Fail, Some((rule, answer))) => (
            format!("{}不符", rule.fact.label()),
            answer.reason().to_owned(),
        ),
        (Verdict::Manual, Some((_, answer))) => (
            Verdict::Manual.label().to_owned(),
            answer.reason().to_owned(),
        ),
        _ if rules.is_empty() => (
            Verdict::Pass.label().to_owned(),
            "该岗位没有限制条件".to_owned(),
        ),
        _ => (
            Verdict::Pass.label().to_owned(),
            format!("您的 {} 项条件全部符合", rules.len()),
        ),
    };
    Report {
        verdict,
        title,
        reason,
        answers,
    }
}

fn compare(fact: Fact, operator: Operator, operand: &Operand, facts: &Facts) -> Met {
    match (fact, operand) {
        (Fact::Integrity, _) => met(!facts.integrity_barred),
        (Fact::BirthDate, Operand::Date(bound)) => ordered(facts.birth_date, operator, *bound),
        (Fact::Education, Operand::Education(bound)) => {
            ordered(facts.education(), operator, *bound)
        }
        // Whoever told an education and no degree has none.
        (Fact::Degree, Operand::Degree(_)) if facts.degree().is_none() => {
            if facts.studies.is_empty() {
                Met::Unknown
            } else {
                Met::No
            }
        }
        (Fact::Degree, Operand::Degree(bound)) => ordered(facts.degree(), operator, *bound),
        (Fact::Major, Operand::Majors(majors)) => major(majors, facts),
        (Fact::WorkYears, Operand::Number(bound)) => ordered(facts.work_years, operator, *bound),
        (Fact::SpecialtyWorkYears, Operand::Number(bound)) => {
            ordered(facts.specialty_work_years, operator, *bound)
        }
        (Fact::GraduateYear, Operand::Number(bound)) => {
            ordered(facts.graduate_year(), operator, *bound)
        }
        (Fact::Sex, Operand::Texts(texts)) => one_of(facts.sex.as_deref(), operator, texts),
        (Fact::Political, Operand::Texts(texts)) => {
            one_of(facts.political.as_deref(), operator, texts)
        }
        (Fact::Ethnicity, Operand::Texts(texts)) => {
            one_of(facts.ethnicity.as_deref(), operator, texts)
        }
        (Fact::Hukou, Operand::Texts(texts)) => within(facts.hukou.as_deref(), operator, texts),
        (Fact::Origin, Operand::Texts(texts)) => within(facts.origin.as_deref(), operator, texts),
        (Fact::StudyMode, Operand::Texts(texts)) => {
            // Any education will do: which one the candidate applies with, only the reviewer sees.
            let modes = facts
                .studies
                .iter()
                .map(|studies| studies.study_mode.as_str());
            let answers: Vec<Met> = modes
                .map(|mode| one_of(Some(mode), operator, texts))
                .collect();
            [Met::Yes, Met::Unknown]
                .into_iter()
                .find(|met| answers.contains(met))
                .unwrap_or({
                    if answers.is_empty() {
                        Met::Unknown
                    } else {
                        Met::No
                    }
                })
        }
        (Fact::Certificate, Operand::Texts(texts)) => held(&facts.certificates, texts),
        (Fact::Title, Operand::Texts(texts)) => held(&facts.titles, texts),
        (Fact::Group, Operand::Texts(texts)) => held(&facts.groups, texts),
        // A sentence, or an operand that doesn't belong to the fact: only a person can tell.
        _ => Met::Unknown,
    }
}

const fn met(yes: bool) -> Met {
    if yes { Met::Yes } else { Met::No }
}

fn ordered<T: Ord + Copy>(fact: Option<T>, operator: Operator, bound: T) -> Met {
    let Some(fact) = fact else {
        return Met::Unknown;
    };
    met(match operator {
        Operator::AtLeast => fact >= bound,
        Operator::AtMost => fact <= bound,
        Operator::Is | Operator::Matches => fact == bound,
        Operator::IsNot => fact != bound,
    })
}

fn one_of(fact: Option<&str>, operator: Operator, texts: &[String]) -> Met {
    match fact.filter(|fact| !fact.is_empty()) {
        None => Met::Unknown,
        Some(fact) => met(texts.iter().any(|text| text == fact) == (operator != Operator::IsNot)),
    }
}

/// Whether a place lies in one of the regions: its full name contains the region's.
fn within(fact: Option<&str>, operator: Operator, regions: &[String]) -> Met {
    match fact.filter(|fact| !fact.is_empty()) {
        None => Met::Unknown,
        Some(fact) => {
            met(regions.iter().any(|region| fact.contains(region)) == (operator != Operator::IsNot))
        }
    }
}

fn held(has: &[String], wanted: &[String]) -> Met {
    met(wanted
        .iter()
        .any(|wanted| has.iter().any(|one| one.contains(wanted.as_str()))))
}

fn major(majors: &MajorRequirement, facts: &Facts) -> Met {
    let studied: Vec<Studied<'_>> = facts
        .studies
        .iter()
        .filter(|studies| !studies.major.trim().is_empty())
        .filter_map(|studies| {
            let band = studies.level.and_then(|level| level.band())?;
            Some(Studied {
                band,
                major: &studies.major,
            })
        })
        .collect();
    if majors.is_any() {
        return Met::Yes;
    }
    if studied.is_empty() {
        return Met::Unknown;
    }
    match majors.compare(&studied) {
        Match::Yes => Met::Yes,
        Match::Unclear => Met::Unknown,
        Match::No => Met::No,
    }
}

fn fail_reason(rule: &Rule, facts: &Facts) -> String {
    let wanted = describe(rule);
    let you = |what: Option<String>, label: &str| match what {
        Some(what) => format!("要求{wanted}，您的{label}是{what}"),
        None => format!("要求{wanted}"),
    };
    match (&rule.fact, &rule.operand) {
        (Fact::Major, Operand::Majors(majors)) => major_reason(majors, facts),
        (Fact::Integrity, _) => "您在诚信档案记录期内，不能报名".to_owned(),
        (Fact::BirthDate, _) => you(facts.birth_date.map(date_text), "出生日期"),
        (Fact::Education, _) => you(
            facts.education().map(|level| level.label().to_owned()),
            "最高学历",
        ),
        (Fact::Degree, _) => match facts.degree() {
            Some(degree) => format!("要求{wanted}，您的最高学位是{}", degree.label()),
            None => format!("要求{wanted}，您没有填写学位"),
        },
        (Fact::Sex, _) => you(facts.sex.clone(), "性别"),
        (Fact::Hukou, _) => you(facts.hukou.clone(), "户籍"),
        (Fact::Origin, _) => you(facts.origin.clone(), "生源地"),
        (Fact::Political, _) => you(facts.political.clone(), "政治面貌"),
        (Fact::WorkYears, _) => you(
            facts.work_years.map(|years| format!(" {years} 年")),
            "工作年限",
        ),
        _ => format!("要求{wanted}，您填写的信息不符合"),
    }
}

fn major_reason(majors: &MajorRequirement, facts: &Facts) -> String {
    let best = facts
        .studies
        .iter()
        .filter(|studies| !studies.major.is_empty())
        .max_by_key(|studies| studies.level);
    let own = best
        .map(|studies| studies.major.as_str())
        .unwrap_or_default();
    let terms: Vec<&Term> = majors
        .groups
        .iter()
        .flat_map(|group| &group.terms)
        .collect();
    match terms.as_slice() {
        [Term::Class(class)] => format!("您的专业“{own}”不在“{class}类”目录内"),
        [Term::Informal(class)] => format!("您的专业“{own}”不在“{class}”范围内"),
        _ => format!("您的专业“{own}”不在要求内"),
    }
}

fn manual_reason(rule: &Rule) -> String {
    match rule.fact {
        Fact::WorkYears | Fact::SpecialtyWorkYears => {
            "工作经历须上传证明，由招聘单位审核".to_owned()
        }
        Fact::Certificate | Fact::Title => {
            format!("{}须上传证书，由招聘单位审核", rule.fact.label())
        }
        Fact::Group => format!("{}，须上传证明，由招聘单位审核", describe(rule)),
        Fact::Other => format!("“{}”由招聘单位审核", rule.message),
        _ => format!("{}：{}，由招聘单位审核", rule.fact.label(), describe(rule)),
    }
}

fn unknown_reason(rule: &Rule, facts: &Facts) -> String {
    let wanted = requirement(rule.fact, rule.operator, &rule.operand);
    match rule.fact {
        Fact::Major
            if facts
                .studies
                .iter()
                .any(|studies| !studies.major.is_empty()) =>
        {
            "您的专业名称与专业目录不完全一致，由招聘单位审核".to_owned()
        }
        Fact::Other => format!("“{}”由招聘单位审核", rule.message),
        _ => format!("个人信息中没有填写{}，要求{wanted}", rule.fact.label()),
    }
}
