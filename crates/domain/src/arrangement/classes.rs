//! Who of some people shares an employer, a school and the like, by index, so that seating asks no texts.

use std::collections::{BTreeMap, BTreeSet};

use super::bound::Bound;
use super::input::{ApartKind, Candidate};

/// A class: two or more people who share something.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Class {
    kind: ApartKind,
    members: Vec<usize>,
}

/// The classes of some people, who are told by their index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Classes {
    classes: Vec<Class>,
    of: Vec<Vec<usize>>,
    /// Kinds of which somebody has two (a second school): two people may then share both.
    plural: BTreeSet<ApartKind>,
}

impl Classes {
    /// Classes in the order of kind and key, whatever the order of people.
    pub(super) fn of(people: &[&Candidate]) -> Self {
        let mut members: BTreeMap<(ApartKind, &str), Vec<usize>> = BTreeMap::new();
        let mut plural = BTreeSet::new();
        for (index, person) in people.iter().enumerate() {
            let told = person.apart.iter().filter(|one| !one.key.is_empty());
            let keys: BTreeSet<(ApartKind, &str)> =
                told.map(|one| (one.kind, one.key.as_str())).collect();
            let mut kinds = BTreeSet::new();
            for (kind, key) in keys {
                if !kinds.insert(kind) {
                    plural.insert(kind);
                }
                members.entry((kind, key)).or_default().push(index);
            }
        }
        let mut of = vec![Vec::new(); people.len()];
        let mut classes = Vec::new();
        for ((kind, _), members) in members {
            if members.len() < 2 {
                continue;
            }
            for index in &members {
                if let Some(list) = of.get_mut(*index) {
                    list.push(classes.len());
                }
            }
            classes.push(Class { kind, members });
        }
        Self {
            classes,
            of,
            plural,
        }
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.classes.len()
    }

    /// The members of a class.
    pub(super) fn members(&self, class: usize) -> &[usize] {
        self.classes
            .get(class)
            .map_or(&[], |class| class.members.as_slice())
    }

    /// The classes of a person.
    pub(super) fn of_person(&self, person: usize) -> &[usize] {
        self.of.get(person).map_or(&[], Vec::as_slice)
    }

    /// Neighbours who share something that no seating avoids: what `least` says of a class, over all classes. Only classes of one
    /// kind can be added up, since two people may share employer and school at once.
    pub(super) fn floor(&self, least: impl Fn(usize) -> usize) -> usize {
        let mut by_kind: BTreeMap<ApartKind, (usize, usize)> = BTreeMap::new();
        for class in &self.classes {
            let pairs = least(class.members.len());
            let (sum, most) = by_kind.entry(class.kind).or_default();
            *sum += pairs;
            *most = pairs.max(*most);
        }
        let of_kind = |(kind, (sum, most)): (ApartKind, (usize, usize))| {
            if self.plural.contains(&kind) {
                most
            } else {
                sum
            }
        };
        by_kind.into_iter().map(of_kind).max().unwrap_or(0)
    }

    /// The floor of one room that they fill.
    pub(super) fn room_floor(&self, bound: &Bound) -> usize {
        self.floor(|members| bound.least(members))
    }
}
