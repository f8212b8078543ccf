//! 自动编排: sites and rooms, then a plan.

use std::collections::BTreeMap;

use app::App;
use app::arrangement::{self, Generate, SiteLine};
use app::exam::{Exam, setup};
use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use domain::arrangement::input::SeatKeeping;
use domain::arrangement::{Options, Pattern};
use domain::field::FieldErrors;
use web::forms::{Field, Form};
use web::{Html, PageResult, Protected, Shell, redirect};

use crate::context::{Desk, problem};

/// Sites that the page offers.
const SITES: usize = 8;

/// One row of the table of sites.
#[derive(Debug)]
struct SiteRow {
    at: usize,
    line: SiteLine,
    messages: Vec<String>,
}

#[derive(Debug, Template)]
#[template(path = "arrangement/generate.html")]
struct Page {
    shell: Shell,
    base: String,
    form: Form,
    sites: Vec<SiteRow>,
    people: usize,
    capacity: u32,
}

const KEYS: [&str; 5] = ["name", "address", "rooms", "capacity", "special"];

fn site(at: usize, typed: &BTreeMap<String, String>) -> SiteLine {
    let cell = |key: &str| {
        typed
            .get(&format!("{key}-{at}"))
            .cloned()
            .unwrap_or_default()
    };
    SiteLine {
        name: cell("name"),
        address: cell("address"),
        rooms: cell("rooms"),
        capacity: cell("capacity"),
        special: cell("special"),
    }
}

fn form(desk: &Desk, base: &str, exam: &Exam, typed: &BTreeMap<String, String>) -> Form {
    let options = &exam.settings.arrangement;
    let columns: Vec<String> = options.pattern.columns.iter().map(u32::to_string).collect();
    let keep = SeatKeeping::ALL.iter().map(|one| (one.code(), one.label()));
    let mut form = Form::new(&desk.visit, format!("{base}/generate")).field(
        Field::file("file", "或上传考场表", ".xlsx,.csv")
            .hint("列名：考点、考点地址、考场号、考场名称、座位数、用途。上传后不再看上面填写的考点。")
            .optional(),
    );
    for at in 0..SITES {
        for key in KEYS {
            form = form.field(Field::text(format!("{key}-{at}"), key));
        }
    }
    form = form
        .field(
            Field::text("columns", "座位排列")
                .hint("各列的座位数，从左到右，用空格分开")
                .with(columns.join(" "))
                .required(),
        )
        .field(
            Field::check("snake", "座位号蛇形排列（偶数列从后往前）")
                .with(if options.pattern.snake { "1" } else { "" }),
        )
        .field(
            Field::radio("keeping", "多场考试的座位", keep)
                .with(options.keeping.code())
                .required(),
        )
        .field(
            Field::check("spread", "同一招聘单位的考生尽量不相邻").with(if options.spread {
                "1"
            } else {
                ""
            }),
        )
        .field(
            Field::text_area("special", "需要合理便利的考生", 3)
                .hint("报名序号，每行一个。这些考生编入合理便利考场")
                .optional(),
        )
        .field(
            Field::text("seed", "随机种子")
                .hint("留空由系统抽取。同样的名单、考场和种子总是得到同样的编排，可以复核")
                .optional(),
        );
    if typed.is_empty() {
        return form;
    }
    for name in ["columns", "snake", "keeping", "spread", "special", "seed"] {
        form = form.value(name, typed.get(name).cloned().unwrap_or_default());
    }
    form
}

