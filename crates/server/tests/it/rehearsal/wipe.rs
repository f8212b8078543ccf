//! 清除: after it nothing refers to a rehearsal or its candidates, in any column of any table; a real exam can't be wiped.

use std::collections::{BTreeMap, BTreeSet};

use app::Error;
use app::rehearsal::wipe;
use db::schema::Kind;
use domain::exam::steps::ReviewStep;
use domain::staff::Role;
use testkit::{TestApp, TestExam, both_backends};

use super::exam_day;
use crate::invariants::rows::{Rows, int, run, text, text_of};

const TITLE: &str = "试一遍再清除";

/// Tables in which nothing of an exam or a candidate stands, or which remember for good, each with the reason.
const STAY: &[(&str, &str)] = &[
    ("audit_entry", "the trail stays"),
    ("audit_link", "the chain of the trail"),
    ("rehearsal_wipe", "the certificate"),
    ("key_check", "keys"),
    (
        "legacy_import",
        "people of another system: nobody is made up",
    ),
    ("legacy_problem", "the same"),
    ("legacy_entry", "the same"),
    ("check_due", "nobody is asked about people who are made up"),
    ("check_item", "the same"),
    (
        "nontax_batch",
        "lists of a bank: no rehearsal has a code that one could name",
    ),
    (
        "treasury_list",
        "lists for the treasury: no money of a rehearsal is handed over",
    ),
    (
        "fiscal_import",
        "files of the fiscal office: no rehearsal has a receipt that one could name",
    ),
    ("fiscal_problem", "the same"),
    ("fiscal_past", "the same"),
    ("check_batch", "the same"),
    ("check_result", "the same"),
    ("check_problem", "the same"),
    ("application_check", "a rehearsal asks for no check"),
    ("bill", "a rehearsal is paid by no channel that has bills"),
    ("bill_take", "the same"),
    ("bill_line", "the same"),
    ("bill_finding", "the same"),
    ("bill_revenue", "the same"),
    (
        "hand_revenue",
        "a rehearsal is paid neither at the counter nor by a code",
    ),
    ("site_setting", "the site's"),
    ("site_page", "the site's"),
    ("venue", "the library of rooms, used by every exam"),
    ("venue_room", "the same"),
    ("spent_nonce", "random, expires"),
    ("staff", "people of the office"),
    ("job_plan", "timers"),
    ("job_lease", "timers"),
    ("schema_migration", "the schema"),
    ("schema_version", "the schema"),
    ("db_migration", "the schema"),
];

/// Columns whose numbers are no ids, by the end of their names.
fn is_number(name: &str) -> bool {
    ["_at", "until", "expires", "opens", "closes", "version"]
        .iter()
        .any(|end| name.ends_with(end))
        || ["at", "seed", "posting"].contains(&name)
}

type Ids = BTreeSet<i64>;

async fn number(t: &TestApp, sql: &str) -> i64 {
    text_of(t, sql).await.parse().unwrap()
}

/// Every number in every column that may be an id: table, column, values.
async fn numbers(t: &TestApp) -> BTreeMap<(String, String), Ids> {
    let rows = Rows::new(t).await;
    let mut found = BTreeMap::new();
    for table in rows.schema.tables.values() {
        for column in &table.columns {
            if column.kind != Kind::Int || is_number(&column.name) {
                continue;
            }
            let sql = match t.app.db().backend() {
                db::Backend::Sqlite => format!(
                    "SELECT COALESCE(group_concat(DISTINCT \"{}\"), '') FROM {}",
                    column.name, table.name
                ),
                db::Backend::Postgres => format!(
                    "SELECT COALESCE(string_agg(DISTINCT CAST(\"{}\" AS TEXT), ','), '') FROM {}",
                    column.name, table.name
                ),
            };
            let values = text_of(t, &sql).await;
            let values: Ids = values
                .split(',')
                .filter_map(|value| value.parse().ok())
                .collect();
            found.insert((table.name.clone(), column.name.clone()), values);
        }
    }
    found
}

