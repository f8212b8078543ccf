//! What is free: places on the list before the interview, posts after it, and who follows.

use std::collections::{BTreeMap, BTreeSet};

use db::{Crowd, Query};
use domain::selection::combine::FinalPlace;
use domain::selection::promote::{again, next_for_medical, vacant};
use domain::selection::{Listed, SelectionRules, Stage, next_in_line};
use domain::staff::Permission;

use super::advance::stage_of;
use super::draft_final::everyone;
use super::pool::{Behind, Pools, on_their_way};
use super::round_store::{self, RoundRow};
use super::runners::headcounts;
use super::store::ContenderRow;
use crate::exam::Exam;
use crate::{Ctx, Result, interview};

/// Positions with something free that a page shows.
pub const MOST: usize = 200;

/// At what point somebody follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Point {
    /// Before the interview: a place on the list is free.
    Interview,
    /// After it: a post is free.
    Medical,
}

impl Point {
    /// What forms and rows carry.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Interview => "interview",
            Self::Medical => "medical",
        }
    }

    /// Reads a code.
    pub fn from_code(code: &str) -> Option<Self> {
        [Self::Interview, Self::Medical]
            .into_iter()
            .find(|one| one.code() == code)
    }
}

/// Somebody who would follow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Next {
    /// The application.
    pub id: i64,
    /// What forms carry: of somebody who is on a list already.
    pub public_id: String,
    /// His name.
    pub name: String,
    /// His rank: of the list, or by the combined total.
    pub rank: i64,
    /// The total that it goes by.
    pub total: String,
}

/// Something free in a position.
#[derive(Debug, Clone)]
pub struct Vacancy {
    /// The position.
    pub position_id: i64,
    /// Before the interview or after it.
    pub point: Point,
    /// Places or posts.
    pub places: u32,
    /// How many of them are taken.
    pub taken: u32,
    /// How many are free and may be filled.
    pub free: u32,
    /// Who follows; empty when nobody is left.
    pub next: Vec<Next>,
    /// More are equal than there are posts: somebody has to decide first.
    pub tied: bool,
    /// A post is free that was filled as often as the rules allow.
    pub used_up: bool,
}

/// What is free in an exam, by position; at most [`MOST`] positions.
///
/// # Errors
/// `Forbidden` to who may not for the whole exam.
pub async fn vacancies(ctx: &Ctx, exam: &Exam) -> Result<Vec<Vacancy>> {
    ctx.allow_for(Permission::Selection, exam.id(), "")?;
    let Some(lists) = lists(ctx, exam).await? else {
        return Ok(Vec::new());
    };
    let counts = headcounts(&ctx.app, exam).await?;
    let mut by_position: BTreeMap<i64, Vec<ContenderRow>> = BTreeMap::new();
    for row in everyone(&ctx.app, exam.id()).await? {
        by_position.entry(row.position_id).or_default().push(row);
    }
    let mut free = Vec::new();
    let mut pools = Pools::new(ctx, exam, &lists.shortlist);
    for (position_id, people) in by_position {
        let Some(headcount) = counts.get(&position_id).copied() else {
            continue;
        };
        let found = if lists.medical.is_some() {
            Some(after(
                &exam.settings.selection,
                (position_id, headcount),
                &people,
            )?)
        } else if lists.planned {
            None
        } else {
            let pool = pools.of((position_id, headcount), &people).await?;
            Some(before(
                &exam.settings.selection,
                (position_id, headcount),
                &people,
                &pool,
            )?)
        };
        free.extend(found.filter(|one| one.free > 0 || one.used_up));
        if free.len() >= MOST {
            break;
        }
    }
    Ok(free)
}

/// The lists that are in force and carried out.
pub(super) struct Lists {
    pub(super) shortlist: RoundRow,
    pub(super) medical: Option<RoundRow>,
    /// The interviews are planned: nobody follows any more until they are over.
    pub(super) planned: bool,
}

pub(super) async fn lists(ctx: &Ctx, exam: &Exam) -> Result<Option<Lists>> {
    let mut scan = ctx.app.db().scan(Crowd::Staff);
    lists_in(&mut scan, exam).await
}

