//! The papers of rooms: what they say reads back, codes are read from paper, and every kind holds the longest names.

#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use std::io::Write as _;
use std::process::{Command, Stdio};

use documents::room::{self, Bag, Photos, RoomPaper, Row, SeatLine, TablePaper};
use documents::{DocumentError, Engine, Field, Fonts, Imprint, MOST_PICTURES, Pdf, Templates};
use domain::arrangement::{PaperKind as Kind, Pattern};
use domain::time::Timestamp;

const PORTRAIT: &[u8] = include_bytes!("fixtures/portrait.jpg");
const EXAM: &str = "2026年云溪县事业单位公开招聘工作人员笔试";
/// Sixty characters, as the longest name that an account may have.
const LONGEST: &str = "阿卜杜热合曼·麦麦提图尔荪·穆罕默德·阿卜杜拉·热合木图拉·买买提明·吐尔逊江·艾尼瓦尔·库尔班江·依不拉音·托合提";
/// Characters of the rare ranges: both are in the subset fonts, and are read back.
const RARE: [&str; 6] = ["欧阳喆䶮旻𬭊㛃", "林一舟", "何𬭊", "龙䶮", "张㛃", "赵喆旻"];

fn engine() -> Engine {
    Engine::new(Fonts::system().unwrap(), Templates::built_in())
}

fn imprint() -> Imprint {
    Imprint::new("T8Q2K", Timestamp::from_seconds(1_775_000_000))
}

