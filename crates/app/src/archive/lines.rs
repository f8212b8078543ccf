//! The rows of an exam's tables: what is written about one applicant in each.

use db::Crowd;
use domain::application::{Attendance, EndReason, Life, Payment};
use domain::archive::Section;
use domain::exam::snapshot::Choice;
use domain::id_number::IdType;
use domain::money::Fen;
use domain::payment::offline::{EntryState, Method};
use domain::payment::{Waiver, WaiverState};
use domain::review::Review;
use domain::score::Flag;
use domain::sheet::Cell;
use domain::time::Timestamp;

use super::file_store as store;
use crate::application::{ApplicationRow, Kept, View};
use crate::exam::Exam;
use crate::{Ctx, Result};

/// Titles and widths of a table with a row for each applicant.
pub(super) fn columns(section: Section) -> &'static [(&'static str, f64)] {
    match section {
        Section::Roster => &[
            ("报名序号", 18.0),
            ("姓名", 12.0),
            ("性别", 6.0),
            ("出生日期", 14.0),
            ("证件类型", 16.0),
            ("证件号码", 22.0),
            ("手机号码", 16.0),
            ("报考", 44.0),
            ("审核单位", 24.0),
            ("报名状态", 14.0),
            ("资格审查", 12.0),
            ("缴费", 10.0),
            ("到考", 8.0),
            ("考试费用（元）", 12.0),
            ("最高学历", 14.0),
            ("毕业院校", 24.0),
            ("专业", 20.0),
            ("其他报考信息", 60.0),
            ("提交时间", 20.0),
            ("报名表摘要（SHA-256）", 66.0),
        ],
        Section::Reviews => &[
            ("报名序号", 18.0),
            ("姓名", 12.0),
            ("级次", 8.0),
            ("决定", 10.0),
            ("理由", 60.0),
            ("审核人", 14.0),
            ("时间", 20.0),
        ],
        Section::Waivers => &[
            ("报名序号", 18.0),
            ("姓名", 12.0),
            ("减免类别", 24.0),
            ("减免标准", 16.0),
            ("考务费（元）", 12.0),
            ("减免金额（元）", 14.0),
            ("状态", 12.0),
            ("情况说明", 60.0),
            ("证明材料（份）", 14.0),
            ("申请时间", 20.0),
            ("审核人", 14.0),
            ("审核时间", 20.0),
            ("审核意见", 40.0),
        ],
        Section::Documents => &[
            ("报名序号", 18.0),
            ("姓名", 12.0),
            ("缴费单号", 22.0),
            ("种类", 14.0),
            ("方式", 12.0),
            ("凭证号或缴款码", 26.0),
            ("金额（元）", 12.0),
            ("收付时间", 20.0),
            ("状态", 12.0),
            ("登记人", 14.0),
            ("登记时间", 20.0),
            ("复核人", 14.0),
            ("复核时间", 20.0),
            ("说明", 40.0),
        ],
        Section::Seats => &[
            ("报名序号", 18.0),
            ("姓名", 12.0),
            ("准考证号", 18.0),
            ("场次", 8.0),
            ("考点", 24.0),
            ("考场号", 8.0),
            ("考场", 16.0),
            ("座位号", 8.0),
        ],
        Section::Scores => &[
            ("报名序号", 18.0),
            ("姓名", 12.0),
            ("科目", 24.0),
            ("成绩", 10.0),
            ("标记", 10.0),
            ("总成绩", 10.0),
            ("名次", 8.0),
            ("参加排名人数", 12.0),
            ("是否合格", 10.0),
        ],
        _ => &[],
    }
}

/// The rows about one applicant.
pub(super) async fn of(
    ctx: &Ctx,
    exam: &Exam,
    section: Section,
    one: &ApplicationRow,
) -> Result<Vec<Vec<Cell>>> {
    match section {
        Section::Roster => Ok(vec![roster(ctx, one).await?]),
        Section::Reviews => reviews(ctx, one).await,
        Section::Waivers => waivers(ctx, one).await,
        Section::Documents => documents(ctx, one).await,
        Section::Seats => seats(ctx, exam, one).await,
        Section::Scores => scores(ctx, exam, one).await,
        _ => Ok(Vec::new()),
    }
}

