//! Tickets that are kept set: found again, set anew when anything on them changes, lost without harm, swept, and set ahead by a
//! job that may die.

use app::account::correction::{self, IdentityForm};
use app::ticket::{self, TicketDraft, bake};
use app::{Ctx, Error, approval};
use domain::staff::Role;
use gateways::object::ObjectStore as _;
use testkit::{Browser, TestApp, TestCandidate, TestExam, both_backends};

use crate::arrangement::{applied, find, patient, seat, straight};
use crate::invariants::rows::{run, text_of};

const OPEN: &str = "2026-04-07 09:00";

/// The PDF as the candidate's browser gets it.
async fn printed(browser: &mut Browser, application: &str) -> Vec<u8> {
    let link = format!("/tickets/{application}");
    let page = browser.get(&link).await.expect(200);
    let pdf = browser.submit(page.form(&format!("{link}/print"))).await;
    let pdf = pdf.expect(200);
    assert!(pdf.body.starts_with(b"%PDF"));
    pdf.body.to_vec()
}

/// Path and digest of the only kept ticket.
async fn kept(t: &TestApp) -> (String, String) {
    (
        text_of(t, "SELECT path FROM ticket_file").await,
        text_of(t, "SELECT digest FROM ticket_file").await,
    )
}

async fn count(t: &TestApp, table: &str) -> String {
    text_of(t, &format!("SELECT CAST(COUNT(*) AS TEXT) FROM {table}")).await
}

async fn amended(t: &TestApp, ctx: &Ctx, exam: &TestExam, change: impl FnOnce(&mut TicketDraft)) {
    let now = find(t, exam).await;
    let mut draft = TicketDraft::of(&now);
    change(&mut draft);
    draft.reason = "考点要求补充".into();
    ticket::amend(ctx, &now, now.row.version, &draft)
        .await
        .unwrap();
}

/// One seated candidate, when printing opens.
async fn one(t: &TestApp) -> (TestExam, TestCandidate, String, Ctx) {
    let exam = t.recruitment(straight).await;
    let mut people = applied(t, &exam, &["林一舟"]).await;
    let officer = t.staff(&[Role::ExamOfficer]).await.ctx().await;
    seat(t, &officer, &exam, "甲").await;
    t.clock.set(OPEN);
    let (who, application) = people.remove(0);
    (exam, who, application, officer)
}

/// Approves the one thing that waits for a second person.
async fn approved(t: &TestApp) {
    let id = text_of(t, "SELECT public_id FROM approval WHERE state = 'open'").await;
    let second = t.staff(&[Role::ExamOfficer]).await;
    approval::decide(&second.ctx().await, &id, true, "核对了证件原件")
        .await
        .unwrap();
}

