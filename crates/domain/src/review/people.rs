//! Who may not decide: maker and checker differ, and nobody reviews a relative.

/// Who decided before in this review. Ids are staff ids.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Past {
    /// Who gave the first approval of the current round.
    pub first_approved_by: Option<i64>,
    /// Who refused.
    pub rejected_by: Option<i64>,
    /// Who gave the conclusion that is to be taken back.
    pub concluded_by: Option<i64>,
}

/// What somebody wants to decide.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// The first level.
    First,
    /// The second level.
    Second,
    /// An appeal.
    Appeal,
    /// Taking a conclusion back.
    Reopen,
}

/// Why this person may not decide.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotThisPerson {
    /// The same person approved at the first level.
    #[error("初审和复审不能是同一个人，请由其他人员复审")]
    SecondIsFirst,
    /// The same person refused.
    #[error("申诉须由作出原结论以外的人员处理")]
    AppealByRejecter,
    /// The same person concluded.
    #[error("撤销结论须由作出该结论以外的人员操作")]
    ReopenByMaker,
    /// The candidate has declared a family member of this name.
    #[error("考生申报的家庭成员与您同名，请回避并转交其他人员")]
    Relative,
    /// The candidate has the reviewer's own name.
    #[error("考生与您同名，请回避并转交其他人员")]
    Oneself,
}

/// Checks one person against the past and against what the candidate declared.
///
/// `own_name` is the reviewer's; `candidate` and `family` are names as declared. Only names are known, so a namesake
/// must step aside as well: that costs a hand-over and prevents a scandal.
pub fn may_decide(
    decision: Decision,
    staff: i64,
    past: &Past,
    own_name: &str,
    candidate: &str,
    family: &[&str],
) -> Result<(), NotThisPerson> {
    let same = |who: Option<i64>| who == Some(staff);
    match decision {
        Decision::Second if same(past.first_approved_by) => {
            return Err(NotThisPerson::SecondIsFirst);
        }
        Decision::Appeal if same(past.rejected_by) => return Err(NotThisPerson::AppealByRejecter),
        Decision::Reopen if same(past.concluded_by) => return Err(NotThisPerson::ReopenByMaker),
        _ => {}
    }
    let own = own_name.trim();
    if own.is_empty() {
        return Ok(());
    }
    if candidate.trim() == own {
        return Err(NotThisPerson::Oneself);
    }
    if family.iter().any(|name| name.trim() == own) {
        return Err(NotThisPerson::Relative);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn maker_and_checker_differ() {
        let past = Past {
            first_approved_by: Some(1),
            rejected_by: Some(2),
            concluded_by: Some(3),
        };
        for (decision, staff, answer) in [
            (Decision::First, 1, Ok(())),
            (Decision::Second, 1, Err(NotThisPerson::SecondIsFirst)),
            (Decision::Second, 2, Ok(())),
            (Decision::Appeal, 2, Err(NotThisPerson::AppealByRejecter)),
            (Decision::Appeal, 1, Ok(())),
            (Decision::Reopen, 3, Err(NotThisPerson::ReopenByMaker)),
            (Decision::Reopen, 1, Ok(())),
        ] {
            assert_eq!(
                may_decide(decision, staff, &past, "何小宁", "林一舟", &[]),
                answer,
                "{decision:?} {staff}"
            );
        }
    }

    #[test]
    fn a_relative_and_a_namesake_step_aside() {
        let past = Past::default();
        let check = |own| {
            may_decide(
                Decision::First,
                9,
                &past,
                own,
                "林一舟",
                &["林大江", " 何小宁 "],
            )
        };
        assert_eq!(check("何小宁"), Err(NotThisPerson::Relative));
        assert_eq!(check("林一舟"), Err(NotThisPerson::Oneself));
        assert_eq!(check("苏晓"), Ok(()));
        assert_eq!(check(""), Ok(()));
    }
}