fn who(one: &ApplicationRow) -> [Cell; 2] {
    [
        Cell::text(one.registration_no.as_str()),
        Cell::text(one.name.as_str()),
    ]
}

fn second(at: i64) -> Cell {
    Cell::text(Timestamp::from_micros(at).to_local_second())
}

async fn roster(ctx: &Ctx, one: &ApplicationRow) -> Result<Vec<Cell>> {
    let view = crate::application::view(ctx, one.clone()).await?;
    let kept = crate::application::kept(&ctx.app, one).await?;
    let choice = serde_json::from_str::<Choice>(&one.choice).map(|choice| choice.text());
    let standing = match Life::from_code(&one.life) {
        Some(Life::Ended) => {
            EndReason::from_code(&one.end_reason).map_or("已终止", EndReason::label)
        }
        _ => "有效",
    };
    let person = &kept.profile;
    let basic = person.profile.basic.as_ref();
    let highest = person.profile.educations.first();
    let id_type = IdType::parse(&person.id_type).map_or("", IdType::label);
    let text = |text: Option<String>| Cell::text(text.unwrap_or_default());
    let [no, name] = who(one);
    Ok(vec![
        no,
        name,
        text(basic.map(|basic| basic.sex.label().to_owned())),
        text(basic.map(|basic| basic.birth_date.to_string())),
        Cell::text(id_type),
        Cell::text(person.id_number.as_str()),
        Cell::text(person.mobile.as_str()),
        Cell::text(choice.unwrap_or_default()),
        Cell::text(one.unit.as_str()),
        Cell::text(standing),
        Cell::text(Review::from_code(&one.review).map_or("", Review::label)),
        Cell::text(Payment::from_code(&one.payment).map_or("", Payment::label)),
        Cell::text(Attendance::from_code(&one.attendance).map_or("", Attendance::label)),
        Cell::text(Fen::new(one.fee).yuan()),
        text(highest.map(|education| education.level.label().to_owned())),
        text(highest.map(|education| education.school.clone())),
        text(highest.map(|education| education.major.clone())),
        Cell::text(answers(&view, &kept)),
        second(one.submitted_at),
        Cell::text(hex::encode(&one.snapshot_hash)),
    ])
}

/// `是否退役士兵：否；英语等级：CET-6`.
fn answers(view: &View, kept: &Kept) -> String {
    let questions = view.made.questions.iter();
    let parts: Vec<String> = questions
        .filter_map(|question| {
            let text = kept.answers.get(&question.key)?.says();
            Some(format!("{}：{text}", question.label))
        })
        .collect();
    parts.join("；")
}

async fn reviews(ctx: &Ctx, one: &ApplicationRow) -> Result<Vec<Vec<Cell>>> {
    let rows = store::decisions(&mut ctx.app.db().scan(Crowd::System), one.id).await?;
    let label = |code: &str| match code {
        "approve" => "通过",
        "return" => "退回补充",
        "reject" => "不通过",
        "uphold" => "维持",
        "reverse" => "改为通过",
        _ => "",
    };
    Ok(rows
        .into_iter()
        .map(|row| {
            let [no, name] = who(one);
            let level = if row.level == 2 { "复审" } else { "初审" };
            vec![
                no,
                name,
                Cell::text(level),
                Cell::text(label(&row.decision)),
                Cell::text(row.reason),
                Cell::text(row.who.unwrap_or_else(|| "系统".to_owned())),
                second(row.decided_at),
            ]
        })
        .collect())
}

