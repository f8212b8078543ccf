//! The platform's home: what to do next, the person's applications, and what is open behind the door he came through.

use app::photo::PhotoRow;
use domain::exam::{ExamCategory, Phase};
use domain::profile::{Part, Profile};
use web::{Html, PageResult, Shell};

use crate::context::{Me, problem};

/// Exams of a list on this page.
const MOST: usize = 6;

#[derive(Debug, askama::Template)]
#[template(path = "account/home.html")]
struct Page {
    shell: Shell,
    name: String,
    category: Option<ExamCategory>,
    todo: Vec<Todo>,
    applications: Vec<Application>,
    exams: Vec<OpenExam>,
    elsewhere: usize,
}

/// One thing to do, with where it stands.
#[derive(Debug)]
struct Todo {
    title: &'static str,
    href: &'static str,
    text: String,
    tag: Tag,
}

/// How a status looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Tag {
    Done(&'static str),
    Waits(&'static str),
    Bad(&'static str),
    Open(&'static str),
}

impl Tag {
    fn class(self) -> &'static str {
        match self {
            Self::Done(_) => "bk-tag--ok",
            Self::Waits(_) => "bk-tag--wait",
            Self::Bad(_) => "bk-tag--bad",
            Self::Open(_) => "bk-tag--info",
        }
    }

    fn icon(self) -> web::icon::Icon {
        match self {
            Self::Done(_) => web::icon::CHECK,
            Self::Waits(_) => web::icon::CLOCK,
            Self::Bad(_) => web::icon::WARN,
            Self::Open(_) => web::icon::PAPER,
        }
    }

    fn text(self) -> &'static str {
        match self {
            Self::Done(text) | Self::Waits(text) | Self::Bad(text) | Self::Open(text) => text,
        }
    }
}

#[derive(Debug)]
struct Application {
    public_id: String,
    exam: String,
    registration_no: String,
    submitted: String,
    ended: bool,
}

#[derive(Debug)]
struct OpenExam {
    public_id: String,
    title: String,
    closes: String,
}

/// The page.
pub(super) async fn page(me: Me) -> PageResult {
    let app = &me.ctx.app;
    let session = me.session()?;
    let category = super::access::door(&session.door);
    let stored = app::profile::find(app, me.account_id())
        .await
        .map_err(problem)?;
    let photo = app::photo::current(app, me.account_id())
        .await
        .map_err(problem)?;
    let applications = app::account::applications(&me.ctx).await.map_err(problem)?;
    let exams = app::exam::public_list(app).await.map_err(problem)?;
    let open: Vec<_> = exams
        .iter()
        .filter(|exam| exam.is_open(Phase::Registration, me.ctx.at))
        .collect();
    let here: Vec<OpenExam> = open
        .iter()
        .filter(|exam| category.is_none_or(|category| exam.category == category))
        .take(MOST)
        .map(|exam| OpenExam {
            public_id: exam.public_id().to_owned(),
            title: exam.title().to_owned(),
            closes: exam
                .window(Phase::Registration)
                .map(|w| w.close().to_chinese_short())
                .unwrap_or_default(),
        })
        .collect();
    let elsewhere = open
        .iter()
        .filter(|exam| category.is_some_and(|category| exam.category != category))
        .count();
    let applications: Vec<Application> = applications
        .into_iter()
        .take(MOST)
        .map(|row| Application {
            public_id: row.public_id,
            exam: row.exam,
            registration_no: row.registration_no,
            submitted: domain::time::Timestamp::from_micros(row.submitted_at).to_chinese_minute(),
            ended: row.life == "ended",
        })
        .collect();
    let page = Page {
        shell: me.shell("首页").await,
        name: session.name.clone(),
        category,
        todo: vec![of_profile(&stored.profile), of_photo(photo.as_ref())],
        applications,
        exams: here,
        elsewhere,
    };
    Ok(Html::new(page).into())
}

fn of_profile(profile: &Profile) -> Todo {
    let missing = profile.missing(Part::ALL);
    let names: Vec<&str> = missing.iter().map(|part| part.label()).collect();
    let (text, tag) = if missing.is_empty() {
        (
            "有变化时请及时修改，报名时按最新的信息填入".to_owned(),
            Tag::Done("已填写"),
        )
    } else if missing.len() == Part::ALL.len() {
        (
            "学历、简历、家庭成员等，填写一次，所有报名通用".to_owned(),
            Tag::Open("未填写"),
        )
    } else {
        (format!("还有：{}", names.join("、")), Tag::Waits("未填完"))
    };
    Todo {
        title: "个人信息修改",
        href: "/profile",
        text,
        tag,
    }
}

fn of_photo(photo: Option<&PhotoRow>) -> Todo {
    let (text, tag) = match photo {
        None => (
            "本人近期免冠正面证件照，用于报名档案和准考证".to_owned(),
            Tag::Open("未上传"),
        ),
        Some(photo) => match photo.state.as_str() {
            "approved" => ("照片可以使用".to_owned(), Tag::Done("通过")),
            "rejected" => (
                format!("原因：{}，请重新上传", photo.reason),
                Tag::Bad("不通过"),
            ),
            _ => ("审核前可以更换".to_owned(), Tag::Waits("待审核")),
        },
    };
    Todo {
        title: "照片维护",
        href: "/photo",
        text,
        tag,
    }
}
