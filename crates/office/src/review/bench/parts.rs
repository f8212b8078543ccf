//! What stands on the bench, put into words.

use app::review::{self, Bench, Unveiled, Veiled};
use domain::application::Event;
use domain::check::{self, Unknown};
use domain::eligibility::{Answer, Verdict};
use domain::exam::Standing;
use domain::id_number::{IdDocument, IdType};
use domain::review::ReturnItem;
use domain::time::Timestamp;

use crate::list::Tag;
use crate::review::queue::verdict_tag;

#[derive(Debug)]
pub(super) struct Condition {
    pub(super) label: &'static str,
    pub(super) wanted: String,
    pub(super) told: String,
    pub(super) tag: Tag,
    pub(super) reason: String,
    pub(super) asks: bool,
}

#[derive(Debug)]
pub(super) struct Doc {
    pub(super) label: String,
    pub(super) name: String,
    pub(super) href: String,
    pub(super) size: String,
}

#[derive(Debug)]
pub(super) struct Log {
    pub(super) at: String,
    pub(super) text: String,
}

/// Something veiled: its mask, or what it hides.
#[derive(Debug)]
pub(super) struct Secret {
    pub(super) code: &'static str,
    pub(super) label: &'static str,
    pub(super) text: String,
    pub(super) shown: bool,
}

/// A check beside the conditions.
#[derive(Debug)]
pub(super) struct CheckLine {
    pub(super) label: &'static str,
    /// As it was when the application was saved; empty for an exam that doesn't ask for it.
    pub(super) then: String,
    pub(super) now: Tag,
    /// Why it can't be told, whose answer it is, when.
    pub(super) note: String,
    pub(super) asks: bool,
}

pub(super) fn checks(bench: &Bench) -> Vec<CheckLine> {
    let seen = &bench.content.checks;
    bench
        .checks
        .iter()
        .filter(|one| one.verdict().is_some() || seen.iter().any(|then| then.kind == one.kind))
        .map(|one| {
            let then = seen.iter().find(|then| then.kind == one.kind);
            let then_text = then.map_or_else(String::new, |then| {
                let verdict = then.verdict.map_or("还没有结果", check::Verdict::label);
                format!("报名时：{verdict}（考试{}）", then.demand.label())
            });
            let note = one.standing.as_ref().map_or_else(String::new, |standing| {
                let why = standing.unknown.map_or("", Unknown::label);
                let source = standing.source_label();
                let at = standing.at.to_local_minute();
                let parts = [why, source, at.as_str(), standing.reference.as_str()];
                let parts: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
                parts.join("，")
            });
            CheckLine {
                label: one.kind.label(),
                then: then_text,
                now: crate::check::tag(one.verdict()),
                note,
                asks: one.verdict() != Some(check::Verdict::Match),
            }
        })
        .collect()
}

/// 老考生档案 beside what the candidate chose.
#[derive(Debug)]
pub(super) struct Carried {
    pub(super) tag: Tag,
    pub(super) fields: Vec<(String, String)>,
    pub(super) claims: Vec<String>,
    pub(super) manual: Vec<String>,
    pub(super) now: String,
}

pub(super) fn carried(bench: &Bench) -> Option<Carried> {
    let seen = bench.content.carried.as_ref()?;
    let mut claims = Vec::new();
    if seen.claims_passes {
        claims.push("自述未选的科目在以前年度已合格".to_owned());
    }
    if seen.claims_condition {
        claims.push("按所选级别的条件报考，见“填报内容”和证明材料".to_owned());
    }
    if !seen.completes {
        claims.push("这次考试全部合格后，仍有科目未通过".to_owned());
    }
    let now = match &bench.carried_now {
        None => String::new(),
        Some(Err(refusal)) => refusal.clone(),
        Some(Ok(now)) if now.manual.is_empty() => now.standing.label().to_owned(),
        Some(Ok(now)) => format!("{}：{}", now.standing.label(), now.manual.join("；")),
    };
    let label = seen.standing.label();
    Some(Carried {
        tag: match seen.standing {
            Standing::Returning => Tag::ok(label),
            Standing::New => Tag::info(label),
            Standing::Differs | Standing::Unchecked => Tag::wait(label),
        },
        fields: seen.fields().into_iter().skip(1).collect(),
        claims,
        manual: seen.manual.clone(),
        now,
    })
}

pub(super) fn condition(line: &review::Line) -> Condition {
    let verdict = line.answer.verdict();
    Condition {
        label: line.label,
        wanted: line.wanted.clone(),
        told: line.told.clone(),
        tag: match verdict {
            Verdict::Manual => Tag::wait("须人工核对"),
            other => verdict_tag(other),
        },
        reason: match &line.answer {
            Answer::Fail(reason) => reason.clone(),
            _ => String::new(),
        },
        asks: verdict != Verdict::Pass,
    }
}

