//! Level, specialty and subjects of a professional exam; a returning candidate sees what the carried-over file says of him.

use app::App;
use app::application::Pick;
use app::{carried, exam};
use askama::Template;
use axum::extract::{Path, Query, State};
use domain::exam::carried::{Counted, Offer, Unchecked, judge, offer};
use domain::exam::{LevelChoice, LevelRules, Lookup, ProfessionalTable, TakeMode};
use serde::Deserialize;
use web::layout::Item;
use web::{Html, PageResult, Protected, Shell, redirect};

use super::entry::Entry;
use crate::context::{Me, problem};

#[derive(Debug)]
struct Line {
    code: String,
    name: String,
    times: String,
    fee: String,
    chosen: bool,
}

/// One level with one specialty.
#[derive(Debug)]
struct Choice {
    level: String,
    specialty: String,
    chosen: bool,
    href: String,
    /// Passes of his count here.
    own: bool,
}

/// What is said about the chosen level.
#[derive(Debug)]
struct About {
    mode: TakeMode,
    validity: String,
    counted: Vec<Counted>,
    lapsed: Vec<Counted>,
    archive_no: String,
    conditions: Vec<String>,
    needs_claim: bool,
    may_claim_passes: bool,
    elsewhere: Option<String>,
    nothing_left: bool,
    /// Whether the exam has rules for its levels at all.
    ruled: bool,
}

#[derive(Debug, Template)]
#[template(path = "application/level.html")]
struct Page {
    shell: Shell,
    entry: Entry,
    options: Vec<Choice>,
    level: String,
    specialty: String,
    lines: Vec<Line>,
    about: Option<About>,
    claims_passes: bool,
    /// The file has somebody of another name under his number.
    name_differs: bool,
    message: Option<String>,
}

/// What the address or the form says.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Chosen {
    level: String,
    specialty: String,
    subject: Vec<String>,
    claims_passes: bool,
}

impl Chosen {
    fn choice(&self) -> LevelChoice {
        LevelChoice {
            level: self.level.clone(),
            specialty: self.specialty.clone(),
            subjects: self.subject.clone(),
            claims_passes: self.claims_passes,
        }
    }
}

/// The same from the address, which knows no lists.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Looked {
    level: String,
    specialty: String,
}

pub(super) async fn show(
    me: Me,
    State(app): State<App>,
    Path(id): Path<String>,
    Query(looked): Query<Looked>,
) -> PageResult {
    let entry = Entry::open(&me, &app, &id).await?;
    if !entry.has_agreed() {
        return Ok(redirect(&entry.at("/agreement")));
    }
    let table = exam::subjects(&app, &entry.exam).await.map_err(problem)?;
    let lookup = lookup(&me, &app, &entry).await?;
    let (chosen, picked) = match (&entry.way.pick, looked.level.is_empty()) {
        (Some(Pick::Professional(level)), true) => {
            let chosen = Chosen {
                level: level.level.clone(),
                specialty: level.specialty.clone(),
                subject: level.subjects.clone(),
                claims_passes: level.claims_passes,
            };
            (chosen, true)
        }
        _ => {
            let chosen = Chosen {
                level: looked.level,
                specialty: looked.specialty,
                ..Chosen::default()
            };
            (chosen, false)
        }
    };
    // What was chosen before the file changed is told with its reason.
    let settings = &entry.exam.settings;
    let ground = (&settings.levels, &*table, settings.year);
    let wrong = picked
        .then(|| judge(ground, &lookup, &chosen.choice()).err())
        .flatten();
    let message = wrong.map(|wrong| wrong.to_string());
    page(&me, entry, (&table, &lookup), chosen, message).await
}

async fn lookup(me: &Me, app: &App, entry: &Entry) -> Result<Lookup, web::PageError> {
    let found = carried::lookup(app, &entry.exam, me.account_id())
        .await
        .map_err(problem)?;
    Ok(found.lookup)
}

