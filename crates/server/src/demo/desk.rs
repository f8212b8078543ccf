//! Accounts that came from another system, and checks of identities: some in each state.

use anyhow::Context as _;
use app::account::session;
use app::account::{self, Activation, NewPassword, legacy, office, recovery};
use app::check::{self, batch};
use app::{Actor, Ctx, Secret, approval};
use domain::check::CheckKind;
use domain::time::Timestamp;

use super::accounts::CANDIDATE_PASSWORD;
use super::people::Person;
use super::world::World;

/// How many came along, how many of them have come since.
const BROUGHT: u32 = 12;
const OPENED: usize = 2;

impl World {
    /// A list of another system's candidates, confirmed, and some of them have opened their accounts at the counter.
    pub(super) async fn bring_along(&self, beyond: u32) -> anyhow::Result<()> {
        let at = self.days.at(-5, 10).min(self.days.0);
        self.clock.set(at);
        let people: Vec<Person> = (0..BROUGHT)
            .map(|n| Person::new(self.seed, beyond + 5_000 + n))
            .collect();
        let mut text = "姓名,证件类型,证件号码,手机号码\n".to_owned();
        for one in &people {
            let line = format!("{},居民身份证,{},{}\n", one.name, one.number, one.mobile);
            text.push_str(&line);
        }
        text.push_str("王某,居民身份证,43100219900101001,13900000000\n");
        let (one, two) = (self.by("kaowu", at).await?, self.by("kaowu2", at).await?);
        let name = "原报名系统考生.csv";
        let import = legacy::upload(&one, name, text.as_bytes(), "12").await?;
        self.work(at, &import).await?;
        legacy::ask_import(&one, &import, "原报名系统导出，已与存档核对").await?;
        let request = newest(&two).await?;
        approval::decide(&two, &request, true, "已核对来源和人数").await?;
        self.work(at, &import).await?;
        for person in people.iter().take(OPENED) {
            self.open_at_the_counter(person, &one, &two)
                .await
                .context("激活原系统账号")?;
        }
        legacy::tend(&self.system(at)).await?;
        Ok(())
    }

    async fn work(&self, at: Timestamp, import: &str) -> anyhow::Result<()> {
        while legacy::step(&self.system(at), import).await? {}
        Ok(())
    }

    async fn open_at_the_counter(
        &self,
        person: &Person,
        one: &Ctx,
        two: &Ctx,
    ) -> anyhow::Result<()> {
        let search = office::Search {
            number: person.number.clone(),
            ..office::Search::default()
        };
        let found = office::search(one, &search).await?;
        let found = found.first().context("没有这个账号")?;
        recovery::request(one, &found.public_id, "手机已换，已核对身份证原件").await?;
        let request = newest(two).await?;
        let slip = recovery::decide(two, &request, true, "已再次核对身份证原件").await?;
        let anybody = self.ctx(Actor::Anonymous, one.at);
        let activation = Activation {
            number: person.number.clone(),
            activation_code: slip.context("没有激活码")?.code,
            sms_code: String::new(),
            door: String::new(),
            captcha: self.solved(one.at),
        };
        let half = account::activate(&anybody, activation).await?;
        let session = session::lookup(&self.app, &half.token.expose(), one.at).await?;
        let chosen = NewPassword {
            password: Secret::new(CANDIDATE_PASSWORD),
            again: Secret::new(CANDIDATE_PASSWORD),
        };
        account::set_first(&anybody, &session.context("没有会话")?, chosen).await?;
        Ok(())
    }

    /// Identities are checked by a list that came back; educations wait for theirs.
    pub(super) async fn check_people(&self) -> anyhow::Result<()> {
        let at = self.days.0.plus_seconds(-3600);
        self.clock.set(at);
        while check::ask_due(&self.system(at)).await? > 0 {}
        let officer = self.by("kaowu", at).await?;
        let why = "送公安部门核验姓名和证件号码";
        let list = batch::make(&officer, CheckKind::Identity, why).await?;
        let book =
            documents::xlsx::read(&batch::take(&officer, &list, why).await?).context("核验名单")?;
        let mut text = "核验编号,核验结果\n".to_owned();
        let rows = book.first().map_or(&[][..], |sheet| &sheet.rows);
        let items = rows.iter().skip(1).filter_map(|row| row.first());
        let items = items.filter(|cell| !cell.raw().starts_with('【'));
        for (place, item) in items.enumerate() {
            let answer = match place % 40 {
                7 => "不一致",
                23 => "无法核验",
                _ => "一致",
            };
            text.push_str(&format!("{},{answer}\n", item.raw()));
        }
        batch::upload(&officer, &list, "公安部门反馈.csv", text.as_bytes()).await?;
        batch::confirm(&officer, &list).await?;
        self.clock.set(self.days.0);
        Ok(())
    }
}

/// The newest request that waits for a second person.
async fn newest(ctx: &Ctx) -> anyhow::Result<String> {
    let open = approval::list(ctx, "open", None, 1).await?;
    let row = open.first().context("没有待复核的申请")?;
    Ok(row.public_id.clone())
}
