//! What papers cost: a ticket, seat charts and sign-in sheets with photos, stickers, a room's tickets bound into one file.
//!
//! The run that makes a city's papers takes a step of ten rooms with photos, or twenty without, at a time; these are its figures.
//! `cargo bench -p documents` (`make bench` with the rest).
#![allow(
    clippy::unwrap_used,
    reason = "a benchmark fails at once and tells what it saw"
)]

use std::hint::black_box;

use criterion::Criterion;
use documents::room::{self, Photos, RoomPaper, SeatLine};
use documents::{Engine, Fonts, Imprint, Templates, ticket};
use domain::arrangement::{PaperKind, Pattern};
use domain::ticket::{SessionLine, TicketContent};
use domain::time::Timestamp;

const PORTRAIT: &[u8] = include_bytes!("../tests/fixtures/portrait.jpg");
const EXAM: &str = "2026年云溪县事业单位公开招聘工作人员笔试";

fn imprint() -> Imprint {
    Imprint::new("bench", Timestamp::from_seconds(1_775_000_000))
}

fn a_ticket(number: u32) -> ticket::Ticket {
    ticket::Ticket {
        content: TicketContent {
            exam: EXAM.into(),
            ticket_no: format!("26030701{number:03}"),
            ticket_no_grouped: format!("26 03 07 01 {number:03}"),
            name: "林一舟".into(),
            sex: "女".into(),
            id_type: "居民身份证".into(),
            id_number: "431000199001010027".into(),
            choice: vec![("报考单位".into(), "云溪县图书馆".into())],
            site: "云溪县第一中学".into(),
            address: "云溪县城关镇文昌路 18 号（南门进）".into(),
            sessions: vec![SessionLine {
                subject: "职业能力倾向测验".into(),
                date: "2026年4月12日（周日）".into(),
                time: "9:00–10:30".into(),
                room: "012".into(),
                seat: "18".into(),
            }],
            notice: vec!["开考 30 分钟后不得入场。".into(); 8],
            issuer: "云溪县人事考试中心".into(),
        },
        photo: Some(PORTRAIT.to_vec()),
        verify: format!("准考证号 {number}"),
        footer: "编排第 1 版".into(),
    }
}

/// A room of thirty; nobody shares a picture with anybody of the same file.
fn a_room(number: u32) -> RoomPaper {
    let line = |seat: u32| SeatLine {
        seat,
        ticket_no: format!("260307{number:03}{seat:02}"),
        name: "林一舟".into(),
        id_number: "431***************".into(),
        choice: "云溪县图书馆 古籍整理".into(),
        photo: usize::try_from((number - 1) * 30 + seat - 1).ok(),
    };
    RoomPaper {
        exam: EXAM.into(),
        session: "第 1 场 职业能力倾向测验 2026年4月12日（周日）9:00–10:30".into(),
        subjects: vec!["职业能力倾向测验".into()],
        site: "云溪县第一中学".into(),
        place: "教学楼 301".into(),
        room: format!("{number:03}"),
        desks: 30,
        pattern: Pattern::default(),
        seats: (1..=30).map(line).collect(),
    }
}

/// As many photos as some rooms have people, each a file of its own: a comment with its number makes it another one.
fn photos(rooms: u32) -> Photos {
    let own = |number: u32| {
        let mut file = PORTRAIT.get(..2).unwrap_or_default().to_vec();
        file.extend([0xff, 0xfe, 0, 6]);
        file.extend(number.to_be_bytes());
        file.extend_from_slice(PORTRAIT.get(2..).unwrap_or_default());
        file
    };
    Photos((0..rooms * 30).map(own).collect())
}

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    let engine = Engine::new(Fonts::embedded().unwrap(), Templates::built_in());
    let mut group = criterion.benchmark_group("papers");
    group.sample_size(10);
    group.bench_function("ticket", |b| {
        let mut number = 0;
        b.iter(|| {
            number = (number + 1) % 1_000;
            black_box(ticket::render(&engine, &a_ticket(number), &imprint()).unwrap())
        });
    });
    for (rooms, name) in [(1, "room"), (10, "ten_rooms")] {
        let (set, photos) = ((1..=rooms).map(a_room).collect::<Vec<_>>(), photos(rooms));
        for kind in [PaperKind::Chart, PaperKind::SignIn] {
            group.bench_function(format!("{}_photos/{name}", kind.code()), |b| {
                let render = || room::render(&engine, kind, &set, Some(&photos), &imprint());
                b.iter(|| black_box(render().unwrap()));
            });
        }
    }
    let twenty: Vec<RoomPaper> = (1..=20).map(a_room).collect();
    for kind in [PaperKind::Door, PaperKind::Label, PaperKind::Record] {
        group.bench_function(format!("{}/twenty_rooms", kind.code()), |b| {
            let render = || room::render(&engine, kind, &twenty, None, &imprint());
            b.iter(|| black_box(render().unwrap()));
        });
    }
    let pages: Vec<_> = (1..=30)
        .map(|number| ticket::render(&engine, &a_ticket(number), &imprint()).unwrap())
        .collect();
    group.bench_function("tickets_bound/room", |b| {
        b.iter(|| black_box(room::bind(&engine, EXAM, &pages, &imprint()).unwrap()));
    });
    group.finish();
    criterion.final_summary();
}