both_backends! {
    async fn a_second_print_is_the_kept_file_and_the_same_bytes_even_after_another_login(t: TestApp) {
        let t = patient(&t);
        let (_, who, application, _) = one(&t).await;
        let first = printed(&mut who.browser(), &application).await;
        let file = kept(&t).await;
        assert_eq!(t.objects.len(), 1);
        // Encrypted where it lies.
        let stored = t.objects.get(&file.0).await.unwrap();
        assert!(!stored.windows(5).any(|bytes| bytes == b"%PDF-"));
        t.clock.advance_hours(30);
        let second = printed(&mut who.again().await.browser(), &application).await;
        assert_eq!(first, second);
        assert_eq!((kept(&t).await, t.objects.len()), (file, 1));
        assert_eq!(text_of(&t, "SELECT CAST(times AS TEXT) FROM ticket_print").await, "2", "counted as ever");
    }

    async fn whatever_changes_on_a_ticket_sets_it_anew(t: TestApp) {
        let t = patient(&t);
        let (exam, who, application, officer) = one(&t).await;
        // Round the pages: a corrected number ends sessions, which is no part of this.
        let print = async || {
            let ctx = who.ctx();
            let own = ticket::own(&ctx, &application).await.unwrap();
            ticket::download(&ctx, own).await.unwrap()
        };
        let mut last = print().await;
        let mut file = kept(&t).await;
        for step in ["notice", "name", "number", "photo", "plan"] {
            match step {
                "notice" => amended(&t, &officer, &exam, |draft| draft.notice = "开考 15 分钟后不得入场。".into()).await,
                "name" => run(&t, &["UPDATE application SET name = '林壹舟'"]).await,
                "number" => {
                    let account = text_of(&t, &format!("SELECT public_id FROM account WHERE id = {}", who.id)).await;
                    let form = IdentityForm {
                        name: "林一舟".into(), id_type: "01".into(), id_number: t.person("某").number,
                        reason: "证件号码登记时看错了一位，已核对原件。".into(),
                    };
                    let desk = t.staff(&[Role::ExamOfficer]).await.ctx().await;
                    correction::request_identity(&desk, &account, &form).await.unwrap();
                    approved(&t).await;
                }
                "photo" => run(&t, &["UPDATE application SET photo_id = 0"]).await,
                _ => seat(&t, &officer, &exam, "乙").await,
            }
            let next = print().await;
            assert_ne!(next, last, "{step}");
            let now = kept(&t).await;
            assert!(now.0 != file.0 && now.1 != file.1, "{step}");
            assert_eq!(t.objects.len(), 1, "{step}: the one before is gone");
            assert_eq!(print().await, next, "{step}");
            (last, file) = (next, now);
        }
    }

    async fn a_file_that_is_lost_or_spoilt_is_a_miss_and_no_error(t: TestApp) {
        let t = patient(&t);
        let (_, who, application, _) = one(&t).await;
        let mut browser = who.browser();
        let first = printed(&mut browser, &application).await;
        let lost = kept(&t).await;
        t.objects.delete(&lost.0).await.unwrap();
        assert_eq!(printed(&mut browser, &application).await, first);
        let found = kept(&t).await;
        assert_ne!(found.0, lost.0);
        // Somebody else's content under its name.
        t.objects.delete(&found.0).await.unwrap();
        t.objects.put_back(&found.0, (&b"not ours"[..]).into()).await.unwrap();
        assert_eq!(printed(&mut browser, &application).await, first);
        assert_ne!(kept(&t).await.0, found.0);
        assert_eq!(t.objects.len(), 1);
    }

    async fn kept_tickets_go_three_days_after_the_window(t: TestApp) {
        let t = patient(&t);
        let (_, who, application, _) = one(&t).await;
        printed(&mut who.browser(), &application).await;
        t.clock.set("2026-04-15 08:59:59");
        assert_eq!(ticket::sweep(&t.system()).await.unwrap(), 0);
        t.clock.set("2026-04-15 09:00");
        assert_eq!(ticket::sweep(&t.system()).await.unwrap(), 1);
        assert_eq!((count(&t, "ticket_file").await.as_str(), t.objects.len()), ("0", 0));
        assert_eq!(ticket::sweep(&t.system()).await.unwrap(), 0);
        assert_eq!(count(&t, "ticket_print").await, "1", "that it was printed stays");
    }

    async fn switched_off_nothing_is_kept_and_nothing_set_ahead(t: TestApp) {
        let t = patient(&t);
        let t = t.with(|setup| setup.policy.ticket_cache = false);
        let (exam, who, application, officer) = one(&t).await;
        let first = printed(&mut who.at(&t).browser(), &application).await;
        bake::bake_due(&t.system()).await.unwrap();
        assert_eq!((count(&t, "ticket_file").await.as_str(), count(&t, "ticket_bake").await.as_str()), ("0", "0"));
        assert!(t.objects.is_empty());
        assert_eq!(printed(&mut who.at(&t).browser(), &application).await, first);
        let now = find(&t, &exam).await;
        assert_eq!(bake::baked(&officer, &now).await.unwrap(), None);
    }

    async fn tickets_are_set_ahead_three_days_before_and_again_when_they_are_made_of_something_else(t: TestApp) {
        let t = patient(&t);
        let exam = t.recruitment(straight).await;
        let people = applied(&t, &exam, &["林一舟", "欧阳喆䶮", "何小宁"]).await;
        let officer = t.staff(&[Role::ExamOfficer]).await;
        let ctx = officer.ctx().await;
        seat(&t, &ctx, &exam, "甲").await;
        let page = format!("/office/tickets/{}", exam.public_id);
        t.clock.set("2026-04-04 08:59:59");
        t.run_jobs().await;
        assert_eq!(count(&t, "ticket_bake").await, "0");
        officer.browser().get(&page).await.expect(200).lacks("已预生成");
        t.clock.set("2026-04-04 09:01");
        t.run_jobs().await;
        let now = find(&t, &exam).await;
        let baked = bake::baked(&ctx, &now).await.unwrap().unwrap();
        assert_eq!((baked.made, baked.total, baked.running), (3, 3, false));
        assert!(baked.bytes > 10_000);
        officer.browser().get(&page).await.expect(200).shows("已预生成").shows("/ 3 张");
        assert_eq!(t.objects.len(), 3);
        // What the job set is what is printed.
        t.clock.set(OPEN);
        let before = text_of(&t, "SELECT MIN(path) FROM ticket_file").await;
        for (who, application) in &people {
            printed(&mut who.browser(), application).await;
        }
        assert_eq!((text_of(&t, "SELECT MIN(path) FROM ticket_file").await, t.objects.len()), (before.clone(), 3));
        // Nothing has changed: nothing is done.
        t.clock.advance(120);
        t.run_jobs().await;
        assert_eq!(text_of(&t, "SELECT MIN(path) FROM ticket_file").await, before);
        // Another close: the same tickets are kept longer.
        amended(&t, &ctx, &exam, |draft| draft.closes = "2026-04-12 10:00".into()).await;
        t.clock.advance(120);
        t.run_jobs().await;
        let longer = text_of(&t, "SELECT CAST(MIN(expires_at) AS TEXT) FROM ticket_file").await;
        let close = domain::time::Timestamp::parse_local("2026-04-15 10:00").unwrap();
        assert_eq!(longer, close.micros().to_string());
        assert_eq!(text_of(&t, "SELECT MIN(path) FROM ticket_file").await, before);
        // Another notice: all of them anew, and the old files are gone.
        amended(&t, &ctx, &exam, |draft| draft.notice = "带好身份证。".into()).await;
        t.clock.advance(120);
        t.run_jobs().await;
        assert_eq!((count(&t, "ticket_file").await.as_str(), t.objects.len()), ("3", 3));
        assert_eq!(bake::baked(&ctx, &*find(&t, &exam).await).await.unwrap().unwrap().made, 3);
        let files = text_of(&t, &format!("SELECT CAST(COUNT(*) AS TEXT) FROM ticket_file WHERE path = '{before}'")).await;
        assert_eq!(files, "0");
    }

    async fn a_job_that_dies_goes_on_where_it_was(t: TestApp) {
        let t = patient(&t);
        let exam = t.recruitment(straight).await;
        applied(&t, &exam, &["林一舟"; 23]).await;
        let ctx = t.staff(&[Role::ExamOfficer]).await.ctx().await;
        seat(&t, &ctx, &exam, "甲").await;
        t.clock.set(OPEN);
        bake::bake_due(&t.system()).await.unwrap();
        let id: i64 = text_of(&t, "SELECT CAST(id AS TEXT) FROM ticket_bake").await.parse().unwrap();
        assert_eq!(bake::bake_some(&t.system(), id).await.unwrap(), Some((20, 23)));
        assert_eq!(count(&t, "ticket_file").await, "20");
        let mut people = Vec::new();
        for at in 0..20 {
            let sql = format!("SELECT path FROM ticket_file ORDER BY application_id LIMIT 1 OFFSET {at}");
            people.push(text_of(&t, &sql).await);
        }
        // Its job is gone with its process; the tick gives it another.
        run(&t, &["DELETE FROM job_progress", "DELETE FROM job WHERE name = 'ticket.bake'"]).await;
        t.run_jobs().await;
        let now = find(&t, &exam).await;
        let baked = bake::baked(&ctx, &now).await.unwrap().unwrap();
        assert_eq!((baked.made, baked.total, baked.running), (23, 23, false));
        assert_eq!((count(&t, "ticket_file").await.as_str(), t.objects.len()), ("23", 23));
        for (at, path) in people.iter().enumerate() {
            let sql = format!("SELECT path FROM ticket_file ORDER BY application_id LIMIT 1 OFFSET {at}");
            assert_eq!(&text_of(&t, &sql).await, path, "what was set is not set twice");
        }
        assert_eq!(bake::bake_some(&t.system(), id).await.unwrap(), None);
        assert!(matches!(bake::bake_some(&t.system(), 1).await, Err(Error::NotFound)));
    }

    async fn two_workers_at_one_step_leave_one_file_each_and_no_orphan(t: TestApp) {
        let t = patient(&t);
        let exam = t.recruitment(straight).await;
        applied(&t, &exam, &["林一舟", "何小宁"]).await;
        let ctx = t.staff(&[Role::ExamOfficer]).await.ctx().await;
        seat(&t, &ctx, &exam, "甲").await;
        t.clock.set(OPEN);
        bake::bake_due(&t.system()).await.unwrap();
        let id: i64 = text_of(&t, "SELECT CAST(id AS TEXT) FROM ticket_bake").await.parse().unwrap();
        let (a, b) = (t.system(), t.system());
        let (one, two) = testkit::tokio::join!(bake::bake_some(&a, id), bake::bake_some(&b, id));
        let done = [one, two].into_iter().filter(|one| matches!(one, Ok(Some(_)))).count();
        assert!(done >= 1);
        assert_eq!((count(&t, "ticket_file").await.as_str(), t.objects.len()), ("2", 2));
        // The window is over before the job came to it: it ends, and sets nothing more.
        run(&t, &["UPDATE ticket_bake SET state = 'running', reached = 0, made = 0"]).await;
        t.clock.set("2026-04-12 09:00");
        assert_eq!(bake::bake_some(&t.system(), id).await.unwrap(), None);
        assert_eq!(text_of(&t, "SELECT state FROM ticket_bake").await, "done");
    }

    async fn two_prints_at_once_leave_one_file(t: TestApp) {
        let t = patient(&t);
        let (_, who, application, _) = one(&t).await;
        let ctx = who.ctx();
        let own = async || ticket::own(&ctx, &application).await.unwrap();
        let (a, b) = (own().await, own().await);
        let (one, two) = testkit::tokio::join!(ticket::download(&ctx, a), ticket::download(&ctx, b));
        assert_eq!(one.unwrap(), two.unwrap());
        assert_eq!((count(&t, "ticket_file").await.as_str(), t.objects.len()), ("1", 1));
        assert_eq!(text_of(&t, "SELECT CAST(times AS TEXT) FROM ticket_print").await, "2");
    }

    async fn somebody_whose_ticket_cannot_be_set_stands_in_nobodys_way(t: TestApp) {
        let t = patient(&t);
        let exam = t.recruitment(straight).await;
        let people = applied(&t, &exam, &["林一舟", "何小宁"]).await;
        let ctx = t.staff(&[Role::ExamOfficer]).await.ctx().await;
        seat(&t, &ctx, &exam, "甲").await;
        t.clock.set(OPEN);
        run(&t, &[&format!("UPDATE application SET photo_id = 7 WHERE public_id = '{}'", people[0].1)]).await;
        t.run_jobs().await;
        let now = find(&t, &exam).await;
        let baked = bake::baked(&ctx, &now).await.unwrap().unwrap();
        assert_eq!((baked.made, baked.total, baked.running), (1, 2, false));
        printed(&mut people[1].0.browser(), &people[1].1).await;
    }
}
