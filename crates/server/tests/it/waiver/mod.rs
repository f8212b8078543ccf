//! 减免: asked for with evidence, granted before the payment or after it, refused and mended, and what becomes of it when the
//! application moves or ends.

mod before;
mod moved;
mod pages;
mod paid;

use app::waiver::{self, Form};
use app::{Ctx, message};
use domain::exam::settings::ExamSettings;
use domain::payment::{Waiver, WaiverCategory};
use domain::staff::Role;
use testkit::{TestCandidate, TestStaff};

use crate::payment::Stage;

pub(crate) const PNG: &[u8] = b"\x89PNG\r\n\x1a\nproof";
pub(crate) const FULL: &str = "城乡低保家庭";
const HALF: &str = "残疾人";

/// 残疾人 pay half beside the usual ones.
fn half(settings: &mut ExamSettings) {
    settings.fees.waiver.categories.push(WaiverCategory {
        name: HALF.into(),
        grants: Waiver::Percent { percent: 50 },
        evidence: "残疾人证".into(),
    });
}

fn form(category: &str) -> Form {
    Form {
        category: category.into(),
        statement: "家庭享受低保，证明由民政局出具".into(),
        keep: Vec::new(),
    }
}

/// Asks; what URLs of the office carry.
async fn asked(who: &TestCandidate, application: &str, category: &str) -> String {
    waiver::ask(
        &who.ctx(),
        application,
        &form(category),
        &[("低保证.png", PNG)],
    )
    .await
    .expect("asked");
    own(who, application).await.row.public_id
}

/// The one that was asked for last, as its owner sees it.
async fn own(who: &TestCandidate, application: &str) -> waiver::Own {
    let desk = waiver::desk(&who.ctx(), application).await.expect("a desk");
    desk.asked
        .into_iter()
        .next()
        .expect("one that was asked for")
}

async fn state(who: &TestCandidate, application: &str) -> &'static str {
    own(who, application).await.state.code()
}

async fn finance(s: &Stage) -> (TestStaff, Ctx) {
    let one = s.t.staff(&[Role::FinanceOfficer]).await;
    let ctx = one.ctx().await;
    (one, ctx)
}

async fn titles(ctx: &Ctx) -> Vec<String> {
    let page = message::inbox(ctx, None).await.expect("an inbox");
    page.into_iter().map(|one| one.title).collect()
}

/// Every statement about the data holds.
async fn sound(s: &Stage) {
    crate::positions::sound(&s.t).await;
    s.balances().await;
}
