//! `baokao invariants`: clean on what use cases make, and every planted corruption is found.

use app::invariants::{self, Finding};
use db::backup::Snapshot;
use db::schema::{self, Kind, Schema};
use db::{Backend, Command, Crowd, DbError, Lane, Sql, Tx, Value};
use domain::exam::ExamSettings;
use domain::score::Formula;
use testkit::{TestApp, both_backends};

async fn check(t: &TestApp) -> Vec<Finding> {
    let mut snapshot = Snapshot::take(&t.options, t.folder()).await.unwrap();
    let findings = invariants::check(&mut snapshot, &t.keyring, t.now())
        .await
        .unwrap();
    snapshot.close().await;
    findings
}

fn broken(findings: &[Finding]) -> Vec<&'static str> {
    findings
        .iter()
        .filter(|finding| finding.violations > 0)
        .map(|finding| finding.name)
        .collect()
}

/// Statements of a test, round every use case.
struct Raw(Vec<(Sql, Vec<Value>)>);

impl Command for Raw {
    const NAME: &'static str = "test.raw";
    type Out = ();
    type Err = DbError;

    async fn run(&self, tx: &mut Tx) -> Result<(), DbError> {
        for (sql, values) in &self.0 {
            let values: Vec<_> = values.iter().map(Value::as_p).collect();
            tx.exec(sql.clone(), &values).await?;
        }
        Ok(())
    }
}

fn statement(text: String) -> Sql {
    Sql::__any(Box::leak(text.into_boxed_str()))
}

async fn run(t: &TestApp, texts: &[&str]) {
    for text in texts {
        let raw = Raw(vec![(statement((*text).to_owned()), Vec::new())]);
        t.app
            .db()
            .write(Lane::Interactive, raw)
            .await
            .unwrap_or_else(|error| panic!("{text}: {error:?}"));
    }
}

/// Inserts rows that are told by their interesting columns only.
struct Rows<'a> {
    t: &'a TestApp,
    schema: Schema,
    next: u32,
}

impl Rows<'_> {
    async fn put(&mut self, table: &str, told: &[(&str, Value)]) {
        self.next += 1;
        let shape = &self.schema.tables[table];
        let (mut names, mut values) = (Vec::new(), Vec::new());
        for column in &shape.columns {
            let value = told
                .iter()
                .find(|(name, _)| *name == column.name)
                .map(|(_, value)| value.clone());
            let unique = column.name.ends_with("_id") && column.kind == Kind::Text
                || column.name.ends_with("_no")
                || ["code", "username"].contains(&column.name.as_str());
            let value = value.or(match column.kind {
                _ if column.nullable => None,
                Kind::Int => Some(Value::Int(0)),
                Kind::Text if unique => Some(Value::Text(format!("{table}{}", self.next))),
                Kind::Text => Some(Value::Text(String::new())),
                _ => Some(Value::Blob(Vec::new())),
            });
            if let Some(value) = value {
                names.push(format!("\"{}\"", column.name));
                values.push(value);
            }
        }
        let marks: Vec<String> = (1..=values.len()).map(|n| format!("${n}")).collect();
        let text = format!(
            "INSERT INTO {table} ({}) VALUES ({})",
            names.join(", "),
            marks.join(", ")
        );
        let raw = Raw(vec![(statement(text), values)]);
        self.t
            .app
            .db()
            .write(Lane::Interactive, raw)
            .await
            .unwrap_or_else(|error| panic!("{table}: {error:?}"));
    }
}

fn int(value: i64) -> Value {
    Value::Int(value)
}

fn text(value: &str) -> Value {
    Value::Text(value.to_owned())
}

