//! The people of the selection to take away, as one of the lists by name.

use std::sync::Arc;

use documents::Field;
use domain::sheet::Cell;
use serde_json::json;

use super::export::{mark, place, ranked, standing_words};
use super::list::{self, Asked};
use super::list_store::PersonLine;
use crate::copy::{CHUNK, Copied, Format, Listing, next, second, take};
use crate::exam::Exam;
use crate::exam::positions::{self, PositionTable};
use crate::papers_list::{self, Paper};
use crate::{Ctx, Object, Result, account};

/// A list of people that is taken away by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ListKind {
    /// 入围人员, everybody under the filter of the page.
    Everybody,
    /// 资格复审名单.
    Documents,
    /// 资格复审结果.
    DocumentsDone,
    /// 递补名单.
    Followers,
    /// 面试人员名单.
    Interview,
    /// 体检名单.
    Medical,
    /// 体检结果.
    MedicalDone,
    /// 考察名单.
    Background,
    /// 考察结果.
    BackgroundDone,
    /// 拟聘用名单.
    Proposed,
    /// 聘用名单.
    Hired,
}

impl ListKind {
    /// In the order of the choice.
    pub const ALL: [Self; 11] = [
        Self::Everybody,
        Self::Documents,
        Self::DocumentsDone,
        Self::Followers,
        Self::Interview,
        Self::Medical,
        Self::MedicalDone,
        Self::Background,
        Self::BackgroundDone,
        Self::Proposed,
        Self::Hired,
    ];

    /// What forms carry.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Everybody => "all",
            Self::Documents => "documents",
            Self::DocumentsDone => "documents_done",
            Self::Followers => "followers",
            Self::Interview => "interview",
            Self::Medical => "medical",
            Self::MedicalDone => "medical_done",
            Self::Background => "background",
            Self::BackgroundDone => "background_done",
            Self::Proposed => "proposed",
            Self::Hired => "hired",
        }
    }

    /// What people read.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Everybody => "入围人员名单",
            Self::Documents => "资格复审名单",
            Self::DocumentsDone => "资格复审结果",
            Self::Followers => "递补名单",
            Self::Interview => "面试人员名单",
            Self::Medical => "体检名单",
            Self::MedicalDone => "体检结果",
            Self::Background => "考察名单",
            Self::BackgroundDone => "考察结果",
            Self::Proposed => "拟聘用名单",
            Self::Hired => "聘用名单",
        }
    }

    /// Reads a code; the whole list for an unknown one.
    pub fn from_code(code: &str) -> Self {
        Self::ALL
            .into_iter()
            .find(|kind| kind.code() == code)
            .unwrap_or(Self::Everybody)
    }

    /// Who is on it.
    fn standings(self) -> &'static [&'static str] {
        match self {
            Self::Everybody | Self::Followers => &[],
            Self::Documents => &["called"],
            Self::DocumentsDone => &[
                "qualified",
                "interviewed",
                "medical",
                "medical_again",
                "background",
                "proposed",
                "announced",
                "hired",
                "out:called",
            ],
            Self::Interview => &["qualified", "interviewed"],
            Self::Medical => &["medical", "medical_again"],
            Self::MedicalDone => &[
                "background",
                "proposed",
                "announced",
                "hired",
                "out:medical",
                "out:medical_again",
            ],
            Self::Background => &["background"],
            Self::BackgroundDone => &["proposed", "announced", "hired", "out:background"],
            Self::Proposed => &["proposed", "announced"],
            Self::Hired => &["hired"],
        }
    }

    /// The filter of the page, narrowed to who is on it.
    fn narrowed(self, asked: &Asked) -> Asked {
        if self == Self::Everybody {
            return asked.clone();
        }
        Asked {
            standings: self.standings().to_vec(),
            followed: self == Self::Followers,
            asked: false,
            ..asked.clone()
        }
    }
}

struct People<'a> {
    exam: &'a Exam,
    kind: ListKind,
    asked: Asked,
    table: Arc<PositionTable>,
}

