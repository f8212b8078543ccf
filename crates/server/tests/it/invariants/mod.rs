//! `baokao invariants`: clean on what use cases make, and every planted corruption is found.

mod journey;
mod plants;
pub(crate) mod rows;

use app::invariants::{self, Finding};
use db::backup::Snapshot;
use db::{Backend, Value};
use testkit::{TestApp, both_backends};

use journey::journey;
use plants::plants;
pub(crate) use rows::{forgets, refused, run, text_of};
use rows::{int, text};

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

/// Which invariants are broken now.
pub(crate) async fn broken_names(t: &TestApp) -> Vec<&'static str> {
    t.run_jobs().await;
    broken(&check(t).await)
}

/// Broken last and left so.
const LASTING: [&str; 2] = [
    "证件号、手机号能用现有密钥打开，检索值相符",
    "操作日志完整，链条相接",
];

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
            // Half a second each on PostgreSQL, where it is looked at once, below.
            if t.app.db().backend() == Backend::Sqlite {
                assert_eq!(already(&check(&t).await, &LASTING), [""; 0], "after {}", case.breaks);
            }
        }
        assert_eq!(already(&check(&t).await, &LASTING), [""; 0], "what was undone is whole again");
        // Rows that should not be there, one more each.
        let account = int(t.candidate("王五").await.id);
        type Plant<'p> = (&'p str, &'p str, Vec<(&'p str, Value)>);
        let plants: [Plant<'_>; 10] = [
            ("退款不超过收款", "refund", vec![
                ("id", int(1)), ("order_id", int(200)), ("attempt_id", int(300)), ("amount", int(101)),
                ("state", text("requested")),
            ]),
            ("须两人办理的事由两个人办理", "approval", vec![
                ("id", int(1)), ("kind", text("mobile_change")), ("state", text("approved")),
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
            ("岗位表的更正都写明原因并有补充公告，以最后公布的为准", "position_amendment", vec![
                ("id", int(1)), ("exam_id", int(1)), ("kind", text("change")), ("state", text("published")),
            ]),
            ("短信发出的有时间，没发出的有原因", "outbox_message", vec![
                ("id", int(1)), ("state", text("sent")),
            ]),
            ("到期的文件、归档材料和没有激活的注册都已清除", "object", vec![
                ("id", int(1)), ("owner_kind", text("public")), ("content", Value::Blob(Vec::new())), ("expires_at", int(1)),
            ]),
            ("写着已清除的都已清除，没有移交的都还在", "archive_purge", vec![
                ("archive_id", int(1)), ("kind", text("content")), ("state", text("running")),
            ]),
            ("一个证件号只有一个使用中的账号", "account", vec![
                ("id", int(1)), ("state", text("active")), ("id_type", text("01")),
            ]),
        ];
        run(&t, &["DROP INDEX account_document"]).await;
        for (breaks, table, told) in plants {
            if table == "archive_purge" {
                rows.put("exam_archive", &[("id", int(1)), ("exam_id", int(1)), ("state", text("built"))]).await;
            }
            rows.put(table, &told).await;
            if table == "account" {
                rows.put(table, &[("id", int(2)), ("state", text("active")), ("id_type", text("01"))]).await;
            }
            let findings = check(&t).await;
            assert!(broken(&findings).contains(&breaks), "not found: {breaks}\n{findings:#?}");
            found.push(breaks);
        }
        // A look at a number of which the trail doesn't say why.
        rows.audit("account.unmask", ("account", 1), r#"{"value":"mobile","reason":" "}"#).await;
        let findings = check(&t).await;
        let looks = "查看证件号、手机号、照片都写明了原因";
        assert!(broken(&findings).contains(&looks), "not found: {looks}\n{findings:#?}");
        found.push(looks);
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
        found.dedup();
        assert_eq!(found, names, "an invariant without a planted corruption proves nothing");
    }
}
