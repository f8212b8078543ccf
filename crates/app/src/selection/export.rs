//! The lists of the selection to take away: as a table, and as a paper to sign and to hang out. Numbers of people are masked.

use std::sync::Arc;

use documents::Field;
use domain::selection::{RoundKind, RoundState, Stage, StageEvent, Verdict};
use domain::sheet::Cell;
use domain::staff::Permission;
use domain::time::Timestamp;
use serde_json::json;

use super::draft_final::WHYS;
use super::round::{self, Looked, Round, RowPlace};
use super::row_store::RowLine;
use crate::copy::{CHUNK, Copied, Format, Listing, next, take};
use crate::exam::Exam;
use crate::exam::positions::{self, PositionTable};
use crate::papers_list::{self, Paper};
use crate::{Ctx, Error, Object, Result};

pub use super::people_export::{ListKind, people, people_paper};

/// What a line of a list says of somebody, in words.
pub fn verdict_words(kind: RoundKind, verdict: &str, why: &str) -> String {
    let other = WHYS.iter().find(|(code, _)| *code == why);
    match (Verdict::from_parts(verdict, why), other) {
        (_, Some(("decided", words))) => {
            let goes = if verdict == "in" {
                "进入"
            } else {
                "不进入"
            };
            format!("{words}{goes}")
        }
        (_, Some((_, words))) => (*words).to_owned(),
        (Some(Verdict::In), None) if kind != RoundKind::Shortlist => match kind {
            RoundKind::Medical => "进入体检".to_owned(),
            RoundKind::Hire => "聘用".to_owned(),
            _ => String::new(),
        },
        (Some(Verdict::Tie), None) if kind == RoundKind::Medical => "并列，待确定".to_owned(),
        (Some(Verdict::Beyond), None) if kind == RoundKind::Medical => "未进入体检".to_owned(),
        (Some(verdict), None) => verdict.label().to_owned(),
        (None, None) => String::new(),
    }
}

/// Where somebody stands, in words: with what took him out.
pub fn standing_words(stage: &str, left_why: &str) -> String {
    match (Stage::from_code(stage), StageEvent::from_code(left_why)) {
        (Some(Stage::Out), Some(event)) => event.label().to_owned(),
        (Some(stage), _) => stage.label().to_owned(),
        (None, _) => String::new(),
    }
}

pub(super) fn place(table: &PositionTable, position_id: i64) -> [Cell; 3] {
    match table.by_id(position_id) {
        Some(item) => [
            Cell::text(item.position.employer.as_str()),
            Cell::text(item.position.code.as_str()),
            Cell::text(item.position.name.as_str()),
        ],
        None => [Cell::Empty, Cell::Empty, Cell::Empty],
    }
}

pub(super) fn ranked(rank: i64) -> Cell {
    if rank > 0 {
        Cell::number(rank)
    } else {
        Cell::Empty
    }
}

pub(super) fn mark(text: &str) -> Cell {
    if text.is_empty() {
        Cell::Empty
    } else {
        Cell::Number(text.to_owned())
    }
}

/// Refuses a list that isn't whole.
fn complete(round: &Round) -> Result<()> {
    match round.state {
        RoundState::Staging => Err(Error::refused(
            "round_staging",
            "名单正在生成",
            "生成完成以后才能导出和打印，请稍后再试。",
        )),
        RoundState::Discarded => Err(Error::refused(
            "round_discarded",
            "名单已放弃",
            "放弃的名单已经删除，没有可以导出和打印的内容。",
        )),
        _ => Ok(()),
    }
}

struct Lines<'a> {
    round: &'a Round,
    looked: &'a Looked,
    table: Arc<PositionTable>,
}

