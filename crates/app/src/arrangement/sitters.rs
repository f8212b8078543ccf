//! Who is to be seated, and what each sits.

use std::collections::BTreeMap;
use std::sync::Arc;

use db::Crowd;
use domain::application::may_be_seated;
use domain::application::state::{Attendance, Payment, Tracks};
use domain::arrangement::{Apart, ApartKind, Candidate, Sitting};
use domain::exam::Position;
use domain::exam::settings::Paper;
use domain::exam::snapshot::Choice;
use domain::review::Review;
use domain::sheet::squeezed;
use domain::ticket::level_numbers;
use domain::time::Timestamp;

use super::store::{self, ApplicantRow};
use crate::exam::positions;
use crate::exam::{self, Exam};
use crate::{App, Error, Result};

/// Rows read at once.
const PAGE: i64 = 1_000;

/// A person to seat.
#[derive(Debug, Clone)]
pub(crate) struct Sitter {
    /// 报名序号.
    pub(crate) registration_no: String,
    /// 姓名.
    pub(crate) name: String,
    /// What stands for his level or class of paper in a ticket number; 0 where there is none.
    pub(crate) level: u32,
    /// What the arrangement needs.
    pub(crate) candidate: Candidate,
}

/// A session of an exam: what is written when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// Number, from 1.
    pub number: u32,
    /// Subjects, each once.
    pub subjects: Vec<String>,
    /// Start.
    pub starts_at: Timestamp,
    /// End.
    pub ends_at: Timestamp,
}

impl Session {
    /// `2026年4月12日（周日）`.
    pub fn day(&self) -> String {
        crate::ticket::day(self.starts_at)
    }

    /// `9:00–10:30`.
    pub fn hours(&self) -> String {
        crate::ticket::hours(self.starts_at, self.ends_at)
    }

    /// `第 1 场 职业能力倾向测验 2026年4月12日（周日）9:00–10:30`.
    pub fn line(&self) -> String {
        let shown: Vec<&str> = self.subjects.iter().take(3).map(String::as_str).collect();
        let more = if self.subjects.len() > 3 { " 等" } else { "" };
        format!(
            "第 {} 场 {}{more} {}{}",
            self.number,
            shown.join("、"),
            self.day(),
            self.hours()
        )
    }
}

/// A subject that somebody sits, wherever it is set up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Sat {
    pub(crate) session: u32,
    pub(crate) code: String,
    pub(crate) name: String,
    pub(crate) starts_at: Timestamp,
    pub(crate) ends_at: Timestamp,
}

/// What an exam's candidates can sit.
pub(crate) struct Programme {
    papers: Vec<Paper>,
    positions: BTreeMap<i64, (String, String)>,
    table: Arc<domain::exam::ProfessionalTable>,
    /// Levels and classes of paper as numbers.
    levels: BTreeMap<String, u32>,
}

impl Programme {
    pub(crate) async fn of(app: &App, exam: &Exam) -> Result<Self> {
        let mut classes = BTreeMap::new();
        if exam.has_positions() {
            let of = |position: &Position| (position.paper.clone(), position.employer.clone());
            let table = positions::table(app, exam).await?;
            classes.extend(
                table
                    .items()
                    .iter()
                    .map(|item| (item.id, of(&item.position))),
            );
        }
        let table = exam::subjects(app, exam).await?;
        let papers = exam.settings.papers.clone();
        // An exam has the one or the other.
        let of_papers = papers.iter().map(|paper| paper.class.as_str());
        let levels = level_numbers(table.levels().into_iter().chain(of_papers));
        Ok(Self {
            papers,
            positions: classes,
            table,
            levels,
        })
    }

    /// What a choice sits, in order of time.
    pub(crate) fn sat(&self, position_id: Option<i64>, choice: &Choice) -> Vec<Sat> {
        let mut sat: Vec<Sat> = match choice {
            Choice::Professional {
                level,
                specialty,
                subjects,
            } => self
                .table
                .subjects_of(level, specialty)
                .into_iter()
                .filter(|subject| subjects.contains(&subject.code))
                .map(|subject| Sat {
                    session: subject.session,
                    code: subject.code.clone(),
                    name: subject.name.clone(),
                    starts_at: subject.starts_at,
                    ends_at: subject.ends_at,
                })
                .collect(),
            Choice::Position { .. } | Choice::Exam => self
                .papers_of(self.class_of(position_id))
                .map(|paper| Sat {
                    session: paper.session,
                    code: paper.code.clone(),
                    name: paper.name.clone(),
                    starts_at: paper.starts_at,
                    ends_at: paper.ends_at,
                })
                .collect(),
        };
        sat.sort_by_key(|one| (one.starts_at, one.session));
        sat
    }

