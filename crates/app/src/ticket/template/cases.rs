//! The tickets that a template is tried on: made-up people at the edges of what a ticket holds.

use std::sync::LazyLock;

use documents::ticket as document;
use domain::ticket::pass::{Pass, Unfit, groups};
use domain::ticket::{SessionLine, TicketContent};

use crate::exam::Exam;

/// Nobody's portrait.
static PHOTO: LazyLock<Vec<u8>> = LazyLock::new(|| imaging::drawn::portrait(1));

/// A made-up ticket.
#[derive(Debug, Clone)]
pub struct Case {
    /// What URLs carry.
    pub code: &'static str,
    /// What people read.
    pub name: &'static str,
    pub(super) ticket: document::Ticket,
}

/// What is peculiar about a case.
struct Person {
    code: &'static str,
    case: &'static str,
    name: &'static str,
    id: (&'static str, &'static str),
    sessions: u32,
    photo: bool,
}

const CARD: (&str, &str) = ("居民身份证", "430000200001010017");

/// Room and seat of a session: numbers that stand nowhere else on the page, not even in parts.
const fn seat(session: u32) -> (u32, u32) {
    (760 + session, 90 + session)
}

const PEOPLE: [Person; 6] = [
    Person {
        code: "usual",
        case: "普通",
        name: "林一舟",
        id: CARD,
        sessions: 2,
        photo: true,
    },
    Person {
        code: "short",
        case: "单场、两字姓名",
        name: "丁一",
        id: CARD,
        sessions: 1,
        photo: true,
    },
    Person {
        code: "rare",
        case: "生僻字姓名",
        name: "欧阳喆䶮旻𬭊㛃",
        id: CARD,
        sessions: 2,
        photo: true,
    },
    Person {
        code: "long",
        case: "最长姓名、外国人证件",
        name: "Maximiliana Konstantinopolskaya-Alexandra",
        id: ("外国人永久居留身份证", "931430199001010015"),
        sessions: 2,
        photo: true,
    },
    Person {
        code: "sessions",
        case: "六场考试",
        name: "阿不都热依木·买买提",
        id: CARD,
        sessions: 6,
        photo: true,
    },
    Person {
        code: "no_photo",
        case: "没有照片",
        name: "林一舟",
        id: CARD,
        sessions: 2,
        photo: false,
    },
];

/// All cases with the exam's own title, notice and number. The long notice and the rehearsal are cases of their own.
pub(super) fn all(exam: &Exam) -> Vec<Case> {
    let mut cases: Vec<Case> = PEOPLE.iter().map(|one| case(exam, one)).collect();
    let [usual, ..] = &PEOPLE;
    let mut long = case(exam, usual);
    (long.code, long.name) = ("notice", "最长的考生须知");
    long.ticket.content.notice = (1..=10)
        .map(|at| {
            format!(
                "第{at}条　请携带准考证和有效居民身份证原件入场，开考 30 分钟后不得入场；\
                 手机、智能手表等设备须关机并放在指定位置。"
            )
        })
        .collect();
    cases.push(long);
    let mut more = case(exam, usual);
    (more.code, more.name) = ("more_time", "合理便利、考点地址很长");
    more.ticket.content.address =
        "云溪县城关镇文昌路 18 号附 2 号云溪县第一中学南校区 3 号教学楼一层（南门进，有坡道）"
            .to_owned();
    for line in &mut more.ticket.content.sessions {
        line.time = "9:00–11:15（延长 30 分钟）".to_owned();
    }
    cases.push(more);
    let mut rehearsal = case(exam, usual);
    (rehearsal.code, rehearsal.name) = ("rehearsal", "演练");
    let content = &mut rehearsal.ticket.content;
    content.exam = domain::rehearsal::titled(domain::rehearsal::untitled(&content.exam), true);
    cases.push(rehearsal);
    cases
}

fn case(exam: &Exam, one: &Person) -> Case {
    let number: String = "20260101200308021512"
        .chars()
        .take(exam.settings.ticket.width())
        .collect();
    let sessions = (1..=one.sessions).map(|session| {
        let (room, seat) = seat(session);
        SessionLine {
            subject: format!("职业能力倾向测验（{session}）"),
            date: format!("2026年4月{}日（周日）", 10 + session),
            time: "9:00–10:30".to_owned(),
            room: room.to_string(),
            seat: seat.to_string(),
        }
    });
    let notice = &exam.settings.notices.ticket;
    let content = TicketContent {
        exam: exam.title().to_owned(),
        ticket_no_grouped: exam.settings.ticket.grouped(&number),
        name: one.name.to_owned(),
        sex: "女".to_owned(),
        id_type: one.id.0.to_owned(),
        id_number: one.id.1.to_owned(),
        choice: vec![
            ("报考单位".to_owned(), "云溪县图书馆".to_owned()),
            (
                "报考岗位".to_owned(),
                "古籍整理（岗位代码 0107）".to_owned(),
            ),
        ],
        site: "云溪县第一中学".to_owned(),
        address: "云溪县城关镇文昌路 18 号".to_owned(),
        sessions: sessions.collect(),
        // Six sessions take the room of the notice.
        notice: match (notice.is_empty(), one.sessions) {
            (false, 1..=3) => notice.clone(),
            _ => vec!["请携带准考证和有效居民身份证原件入场。".to_owned()],
        },
        issuer: exam.settings.organizer.clone(),
        ticket_no: number,
    };
    let ticket = document::Ticket {
        verify: code(one, &content).unwrap_or_else(|_| "样张".to_owned()),
        footer: "编排第 97 版".to_owned(),
        photo: one.photo.then(|| PHOTO.clone()),
        content,
    };
    Case {
        code: one.code,
        name: one.case,
        ticket,
    }
}

/// A code as large as a real one's, good nowhere.
fn code(one: &Person, content: &TicketContent) -> Result<String, Unfit> {
    let seats = (1..=one.sessions).map(|session| {
        let (room, seat) = seat(session);
        (i64::from(session), i64::from(room), i64::from(seat))
    });
    Pass {
        exam: 0,
        plan: 97,
        expires: 0,
        ticket_no: content.ticket_no.clone(),
        seats: groups(seats)?,
        name: content.name.clone(),
    }
    .specimen()
}
