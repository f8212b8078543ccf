//! 登录表: with what the candidates of a rehearsal log in, handed out once. What was handed out is kept no more; who lost it has new
//! passwords made.

use db::{Command, Crowd, Lane, Tx};
use documents::xlsx::{ColumnSpec, Writer};
use domain::sheet::Cell;
use serde_json::json;
use vault::Secret;

use super::store;
use crate::account::rehearsing;
use crate::exam::Exam;
use crate::{Ctx, Error, Object, Result, Stamp};

/// Passwords made anew in one request.
const AT_ONCE: usize = 25;

/// A sheet that was handed out: the only one.
#[derive(Debug)]
pub struct Handed {
    /// The workbook.
    pub bytes: Vec<u8>,
    /// Its name.
    pub file_name: String,
    /// How many passwords it has.
    pub count: usize,
}

/// Hands out the passwords that weren't yet: they are forgotten with the commit, and the sheet is the only place where they stand.
///
/// # Errors
/// `Refused` if there is none.
pub async fn hand_out(ctx: &Ctx, exam: &Exam) -> Result<Handed> {
    let rows = store::sealed(&mut ctx.app.db().scan(Crowd::Staff), exam.id()).await?;
    if rows.is_empty() {
        return Err(Error::refused(
            "nothing_sealed",
            "没有可下载的登录表",
            "登录表只能下载一次。需要时请重新生成密码，再下载新的登录表。",
        ));
    }
    let columns = [
        ColumnSpec::new("序号", 8.0),
        ColumnSpec::new("姓名", 16.0),
        ColumnSpec::new("证件号码（登录用）", 24.0),
        ColumnSpec::new("初始密码", 20.0),
        ColumnSpec::new("说明", 40.0),
    ];
    let table = |e| Error::internal("a sheet", e);
    let mut writer = Writer::new("演练考生登录表", &columns, ctx.at).map_err(table)?;
    for row in &rows {
        let number = rehearsing::number(ctx, row.account_id, &row.id_number)?;
        let place = super::make::secret_place(row.account_id);
        let clear = ctx
            .app
            .cipher()
            .open(place, &row.secret)
            .map_err(|e| Error::internal("rehearsal_candidate.secret", e))?;
        let secret = Secret::new(String::from_utf8_lossy(&clear).into_owned());
        let cells = [
            Cell::text(format!("{:03}", row.no)),
            Cell::text(row.name.clone()),
            Cell::text(number),
            Cell::text(secret.expose()),
            Cell::text("演练账号，并无其人；只能看到这场演练考试"),
        ];
        writer.row(&cells).map_err(table)?;
    }
    let bytes = writer.finish().map_err(table)?;
    let command = Hand {
        stamp: Stamp::of(ctx),
        exam_id: exam.id(),
        count: rows.len(),
    };
    ctx.app.db().write(Lane::Interactive, command).await?;
    Ok(Handed {
        bytes,
        file_name: format!("{} 演练考生登录表.xlsx", exam.row.code),
        count: rows.len(),
    })
}

struct Hand {
    stamp: Stamp,
    exam_id: i64,
    count: usize,
}

impl Command for Hand {
    const NAME: &'static str = "rehearsal.hand_out";
    type Out = ();
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        let gone = store::secrets_forget(tx, self.exam_id).await?;
        if usize::try_from(gone).unwrap_or(usize::MAX) != self.count {
            // Somebody took it, or more were made meanwhile: nothing is lost, the sheet is asked for again.
            return Err(Error::Conflict("登录表刚有变化，请再下载一次"));
        }
        let object = Object {
            kind: "exam",
            id: self.exam_id,
            exam_id: self.exam_id,
        };
        let detail = json!({ "count": self.count });
        let mut trail = self.stamp.trail();
        trail.audit(tx, "rehearsal.sheet", object, detail).await
    }
}

/// Makes new passwords for the candidates with a number in `from..=to`, at most some at once; the sheet is then handed out anew.
///
/// # Errors
/// `Fields` for numbers that nobody has, or too many.
pub async fn renew(ctx: &Ctx, exam: &Exam, (from, to): (&str, &str)) -> Result<usize> {
    let number = |text: &str| domain::sheet::squeezed(text).parse::<i64>().ok();
    let (Some(first), Some(last)) = (number(from), number(to)) else {
        return Err(Error::field("from", "请填写序号，例如 1 至 20"));
    };
    let limit = i64::try_from(AT_ONCE).unwrap_or(25);
    if first > last || last - first >= limit {
        return Err(Error::field(
            "from",
            format!("一次最多 {AT_ONCE} 名，请分几次生成"),
        ));
    }
    let mut scan = ctx.app.db().scan(Crowd::Staff);
    let mut rows = store::candidates(&mut scan, exam.id(), first - 1, limit).await?;
    rows.retain(|row| row.no <= last);
    if rows.is_empty() {
        return Err(Error::field("from", "没有这些序号的演练考生"));
    }
    for row in &rows {
        let (password, hash) = rehearsing::first_password(&ctx.app).await?;
        let place = super::make::secret_place(row.account_id);
        let app = &ctx.app;
        let command = Renew {
            stamp: Stamp::of(ctx),
            account: (row.account_id, exam.id()),
            hash,
            secret: app
                .cipher()
                .seal(place, password.expose().as_bytes(), app.entropy()),
        };
        app.db().write(Lane::Interactive, command).await?;
    }
    ctx.app.sessions().clear();
    Ok(rows.len())
}

struct Renew {
    stamp: Stamp,
    account: (i64, i64),
    hash: String,
    secret: Vec<u8>,
}

impl Command for Renew {
    const NAME: &'static str = "rehearsal.renew";
    type Out = ();
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        let mut trail = self.stamp.trail();
        rehearsing::renew(tx, &mut trail, self.account, &self.hash).await?;
        store::secret_put(tx, self.account.0, &self.secret).await?;
        Ok(())
    }
}