impl Listing for People<'_> {
    /// With the masked number of his document.
    type Row = (PersonLine, String);
    type Place = i64;
    const NAME: &'static str = "面试与聘用";
    const ACTION: &'static str = "selection.export";
    const COLUMNS: &'static [(&'static str, f64)] = &[
        ("招聘单位", 26.0),
        ("岗位代码", 12.0),
        ("岗位名称", 24.0),
        ("姓名", 12.0),
        ("证件号码", 22.0),
        ("报名序号", 20.0),
        ("准考证号", 18.0),
        ("来源", 8.0),
        ("入围排名", 10.0),
        ("笔试成绩", 10.0),
        ("面试成绩", 10.0),
        ("总成绩", 10.0),
        ("总排名", 8.0),
        ("进程", 16.0),
        ("签到时间", 20.0),
    ];

    fn object(&self) -> Object {
        Object {
            kind: "contender",
            id: 0,
            exam_id: self.exam.id(),
        }
    }

    fn filter(&self) -> serde_json::Value {
        json!({
            "list": self.kind.code(),
            "standings": self.asked.standings,
            "unit": self.asked.unit,
            "by_name": !self.asked.name.is_empty(),
        })
    }

    async fn page(&self, ctx: &Ctx, from: Option<i64>) -> Result<(Vec<Self::Row>, Option<i64>)> {
        let limit = u32::try_from(CHUNK).unwrap_or(u32::MAX);
        let rows = list::page(ctx, self.exam, &self.asked, from, limit).await?;
        let on = next(&rows, |row| row.application_id);
        let mut named = Vec::with_capacity(rows.len());
        for row in rows {
            // Of a closed account nothing is left to show.
            let identity = account::identity(&ctx.app, row.account_id).await;
            let document = identity.map_or_else(|_| String::new(), |one| one.document.masked());
            named.push((row, document));
        }
        Ok((named, on))
    }

    fn cells(&self, _: &Ctx, (row, document): &Self::Row) -> Vec<Cell> {
        let [employer, code, name] = place(&self.table, row.position_id);
        vec![
            employer,
            code,
            name,
            Cell::text(row.name.as_str()),
            Cell::text(document.as_str()),
            Cell::text(row.registration_no.as_str()),
            Cell::text(row.ticket_no.as_str()),
            Cell::text(if row.entry == "offer" {
                "递补"
            } else {
                "入围"
            }),
            ranked(row.rank),
            mark(&row.written),
            mark(&row.interview),
            mark(&row.total),
            ranked(row.final_rank),
            Cell::text(standing_words(&row.stage, &row.left_why)),
            second(row.signed_at.unwrap_or(0)),
        ]
    }
}

/// A list of people as a table.
///
/// # Errors
/// `Forbidden` to who has nothing to do with the selection.
pub async fn people(
    ctx: &Ctx,
    exam: &Exam,
    (kind, asked): (ListKind, &Asked),
    format: Format,
) -> Result<Copied> {
    let table = positions::table(&ctx.app, exam).await?;
    let list = People {
        exam,
        kind,
        asked: kind.narrowed(asked),
        table,
    };
    take(ctx, &list, format).await
}

/// A list of people as a paper, a table for each unit that hires.
///
/// # Errors
/// `Refused` for one without rows or with too many for a paper; `Forbidden`.
pub async fn people_paper(
    ctx: &Ctx,
    exam: &Exam,
    (kind, asked): (ListKind, &Asked),
) -> Result<Vec<u8>> {
    let table = positions::table(&ctx.app, exam).await?;
    let list = People {
        exam,
        kind,
        asked: kind.narrowed(asked),
        table,
    };
    let mut fields = Vec::new();
    if !asked.unit.is_empty() {
        fields.push(Field::new("单位", asked.unit.clone()));
    }
    let paper = Paper {
        heading: kind.label(),
        exam,
        action: "selection.paper",
        fields,
        notes: Vec::new(),
        signatures: &["制表", "核对", "负责人"],
        break_by: None,
    };
    papers_list::print(ctx, &list, paper).await
}

#[cfg(test)]
mod tests {
    use domain::selection::Stage;

    use super::*;

    #[test]
    fn every_list_reads_back_by_its_code() {
        for kind in ListKind::ALL {
            assert_eq!(ListKind::from_code(kind.code()), kind);
            for standing in kind.standings() {
                let stage = standing.strip_prefix("out:").unwrap_or(standing);
                assert!(Stage::from_code(stage).is_some(), "{standing}");
            }
        }
        assert_eq!(ListKind::from_code("x"), ListKind::Everybody);
        for standing in list::OUT {
            let left = standing.strip_prefix("out:").and_then(Stage::from_code);
            assert!(left.is_some_and(Stage::is_alive), "{standing}");
        }
    }
}
