//! 核验授权: made for a site, for some of its rooms, or for every site at once; looked at, taken back.

use db::{Command, Crowd, Lane, Tx};
use documents::door_slip;
use domain::door::{Area, MOST_DAYS, MOST_DEVICES, PassState, Span};
use domain::exam::Phase;
use domain::field::FieldErrors;
use domain::sheet::clean;
use domain::staff::Permission;
use domain::time::Timestamp;
use serde_json::json;

use super::device_store::{self, DeviceRow};
use super::pass_store::{self, PassInsert, PassRow, SiteRow};
use super::{code, object, unseated};
use crate::exam::Exam;
use crate::{App, Ctx, Error, Result, Stamp};

/// Passes on a page.
pub const PAGE: i64 = 50;
/// Most passes that one form makes.
const MOST: usize = door_slip::MOST;
/// Most characters of what a pass is called.
const LABEL: usize = 40;
/// Hours before the first paper in which phones can be got ready, if nobody says otherwise.
const BEFORE: i64 = 24;
/// Hours after the last paper.
const AFTER: i64 = 4;

impl PassRow {
    /// Which rooms it is for.
    pub fn area(&self) -> Area {
        Area {
            site: self.site_no,
            rooms: (self.first_room, self.last_room),
        }
    }

    /// When it opens and closes.
    pub fn span(&self) -> Span {
        Span {
            opens: Timestamp::from_micros(self.opens_at),
            closes: Timestamp::from_micros(self.closes_at),
        }
    }

    /// Whether it was not taken back.
    pub fn is_active(&self) -> bool {
        PassState::from_code(&self.state) == Some(PassState::Active)
    }
}

/// A pass as typed.
#[derive(Debug, Clone, Default)]
pub struct PassForm {
    /// The number of a site, or `all`.
    pub site: String,
    /// First and last room; both empty for the whole site.
    pub first: String,
    /// See `first`.
    pub last: String,
    /// What it is called on lists, for example a building; the site's name if empty.
    pub label: String,
    /// `2026-04-11T08:00`.
    pub opens: String,
    /// `2026-04-12T18:00`.
    pub closes: String,
    /// How many phones.
    pub devices: String,
}

/// What the form offers: from a day before the first paper until some hours after the last.
pub async fn form(ctx: &Ctx, exam: &Exam) -> Result<PassForm> {
    ctx.allow_for(Permission::Arrange, exam.id(), "")?;
    let sessions = crate::arrangement::sessions(&ctx.app, exam).await?;
    let window = exam.window(Phase::Sitting);
    let first = sessions.iter().map(|one| one.starts_at).min();
    let last = sessions.iter().map(|one| one.ends_at).max();
    let edge = |at: Option<Timestamp>, hours: i64| {
        at.map_or_else(String::new, |at| at.plus_seconds(hours * 3600).to_input())
    };
    Ok(PassForm {
        opens: edge(first.or(window.map(|window| window.open())), -BEFORE),
        closes: edge(last.or(window.map(|window| window.close())), AFTER),
        devices: "20".into(),
        ..PassForm::default()
    })
}

/// The sites of the published plan; none without one.
pub async fn sites(ctx: &Ctx, exam: &Exam) -> Result<Vec<SiteRow>> {
    ctx.allow_for(Permission::Arrange, exam.id(), "")?;
    if exam.row.seat_plan == 0 {
        return Ok(Vec::new());
    }
    let mut scan = ctx.app.db().scan(Crowd::Staff);
    Ok(pass_store::sites(&mut scan, exam.row.seat_plan).await?)
}

/// What a form came to.
struct Wanted {
    places: Vec<(i64, (i64, i64), String)>,
    span: Span,
    devices: i64,
}

/// Makes a pass, or one for every site, and says how many.
///
/// # Errors
/// `Refused` without a published plan; `Fields` under the names of [`PassForm`].
pub async fn make(ctx: &Ctx, exam: &Exam, form: &PassForm) -> Result<usize> {
    let sites = sites(ctx, exam).await?;
    if sites.is_empty() {
        return Err(unseated());
    }
    let wanted = read(ctx.at, &sites, form)?;
    let rows = u32::try_from(wanted.places.len() * 2).unwrap_or(u32::MAX);
    let command = Make {
        app: ctx.app.clone(),
        stamp: Stamp::for_rows(ctx, rows),
        exam_id: exam.id(),
        wanted,
    };
    ctx.app.db().write(Lane::Interactive, command).await
}

