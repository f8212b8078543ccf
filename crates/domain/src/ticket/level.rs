//! What stands for a level or class of paper in a ticket number ([`super::PartKind::Level`]).

use std::collections::BTreeMap;

use crate::sheet::squeezed;

/// The numbers of an exam's levels, or of its classes of paper, in the order of the table: the digits of their own names
/// (`2级` is 2) where every one has some and no two the same, else their places from 1. Keyed by the squeezed name.
///
/// Uniqueness hangs on room and seat; the level is there to be read off the number, so that it has to mean one thing.
pub fn level_numbers<'n>(names: impl IntoIterator<Item = &'n str>) -> BTreeMap<String, u32> {
    let mut known: Vec<String> = Vec::new();
    for name in names {
        let name = squeezed(name);
        if !name.is_empty() && !known.contains(&name) {
            known.push(name);
        }
    }
    let own: Option<BTreeMap<String, u32>> = known
        .iter()
        .map(|name| Some((name.clone(), own_digits(name)?)))
        .collect();
    let apart = |numbers: &BTreeMap<String, u32>| {
        let different: std::collections::BTreeSet<&u32> = numbers.values().collect();
        different.len() == numbers.len()
    };
    own.filter(apart)
        .unwrap_or_else(|| known.into_iter().zip(1..).collect())
}

/// The one run of digits in a name, if it has exactly one and that isn't a year.
fn own_digits(name: &str) -> Option<u32> {
    let mut runs = name
        .split(|c: char| !c.is_ascii_digit())
        .filter(|run| !run.is_empty());
    let run = runs.next()?;
    (runs.next().is_none() && run.len() <= 2).then(|| run.parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_have_their_own_digits_or_their_place() {
        let cases: [(&[&str], &[u32]); 8] = [
            (&["2级", "1级"], &[2, 1]),
            (&["考全科", "免考基础科目"], &[1, 2]),
            // One without digits, two alike, two runs of digits, a year: the place of each.
            (&["3级", "考全科"], &[1, 2]),
            (&["A1", "B1"], &[1, 2]),
            (&["2026年1级", "2026年2级"], &[1, 2]),
            (&["2026版"], &[1]),
            (&["A类", "B类", "C类"], &[1, 2, 3]),
            (&["", "Ａ 类", "A类", "B类"], &[0, 1, 1, 2]),
        ];
        for (names, expected) in cases {
            let numbers = level_numbers(names.iter().copied());
            let found: Vec<u32> = names
                .iter()
                .map(|name| numbers.get(&squeezed(name)).copied().unwrap_or(0))
                .collect();
            assert_eq!(found, expected, "{names:?}");
        }
    }
}