/// A rehearsal that went all the way, and a row of its own in every table that the way doesn't reach.
async fn stage(t: &TestApp) -> TestExam {
    let exam = t
        .rehearsal(TITLE, |settings| settings.steps.review = ReviewStep::None)
        .await;
    let all = t.rehearsing(&exam, (4, 100, 50)).await;
    app::statistics::fold(&t.app).await.unwrap();
    let (e, him) = (exam.id, all[0].id);
    let application = number(
        t,
        &format!("SELECT CAST(MIN(id) AS TEXT) FROM application WHERE exam_id = {e}"),
    )
    .await;
    let order = number(
        t,
        &format!(
            "SELECT CAST(MIN(id) AS TEXT) FROM payment_order WHERE exam_id = {e} AND state = 'paid'"
        ),
    )
    .await;
    let attempt = number(
        t,
        &format!("SELECT CAST(MIN(id) AS TEXT) FROM payment_attempt WHERE order_id = {order}"),
    )
    .await;
    let merchant = text_of(
        t,
        &format!("SELECT merchant_no FROM payment_attempt WHERE id = {attempt}"),
    )
    .await;
    let position = number(
        t,
        &format!("SELECT CAST(MIN(id) AS TEXT) FROM position WHERE exam_id = {e}"),
    )
    .await;
    let staff = t.staff(&[Role::ExamOfficer]).await.id;
    // A file too large for a row, and one of the staff's.
    let large = t.app.objects().put(b"x".to_vec().into()).await.unwrap();
    let ticket = t.app.objects().put(b"y".to_vec().into()).await.unwrap();
    let papers = t.app.objects().put(b"z".to_vec().into()).await.unwrap();
    let mut rows = Rows::new(t).await;
    let mut put = Vec::new();
    let id = exam_day::id;
    put.push((
        "object",
        vec![
            ("id", int(id(1))),
            ("kind", text("attachment")),
            ("owner_kind", text("account")),
            ("owner_id", int(him)),
            ("path", text(&large)),
        ],
    ));
    for n in [2, 3, 4, 5, 6] {
        put.push((
            "object",
            vec![
                ("id", int(id(n))),
                ("kind", text("import")),
                ("owner_kind", text("staff")),
                ("owner_id", int(staff)),
                ("content", db::Value::Blob(vec![1])),
            ],
        ));
    }
    put.push((
        "sms_code",
        vec![
            ("id", int(id(1))),
            ("purpose", text("recover")),
            ("account_id", int(him)),
        ],
    ));
    put.push((
        "form_draft",
        vec![("account_id", int(him)), ("form", text("x"))],
    ));
    put.push((
        "idempotency",
        vec![
            ("owner_kind", text("account")),
            ("owner_id", int(him)),
            ("request_key", text("k")),
        ],
    ));
    put.push((
        "staff_grant",
        vec![
            ("staff_id", int(staff)),
            ("role", text("exam_officer")),
            ("exam_id", int(e)),
            ("unit", text("x")),
        ],
    ));
    put.push((
        "approval",
        vec![
            ("id", int(id(1))),
            ("kind", text("mobile_change")),
            ("object_id", int(him)),
            ("state", text("open")),
        ],
    ));
    put.push((
        "account_claim",
        vec![
            ("id", int(id(1))),
            ("account_id", int(him)),
            ("state", text("open")),
            ("evidence_id", int(id(5))),
        ],
    ));
    put.push((
        "announcement",
        vec![
            ("id", int(id(1))),
            ("state", text("published")),
            ("exam_id", int(e)),
        ],
    ));
    put.push((
        "announcement_attachment",
        vec![
            ("id", int(id(1))),
            ("announcement_id", int(id(1))),
            ("object_id", int(id(2))),
        ],
    ));
    put.push((
        "import_batch",
        vec![
            ("id", int(id(2))),
            ("exam_id", int(e)),
            ("kind", text("seats")),
            ("state", text("staged")),
            ("object_id", int(id(3))),
        ],
    ));
    put.push((
        "import_problem",
        vec![("batch_id", int(id(2))), ("severity", text("error"))],
    ));
    put.push((
        "subject",
        vec![
            ("id", int(id(1))),
            ("exam_id", int(e)),
            ("batch_id", int(id(2))),
        ],
    ));
    put.push((
        "application_file",
        vec![
            ("id", int(id(1))),
            ("application_id", int(application)),
            ("object_id", int(id(1))),
        ],
    ));
    put.push((
        "fee_waiver",
        vec![
            ("id", int(id(1))),
            ("application_id", int(application)),
            ("exam_id", int(e)),
            ("state", text("pending")),
        ],
    ));
    put.push((
        "fee_waiver_file",
        vec![
            ("id", int(id(1))),
            ("waiver_id", int(id(1))),
            ("object_id", int(id(1))),
        ],
    ));
    put.push((
        "application_carried",
        vec![
            ("application_id", int(application)),
            ("exam_id", int(e)),
            ("standing", text("new")),
        ],
    ));
    put.push((
        "application_delta",
        vec![
            ("id", int(id(1))),
            ("exam_id", int(e)),
            ("position_id", int(position)),
        ],
    ));
    put.push((
        "review_claim",
        vec![
            ("application_id", int(application)),
            ("staff_id", int(staff)),
        ],
    ));
    put.push((
        "review_decision",
        vec![
            ("id", int(id(1))),
            ("application_id", int(application)),
            ("decision", text("approve")),
        ],
    ));
    put.push((
        "refund",
        vec![
            ("id", int(id(1))),
            ("order_id", int(order)),
            ("attempt_id", int(attempt)),
            ("amount", int(1)),
            ("state", text("requested")),
        ],
    ));
    put.push((
        "treasury_line",
        vec![
            ("refund_id", int(id(1))),
            ("order_id", int(order)),
            ("amount", int(1)),
        ],
    ));
    put.push((
        "fiscal_import",
        vec![("id", int(id(1))), ("state", text("staged"))],
    ));
    put.push((
        "fiscal_row",
        vec![
            ("import_id", int(id(1))),
            ("line", int(1)),
            ("order_id", int(order)),
            ("amount", int(1)),
            ("change", text("new")),
            ("outcome", text("")),
        ],
    ));
    put.push((
        "fiscal_receipt",
        vec![
            ("order_id", int(order)),
            ("exam_id", int(e)),
            ("import_id", int(id(1))),
            ("amount", int(1)),
        ],
    ));
    put.push((
        "nontax_code",
        vec![("order_id", int(order)), ("exam_id", int(e))],
    ));
    put.push((
        "nontax_batch",
        vec![("id", int(id(1))), ("state", text("staged"))],
    ));
    put.push((
        "nontax_row",
        vec![
            ("batch_id", int(id(1))),
            ("line", int(1)),
            ("order_id", int(order)),
            ("amount", int(1)),
        ],
    ));
    put.push((
        "offline_entry",
        vec![
            ("id", int(id(1))),
            ("order_id", int(order)),
            ("refund_id", int(id(1))),
            ("method", text("cash")),
            ("amount", int(1)),
            ("state", text("entered")),
        ],
    ));
    put.push((
        "rehearsal_refund",
        vec![("merchant_no", text(&merchant)), ("amount", int(1))],
    ));
    put.push((
        "discrepancy",
        vec![
            ("id", int(id(1))),
            ("order_id", int(order)),
            ("state", text("open")),
        ],
    ));
    put.push(("setback", vec![("kind", text("order")), ("id", int(order))]));
    put.push((
        "setback",
        vec![("kind", text("review")), ("id", int(application))],
    ));
    put.push((
        "seat_plan",
        vec![
            ("id", int(id(1))),
            ("exam_id", int(e)),
            ("version", int(1)),
            ("source", text("imported")),
            ("state", text("published")),
            ("replay_object", int(id(6))),
        ],
    ));
    put.push((
        "seat_room",
        vec![
            ("plan_id", int(id(1))),
            ("room_no", int(1)),
            ("capacity", int(30)),
            ("usage", text("standard")),
        ],
    ));
    put.push((
        "seat",
        vec![
            ("plan_id", int(id(1))),
            ("application_id", int(application)),
            ("session", int(1)),
            ("room_no", int(1)),
            ("seat_no", int(1)),
        ],
    ));
    put.push((
        "ticket_number",
        vec![("exam_id", int(e)), ("application_id", int(application))],
    ));
    put.push((
        "ticket_print",
        vec![("application_id", int(application)), ("exam_id", int(e))],
    ));
    put.extend(exam_day::rows(e, application, [&ticket, &papers]));
    put.push((
        "score_batch",
        vec![
            ("id", int(id(1))),
            ("exam_id", int(e)),
            ("version", int(1)),
            ("state", text("published")),
        ],
    ));
    put.push((
        "score",
        vec![
            ("batch_id", int(id(1))),
            ("application_id", int(application)),
            ("subject_code", text("1")),
            ("flag", text("normal")),
        ],
    ));
    put.push((
        "score_total",
        vec![
            ("batch_id", int(id(1))),
            ("application_id", int(application)),
        ],
    ));
    put.push((
        "score_sheet",
        vec![
            ("batch_id", int(id(1))),
            ("application_id", int(application)),
        ],
    ));
    put.push((
        "message_round",
        vec![
            ("id", int(id(1))),
            ("exam_id", int(e)),
            ("kind", text("ticket")),
            ("object_id", int(id(1))),
        ],
    ));
    put.push((
        "message_told",
        vec![
            ("kind", text("ticket")),
            ("application_id", int(application)),
            ("object_id", int(id(1))),
        ],
    ));
    put.push((
        "outbox_message",
        vec![
            ("id", int(id(1))),
            ("account_id", int(him)),
            ("state", text("dropped")),
        ],
    ));
    put.push((
        "broadcast",
        vec![
            ("id", int(id(1))),
            ("exam_id", int(e)),
            ("state", text("draft")),
        ],
    ));
    put.push((
        "position_amendment",
        vec![
            ("id", int(id(1))),
            ("exam_id", int(e)),
            ("kind", text("change")),
            ("state", text("draft")),
        ],
    ));
    put.push((
        "position_revision",
        vec![
            ("amendment_id", int(id(1))),
            ("position_id", int(position)),
            ("kind", text("change")),
        ],
    ));
    put.push((
        "position_decision",
        vec![
            ("id", int(id(1))),
            ("exam_id", int(e)),
            ("kind", text("single")),
            ("state", text("draft")),
        ],
    ));
    put.push((
        "position_decision_item",
        vec![
            ("decision_id", int(id(1))),
            ("position_id", int(position)),
            ("proposal", text("keep")),
            ("outcome", text("keep")),
            ("state", text("waiting")),
        ],
    ));
    put.push((
        "settings_change",
        vec![
            ("id", int(id(1))),
            ("exam_id", int(e)),
            ("state", text("draft")),
        ],
    ));
    put.push((
        "exam_archive",
        vec![
            ("id", int(id(1))),
            ("exam_id", int(e)),
            ("state", text("asked")),
        ],
    ));
    put.push((
        "archive_file",
        vec![
            ("archive_id", int(id(1))),
            ("seq", int(1)),
            ("object_id", int(id(4))),
        ],
    ));
    put.push((
        "archive_purge",
        vec![
            ("archive_id", int(id(1))),
            ("kind", text("package")),
            ("state", text("waiting")),
        ],
    ));
    put.push((
        "carried_import",
        vec![
            ("id", int(id(1))),
            ("exam_id", int(e)),
            ("version", int(1)),
            ("state", text("current")),
        ],
    ));
    put.push((
        "carried_entry",
        vec![("id", int(id(1))), ("import_id", int(id(1)))],
    ));
    put.push((
        "carried_problem",
        vec![
            ("import_id", int(id(1))),
            ("item", int(1)),
            ("severity", text("error")),
        ],
    ));
    put.push((
        "carried_current",
        vec![("exam_id", int(e)), ("import_id", int(id(1)))],
    ));
    put.push((
        "job",
        vec![
            ("id", int(id(1))),
            // As `app::chunks` keys the jobs over a row: by its id.
            ("dedup_key", text(&id(1).to_string())),
            ("payload", text("{}")),
            ("state", text("ready")),
            ("max_failures", int(3)),
            ("due_at", int(i64::MAX)),
        ],
    ));
    put.push(("job_progress", vec![("job_id", int(id(1)))]));
    put.push((
        "saved_filter",
        vec![
            ("id", int(id(1))),
            ("staff_id", int(staff)),
            ("query", text(&format!("exam={}&x=1", exam.public_id))),
        ],
    ));
    for (table, told) in &put {
        rows.put(table, told).await;
    }
    // What is found by the document's number, not by an id.
    let texts = [
        format!(
            "INSERT INTO integrity_record (id, id_index, name, kind, reason, starts_on, created_by, created_at) SELECT {}, id_index, '', 'no_show', '', '2026-01-01', 0, 0 FROM account WHERE id = {him}",
            id(1)
        ),
        format!(
            "INSERT INTO throttle (subject, whom, failures, blocked_until, changed_at) SELECT id_index, id_index, 1, 0, {} FROM account WHERE id = {him}",
            i64::MAX
        ),
    ];
    run(t, &texts.each_ref().map(String::as_str)).await;
    exam
}

