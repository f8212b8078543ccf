//! The lists after the interview: combined totals, who goes to the 体检, who is hired.

use std::collections::{BTreeMap, BTreeSet};

use db::Crowd;
use domain::score::{Decimal, Flag, Mark, Total};
use domain::selection::combine::{FinalPlace, medical_list};
use domain::selection::{Finalist, Stage, Verdict, combine, final_ranks};
use domain::time::Timestamp;

use super::advance::stage_of;
use super::draft::Drafted;
use super::hooks::{self, Gate};
use super::round_store::{self, RoundRow};
use super::row_store::{self, NewRow};
use super::runners::{self, mark_of, text_of};
use super::store::{self, ContenderRow};
use crate::exam::Exam;
use crate::interview::{self, Interviewed};
use crate::{App, Ctx, Error, Result};

/// People read at a time.
const PAGE: i64 = 500;

/// Why somebody isn't ranked by the combined total, or isn't on a later list; codes and words.
pub const WHYS: [(&str, &str); 6] = [
    ("missed", "面试缺考"),
    ("violation", "面试违纪"),
    ("least", "低于面试最低分"),
    ("no_mark", "没有面试成绩"),
    ("left", "已退出"),
    ("decided", "并列，经研究确定"),
];

/// Everybody of an exam who was ever called or asked, by application.
pub(super) async fn everyone(app: &App, exam_id: i64) -> Result<Vec<ContenderRow>> {
    let mut scan = app.db().scan(Crowd::Staff);
    let (mut all, mut after) = (Vec::new(), 0);
    loop {
        let rows = store::contenders_after(&mut scan, exam_id, after, PAGE).await?;
        let Some(last) = rows.last() else { break };
        after = last.application_id;
        all.extend(rows);
    }
    Ok(all)
}

