//! The exams of the demonstration, each in another phase on the day it is loaded.

use app::Ctx;
use app::exam::import::{confirm, preview, upload};
use app::exam::preset::Preset;
use app::exam::{self, setup};
use domain::exam::settings::Paper;
use domain::exam::{ExamSettings, Phase};
use domain::window::Window;

use super::clock::Days;
use super::tables::{LIMITED, Table};
use super::tuning::{CIVIL_PAPERS, asks, other_ways, ranked};

/// What becomes of the applications of an exam, and how far it has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    /// Being set up; only staff see it.
    Draft,
    /// Published, not open yet.
    Announced,
    /// Registration is open.
    Open,
    /// Registration is over; reviews and payments run.
    Reviewing,
    /// Seats are published, tickets can be printed.
    Tickets,
    /// Scores are out.
    Scored,
}

/// An exam of the demonstration.
#[derive(Debug)]
pub(super) struct Recipe {
    pub(super) code: &'static str,
    title: &'static str,
    preset: Preset,
    table: Table,
    /// What is special about it.
    tune: fn(&mut ExamSettings),
    /// Opening and closing of the registration in days from today.
    registration: (i64, i64),
    /// When it is paid by, in days from today.
    pays_until: i64,
    /// The ticket window in days from today, and the day of the exam.
    ticket: Option<(i64, i64, i64)>,
    /// When scores come out, in days from today.
    score: Option<i64>,
    pub(super) stage: Stage,
    /// How many of a hundred candidates apply here first.
    pub(super) share: u32,
    /// And how many at least.
    pub(super) least: u32,
}

macro_rules! table {
    ($kind:ident, $name:literal) => {
        Table::$kind(
            $name,
            include_bytes!(concat!("../../fixtures/", $name)).as_slice(),
        )
    };
}

/// All of them, oldest first.
pub(super) fn recipes() -> Vec<Recipe> {
    vec![
        Recipe {
            code: "GWY-00",
            title: "南屿市市直机关公开选调工作人员",
            preset: Preset::CivilService,
            table: table!(Fixture, "civil-service.xlsx"),
            tune: ranked,
            registration: (-118, -112),
            pays_until: -108,
            ticket: Some((-90, -84, -83)),
            score: Some(-30),
            stage: Stage::Scored,
            share: 8,
            least: 1,
        },
        Recipe {
            code: "JN-01",
            title: "南屿市机关事业单位工勤技能岗位等级考核",
            preset: Preset::Other,
            table: table!(Subjects, "skills-subjects.xlsx"),
            tune: |_| {},
            registration: (-100, -90),
            pays_until: -88,
            ticket: Some((-70, -64, -63)),
            score: Some(-10),
            stage: Stage::Scored,
            share: 10,
            least: 1,
        },
        Recipe {
            code: "GWY-01",
            title: "南屿市考试录用公务员",
            preset: Preset::CivilService,
            table: table!(Fixture, "civil-service.xlsx"),
            tune: |_| {},
            registration: (-50, -42),
            pays_until: -36,
            ticket: Some((-3, 5, 6)),
            score: Some(60),
            stage: Stage::Tickets,
            share: 18,
            least: 1,
        },
        Recipe {
            code: "ZJ-01",
            title: "南屿市专业技术资格考试",
            preset: Preset::Professional,
            table: table!(Subjects, "professional-subjects.xlsx"),
            tune: other_ways,
            registration: (-14, -2),
            pays_until: 5,
            ticket: Some((20, 26, 27)),
            score: Some(90),
            stage: Stage::Reviewing,
            share: 14,
            least: 1,
        },
        Recipe {
            code: "SY-01",
            title: "南屿市临溪县事业单位公开招聘工作人员",
            preset: Preset::Recruitment,
            table: table!(Fixture, "county-recruitment.xlsx"),
            tune: other_ways,
            registration: (-3, 6),
            pays_until: 9,
            ticket: Some((25, 31, 32)),
            score: Some(75),
            stage: Stage::Open,
            share: 30,
            least: 1,
        },
        Recipe {
            code: "ZJ-02",
            title: "南屿市二级造价工程师职业资格考试",
            preset: Preset::Professional,
            table: table!(Subjects, "professional-subjects.xlsx"),
            tune: super::carried::levels,
            registration: (-2, 8),
            pays_until: 12,
            ticket: Some((38, 44, 45)),
            score: Some(130),
            stage: Stage::Open,
            share: 6,
            least: 1,
        },
        Recipe {
            code: "JY-01",
            title: "南屿市教育局所属学校公开招聘教师",
            preset: Preset::Recruitment,
            table: Table::Limited,
            tune: asks,
            registration: (-2, 7),
            pays_until: 10,
            ticket: Some((30, 36, 37)),
            score: Some(90),
            stage: Stage::Open,
            share: 4,
            least: 4,
        },
        Recipe {
            code: "MS-01",
            title: "南屿市青川县公开招聘急需紧缺专业人才（直接面试）",
            preset: Preset::Interview,
            table: table!(Fixture, "direct-interview.xlsx"),
            tune: |_| {},
            registration: (7, 13),
            pays_until: 13,
            ticket: None,
            score: None,
            stage: Stage::Announced,
            share: 0,
            least: 0,
        },
        Recipe {
            code: "SY-02",
            title: "南屿市城中区事业单位公开招聘工作人员（拟定中）",
            preset: Preset::Recruitment,
            table: table!(Fixture, "county-recruitment.xlsx"),
            tune: |_| {},
            registration: (30, 36),
            pays_until: 40,
            ticket: Some((60, 66, 67)),
            score: Some(110),
            stage: Stage::Draft,
            share: 0,
            least: 0,
        },
    ]
}