pub(super) async fn lists_in(q: &mut impl Query, exam: &Exam) -> Result<Option<Lists>> {
    let carried = |row: &RoundRow| row.carried_at.is_some();
    let shortlist = round_store::round_live(q, exam.id(), "shortlist").await?;
    let Some(shortlist) = shortlist.filter(carried) else {
        return Ok(None);
    };
    let medical = round_store::round_live(q, exam.id(), "medical").await?;
    Ok(Some(Lists {
        shortlist,
        medical: medical.filter(carried),
        planned: interview::is_planned(q, exam.id()).await?,
    }))
}

/// What is free on the list of who comes to the interview.
pub(super) fn before(
    rules: &SelectionRules,
    (position_id, headcount): (i64, u32),
    people: &[ContenderRow],
    pool: &[Behind],
) -> Result<Vacancy> {
    let taken = on_their_way(people)?;
    let places = rules.places(headcount).unwrap_or(0);
    let free = vacant(places, taken);
    let listed: Vec<Listed> = pool.iter().map(|one| one.listed).collect();
    let gone = pool.iter().filter(|one| one.gone).map(|one| one.listed.id);
    let used: BTreeSet<i64> = people
        .iter()
        .map(|one| one.application_id)
        .chain(gone)
        .collect();
    let next = next_in_line(&listed, &used, free)
        .into_iter()
        .filter_map(|id| pool.iter().find(|one| one.listed.id == id))
        .map(|one| Next {
            id: one.listed.id,
            public_id: String::new(),
            name: one.name.clone(),
            rank: i64::from(one.listed.rank.unwrap_or(0)),
            total: one.written.clone(),
        })
        .collect();
    Ok(Vacancy {
        position_id,
        point: Point::Interview,
        places,
        taken,
        free,
        next,
        tied: false,
        used_up: false,
    })
}

/// The posts that were left after the interview and not filled since: how often each was filled before, least often first.
fn left_posts(people: &[ContenderRow]) -> Vec<i64> {
    let mut left: Vec<i64> = people
        .iter()
        .filter(|one| Stage::from_code(&one.left_stage).is_some_and(Stage::takes_a_post))
        .map(|one| one.promote_round)
        .collect();
    left.sort_unstable();
    for one in people.iter().filter(|one| one.promoted == "medical") {
        let filled = one.promote_round - 1;
        if let Some(place) = left.iter().position(|round| *round == filled) {
            left.remove(place);
        }
    }
    left
}

/// The posts of a position that are free and may be filled once more: how often each was filled before. And whether one more is free
/// that may not.
pub(super) fn posts_to_fill(
    rules: &SelectionRules,
    headcount: u32,
    people: &[ContenderRow],
) -> Result<(u32, Vec<i64>, bool)> {
    let mut taken = 0u32;
    for one in people {
        if stage_of(one)?.takes_a_post() {
            taken += 1;
        }
    }
    let mut free = usize::try_from(vacant(headcount, taken)).unwrap_or(usize::MAX);
    let mut posts = Vec::new();
    let mut used_up = false;
    for round in left_posts(people) {
        if free == 0 {
            break;
        }
        free -= 1;
        if u8::try_from(round).is_ok_and(|round| again(rules, round)) {
            posts.push(round);
        } else {
            used_up = true;
        }
    }
    Ok((taken, posts, used_up))
}

