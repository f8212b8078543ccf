//! 实名核验 and 学历核验: whoever can say whether a person and an education are on record.
//!
//! A [`Verifier`] is asked about some people at once, outside of any transaction, by a job. What it can't say now it is asked again;
//! what it will say later comes back by another way. [`FileVerifier`] is the way of most centres: the questions go to the authority
//! on a list, and the list comes back with the answers.

use std::fmt;
use std::sync::{Arc, Mutex};

use domain::check::{CheckKind, Subject, Unknown, Verdict};
use futures_util::future::BoxFuture;

/// An authority's answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// One of three.
    pub verdict: Verdict,
    /// Why it can't tell; only with [`Verdict::Unknown`].
    pub unknown: Option<Unknown>,
    /// Its own number for the question; empty for none.
    pub reference: String,
}

/// What became of a question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Asked {
    /// Answered at once.
    Answered(Answer),
    /// It goes on the next list; the answer comes back on it.
    Listed,
    /// Nobody answered: to be asked again.
    Again,
}

/// Whoever can tell.
pub trait Verifier: fmt::Debug + Send + Sync {
    /// A short name, kept with each answer.
    fn source(&self) -> &'static str;

    /// Asks about some people; one outcome for each, in their order. A missing one counts as [`Asked::Again`].
    fn ask<'a>(&'a self, subjects: &'a [Subject]) -> BoxFuture<'a, Vec<Asked>>;
}

/// By a list that goes out and comes back.
#[derive(Debug, Clone, Copy, Default)]
pub struct FileVerifier;

impl Verifier for FileVerifier {
    fn source(&self) -> &'static str {
        "file"
    }

    fn ask<'a>(&'a self, subjects: &'a [Subject]) -> BoxFuture<'a, Vec<Asked>> {
        Box::pin(std::future::ready(vec![Asked::Listed; subjects.len()]))
    }
}

/// For tests: answers by name, and remembers how often it was asked.
#[derive(Debug, Clone, Default)]
pub struct ScriptedVerifier {
    answers: Arc<Mutex<Vec<(String, Asked)>>>,
    asked: Arc<Mutex<usize>>,
}

impl ScriptedVerifier {
    /// What it says about people of this name from now on.
    pub fn set(&self, name: &str, answer: Asked) {
        if let Ok(mut answers) = self.answers.lock() {
            answers.retain(|(known, _)| known != name);
            answers.push((name.to_owned(), answer));
        }
    }

    /// How many questions it was asked.
    pub fn asked(&self) -> usize {
        self.asked.lock().map_or(0, |asked| *asked)
    }
}

impl Verifier for ScriptedVerifier {
    fn source(&self) -> &'static str {
        "scripted"
    }

    fn ask<'a>(&'a self, subjects: &'a [Subject]) -> BoxFuture<'a, Vec<Asked>> {
        if let Ok(mut asked) = self.asked.lock() {
            *asked += subjects.len();
        }
        let known = self.answers.lock().map(|one| one.clone());
        let known = known.unwrap_or_default();
        let answer = |subject: &Subject| {
            let found = known
                .iter()
                .find(|(name, _)| *name == subject.identity.name);
            found.map_or(Asked::Again, |(_, answer)| answer.clone())
        };
        Box::pin(std::future::ready(subjects.iter().map(answer).collect()))
    }
}

/// Who is asked about what; `None`: nobody, and exams can't demand it.
#[derive(Debug, Clone, Default)]
pub struct Checks {
    /// 实名核验.
    pub identity: Option<Arc<dyn Verifier>>,
    /// 学历核验.
    pub education: Option<Arc<dyn Verifier>>,
}

impl Checks {
    /// Who is asked about this.
    pub fn of(&self, kind: CheckKind) -> Option<&Arc<dyn Verifier>> {
        match kind {
            CheckKind::Identity => self.identity.as_ref(),
            CheckKind::Education => self.education.as_ref(),
        }
    }

    /// Whether anybody is asked about anything.
    pub fn any(&self) -> bool {
        self.identity.is_some() || self.education.is_some()
    }
}
