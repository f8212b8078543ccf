//! Exams and candidates that are ready for them, made through the use cases.

use std::collections::BTreeMap;

use app::application::{self, Agreed, Form, Pick};
use app::archive;
use app::exam::{self, import, setup};
use app::{Ctx, profile};
use documents::xlsx::{ColumnSpec, Writer};
use domain::archive::Material;
use domain::exam::question::{Answer, Question, QuestionKind};
use domain::exam::settings::{Agreement, Paper};
use domain::exam::{AskedOf, SeenBy};
use domain::exam::{ExamCategory, ExamSettings, Phase, Windows};
use domain::money::Fen;
use domain::payment::WaiverRules;
use domain::payment::fee::{FeeRule, FeeRules};
use domain::payment::nontax::NontaxRules;
use domain::payment::offline::OfflineRules;
use domain::photo::PhotoSpec;
use domain::profile::{
    BasicForm, EducationForm, FamilyForm, FamilyRowForm, ResumeRowForm, WorkForm,
};
use domain::sheet::Cell;
use domain::staff::Role;
use domain::time::Timestamp;
use domain::window::Window;

use crate::people::{TestCandidate, TestStaff};
use crate::setup::TestApp;

/// A published exam.
#[derive(Debug, Clone)]
pub struct TestExam {
    /// `exam.id`.
    pub id: i64,
    /// What URLs carry.
    pub public_id: String,
    /// Positions in the order of the table: name and public id.
    pub positions: Vec<(String, String)>,
}

impl TestExam {
    /// The public id of a position by its name.
    pub fn position(&self, name: &str) -> &str {
        let found = self.positions.iter().find(|(known, _)| known == name);
        &found.unwrap_or_else(|| panic!("no position {name:?}")).1
    }
}

/// What a candidate saves for a position of an exam with [`test_settings`].
pub fn application_form(ctx: &Ctx, position: &str) -> Form {
    Form {
        pick: Pick::Position(position.to_owned()),
        answers: BTreeMap::from([("adjust".to_owned(), Answer::Text("是".into()))]),
        agreed: Agreed {
            version: 1,
            at: ctx.at,
        },
    }
}

/// A request to archive, with the usual days, whatever is still open.
pub fn archive_request(reason: &str) -> archive::Ask {
    let usual = |one: &Material| (one.code().to_owned(), one.usual_days().to_string());
    archive::Ask {
        reason: reason.to_owned(),
        keep: Material::ALL.iter().map(usual).collect(),
        aware: true,
    }
}

/// Submits for a position; the application's public id.
pub async fn submitted(who: &TestCandidate, exam: &TestExam, position: &str) -> String {
    let ctx = who.ctx();
    let form = application_form(&ctx, exam.position(position));
    application::submit(&ctx, &exam.public_id, &form)
        .await
        .expect("submitted")
        .public_id
}

/// A position of a test exam.
#[derive(Debug, Clone, Default)]
pub struct TestPosition {
    /// 岗位名称.
    pub name: &'static str,
    /// 专业; empty for any.
    pub majors: &'static str,
    /// 工作经历; empty for none.
    pub experience: &'static str,
    /// How many may apply; 0 for any number.
    pub capacity: u32,
    /// 招聘单位; 市图书馆 if empty.
    pub employer: &'static str,
}

fn at(local: &str) -> Timestamp {
    Timestamp::parse_local(local).unwrap_or_else(|| panic!("{local:?} is no time"))
}

/// Windows around [`crate::START`]: registration to 20 March 17:00, review, payment to 23 March 17:00, tickets, sitting, scores.
pub fn test_windows() -> Windows {
    let window = |open, close| Window::new(at(open), at(close)).ok();
    Windows {
        registration: window("2026-03-16 08:00", "2026-03-20 17:00"),
        review: window("2026-03-16 08:00", "2026-03-21 17:00"),
        payment: window("2026-03-16 08:00", "2026-03-23 17:00"),
        ticket: window("2026-04-07 09:00", "2026-04-12 09:00"),
        sitting: window("2026-04-12 09:00", "2026-04-12 17:00"),
        score: window("2026-05-08 10:00", "2026-06-08 10:00"),
        ..Windows::default()
    }
}

