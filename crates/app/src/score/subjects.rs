//! The subjects of an exam as score files and rules name them.

use std::collections::BTreeMap;

use domain::score::import::Subject;
use domain::score::{Decimal, Mark};

use crate::exam::{self, Exam};
use crate::{App, Result};

/// Every subject of an exam, each code once, with its full marks where the rules set them.
pub(super) async fn of(app: &App, exam: &Exam) -> Result<Vec<Subject>> {
    let full_marks = &exam.settings.score.full_marks;
    let full = |code: &str, name: &str| -> Option<Decimal> {
        full_marks
            .get(name)
            .or_else(|| full_marks.get(code))
            .copied()
    };
    let table = exam::subjects(app, exam).await?;
    let papers = exam
        .settings
        .papers
        .iter()
        .map(|paper| (&paper.code, &paper.name));
    let listed = table
        .subjects
        .iter()
        .map(|subject| (&subject.code, &subject.name));
    let mut subjects: Vec<Subject> = Vec::new();
    for (code, name) in papers.chain(listed) {
        if !subjects.iter().any(|one| one.code == *code) {
            let full = full(code, name);
            subjects.push(Subject {
                code: code.clone(),
                name: name.clone(),
                full,
            });
        }
    }
    Ok(subjects)
}

/// Marks under code and name, so that a rule may use either.
pub(super) fn keyed(
    marks: &BTreeMap<String, Mark>,
    subjects: &[Subject],
) -> BTreeMap<String, Mark> {
    let mut keyed = marks.clone();
    for subject in subjects {
        if let Some(mark) = marks.get(&subject.code) {
            keyed.insert(subject.name.clone(), *mark);
        }
    }
    keyed
}