async fn waivers(ctx: &Ctx, one: &ApplicationRow) -> Result<Vec<Vec<Cell>>> {
    let asked = crate::waiver::of_application(ctx, one.id).await?;
    Ok(asked
        .into_iter()
        .map(|own| {
            let [no, name] = who(one);
            let yuan =
                |sum: Option<i64>| sum.map_or(Cell::Empty, |sum| Cell::text(Fen::new(sum).yuan()));
            vec![
                no,
                name,
                Cell::text(own.row.category.as_str()),
                Cell::text(own.row.waiver().map_or(String::new(), Waiver::words)),
                yuan(own.row.fee),
                yuan(own.row.off.filter(|_| own.state == WaiverState::Granted)),
                Cell::text(own.state.label()),
                Cell::text(own.statement),
                Cell::number(i64::try_from(own.files.len()).unwrap_or(i64::MAX)),
                second(own.row.asked_at),
                Cell::text(own.decider),
                own.row.decided_at.map_or(Cell::Empty, second),
                Cell::text(own.row.note),
            ]
        })
        .collect())
}

/// What came and went outside of the channels, by documents, codes and the bank's lists.
async fn documents(ctx: &Ctx, one: &ApplicationRow) -> Result<Vec<Vec<Cell>>> {
    let mut scan = ctx.app.db().scan(Crowd::System);
    let mut rows = Vec::new();
    for row in store::documents(&mut scan, one.id).await? {
        let [no, name] = who(one);
        let (kind, method) = match row.kind.as_str() {
            "paid" => (
                "线下缴费",
                Method::from_code(&row.method).map_or("", Method::label),
            ),
            "back" => (
                "线下退款",
                Method::from_code(&row.method).map_or("", Method::label),
            ),
            "code" => ("缴款码", ""),
            _ => ("代收银行到账", "缴款码"),
        };
        let state = match row.kind.as_str() {
            "code" if row.number.is_none() => "待取码",
            "code" => "已取码",
            _ => EntryState::from_code(&row.state).map_or("", EntryState::label),
        };
        let time = |at: Option<i64>| at.map_or(Cell::Empty, second);
        rows.push(vec![
            no,
            name,
            Cell::text(row.order_no),
            Cell::text(kind),
            Cell::text(method),
            Cell::text(row.number.unwrap_or_default()),
            row.amount
                .map_or(Cell::Empty, |sum| Cell::text(Fen::new(sum).yuan())),
            time(row.paid_at),
            Cell::text(state),
            Cell::text(row.enterer.unwrap_or_default()),
            time(row.entered_at),
            Cell::text(row.decider.unwrap_or_default()),
            time(row.decided_at),
            Cell::text(row.note),
        ]);
    }
    Ok(rows)
}

async fn seats(ctx: &Ctx, exam: &Exam, one: &ApplicationRow) -> Result<Vec<Vec<Cell>>> {
    if !exam.is_seated() {
        return Ok(Vec::new());
    }
    let mut scan = ctx.app.db().scan(Crowd::System);
    let rows = store::seats(&mut scan, exam.row.seat_plan, one.id).await?;
    Ok(rows
        .into_iter()
        .map(|row| {
            let [no, name] = who(one);
            vec![
                no,
                name,
                Cell::text(row.ticket_no),
                Cell::number(row.session),
                Cell::text(row.site),
                Cell::number(row.room_no),
                Cell::text(row.room),
                Cell::number(row.seat_no),
            ]
        })
        .collect())
}

async fn scores(ctx: &Ctx, exam: &Exam, one: &ApplicationRow) -> Result<Vec<Vec<Cell>>> {
    let batch = exam.row.score_batch;
    if batch == 0 {
        return Ok(Vec::new());
    }
    let mut scan = ctx.app.db().scan(Crowd::System);
    let total = store::total(&mut scan, batch, one.id).await?;
    let (sum, rank, of, passed) = total.unwrap_or_default();
    let whole = |number: Option<i64>| number.map_or(Cell::Empty, Cell::number);
    let passed = match passed.as_str() {
        "yes" => "合格",
        "no" => "不合格",
        _ => "",
    };
    let marks = store::marks(&mut scan, batch, one.id).await?;
    Ok(marks
        .into_iter()
        .map(|(subject, mark, flag)| {
            let [no, name] = who(one);
            let flag = Flag::from_code(&flag).map_or("", Flag::label);
            vec![
                no,
                name,
                Cell::text(subject),
                Cell::text(mark),
                Cell::text(flag),
                Cell::text(sum.as_str()),
                whole(rank),
                whole(of),
                Cell::text(passed),
            ]
        })
        .collect())
}
