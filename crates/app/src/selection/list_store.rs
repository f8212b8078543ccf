//! SQL of the office's lists of people between 入围 and 聘用.

use db::filter::{Piece, Select};
use db::{DbResult, P, Query, p, piece, record};

record! {
    /// A line of the list.
    #[derive(Debug, Clone)]
    pub struct PersonLine {
        pub application_id: i64,
        pub public_id: String,
        pub registration_no: String,
        pub ticket_no: String,
        pub name: String,
        pub account_id: i64,
        pub position_id: i64,
        pub unit: String,
        pub entry: String,
        pub rank: i64,
        pub written: String,
        pub interview: String,
        pub total: String,
        pub final_rank: i64,
        pub stage: String,
        pub left_stage: String,
        pub left_why: String,
        pub due_at: Option<i64>,
        pub signed_at: Option<i64>,
        pub changed_at: i64,
        /// The event that waits for a second person; empty for none.
        pub asked: String,
    }
}

/// What the office asks for; empty and 0 mean any.
#[derive(Debug, Clone, Default)]
pub(super) struct Filter<'a> {
    pub exam_id: i64,
    /// Codes of [`domain::selection::Stage`], and `out:` with the stage that was left for those who left it; none for everybody.
    pub standings: &'a [&'a str],
    /// Only those who follow somebody.
    pub followed: bool,
    pub position_id: i64,
    pub unit: &'a str,
    /// Only these units; `None` for every one.
    pub only: Option<&'a [String]>,
    /// The candidate's name, whole.
    pub name: &'a str,
    /// Only those of whom something waits for a second person.
    pub asked: bool,
    /// The last row of the page before.
    pub from: Option<i64>,
    pub limit: u32,
}

/// A page of people by application.
pub(super) async fn people(q: &mut impl Query, filter: &Filter<'_>) -> DbResult<Vec<PersonLine>> {
    select(filter).limit(filter.limit).rows(q).await
}

fn narrowed<'a>(select: Select<'a>, filter: &Filter<'a>) -> Select<'a> {
    let mut select = select
        .and_if(
            filter.position_id != 0,
            piece!("c.position_id + 0 = $1"),
            p![filter.position_id],
        )
        .and_if(
            !filter.unit.is_empty(),
            piece!("c.unit || '' = $1"),
            p![filter.unit],
        )
        .and_if(
            !filter.name.is_empty(),
            piece!("c.name || '' = $1"),
            p![filter.name],
        )
        .and_if(filter.followed, piece!("c.promoted <> ''"), p![])
        .and_if(
            filter.asked,
            piece!(
                "EXISTS (SELECT 1 FROM contender_step w WHERE w.application_id = c.application_id AND w.state = 'asked')"
            ),
            p![],
        );
    if !filter.standings.is_empty() {
        let codes: Vec<P<'_>> = filter.standings.iter().map(|code| P::Text(code)).collect();
        let standing =
            piece!("CASE WHEN c.stage = 'out' THEN 'out:' || c.left_stage ELSE c.stage END");
        select = select.one_of(standing, &codes);
    }
    if let Some(only) = filter.only {
        let only: Vec<P<'_>> = only.iter().map(|unit| P::Text(unit)).collect();
        select = select.one_of(piece!("c.unit || ''"), &only);
    }
    select
}

fn select<'a>(filter: &Filter<'a>) -> Select<'a> {
    let columns: Piece = piece!(
        "c.application_id, c.public_id, a.registration_no, COALESCE((SELECT MIN(t.ticket_no) FROM ticket_number t \
         WHERE t.application_id = a.id), ''), c.name, a.account_id, c.position_id, c.unit, c.entry, c.rank, c.written, \
         c.interview, c.total, c.final_rank, c.stage, c.left_stage, c.left_why, c.due_at, c.signed_at, c.changed_at, \
         COALESCE((SELECT MIN(w.event) FROM contender_step w WHERE w.application_id = c.application_id AND w.state = 'asked'), '')"
    );
    let select = Select::new(
        columns,
        piece!("contender c JOIN application a ON a.id = c.application_id"),
    );
    let after = filter.from.unwrap_or(0).saturating_add(1);
    let bound: &[P<'a>] = &[P::Int(after)];
    narrowed(select, filter).walk(
        &[(piece!("c.exam_id"), P::Int(filter.exam_id))],
        &[piece!("c.application_id")],
        (Some(bound), None),
        false,
    )
}

/// How many of an exam stand in a stage, within the units that may be seen; stops at 1,001.
pub(super) async fn count(
    q: &mut impl Query,
    exam_id: i64,
    stage: &str,
    only: Option<&[String]>,
) -> DbResult<i64> {
    let select = Select::new(piece!("c.application_id"), piece!("contender c"));
    let select = match only {
        Some(only) => {
            let only: Vec<P<'_>> = only.iter().map(|unit| P::Text(unit)).collect();
            select.one_of(piece!("c.unit || ''"), &only)
        }
        None => select,
    };
    select
        .walk(
            &[
                (piece!("c.exam_id"), P::Int(exam_id)),
                (piece!("c.stage"), P::Text(stage)),
            ],
            &[piece!("c.application_id")],
            (None, None),
            false,
        )
        .count(q, 1_001)
        .await
}
