//! The subjects of a professional exam: levels, specialties, times, fees.

use std::sync::Arc;

use db::Query;
use domain::exam::{ProfessionalTable, Subject};
use domain::money::Fen;
use domain::time::Timestamp;

use super::catalogue::Exam;
use super::position_store::{self as store, SubjectRow};
use crate::{App, Error, Result};

/// The subjects of an exam in the order of its table; from memory. Empty for an exam by position.
pub async fn subjects(app: &App, exam: &Exam) -> Result<Arc<ProfessionalTable>> {
    let batch = exam.row.positions_batch;
    if let Some(table) = app.exams().subjects.get(&batch).filter(|_| batch != 0) {
        return Ok(table);
    }
    let table = Arc::new(table_in(&mut app.db().read(), exam.id()).await?);
    if batch != 0 {
        app.exams().subjects.insert(batch, Arc::clone(&table));
    }
    Ok(table)
}

/// The same as the caller's transaction sees them.
pub(super) async fn table_in(q: &mut impl Query, exam_id: i64) -> Result<ProfessionalTable> {
    let rows = store::subjects_of(q, exam_id).await?;
    Ok(ProfessionalTable {
        subjects: rows.into_iter().map(subject).collect::<Result<_>>()?,
    })
}

/// The rows themselves, with their ids, as the caller's transaction sees them.
pub async fn subject_rows(q: &mut impl Query, exam_id: i64) -> Result<Vec<SubjectRow>> {
    Ok(store::subjects_of(q, exam_id).await?)
}

fn subject(row: SubjectRow) -> Result<Subject> {
    Ok(Subject {
        level: row.level,
        specialty: row.specialty,
        code: row.code,
        name: row.name,
        session: u32::try_from(row.session).map_err(|_| Error::inconsistent("subject.session"))?,
        starts_at: Timestamp::from_micros(row.starts_at),
        ends_at: Timestamp::from_micros(row.ends_at),
        fee: Fen::new(row.fee),
    })
}