/// What is free after the interview.
pub(super) fn after(
    rules: &SelectionRules,
    (position_id, headcount): (i64, u32),
    people: &[ContenderRow],
) -> Result<Vacancy> {
    let (taken, posts, used_up) = posts_to_fill(rules, headcount, people)?;
    let mut waiting = Vec::new();
    for one in people {
        if stage_of(one)? == Stage::Interviewed {
            waiting.push(one);
        }
    }
    let places: Vec<FinalPlace> = waiting
        .iter()
        .map(|one| FinalPlace {
            id: one.application_id,
            position: position_id,
            rank: u32::try_from(one.final_rank).ok().filter(|rank| *rank > 0),
            out_of: 0,
        })
        .collect();
    let free = u32::try_from(posts.len()).unwrap_or(u32::MAX);
    let ids = next_for_medical(&places, &BTreeSet::new(), free);
    let next: Vec<Next> = ids
        .into_iter()
        .filter_map(|id| waiting.iter().find(|one| one.application_id == id))
        .map(|one| Next {
            id: one.application_id,
            public_id: one.public_id.clone(),
            name: one.name.clone(),
            rank: one.final_rank,
            total: one.total.clone(),
        })
        .collect();
    Ok(Vacancy {
        position_id,
        point: Point::Medical,
        places: headcount,
        taken,
        free,
        tied: next.len() > posts.len(),
        next,
        used_up,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn person(id: i64, stage: &str, left: &str, (promoted, round): (&str, i64)) -> ContenderRow {
        ContenderRow {
            application_id: id,
            public_id: id.to_string(),
            exam_id: 1,
            position_id: 1,
            unit: String::new(),
            name: format!("{id}"),
            round_id: 1,
            entry: "call".into(),
            rank: id,
            written: "70".into(),
            interview: "80".into(),
            total: "75".into(),
            final_rank: id,
            stage: stage.into(),
            left_stage: left.into(),
            left_why: String::new(),
            due_at: None,
            signed_at: None,
            signed_by: None,
            promoted: promoted.into(),
            promote_round: round,
            changed_at: 0,
            version: 1,
            account_id: id,
            life: "live".into(),
            application: String::new(),
        }
    }

    fn rules(rounds: u8) -> SelectionRules {
        SelectionRules {
            medical_rounds: rounds,
            ..SelectionRules::default()
        }
    }

    #[test]
    fn a_post_is_filled_as_often_as_the_rules_say_and_each_counts_for_itself() {
        let of = |people: &[ContenderRow], rounds: u8| {
            let (_, posts, used_up) = posts_to_fill(&rules(rounds), 2, people).unwrap();
            (posts, used_up)
        };
        // Two posts, both taken; then one is left; he is followed; who followed leaves; and the other post is left too.
        let mut people = vec![
            person(1, "medical", "", ("", 0)),
            person(2, "medical", "", ("", 0)),
            person(3, "interviewed", "", ("", 0)),
        ];
        assert_eq!(of(&people, 1), (vec![], false));
        people[1] = person(2, "out", "medical", ("", 0));
        assert_eq!(of(&people, 1), (vec![0], false));
        assert_eq!(of(&people, 0), (vec![], true));
        people[2] = person(3, "background", "", ("medical", 1));
        assert_eq!(of(&people, 1), (vec![], false));
        people[2] = person(3, "out", "background", ("medical", 1));
        assert_eq!(of(&people, 1), (vec![], true));
        assert_eq!(of(&people, 2), (vec![1], false));
        people[0] = person(1, "out", "proposed", ("", 0));
        assert_eq!(of(&people, 1), (vec![0], true));
        assert_eq!(of(&people, 2), (vec![0, 1], false));
        // Who left before the interview left no post.
        people[0] = person(1, "out", "called", ("", 0));
        assert_eq!(of(&people, 2), (vec![1], false));
    }

    #[test]
    fn who_follows_after_the_interview_goes_by_the_total_and_equals_are_decided() {
        let mut people = vec![
            person(1, "out", "medical", ("", 0)),
            person(2, "medical", "", ("", 0)),
            person(3, "interviewed", "", ("", 0)),
            person(4, "interviewed", "", ("", 0)),
        ];
        let vacancy = after(&rules(1), (1, 2), &people).unwrap();
        assert_eq!((vacancy.taken, vacancy.free, vacancy.tied), (1, 1, false));
        assert_eq!(
            vacancy.next.iter().map(|one| one.id).collect::<Vec<_>>(),
            [3]
        );
        people[3].final_rank = 3;
        let vacancy = after(&rules(1), (1, 2), &people).unwrap();
        assert!(vacancy.tied && vacancy.next.len() == 2);
        // Below the least mark of the interview nobody has a rank, nor follows.
        people[2].final_rank = 0;
        people[3].final_rank = 0;
        assert!(after(&rules(1), (1, 2), &people).unwrap().next.is_empty());
    }
}