/// A recruitment exam's settings: review, then a fee of 100.00, then seats; one question and one upload.
pub fn test_settings() -> ExamSettings {
    ExamSettings {
        year: 2026,
        number: 1,
        organizer: "南屿市人事考试中心".into(),
        windows: test_windows(),
        agreement: Agreement {
            version: 1,
            title: "报考诚信承诺书".into(),
            text: "我填写的信息真实。\n\n我遵守考场规则。".into(),
        },
        fees: FeeRules {
            rule: FeeRule::Flat {
                amount: Fen::new(10_000),
            },
            registration: Fen::ZERO,
            waivers: true,
            waiver: WaiverRules::usual(),
            offline: OfflineRules::default(),
            nontax: NontaxRules::default(),
        },
        papers: vec![Paper {
            class: String::new(),
            code: "11".into(),
            name: "职业能力倾向测验".into(),
            session: 1,
            starts_at: at("2026-04-12 09:00"),
            ends_at: at("2026-04-12 10:30"),
        }],
        questions: vec![
            Question {
                key: "adjust".into(),
                label: "是否服从调剂".into(),
                hint: String::new(),
                required: true,
                kind: QuestionKind::Choice {
                    options: vec!["是".into(), "否".into()],
                    many: false,
                    most: 0,
                },
                asked_of: AskedOf::default(),
                seen_by: SeenBy::All,
            },
            Question {
                key: "proof".into(),
                label: "在职证明".into(),
                hint: String::new(),
                required: false,
                kind: QuestionKind::File {
                    types: vec!["application/pdf".into(), "image/jpeg".into()],
                    max_kb: 1024,
                    max_files: 2,
                },
                asked_of: AskedOf::default(),
                seen_by: SeenBy::All,
            },
        ],
        ..ExamSettings::default()
    }
}

impl TestApp {
    /// A published recruitment exam with [`test_settings`], changed by `tune`, and two positions: `数字资源管理` for any major
    /// and `财务会计` for accountants.
    pub async fn recruitment(&self, tune: impl FnOnce(&mut ExamSettings)) -> TestExam {
        let positions = [
            TestPosition {
                name: "数字资源管理",
                ..TestPosition::default()
            },
            TestPosition {
                name: "财务会计",
                majors: "会计学",
                employer: "市博物馆",
                ..TestPosition::default()
            },
            TestPosition {
                name: "信息系统运维",
                experience: "2年以上工作经历",
                ..TestPosition::default()
            },
        ];
        self.recruitment_with(tune, &positions).await
    }

    /// The same with other positions.
    pub async fn recruitment_with(
        &self,
        tune: impl FnOnce(&mut ExamSettings),
        positions: &[TestPosition],
    ) -> TestExam {
        self.published(tune, positions, None).await
    }

    /// A published rehearsal of the same shape, under this title.
    pub async fn rehearsal(&self, title: &str, tune: impl FnOnce(&mut ExamSettings)) -> TestExam {
        let positions = [
            TestPosition {
                name: "演练岗位甲",
                ..TestPosition::default()
            },
            TestPosition {
                name: "演练岗位乙",
                employer: "市博物馆",
                ..TestPosition::default()
            },
        ];
        self.published(tune, &positions, Some(title)).await
    }

    async fn published(
        &self,
        tune: impl FnOnce(&mut ExamSettings),
        positions: &[TestPosition],
        rehearsal: Option<&str>,
    ) -> TestExam {
        let mut settings = test_settings();
        tune(&mut settings);
        let code = format!("SY{}", self.next_person());
        let ctx = self.system();
        let of = (
            ExamCategory::Recruitment,
            code.as_str(),
            rehearsal.unwrap_or("2026年市直事业单位公开招聘"),
        );
        let public_id = match rehearsal {
            Some(_) => setup::create_rehearsal(&ctx, of, settings, "测试").await,
            None => setup::create_with(&ctx, of, settings, "测试").await,
        };
        let public_id = public_id.expect("an exam");
        let exam = exam::find(&self.app, &public_id).await.expect("the exam");
        let book = self.workbook(positions);
        let batch = import::upload(&ctx, &exam, "岗位表.xlsx", &book)
            .await
            .expect("a table");
        let batch = import::find(&self.app, exam.id(), &batch)
            .await
            .expect("the batch");
        import::confirm(&ctx, &exam, &batch)
            .await
            .expect("confirmed");
        exam::publish(&ctx, &public_id).await.expect("published");
        let exam = exam::find(&self.app, &public_id).await.expect("the exam");
        let table = exam::positions::table(&self.app, &exam)
            .await
            .expect("its positions");
        let positions = table
            .items()
            .iter()
            .map(|item| (item.position.name.clone(), item.public_id.clone()))
            .collect();
        TestExam {
            id: exam.id(),
            public_id,
            positions,
        }
    }