fn about(rules: &LevelRules, offer: &Offer<'_>) -> About {
    About {
        mode: offer.rule.mode,
        validity: offer.rule.validity(),
        counted: offer.counted.clone(),
        lapsed: offer.lapsed.clone(),
        archive_no: offer.archive_no.clone(),
        conditions: offer.rule.conditions.clone(),
        needs_claim: offer.needs_claim,
        may_claim_passes: offer.may_claim_passes,
        elsewhere: offer.elsewhere.clone(),
        nothing_left: offer.left.is_empty(),
        ruled: !rules.is_unset(),
    }
}

fn address(entry: &Entry, level: &str, specialty: &str) -> String {
    let encode = |text: &str| {
        let encoded: Vec<String> = text.bytes().map(|byte| format!("%{byte:02X}")).collect();
        encoded.concat()
    };
    format!(
        "{}?level={}&specialty={}",
        entry.at("/level"),
        encode(level),
        encode(specialty)
    )
}

async fn page(
    me: &Me,
    entry: Entry,
    (table, lookup): (&ProfessionalTable, &Lookup),
    chosen: Chosen,
    message: Option<String>,
) -> PageResult {
    let settings = &entry.exam.settings;
    let ground = (&settings.levels, table, settings.year);
    let mut options = Vec::new();
    for level in table.levels() {
        for specialty in table.specialties(level) {
            let own = offer(ground, lookup, level, specialty)
                .is_ok_and(|offer| !offer.counted.is_empty());
            options.push(Choice {
                level: level.to_owned(),
                specialty: specialty.to_owned(),
                chosen: level == chosen.level && specialty == chosen.specialty,
                href: address(&entry, level, specialty),
                own,
            });
        }
    }
    let offered = offer(ground, lookup, &chosen.level, &chosen.specialty).ok();
    let lines = offered.iter().flat_map(|offer| {
        // What has to be taken together stands ticked; so does what is left to a returning candidate.
        let all = offer.rule.mode.takes_all() || !offer.counted.is_empty() || offer.left.len() == 1;
        let fresh = chosen.subject.is_empty() && message.is_none();
        let subject = &chosen.subject;
        offer.left.iter().map(move |one| Line {
            code: one.code.clone(),
            name: one.name.clone(),
            times: format!(
                "{}–{}",
                one.starts_at.to_chinese_short(),
                one.ends_at.to_clock()
            ),
            fee: one.fee.yuan(),
            chosen: (all && fresh) || subject.contains(&one.code),
        })
    });
    let lines = lines.collect();
    let about = offered.as_ref().map(|offer| about(&settings.levels, offer));
    let failed = message.is_some();
    let shell = me
        .shell("选择级别、专业和科目")
        .await
        .at(Item::Apply)
        .with_errors(failed);
    let page = Page {
        shell,
        options,
        level: chosen.level,
        specialty: chosen.specialty,
        lines,
        about,
        claims_passes: chosen.claims_passes,
        name_differs: *lookup == Lookup::Unchecked(Unchecked::NameDiffers),
        message,
        entry,
    };
    Ok(if failed {
        Html::invalid(page)
    } else {
        Html::new(page)
    }
    .into())
}

pub(super) async fn choose(
    me: Me,
    State(app): State<App>,
    Path(id): Path<String>,
    form: Protected<Chosen>,
) -> PageResult {
    let chosen = form.into_inner();
    let mut entry = Entry::open(&me, &app, &id).await?;
    let table = exam::subjects(&app, &entry.exam).await.map_err(problem)?;
    let lookup = lookup(&me, &app, &entry).await?;
    let level = chosen.choice();
    let settings = &entry.exam.settings;
    let ground = (&settings.levels, &*table, settings.year);
    if let Err(wrong) = judge(ground, &lookup, &level) {
        let message = Some(wrong.to_string());
        return page(&me, entry, (&table, &lookup), chosen, message).await;
    }
    entry.way.pick = Some(Pick::Professional(level));
    entry
        .way
        .keep(&me.ctx, entry.exam.public_id())
        .await
        .map_err(problem)?;
    Ok(redirect(&entry.at("/form")))
}
