//! 成绩 after the import: taken away as a table and on paper, vouched for by a code, corrected mark by mark.

use app::{Error, score};
use domain::staff::Role;
use testkit::{TestApp, both_backends};

use crate::arrangement::{applied, find, patient, seat};
use crate::copies::{copied, rows};
use crate::invariants::run;
use crate::score::{row, scored, tickets, upload};

fn code(result: app::Result<impl std::fmt::Debug>) -> &'static str {
    match result {
        Err(Error::Refused(refusal)) => refusal.code,
        other => panic!("not refused: {other:?}"),
    }
}

async fn entries(t: &TestApp, action: &str) -> i64 {
    let scan = t.app.db().scan(db::Crowd::System);
    let sql = db::sql!("SELECT COUNT(*) FROM audit_entry WHERE action = $1");
    scan.one(sql, db::p![action]).await.unwrap()
}

both_backends! {
    async fn the_marks_of_a_batch_are_taken_away_as_they_are_filtered(t: TestApp) {
        let t = patient(&t);
        let exam = t.recruitment(scored).await;
        let people = applied(&t, &exam, &["林一舟", "欧阳喆䶮", "何小宁"]).await;
        seat(&t, &t.staff(&[Role::ExamOfficer]).await.ctx().await, &exam, "甲").await;
        let numbers = tickets(&t, &people).await;
        t.clock.set("2026-05-01 09:00");
        let maker = t.staff(&[Role::ScoreOfficer]).await;
        let given = [
            row(&numbers[0], "", "86.5", "70"),
            row(&numbers[1], "", "-1", "90"),
            row(&numbers[2], "", "0", "88"),
        ];
        let batch = upload(&t, &maker, &exam, &given, "").await.unwrap().unwrap();
        let here = format!("/office/scores/{}/batches/{batch}", exam.public_id);
        let mut desk = maker.browser();
        let table = rows(&copied(&mut desk, &here, "xlsx").await);
        assert_eq!(table.len(), 7, "{table:?}");
        assert_eq!(table[0][..3], ["报名序号", "准考证号", "姓名"]);
        let of = |name: &str, subject: &str| {
            let found = table.iter().find(|row| row[2] == name && row[4] == subject);
            found.unwrap_or_else(|| panic!("{name} {subject}: {table:?}")).clone()
        };
        let lin = of("林一舟", "职测");
        assert_eq!((lin[1].as_str(), lin[5].as_str(), lin[6].as_str()), (numbers[0].as_str(), "86.5", ""));
        assert_eq!((lin[7].parse::<f64>().unwrap(), lin[8].as_str(), lin[9].as_str()), (78.25, "1", "合格"));
        assert!(lin[3].contains("岗位代码 0301"), "{lin:?}");
        let absent = of("欧阳喆䶮", "职测");
        assert_eq!((absent[5].as_str(), absent[6].as_str(), absent[7].as_str(), absent[8].as_str()), ("", "缺考", "缺考", ""));
        assert_eq!(of("何小宁", "职测")[5], "0", "a zero is a mark");
        let csv = copied(&mut desk, &format!("{here}?who=%E6%9E%97%E4%B8%80%E8%88%9F"), "csv").await.html();
        assert!(csv.lines().count() == 3 && csv.contains("林一舟") && !csv.contains("何小宁"), "{csv}");

        // 成绩册: of a position, of rooms, of all; what was typed wrongly stays typed.
        let page = desk.get(&format!("{here}/paper")).await.expect(200);
        let form = page.form(&format!("{here}/paper"));
        for sent in [
            form.clone().set("by", "position").set("position", "0301"),
            form.clone().set("by", "rooms").set("first", "1").set("last", "1"),
            form.clone().set("by", "all"),
        ] {
            let paper = desk.submit(sent).await.expect(200);
            assert!(paper.body.starts_with(b"%PDF"));
        }
        let wrong = desk.submit(form.clone().set("by", "position").set("position", "9999")).await.expect(422).shows("没有这个岗位代码");
        assert_eq!(wrong.form(&format!("{here}/paper")).value("position"), Some("9999"));
        desk.submit(form.clone().set("by", "rooms").set("first", "3").set("last", "2")).await.expect(422).shows("起始号不能大于结束号");
        desk.submit(form.clone().set("by", "position").set("position", "0302")).await.shows("没有可以打印的内容");
        assert_eq!((entries(&t, "score.export").await, entries(&t, "score.paper").await), (2, 3));

        // Nobody without the right, nothing of a batch that isn't whole or that is gone.
        let now = find(&t, &exam).await;
        let ctx = maker.ctx().await;
        let whole = score::batch(&ctx, &now, &batch).await.unwrap();
        let officer = t.staff(&[Role::ExamOfficer]).await.ctx().await;
        let looked = score::Looked::default();
        let xlsx = app::copy::Format::Xlsx;
        assert!(matches!(score::export(&officer, &whole, &looked, xlsx).await, Err(Error::Forbidden)));
        assert!(matches!(score::book(&officer, &now, &whole, score::Booked::All).await, Err(Error::Forbidden)));
        for (state, refused) in [("staging", "batch_staging"), ("discarded", "batch_discarded")] {
            run(&t, &[&format!("UPDATE score_batch SET state = '{state}'")]).await;
            let partial = score::batch(&ctx, &now, &batch).await.unwrap();
            assert_eq!(code(score::export(&ctx, &partial, &looked, xlsx).await), refused);
            assert_eq!(code(score::book(&ctx, &now, &partial, score::Booked::All).await), refused);
        }
    }

    async fn a_sheets_code_says_what_is_published_and_nothing_of_anybody_else(t: TestApp) {
        let t = patient(&t);
        let exam = t.recruitment(scored).await;
        let people = applied(&t, &exam, &["林一舟", "欧阳喆䶮"]).await;
        seat(&t, &t.staff(&[Role::ExamOfficer]).await.ctx().await, &exam, "甲").await;
        let numbers = tickets(&t, &people).await;
        let (maker, checker) = (t.staff(&[Role::ScoreOfficer]).await, t.staff(&[Role::ScoreOfficer]).await);
        let publish = async |rows: &[Vec<String>], reason: &str| {
            let batch = upload(&t, &maker, &exam, rows, reason).await.unwrap().unwrap();
            let now = find(&t, &exam).await;
            score::check(&checker.ctx().await, &now, &batch).await.unwrap();
            score::publish(&checker.ctx().await, &now, &batch, (t.now(), "")).await.unwrap();
        };
        t.clock.set("2026-05-08 10:00");
        publish(&[row(&numbers[0], "", "86.5", "70"), row(&numbers[1], "", "-1", "61.3")], "").await;
        let print = async |who: usize| {
            let ctx = people[who].0.ctx();
            let report = score::own(&ctx, &people[who].1).await?;
            score::sheet(&ctx, report).await
        };
        let code_of = async |who: usize| -> String {
            let id = &people[who].1;
            let scan = t.app.db().scan(db::Crowd::System);
            let sql = db::sql!(
                "SELECT s.code FROM score_sheet s JOIN application a ON a.id = s.application_id JOIN exam e \
                 ON e.id = a.exam_id WHERE a.public_id = $1 AND e.score_batch = s.batch_id"
            );
            scan.one(sql, db::p![id]).await.unwrap()
        };
        let (first, again) = (print(0).await.unwrap(), print(0).await.unwrap());
        assert!(first.starts_with(b"%PDF") && again.starts_with(b"%PDF"));
        print(1).await.unwrap();
        let (lin, ouyang) = (code_of(0).await, code_of(1).await);
        assert_eq!(lin.len(), 16);
        assert_ne!(lin, ouyang);
        assert_eq!(entries(&t, "score.print").await, 3);
        let counted: (i64, i64) = {
            let scan = t.app.db().scan(db::Crowd::System);
            scan.one(db::sql!("SELECT COUNT(*), CAST(SUM(times) AS BIGINT) FROM score_sheet"), db::p![]).await.unwrap()
        };
        assert_eq!(counted, (2, 3), "one code for a candidate, however often");

        // Anybody, with the code as he reads it.
        let mut anybody = t.browser();
        let tail = &numbers[0][numbers[0].len() - 4..];
        let page = anybody.get(&format!("/check/{lin}")).await.expect(200).shows("与公布的成绩一致").shows("林*舟").shows("86.5").shows("78.25");
        assert_eq!(page.header("cache-control"), Some("no-store"));
        assert_eq!(page.header("x-robots-tag"), Some("noindex, nofollow"));
        let page = page.shows(tail).lacks("林一舟").lacks(&numbers[0]).lacks("61.3").lacks(&people[0].0.person.number);
        let form = page.forms().into_iter().find(|form| form.names().contains(&"code")).expect("a form");
        let typed = domain::score::sheet_code::grouped(&ouyang).replace('-', " ").replace('0', "O").replace('1', "l");
        anybody.submit(form.clone().set("code", &typed)).await.expect(200).is_at(&format!("/check/{ouyang}")).shows("欧**䶮").shows("缺考").lacks("86.5");
        anybody.get("/check").await.expect(200).shows("填写核验码");
        let page = anybody.submit(form.set("code", "7K2M")).await.expect(422).shows("核验码共 16 位").form("/check");
        assert_eq!(page.value("code"), Some("7K2M"), "what was typed is kept");
        // A neighbour, and chance, find nothing.
        let step = |c: char| if c == 'z' { 'y' } else { 'z' };
        for at in 0..16 {
            let mut next: Vec<char> = lin.chars().collect();
            next[at] = step(next[at]);
            let next: String = next.into_iter().collect();
            assert!(matches!(score::vouch(&t.app, &next, t.now()).await, Err(Error::NotFound)), "{next}");
        }
        anybody.get("/check/0123456789abcdef").await.expect(404).shows("没有这个核验码");
        anybody.get("/check/nothing").await.expect(404).shows("没有这个核验码");
        for n in 0..10_000u64 {
            let mut bytes = [0; 10];
            bytes[..8].copy_from_slice(&n.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_be_bytes());
            let guess = domain::ids::PublicId::from_bytes(bytes).to_string();
            assert!(matches!(score::vouch(&t.app, &guess, t.now()).await, Err(Error::NotFound)));
        }

        // Corrected: the sheet of whom it concerns is void, and says nothing; the other's stands though it is of the batch before.
        let stale = score::own(&people[0].0.ctx(), &people[0].1).await.unwrap();
        publish(&[row(&numbers[0], "", "88.37", "70"), row(&numbers[1], "", "-1", "61.3")], "复查更正 1 人").await;
        assert!(matches!(score::sheet(&people[0].0.ctx(), stale).await, Err(Error::Conflict(_))), "read before the correction");
        anybody.get(&format!("/check/{lin}")).await.expect(200).shows("成绩已更正，此成绩单作废").lacks("86.5").lacks("88.37").lacks("78.25");
        anybody.get(&format!("/check/{ouyang}")).await.expect(200).shows("与公布的成绩一致").shows("61.3");
        print(0).await.unwrap();
        let fresh = code_of(0).await;
        assert_ne!(fresh, lin);
        anybody.get(&format!("/check/{fresh}")).await.expect(200).shows("与公布的成绩一致").shows("88.37");

        // 成绩查询 ends, the paper goes on; a rehearsal's never counts, nor what isn't in sight.
        let stale = score::own(&people[0].0.ctx(), &people[0].1).await.unwrap();
        t.clock.set("2026-07-01 10:00");
        assert_eq!(code(score::sheet(&people[0].0.ctx(), stale).await), "score_closed");
        anybody.get(&format!("/check/{fresh}")).await.expect(200).shows("88.37");
        run(&t, &["UPDATE exam SET rehearsal = 1"]).await;
        anybody.get(&format!("/check/{fresh}")).await.expect(404).lacks("88.37");
        run(&t, &["UPDATE exam SET rehearsal = NULL"]).await;
        anybody.get(&format!("/check/{fresh}")).await.expect(200);
        run(&t, &["UPDATE exam SET score_visible_at = score_visible_at + 31536000000000"]).await;
        anybody.get(&format!("/check/{fresh}")).await.expect(404).lacks("88.37");
    }
}
