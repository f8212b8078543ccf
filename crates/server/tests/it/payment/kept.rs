//! What is kept of money outside of the channels and of waivers: in the copy of his data that a candidate takes, and in an exam's file.

use app::payment::{self, nontax, offline};
use app::{archive, waiver};
use domain::archive::Section;
use domain::exam::settings::ExamSettings;
use domain::staff::Role;
use testkit::{TestApp, archive_request, both_backends};

use super::{owing, stage_with};
use crate::archive::{book, of, texts, unzipped};
use crate::waiver::{FULL, PNG};

const CODE: &str = "43000026000000000017";

fn open(settings: &mut ExamSettings) {
    settings.fees.offline.taken = true;
    settings.fees.nontax.taken = true;
}

fn cash() -> offline::Form {
    offline::Form {
        method: "cash".into(),
        document_no: "S-1".into(),
        amount: "100".into(),
        paid_at: "2026-03-16 08:30".into(),
        remark: "窗口收取".into(),
    }
}

both_backends! {
    async fn waivers_documents_and_codes_are_in_the_copy_and_in_the_file_of_the_exam(t: TestApp) {
        let s = stage_with(&t, open).await;
        let one = s.t.staff_named("钱来", &[Role::FinanceOfficer]).await.ctx().await;
        let two = s.t.staff_named("周核", &[Role::FinanceOfficer]).await.ctx().await;
        // He asked for a waiver in vain, and paid at the counter; another paid by 缴款码, and a third was let off.
        let form = waiver::Form { category: FULL.into(), statement: "家庭享受低保，证明由民政局出具".into(), keep: Vec::new() };
        waiver::ask(&s.ctx(), &s.application, &form, &[("低保证.png", PNG)]).await.unwrap();
        let asked = waiver::desk(&s.ctx(), &s.application).await.unwrap().asked.remove(0);
        waiver::reject(&one, &asked.row.public_id, "低保证已过期").await.unwrap();
        nontax::ask(&s.ctx(), &s.order).await.unwrap();
        offline::enter(&one, &s.order, &cash(), Some(("收据.pdf", b"%PDF-1.4"))).await.unwrap();
        let entry = offline::waiting(&two).await.unwrap().remove(0).public_id;
        offline::decide(&two, &entry, true, "").await.unwrap();
        let (su, su_app, order) = owing(&s.t, &s.exam, "苏晓").await;
        nontax::ask(&su.ctx(), &order).await.unwrap();
        let number = payment::detail(&one, &order).await.unwrap().order.order_no;
        nontax::give(&one, format!("缴费单号,缴款码\n{number},{CODE}\n").as_bytes()).await.unwrap();
        let list = format!("缴款码,金额,缴款时间,凭证号\n{CODE},100,2026-03-16 12:00,GH-7\n");
        let nontax::Uploaded::Taken(list) = nontax::upload(&one, "到账.csv", list.into_bytes()).await.unwrap() else { panic!() };
        nontax::decide(&two, &list, true, "").await.unwrap();
        s.work().await;
        let (wang, wang_app, _) = owing(&s.t, &s.exam, "王二").await;
        waiver::ask(&wang.ctx(), &wang_app, &form, &[("a.png", PNG)]).await.unwrap();
        let his = waiver::desk(&wang.ctx(), &wang_app).await.unwrap().asked.remove(0);
        waiver::grant(&one, &his.row.public_id, "").await.unwrap();

        // His own copy: what he wrote and sent, what was decided, the receipt; nothing of anybody else's.
        let copy = async |who: &testkit::TestCandidate| {
            let mut browser = who.again().await.browser();
            let page = browser.get("/account").await.expect(200).shows("减免、缴费记录");
            browser.submit(page.form("/account/copy")).await.expect(200).html()
        };
        let text = copy(&s.lin).await;
        for words in ["家庭享受低保，证明由民政局出具", "低保证.png", "低保证已过期", "未通过", "S-1", "现金", "\"留存凭证扫描件\": true", "待复核"] {
            let there = text.contains(words);
            assert_eq!(there, words != "待复核", "{words}: {text}");
        }
        assert!(!text.contains(CODE) && !text.contains("苏晓"), "{text}");
        let file = format!("/applications/{}/waiver/files/{}", s.application, asked.files[0].public_id);
        assert!(text.contains(&file), "{text}");
        assert_eq!(s.lin.again().await.browser().get(&file).await.expect(200).body.as_ref(), PNG);
        let text = copy(&su).await;
        for words in [CODE, "GH-7", "已支付", "缴款码", "100.00"] {
            assert!(text.contains(words), "{words}: {text}");
        }
        assert!(copy(&wang).await.contains("\"减免金额（元）\": \"100.00\""));

        // The exam's file.
        let officers = [s.t.staff(&[Role::ExamOfficer]).await, s.t.staff(&[Role::ExamOfficer]).await];
        let (a, b) = (officers[0].ctx().await, officers[1].ctx().await);
        app::exam::close(&a, &s.exam.public_id).await.unwrap();
        archive::ask(&a, &s.exam.public_id, &archive_request("招聘工作已结束")).await.unwrap();
        archive::decide(&b, &s.exam.public_id, true, "").await.unwrap();
        s.t.run_jobs().await;
        let mut taken = archive::take_all(&a, &s.exam.public_id).await.unwrap();
        let mut bytes = Vec::new();
        while let Some(piece) = taken.pieces.recv().await {
            bytes.extend_from_slice(&piece.unwrap());
        }
        let files = unzipped(&bytes);
        let waivers = texts(&book(of(&files, Section::Waivers, "xlsx")));
        for words in ["林一舟", "王二", FULL, "家庭享受低保，证明由民政局出具", "低保证已过期", "未通过", "已通过", "钱来"] {
            assert!(waivers.contains(words), "{words}: {waivers}");
        }
        let documents = texts(&book(of(&files, Section::Documents, "xlsx")));
        for words in ["林一舟", "线下缴费", "现金", "S-1", "窗口收取", "周核", "苏晓", CODE, "GH-7", "代收银行到账", "待取码"] {
            assert!(documents.contains(words), "{words}: {documents}");
        }
        let attached = unzipped(of(&files, Section::Attachments, "zip"));
        let mut kinds: Vec<bool> = attached.values().map(|bytes| bytes.starts_with(b"%PDF")).collect();
        kinds.sort_unstable();
        assert_eq!(kinds, [false, false, true], "two pictures and the receipt: {:?}", attached.keys());
        crate::positions::sound(&s.t).await;
        assert!(!su_app.is_empty());
    }

    async fn who_paid_outside_of_the_channels_is_not_told_of_the_way_back_through_one(t: TestApp) {
        let s = stage_with(&t, open).await;
        let one = s.t.staff(&[Role::FinanceOfficer]).await.ctx().await;
        let two = s.t.staff(&[Role::FinanceOfficer]).await.ctx().await;
        nontax::ask(&s.ctx(), &s.order).await.unwrap();
        let number = s.history().await.order.order_no;
        nontax::give(&one, format!("缴费单号,缴款码\n{number},{CODE}\n").as_bytes()).await.unwrap();
        // Paid at a channel first, and by the code as well: the bank's money is too much.
        let paid = s.begin().await;
        assert!(s.bank.pay(&paid));
        assert!(s.notice(&paid).await);
        s.t.clock.advance(3_600);
        let list = format!("缴款码,金额,缴款时间,凭证号\n{CODE},100,2026-03-16 12:30,GH-7\n");
        let nontax::Uploaded::Taken(list) = nontax::upload(&one, "到账.csv", list.into_bytes()).await.unwrap() else { panic!() };
        nontax::decide(&two, &list, true, "").await.unwrap();
        s.work().await;
        let told = app::message::inbox(&s.ctx(), None).await.unwrap();
        let back = told.iter().find(|row| row.title.contains("退回")).expect("told of it");
        assert!(back.title.contains("线下退回"), "{}", back.title);
        assert!(back.body.contains("您提供的收款账户") && !back.body.contains("原路"), "{}", back.body);
        let page = s.lin.again().await.browser().get(&format!("/payments/{}", s.order)).await.expect(200).main();
        assert!(page.contains("没有入账") && !page.contains("原路"), "{page}");
        // The control: what a channel took twice goes back through it.
        let (su, _, order) = owing(&s.t, &s.exam, "苏晓").await;
        let start = s.t.now();
        payment::pay(&su.ctx(), &order, crate::payment::CHANNEL, &payment::Payer::default()).await.unwrap();
        s.t.clock.advance(31 * 60);
        payment::pay(&su.ctx(), &order, crate::payment::CHANNEL, &payment::Payer::default()).await.unwrap();
        let attempts = payment::find(&su.ctx(), &order).await.unwrap().attempts;
        assert!(s.bank.pay_at(&attempts[0].merchant_no, start.plus_seconds(60)) && s.bank.pay(&attempts[1].merchant_no));
        for attempt in &attempts {
            assert!(s.notice(&attempt.merchant_no).await);
        }
        let told = app::message::inbox(&su.ctx(), None).await.unwrap();
        let back = told.iter().find(|row| row.title.contains("退回")).expect("told of it");
        assert!(back.body.contains("原路全额退回"), "{}", back.body);
    }
}
