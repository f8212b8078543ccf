//! 分组: who is interviewed in which room.
//!
//! People who compete for one position sit before one panel, since two panels don't mark alike: a position is split only when it has more
//! people than a room. Which position meets which panel, and who of a split one goes where, comes from the plan's seed.

use std::collections::BTreeMap;

use crate::arrangement::seed::Shuffler;

/// The rooms aren't enough.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum GroupsError {
    /// No room takes anybody.
    #[error("每组人数至少为 1")]
    NoRoom,
    /// Without tearing positions apart it takes more groups.
    #[error("同一岗位的考生须在同一组，至少需要 {needed} 组")]
    TooFew {
        /// How many it takes.
        needed: usize,
    },
}

/// Makes groups. `people`: application and position. `groups` and `per_group`: how many there are and how many one takes. Groups that nobody
/// is in are left empty at the end; members are sorted.
///
/// Positions go in by size, the largest first, each to the group with the fewest people that has room; where that doesn't work out, each to
/// the fullest that has room.
///
/// # Errors
/// [`GroupsError`].
pub fn groups(
    seed: &str,
    people: &[(i64, i64)],
    groups: usize,
    per_group: usize,
) -> Result<Vec<Vec<i64>>, GroupsError> {
    if per_group == 0 {
        return Err(GroupsError::NoRoom);
    }
    let mut blocks = blocks(seed, people, per_group);
    // Equal sizes come in the order of the shuffle, since sorting keeps it.
    Shuffler::new(seed, "interview positions").shuffle(&mut blocks);
    blocks.sort_by_key(|block| std::cmp::Reverse(block.len()));
    let mut made = place(&blocks, groups, per_group, Prefer::Emptiest)
        .or_else(|| place(&blocks, groups, per_group, Prefer::Fullest))
        .ok_or_else(|| GroupsError::TooFew {
            needed: needed(&blocks, groups, per_group),
        })?;
    for group in &mut made {
        group.sort_unstable();
    }
    let filled = made.iter().filter(|group| !group.is_empty()).count();
    made.sort_by_key(Vec::is_empty);
    let rooms = made.get_mut(..filled).unwrap_or_default();
    Shuffler::new(seed, "interview rooms").shuffle(rooms);
    Ok(made)
}

/// A block for each position, and several of about the same size for one that is larger than a room.
fn blocks(seed: &str, people: &[(i64, i64)], per_group: usize) -> Vec<Vec<i64>> {
    let mut positions: BTreeMap<i64, Vec<i64>> = BTreeMap::new();
    for (id, position) in people {
        positions.entry(*position).or_default().push(*id);
    }
    let mut blocks = Vec::new();
    for (position, mut members) in positions {
        members.sort_unstable();
        if members.len() > per_group {
            Shuffler::new(seed, &format!("interview position {position}")).shuffle(&mut members);
            let mut parts = members.len().div_ceil(per_group);
            let mut rest = members;
            while parts > 0 {
                let size = rest.len().div_ceil(parts);
                let behind = rest.split_off(size);
                blocks.push(rest);
                rest = behind;
                parts -= 1;
            }
        } else {
            blocks.push(members);
        }
    }
    blocks
}

#[derive(Clone, Copy)]
enum Prefer {
    Emptiest,
    Fullest,
}

fn place(
    blocks: &[Vec<i64>],
    groups: usize,
    per_group: usize,
    prefer: Prefer,
) -> Option<Vec<Vec<i64>>> {
    let mut made: Vec<Vec<i64>> = vec![Vec::new(); groups];
    for block in blocks {
        let fits = made
            .iter_mut()
            .filter(|group| group.len() + block.len() <= per_group);
        let group = match prefer {
            Prefer::Emptiest => fits.min_by_key(|group| group.len()),
            Prefer::Fullest => fits.max_by_key(|group| group.len()),
        };
        group?.extend(block);
    }
    Some(made)
}