/// An exam with two candidates who applied, were approved, paid, seated and marked.
async fn journey(t: &TestApp) -> Rows<'_> {
    let (a, b) = (t.candidate("张三").await.id, t.candidate("李四").await.id);
    let schema = schema::read(&mut t.app.db().scan(Crowd::System))
        .await
        .unwrap();
    let mut rows = Rows { t, schema, next: 0 };
    let mut settings = ExamSettings::default();
    settings.score.formula = Formula::sum(&["公共基础".to_owned()]);
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
        ],
    )
    .await;
    rows.put(
        "position",
        &[
            ("id", int(1)),
            ("exam_id", int(1)),
            ("batch_id", int(1)),
            ("code", text("P1")),
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
        "position_delta",
        &[("id", int(1)), ("position_id", int(1)), ("applied", int(1))],
    )
    .await;
    rows.put(
        "seat_plan",
        &[
            ("id", int(10)),
            ("exam_id", int(1)),
            ("version", int(1)),
            ("source", text("generated")),
            ("state", text("published")),
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
            ],
        )
        .await;
        rows.put(
            "payment_attempt",
            &[
                ("id", int(attempt)),
                ("order_id", int(order)),
                ("channel", text("sandbox")),
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
                ("channel", text("sandbox")),
                ("source", text("notice")),
                ("merchant_no", text(&format!("M{n}"))),
                ("body_hash", Value::Blob(vec![9, u8::try_from(n).unwrap()])),
            ],
        )
        .await;
        for (id, book, debit, credit) in [(0, "channel:sandbox", 100, 0), (1, "fees", 0, 100)] {
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
    rows
}

/// What is done to the data, how it is undone, and which invariant it breaks.
struct Plant {
    breaks: &'static str,
    plant: Vec<&'static str>,
    undo: Vec<&'static str>,
}

fn plant(breaks: &'static str, plant: &[&'static str], undo: &[&'static str]) -> Plant {
    Plant {
        breaks,
        plant: plant.to_vec(),
        undo: undo.to_vec(),
    }
}

/// Corruptions that one text makes on both databases.
fn plants() -> Vec<Plant> {
    vec![
        plant(
            "渠道收到的每一笔钱都落在一张已支付的缴费单上，或已发起退款",
            &["UPDATE payment_order SET state = 'voided' WHERE id = 200"],
            &["UPDATE payment_order SET state = 'paid' WHERE id = 200"],
        ),
        plant(
            "已缴费的报名都有一张已支付的缴费单",
            &["UPDATE payment_order SET state = 'expired' WHERE id = 201"],
            &["UPDATE payment_order SET state = 'paid' WHERE id = 201"],
        ),
        plant(
            "入账的支付都有渠道凭据",
            &["UPDATE gateway_event SET merchant_no = 'other' WHERE id = 300"],
            &["UPDATE gateway_event SET merchant_no = 'M0' WHERE id = 300"],
        ),
        plant(
            "应收、发起、实收金额一致",
            &["UPDATE payment_attempt SET amount = 99 WHERE id = 300"],
            &["UPDATE payment_attempt SET amount = 100 WHERE id = 300"],
        ),
        plant(
            "每笔账借贷相等",
            &["UPDATE ledger_entry SET credit = 99 WHERE id = 1001"],
            &["UPDATE ledger_entry SET credit = 100 WHERE id = 1001"],
        ),
        plant(
            "渠道实收与账本一致",
            &[
                "UPDATE ledger_entry SET debit = 90 WHERE id = 1000",
                "UPDATE ledger_entry SET credit = 90 WHERE id = 1001",
            ],
            &[
                "UPDATE ledger_entry SET debit = 100 WHERE id = 1000",
                "UPDATE ledger_entry SET credit = 100 WHERE id = 1001",
            ],
        ),
        plant(
            "已取消的岗位上没有有效报名",
            &["UPDATE position SET state = 'cancelled' WHERE id = 1"],
            &["UPDATE position SET state = 'open' WHERE id = 1"],
        ),
        plant(
            "岗位名额不超限，且与报名逐条相符",
            &["UPDATE position SET taken = 1 WHERE id = 1"],
            &["UPDATE position SET taken = 2 WHERE id = 1"],
        ),
        plant(
            "岗位的实时统计与报名逐条相符",
            &["UPDATE position_count SET paid = 1 WHERE position_id = 1"],
            &["UPDATE position_count SET paid = 2 WHERE position_id = 1"],
        ),
        plant(
            "编入考场的有效报名都已通过审核并缴费",
            &["UPDATE application SET payment = 'due' WHERE id = 100"],
            &["UPDATE application SET payment = 'paid' WHERE id = 100"],
        ),
        plant(
            "审核通过的内容就是考生提交的内容",
            &[
                "UPDATE review_decision SET snapshot_hash = mac FROM (SELECT mac FROM audit_entry LIMIT 1) AS x WHERE id = 100",
            ],
            &[
                "UPDATE review_decision SET snapshot_hash = (SELECT snapshot_hash FROM application WHERE id = 101) WHERE id = 100",
            ],
        ),
        plant(
            "退回和不通过都写明了理由",
            &["UPDATE review_decision SET decision = 'reject' WHERE id = 100"],
            &["UPDATE review_decision SET decision = 'approve' WHERE id = 100"],
        ),
        plant(
            "座位不重号，考场不超员",
            &["UPDATE seat_room SET capacity = 1 WHERE plan_id = 10"],
            &["UPDATE seat_room SET capacity = 2 WHERE plan_id = 10"],
        ),
        plant(
            "考试采用的编排是它自己已公布的一份，座位数相符",
            &["UPDATE seat_plan SET seats = 3 WHERE id = 10"],
            &["UPDATE seat_plan SET seats = 2 WHERE id = 10"],
        ),
        plant(
            "一次考试只有一份公布中的编排",
            &["UPDATE exam SET seat_plan = 11 WHERE id = 1"],
            &["UPDATE exam SET seat_plan = 10 WHERE id = 1"],
        ),
        plant(
            "准考证号唯一、不重用，与编排一致",
            &["UPDATE ticket_number SET application_id = 999 WHERE ticket_no = 'T0'"],
            &["UPDATE ticket_number SET application_id = 100 WHERE ticket_no = 'T0'"],
        ),
        plant(
            "公布的成绩由一人导入、另一人核对，更改写明理由",
            &["UPDATE score_batch SET checked_by = NULL WHERE id = 20"],
            &["UPDATE score_batch SET checked_by = 2 WHERE id = 20"],
        ),
        plant(
            "考试公布的成绩是它自己已公布的一批",
            &["UPDATE exam SET score_batch = 21 WHERE id = 1"],
            &["UPDATE exam SET score_batch = 20 WHERE id = 1"],
        ),
        plant(
            "导入的成绩一行不少，都属于本考试的报名",
            &["UPDATE score_batch SET matched = 3 WHERE id = 20"],
            &["UPDATE score_batch SET matched = 2 WHERE id = 20"],
        ),
        plant(
            "总成绩由单科成绩重新算出，分毫不差",
            &["UPDATE score_total SET total = '80.51' WHERE application_id = 100"],
            &["UPDATE score_total SET total = '80.50' WHERE application_id = 100"],
        ),
        plant(
            "缴费单、照片、材料都属于报名者本人",
            &[
                "UPDATE payment_order SET account_id = (SELECT account_id FROM application WHERE id = 101) WHERE id = 200",
            ],
            &[
                "UPDATE payment_order SET account_id = (SELECT account_id FROM application WHERE id = 100) WHERE id = 200",
            ],
        ),
        plant(
            "停用的账号没有还能用的会话",
            &["UPDATE account SET state = 'frozen' WHERE name = '张三'"],
            &["UPDATE account SET state = 'active' WHERE name = '张三'"],
        ),
        plant(
            "一个人在一次考试中只有一个有效报名",
            &[
                "DROP INDEX application_live",
                "UPDATE application SET account_id = (SELECT account_id FROM application WHERE id = 100) WHERE id = 101",
            ],
            &[
                "UPDATE application SET account_id = (SELECT id FROM account WHERE name = '李四') WHERE id = 101",
            ],
        ),
        plant(
            "证件号、手机号能用现有密钥打开，检索值相符",
            &["UPDATE account SET mobile_index = id_index WHERE name = '张三'"],
            &[],
        ),
        plant(
            "操作日志完整，链条相接",
            &[
                "UPDATE audit_entry SET action = 'nothing' WHERE id = (SELECT MIN(id) FROM audit_entry)",
            ],
            &[],
        ),
    ]
}

both_backends! {
    async fn what_use_cases_make_breaks_no_invariant(t: TestApp) {
        t.candidate("张三").await;
        t.staff(&[domain::staff::Role::ExamOfficer]).await;
        t.run_jobs().await;
        let findings = check(&t).await;
        assert_eq!(broken(&findings), [""; 0], "{findings:#?}");
        let examined = |number: u32| findings.iter().filter(|f| f.number == number).map(|f| f.examined).sum::<u64>();
        assert!(examined(28) > 10 && examined(30) > 2 && examined(33) > 2, "{findings:#?}");
        assert!(findings.is_sorted_by_key(|finding| finding.number));
    }

    async fn every_planted_corruption_is_found(t: TestApp) {
        let mut rows = journey(&t).await;
        let clean = check(&t).await;
        assert_eq!(broken(&clean), [""; 0], "{clean:#?}");
        let mut found: Vec<&str> = Vec::new();
        let already = |findings: &[Finding], known: &[&str]| -> Vec<&'static str> {
            broken(findings).into_iter().filter(|name| !known.contains(name)).collect()
        };
        for case in plants() {
            run(&t, &case.plant).await;
            let findings = check(&t).await;
            assert!(broken(&findings).contains(&case.breaks), "not found: {}\n{findings:#?}", case.breaks);
            run(&t, &case.undo).await;
            found.push(case.breaks);
            if case.undo.is_empty() {
                // It stays, and is looked over from here on.
                continue;
            }
            let lasting: Vec<&str> =
                vec!["证件号、手机号能用现有密钥打开，检索值相符", "操作日志完整，链条相接"];
            assert_eq!(already(&check(&t).await, &lasting), [""; 0], "after {}", case.breaks);
        }
        // Rows that should not be there, one more each.
        let account = int(t.candidate("王五").await.id);
        type Plant<'p> = (&'p str, &'p str, Vec<(&'p str, Value)>);
        let plants: [Plant<'_>; 6] = [
            ("退款不超过收款", "refund", vec![
                ("id", int(1)), ("order_id", int(200)), ("attempt_id", int(300)), ("amount", int(101)),
                ("state", text("requested")),
            ]),
            ("须两人办理的事由两个人办理", "approval", vec![
                ("id", int(1)), ("kind", text("refund")), ("state", text("approved")),
            ]),
            ("初审和复审不是同一人", "review_decision", vec![
                ("id", int(900)), ("application_id", int(101)), ("level", int(2)), ("decision", text("approve")),
                ("snapshot_hash", Value::Blob(vec![7])), ("decided_by", int(1)),
            ]),
            ("任何文字里都没有明文证件号、手机号", "inbox_message", vec![
                ("id", int(1)), ("account_id", account.clone()), ("body", text("您的证件号 11010519491231002X 已登记")),
            ]),
            ("应加密的列都是密文", "form_draft", vec![
                ("account_id", account), ("content", Value::Blob(b"clear".to_vec())),
            ]),
            ("一个证件号只有一个使用中的账号", "account", vec![
                ("id", int(1)), ("state", text("active")), ("id_type", text("01")),
            ]),
        ];
        run(&t, &["DROP INDEX account_document"]).await;
        for (breaks, table, told) in plants {
            rows.put(table, &told).await;
            if table == "account" {
                rows.put(table, &[("id", int(2)), ("state", text("active")), ("id_type", text("01"))]).await;
            }
            let findings = check(&t).await;
            assert!(broken(&findings).contains(&breaks), "not found: {breaks}\n{findings:#?}");
            found.push(breaks);
        }
        // The database itself.
        let unsound = "数据库文件完好，引用都有着落";
        match t.app.db().backend() {
            Backend::Sqlite => {
                // Its pages belong to nothing any more.
                run(&t, &["PRAGMA writable_schema = ON", "DELETE FROM sqlite_schema WHERE name = 'account_name'"])
                    .await;
            }
            Backend::Postgres => {
                run(&t, &["ALTER TABLE seat ADD CONSTRAINT later CHECK (seat_no > 1) NOT VALID"]).await;
            }
        }
        let findings = check(&t).await;
        assert!(broken(&findings).contains(&unsound), "{findings:#?}");
        found.push(unsound);

        let mut names: Vec<&str> = findings.iter().map(|finding| finding.name).collect();
        names.sort_unstable();
        found.sort_unstable();
        assert_eq!(found, names, "an invariant without a planted corruption proves nothing");
    }
}
