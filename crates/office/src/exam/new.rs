//! 新建考试, from a preset or a copy.

use app::App;
use app::exam::preset::Preset;
use app::exam::setup::{self, NewExam};
use askama::Template;
use axum::extract::State;
use domain::field::FieldErrors;
use web::forms::{Choice, Field, Form};
use web::{Html, PageResult, Protected, Shell, Submission};

use crate::context::{Desk, problem};

const PATH: &str = "/office/exams/new";
/// What a rehearsal is, in the words of whoever decides for one.
const REHEARSAL: &str = "在本系统上把报名到成绩走一遍，只有系统生成的演练考生看得到；不发短信，不收钱，结束后整场清除。建好以后不能改成正式考试；走通的设置可以复制成正式考试";

#[derive(Debug, Template)]
#[template(path = "exam/new.html")]
struct Page {
    shell: Shell,
    form: Form,
}

async fn form(desk: &Desk) -> PageResult<Form> {
    let mut sources: Vec<Choice> = Preset::ALL
        .into_iter()
        .map(|one| Choice::new(format!("preset:{}", one.code()), one.label()).hint(one.hint()))
        .collect();
    for exam in setup::list(&desk.ctx, "", None)
        .await
        .map_err(problem)?
        .iter()
        .take(8)
    {
        let choice = Choice::new(
            format!("copy:{}", exam.public_id()),
            format!("复制：{}", exam.title()),
        );
        sources.push(choice.hint(setup::COPIED));
    }
    Ok(Form::new(&desk.visit, PATH)
        .field(
            Field::text("title", "考试名称")
                .hint("考生看到的全称，例如 2026年南屿县事业单位公开招聘")
                .required(),
        )
        .field(
            Field::text("code", "考试代码")
                .hint("2 至 20 位字母、数字或 -，用在文件名里，例如 NY2026-01")
                .required()
                .narrow(),
        )
        .field(
            Field::radio(
                "rehearsal",
                "用途",
                [
                    Choice::new("0", "正式考试"),
                    Choice::new("1", "演练考试").hint(REHEARSAL),
                ],
            )
            .with("0")
            .required(),
        )
        .field(Field::radio("source", "从哪种类型开始", sources).required())
        .refill(&desk.visit))
}

pub(super) async fn page(desk: Desk) -> PageResult {
    let form = form(&desk).await?;
    let shell = Shell::new(&desk.visit, "新建考试").below("/office/exams");
    Ok(Html::new(Page { shell, form }).into())
}

pub(super) async fn create(
    desk: Desk,
    State(_): State<App>,
    new: Protected<NewExam>,
) -> PageResult {
    match setup::create(&desk.ctx, &new).await {
        Ok(public_id) => Ok(web::redirect(&format!("/office/exams/{public_id}"))),
        Err(app::Error::Fields(errors)) => again(&desk, new.submission(), &errors).await,
        Err(error) => Err(problem(error)),
    }
}

async fn again(desk: &Desk, sent: &Submission, errors: &FieldErrors) -> PageResult {
    let form = form(desk).await?.values(sent).errors(errors);
    let shell = Shell::new(&desk.visit, "新建考试")
        .below("/office/exams")
        .with_errors(true);
    Ok(Html::invalid(Page { shell, form }).into())
}