/// Everything that is the rehearsal's: ids of its rows in the tables that a wipe goes through.
async fn its_ids(t: &TestApp, before: &BTreeMap<(String, String), Ids>) -> Ids {
    let mut ids = Ids::new();
    for ((table, column), values) in numbers(t).await {
        let known = before
            .get(&(table, column.clone()))
            .cloned()
            .unwrap_or_default();
        if column == "id" || column == "account_id" || column == "exam_id" {
            ids.extend(values.difference(&known).copied().filter(|id| *id > 1_000));
        }
    }
    // The people of the office who were made meanwhile stay, with their sessions.
    for sql in [
        "SELECT CAST(id AS TEXT) FROM staff",
        "SELECT CAST(id AS TEXT) FROM session WHERE kind = 'staff'",
    ] {
        let scan = t.app.db().scan(db::Crowd::System);
        let rows: Vec<String> = scan.rows(db::Sql::__any(sql), &[]).await.unwrap();
        for id in rows {
            ids.remove(&id.parse().unwrap());
        }
    }
    ids
}

async fn counts(t: &TestApp) -> BTreeMap<String, i64> {
    let rows = Rows::new(t).await;
    let mut counts = BTreeMap::new();
    for name in rows.schema.tables.keys() {
        counts.insert(
            name.clone(),
            number(t, &format!("SELECT CAST(COUNT(*) AS TEXT) FROM {name}")).await,
        );
    }
    counts
}