/// What a machine's tool makes of a PDF; `None` where the machine has no such tool.
fn through(program: &str, arguments: &[&str], pdf: &Pdf) -> Option<String> {
    let mut child = Command::new(program)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .ok()?;
    child.stdin.take().unwrap().write_all(&pdf.bytes).unwrap();
    let output = child.wait_with_output().unwrap();
    Some(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// The text without what a line break in a narrow box puts into it.
fn text_of(pdf: &Pdf) -> Option<String> {
    let text = through("pdftotext", &["-raw", "-", "-"], pdf)?;
    Some(text.split_whitespace().collect())
}

/// What the codes on the first page say, one a line.
fn codes_of(pdf: &Pdf, dots_per_inch: &str) -> Option<Vec<String>> {
    let folder = tempfile::tempdir().unwrap();
    let (file, page) = (folder.path().join("page.pdf"), folder.path().join("page"));
    std::fs::write(&file, &pdf.bytes).unwrap();
    let drawn = Command::new("pdftoppm")
        .args(["-r", dots_per_inch, "-gray", "-png", "-singlefile"])
        .args([&file, &page])
        .status()
        .ok()?;
    assert!(drawn.success());
    let output = Command::new("zbarimg")
        .args(["--quiet", "--raw"])
        .arg(page.with_extension("png"))
        .output()
        .ok()?;
    let text = String::from_utf8_lossy(&output.stdout);
    Some(text.lines().map(str::to_owned).collect())
}

/// Keeps the file, and its pages in grey as a printer draws them.
fn keep(name: &str, pdf: &Pdf) {
    if let Some(folder) = std::env::var_os("BAOKAO_PAPERS") {
        let path = std::path::Path::new(&folder).join(name);
        let file = path.with_extension("pdf");
        std::fs::write(&file, &pdf.bytes).unwrap();
        let _ = Command::new("pdftoppm")
            .args(["-r", "60", "-gray", "-png", "-l", "3"])
            .args([&file, &path])
            .status();
    }
}

fn line(room: u32, seat: u32) -> SeatLine {
    let name = match seat {
        7 => LONGEST,
        9 => "Alexandrina Konstantinopoulou-Montgomery de la Vega Cruz III",
        seat => RARE[usize::try_from(seat).unwrap() % RARE.len()],
    };
    SeatLine {
        seat,
        ticket_no: format!("260307{room:03}{seat:02}"),
        name: name.to_owned(),
        id_number: "431***************".to_owned(),
        choice: "云溪县图书馆 古籍整理".to_owned(),
        photo: Some(usize::try_from(seat).unwrap() % 5),
    }
}

fn of(number: u32, people: u32, pattern: Pattern) -> RoomPaper {
    RoomPaper {
        exam: EXAM.into(),
        session: "第 1 场 职业能力倾向测验 2026年4月12日（周日）9:00–10:30\n第 2 场 综合应用能力 2026年4月12日（周日）10:40–12:40".into(),
        subjects: vec!["职业能力倾向测验".into(), "综合应用能力".into()],
        site: "云溪县第一中学".into(),
        place: "教学楼 301 云溪县城关镇文昌路 18 号（南门进）".into(),
        room: format!("{number:03}"),
        desks: 30,
        pattern,
        // A seat in the middle is free, as after an adjustment by hand.
        seats: (1..=people).filter(|seat| *seat != 12).map(|seat| line(number, seat)).collect(),
    }
}

fn photos() -> Photos {
    Photos(vec![PORTRAIT.to_vec(); 5])
}

fn set(kind: Kind, rooms: &[RoomPaper], name: &str) -> Pdf {
    let pdf = room::render(&engine(), kind, rooms, Some(&photos()), &imprint()).unwrap();
    keep(name, &pdf);
    pdf
}

/// Everybody's name and number stand on the paper.
fn says_everybody(pdf: &Pdf, rooms: &[RoomPaper]) {
    let Some(text) = text_of(pdf) else { return };
    for room in rooms {
        assert!(text.contains(&format!("第{}考场", room.room)), "{text}");
        for line in &room.seats {
            let name: String = line.name.split_whitespace().collect();
            assert!(text.contains(&name), "{name} in {text}");
            assert!(text.contains(&line.ticket_no), "{}", line.ticket_no);
        }
    }
}

#[test]
fn every_paper_of_a_room_says_who_sits_there() {
    let rooms = [of(1, 30, Pattern::default()), of(2, 29, Pattern::default())];
    for (kind, pages) in [
        (Kind::Door, 2),
        (Kind::Chart, 2),
        (Kind::SignIn, 2),
        (Kind::Record, 2),
        // 57 stickers, 24 on a page.
        (Kind::Label, 3),
    ] {
        let pdf = set(kind, &rooms, kind.code());
        assert_eq!(pdf.pages, pages, "{kind:?}");
        says_everybody(&pdf, &rooms);
        let again = room::render(&engine(), kind, &rooms, Some(&photos()), &imprint()).unwrap();
        assert!(pdf == again, "the same input gives the same bytes");
    }
}

#[test]
fn other_desks_and_larger_rooms_fit_as_well() {
    let five = [of(3, 30, Pattern::five_by_six())];
    assert_eq!(set(Kind::Chart, &five, "chart-5x6").pages, 1);
    let wide = Pattern {
        columns: vec![12; 8],
        snake: true,
    };
    let mut large = of(4, 96, wide);
    large.desks = 100;
    for kind in [Kind::Chart, Kind::Door, Kind::SignIn, Kind::Record] {
        let pdf = set(
            kind,
            std::slice::from_ref(&large),
            &format!("{}-large", kind.code()),
        );
        says_everybody(&pdf, std::slice::from_ref(&large));
        assert!(pdf.pages <= 4, "{kind:?} {}", pdf.pages);
    }
    let small = [of(5, 3, Pattern::default())];
    for kind in [Kind::Chart, Kind::Door, Kind::SignIn, Kind::Record] {
        assert_eq!(
            set(kind, &small, &format!("{}-small", kind.code())).pages,
            1
        );
    }
}

#[test]
fn without_photos_nothing_is_left_open_for_them() {
    let rooms = [of(1, 30, Pattern::default())];
    for kind in [Kind::Chart, Kind::SignIn] {
        let pdf = room::render(&engine(), kind, &rooms, None, &imprint()).unwrap();
        keep(&format!("{}-plain", kind.code()), &pdf);
        assert_eq!(pdf.pages, 1);
        says_everybody(&pdf, &rooms);
    }
}

#[test]
fn a_mark_says_that_it_is_a_rehearsal() {
    let mut rooms = [of(1, 30, Pattern::default())];
    rooms[0].exam = domain::rehearsal::titled(EXAM, true);
    for kind in [
        Kind::Door,
        Kind::Chart,
        Kind::SignIn,
        Kind::Label,
        Kind::Record,
    ] {
        let pdf = set(kind, &rooms, &format!("{}-rehearsal", kind.code()));
        if let Some(text) = text_of(&pdf) {
            let mark: String = domain::rehearsal::PAPER.split_whitespace().collect();
            assert!(text.contains(&mark), "{kind:?} {text}");
        }
    }
}

#[test]
fn the_code_of_each_sticker_is_read_from_a_coarse_print() {
    let pdf = set(Kind::Label, &[of(1, 24, Pattern::default())], "label-codes");
    if let Some(codes) = codes_of(&pdf, "150") {
        for seat in (1..=24).filter(|seat| *seat != 12) {
            let number = line(1, seat).ticket_no;
            assert!(codes.contains(&number), "{number} in {codes:?}");
        }
    }
}

fn a_bag(number: u32, people: u32) -> Bag {
    Bag {
        exam: EXAM.into(),
        session: "第 1 场 2026年4月12日（周日）9:00–10:30".into(),
        subject: "职业能力倾向测验（综合管理类 A 类）".into(),
        site: "云溪县第一中学".into(),
        place: "教学楼 301".into(),
        room: format!("{number:03}"),
        spare: number % 3,
        seats: (1..=people)
            .map(|seat| (seat, format!("260307{number:03}{seat:02}")))
            .collect(),
        code: format!("E26/1/{number}/A01/{people}"),
    }
}

#[test]
fn two_bags_stand_on_a_page_with_their_codes() {
    let list = [a_bag(1, 30), a_bag(2, 28), a_bag(3, 96)];
    let pdf = room::bags(&engine(), &list, &imprint()).unwrap();
    keep("bag", &pdf);
    assert_eq!(pdf.pages, 2);
    if let Some(text) = text_of(&pdf) {
        for part in [
            "职业能力倾向测验（综合管理类A类）",
            "26030700101—26030700130",
            "教学楼301",
            "备用份数",
        ] {
            assert!(text.contains(part), "{part} in {text}");
        }
    }
    if let Some(codes) = codes_of(&pdf, "150") {
        assert!(codes.contains(&"E26/1/1/A01/30".to_owned()), "{codes:?}");
        assert!(codes.contains(&"E26/1/2/A01/28".to_owned()), "{codes:?}");
    }
    assert!(matches!(
        room::bags(&engine(), &[], &imprint()),
        Err(DocumentError::Empty)
    ));
}

#[test]
fn a_long_table_has_its_titles_on_every_page() {
    let row = |n: u32| {
        Row::of(vec![
            format!("{n:03}"),
            "教学楼 301".into(),
            "1".into(),
            "职业能力倾向测验".into(),
            format!("260307{n:03}01\n260307{n:03}30"),
            "30".into(),
        ])
    };
    let mut rows: Vec<Row> = (1..=70).map(row).collect();
    rows.push(Row::sum(
        ["合计", "70 个考场", "", "", "", "2100"]
            .map(str::to_owned)
            .to_vec(),
    ));
    let paper = TablePaper {
        heading: "考场分布总表".into(),
        exam: EXAM.into(),
        fields: vec![
            Field::new("考点", "01 云溪县第一中学"),
            Field::new("地址", "文昌路 18 号"),
        ],
        columns: [
            ("考场", 2),
            ("地点", 4),
            ("场次", 2),
            ("科目", 5),
            ("准考证号", 4),
            ("人数", 2),
        ]
        .map(|(title, width)| (title.to_owned(), width))
        .to_vec(),
        rows,
        row_height: 0,
        notes: vec!["人数按科目计。".into()],
        signatures: vec!["制表".into(), "复核".into()],
        footer: "第 2 版编排".into(),
    };
    let pdf = room::table(&engine(), &paper, &imprint()).unwrap();
    keep("overview", &pdf);
    assert!(pdf.pages >= 2);
    if let Some(text) = text_of(&pdf) {
        assert_eq!(text.matches("准考证号").count(), pdf.pages);
        assert!(
            text.contains("26030707030") && text.contains("合计70个考场2100"),
            "{text}"
        );
    }
    let staff = TablePaper {
        heading: "监考名册".into(),
        columns: [
            ("考场", 2),
            ("场次", 2),
            ("监考员一", 4),
            ("签名", 3),
            ("监考员二", 4),
            ("签名", 3),
        ]
        .map(|(title, width)| (title.to_owned(), width))
        .to_vec(),
        rows: (1..=30)
            .map(|n| {
                Row::of(vec![
                    format!("{n:03}"),
                    "1".into(),
                    "何𬭊\n云溪县第二中学".into(),
                    String::new(),
                    "龙䶮\n云溪县实验小学".into(),
                    String::new(),
                ])
            })
            .collect(),
        row_height: 90,
        ..paper.clone()
    };
    let pdf = room::table(&engine(), &staff, &imprint()).unwrap();
    keep("staff", &pdf);
    if let Some(text) = text_of(&pdf) {
        assert_eq!(text.matches("何𬭊").count(), 30, "{text}");
    }
    let mut ragged = paper;
    ragged.rows.push(Row::of(vec!["1".into()]));
    assert!(room::table(&engine(), &ragged, &imprint()).is_err());
}

#[test]
fn what_no_file_may_hold_is_refused() {
    let engine = engine();
    let render = |kind, rooms: &[RoomPaper], photos: Option<&Photos>| {
        room::render(&engine, kind, rooms, photos, &imprint())
    };
    assert!(matches!(
        render(Kind::Door, &[], None),
        Err(DocumentError::Empty)
    ));
    let one = of(1, 3, Pattern::default());
    assert!(matches!(
        render(Kind::Staff, std::slice::from_ref(&one), None),
        Err(DocumentError::Empty)
    ));
    let many = vec![one.clone(); 51];
    let refused = render(Kind::Door, &many, None);
    assert!(matches!(
        refused,
        Err(DocumentError::BatchTooBig {
            given: 51,
            most: 50
        })
    ));
    let crowd = Photos(vec![PORTRAIT.to_vec(); MOST_PICTURES + 1]);
    let refused = render(Kind::Chart, std::slice::from_ref(&one), Some(&crowd));
    assert!(matches!(refused, Err(DocumentError::BatchTooBig { .. })));
    let wrong = Photos(vec![b"<svg/>".to_vec()]);
    assert!(matches!(
        render(Kind::Chart, std::slice::from_ref(&one), Some(&wrong)),
        Err(DocumentError::Photo)
    ));
    // A number that no bar code holds is printed without one.
    let mut odd = one;
    odd.seats[0].ticket_no = "云准26001".into();
    let pdf = render(Kind::Label, &[odd], None).unwrap();
    assert!(text_of(&pdf).is_none_or(|text| text.contains("云准26001")));
}
