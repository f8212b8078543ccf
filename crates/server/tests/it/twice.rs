//! What may be there once only, asked for by many at the same moment. The database itself keeps it single: where commands run
//! side by side (PostgreSQL), all of them would look before any has written.

use app::account::{correction, office, recovery};
use app::application::integrity::{self, IntegrityForm};
use app::{Ctx, Error, Result};
use db::{Crowd, p, sql};
use domain::staff::Role;
use testkit::{Person, TestApp, TestCandidate, both_backends};

use crate::invariants::run;

const AT_ONCE: usize = 12;

/// The answers to the same use case, called from as many tasks at once.
async fn at_once<F, T>(call: impl Fn(usize) -> F) -> Vec<Result<T>>
where
    F: Future<Output = Result<T>> + Send + 'static,
    T: Send + 'static,
{
    let tasks: Vec<_> = (0..AT_ONCE)
        .map(|n| testkit::tokio::spawn(call(n)))
        .collect();
    let mut answers = Vec::new();
    for task in tasks {
        answers.push(task.await.unwrap());
    }
    answers
}

/// How many went well; the others must be refused as `refused` says.
fn taken<T: std::fmt::Debug>(answers: &[Result<T>], refused: fn(&Error) -> bool) -> usize {
    for answer in answers {
        if let Err(error) = answer {
            assert!(refused(error), "{error:?}");
        }
    }
    answers.iter().filter(|answer| answer.is_ok()).count()
}

fn is_conflict(error: &Error) -> bool {
    matches!(error, Error::Conflict(_))
}

fn is_told_already_open(error: &Error) -> bool {
    matches!(error, Error::Refused(refusal) if refusal.code == "correction_open")
}

fn is_told_already_there(error: &Error) -> bool {
    matches!(error, Error::Fields(fields) if fields.get("id_number").is_some_and(|text| text.contains("已有同类记录")))
}

async fn desk(t: &TestApp) -> Ctx {
    t.staff(&[Role::ExamOfficer]).await.ctx().await
}

async fn address(ctx: &Ctx, candidate: &TestCandidate) -> String {
    let search = office::Search {
        number: candidate.person.number.clone(),
        ..office::Search::default()
    };
    office::search(ctx, &search).await.unwrap()[0]
        .public_id
        .clone()
}

async fn mobile_asked(ctx: &Ctx, address: &str) -> Vec<Result<()>> {
    at_once(|n| {
        let (ctx, address) = (ctx.clone(), address.to_owned());
        async move {
            let mobile = format!("139000011{n:02}");
            correction::request_mobile(&ctx, &address, &mobile, "手机遗失，已核对身份证原件").await
        }
    })
    .await
}

async fn entered(ctx: &Ctx, person: &Person) -> Vec<Result<String>> {
    at_once(|_| {
        let ctx = ctx.clone();
        let form = IntegrityForm {
            name: person.name.clone(),
            id_type: "01".into(),
            id_number: person.number.clone(),
            kind: "five_years".into(),
            source: "南屿市人社局，南人社罚〔2026〕12 号".into(),
            reason: "笔试中携带手机进入考场".into(),
            starts_on: "2026-01-05".into(),
            ends_on: String::new(),
        };
        async move { integrity::enter(&ctx, &form).await }
    })
    .await
}

async fn open_requests(t: &TestApp) -> i64 {
    let scan = t.app.db().scan(Crowd::System);
    scan.one(
        sql!("SELECT COUNT(*) FROM approval WHERE state = 'open'"),
        p![],
    )
    .await
    .unwrap()
}

async fn standing_records(t: &TestApp) -> i64 {
    let scan = t.app.db().scan(Crowd::System);
    scan.one(
        sql!("SELECT COUNT(*) FROM integrity_record WHERE lifted_at IS NULL"),
        p![],
    )
    .await
    .unwrap()
}

