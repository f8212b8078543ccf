//! What becomes of a mark when the score file meets the list of absences and violations.
//!
//! The list was confirmed by two people who had the papers of the rooms; the file comes from the marking. Where both can be right the list
//! says the flag; where they can't, a person must look. Source: reference `domain.md` §4 and §9; assurance.md, invariant 21 (absent,
//! violation, zero and missing stay distinct).

use super::decimal::Decimal;
use super::mark::{Flag, Mark};

/// What the two come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Merged {
    /// Neither has anything: a mark is missing.
    Gap,
    /// A mark.
    Taken {
        /// The mark.
        mark: Mark,
        /// Whether the file had no row for it, so that it isn't one of the file's.
        filled: bool,
        /// What somebody should know about it.
        warning: Option<Contradiction>,
    },
    /// It can't be taken.
    Refused(Contradiction),
}

/// Where file and list don't say the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Contradiction {
    /// Registered absent, with a mark.
    #[error("已登记缺考，成绩表却有 {0} 分")]
    AbsentWithMark(Decimal),
    /// A mark that doesn't count.
    #[error("{}，{} 分不计", .0.label(), .1)]
    NotCounted(Flag, Decimal),
    /// The file has a flag that nobody registered.
    #[error("成绩表为{}，却没有登记", .0.label())]
    Unregistered(Flag),
    /// Two flags.
    #[error("成绩表为{}，登记的却是{}", .file.label(), .registered.label())]
    Differs {
        /// What the file says.
        file: Flag,
        /// What the list says.
        registered: Flag,
    },
}

/// Merges one subject of one candidate.
///
/// `file`: what the score file has, `None` without a row. `registered`: what the list has for the subject's session. `confirmed`: whether
/// the exam has a confirmed list at all; until then a flag of the file is only a warning.
pub fn merge(file: Option<Mark>, registered: Option<Flag>, confirmed: bool) -> Merged {
    let taken = |mark, filled, warning| Merged::Taken {
        mark,
        filled,
        warning,
    };
    let flagged = |flag: Flag| Mark::from_parts(flag, None);
    let registered = registered.and_then(|flag| Some((flag, flagged(flag)?)));
    match (file, registered) {
        (None, None) => Merged::Gap,
        (None, Some((_, mark))) => taken(mark, true, None),
        (Some(mark @ Mark::Normal(_)), None) => taken(mark, false, None),
        (Some(Mark::Normal(number)), Some((Flag::Absent, _))) => {
            Merged::Refused(Contradiction::AbsentWithMark(number))
        }
        // The marking gives nothing for a paper that it was told of; any other number is worth a look.
        (Some(Mark::Normal(number)), Some((flag, mark))) => {
            let warning = (!number.is_zero()).then_some(Contradiction::NotCounted(flag, number));
            taken(mark, false, warning)
        }
        (Some(mark), None) => {
            let unregistered = Contradiction::Unregistered(mark.flag());
            if confirmed {
                Merged::Refused(unregistered)
            } else {
                taken(mark, false, Some(unregistered))
            }
        }
        (Some(mark), Some((flag, _))) if mark.flag() == flag => taken(mark, false, None),
        (Some(mark), Some((registered, _))) => Merged::Refused(Contradiction::Differs {
            file: mark.flag(),
            registered,
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pair_of_file_and_list() {
        let n: Decimal = "61.5".parse().unwrap();
        let (number, zero) = (Mark::Normal(n), Mark::Normal(Decimal::ZERO));
        let of = |mark| Merged::Taken {
            mark,
            filled: false,
            warning: None,
        };
        let filled = |mark| Merged::Taken {
            mark,
            filled: true,
            warning: None,
        };
        let warned = |mark, warning| Merged::Taken {
            mark,
            filled: false,
            warning: Some(warning),
        };
        let differs =
            |file, registered| Merged::Refused(Contradiction::Differs { file, registered });
        let with_mark = |number| Merged::Refused(Contradiction::AbsentWithMark(number));
        let (a, v, i) = (Flag::Absent, Flag::Violation, Flag::Invalidated);
        let (ma, mv, mi) = (Mark::Absent, Mark::Violation, Mark::Invalidated);
        let alone = |mark: Mark| warned(mark, Contradiction::Unregistered(mark.flag()));
        // Rows: what the file has. Columns: nothing registered, absent, violation, invalidated.
        let table = [
            (None, [Merged::Gap, filled(ma), filled(mv), filled(mi)]),
            (
                Some(number),
                [
                    of(number),
                    with_mark(n),
                    warned(mv, Contradiction::NotCounted(v, n)),
                    warned(mi, Contradiction::NotCounted(i, n)),
                ],
            ),
            (
                Some(zero),
                [of(zero), with_mark(Decimal::ZERO), of(mv), of(mi)],
            ),
            (Some(ma), [alone(ma), of(ma), differs(a, v), differs(a, i)]),
            (Some(mv), [alone(mv), differs(v, a), of(mv), differs(v, i)]),
            (Some(mi), [alone(mi), differs(i, a), differs(i, v), of(mi)]),
        ];
        for (file, row) in table {
            let registered = [None, Some(a), Some(v), Some(i)];
            for (registered, expected) in registered.into_iter().zip(row) {
                assert_eq!(
                    merge(file, registered, false),
                    expected,
                    "{file:?} {registered:?}"
                );
                // A confirmed list makes a flag of the file alone a mistake, and changes nothing else.
                let confirmed = match (file, registered) {
                    (Some(mark), None) if mark.flag() != Flag::Normal => {
                        Merged::Refused(Contradiction::Unregistered(mark.flag()))
                    }
                    _ => expected,
                };
                assert_eq!(
                    merge(file, registered, true),
                    confirmed,
                    "{file:?} {registered:?}"
                );
            }
            // 正常 isn't an incident.
            assert_eq!(merge(file, Some(Flag::Normal), false), row[0]);
        }
    }

    #[test]
    fn contradictions_are_told_in_plain_words() {
        let n = "61.5".parse().unwrap();
        for (contradiction, text) in [
            (
                Contradiction::AbsentWithMark(n),
                "已登记缺考，成绩表却有 61.5 分",
            ),
            (
                Contradiction::NotCounted(Flag::Violation, n),
                "违纪，61.5 分不计",
            ),
            (
                Contradiction::Unregistered(Flag::Absent),
                "成绩表为缺考，却没有登记",
            ),
            (
                Contradiction::Differs {
                    file: Flag::Absent,
                    registered: Flag::Violation,
                },
                "成绩表为缺考，登记的却是违纪",
            ),
        ] {
            assert_eq!(contradiction.to_string(), text);
        }
    }
}
