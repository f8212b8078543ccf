//! 监考员抽签: who invigilates which room in which session, drawn from a list by a seed, always alike for the same input.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::{Deserialize, Serialize};

use super::seed::Shuffler;
use crate::sheet::{Column, Header, Sheet, plain, squeezed};

/// How many watch a room.
pub const PER_ROOM: usize = 2;
/// Most names of a list.
pub const MOST: usize = 20_000;

/// Somebody of the list.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Invigilator {
    /// 姓名.
    pub name: String,
    /// 单位.
    pub employer: String,
    /// Name or number of the only site that he can go to; empty: any.
    pub site: String,
}

impl fmt::Debug for Invigilator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Invigilator(…)")
    }
}

/// The columns of a list.
pub const COLUMNS: &[Column] = &[
    Column {
        key: "name",
        title: "姓名",
        names: &["姓名", "监考员", "监考员姓名"],
    },
    Column {
        key: "employer",
        title: "单位",
        names: &["单位", "工作单位", "所在单位"],
    },
    Column {
        key: "site",
        title: "考点",
        names: &["考点", "考点名称", "考点号"],
    },
];

/// Most characters of a name, an employer, a site.
const LONGEST: usize = 60;

/// Reads a list. Blank rows don't count.
///
/// # Errors
/// What has to be mended, with the line, in words.
pub fn read(sheet: &Sheet) -> Result<Vec<Invigilator>, String> {
    let header = Header::find(sheet, COLUMNS, 1)
        .filter(|header| header.column("name").is_some())
        .ok_or("没有找到“姓名”列。请保留表头，至少有“姓名”，可以有“单位、考点”")?;
    let mut people = Vec::new();
    let mut known = BTreeSet::new();
    for row in header.body..sheet.height() {
        if (0..sheet.width()).all(|column| sheet.at(row, column).is_blank()) {
            continue;
        }
        let line = Sheet::line(row);
        let text = |key| plain(header.seen(sheet, row, key));
        let person = Invigilator {
            name: squeezed(&text("name")),
            employer: text("employer"),
            site: text("site"),
        };
        if person.name.is_empty() {
            return Err(format!("第 {line} 行没有填写姓名"));
        }
        let long = |text: &String| text.chars().count() > LONGEST;
        if [&person.name, &person.employer, &person.site]
            .into_iter()
            .any(long)
        {
            return Err(format!("第 {line} 行有一格超过 {LONGEST} 个字"));
        }
        if !known.insert((person.name.clone(), person.employer.clone())) {
            return Err(format!(
                "第 {line} 行的姓名和单位与前面一行相同。同单位同名的，请在姓名后加字区分"
            ));
        }
        people.push(person);
        if people.len() > MOST {
            return Err(format!("名单最多 {MOST} 人"));
        }
    }
    if people.is_empty() {
        return Err("名单里没有人".to_owned());
    }
    Ok(people)
}

/// A room in which somebody sits in a session.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Duty {
    /// The session.
    pub session: u32,
    /// The site's number.
    pub site: i64,
    /// The site's name.
    pub site_name: String,
    /// The room's number.
    pub room: i64,
}

/// Sessions whose rooms can't all be watched.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("第 {session} 场{place}需要 {needed} 名监考员，名单里能安排的只有 {there} 名")]
pub struct TooFew {
    /// The session.
    pub session: u32,
    /// `“市第五中学”`; empty: all sites together.
    pub place: String,
    /// Needed.
    pub needed: usize,
    /// How many there are.
    pub there: usize,
}

/// Who does what.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Drawn {
    /// Indices into the list, by session and room; [`PER_ROOM`] each.
    pub watch: BTreeMap<(u32, i64), Vec<usize>>,
    /// Indices of those who have nothing to do in a session: the reserve.
    pub spare: BTreeMap<u32, Vec<usize>>,
    /// Rooms whose two are of one employer, because there was no other way.
    pub alike: usize,
}

impl Invigilator {
    fn fits(&self, duty: &Duty) -> bool {
        self.site.is_empty() || self.site == duty.site_name || self.site == duty.site.to_string()
    }

    fn is_bound(&self) -> bool {
        !self.site.is_empty()
    }
}

