//! What every page of the way begins with: the exam, what is there already, where the candidate is.

use std::sync::Arc;

use app::App;
use app::application::{self, Agreed, Pick, View};
use app::exam::{self, Exam};
use domain::application::{Payment, State};
use domain::exam::snapshot::Choice;
use domain::exam::{LevelChoice, Phase};
use domain::review::Review;
use domain::time::Timestamp;
use domain::window::Standing;
use web::PageError;
use web::errors::Refusal;

use super::way::Way;
use crate::context::{Me, problem};

/// Where a candidate is on the way through one exam.
#[derive(Debug)]
pub(super) struct Entry {
    /// The exam.
    pub(super) exam: Arc<Exam>,
    /// The application that is there already.
    pub(super) there: Option<View>,
    /// What was kept on the way.
    pub(super) way: Way,
}

impl Entry {
    /// Opens the way. Before the window opens and after it closes there is a page that says so, unless something is there
    /// that may still be supplemented or, its position cancelled, moved.
    pub(super) async fn open(me: &Me, app: &App, exam: &str) -> Result<Self, PageError> {
        let entry = Self::look(me, app, exam).await?;
        if !entry.is_open(me) {
            return Err(entry.closed(me).into());
        }
        Ok(entry)
    }

    /// The same without asking for the window.
    pub(super) async fn look(me: &Me, app: &App, exam: &str) -> Result<Self, PageError> {
        let exam = exam::shown(&me.ctx, exam).await.map_err(problem)?;
        let there = application::living(&me.ctx, &exam).await.map_err(problem)?;
        let way = Way::load(&me.ctx, exam.public_id())
            .await
            .map_err(problem)?;
        let mut entry = Self { exam, there, way };
        entry.carry_over(app).await.map_err(problem)?;
        Ok(entry)
    }

    /// What is there already stands in for what wasn't chosen anew.
    async fn carry_over(&mut self, app: &App) -> app::Result<()> {
        self.forget_cancelled(app).await?;
        let Some(view) = &self.there else {
            return Ok(());
        };
        if self.way.pick.is_none() {
            self.way.pick = match &view.choice {
                // Out of a cancelled position he has to choose anew.
                Choice::Position { .. } if view.cancelled => None,
                Choice::Position { .. } => exam::positions::table(app, &self.exam)
                    .await?
                    .items()
                    .iter()
                    .find(|item| Some(item.id) == view.row.position_id)
                    .map(|item| Pick::Position(item.public_id.clone())),
                Choice::Professional {
                    level,
                    specialty,
                    subjects,
                } => Some(Pick::Professional(LevelChoice {
                    level: level.clone(),
                    specialty: specialty.clone(),
                    subjects: subjects.clone(),
                    claims_passes: self.claimed_passes(app).await?,
                })),
                Choice::Exam => Some(Pick::Exam),
            };
        }
        // Who supplements has agreed already; who edits goes the whole way again (manual 1.2.2.3, 5).
        if self.way.agreed.is_none() && self.is_returned() {
            self.way.agreed = u32::try_from(view.row.agreement_version)
                .ok()
                .map(|version| Agreed {
                    version,
                    at: Timestamp::from_micros(view.row.agreed_at),
                });
        }
        Ok(())
    }

    /// Whether what was saved says that he passed the subjects that he left out.
    async fn claimed_passes(&self, app: &App) -> app::Result<bool> {
        let Some(view) = &self.there else {
            return Ok(false);
        };
        application::claims_passes(app, &view.row).await
    }

    /// What was picked on the way before its position was cancelled is picked no more.
    async fn forget_cancelled(&mut self, app: &App) -> app::Result<()> {
        let Some(Pick::Position(picked)) = &self.way.pick else {
            return Ok(());
        };
        let table = exam::positions::table(app, &self.exam).await?;
        if let Some(item) = table.get(picked)
            && exam::positions::figures(app, &self.exam)
                .await?
                .of(item.id)
                .cancelled
        {
            self.way.pick = None;
        }
        Ok(())
    }

    /// Whether a reviewer sent it back.
    pub(super) fn is_returned(&self) -> bool {
        self.there
            .as_ref()
            .is_some_and(|view| view.row.review == Review::Returned.code())
    }

    /// Whether he chooses another position because his own was cancelled.
    pub(super) fn reapplies(&self) -> bool {
        self.there
            .as_ref()
            .is_some_and(|view| view.cancelled && matches!(view.state, State::Live(_)))
    }

    /// Until when a position can be chosen: the end of 改报 for whose position was cancelled, else of 网上报名.
    pub(super) fn closes(&self) -> Option<Timestamp> {
        let reapply = self
            .exam
            .window(Phase::Reapply)
            .filter(|_| self.reapplies());
        reapply
            .or_else(|| self.exam.window(Phase::Registration))
            .map(|window| window.close())
    }

    /// Whether the fee is paid already: what is chosen now costs nothing more.
    pub(super) fn has_paid(&self) -> bool {
        self.there
            .as_ref()
            .is_some_and(|view| view.state.tracks().payment == Payment::Paid)
    }

    /// 保存 for the first time, 修改 afterwards, 改报 out of a cancelled position.
    pub(super) fn verb(&self) -> &'static str {
        match &self.there {
            None => "保存",
            Some(_) if self.reapplies() => "改报",
            Some(_) if self.is_returned() => "提交补充材料",
            Some(_) => "修改",
        }
    }

    fn is_open(&self, me: &Me) -> bool {
        let open = self.exam.open_at(me.ctx.at);
        open.registration
            || (self.is_returned() && open.supplement)
            || (self.reapplies() && open.reapply)
    }

    fn closed(&self, me: &Me) -> web::Problem {
        let what = "网上报名";
        let refusal = match self.exam.window(Phase::Registration) {
            Some(window) if window.standing(me.ctx.at) == Standing::Before => {
                Refusal::not_open(what, &window.open().to_chinese_short())
            }
            Some(window) => Refusal::closed(what, &window.close().to_chinese_short()),
            None => Refusal::new(
                "not_open",
                "网上报名时间待定",
                "这项考试还没有公布网上报名时间，请留意公告。",
            ),
        };
        let refusal = if self.there.is_some() {
            refusal.way_out("我的报名信息", "/applications")
        } else {
            refusal.way_out("看看其他考试", "/apply")
        };
        refusal.into()
    }

    /// The address of a page of the way.
    pub(super) fn at(&self, page: &str) -> String {
        format!("/apply/{}{page}", self.exam.public_id())
    }

    /// Whether the agreement that stands now was accepted.
    pub(super) fn has_agreed(&self) -> bool {
        self.way
            .agreed
            .is_some_and(|agreed| agreed.version == self.exam.settings.agreement.version)
    }

    /// Where positions or levels are chosen; `None` for an exam without a choice.
    pub(super) fn choosing(&self, subjects: bool) -> Option<String> {
        if self.exam.has_positions() {
            Some(self.at("/positions"))
        } else if subjects {
            Some(self.at("/level"))
        } else {
            None
        }
    }
}
