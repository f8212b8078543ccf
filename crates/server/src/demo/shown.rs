//! Whom `/demo` names: one candidate for each thing that there is to see, and only if it is true of him.

use app::application::{self, View};
use app::score;
use domain::application::{Payment, State, Tracks};
use domain::review::Review;

use super::accounts::Candidate as Shown;
use super::applications::{Fate, Fates};
use super::candidates::Candidate;
use super::exams::{Recipe, Stage};
use super::world::World;

/// Something to see.
#[derive(Debug, Clone, Copy)]
enum Sight {
    /// An application that came this far.
    Came(Fate),
    /// A paid one of somebody whose name has this character.
    Spelled(char),
    /// An application with a file hung on.
    Attached,
    /// A score with a rank.
    Ranked,
    /// A score with this word in the place of a mark.
    Flagged(&'static str),
    /// A score with neither.
    Marked,
}

/// What there is to see in an exam, with what is said of it.
fn sights(recipe: &Recipe) -> &'static [(Sight, &'static str)] {
    use Sight::{Attached, Came, Flagged, Marked, Ranked, Spelled};
    match recipe.stage {
        Stage::Scored => &[
            (Ranked, "成绩已经公布，有总成绩和名次"),
            (Flagged("缺考"), "成绩已经公布，有科目缺考"),
            (Flagged("违纪"), "成绩已经公布，有科目违纪"),
            (Marked, "成绩已经公布，只公布各科成绩"),
        ],
        Stage::Tickets => &[
            (
                Came(Fate::Paid),
                "已编排考场，可以打印准考证；照片已用于准考证，不能再更换",
            ),
            (Came(Fate::Rejected), "资格审查没有通过"),
            (Spelled('䶮'), "姓名有生僻字，可以打印准考证"),
            (Spelled('·'), "姓名很长，可以打印准考证"),
        ],
        Stage::Reviewing => &[
            (Came(Fate::Paid), "已缴费，等待考场编排"),
            (Came(Fate::Approved), "审查通过，正待缴费"),
            (Came(Fate::AtCashier), "到了收银台没有付，有一张未支付单据"),
        ],
        Stage::Open => &[
            (Came(Fate::Waits), "等待资格审查"),
            (Came(Fate::Returned), "退回补充材料，等待修改"),
            (Came(Fate::Approved), "审查通过，正待缴费"),
            (Came(Fate::AtCashier), "到了收银台没有付，有一张未支付单据"),
            (Came(Fate::Rejected), "审查没有通过，可以改报或申诉"),
            (Came(Fate::Paid), "已缴费"),
            (Attached, "报考信息里有附加问题和上传的证书"),
        ],
        Stage::Draft | Stage::Announced => &[],
    }
}

fn named(candidate: &Candidate, note: String) -> Shown {
    Shown {
        name: candidate.person.name.clone(),
        number: candidate.person.number.clone(),
        note,
    }
}

/// Whether an application really stands where its fate says.
fn came(view: &View, fate: Fate) -> bool {
    let State::Live(Tracks {
        review, payment, ..
    }) = view.state
    else {
        return false;
    };
    match fate {
        Fate::Waits => matches!(review, Review::Pending | Review::FirstApproved),
        Fate::Returned => review == Review::Returned,
        Fate::Rejected => review == Review::Rejected,
        Fate::Appealed => review == Review::Appealed,
        Fate::Approved | Fate::AtCashier => review == Review::Approved && payment == Payment::Due,
        Fate::Paid => payment == Payment::Paid,
        Fate::Withdrawn => false,
    }
}

impl World {
    /// Some of those who applied in an exam, each for another thing.
    pub(super) async fn shown(
        &self,
        recipe: &Recipe,
        people: &[Candidate],
        fates: &Fates,
    ) -> anyhow::Result<Vec<Shown>> {
        let mut shown: Vec<Shown> = Vec::new();
        for (sight, words) in sights(recipe) {
            for candidate in people {
                let number = &candidate.person.number;
                let Some((fate, id)) = fates.get(&candidate.person.index) else {
                    continue;
                };
                if shown.iter().any(|one| one.number == *number)
                    || !self.sees(candidate, (*fate, id), *sight).await?
                {
                    continue;
                }
                let note = format!("报考过{}：{words}", recipe.short());
                shown.push(named(candidate, note));
                break;
            }
        }
        Ok(shown)
    }

    async fn sees(
        &self,
        candidate: &Candidate,
        (fate, id): (Fate, &str),
        sight: Sight,
    ) -> anyhow::Result<bool> {
        let ctx = self.as_candidate(candidate, self.days.0);
        Ok(match sight {
            Sight::Came(wanted) if wanted != fate => false,
            Sight::Came(wanted) => came(&application::own(&ctx, id).await?, wanted),
            Sight::Spelled(letter) => {
                candidate.person.name.contains(letter)
                    && came(&application::own(&ctx, id).await?, Fate::Paid)
            }
            Sight::Attached => {
                let view = application::own(&ctx, id).await?;
                let answers = application::own_answers(&ctx, &view).await?;
                answers
                    .values()
                    .any(|answer| matches!(answer, domain::exam::Answer::Files(_)))
            }
            Sight::Ranked | Sight::Flagged(_) | Sight::Marked => {
                let report = match score::own(&ctx, id).await {
                    Ok(report) => report,
                    Err(app::Error::Refused(_)) => return Ok(false),
                    Err(error) => return Err(error.into()),
                };
                let flags = |word: &str| report.lines.iter().any(|line| line.flag == word);
                match sight {
                    Sight::Ranked => report.rank.is_some(),
                    Sight::Flagged(word) => flags(word),
                    _ => {
                        report.total.is_none()
                            && report.lines.iter().all(|line| line.flag.is_empty())
                    }
                }
            }
        })
    }

    /// The one of `people` with the most applications, if there are several.
    pub(super) async fn shown_regular(
        &self,
        people: &[Candidate],
    ) -> anyhow::Result<Option<Shown>> {
        let mut best: Option<(usize, &Candidate)> = None;
        for candidate in people {
            let ctx = self.as_candidate(candidate, self.days.0);
            let count = application::mine(&ctx).await?.len();
            if count > best.map_or(1, |(most, _)| most) {
                best = Some((count, candidate));
            }
        }
        Ok(best.map(|(count, candidate)| {
            named(
                candidate,
                format!("报过 {count} 项考试，“我的报名信息”里都有"),
            )
        }))
    }
}
