//! A database in which nothing is broken, small enough to know every row of.

use db::Value;
use domain::exam::ExamSettings;
use domain::score::Formula;
use domain::selection::SelectionRules;
use domain::selection::rules::RatioStep;
use domain::time::Timestamp;
use domain::window::Window;
use testkit::TestApp;

use super::rows::{Rows, int, text};

/// An exam with two candidates who applied, were approved, paid, seated and marked.
pub(super) async fn journey(t: &TestApp) -> Rows<'_> {
    let (a, b) = (t.candidate("张三").await.id, t.candidate("李四").await.id);
    let mut rows = Rows::new(t).await;
    let mut settings = ExamSettings::default();
    settings.score.formula = Formula::sum(&["公共基础".to_owned()]);
    let window =
        |open, close| Window::new(Timestamp::from_micros(open), Timestamp::from_micros(close)).ok();
    settings.windows.registration = window(0, 1_000);
    settings.windows.review = window(0, 1_000);
    settings.windows.payment = window(0, 1_000);
    settings.windows.ticket = window(1, 10);
    let settings = settings.to_json().unwrap();
    rows.put(
        "exam",
        &[
            ("id", int(1)),
            ("category", text("recruitment")),
            ("state", text("published")),
            ("settings", text(&settings)),
            ("positions_batch", int(1)),
            ("seat_plan", int(10)),
            ("score_batch", int(20)),
            ("score_visible_at", int(1)),
            ("settings_version", int(1)),
            ("registration_closes", int(1_000)),
            ("payment_closes", int(1_000)),
            ("ticket_opens", int(1)),
            ("ticket_closes", int(10)),
            ("published_at", int(0)),
        ],
    )
    .await;
    let recorded = [
        ("exam_id", int(1)),
        ("version", int(1)),
        ("settings", text(&settings)),
        ("reason", text("新建")),
    ];
    rows.put("exam_settings", &recorded).await;
    rows.put(
        "position",
        &[
            ("id", int(1)),
            ("exam_id", int(1)),
            ("batch_id", int(1)),
            ("code", text("P1")),
            ("headcount", int(1)),
            ("state", text("open")),
            ("capacity", int(2)),
            ("taken", int(2)),
        ],
    )
    .await;
    let counts = [
        ("position_id", int(1)),
        ("applied", int(1)),
        ("approved", int(2)),
        ("paid", int(2)),
    ];
    rows.put("position_count", &counts).await;
    rows.put(
        "application_delta",
        &[
            ("id", int(1)),
            ("exam_id", int(1)),
            ("position_id", int(1)),
            ("applied", int(1)),
        ],
    )
    .await;
    let counts = [
        ("exam_id", int(1)),
        ("applied", int(1)),
        ("approved", int(2)),
        ("paid", int(2)),
    ];
    rows.put("unit_count", &counts).await;
    rows.put(
        "seat_plan",
        &[
            ("id", int(10)),
            ("exam_id", int(1)),
            ("version", int(1)),
            ("source", text("generated")),
            ("state", text("published")),
            ("published_at", int(1)),
            ("seats", int(2)),
        ],
    )
    .await;
    let room = [
        ("plan_id", int(10)),
        ("room_no", int(1)),
        ("capacity", int(2)),
        ("usage", text("standard")),
    ];
    rows.put("seat_room", &room).await;
    rows.put(
        "score_batch",
        &[
            ("id", int(20)),
            ("exam_id", int(1)),
            ("version", int(1)),
            ("state", text("published")),
            ("imported_by", int(1)),
            ("checked_by", int(2)),
            ("published_by", int(1)),
            ("visible_at", int(1)),
            ("matched", int(2)),
        ],
    )
    .await;
    for (n, account) in [(0, a), (1, b)] {
        let (application, order, attempt, ticket) = (100 + n, 200 + n, 300 + n, format!("T{n}"));
        rows.put(
            "application",
            &[
                ("id", int(application)),
                ("exam_id", int(1)),
                ("account_id", int(account)),
                ("position_id", int(1)),
                ("life", text("live")),
                ("review", text("approved")),
                ("payment", text("paid")),
                ("paid_at", int(1)),
                ("attendance", text("none")),
                ("verdict", text("pass")),
                ("snapshot_hash", Value::Blob(vec![7])),
            ],
        )
        .await;
        rows.put(
            "review_decision",
            &[
                ("id", int(application)),
                ("application_id", int(application)),
                ("level", int(1)),
                ("decision", text("approve")),
                ("snapshot_hash", Value::Blob(vec![7])),
                ("decided_by", int(1)),
            ],
        )
        .await;
        rows.put(
            "payment_order",
            &[
                ("id", int(order)),
                ("application_id", int(application)),
                ("exam_id", int(1)),
                ("account_id", int(account)),
                ("amount", int(100)),
                ("state", text("paid")),
                ("credited_attempt", int(attempt)),
                ("paid_at", int(1)),
                ("expires_at", int(2)),
            ],
        )
        .await;
        rows.put(
            "payment_attempt",
            &[
                ("id", int(attempt)),
                ("order_id", int(order)),
                ("channel", text("wechat")),
                ("merchant_no", text(&format!("M{n}"))),
                ("amount", int(100)),
                ("received", int(100)),
                ("state", text("succeeded")),
            ],
        )
        .await;
        rows.put(
            "gateway_event",
            &[
                ("id", int(attempt)),
                ("channel", text("wechat")),
                ("source", text("notice")),
                ("merchant_no", text(&format!("M{n}"))),
                ("body_hash", Value::Blob(vec![9, u8::try_from(n).unwrap()])),
            ],
        )
        .await;
        for (id, book, debit, credit) in [(0, "channel:wechat", 100, 0), (1, "fees", 0, 100)] {
            rows.put(
                "ledger_entry",
                &[
                    ("id", int(1000 + 10 * n + id)),
                    ("posting", int(1000 + 10 * n)),
                    ("book", text(book)),
                    ("debit", int(debit)),
                    ("credit", int(credit)),
                    ("order_id", int(order)),
                    ("attempt_id", int(attempt)),
                ],
            )
            .await;
        }
        rows.put(
            "seat",
            &[
                ("plan_id", int(10)),
                ("application_id", int(application)),
                ("session", int(1)),
                ("room_no", int(1)),
                ("seat_no", int(n + 1)),
                ("ticket_no", text(&ticket)),
            ],
        )
        .await;
        for (step, event, by) in [
            (0, "submit", "candidate"),
            (1, "approve", "staff"),
            (2, "pay", "system"),
        ] {
            let told = [
                ("id", int(application * 10 + step)),
                ("application_id", int(application)),
                ("actor_kind", text(by)),
                ("event", text(event)),
            ];
            rows.put("application_event", &told).await;
            rows.audit("application.advance", ("application", application), "{}")
                .await;
        }
        let printed = [
            ("application_id", int(application)),
            ("times", int(1)),
            ("first_at", int(1)),
            ("last_at", int(1)),
        ];
        rows.put("ticket_print", &printed).await;
        let number = [
            ("exam_id", int(1)),
            ("ticket_no", text(&ticket)),
            ("application_id", int(application)),
        ];
        rows.put("ticket_number", &number).await;
        rows.put(
            "score",
            &[
                ("batch_id", int(20)),
                ("application_id", int(application)),
                ("subject_code", text("01")),
                ("subject_name", text("公共基础")),
                ("mark", text("80.5")),
                ("flag", text("normal")),
            ],
        )
        .await;
        rows.put(
            "score_total",
            &[
                ("batch_id", int(20)),
                ("application_id", int(application)),
                ("total", text("80.50")),
            ],
        )
        .await;
    }
    selection(&mut rows).await;
    app::audit::seal_all(&t.system()).await.unwrap();
    rows
}

