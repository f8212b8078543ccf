//! 清除证明: what was deleted of an exam, by whose word, and what stays.

use documents::listing::{self, Listing, Table};
use documents::{Field, Imprint};
use domain::archive::{Material, STAYS};
use domain::time::Timestamp;

use super::store::ArchiveRow;
use super::{live, purges};
use crate::exam::Exam;
use crate::{Ctx, Error, Result, paper};

/// The certificate as it stands now, as a PDF with its file name.
///
/// # Errors
/// `NotFound` before anything was deleted; `Forbidden`.
pub async fn certificate(ctx: &Ctx, exam: &str) -> Result<(String, Vec<u8>)> {
    let (exam, row) = live(ctx, exam).await?;
    let all = purges(ctx, &row).await?;
    if all.iter().all(|one| one.state != "done") {
        return Err(Error::NotFound);
    }
    let minute = |at: i64| Timestamp::from_micros(at).to_local_minute();
    let label = |code: &str| {
        Material::from_code(code)
            .map_or("", Material::label)
            .to_owned()
    };
    let gone = all.iter().filter_map(|one| {
        Some(vec![
            label(&one.kind),
            minute(one.due_at),
            minute(one.finished_at?),
            one.removed.to_string(),
            one.bytes.to_string(),
            if one.digest.is_empty() {
                "—".to_owned()
            } else {
                listing::broken_digest(&one.digest)
            },
        ])
    });
    let waiting: Vec<Vec<String>> = all
        .iter()
        .filter(|one| one.finished_at.is_none())
        .map(|one| vec![label(&one.kind), minute(one.due_at)])
        .collect();
    let mut tables = vec![table(
        "已清除",
        &[
            "内容",
            "到期时间",
            "清除时间",
            "条数",
            "字节",
            "SHA-256 摘要",
        ],
        &[5, 4, 4, 2, 3, 9],
        gone.collect(),
    )];
    if !waiting.is_empty() {
        tables.push(table("尚未到期", &["内容", "到期时间"], &[3, 2], waiting));
    }
    let stays = STAYS
        .iter()
        .map(|(what, why)| vec![(*what).to_owned(), (*why).to_owned()])
        .collect();
    tables.push(table("继续保存", &["内容", "原因"], &[3, 3], stays));
    let paper = Listing {
        heading: "个人信息清除证明".to_owned(),
        exam: exam.title().to_owned(),
        fields: facts(&exam, &row),
        tables,
        notes: vec![
            "摘要由每一条被清除内容的编号、字节数和原有摘要依次计算得出，操作日志中有同样的记录。"
                .to_owned(),
            "此前的数据库备份仍含有上述内容，随备份按保存期轮换而消失。".to_owned(),
        ],
        signatures: Vec::new(),
        issuer: exam.settings.organizer.clone(),
        footer: format!("打印时间 {}", ctx.at.to_local_minute()),
    };
    let imprint = Imprint::new(&row.public_id, ctx.at).of_exam(exam.row.code.clone());
    let pdf = paper::set(&ctx.app, move |engine| {
        listing::render(engine, &paper, &imprint)
    })
    .await?;
    Ok((format!("清除证明-{}.pdf", exam.row.code), pdf.bytes))
}

fn facts(exam: &Exam, row: &ArchiveRow) -> Vec<Field> {
    let minute = |at: Option<i64>| {
        at.map(|at| Timestamp::from_micros(at).to_local_minute())
            .unwrap_or_default()
    };
    let name = |name: &Option<String>| name.clone().unwrap_or_default();
    vec![
        Field::new("考试代码", exam.row.code.clone()),
        Field::new("归档时间", minute(row.built_at)),
        Field::new("申请人", name(&row.asker)),
        Field::new("复核人", name(&row.decider)),
        Field::new("移交人", name(&row.hander)),
        Field::new("移交时间", minute(row.handed_at)),
        Field::new("接收人", row.receiver.clone()),
        Field::new("档案文件", format!("{} 个", row.files)),
        Field::new("目录 SHA-256", row.contents_hash.clone()),
        Field::new("依据", row.reason.clone()),
    ]
}

fn table(title: &str, columns: &[&str], widths: &[u32], rows: Vec<Vec<String>>) -> Table {
    Table {
        title: title.to_owned(),
        columns: columns.iter().map(|name| (*name).to_owned()).collect(),
        widths: widths.to_vec(),
        rows,
    }
}
