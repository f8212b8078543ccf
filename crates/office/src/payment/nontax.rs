//! 缴款码: orders that wait for one as a file, codes brought back, the collection bank's lists by two people.

use app::payment::nontax::{self, Batch, BatchRow, CodesTaken, PaidRow, Stranger, Uploaded};
use askama::Template;
use axum::extract::{Path, Query};
use domain::exam::table::RowProblem;
use domain::money::Fen;
use domain::payment::number::grouped;
use serde::Deserialize;
use web::forms::{Field, Form};
use web::protected::Nothing;
use web::{Html, PageResult, Protected, Shell, flash, page as answer};

use super::word::{self, Word};
use super::{code_tag, yuan};
use crate::context::{Desk, nothing_in, problem};
use crate::list::{Cursor, Empty, Export, Here, Pager, Tag, Taken, given};

const PAGE: usize = 100;
/// Problems of a file shown at once, or orders that got no code of it.
const MOST: usize = 200;
const XLSX: &str =
    ".xlsx,.csv,application/vnd.openxmlformats-officedocument.spreadsheetml.sheet,text/csv";

/// A code in groups of four.
fn code(code: &str) -> String {
    domain::payment::nontax::grouped(code)
}

fn state_tag(row: &BatchRow) -> Tag {
    match row.state.as_str() {
        "staged" if row.is_reading() => Tag::wait("正在读入"),
        "staged" => Tag::wait("待复核"),
        "confirmed" => Tag::wait("正在入账"),
        "done" => Tag::ok("已入账"),
        _ => Tag::off("未确认"),
    }
}

#[derive(Debug, Template)]
#[template(path = "payment/nontax.html")]
struct Page {
    shell: Shell,
    export: Export,
    /// Orders that wait for a code; 1,001 for more.
    waiting: i64,
    codes: Form,
    paid: Form,
    batches: Vec<BatchRow>,
    empty: Empty,
    /// What must be repaired in a file that was sent.
    problems: Vec<RowProblem>,
    /// What came of a file of codes, where that is more than a line.
    said: String,
    /// Orders that got no code of it, for their time to pay is over.
    late: Vec<String>,
    /// How many more of either there are.
    more: usize,
}

fn file_form(desk: &Desk, action: &str, label: &'static str, hint: &'static str) -> Form {
    Form::new(&desk.visit, action).bare().field(
        Field::file("file", label, XLSX)
            .hint(hint)
            .id(action.replace('/', "-"))
            .required(),
    )
}

const CODES: &str = "/office/payments/codes/given";
const PAID: &str = "/office/payments/codes/paid";

/// The page, after a file that wasn't taken with what is wrong in it: which form, a message, rows.
async fn shown(
    desk: &Desk,
    wrong: Option<(&str, &str)>,
    mut problems: Vec<RowProblem>,
) -> PageResult<Page> {
    let waiting = nontax::waiting(&desk.ctx, None, 1_001)
        .await
        .map_err(problem)?;
    let mut codes = file_form(
        desk,
        CODES,
        "取回的缴款码",
        "导出的那张表填好“缴款码”列，XLSX 或 CSV。有一行不对，整份都不导入",
    );
    let mut paid = file_form(
        desk,
        PAID,
        "代收银行的到账清单",
        "要有缴款码、金额、缴款时间、凭证号四列。笔数多的请用 CSV，最大 32 MB",
    );
    if let Some((action, message)) = wrong {
        let form = if action == CODES {
            &mut codes
        } else {
            &mut paid
        };
        *form = form.clone().error("file", message);
    }
    let more = problems.len().saturating_sub(MOST);
    problems.truncate(MOST);
    let shell = Shell::new(&desk.visit, "缴款码")
        .below("/office/payments")
        .with_errors(wrong.is_some() || !problems.is_empty());
    let here = Here::new("/office/payments/codes");
    Ok(Page {
        export: Export::new(&shell, &here),
        shell,
        waiting: i64::try_from(waiting.len()).unwrap_or(i64::MAX),
        codes,
        paid,
        batches: nontax::batches(&desk.ctx).await.map_err(problem)?,
        empty: Empty::new(
            "还没有上传过到账清单",
            "代收银行给出到账清单后，在这一页上传。由另一位财务人员复核后才入账。",
        ),
        problems,
        said: String::new(),
        late: Vec::new(),
        more,
    })
}