/// The fewest groups above `groups` with which it works; as many as there are blocks always do.
fn needed(blocks: &[Vec<i64>], groups: usize, per_group: usize) -> usize {
    (groups + 1..blocks.len())
        .find(|groups| place(blocks, *groups, per_group, Prefer::Fullest).is_some())
        .unwrap_or(blocks.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    /// So many people for each position, numbered through.
    fn people(sizes: &[usize]) -> Vec<(i64, i64)> {
        let positions = (1i64..)
            .zip(sizes)
            .flat_map(|(position, size)| std::iter::repeat_n(position, *size));
        (1i64..).zip(positions).collect()
    }

    fn sizes(groups: &[Vec<i64>]) -> Vec<usize> {
        let mut sizes: Vec<usize> = groups.iter().map(Vec::len).collect();
        sizes.sort_unstable();
        sizes
    }

    #[test]
    fn positions_stay_together_and_groups_are_about_the_same() {
        let people = people(&[9, 6, 6, 3, 3, 3]);
        let made = groups("seed", &people, 3, 12).unwrap();
        assert_eq!(sizes(&made), [9, 9, 12]);
        assert_eq!(made, groups("seed", &people, 3, 12).unwrap());
        let mut backwards = people.clone();
        backwards.reverse();
        assert_eq!(made, groups("seed", &backwards, 3, 12).unwrap());
        assert!((0..20).any(|n| groups(&n.to_string(), &people, 3, 12).unwrap() != made));
    }

    #[test]
    fn a_position_larger_than_a_room_is_split_evenly() {
        let made = groups("seed", &people(&[31, 4]), 3, 30).unwrap();
        assert_eq!(sizes(&made), [4, 15, 16]);
        let who: BTreeSet<BTreeSet<i64>> = (0..8)
            .map(|n| {
                let made = groups(&n.to_string(), &people(&[31]), 2, 30).unwrap();
                made.into_iter().next().unwrap().into_iter().collect()
            })
            .collect();
        assert!(who.len() > 1, "who of it goes where is the seed's");
    }

    #[test]
    fn a_tight_fit_is_found_and_too_few_rooms_are_told() {
        // Emptiest first fails here: 4 and 4 would stand in two rooms and leave no room for the 3s.
        assert_eq!(
            sizes(&groups("seed", &people(&[5, 4, 3, 3, 3]), 2, 9).unwrap()),
            [9, 9]
        );
        assert_eq!(
            groups("seed", &people(&[6, 6, 6]), 2, 10),
            Err(GroupsError::TooFew { needed: 3 })
        );
        assert_eq!(
            groups("seed", &people(&[1]), 0, 10),
            Err(GroupsError::TooFew { needed: 1 })
        );
        assert_eq!(
            groups("seed", &people(&[1]), 1, 0),
            Err(GroupsError::NoRoom)
        );
        assert_eq!(groups("seed", &[], 2, 10), Ok(vec![vec![], vec![]]));
        assert_eq!(
            sizes(&groups("seed", &people(&[2]), 3, 10).unwrap()),
            [0, 0, 2]
        );
    }

    proptest! {
        #[test]
        fn everybody_has_one_place_and_no_position_is_torn_without_need(
            counts in prop::collection::vec(1usize..25, 0..15), rooms in 0usize..12, per_group in 1usize..20
        ) {
            let people = people(&counts);
            match groups("seed", &people, rooms, per_group) {
                Ok(made) => {
                    prop_assert_eq!(made.len(), rooms);
                    prop_assert!(made.iter().all(|group| group.len() <= per_group));
                    let mut all: Vec<i64> = made.iter().flatten().copied().collect();
                    all.sort_unstable();
                    prop_assert_eq!(all, people.iter().map(|(id, _)| *id).collect::<Vec<_>>());
                    for (position, size) in (1i64..).zip(&counts) {
                        let inside = |group: &&Vec<i64>| people.iter().any(|(id, of)| *of == position && group.contains(id));
                        prop_assert_eq!(made.iter().filter(inside).count(), size.div_ceil(per_group));
                    }
                    let first_empty = made.iter().position(Vec::is_empty).unwrap_or(rooms);
                    prop_assert!(made.iter().skip(first_empty).all(Vec::is_empty));
                }
                Err(GroupsError::TooFew { needed }) => {
                    prop_assert!(needed > rooms);
                    prop_assert!(groups("seed", &people, needed, per_group).is_ok());
                }
                Err(GroupsError::NoRoom) => prop_assert!(false),
            }
        }
    }
}