fn read(at: Timestamp, sites: &[SiteRow], form: &PassForm) -> Result<Wanted> {
    let mut errors = FieldErrors::new();
    let label = domain::text::line(&form.label);
    if label.chars().count() > LABEL {
        errors.add("label", format!("说明最多 {LABEL} 字"));
    }
    let named = |site: &SiteRow| match label.as_str() {
        "" => site.name.chars().take(LABEL).collect(),
        label => label.to_owned(),
    };
    let mut places = Vec::new();
    let ranged = !form.first.trim().is_empty() || !form.last.trim().is_empty();
    if form.site == "all" {
        if ranged {
            errors.add("first", "为全部考点各建一个时，考场请留空");
        }
        if sites.len() > MOST {
            errors.add("site", format!("考点超过 {MOST} 个，请逐个建立"));
        }
        places.extend(sites.iter().map(|site| (site.site_no, (0, 0), named(site))));
    } else {
        let number: Option<i64> = form.site.parse().ok();
        match sites.iter().find(|site| Some(site.site_no) == number) {
            None => errors.add("site", "请选择考点"),
            Some(site) => {
                let rooms = ranged.then(|| rooms_of(site, form, &mut errors)).flatten();
                places.push((site.site_no, rooms.unwrap_or((0, 0)), named(site)));
            }
        }
    }
    let mut time = |key: &'static str, typed: &str, say: &str| {
        let time = Timestamp::parse_local(&typed.replace('T', " "));
        if time.is_none() {
            errors.add(key, say);
        }
        time
    };
    let opens = time(
        "opens",
        &form.opens,
        "请填写开始时间，例如 2026-04-11 08:00",
    );
    let closes = time(
        "closes",
        &form.closes,
        "请填写结束时间，例如 2026-04-12 18:00",
    );
    let mut span = None;
    if let (Some(opens), Some(closes)) = (opens, closes) {
        if closes <= opens {
            errors.add("closes", "结束时间应晚于开始时间");
        } else if closes <= at {
            errors.add("closes", "结束时间应晚于现在");
        } else if closes > opens.plus_days(MOST_DAYS) {
            errors.add("closes", format!("一个授权最长 {MOST_DAYS} 天"));
        }
        span = Some(Span { opens, closes });
    }
    let devices = clean::whole_number(&form.devices)
        .map(i64::from)
        .filter(|count| (1..=MOST_DEVICES).contains(count));
    if devices.is_none() {
        errors.add(
            "devices",
            format!("手机数量应为 1 到 {MOST_DEVICES} 的整数"),
        );
    }
    errors.into_result()?;
    let (Some(span), Some(devices)) = (span, devices) else {
        return Err(Error::inconsistent("a pass without errors"));
    };
    Ok(Wanted {
        places,
        span,
        devices,
    })
}

/// The range that was typed; one number alone is one room.
fn rooms_of(site: &SiteRow, form: &PassForm, errors: &mut FieldErrors) -> Option<(i64, i64)> {
    let mut number = |key: &'static str, typed: &str, other: &str| {
        let typed = if typed.trim().is_empty() {
            other
        } else {
            typed
        };
        let number = clean::whole_number(typed).map(i64::from);
        let inside = number.filter(|no| (site.first_room..=site.last_room).contains(no));
        if inside.is_none() {
            let (first, last) = (site.first_room, site.last_room);
            errors.add(key, format!("这个考点的考场号是 {first:03} 到 {last:03}"));
        }
        inside
    };
    let first = number("first", &form.first, &form.last);
    let last = number("last", &form.last, &form.first);
    let (first, last) = (first?, last?);
    if last < first {
        errors.add("last", "末尾考场号不能小于起始考场号");
        return None;
    }
    Some((first, last))
}

struct Make {
    app: App,
    stamp: Stamp,
    exam_id: i64,
    wanted: Wanted,
}