both_backends! {
    async fn of_requests_for_one_account_at_the_same_moment_one_is_taken(t: TestApp) {
        let zhang = t.candidate("张三").await;
        let ctx = desk(&t).await;
        let address = address(&ctx, &zhang).await;
        assert_eq!(taken(&mobile_asked(&ctx, &address).await, is_conflict), 1);

        let recoveries = at_once(|_| {
            let (ctx, address) = (ctx.clone(), address.clone());
            async move { recovery::request(&ctx, &address, "忘记密码，已核对身份证原件").await }
        });
        assert_eq!(taken(&recoveries.await, is_conflict), 1);

        let own = at_once(|_| {
            let ctx = zhang.ctx();
            let form = correction::IdentityForm {
                name: "张叁".into(), id_type: "01".into(), id_number: zhang.person.number.clone(),
                reason: "注册时姓名打错了一个字，以证件为准。".into(),
            };
            async move { correction::request_own(&ctx, &form, ("image/jpeg", "card.jpg", b"\xff\xd8\xff\xe0rest")).await }
        });
        assert_eq!(taken(&own.await, is_told_already_open), 1);
        assert_eq!(open_requests(&t).await, 3, "one of each kind");
        // The evidence of who came second went with his request.
        let files: i64 = t.app.db().scan(Crowd::System).one(sql!("SELECT COUNT(*) FROM object WHERE kind = 'correction'"), p![]).await.unwrap();
        assert_eq!(files, 1);

        // Decided, it may be asked for again.
        run(&t, &["UPDATE approval SET state = 'withdrawn'"]).await;
        assert_eq!(taken(&mobile_asked(&ctx, &address).await, is_conflict), 1);
    }

    async fn of_the_same_record_entered_at_the_same_moment_one_stands(t: TestApp) {
        let ctx = desk(&t).await;
        let person = t.person("何小宁");
        assert_eq!(taken(&entered(&ctx, &person).await, is_told_already_there), 1);
        assert_eq!(standing_records(&t).await, 1);
        // Lifted, it may be entered anew.
        run(&t, &["UPDATE integrity_record SET lifted_at = 1"]).await;
        assert_eq!(taken(&entered(&ctx, &person).await, is_told_already_there), 1);
    }

    async fn control_without_the_indexes_all_are_taken_and_the_migration_ends_the_doubles(t: TestApp) {
        run(&t, &["DROP INDEX approval_open", "DROP INDEX integrity_record_standing"]).await;
        let (zhang, li) = (t.candidate("张三").await, t.candidate("李四").await);
        let ctx = desk(&t).await;
        let address_of_li = address(&ctx, &li).await;
        recovery::request(&ctx, &address_of_li, "忘记密码，已核对身份证原件").await.unwrap();
        let address = address(&ctx, &zhang).await;
        assert_eq!(taken(&mobile_asked(&ctx, &address).await, |_| false), AT_ONCE);
        assert_eq!(taken(&entered(&ctx, &t.person("何小宁")).await, |_| false), AT_ONCE);
        integrity_other(&ctx, &t.person("苏晓")).await;

        // So may a database look that comes from an older version: the migration must go through, and leave the first of each.
        let migration = app::schema::MIGRATIONS.0.iter().find(|one| one.name == "0008_once").unwrap();
        let text = match t.app.db().backend() {
            db::Backend::Sqlite => migration.sqlite,
            db::Backend::Postgres => migration.postgres,
        };
        let statements: Vec<&str> = text.split(';').map(str::trim).filter(|one| !one.is_empty()).collect();
        run(&t, &statements).await;
        assert_eq!(open_requests(&t).await, 2);
        assert_eq!(standing_records(&t).await, 2);
        let kept: (i64, i64) = t.app.db().scan(Crowd::System).one(
            sql!("SELECT (SELECT MIN(id) FROM approval WHERE kind = 'mobile_change'), (SELECT id FROM approval WHERE kind = 'mobile_change' AND state = 'open')"),
            p![],
        ).await.unwrap();
        assert_eq!(kept.0, kept.1, "the first stands");
        assert_eq!(taken(&mobile_asked(&ctx, &address).await, is_conflict), 0);
        // What the migration ended says why.
        let withdrawn = app::approval::list(&ctx, "withdrawn", None, 50).await.unwrap();
        assert_eq!(withdrawn.len(), AT_ONCE - 1);
        assert!(withdrawn[0].note.contains("重复"), "{}", withdrawn[0].note);
        let filter = integrity::Filter { state: "lifted".into(), ..integrity::Filter::default() };
        let lifted = integrity::list(&ctx, &filter, None, 50).await.unwrap();
        assert_eq!(lifted.len(), AT_ONCE - 1);
        assert!(lifted.iter().all(|row| row.lift_reason.as_deref().is_some_and(|reason| reason.contains("重复"))));
    }
}

/// A record of another person, which is no double of anything.
async fn integrity_other(ctx: &Ctx, person: &Person) {
    let form = IntegrityForm {
        name: person.name.clone(),
        id_type: "01".into(),
        id_number: person.number.clone(),
        kind: "long_term".into(),
        source: "南屿市人社局，南人社罚〔2026〕13 号".into(),
        reason: "组织他人在考试中作弊".into(),
        starts_on: "2026-01-05".into(),
        ends_on: String::new(),
    };
    integrity::enter(ctx, &form).await.unwrap();
}