async fn show(
    desk: &Desk,
    exam: &Exam,
    typed: &BTreeMap<String, String>,
    errors: Option<&FieldErrors>,
) -> PageResult {
    let base = format!("/office/seating/{}", exam.public_id());
    let mut form = form(desk, &base, exam, typed);
    let mut sites: Vec<SiteRow> = (0..SITES)
        .map(|at| SiteRow {
            at,
            line: site(at, typed),
            messages: Vec::new(),
        })
        .collect();
    if let Some(errors) = errors {
        form = form.errors(errors);
        for row in &mut sites {
            for key in KEYS {
                if let Some(message) = form.message_of(&format!("{key}-{}", row.at)) {
                    row.messages.push(message.to_owned());
                }
            }
        }
    }
    let overview = arrangement::overview(&desk.ctx, exam)
        .await
        .map_err(problem)?;
    let page = Page {
        shell: Shell::new(&desk.visit, "自动编排")
            .below("/office/seating")
            .with_errors(errors.is_some()),
        base,
        form,
        sites,
        people: overview.seatable,
        capacity: exam.settings.room_capacity,
    };
    Ok(if errors.is_some() {
        Html::invalid(page).into()
    } else {
        Html::new(page).into()
    })
}

pub(super) async fn page(desk: Desk, Path(exam): Path<String>) -> PageResult {
    let exam = setup::for_staff(&desk.ctx, &exam).await.map_err(problem)?;
    show(&desk, &exam, &BTreeMap::new(), None).await
}

pub(super) async fn submit(
    desk: Desk,
    State(_): State<App>,
    Path(exam): Path<String>,
    form: Protected<BTreeMap<String, String>>,
) -> PageResult<Response> {
    let exam = setup::for_staff(&desk.ctx, &exam).await.map_err(problem)?;
    let (typed, files) = form.into_parts();
    let upload = files
        .iter()
        .find(|file| file.field == "file")
        .map(|file| file.bytes.clone());
    match make(&desk, &exam, &typed, upload.as_deref()).await {
        Ok(plan) => Ok(redirect(&format!(
            "/office/seating/{}/plans/{plan}",
            exam.public_id()
        ))),
        Err(app::Error::Fields(errors)) => Ok(axum::response::IntoResponse::into_response(
            show(&desk, &exam, &typed, Some(&errors)).await?,
        )),
        // Too few seats, say: what was typed stays, and the words stand where more rooms are written.
        Err(app::Error::Refused(refusal)) => {
            let field = if upload.is_some() { "file" } else { "name-0" };
            let mut errors = FieldErrors::new();
            errors.add(field, refusal.text);
            Ok(axum::response::IntoResponse::into_response(
                show(&desk, &exam, &typed, Some(&errors)).await?,
            ))
        }
        Err(error) => Err(problem(error)),
    }
}

async fn make(
    desk: &Desk,
    exam: &Exam,
    typed: &BTreeMap<String, String>,
    upload: Option<&[u8]>,
) -> app::Result<String> {
    let capacity = exam.settings.room_capacity;
    let rooms = match upload {
        Some(bytes) => arrangement::rooms_from(bytes, capacity).await?,
        None => {
            let lines: Vec<SiteLine> = (0..SITES).map(|at| site(at, typed)).collect();
            arrangement::from_lines(&lines, capacity)?
        }
    };
    let text = |name: &str| typed.get(name).map(String::as_str).unwrap_or_default();
    let ticked = |name: &str| !text(name).is_empty();
    let columns: Option<Vec<u32>> = domain::sheet::plain(text("columns"))
        .split([' ', ',', '，', '、', '-', '+'])
        .filter(|part| !part.is_empty())
        .map(|part| part.parse().ok())
        .collect();
    let pattern = columns
        .map(|columns| Pattern {
            columns,
            snake: ticked("snake"),
        })
        .filter(|pattern| pattern.problems().is_empty())
        .ok_or_else(|| app::Error::field("columns", "写各列的座位数，用空格分开，例如 7 7 8 8"))?;
    let keeping = SeatKeeping::from_code(text("keeping"))
        .ok_or_else(|| app::Error::field("keeping", "请选择多场考试的座位方式"))?;
    let special: Vec<String> = text("special")
        .lines()
        .map(domain::application::number::typed)
        .filter(|number| !number.is_empty())
        .collect();
    let wanted = Generate {
        rooms,
        options: Options {
            pattern,
            keeping,
            spread: ticked("spread"),
        },
        seed: text("seed").to_owned(),
        special,
    };
    arrangement::generate(&desk.ctx, exam, wanted).await
}
