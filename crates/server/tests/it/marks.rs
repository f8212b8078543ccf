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
}