/// A list of a kind that is in force and has been carried out.
///
/// # Errors
/// `Refused` with these words while there is none.
async fn in_force(
    ctx: &Ctx,
    exam: &Exam,
    kind: &str,
    (code, title, text): (&'static str, &str, &str),
) -> Result<RoundRow> {
    round_store::round_live(&mut ctx.app.db().read(), exam.id(), kind)
        .await?
        .filter(|row| row.carried_at.is_some())
        .ok_or_else(|| Error::refused(code, title, text))
}

/// Whether somebody came as far as the interview: he is past the 资格复审, or left from there on.
fn came_to_interview(row: &ContenderRow) -> Result<bool> {
    let stage = match stage_of(row)? {
        Stage::Out => match Stage::from_code(&row.left_stage) {
            Some(left) => left,
            None => return Ok(false),
        },
        stage => stage,
    };
    Ok(!matches!(stage, Stage::Offered | Stage::Called))
}

/// 总成绩和排名.
pub(super) async fn total(ctx: &Ctx, exam: &Exam) -> Result<Drafted> {
    let shortlist = in_force(
        ctx,
        exam,
        "shortlist",
        (
            "no_shortlist",
            "入围名单还没有公布",
            "入围名单公布、面试成绩归集之后才能计算总成绩。",
        ),
    )
    .await?;
    let rules = &exam.settings.selection;
    let mut people: Vec<(ContenderRow, BTreeMap<String, Mark>)> = Vec::new();
    for row in everyone(&ctx.app, exam.id()).await? {
        if came_to_interview(&row)? {
            let mut marks = BTreeMap::new();
            let rows = row_store::marks_of(
                &mut ctx.app.db().read(),
                shortlist.basis,
                row.application_id,
            )
            .await?;
            for (code, name, mark, flag) in rows {
                let mark = mark_of(&mark, &flag)?;
                marks.insert(code, mark);
                marks.insert(name, mark);
            }
            people.push((row, marks));
        }
    }
    let mut scan = ctx.app.db().scan(Crowd::Staff);
    let results = interview::results(&mut scan, exam.id())
        .await?
        .ok_or_else(|| {
            Error::refused(
                "no_interview",
                "面试成绩还没有归集",
                "面试成绩全部核对一致、归集之后才能计算总成绩。",
            )
        })?;
    let granted = hooks::granted(&mut scan, exam.id()).await?;
    let by_id: BTreeMap<i64, &Interviewed> = results
        .people
        .iter()
        .map(|one| (one.application_id, one))
        .collect();
    let mut finalists = Vec::new();
    let mut whys: BTreeMap<i64, &'static str> = BTreeMap::new();
    for (row, marks) in &people {
        let id = row.application_id;
        let one = by_id.get(&id);
        let mark = one.and_then(|one| one.mark.number());
        let why = match (stage_of(row)?, one.map(|one| one.mark.flag())) {
            (_, Some(Flag::Absent)) => "missed",
            (_, Some(Flag::Violation | Flag::Invalidated)) => "violation",
            (Stage::Out, _) => "left",
            (_, None) => "no_mark",
            (_, Some(Flag::Normal)) => match (mark, rules.least) {
                (Some(mark), Some(least)) if mark < least => "least",
                _ => "",
            },
        };
        // Somebody who is on his way and has no result at all would be left out without a word.
        if why == "no_mark" && stage_of(row)?.is_alive() {
            return Err(Error::refused(
                "no_mark",
                "有人没有面试成绩",
                format!("{}还没有面试成绩，请先登记面试成绩或者缺考。", row.name),
            ));
        }
        if !why.is_empty() {
            whys.insert(id, why);
        }
        let written = row.written.parse::<Decimal>().ok();
        let points = granted
            .get(&id)
            .and_then(|points| exam.settings.score.bonus.points(points))
            .unwrap_or(Decimal::ZERO);
        let interview = mark.filter(|_| !matches!(why, "missed" | "violation" | "left"));
        let total = combine(rules, written, interview, points).unwrap_or(Total::NotUsed);
        finalists.push(Finalist {
            id,
            position: row.position_id,
            written,
            interview,
            total,
            marks: marks.clone(),
        });
    }
    let places = final_ranks(rules, &finalists);
    let rows = finalists
        .iter()
        .zip(places)
        .zip(&people)
        .map(|((one, place), (row, _))| NewRow {
            position_id: one.position,
            application_id: one.id,
            rank: i64::from(place.rank.unwrap_or(0)),
            total: text_of(one.total),
            written: row.written.clone(),
            interview: one
                .interview
                .map_or_else(String::new, |mark| mark.to_string()),
            verdict: if place.rank.is_some() {
                "in"
            } else {
                "excluded"
            },
            why: match place.rank {
                Some(_) => "",
                None => whys.get(&one.id).copied().unwrap_or("no_mark"),
            },
        })
        .collect();
    Ok(Drafted {
        basis: results.plan_id,
        rows,
    })
}

/// Ranks among those who are still there: `1 + how many of them are strictly better`.
pub(super) fn ranks_among(places: &[FinalPlace]) -> Vec<FinalPlace> {
    let better = |one: &FinalPlace| {
        let rank = one.rank?;
        let ahead = places
            .iter()
            .filter(|other| {
                other.position == one.position && other.rank.is_some_and(|other| other < rank)
            })
            .count();
        u32::try_from(ahead).ok()?.checked_add(1)
    };
    places
        .iter()
        .map(|one| FinalPlace {
            rank: better(one),
            ..*one
        })
        .collect()
}

/// 体检名单: one person a post, by the combined total, of those who are still there. Who takes up a post already keeps it.
pub(super) async fn medical(ctx: &Ctx, exam: &Exam) -> Result<Drafted> {
    let total = in_force(
        ctx,
        exam,
        "total",
        (
            "no_total",
            "总成绩还没有公布",
            "总成绩和排名公布之后才能确定体检人员。",
        ),
    )
    .await?;
    let mut free = runners::headcounts(&ctx.app, exam).await?;
    let people = everyone(&ctx.app, exam.id()).await?;
    let (mut holders, mut waiting) = (Vec::new(), Vec::new());
    for row in people {
        let stage = stage_of(&row)?;
        if stage.takes_a_post() {
            if let Some(posts) = free.get_mut(&row.position_id) {
                *posts = posts.saturating_sub(1);
            }
            holders.push(row);
        } else if stage == Stage::Interviewed {
            waiting.push(row);
        }
    }
    let places: Vec<FinalPlace> = waiting
        .iter()
        .map(|row| FinalPlace {
            id: row.application_id,
            position: row.position_id,
            rank: u32::try_from(row.final_rank).ok().filter(|rank| *rank > 0),
            out_of: 0,
        })
        .collect();
    let verdicts = medical_list(&free, &ranks_among(&places));
    let held = holders.iter().map(|row| (row, Some(Verdict::In)));
    let rest = waiting
        .iter()
        .zip(verdicts)
        .map(|(row, (_, verdict))| (row, verdict));
    let rows = held
        .chain(rest)
        .map(|(row, verdict)| NewRow {
            position_id: row.position_id,
            application_id: row.application_id,
            rank: row.final_rank,
            total: row.total.clone(),
            written: row.written.clone(),
            interview: row.interview.clone(),
            verdict: verdict.map_or("excluded", Verdict::code),
            why: if verdict.is_some() { "" } else { "no_mark" },
        })
        .collect();
    Ok(Drafted {
        basis: total.id,
        rows,
    })
}

/// 聘用名单: everybody whose name stood in public, once the 公示 is over and no objection is open.
pub(super) async fn hire(ctx: &Ctx, exam: &Exam) -> Result<Drafted> {
    let mut scan = ctx.app.db().scan(Crowd::Staff);
    if let Some(gate) = hooks::hire_gate(&mut scan, exam.id(), ctx.at).await? {
        return Err(not_yet(gate));
    }
    let medical = round_store::round_live(&mut ctx.app.db().read(), exam.id(), "medical").await?;
    let mut rows = Vec::new();
    for row in everyone(&ctx.app, exam.id()).await? {
        if stage_of(&row)? == Stage::Announced {
            rows.push(NewRow {
                position_id: row.position_id,
                application_id: row.application_id,
                rank: row.final_rank,
                total: row.total,
                written: row.written,
                interview: row.interview,
                verdict: Verdict::In.code(),
                why: "",
            });
        }
    }
    Ok(Drafted {
        basis: medical.map_or(0, |row| row.id),
        rows,
    })
}

fn not_yet(gate: Gate) -> Error {
    let text = match gate {
        Gate::Until(at) => closes(at),
        Gate::Objections(count) => {
            format!("公示有 {count} 件异议没有办结，办结之后才能确定聘用人员。")
        }
    };
    Error::refused("publicity", "公示还没有结束", text)
}

fn closes(at: Timestamp) -> String {
    format!(
        "公示到 {} 结束，期满之后才能确定聘用人员。",
        at.to_chinese_minute()
    )
}

/// Positions of which more people share the last place than there are posts: nobody of them goes on until it is decided.
pub(super) fn posts_of(rows: &[(i64, i64)], headcounts: &BTreeMap<i64, u32>) -> BTreeSet<i64> {
    rows.iter()
        .filter(|(position, people)| {
            let posts = headcounts.get(position).copied().unwrap_or(0);
            *people > i64::from(posts)
        })
        .map(|(position, _)| *position)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(id: i64, position: i64, rank: Option<u32>) -> FinalPlace {
        FinalPlace {
            id,
            position,
            rank,
            out_of: 9,
        }
    }

    #[test]
    fn who_is_left_moves_up_and_equals_stay_equal() {
        let left = [
            place(1, 1, Some(2)),
            place(2, 1, Some(4)),
            place(3, 1, Some(4)),
            place(4, 1, Some(7)),
            place(5, 1, None),
            place(6, 2, Some(3)),
        ];
        let ranks: Vec<Option<u32>> = ranks_among(&left).iter().map(|one| one.rank).collect();
        assert_eq!(ranks, [Some(1), Some(2), Some(2), Some(4), None, Some(1)]);
    }

    #[test]
    fn more_people_than_posts_are_seen() {
        let headcounts = [(1, 2), (2, 1)].into();
        assert_eq!(
            posts_of(&[(1, 2), (2, 2), (3, 1)], &headcounts),
            [2, 3].into()
        );
    }
}
