//! 授权单: the paper with the code of a pass, printed as often as it is wanted.

use db::{Command, Crowd, Lane, Tx};
use documents::{Field, Imprint, door_slip};
use domain::staff::Permission;
use serde_json::json;

use super::pass::sites;
use super::pass_store::{self, PassRow, SiteRow};
use super::{code, object};
use crate::exam::Exam;
use crate::{Ctx, Error, Object, Result, Stamp};

/// 授权单 of a pass, or of all that still let in, as one PDF. It holds codes, so each printing is recorded.
///
/// # Errors
/// `Refused` where there is nothing to print: taken back, over, or made under other keys.
pub async fn slips(ctx: &Ctx, exam: &Exam, pass: Option<&PassRow>) -> Result<Vec<u8>> {
    ctx.allow_for(Permission::Arrange, exam.id(), "")?;
    let at = ctx.at.micros();
    let mut wanted = match pass {
        Some(pass) => vec![pass.clone()],
        None => {
            let mut scan = ctx.app.db().scan(Crowd::Staff);
            let most = i64::try_from(door_slip::MOST).unwrap_or(i64::MAX);
            pass_store::passes_open(&mut scan, exam.id(), at, most).await?
        }
    };
    wanted.retain(|pass| pass.is_active() && pass.closes_at > at);
    let sites = sites(ctx, exam).await?;
    let mut slips = Vec::new();
    for pass in &wanted {
        slips.push(slip(ctx, pass, &sites).await?);
    }
    if slips.is_empty() {
        return Err(Error::refused(
            "door_no_slip",
            "没有可打印的授权单",
            "授权已撤销或已过期。需要时请新建一个。",
        ));
    }
    let record = Printed {
        stamp: Stamp::of(ctx),
        object: object(pass.map_or(0, |pass| pass.id), exam.id()),
        count: slips.len(),
    };
    ctx.app.db().write(Lane::Interactive, record).await?;
    let sheet = door_slip::Sheet {
        exam: exam.title().to_owned(),
        steps: STEPS.map(str::to_owned).to_vec(),
        issuer: exam.settings.organizer.clone(),
        footer: format!("打印时间 {}", ctx.at.to_local_minute()),
    };
    let ident = pass.map_or_else(
        || exam.public_id().to_owned(),
        |pass| pass.public_id.clone(),
    );
    let imprint = Imprint::new(ident, ctx.at).of_exam(exam.row.code.clone());
    let pdf = crate::paper::set(&ctx.app, move |engine| {
        door_slip::render(engine, &sheet, &slips, &imprint)
    })
    .await?;
    Ok(pdf.bytes)
}

const STEPS: [&str; 5] = [
    "用手机自带的浏览器扫右边的二维码，或打开网址后输入授权码。不要用微信打开：断网后无法重新打开页面。",
    "填写监考人员姓名，点“登记本机”，等名单下载完成。请在考前有网络的地方完成。",
    "入场时扫考生准考证上的二维码，按屏幕提示核对照片和证件，点“确认入场”或“退回”。",
    "考场没有网络也能核验，联网后自动上报。考后请连一次网，看到“已全部上报”。",
    "用完后点“清除本机数据”。",
];

async fn slip(ctx: &Ctx, pass: &PassRow, sites: &[SiteRow]) -> Result<door_slip::Slip> {
    let code = code::of(&ctx.app, &pass.public_id);
    let known = pass_store::pass_by_code(&mut ctx.app.db().read(), &code.hash()).await?;
    if known.is_none_or(|known| known.id != pass.id) {
        // The database came without the keys that it was made under.
        return Err(Error::refused(
            "door_other_keys",
            "授权码已失效",
            "系统更换过密钥，这个授权的授权码无法再打印。请撤销后新建。",
        ));
    }
    let code = code.grouped();
    let site = sites.iter().find(|site| site.site_no == pass.site_no);
    let site = site.map_or_else(
        || format!("第 {} 考点", pass.site_no),
        |site| site.name.clone(),
    );
    let span = pass.span();
    let page = format!("{}/door", ctx.app.site_url());
    Ok(door_slip::Slip {
        rows: vec![
            Field::new("考点", site),
            Field::new("考场", pass.area().text()),
            Field::new("说明", pass.label.clone()),
            Field::new(
                "有效时间",
                format!(
                    "{} 至 {}",
                    span.opens.to_chinese_minute(),
                    span.closes.to_chinese_minute()
                ),
            ),
            Field::new("手机数量", format!("最多 {} 部", pass.most_devices)),
        ],
        link: format!("{page}#{code}"),
        site: page,
        code,
    })
}

struct Printed {
    stamp: Stamp,
    object: Object,
    count: usize,
}

impl Command for Printed {
    const NAME: &'static str = "door.slip";
    type Out = ();
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        let detail = json!({ "slips": self.count });
        self.stamp
            .trail()
            .audit(tx, "door.slip", self.object, detail)
            .await
    }
}