/// The page.
pub(super) async fn page(desk: Desk) -> PageResult {
    Ok(Html::new(shown(&desk, None, Vec::new()).await?).into())
}

/// The orders that wait for a code as a file.
pub(super) async fn export(desk: Desk, taken: Protected<Taken>) -> PageResult {
    let copy = nontax::export(&desk.ctx, taken.format())
        .await
        .map_err(problem)?;
    given(&desk, "待取缴款码", taken.format(), copy)
}

async fn bad(desk: &Desk, action: &str, error: app::Error) -> PageResult {
    match error {
        app::Error::Fields(errors) => {
            let message = errors.get("file").unwrap_or("文件不能读取").to_owned();
            let page = shown(desk, Some((action, &message)), Vec::new()).await?;
            Ok(Html::invalid(page).into())
        }
        other => Err(problem(other)),
    }
}

/// What came of a file of codes, in words.
fn told(taken: &CodesTaken) -> String {
    let mut said = vec![match taken.given {
        0 => "没有导入新的缴款码".to_owned(),
        given => format!("已导入 {given} 个缴款码，已通知考生"),
    }];
    if taken.before > 0 {
        said.push(format!("另有 {} 个缴款码之前已导入", taken.before));
    }
    if taken.left_out > 0 {
        said.push(format!(
            "另有 {} 张缴费单已支付或已关闭，没有发码",
            taken.left_out
        ));
    }
    if !taken.late.is_empty() {
        said.push(format!(
            "另有 {} 张缴费单已过支付截止时间，没有发码",
            taken.late.len()
        ));
    }
    said.join("，")
}

/// Takes the codes that were given.
pub(super) async fn codes(desk: Desk, sent: Protected<Nothing>) -> PageResult {
    let file = sent.submission().file("file");
    if let Some(message) = nothing_in(file) {
        return bad(&desk, CODES, app::Error::field("file", message)).await;
    }
    let bytes = file.map_or(&[][..], |file| &file.bytes[..]);
    match nontax::give(&desk.ctx, bytes).await {
        // Which orders they are doesn't fit a line above the next page. The same file once more changes nothing.
        Ok(Uploaded::Taken(taken) | Uploaded::Again(taken)) if !taken.late.is_empty() => {
            let late = taken.late.iter().take(MOST);
            let late = late.map(|number| grouped(number)).collect();
            let page = Page {
                said: told(&taken),
                late,
                more: taken.late.len().saturating_sub(MOST),
                ..shown(&desk, None, Vec::new()).await?
            };
            Ok(Html::new(page).into())
        }
        Ok(Uploaded::Taken(taken) | Uploaded::Again(taken)) => Ok(answer::redirect_with(
            &desk.visit,
            "/office/payments/codes",
            flash::done(told(&taken)),
        )),
        Ok(Uploaded::Bad(problems)) => {
            Ok(Html::invalid(shown(&desk, None, problems).await?).into())
        }
        Err(error) => bad(&desk, CODES, error).await,
    }
}

/// Stages a list of what was paid.
pub(super) async fn paid(desk: Desk, sent: Protected<Nothing>) -> PageResult {
    let file = sent.submission().file("file");
    if let Some(message) = nothing_in(file) {
        return bad(&desk, PAID, app::Error::field("file", message)).await;
    }
    let (name, bytes) = file.map_or(("", Vec::new()), |file| {
        (file.file_name.as_str(), file.bytes.to_vec())
    });
    match nontax::upload(&desk.ctx, name, bytes).await {
        Ok(Uploaded::Taken(id)) => Ok(answer::redirect_with(
            &desk.visit,
            &format!("/office/payments/codes/{id}"),
            flash::done("清单已上传，等待另一位财务人员复核"),
        )),
        Ok(Uploaded::Again(id)) => Ok(answer::redirect_with(
            &desk.visit,
            &format!("/office/payments/codes/{id}"),
            flash::done("这份清单已经上传过，没有重复登记"),
        )),
        Ok(Uploaded::Bad(problems)) => {
            Ok(Html::invalid(shown(&desk, None, problems).await?).into())
        }
        Err(error) => bad(&desk, PAID, error).await,
    }
}

#[derive(Debug, Template)]
#[template(path = "payment/nontax_batch.html")]
struct BatchPage {
    shell: Shell,
    batch: Batch,
    /// Lines of codes that are nobody's, on the first page.
    strangers: Vec<Stranger>,
    rows: Vec<PaidRow>,
    pager: Pager,
    own: bool,
    form: Form,
}

