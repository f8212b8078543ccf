//! What the demonstration is made with: the application under a turned clock, its staff, channels that take the money.

use std::sync::Arc;

use anyhow::Context as _;
use app::account::challenge::Solved;
use app::account::session;
use app::staff::{self, NewStaff, StaffLogin};
use app::{Actor, App, Ctx, StaffActor};
use domain::staff::Role;
use domain::time::Timestamp;
use simulators::Trio;
use vault::Secret;

use super::accounts::{STAFF_PASSWORD, Staff};
use super::clock::{Days, TurnedClock};
use super::code::code;

/// The staff of the demonstration: username, name, roles.
const STAFF: [(&str, &str, &[Role]); 13] = [
    ("xitong", "系统管理员", &[Role::SysAdmin]),
    ("anquan", "安全管理员", &[Role::SecurityAdmin]),
    ("anquan2", "安全管理员（二人复核）", &[Role::SecurityAdmin]),
    ("kaowu", "考务管理员", &[Role::ExamOfficer]),
    ("kaowu2", "考务管理员（二人复核）", &[Role::ExamOfficer]),
    ("zhaopian", "照片审核员", &[Role::PhotoReviewer]),
    ("chushen", "资格初审员", &[Role::FirstReviewer]),
    ("fushen", "资格复审员", &[Role::SecondReviewer]),
    ("caiwu", "财务管理员", &[Role::FinanceOfficer]),
    ("caiwu2", "财务管理员（二人复核）", &[Role::FinanceOfficer]),
    ("chengji", "成绩管理员", &[Role::ScoreOfficer]),
    ("chengji2", "成绩管理员（二人复核）", &[Role::ScoreOfficer]),
    ("shenji", "审计员", &[Role::Auditor]),
];

/// What the demonstration is made with.
#[derive(Debug, Clone)]
pub(super) struct World {
    pub(super) app: App,
    pub(super) clock: Arc<TurnedClock>,
    pub(super) days: Days,
    pub(super) seed: u64,
    pub(super) channels: Trio,
    /// Ids of [`STAFF`], in order.
    staff: Arc<Vec<(String, i64)>>,
}

impl World {
    pub(super) fn new(
        app: App,
        clock: Arc<TurnedClock>,
        days: Days,
        seed: u64,
        channels: Trio,
    ) -> Self {
        Self {
            app,
            clock,
            days,
            seed,
            channels,
            staff: Arc::default(),
        }
    }

    /// A context at an instant.
    pub(super) fn ctx(&self, actor: Actor, at: Timestamp) -> Ctx {
        Ctx {
            app: self.app.clone(),
            actor,
            at,
            request_id: "demo".into(),
            network: "192.0.2.0/24".into(),
            device: "演示数据".into(),
            rehearses: None,
        }
    }

    /// The system, at an instant.
    pub(super) fn system(&self, at: Timestamp) -> Ctx {
        self.ctx(Actor::System, at)
    }

    /// A member of staff, at an instant.
    pub(super) async fn by(&self, username: &str, at: Timestamp) -> anyhow::Result<Ctx> {
        let id = self
            .staff
            .iter()
            .find(|(name, _)| name == username)
            .map(|(_, id)| *id);
        let id = id.with_context(|| format!("没有工作人员 {username}"))?;
        let grants = staff::grants(&self.app, id).await?;
        Ok(self.ctx(Actor::Staff(StaffActor { id, grants }), at))
    }

    /// A captcha that counts as answered.
    pub(super) fn solved(&self, at: Timestamp) -> Solved {
        Solved {
            nonce: self.app.random::<16>().to_vec(),
            expires_at: at.plus_seconds(600),
        }
    }

    /// Makes the staff, each with a second factor.
    pub(super) async fn hire(&mut self, at: Timestamp) -> anyhow::Result<Vec<Staff>> {
        let mut accounts = Vec::new();
        let mut ids = Vec::new();
        for (username, name, roles) in STAFF {
            let new = NewStaff {
                username: username.into(),
                name: name.into(),
                unit: String::new(),
                grants: roles.iter().map(|role| (*role, 0, String::new())).collect(),
                password: Secret::new(STAFF_PASSWORD),
                must_change_password: false,
            };
            let id = staff::create(&self.system(at), new).await?;
            let secret = self.enrol(username, at).await?;
            ids.push((username.to_owned(), id));
            accounts.push(Staff {
                username: username.into(),
                role: name.into(),
                secret,
            });
        }
        self.staff = Arc::new(ids);
        Ok(accounts)
    }

    /// Sets up the second factor as at the first login.
    async fn enrol(&self, username: &str, at: Timestamp) -> anyhow::Result<String> {
        let ctx = self.ctx(Actor::Anonymous, at);
        let login = StaffLogin {
            username: username.into(),
            password: Secret::new(STAFF_PASSWORD),
            captcha: self.solved(at),
        };
        let half = staff::begin(&ctx, login).await?;
        let stored = session::lookup(&self.app, &half.token.expose(), at)
            .await?
            .context("会话")?;
        let offered = staff::enrollment(&ctx, &stored).await?;
        staff::enroll(&ctx, &stored, &offered.sealed, &code(&offered.secret, at)).await?;
        Ok(offered.secret)
    }
}
