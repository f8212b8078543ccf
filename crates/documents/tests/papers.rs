//! Every paper is set once: right number of pages, the same bytes twice, text that reads back.

#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use std::io::Write as _;
use std::process::{Command, Stdio};

use documents::apart::{self, Answer, Request, Want};
use documents::registration_form::{Block, RegistrationForm};
use documents::{DocumentError, Engine, Field, Fonts, Imprint, Pdf, Templates};
use documents::{activation, door_slip, receipt, registration_form, room, score_sheet, ticket};
use domain::money::Fen;
use domain::ticket::pass::{self, Pass};
use domain::ticket::{SessionLine, TicketContent};
use domain::time::Timestamp;

fn engine() -> Engine {
    Engine::new(Fonts::system().unwrap(), Templates::built_in())
}

fn imprint() -> Imprint {
    Imprint::new("T8Q2K", Timestamp::from_seconds(1_775_000_000))
}

/// The text of a PDF, when the machine has poppler's tool.
fn text_of(pdf: &Pdf) -> Option<String> {
    let mut child = Command::new("pdftotext")
        .args(["-layout", "-", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .ok()?;
    child.stdin.take().unwrap().write_all(&pdf.bytes).unwrap();
    let output = child.wait_with_output().unwrap();
    Some(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// What the codes on the page say, read as a phone reads them from paper, when the machine has poppler's and zbar's tools.
fn codes_of(pdf: &Pdf, dots_per_inch: &str) -> Option<String> {
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
    Some(String::from_utf8_lossy(&output.stdout).into_owned())
}

fn keep(name: &str, pdf: &Pdf) {
    if let Some(folder) = std::env::var_os("BAOKAO_PAPERS") {
        std::fs::write(
            std::path::Path::new(&folder).join(format!("{name}.pdf")),
            &pdf.bytes,
        )
        .unwrap();
    }
}

fn a_ticket() -> ticket::Ticket {
    let line = |subject: &str, time: &str| SessionLine {
        subject: subject.into(),
        date: "2026年4月12日（周日）".into(),
        time: time.into(),
        room: "012".into(),
        seat: "18".into(),
    };
    ticket::Ticket {
        content: TicketContent {
            exam: "2026年云溪县事业单位公开招聘工作人员笔试".into(),
            ticket_no: "26030701218".into(),
            ticket_no_grouped: "26 03 07 012 18".into(),
            name: "欧阳喆䶮旻𬭊㛃".into(),
            sex: "女".into(),
            id_type: "居民身份证".into(),
            id_number: "431000199001010027".into(),
            choice: vec![
                ("报考单位".into(), "云溪县图书馆".into()),
                ("报考岗位".into(), "古籍整理（岗位代码 0107）".into()),
            ],
            site: "云溪县第一中学".into(),
            address: "云溪县城关镇文昌路 18 号（南门进）".into(),
            sessions: vec![
                line("职业能力倾向测验", "9:00–10:30"),
                line("综合应用能力", "10:40–12:40"),
            ],
            notice: (1..=10)
                .map(|at| format!("第{at}条 请携带准考证和有效居民身份证原件入场，开考 30 分钟后不得入场；手机、智能手表等设备须关机并放在指定位置。"))
                .collect(),
            issuer: "云溪县人事考试中心".into(),
        },
        photo: None,
        verify: code(),
        footer: "编排第 2 版".into(),
    }
}

/// As long as the code of a real ticket with a long name.
fn code() -> String {
    let pass = Pass {
        exam: i64::MAX,
        plan: 3,
        expires: 29_600_920,
        ticket_no: "26030701218".into(),
        seats: pass::groups([(1, 12, 18), (2, 12, 18)]).unwrap(),
        name: "欧阳喆䶮旻𬭊㛃".into(),
    };
    pass::text(&pass.body([7; 4]).unwrap(), &[0xa7; 64])
}

#[test]
fn a_ticket_is_one_page_and_always_the_same_bytes() {
    let engine = engine();
    let pdf = ticket::render(&engine, &a_ticket(), &imprint()).unwrap();
    keep("ticket", &pdf);
    assert!(pdf.bytes.starts_with(b"%PDF"));
    assert_eq!(pdf.pages, 1);
    let again = ticket::render(
        &Engine::new(Fonts::system().unwrap(), Templates::built_in()),
        &a_ticket(),
        &imprint(),
    )
    .unwrap();
    assert!(pdf == again, "the same input gives the same bytes");
    if let Some(text) = text_of(&pdf) {
        for part in [
            "准考证",
            "䶮",
            "𬭊",
            "㛃",
            "26 03 07 012 18",
            "431000199001010027",
            "综合应用能力",
            "18",
        ] {
            assert!(text.contains(part), "{part} in {text}");
        }
    }
}

#[test]
fn both_codes_of_a_ticket_are_read_from_a_coarse_print() {
    let ticket = a_ticket();
    let pdf = ticket::render(&engine(), &ticket, &imprint()).unwrap();
    // 120 is enough for what is drawn; a phone has a print, its light and its own lens between.
    if let Some(codes) = codes_of(&pdf, "150") {
        for code in [&ticket.verify, &ticket.content.ticket_no] {
            assert!(codes.lines().any(|line| line == code), "{code} in {codes}");
        }
    }
}

#[test]
fn a_notice_that_fits_on_no_page_is_refused_in_words() {
    let mut long = a_ticket();
    long.content.notice = vec!["考生须知".repeat(900); 5];
    let refused = ticket::render(&engine(), &long, &imprint()).unwrap_err();
    assert_eq!(
        refused.to_string(),
        "准考证内容过长，一页 A4 纸放不下，请精简考生须知等文字"
    );
}

#[test]
fn a_name_is_never_read_as_markup() {
    let mut evil = a_ticket();
    evil.content.name = "#read(\"/etc/passwd\") *x* $a$ \\".into();
    let pdf = ticket::render(&engine(), &evil, &imprint()).unwrap();
    if let Some(text) = text_of(&pdf) {
        assert!(text.contains("#read"), "{text}");
    }
}

#[test]
fn a_photo_must_be_a_jpeg() {
    let mut bad = a_ticket();
    bad.photo = Some(b"<svg/>".to_vec());
    assert!(matches!(
        ticket::render(&engine(), &bad, &imprint()),
        Err(DocumentError::Photo)
    ));
}

#[test]
fn an_exam_brings_its_own_template() {
    let mut templates = Templates::built_in();
    templates
        .set(
            "E26",
            "ticket",
            "#let d = json(\"/data.json\")\n#set text(font: d.fonts)\n本场考试自定义 #d.name"
                .into(),
        )
        .unwrap();
    assert!(templates.set("", "../x", String::new()).is_err());
    let engine = Engine::new(Fonts::embedded().unwrap(), templates);
    let own = ticket::render(&engine, &a_ticket(), &imprint().of_exam("E26")).unwrap();
    let common = ticket::render(&engine, &a_ticket(), &imprint().of_exam("E27")).unwrap();
    assert_ne!(own.bytes, common.bytes);
}

#[test]
fn a_template_sees_no_file_and_no_package() {
    for text in [
        "#read(\"/etc/passwd\")",
        "#import \"@preview/cetz:0.1.0\"",
        "#read(\"/main.typ\")",
    ] {
        let mut templates = Templates::built_in();
        templates.set("", "ticket", text.into()).unwrap();
        let engine = Engine::new(Fonts::embedded().unwrap(), templates);
        assert!(
            matches!(
                ticket::render(&engine, &a_ticket(), &imprint()),
                Err(DocumentError::Typeset(_))
            ),
            "{text}"
        );
    }
}

#[test]
fn the_registration_form_holds_a_long_life() {
    let form = RegistrationForm {
        exam: "2026年云溪县事业单位公开招聘工作人员笔试".into(),
        registration_no: "26030000128".into(),
        identity: vec![
            Field::new("姓名", "林一舟"),
            Field::new("性别", "女"),
            Field::new("证件号码", "431000199001010027"),
            Field::new("民族", "汉族"),
            Field::new("政治面貌", "共青团员"),
            Field::new("出生日期", "1990-01-01"),
        ],
        blocks: vec![
            Block::Fields {
                title: "报考信息".into(),
                fields: vec![
                    Field::new("报考单位", "云溪县图书馆"),
                    Field::new("岗位代码", "0107"),
                ],
            },
            Block::Table {
                title: "简历".into(),
                columns: vec!["起止时间".into(), "学习或工作单位".into(), "职务".into()],
                widths: vec![2, 4, 2],
                rows: (0..12)
                    .map(|at| {
                        vec![
                            format!("20{at:02}.09—20{at:02}.06"),
                            "云溪县第一中学".into(),
                            "学生".into(),
                        ]
                    })
                    .collect(),
            },
            Block::Table {
                title: "家庭成员".into(),
                columns: vec!["关系".into(), "姓名".into()],
                widths: vec![1, 1],
                rows: vec![],
            },
            Block::Text {
                title: "诚信承诺".into(),
                paragraphs: vec!["本人承诺所填信息真实、准确，如有不实，愿意承担相应责任。".into()],
                signature: true,
            },
        ],
        opinions: vec![
            "招聘单位审查意见".into(),
            "主管部门审查意见".into(),
            "人社部门审查意见".into(),
        ],
        photo: None,
        issuer: "云溪县人事考试中心".into(),
        footer: "打印时间 2026-03-20 10:00".into(),
    };
    let pdf = registration_form::render(&engine(), &form, &imprint()).unwrap();
    keep("registration_form", &pdf);
    assert!(pdf.pages <= 2, "{}", pdf.pages);
    let mut ragged = form;
    if let Some(Block::Table { rows, .. }) = ragged.blocks.get_mut(1) {
        rows.push(vec!["one".into()]);
    }
    assert!(registration_form::render(&engine(), &ragged, &imprint()).is_err());
}

#[test]
fn the_other_papers_are_one_page_each() {
    let engine = engine();
    let paid = receipt::Receipt {
        order_no: "260316000128".into(),
        status: "已支付".into(),
        rows: vec![
            Field::new("缴款人", "林一舟"),
            Field::new("支付时间", "2026-03-20 10:12:33"),
        ],
        amount: Fen::new(10_000),
        refunds: vec![receipt::Refund {
            number: "R1".into(),
            amount: Fen::new(10_000),
            at: "2026-03-22 09:00".into(),
            status: "已退款".into(),
        }],
        notes: vec!["本凭据用于核对缴费情况，财政票据请按公告办理。".into()],
        issuer: "云溪县人事考试中心".into(),
        footer: String::new(),
    };
    let pdf = receipt::render(&engine, &paid, &imprint()).unwrap();
    keep("receipt", &pdf);
    if let Some(text) = text_of(&pdf) {
        assert!(
            text.contains("壹佰元整") && text.contains("260316000128"),
            "{text}"
        );
    }
    let line = |subject: &str, mark: &str, note: &str| score_sheet::Line {
        subject: subject.into(),
        mark: mark.into(),
        note: note.into(),
    };
    let sheet = score_sheet::ScoreSheet {
        exam: "2026年云溪县事业单位公开招聘工作人员笔试".into(),
        person: vec![
            Field::new("姓名", "林一舟"),
            Field::new("准考证号", "26030701218"),
        ],
        subjects: vec![
            line("职业能力倾向测验", "86.50", ""),
            line("综合应用能力", "", "缺考"),
        ],
        totals: vec![
            line("总成绩", "43.25", ""),
            line("岗位排名", "3", "共 58 人"),
        ],
        notes: vec![],
        published: "公布时间 2026-05-08 10:00".into(),
        verify: "https://example.cn/check/7k2m9qpa031dvn58".into(),
        code: "7K2M-9QPA-031D-VN58".into(),
        issuer: "云溪县人事考试中心".into(),
        footer: String::new(),
    };
    let pdf = score_sheet::render(&engine, &sheet, &imprint()).unwrap();
    keep("score_sheet", &pdf);
    assert_eq!(pdf.pages, 1);
    if let Some(text) = text_of(&pdf) {
        for told in ["7K2M-9QPA-031D-VN58", "林一舟", "86.50", "缺考"] {
            assert!(text.contains(told), "{told}: {text}");
        }
    }
    if let Some(codes) = codes_of(&pdf, "200") {
        assert_eq!(codes.trim(), sheet.verify);
    }
    let slip = activation::Activation {
        heading: "注册成功".into(),
        rows: vec![
            Field::new("姓名", "林一舟"),
            Field::new("证件号码", "431***************"),
        ],
        code: "K7QF-29WD-MX4T".into(),
        steps: vec![
            "打开网址，选择考试类别登录。".into(),
            "输入激活码，设置新密码。".into(),
        ],
        site: "https://example.cn".into(),
        issuer: "云溪县人事考试中心".into(),
        footer: "激活码 24 小时内有效，只能使用一次。".into(),
    };
    let pdf = activation::render(&engine, &slip, &imprint()).unwrap();
    keep("activation", &pdf);
    assert_eq!(pdf.pages, 1);
}

#[test]
fn each_pass_of_the_door_has_a_page_with_its_own_code() {
    let engine = engine();
    let sheet = door_slip::Sheet {
        exam: "2026年云溪县事业单位公开招聘工作人员笔试".into(),
        steps: vec!["用手机扫右边的二维码。".into(), "填写姓名。".into()],
        issuer: "云溪县人事考试中心".into(),
        footer: "授权单 2026-04-10".into(),
    };
    let slip = |code: &str| door_slip::Slip {
        rows: vec![
            Field::new("考点", "云溪县第一中学"),
            Field::new("考场", "整个考点"),
        ],
        code: code.into(),
        link: format!("https://example.cn/door#{code}"),
        site: "https://example.cn/door".into(),
    };
    let slips = ["K7QF-29WD-MX4T", "0000-1111-2222"].map(slip);
    let pdf = door_slip::render(&engine, &sheet, &slips, &imprint()).unwrap();
    keep("door_slip", &pdf);
    assert_eq!(pdf.pages, 2);
    let again = door_slip::render(&engine, &sheet, &slips, &imprint()).unwrap();
    assert!(pdf == again, "the same bytes");
    if let Some(text) = text_of(&pdf) {
        for slip in &slips {
            assert!(text.contains(&slip.code), "{text}");
        }
    }
    if let Some(codes) = codes_of(&pdf, "100") {
        assert_eq!(codes.trim(), slips[0].link);
    }
    let none = door_slip::render(&engine, &sheet, &[], &imprint());
    assert!(matches!(none, Err(DocumentError::Empty)));
    let many = vec![slip("K7QF-29WD-MX4T"); door_slip::MOST + 1];
    let many = door_slip::render(&engine, &sheet, &many, &imprint());
    assert!(matches!(many, Err(DocumentError::BatchTooBig { .. })));
}

#[test]
fn tickets_of_a_room_are_bound_into_one_file_with_their_codes() {
    let engine = engine();
    let first = ticket::render(&engine, &a_ticket(), &imprint()).unwrap();
    let mut other = a_ticket();
    other.content.name = "何𬭊".into();
    other.content.ticket_no = "26030701219".into();
    other.content.ticket_no_grouped = "26 03 07 012 19".into();
    let second = ticket::render(&engine, &other, &imprint()).unwrap();
    let pages = [first, second];
    let pdf = room::bind(&engine, &other.content.exam, &pages, &imprint()).unwrap();
    keep("tickets", &pdf);
    assert_eq!(pdf.pages, 2);
    if let Some(text) = text_of(&pdf) {
        for part in [
            "欧阳喆䶮旻𬭊㛃",
            "26 03 07 012 18",
            "何𬭊",
            "26 03 07 012 19",
        ] {
            assert!(text.contains(part), "{part} in {text}");
        }
    }
    if let Some(codes) = codes_of(&pdf, "150") {
        assert!(codes.lines().any(|line| line == "26030701218"), "{codes}");
    }
    assert!(matches!(
        room::bind(&engine, "", &[], &imprint()),
        Err(DocumentError::Empty)
    ));
}

/// What comes of a template for the ticket above and for one of a rehearsal.
fn set_apart(template: &str, want: Want) -> Answer {
    let mut usual = a_ticket();
    // A number that stands nowhere else on the page.
    for session in &mut usual.content.sessions {
        session.seat = "95".into();
    }
    let mut other = usual.clone();
    other.content.exam = format!("{}模拟", domain::rehearsal::TITLE);
    let request = Request {
        template: template.to_owned(),
        base: engine().template("", "base").to_owned(),
        tickets: vec![("普通".to_owned(), usual), ("演练".to_owned(), other)],
        want,
    };
    let request = serde_json::to_vec(&request).unwrap();
    serde_json::from_slice(&apart::answer(&request).unwrap()).unwrap()
}

fn said(answer: &Answer) -> Vec<String> {
    answer.faults.iter().map(ToString::to_string).collect()
}

#[test]
fn the_built_in_template_passes_the_test_set_and_is_drawn() {
    let built_in = engine().template("", "ticket").to_owned();
    assert_eq!(
        said(&set_apart(&built_in, Want::Test)),
        Vec::<String>::new()
    );
    let drawn = set_apart(&built_in, Want::Picture);
    assert!(drawn.picture.starts_with("<svg"), "{:.80}", drawn.picture);
    assert!(drawn.faults.is_empty() && drawn.picture.len() < 4_000_000);
    assert!(set_apart(&built_in, Want::Pdf).pdf.starts_with(b"%PDF"));
}

#[test]
fn what_a_template_leaves_out_is_named() {
    let built_in = engine().template("", "ticket").to_owned();
    for (from, to, told) in [
        (
            "weight: \"bold\", d.name)",
            "weight: \"bold\", \"某\")",
            "样例“普通”：没有印出姓名",
        ),
        (
            "image(\"/qr.svg\", width: 27mm",
            "image(\"/qr.svg\", width: 15mm",
            "样例“普通”：核验二维码太小，至少 24×24 毫米",
        ),
        ("image(\"/bar.svg\", height: 13mm", "rect(height: 13mm", ""),
        (
            "label[考点], text(size: 11.5pt, weight: \"bold\", d.site)",
            "label[考点], []",
            "样例“普通”：没有印出考点",
        ),
        (
            "size: 12pt, weight: \"bold\", line.seat",
            "size: 12pt, weight: \"bold\", \"\"",
            "",
        ),
        (
            "enum(..d.notice)",
            "enum(..d.notice.slice(1))",
            "样例“普通”：没有印出考生须知第 1 条",
        ),
        (
            "#show: paper.with(size: 10pt, footer: none)",
            "#set page(paper: \"a4\", margin: 14mm)\n#set text(font: d.fonts, size: 9pt)",
            "样例“演练”：没有印出演练标记",
        ),
    ] {
        assert!(built_in.contains(from), "{from}");
        let faults = said(&set_apart(&built_in.replace(from, to), Want::Test));
        assert!(!faults.is_empty(), "{from}");
        assert!(
            told.is_empty() || faults.iter().any(|one| one == told),
            "{faults:?}"
        );
    }
    let moved = built_in.replace(
        "#align(center, stack(",
        "#move(dx: 400mm, align(center, stack(",
    );
    let moved = moved.replacen("\n))", "\n)))", 1);
    let faults = said(&set_apart(&moved, Want::Test));
    assert!(
        faults.iter().any(|one| one.contains("考试名称")),
        "{faults:?}"
    );
}

#[test]
fn a_mistake_is_told_with_its_line() {
    for (template, line) in [
        ("#import \"/base.typ\": *\n\n#d.naem", 3),
        ("#let a = (1,\n", 1),
        ("一\n二\n#nothing\n", 3),
        // In the shared part, called from the fourth line.
        ("#import \"/base.typ\": *\n\n\n#fields(3)", 4),
    ] {
        let answer = set_apart(template, Want::Picture);
        assert_eq!(
            answer.faults.first().and_then(|one| one.line),
            Some(line),
            "{answer:?}"
        );
        assert_eq!(answer.picture, "");
    }
    let long = set_apart(
        "#import \"/base.typ\": *\n#show: paper\n一\n#pagebreak()\n二",
        Want::Picture,
    );
    assert!(long.picture.starts_with("<svg"));
    assert_eq!(said(&long), ["排出了 2 页，准考证应当只有一页"]);
}

#[test]
fn two_prints_are_the_same_bytes() {
    let print = || {
        ticket::render(&engine(), &a_ticket(), &imprint())
            .unwrap()
            .bytes
    };
    assert_eq!(print(), print());
}