    fn workbook(&self, positions: &[TestPosition]) -> Vec<u8> {
        let titles = [
            "主管部门",
            "招聘单位",
            "岗位名称",
            "岗位代码",
            "招聘人数",
            "学历",
            "专业",
            "工作经历",
            "报名人数上限",
        ];
        let columns: Vec<ColumnSpec> = titles
            .iter()
            .map(|title| ColumnSpec::new(*title, 16.0))
            .collect();
        let mut writer = Writer::new("岗位表", &columns, self.now()).expect("a workbook");
        for (index, position) in positions.iter().enumerate() {
            let or = |text: &str, otherwise: &str| {
                Cell::text(if text.is_empty() { otherwise } else { text })
            };
            let employer = or(position.employer, "市图书馆");
            let cells = [
                employer.clone(),
                employer,
                Cell::text(position.name),
                Cell::text(format!("{:04}", 301 + index)),
                Cell::text("2"),
                Cell::text("本科及以上"),
                or(position.majors, "不限"),
                or(position.experience, "不限"),
                if position.capacity == 0 {
                    Cell::Empty
                } else {
                    Cell::text(position.capacity.to_string())
                },
            ];
            writer.row(&cells).expect("a row");
        }
        writer.finish().expect("a workbook")
    }

    /// Archives a closed exam by two people and has its file made; the answer is who asked and who confirmed.
    pub async fn archived(&self, public_id: &str) -> (TestStaff, TestStaff) {
        let (one, two) = (
            self.staff(&[Role::ExamOfficer]).await,
            self.staff(&[Role::ExamOfficer]).await,
        );
        let ask = archive_request("招聘工作已结束");
        archive::ask(&one.ctx().await, public_id, &ask)
            .await
            .unwrap();
        let word = archive::decide(&two.ctx().await, public_id, true, "").await;
        word.unwrap();
        self.run_jobs().await;
        (one, two)
    }

    /// A candidate with a whole profile and an uploaded photo: an information manager with a bachelor's degree.
    pub async fn ready(&self, name: &str) -> TestCandidate {
        let candidate = self.candidate(name).await;
        self.fill_profile(&candidate).await;
        self.upload_photo(&candidate).await;
        candidate
    }

    /// Fills in every part of a candidate's profile.
    pub async fn fill_profile(&self, candidate: &TestCandidate) {
        let ctx = candidate.ctx();
        let number = &candidate.person.number;
        let odd = number
            .as_bytes()
            .get(16)
            .is_some_and(|digit| digit % 2 == 1);
        let basic = BasicForm {
            sex: if odd { "1" } else { "2" }.into(),
            birth_date: format!("{}-{}-{}", &number[6..10], &number[10..12], &number[12..14]),
            ethnicity: "01".into(),
            political: "13".into(),
            hukou_province: "43".into(),
            hukou_place: "郴州市苏仙区".into(),
            disability: "0".into(),
            ..BasicForm::default()
        };
        profile::save_basic(&ctx, &basic).await.expect("基本信息");
        let education = EducationForm {
            level: "21".into(),
            degree: "412".into(),
            study_mode: "full_time".into(),
            school: "南屿学院".into(),
            major: "信息管理与信息系统".into(),
            graduated_on: "2022年6月".into(),
            ..EducationForm::default()
        };
        profile::save_education(&ctx, None, &education)
            .await
            .expect("学历学位");
        let work = WorkForm {
            occupation: "employed".into(),
            employer: "某软件有限公司".into(),
            job_title: "工程师".into(),
            started_on: "2022年7月".into(),
            work_years: "3".into(),
            address: "南屿市人民路 1 号".into(),
            ..WorkForm::default()
        };
        profile::save_work(&ctx, &work).await.expect("工作与联系");
        let row = |from: &str, to: &str, place: &str, role: &str| ResumeRowForm {
            from: from.into(),
            to: to.into(),
            place: place.into(),
            role: role.into(),
        };
        let resume = [
            row("2015年9月", "2018年6月", "市第一中学", "学生"),
            row("2018年9月", "2022年6月", "南屿学院", "学生"),
            row("2022年7月", "至今", "某软件有限公司", "工程师"),
        ];
        profile::save_resume(&ctx, &resume).await.expect("简历");
        let family = FamilyForm {
            rows: vec![FamilyRowForm {
                relation: "father".into(),
                name: "林大江".into(),
                political: "13".into(),
                unit: "市第二小学".into(),
            }],
            ..FamilyForm::default()
        };
        profile::save_family(&ctx, &family).await.expect("家庭成员");
    }

    /// Uploads a drawn photo for a candidate.
    pub async fn upload_photo(&self, candidate: &TestCandidate) {
        let seed = u64::try_from(candidate.id).unwrap_or(1);
        let photo = imaging::drawn::portrait(seed);
        app::photo::upload(&candidate.ctx(), &photo, &PhotoSpec::default())
            .await
            .expect("a photo");
    }
}

/// The phases of [`test_windows`], for tests that move one.
pub fn moved(settings: &mut ExamSettings, phase: Phase, open: &str, close: &str) {
    settings
        .windows
        .set(phase, Window::new(at(open), at(close)).ok());
}