impl BatchPage {
    /// How many lines are nobody's.
    fn strange(&self) -> i64 {
        self.batch.strange().0
    }

    /// What they come to.
    fn strange_sum(&self) -> String {
        yuan(&self.batch.strange().1)
    }

    /// How many of them aren't listed.
    fn unlisted(&self) -> i64 {
        let listed = i64::try_from(self.strangers.len()).unwrap_or(i64::MAX);
        self.strange() - listed
    }

    /// How many lines are an order's.
    fn ours(&self) -> i64 {
        self.batch.ours.0
    }

    /// What they come to.
    fn ours_sum(&self) -> String {
        yuan(&self.batch.ours.1)
    }
}

/// What is to be said of a line before it is settled, and what came of it.
fn remark(row: &PaidRow) -> String {
    match row.outcome.as_str() {
        "" if row.told > 0 => "之前的清单已有这一笔，不会重复入账".to_owned(),
        "told_before" => "之前的清单已有这一笔，没有重复入账".to_owned(),
        "" if row.amount != row.owed => {
            format!("应收 {} 元，将转异常单", Fen::new(row.owed).yuan())
        }
        "" if row.order_state == "paid" => "已支付，多付的将列为退款".to_owned(),
        "" if row.paid_at >= row.expires_at => "缴款晚于支付截止，将列为退款".to_owned(),
        "" => String::new(),
        "credited" => "已入账".to_owned(),
        "late_accepted" => "补记入账".to_owned(),
        "took_over" => "更早支付，替换入账".to_owned(),
        "sent_back" => "列为退款".to_owned(),
        "stuck" => "没能入账，已转异常单".to_owned(),
        _ => "已转异常单".to_owned(),
    }
}

fn word_form(desk: &Desk, id: &str) -> Form {
    word::form(
        desk,
        format!("/office/payments/codes/{id}"),
        "不予确认的须写明原因；确认的可以不填。",
    )
}

/// Where a page of lines begins.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Place {
    before: Option<Cursor>,
}

async fn of(desk: &Desk, id: &str, place: &Place, form: Form) -> PageResult<BatchPage> {
    let batch = nontax::batch(&desk.ctx, id).await.map_err(problem)?;
    let from = place.before.as_ref().map_or(0, Cursor::first);
    let limit = i64::try_from(PAGE).unwrap_or(i64::MAX) + 1;
    let mut rows = nontax::lines(&desk.ctx, batch.row.id, from, limit)
        .await
        .map_err(problem)?;
    let next = Pager::cut(&mut rows, PAGE, |row| Cursor::one(row.line));
    let strangers = if place.before.is_none() {
        let listed = nontax::strangers(&desk.ctx, &batch).await;
        listed.map_err(problem)?
    } else {
        Vec::new()
    };
    let here = Here::new(format!("/office/payments/codes/{id}"));
    Ok(BatchPage {
        shell: Shell::new(&desk.visit, "到账清单")
            .below("/office/payments")
            .with_errors(form.has_errors()),
        own: desk.is(batch.row.entered_by),
        pager: Pager::new(&here, place.before.as_ref(), next),
        batch,
        strangers,
        rows,
        form,
    })
}

/// One list.
pub(super) async fn batch(
    desk: Desk,
    Path(id): Path<String>,
    Query(place): Query<Place>,
) -> PageResult {
    let form = word_form(&desk, &id).refill(&desk.visit);
    Ok(Html::new(of(&desk, &id, &place, form).await?).into())
}

/// Confirms or refuses a list.
pub(super) async fn decide(
    desk: Desk,
    Path(id): Path<String>,
    sent: Protected<Word>,
) -> PageResult {
    let confirm = sent.agrees("confirm", "请选择确认或者不予确认。")?;
    match nontax::decide(&desk.ctx, &id, confirm, &sent.note).await {
        Ok(()) => Ok(answer::redirect_with(
            &desk.visit,
            &format!("/office/payments/codes/{id}"),
            flash::done(if confirm {
                "清单已确认，正在逐笔入账"
            } else {
                "清单没有确认"
            }),
        )),
        Err(app::Error::Fields(errors)) => {
            let form = word_form(&desk, &id)
                .values(sent.submission())
                .errors(&errors);
            Ok(Html::invalid(of(&desk, &id, &Place::default(), form).await?).into())
        }
        Err(other) => Err(problem(other)),
    }
}