/// Draws. Nobody is in two rooms of a session; the two of a room are of different employers where that is possible; who is bound
/// to a site goes there before anybody else does.
///
/// # Errors
/// [`TooFew`] for the first session that can't be manned.
pub fn draw(people: &[Invigilator], duties: &[Duty], seed: &str) -> Result<Drawn, TooFew> {
    let mut by_session: BTreeMap<u32, BTreeMap<i64, Vec<&Duty>>> = BTreeMap::new();
    for duty in duties {
        let sites = by_session.entry(duty.session).or_default();
        sites.entry(duty.site).or_default().push(duty);
    }
    let mut drawn = Drawn::default();
    for (session, mut sites) in by_session {
        let mut order: Vec<usize> = (0..people.len()).collect();
        Shuffler::new(seed, &format!("invigilate\u{1}{session}")).shuffle(&mut order);
        let mut free: BTreeSet<usize> = (0..order.len()).collect();
        let mut missing = Vec::new();
        // First those who can go to one site only; what is left is for the others.
        for (site, rooms) in &mut sites {
            rooms.sort();
            let Some(first) = rooms.first() else { continue };
            let needed = rooms.len() * PER_ROOM;
            let here: Vec<usize> = free
                .iter()
                .copied()
                .filter(|at| {
                    let person = order.get(*at).and_then(|index| people.get(*index));
                    person.is_some_and(|one| one.is_bound() && one.fits(first))
                })
                .take(needed)
                .collect();
            for at in &here {
                free.remove(at);
            }
            missing.push((*site, here, needed));
        }
        let everywhere: Vec<usize> = free
            .iter()
            .copied()
            .filter(|at| {
                let person = order.get(*at).and_then(|index| people.get(*index));
                person.is_some_and(|one| !one.is_bound())
            })
            .collect();
        let lacking: usize = missing
            .iter()
            .map(|(_, here, needed)| needed - here.len())
            .sum();
        if lacking > everywhere.len() {
            return Err(too_few(session, &sites, &missing, everywhere.len()));
        }
        let mut rest = everywhere.into_iter();
        for (site, mut here, needed) in missing {
            here.extend(rest.by_ref().take(needed - here.len()));
            for at in &here {
                free.remove(at);
            }
            here.sort_unstable();
            let indices = here.iter().filter_map(|at| order.get(*at).copied());
            let mut rooms = sites.get(&site).cloned().unwrap_or_default();
            // The rooms too, since people are laid out by employer below.
            Shuffler::new(seed, &format!("rooms\u{1}{session}\u{1}{site}")).shuffle(&mut rooms);
            drawn.alike += pair(people, indices.collect(), &rooms, &mut drawn.watch);
        }
        let spare = free.iter().filter_map(|at| order.get(*at).copied());
        drawn.spare.insert(session, spare.collect());
    }
    Ok(drawn)
}

fn too_few(
    session: u32,
    sites: &BTreeMap<i64, Vec<&Duty>>,
    missing: &[(i64, Vec<usize>, usize)],
    everywhere: usize,
) -> TooFew {
    let needed: usize = missing.iter().map(|(.., needed)| needed).sum();
    let bound: usize = missing.iter().map(|(_, here, _)| here.len()).sum();
    let place = match missing {
        [(site, ..)] => sites.get(site).and_then(|rooms| rooms.first()),
        _ => None,
    };
    TooFew {
        session,
        place: place.map_or_else(String::new, |duty| format!("“{}”", duty.site_name)),
        needed,
        there: bound + everywhere,
    }
}

