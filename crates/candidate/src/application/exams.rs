//! 网上报名: the categories, and the exams of one with their windows.

use app::App;
use app::application::{self, View};
use app::exam::{self, Exam};
use askama::Template;
use axum::extract::{Path, State};
use domain::exam::{ExamCategory, Phase};
use domain::time::Timestamp;
use domain::window::Standing;
use web::icon::{self, Icon};
use web::layout::Item;
use web::{Html, PageResult, Problem, Shell};

use super::words::{Tag, deadline, left};
use crate::context::{Me, problem};

#[derive(Debug)]
struct Door {
    category: ExamCategory,
    icon: Icon,
    whom: &'static str,
    open: usize,
    text: String,
}

#[derive(Debug, Template)]
#[template(path = "application/categories.html")]
struct Categories {
    shell: Shell,
    doors: Vec<Door>,
    mine: Vec<View>,
}

const fn look(category: ExamCategory) -> (Icon, &'static str) {
    match category {
        ExamCategory::Recruitment => (icon::OFFICE, "事业单位公开招聘工作人员"),
        ExamCategory::CivilService => (icon::COLUMNS, "公务员录用、选调生"),
        ExamCategory::ProfessionalQualification => (icon::MEDAL, "职称、职业资格"),
        ExamCategory::Other => (icon::TOOL, "技能等级及其他考试"),
    }
}

pub(super) async fn categories(me: Me, State(_): State<App>) -> PageResult {
    let exams = exam::shown_list(&me.ctx).await.map_err(problem)?;
    let doors = ExamCategory::ALL
        .iter()
        .map(|category| {
            let (icon, whom) = look(*category);
            let open: Vec<_> = exams
                .iter()
                .filter(|exam| exam.category == *category)
                .filter(|exam| exam.is_open(Phase::Registration, me.ctx.at))
                .collect();
            let until = open
                .iter()
                .filter_map(|e| e.window(Phase::Registration))
                .map(|w| w.close());
            let text = match until.min() {
                Some(close) => {
                    format!(
                        "{} 项考试正在报名，最早 {} 截止",
                        open.len(),
                        close.to_chinese_short()
                    )
                }
                None => "目前没有正在报名的考试".to_owned(),
            };
            Door {
                category: *category,
                icon,
                whom,
                open: open.len(),
                text,
            }
        })
        .collect();
    let mine = application::mine(&me.ctx).await.map_err(problem)?;
    let shell = me.shell("网上报名").await.at(Item::Apply);
    Ok(Html::new(Categories { shell, doors, mine }).into())
}

#[derive(Debug)]
struct Row {
    title: String,
    organizer: String,
    tag: Tag,
    times: String,
    todo: String,
    /// Where the button leads and what it says.
    button: Option<(String, &'static str)>,
    page: String,
}

#[derive(Debug, Template)]
#[template(path = "application/category.html")]
struct Category {
    shell: Shell,
    category: ExamCategory,
    rows: Vec<Row>,
}

pub(super) async fn category(me: Me, State(_): State<App>, Path(code): Path<String>) -> PageResult {
    let category = ExamCategory::from_code(&code).ok_or(Problem::NotFound)?;
    let exams = exam::shown_list(&me.ctx).await.map_err(problem)?;
    let mut rows = Vec::new();
    for exam in exams.iter().filter(|exam| exam.category == category) {
        let there = application::living(&me.ctx, exam).await.map_err(problem)?;
        rows.push(row(exam, there.as_ref(), me.ctx.at));
    }
    // Those one can do something about come first.
    rows.sort_by_key(|row: &Row| row.button.is_none());
    let shell = me.shell(category.label()).await.at(Item::Apply);
    Ok(Html::new(Category {
        shell,
        category,
        rows,
    })
    .into())
}

fn row(exam: &Exam, there: Option<&View>, now: Timestamp) -> Row {
    let window = exam.window(Phase::Registration);
    let start = format!("/apply/{}", exam.public_id());
    let open = exam.is_open(Phase::Registration, now);
    let (tag, todo, button) = match (window.map(|w| w.standing(now)), there) {
        (_, Some(_)) if open => (
            Tag::new("ok", icon::CHECK, "已报名"),
            "您已报名。报名截止前，审核开始前可以修改。".to_owned(),
            Some((start, "修改")),
        ),
        (_, Some(_)) => (
            Tag::new("ok", icon::CHECK, "已报名"),
            "您已报名，进度见“我的报名信息”。".to_owned(),
            Some(("/applications".to_owned(), "查看进度")),
        ),
        (Some(Standing::Open), None) if open => (
            Tag::new("ok", icon::CHECK, "报名中"),
            window
                .map(|w| {
                    format!(
                        "请在 {} 前提交，{}。",
                        deadline(w.close()),
                        left(w.close(), now)
                    )
                })
                .unwrap_or_default(),
            Some((start, "报名")),
        ),
        (Some(Standing::Before), None) => (
            Tag::new("info", icon::CLOCK, "报名未开始"),
            window
                .map(|w| {
                    format!(
                        "报名尚未开始，{} 开放。可以先填好个人信息、上传照片。",
                        deadline(w.open())
                    )
                })
                .unwrap_or_default(),
            None,
        ),
        (Some(_), None) => (
            Tag::new("off", icon::MINUS, "报名已截止"),
            "报名已经截止，不能再报名。".to_owned(),
            None,
        ),
        (None, None) => (
            Tag::new("off", icon::MINUS, "时间待定"),
            "网上报名时间另行公告。".to_owned(),
            None,
        ),
    };
    Row {
        title: exam.title().to_owned(),
        organizer: exam.settings.organizer.clone(),
        tag,
        times: window.map(|w| w.to_chinese()).unwrap_or_default(),
        todo,
        button,
        page: format!("/exams/{}", exam.public_id()),
    }
}