impl Recipe {
    /// The title with the year.
    pub(super) fn title(&self, days: Days) -> String {
        format!("{} 年{}", days.0.date().year(), self.title)
    }

    /// When the registration opens and closes, in days from today.
    pub(super) fn registration(&self) -> (i64, i64) {
        self.registration
    }

    /// The day by which it is paid.
    pub(super) fn pays_until(&self) -> i64 {
        self.pays_until
    }

    /// When tickets can be printed, and the day of the exam.
    pub(super) fn ticket(&self) -> Option<(i64, i64, i64)> {
        self.ticket
    }

    /// When scores come out.
    pub(super) fn score(&self) -> Option<i64> {
        self.score
    }

    /// The table that it is made from: name and content.
    pub(super) fn file(&self, days: Days) -> anyhow::Result<(String, Vec<u8>)> {
        let exam_day = self.ticket.map_or(0, |(_, _, day)| day);
        self.table.file(days, exam_day)
    }

    /// The post that is full, with the number of people that it takes.
    pub(super) fn fills(&self) -> Option<(&'static str, usize)> {
        matches!(self.table, Table::Limited).then_some(LIMITED)
    }

    /// The title without the year.
    pub(super) fn short(&self) -> &'static str {
        self.title
    }

    fn settings(&self, days: Days) -> ExamSettings {
        let now = days.at(self.registration.0 - 5, 9);
        let mut settings = self.preset.settings(now);
        settings.organizer = "南屿市人事考试中心".into();
        // Ages are counted to the first day of registration, as notices do; without a day no age can be compared.
        settings.counted_to = Some(days.at(self.registration.0, 9).date());
        settings.notices.contact = "报名咨询：0700-2200000，工作日 9:00—17:00".into();
        let window = |from: i64, to: i64| Window::new(days.at(from, 9), days.at(to, 17)).ok();
        let windows = &mut settings.windows;
        windows.set(
            Phase::Registration,
            window(self.registration.0, self.registration.1),
        );
        if settings.steps.has_review() {
            windows.set(
                Phase::Review,
                window(
                    self.registration.0,
                    (self.pays_until - 1).max(self.registration.1 + 2),
                ),
            );
        }
        if settings.steps.has_payment() {
            windows.set(Phase::Payment, window(self.registration.0, self.pays_until));
        }
        if let Some((from, to, day)) = self.ticket {
            windows.set(Phase::Ticket, window(from, to));
            // The subjects of the skills exam take two days.
            let last = day + i64::from(self.preset == Preset::Other);
            windows.set(Phase::Sitting, window(day, last));
            if self.preset.category() != domain::exam::ExamCategory::ProfessionalQualification
                && self.preset != Preset::Other
            {
                settings.papers = papers(self.preset, days, day);
            }
        }
        if let Some(day) = self.score {
            settings.windows.set(Phase::Score, window(day, day + 180));
        }
        (self.tune)(&mut settings);
        settings
    }

    /// Makes the exam, imports its table, and publishes it unless it stays a draft. Returns the exam's public id.
    pub(super) async fn make(&self, ctx: &Ctx, days: Days) -> anyhow::Result<String> {
        let title = self.title(days);
        let code = format!("{}-{}", self.code, days.0.date().year());
        let keys = (self.preset.category(), code.as_str(), title.as_str());
        let public_id = setup::create_with(ctx, keys, self.settings(days), "演示数据").await?;
        let draft = exam::find(&ctx.app, &public_id).await?;
        let (name, bytes) = self.file(days)?;
        let batch = upload(ctx, &draft, &name, &bytes).await?;
        let read = preview(&ctx.app, &draft, &batch).await?;
        confirm(ctx, &draft, &read.batch).await?;
        if self.stage == Stage::Draft {
            return Ok(public_id);
        }
        let draft = exam::find(&ctx.app, &public_id).await?;
        let check = exam::check(&ctx.app, &draft).await?;
        anyhow::ensure!(check.is_clear(), "{title}：{:?}", check.problems);
        exam::publish(ctx, &public_id).await?;
        Ok(public_id)
    }
}

/// The papers of an exam by post: one in the morning, one in the afternoon.
fn papers(preset: Preset, days: Days, day: i64) -> Vec<Paper> {
    let paper = |code: &str, name: &str, session: u32, from: i64, minutes: i64| Paper {
        class: String::new(),
        code: code.into(),
        name: name.into(),
        session,
        starts_at: days.at(day, from),
        ends_at: days.at(day, from).plus_seconds(minutes * 60),
    };
    let [first, second] = match preset {
        Preset::CivilService => CIVIL_PAPERS,
        _ => ["职业能力倾向测验", "综合应用能力"],
    };
    vec![
        paper("01", first, 1, 9, 120),
        paper("02", second, 2, 14, 150),
    ]
}