/// Gives each room its two, of different employers where there is a way: the largest employer's people are spread first. Returns
/// how many rooms got two of one.
fn pair(
    people: &[Invigilator],
    chosen: Vec<usize>,
    rooms: &[&Duty],
    watch: &mut BTreeMap<(u32, i64), Vec<usize>>,
) -> usize {
    let employer = |index: usize| people.get(index).map_or("", |one| one.employer.as_str());
    let mut sizes: BTreeMap<&str, usize> = BTreeMap::new();
    for index in &chosen {
        *sizes.entry(employer(*index)).or_default() += 1;
    }
    // Sorted by employer, largest first, the first half goes one to a room and the second half beside it: two of one employer
    // meet only if he sent more people than there are rooms. The order of the draw stays within an employer.
    let mut sorted = chosen;
    sorted.sort_by_key(|index| {
        let name = employer(*index);
        (
            std::cmp::Reverse(sizes.get(name).copied().unwrap_or(0)),
            name,
        )
    });
    let mut alike = 0;
    let count = rooms.len();
    for (at, duty) in rooms.iter().enumerate() {
        let two: Vec<usize> = [at, at + count]
            .iter()
            .filter_map(|place| sorted.get(*place).copied())
            .collect();
        if let [one, other] = two.as_slice()
            && !employer(*one).is_empty()
            && employer(*one) == employer(*other)
        {
            alike += 1;
        }
        watch.insert((duty.session, duty.room), two);
    }
    alike
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sheet::Cell;
    use proptest::prelude::*;

    fn person(n: usize, employer: &str, site: &str) -> Invigilator {
        Invigilator {
            name: format!("监考{n}"),
            employer: employer.to_owned(),
            site: site.to_owned(),
        }
    }

    fn duty(session: u32, site: i64, room: i64) -> Duty {
        Duty {
            session,
            site,
            site_name: format!("考点{site}"),
            room,
        }
    }

    #[test]
    fn a_list_is_read_and_its_mistakes_are_told_by_line() {
        let sheet = |rows: &[&[&str]]| Sheet {
            rows: rows
                .iter()
                .map(|row| row.iter().map(|cell| Cell::text(*cell)).collect())
                .collect(),
            ..Sheet::default()
        };
        let head: &[&str] = &["姓名", "工作单位", "考点"];
        let good = sheet(&[
            head,
            &["何 𬭊", "二中", ""],
            &["", "", ""],
            &["龙䶮", "", "3"],
        ]);
        let read_good = read(&good).unwrap();
        assert_eq!(read_good.len(), 2);
        assert_eq!(
            (read_good[0].name.as_str(), read_good[1].site.as_str()),
            ("何𬭊", "3")
        );
        for (rows, said) in [
            (vec![head], "名单里没有人"),
            (vec![head, &["", "二中", ""]], "第 2 行没有填写姓名"),
            (
                vec![head, &["甲乙", "二中", ""], &["甲乙", "二中", "1"]],
                "第 3 行的姓名和单位与前面一行相同",
            ),
            (
                vec![&["电话", "地址"] as &[&str], &["1", "2"]],
                "没有找到“姓名”列",
            ),
        ] {
            let message = read(&sheet(&rows)).unwrap_err();
            assert!(message.contains(said), "{message}");
        }
    }

    #[test]
    fn too_few_are_told_with_their_session() {
        let people = vec![person(1, "一中", ""), person(2, "二中", "考点9")];
        let refused = draw(&people, &[duty(2, 1, 1)], "种子").unwrap_err();
        assert_eq!(
            refused.to_string(),
            "第 2 场“考点1”需要 2 名监考员，名单里能安排的只有 1 名"
        );
    }

    #[test]
    fn who_is_bound_to_a_site_goes_there_first() {
        let people = vec![
            person(1, "一中", ""),
            person(2, "二中", ""),
            person(3, "三中", "考点2"),
            person(4, "四中", "2"),
        ];
        let duties = [duty(1, 1, 1), duty(1, 2, 2)];
        let drawn = draw(&people, &duties, "种子").unwrap();
        let of = |room: i64| {
            let mut two = drawn.watch[&(1, room)].clone();
            two.sort_unstable();
            two
        };
        assert_eq!((of(1), of(2)), (vec![0, 1], vec![2, 3]));
        assert!(drawn.spare[&1].is_empty());
    }

    proptest! {
        #[test]
        fn everybody_is_in_one_place_and_employers_meet_only_where_they_must(
            employers in proptest::collection::vec(0u8..5, 2..60), rooms in 1usize..20, sessions in 1u32..4, seed in "[a-z]{1,8}",
        ) {
            let people: Vec<Invigilator> = employers.iter().enumerate().map(|(n, e)| person(n, &format!("单位{e}"), "")).collect();
            let mut duties = Vec::new();
            for session in 1..=sessions {
                for room in 1..=rooms {
                    duties.push(duty(session, i64::try_from(room % 3).unwrap(), i64::try_from(room).unwrap()));
                }
            }
            let drawn = draw(&people, &duties, &seed);
            if people.len() < rooms * PER_ROOM {
                prop_assert!(drawn.is_err());
                return Ok(());
            }
            let drawn = drawn.unwrap();
            prop_assert_eq!(&drawn, &draw(&people, &duties, &seed).unwrap());
            duties.reverse();
            prop_assert_eq!(&drawn, &draw(&people, &duties, &seed).unwrap());
            for session in 1..=sessions {
                let mut seen: Vec<usize> = drawn.spare[&session].clone();
                for room in 1..=rooms {
                    let two = &drawn.watch[&(session, i64::try_from(room).unwrap())];
                    prop_assert_eq!(two.len(), PER_ROOM);
                    seen.extend(two);
                }
                seen.sort_unstable();
                prop_assert_eq!(seen, (0..people.len()).collect::<Vec<_>>());
            }
        }
    }
}