impl Listing for Lines<'_> {
    type Row = RowLine;
    type Place = RowPlace;
    const NAME: &'static str = "名单";
    const ACTION: &'static str = "selection.export";
    const COLUMNS: &'static [(&'static str, f64)] = &[
        ("招聘单位", 26.0),
        ("岗位代码", 12.0),
        ("岗位名称", 24.0),
        ("排名", 8.0),
        ("姓名", 12.0),
        ("报名序号", 20.0),
        ("准考证号", 18.0),
        ("笔试成绩", 10.0),
        ("面试成绩", 10.0),
        ("总成绩", 10.0),
        ("结果", 20.0),
    ];

    fn object(&self) -> Object {
        self.round.row.object()
    }

    fn filter(&self) -> serde_json::Value {
        json!({
            "kind": self.round.kind.code(),
            "version": self.round.row.version,
            "verdict": self.looked.verdict,
            "by_name": !self.looked.name.is_empty(),
        })
    }

    async fn page(
        &self,
        ctx: &Ctx,
        from: Option<RowPlace>,
    ) -> Result<(Vec<RowLine>, Option<RowPlace>)> {
        let limit = u32::try_from(CHUNK).unwrap_or(u32::MAX);
        let rows = round::rows(ctx, self.round, self.looked, from, limit).await?;
        let on = next(&rows, |row| (row.position_id, row.rank, row.application_id));
        Ok((rows, on))
    }

    fn cells(&self, _: &Ctx, row: &RowLine) -> Vec<Cell> {
        let [employer, code, name] = place(&self.table, row.position_id);
        vec![
            employer,
            code,
            name,
            ranked(row.rank),
            Cell::text(row.name.as_str()),
            Cell::text(row.registration_no.as_str()),
            Cell::text(row.ticket_no.as_str()),
            mark(&row.written),
            mark(&row.interview),
            mark(&row.total),
            Cell::text(verdict_words(self.round.kind, &row.verdict, &row.why)),
        ]
    }
}

/// A list under a filter, in the order of its page.
///
/// # Errors
/// `Refused` for one that isn't whole.
pub async fn lines(
    ctx: &Ctx,
    exam: &Exam,
    (round, looked): (&Round, &Looked),
    format: Format,
) -> Result<Copied> {
    complete(round)?;
    let table = positions::table(&ctx.app, exam).await?;
    let list = Lines {
        round,
        looked,
        table,
    };
    take(ctx, &list, format).await
}

/// A list under a filter as a paper, a table for each position.
///
/// # Errors
/// `Refused` for one that isn't whole, has no rows, or too many for a paper.
pub async fn lines_paper(
    ctx: &Ctx,
    exam: &Exam,
    (round, looked): (&Round, &Looked),
) -> Result<Vec<u8>> {
    ctx.allow_for(Permission::Selection, exam.id(), "")?;
    complete(round)?;
    let visible = round.row.visible_at.map(Timestamp::from_micros);
    let mut notes = Vec::new();
    if !round.is_visible(ctx.at) {
        notes.push("名单尚未公布，请妥善保管，不得外传。".to_owned());
    }
    let paper = Paper {
        heading: round.kind.label(),
        exam,
        action: "selection.paper",
        fields: vec![
            Field::new(
                "版本",
                format!("第 {} 份（{}）", round.row.version, round.state.label()),
            ),
            Field::new(
                "公布时间",
                visible.map_or_else(|| "未公布".to_owned(), Timestamp::to_local_minute),
            ),
        ],
        notes,
        signatures: &["制表", "核对", "负责人"],
        break_by: Some(2),
    };
    let table = positions::table(&ctx.app, exam).await?;
    let list = Lines {
        round,
        looked,
        table,
    };
    papers_list::print(ctx, &list, paper).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_say_what_a_list_decided() {
        let of = |kind, verdict, why| verdict_words(kind, verdict, why);
        assert_eq!(of(RoundKind::Shortlist, "in", ""), "入围");
        assert_eq!(of(RoundKind::Shortlist, "tie", ""), "入围（末位并列）");
        assert_eq!(of(RoundKind::Shortlist, "excluded", "absent"), "有科目缺考");
        assert_eq!(of(RoundKind::Medical, "in", ""), "进入体检");
        assert_eq!(of(RoundKind::Medical, "tie", ""), "并列，待确定");
        assert_eq!(
            of(RoundKind::Medical, "in", "decided"),
            "并列，经研究确定进入"
        );
        assert_eq!(of(RoundKind::Total, "excluded", "least"), "低于面试最低分");
        assert_eq!(standing_words("out", "give_up"), "放弃");
        assert_eq!(standing_words("called", ""), "待资格复审");
    }
}