/// Both share the only place on the list; one of them is on his way to the 体检, the other one wasn't called.
async fn selection(rows: &mut Rows<'_>) {
    let rules = SelectionRules {
        on: true,
        ratios: RatioStep::parse_line("1:1").into_iter().collect(),
        ..SelectionRules::default()
    };
    let rules = serde_json::to_string(&rules).unwrap();
    let round = [
        ("id", int(400)),
        ("exam_id", int(1)),
        ("kind", text("shortlist")),
        ("version", int(1)),
        ("state", text("published")),
        ("basis", int(20)),
        ("rules", text(&rules)),
        ("people", int(2)),
        ("made_by", int(1)),
        ("checked_by", int(2)),
        ("published_by", int(1)),
        ("published_at", int(1)),
        ("visible_at", int(1)),
        ("carried", int(1)),
        ("carried_at", int(1)),
    ];
    rows.put("selection_round", &round).await;
    for application in [100, 101] {
        let line = [
            ("round_id", int(400)),
            ("position_id", int(1)),
            ("application_id", int(application)),
            ("rank", int(1)),
            ("written", text("80.50")),
            ("verdict", text("tie")),
        ];
        rows.put("selection_row", &line).await;
    }
    let contender = [
        ("application_id", int(100)),
        ("exam_id", int(1)),
        ("position_id", int(1)),
        ("round_id", int(400)),
        ("entry", text("call")),
        ("rank", int(1)),
        ("stage", text("medical")),
        ("version", int(1)),
    ];
    rows.put("contender", &contender).await;
    let step = [
        ("id", int(500)),
        ("application_id", int(100)),
        ("exam_id", int(1)),
        ("event", text("to_medical")),
        ("from_stage", text("interviewed")),
        ("to_stage", text("medical")),
        ("actor_kind", text("system")),
        ("decided_at", int(1)),
        ("state", text("done")),
    ];
    rows.put("contender_step", &step).await;
}
