//! Ranks inside a position: by total, then by the exam's list of deciding subjects.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use super::decimal::Decimal;
use super::mark::Mark;
use super::rules::Total;

/// A candidate to rank.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The application.
    pub id: i64,
    /// What he is ranked within, usually the position.
    pub group: i64,
    /// His total.
    pub total: Total,
    /// His marks by subject.
    pub marks: BTreeMap<String, Mark>,
}

/// A candidate's place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// The application.
    pub id: i64,
    /// Place from 1; equals share it and the next place is skipped. `None` without a total.
    pub rank: Option<u32>,
    /// How many in the group have a total.
    pub out_of: u32,
}

/// Ranks every entry within its group, in the order of the input.
pub fn rank(entries: &[Entry], tie_break: &[String]) -> Vec<Place> {
    let mut groups: BTreeMap<i64, Vec<&Entry>> = BTreeMap::new();
    for entry in entries {
        if matches!(entry.total, Total::Score(_)) {
            groups.entry(entry.group).or_default().push(entry);
        }
    }
    let mut places: BTreeMap<i64, u32> = BTreeMap::new();
    for members in groups.values_mut() {
        members.sort_by(|a, b| compare(a, b, tie_break));
        let mut place = 0u32;
        let mut before: Option<&Entry> = None;
        for (index, entry) in (1u32..).zip(members.iter()) {
            if before.is_none_or(|last| compare(last, entry, tie_break) != Ordering::Equal) {
                place = index;
            }
            places.insert(entry.id, place);
            before = Some(entry);
        }
    }
    let size = |group| {
        groups.get(&group).map_or(0, |members| {
            u32::try_from(members.len()).unwrap_or(u32::MAX)
        })
    };
    entries
        .iter()
        .map(|entry| Place {
            id: entry.id,
            rank: places.get(&entry.id).copied(),
            out_of: size(entry.group),
        })
        .collect()
}

/// Best first.
fn compare(a: &Entry, b: &Entry, tie_break: &[String]) -> Ordering {
    let total = |entry: &Entry| match entry.total {
        Total::Score(total) => Some(total),
        Total::Flagged(_) | Total::NotUsed => None,
    };
    let mark = |entry: &Entry, name: &String| -> Option<Decimal> {
        entry.marks.get(name).and_then(|mark| mark.number())
    };
    total(b).cmp(&total(a)).then_with(|| {
        tie_break
            .iter()
            .map(|name| mark(b, name).cmp(&mark(a, name)))
            .find(|order| *order != Ordering::Equal)
            .unwrap_or(Ordering::Equal)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::score::mark::Flag;
    use proptest::prelude::*;

    fn entry(id: i64, group: i64, total: &str, tie: &str) -> Entry {
        Entry {
            id,
            group,
            total: Total::Score(total.parse().unwrap()),
            marks: [("职测".to_owned(), Mark::Normal(tie.parse().unwrap()))].into(),
        }
    }

    #[test]
    fn equals_share_a_place_and_the_next_is_skipped() {
        let mut entries = vec![
            entry(1, 7, "70", "50"),
            entry(2, 7, "80.0", "50"),
            entry(3, 7, "80.00", "50"),
            entry(4, 7, "80", "60"),
            entry(5, 8, "10", "1"),
        ];
        entries.push(Entry {
            total: Total::Flagged(Flag::Absent),
            ..entry(6, 7, "0", "0")
        });
        let places = rank(&entries, &["职测".to_owned()]);
        let ranks: Vec<_> = places.iter().map(|p| (p.id, p.rank, p.out_of)).collect();
        assert_eq!(
            ranks,
            [
                (1, Some(4), 4),
                (2, Some(2), 4),
                (3, Some(2), 4),
                (4, Some(1), 4),
                (5, Some(1), 1),
                (6, None, 4)
            ]
        );
        let untied = rank(&entries, &[]);
        assert_eq!(untied.iter().filter(|p| p.rank == Some(1)).count(), 4);
    }

    proptest! {
        #[test]
        fn a_rank_is_one_more_than_the_number_of_better_ones(
            totals in proptest::collection::vec((0i64..20, 0i64..3), 0..40)
        ) {
            let entries: Vec<Entry> = (0i64..).zip(&totals)
                .map(|(id, (total, group))| Entry {
                    id, group: *group, total: Total::Score(Decimal::whole(*total)), marks: BTreeMap::new(),
                })
                .collect();
            for (place, (total, group)) in rank(&entries, &[]).iter().zip(&totals) {
                let better = totals.iter().filter(|(t, g)| g == group && t > total).count();
                let all = totals.iter().filter(|(_, g)| g == group).count();
                prop_assert_eq!(place.rank, Some(u32::try_from(better + 1).unwrap()));
                prop_assert_eq!(place.out_of, u32::try_from(all).unwrap());
            }
        }
    }
}