pub(super) fn docs(bench: &Bench, base: &str) -> Vec<Doc> {
    bench
        .files()
        .into_iter()
        .map(|(label, file)| Doc {
            label,
            name: file.name.clone(),
            href: format!("{base}/files/{}", file.object),
            size: crate::show::size(i64::try_from(file.size).unwrap_or(i64::MAX)),
        })
        .collect()
}

pub(super) fn logs(bench: &Bench) -> Vec<Log> {
    bench
        .events
        .iter()
        .map(|event| {
            let what = Event::from_code(&event.event).map_or("其他", Event::label);
            let who = match event.actor_kind.as_str() {
                "candidate" => "考生",
                "staff" => event.actor_name.as_str(),
                "gateway" => "支付渠道",
                _ => "系统",
            };
            let note = if event.note.is_empty() {
                String::new()
            } else {
                format!("：{}", event.note)
            };
            Log {
                at: Timestamp::from_micros(event.at).to_chinese_short(),
                text: format!("{who} {what}{note}"),
            }
        })
        .collect()
}

pub(super) fn last_note(bench: &Bench, event: Event) -> String {
    let found = bench
        .events
        .iter()
        .rev()
        .find(|one| one.event == event.code());
    found.map(|one| one.note.clone()).unwrap_or_default()
}

/// What the candidate changed since it was last decided on.
pub(super) fn changed(bench: &Bench) -> String {
    let Some(decided) = bench.decisions.last().map(|decision| decision.decided_at) else {
        return String::new();
    };
    let codes = [
        Event::Supplement.code(),
        Event::Edit.code(),
        Event::Move.code(),
    ];
    let notes: Vec<&str> = bench
        .events
        .iter()
        .filter(|event| event.at > decided && codes.contains(&event.event.as_str()))
        .map(|event| {
            if event.note.is_empty() {
                "内容没有变化"
            } else {
                event.note.as_str()
            }
        })
        .collect();
    notes.join("；")
}

pub(super) fn secrets(bench: &Bench, unveiled: Option<&(Veiled, Unveiled)>) -> Vec<Secret> {
    let person = &bench.content.profile;
    let masked = match IdType::parse(&person.id_type) {
        Some(id_type) => IdDocument::from_stored(id_type, person.id_number.clone()).masked(),
        None => "***".to_owned(),
    };
    let tail: String = person.mobile.chars().skip(7).collect();
    let head: String = person.mobile.chars().take(3).collect();
    [
        (Veiled::IdNumber, masked),
        (Veiled::Mobile, format!("{head}****{tail}")),
    ]
    .into_iter()
    .map(|(what, mask)| {
        let seen = match unveiled {
            Some((which, Unveiled::Text(text))) if *which == what => Some(text.clone()),
            _ => None,
        };
        Secret {
            code: what.code(),
            label: what.label(),
            shown: seen.is_some(),
            text: seen.unwrap_or(mask),
        }
    })
    .collect()
}

/// What can be asked to be mended: the parts of the profile, the exam's questions, the photo.
pub(super) fn items(bench: &Bench) -> Vec<(String, String)> {
    let parts = domain::profile::Part::ALL
        .iter()
        .map(|part| (format!("profile.{}", part.code()), part.label().to_owned()));
    let questions = bench
        .questions
        .iter()
        .map(|question| (format!("q.{}", question.key), question.label.clone()));
    questions
        .chain(parts)
        .chain([("photo".to_owned(), "照片".to_owned())])
        .collect()
}

pub(super) fn answers(bench: &Bench) -> Vec<(String, String)> {
    let mut pairs = Vec::new();
    use domain::exam::question::Answer;
    for question in &bench.questions {
        if let Some(answer @ (Answer::Text(_) | Answer::Chosen(_))) =
            bench.content.answers.get(&question.key)
        {
            pairs.push((question.label.clone(), answer.says()));
        }
    }
    let profile = &bench.content.profile.profile;
    for education in &profile.educations {
        let degree = education
            .degree
            .map(|degree| format!("，{}", degree.label()));
        pairs.push((
            "学历学位".to_owned(),
            format!(
                "{}{}，{}，{}，{}，{}毕业",
                education.level.label(),
                degree.unwrap_or_default(),
                education.school,
                education.major,
                education.study_mode.label(),
                education.graduated_on.to_chinese()
            ),
        ));
    }
    for row in &profile.resume {
        pairs.push((
            "简历".to_owned(),
            format!("{} {}，{}", row.period(), row.place, row.role),
        ));
    }
    for member in profile.family.iter().flat_map(|family| &family.rows) {
        pairs.push((
            "家庭成员".to_owned(),
            format!(
                "{} {}，{}",
                member.relation.label(),
                member.name,
                member.unit
            ),
        ));
    }
    pairs
}

/// The items of a return, by their names in the form.
pub(in crate::review) fn chosen_items(
    bench: &Bench,
    names: &[String],
    note: &str,
) -> Vec<ReturnItem> {
    let known = items(bench);
    names
        .iter()
        .filter(|name| known.iter().any(|(code, _)| code == *name))
        .map(|name| ReturnItem {
            field: name.clone(),
            note: note.to_owned(),
        })
        .collect()
}