both_backends! {
    async fn after_a_wipe_nothing_refers_to_it(t: TestApp) {
        // A real exam beside it stays as it is.
        let real = t.recruitment(|settings| settings.steps.review = ReviewStep::None).await;
        let (lin, ..) = crate::payment::owing(&t, &real, "林一舟").await;
        app::statistics::fold(&t.app).await.unwrap();
        let officer = t.staff(&[Role::ExamOfficer]).await;
        let (before, rows_before) = (numbers(&t).await, counts(&t).await);
        let exam = stage(&t).await;
        let ids = its_ids(&t, &before).await;
        let full = counts(&t).await;
        // Every table has something of it: a new table fails here until it is named as one that stays, or gets a row above.
        for (table, count) in &full {
            let stays = STAY.iter().any(|(name, _)| name == table);
            assert!(stays || *count > rows_before[table], "{table}: nothing of a rehearsal was put in");
            assert!(stays || wipe::tables().contains(&table.as_str()) || table.starts_with("job"), "{table}: no feature's list has it");
        }
        let ctx = officer.ctx().await;
        let wrong = wipe::ask(&ctx, &exam.public_id, "别的考试").await;
        assert!(matches!(&wrong, Err(Error::Fields(e)) if e.get("title").is_some()), "{wrong:?}");
        let certificate = wipe::ask(&ctx, &exam.public_id, TITLE).await.unwrap();
        let twice = wipe::ask(&ctx, &exam.public_id, TITLE).await;
        assert!(matches!(twice, Err(Error::Conflict(_))), "{twice:?}");
        t.run_jobs().await;
        let left: Vec<String> = numbers(&t)
            .await
            .into_iter()
            .filter(|((table, _), _)| !STAY.iter().any(|(name, _)| name == table))
            .filter_map(|((table, column), values)| {
                let found: Vec<_> = values.intersection(&ids).collect();
                (!found.is_empty()).then(|| format!("{table}.{column}: {found:?}"))
            })
            .collect();
        assert_eq!(left, Vec::<String>::new());
        let after = counts(&t).await;
        for (table, count) in &after {
            let stays = STAY.iter().any(|(name, _)| name == table) || ["session", "staff_grant", "job", "job_progress", "throttle"].contains(&table.as_str());
            assert!(stays || *count == rows_before[table], "{table}: {} before, {count} after", rows_before[table]);
        }
        let jobs = text_of(&t, "SELECT CAST(COUNT(*) AS TEXT) FROM job WHERE payload = '{}'").await;
        assert_eq!(jobs, "0", "a job over something that is gone");
        let text = exam.public_id.clone();
        assert!(t.objects.is_empty(), "the stored file is gone");
        let wipes = wipe::list(&ctx).await.unwrap();
        assert_eq!((wipes.len(), wipes[0].public_id.as_str(), wipes[0].is_done()), (1, certificate.as_str(), true));
        assert_eq!(wipes[0].planned()["演练考生"], 4);
        assert_eq!(wipes[0].removed()["演练考生"], 8, "the accounts, and what was known of them");
        let mut browser = officer.browser();
        browser.get(&format!("/office/rehearsals/{certificate}")).await.expect(200).shows("已清除").shows("【演练】试一遍再清除");
        browser.get("/office/rehearsals").await.expect(200).shows("【演练】试一遍再清除");
        browser.get(&format!("/office/exams/{text}")).await.expect(404);
        // The real one goes on.
        lin.browser().get("/applications").await.expect(200).shows("2026年市直事业单位公开招聘");
    }

    async fn a_wipe_that_died_goes_on_where_it_was(t: TestApp) {
        let exam = stage(&t).await;
        let ctx = t.staff(&[Role::ExamOfficer]).await.ctx().await;
        wipe::ask(&ctx, &exam.public_id, TITLE).await.unwrap();
        // The process died in the middle: its job is gone, a few chunks are done.
        run(&t, &["DELETE FROM job_progress", "DELETE FROM job"]).await;
        let id = number(&t, "SELECT CAST(id AS TEXT) FROM rehearsal_wipe").await;
        for _ in 0..2 {
            assert!(wipe::wipe_some(&t.system(), id).await.unwrap().is_some());
        }
        t.clock.advance_hours(1);
        t.run_jobs().await;
        assert!(wipe::list(&ctx).await.unwrap()[0].is_done());
        assert_eq!(text_of(&t, "SELECT CAST(COUNT(*) AS TEXT) FROM exam").await, "0");
        assert_eq!(text_of(&t, "SELECT CAST(COUNT(*) AS TEXT) FROM account").await, "0");
        assert!(wipe::wipe_some(&t.system(), id).await.unwrap().is_none(), "once more does nothing");
    }

    async fn its_candidates_are_out_as_soon_as_it_is_asked_for(t: TestApp) {
        let exam = t.rehearsal(TITLE, |_| {}).await;
        let him = t.rehearsing(&exam, (1, 0, 0)).await.remove(0);
        let ctx = t.staff(&[Role::ExamOfficer]).await.ctx().await;
        wipe::ask(&ctx, &exam.public_id, "【演练】试一遍再清除").await.unwrap();
        him.browser().get("/account").await.expect(200).lacks("演练考试，不对外");
        let form = testkit::application_form(&him.ctx(), exam.position("演练岗位甲"));
        assert!(app::application::submit(&him.ctx(), &exam.public_id, &form).await.is_err());
    }

    async fn a_real_exam_cant_be_wiped(t: TestApp) {
        let real = t.recruitment(|settings| settings.steps.review = ReviewStep::None).await;
        let (lin, ..) = crate::payment::owing(&t, &real, "林一舟").await;
        let officer = t.staff(&[Role::ExamOfficer]).await;
        let ctx = officer.ctx().await;
        let refused = wipe::ask(&ctx, &real.public_id, "2026年市直事业单位公开招聘").await;
        assert!(matches!(refused, Err(Error::NotFound)), "{refused:?}");
        let mut browser = officer.browser();
        browser.get(&format!("/office/exams/{}/rehearsal/wipe", real.public_id)).await.expect(404);
        browser.get(&format!("/office/exams/{}", real.public_id)).await.expect(200).lacks("清除");
        // Not even by somebody who writes the request into the table.
        let mut rows = Rows::new(&t).await;
        rows.put("rehearsal_wipe", &[("id", int(7)), ("exam_id", int(real.id)), ("state", text("running")), ("planned", text("{}")), ("removed", text("{}"))]).await;
        let before = counts(&t).await;
        let refused = wipe::wipe_some(&t.system(), 7).await;
        assert!(matches!(refused, Err(Error::NotFound)), "{refused:?}");
        t.run_jobs().await;
        let after = counts(&t).await;
        for table in ["exam", "account", "application", "position", "payment_order", "photo", "object"] {
            assert_eq!(before[table], after[table], "{table}");
        }
        lin.browser().get("/applications").await.expect(200).shows("2026年市直事业单位公开招聘");
    }
}