    /// The level or class of paper of a choice as its ticket number shows it.
    fn level(&self, position_id: Option<i64>, choice: &Choice) -> u32 {
        let name: &str = match choice {
            Choice::Professional { level, .. } => level,
            Choice::Position { .. } => self.class_of(position_id),
            Choice::Exam => "",
        };
        self.levels.get(&squeezed(name)).copied().unwrap_or(0)
    }

    fn class_of(&self, position_id: Option<i64>) -> &str {
        position_id
            .and_then(|id| self.positions.get(&id))
            .map_or("", |(class, _)| class)
    }

    /// The papers of a class. An exam with one class, or a position that names none, sits them all.
    fn papers_of<'a>(&'a self, class: &str) -> impl Iterator<Item = &'a Paper> + use<'a> {
        let class = squeezed(class);
        let named = |paper: &Paper| !paper.class.is_empty() && squeezed(&paper.class) == class;
        let any = self.papers.iter().any(named);
        self.papers
            .iter()
            .filter(move |paper| paper.class.is_empty() || !any || squeezed(&paper.class) == class)
    }

    fn sitter(&self, row: ApplicantRow) -> Result<Sitter> {
        let choice: Choice = serde_json::from_str(&row.choice)
            .map_err(|e| Error::internal("application.choice", e))?;
        let sat = self.sat(row.position_id, &choice);
        let employer = row.position_id.and_then(|id| self.positions.get(&id));
        let group = match &choice {
            Choice::Professional {
                level, specialty, ..
            } => format!("{level}/{specialty}"),
            Choice::Position { .. } => self.class_of(row.position_id).to_owned(),
            Choice::Exam => String::new(),
        };
        Ok(Sitter {
            level: self.level(row.position_id, &choice),
            registration_no: row.registration_no,
            name: row.name,
            candidate: Candidate {
                id: row.id,
                sittings: sat
                    .into_iter()
                    .map(|one| Sitting {
                        session: one.session,
                        paper: one.code,
                    })
                    .collect(),
                group,
                region: String::new(),
                apart: employer
                    .into_iter()
                    .map(|(_, employer)| Apart {
                        kind: ApartKind::Employer,
                        key: employer.clone(),
                    })
                    .collect(),
                accommodation: false,
            },
        })
    }

    /// Every session of the exam, in order.
    fn sessions(&self) -> Vec<Session> {
        let of_papers = self
            .papers
            .iter()
            .map(|p| (p.session, &p.name, p.starts_at, p.ends_at));
        let of_table = self
            .table
            .subjects
            .iter()
            .map(|s| (s.session, &s.name, s.starts_at, s.ends_at));
        let mut sessions: BTreeMap<u32, Session> = BTreeMap::new();
        for (number, name, starts_at, ends_at) in of_papers.chain(of_table) {
            let session = sessions.entry(number).or_insert_with(|| Session {
                number,
                subjects: Vec::new(),
                starts_at,
                ends_at,
            });
            if !session.subjects.contains(name) {
                session.subjects.push(name.clone());
            }
            session.starts_at = session.starts_at.min(starts_at);
            session.ends_at = session.ends_at.max(ends_at);
        }
        sessions.into_values().collect()
    }
}

/// Every session of an exam, in order.
pub async fn sessions(app: &App, exam: &Exam) -> Result<Vec<Session>> {
    Ok(Programme::of(app, exam).await?.sessions())
}

/// Everybody who may be seated now: live, every step before the seating done. `special`: 报名序号 of those who need a room of
/// the accommodation kind.
pub(crate) async fn seatable(app: &App, exam: &Exam, special: &[String]) -> Result<Vec<Sitter>> {
    let programme = Programme::of(app, exam).await?;
    let mut sitters = Vec::new();
    let mut after = 0;
    loop {
        let mut scan = app.db().scan(Crowd::Staff);
        let rows = store::applicants(&mut scan, exam.id(), after, PAGE).await?;
        let Some(last) = rows.last() else { break };
        after = last.id;
        for row in rows {
            if !may_be_seated(tracks(&row)?, exam.settings.steps) {
                continue;
            }
            let mut sitter = programme.sitter(row)?;
            sitter.candidate.accommodation = special.contains(&sitter.registration_no);
            sitters.push(sitter);
        }
    }
    Ok(sitters)
}

/// What stands for the level of each in ticket numbers, by application.
pub(super) fn levels(people: &[Sitter]) -> BTreeMap<i64, u32> {
    people
        .iter()
        .map(|one| (one.candidate.id, one.level))
        .collect()
}

fn tracks(row: &ApplicantRow) -> Result<Tracks> {
    Ok(Tracks {
        review: Review::from_code(&row.review).ok_or(Error::inconsistent("application.review"))?,
        payment: Payment::from_code(&row.payment)
            .ok_or(Error::inconsistent("application.payment"))?,
        attendance: Attendance::from_code(&row.attendance)
            .ok_or(Error::inconsistent("application.attendance"))?,
    })
}
