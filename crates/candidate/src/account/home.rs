//! The platform's home: what to do next, the person's applications, and what is open behind the door he came through.

use app::photo::PhotoRow;
use domain::application::progress::Next;
use domain::exam::{ExamCategory, Phase};
use domain::profile::{Part, Profile};
use web::{Html, PageResult, Shell};

use crate::application::mine::{Card, card, waits};
use crate::application::words::deadline;
use crate::context::{Me, problem};
use crate::payment;

/// Exams of a list on this page.
const MOST: usize = 6;

#[derive(Debug, askama::Template)]
#[template(path = "account/home.html")]
struct Page {
    shell: Shell,
    name: String,
    category: Option<ExamCategory>,
    todo: Vec<Todo>,
    /// The first of `todo` that isn't done: its button's words and address.
    prepare: Option<(&'static str, &'static str)>,
    cards: Vec<Card>,
    exams: Vec<OpenExam>,
    elsewhere: usize,
}

impl Page {
    /// The button of a card that waits for the candidate, or has something to look at: words and address.
    fn act<'a>(&self, card: &'a Card) -> Option<&'a (&'static str, String)> {
        let view = &card.view;
        let looks = view.scores && view.next == Next::TicketOver;
        let first = card.todo.buttons.first();
        first.filter(|_| looks || waits(view.next))
    }
}

/// One thing to do, with where it stands.
#[derive(Debug)]
struct Todo {
    title: &'static str,
    href: &'static str,
    text: String,
    tag: Tag,
    /// What a button to it says, while it isn't done.
    button: Option<&'static str>,
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
struct OpenExam {
    public_id: String,
    title: String,
    closes: String,
    /// The candidate's application in it, if he has one.
    applied: Option<String>,
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
    let views = app::application::mine(&me.ctx).await.map_err(problem)?;
    let exams = app::exam::shown_list(&me.ctx).await.map_err(problem)?;
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
                .map(|w| deadline(w.close()))
                .unwrap_or_default(),
            applied: views
                .iter()
                .find(|view| view.row.exam_id == exam.id() && view.row.life != "ended")
                .map(|view| view.row.public_id.clone()),
        })
        .collect();
    let elsewhere = open
        .iter()
        .filter(|exam| category.is_some_and(|category| exam.category != category))
        .count();
    let cards = views
        .into_iter()
        .take(MOST)
        .map(|view| card(view, me.ctx.at))
        .collect();
    let todo = vec![of_profile(&stored.profile), of_photo(photo.as_ref())];
    let prepare = todo
        .iter()
        .find_map(|one| one.button.map(|words| (words, one.href)));
    let page = Page {
        shell: payment::counted(&me, me.shell("首页").await).await,
        name: session.name.clone(),
        category,
        todo,
        prepare,
        cards,
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
        button: (!missing.is_empty()).then_some("填写个人信息"),
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
                format!("原因：{}，请重新上传", photo.reason.trim_end_matches('。')),
                Tag::Bad("不通过"),
            ),
            _ => ("审核前可以更换".to_owned(), Tag::Waits("待审核")),
        },
    };
    let wanted = matches!(tag, Tag::Open(_) | Tag::Bad(_));
    Todo {
        title: "照片维护",
        href: "/photo",
        text,
        tag,
        button: wanted.then_some("上传照片"),
    }
}