impl Command for Make {
    const NAME: &'static str = "door.pass";
    type Out = usize;
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<usize> {
        let mut trail = self.stamp.trail();
        let Wanted {
            places,
            span,
            devices,
        } = &self.wanted;
        for (site_no, rooms, label) in places {
            let id = trail.id()?;
            let public_id = trail.public_id(id).to_string();
            let row = PassInsert {
                id,
                public_id: &public_id,
                exam_id: self.exam_id,
                site_no: *site_no,
                rooms: *rooms,
                code_hash: &code::of(&self.app, &public_id).hash(),
                label,
                span: (span.opens.micros(), span.closes.micros()),
                most_devices: *devices,
                by: self.stamp.actor_id(),
                at: self.stamp.at.micros(),
            };
            pass_store::pass_insert(tx, &row).await?;
            let valid = [span.opens, span.closes].map(Timestamp::to_local_minute);
            let detail = json!({
                "site_no": site_no, "rooms": [rooms.0, rooms.1], "devices": devices, "valid": valid.join(" 至 "),
            });
            trail
                .audit(tx, "door.pass", object(id, self.exam_id), detail)
                .await?;
        }
        Ok(places.len())
    }
}

/// The passes of an exam, newest first, one more than a page.
pub async fn passes(ctx: &Ctx, exam: &Exam, before: Option<i64>) -> Result<Vec<PassRow>> {
    ctx.allow_for(Permission::Arrange, exam.id(), "")?;
    let mut scan = ctx.app.db().scan(Crowd::Staff);
    let before = before.unwrap_or(i64::MAX);
    Ok(pass_store::passes_of(&mut scan, exam.id(), before, PAGE + 1).await?)
}

/// One pass of an exam.
///
/// # Errors
/// `NotFound` also for one of another exam.
pub async fn pass(ctx: &Ctx, exam: &Exam, public_id: &str) -> Result<PassRow> {
    ctx.allow_for(Permission::Arrange, exam.id(), "")?;
    pass_store::pass_by_public_id(&mut ctx.app.db().read(), public_id)
        .await?
        .filter(|pass| pass.exam_id == exam.id())
        .ok_or(Error::NotFound)
}

/// The phones of a pass, in the order in which they came. The caller got it from [`pass`].
pub async fn devices(ctx: &Ctx, pass: &PassRow) -> Result<Vec<DeviceRow>> {
    ctx.allow_for(Permission::Arrange, pass.exam_id, "")?;
    let mut scan = ctx.app.db().scan(Crowd::Staff);
    Ok(device_store::devices_of(&mut scan, pass.id).await?)
}

/// Takes a pass back, with all its phones. The caller got it from [`pass`].
///
/// # Errors
/// `Conflict` if it was before.
pub async fn revoke(ctx: &Ctx, pass: &PassRow) -> Result<()> {
    take_back(ctx, pass, None).await
}

/// Takes one phone of a pass back; its place is free for another. The caller got the pass from [`pass`].
///
/// # Errors
/// `Conflict` if it was before, or isn't one of the pass.
pub async fn revoke_device(ctx: &Ctx, pass: &PassRow, device_id: i64) -> Result<()> {
    take_back(ctx, pass, Some(device_id)).await
}

async fn take_back(ctx: &Ctx, pass: &PassRow, device: Option<i64>) -> Result<()> {
    ctx.allow_for(Permission::Arrange, pass.exam_id, "")?;
    let command = Revoke {
        stamp: Stamp::of(ctx),
        pass: (pass.id, pass.exam_id),
        device,
    };
    ctx.app.db().write(Lane::Interactive, command).await
}

struct Revoke {
    stamp: Stamp,
    pass: (i64, i64),
    device: Option<i64>,
}

impl Command for Revoke {
    const NAME: &'static str = "door.revoke";
    type Out = ();
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        let (id, exam_id) = self.pass;
        let by = (self.stamp.actor_id(), self.stamp.at.micros());
        let done = match self.device {
            None => pass_store::pass_revoke(tx, id, by).await?,
            Some(device) => device_store::device_revoke(tx, device, id).await?,
        };
        if done == 0 {
            return Err(Error::Conflict("已经撤销过了，请刷新页面查看"));
        }
        if self.device.is_some() {
            pass_store::device_place_free(tx, id).await?;
        }
        let detail = json!({ "device": self.device });
        self.stamp
            .trail()
            .audit(tx, "door.revoke", object(id, exam_id), detail)
            .await
    }
}
