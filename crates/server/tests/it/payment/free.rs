//! An exam that takes money, and somebody who owes nothing: subjects whose fee is 0 (免费 in the table).

use std::collections::BTreeMap;

use app::account::office::{self, Search};
use app::application::{self, Agreed, Form, Pick};
use app::exam::preset::Preset;
use app::exam::{self, import, setup};
use app::payment;
use app::review::{self, Decision, Shown};
use documents::xlsx::{ColumnSpec, Writer};
use domain::exam::LevelChoice;
use domain::exam::steps::ReviewStep;
use domain::sheet::Cell;
use domain::staff::Role;
use testkit::{TestApp, TestCandidate, both_backends, test_windows};

const LEVEL: &str = "免考基础科目";

/// A published exam of two subjects; one is free.
async fn published(t: &TestApp, review: ReviewStep) -> String {
    let mut settings = Preset::Professional.settings(t.now());
    settings.organizer = "南屿市人事考试中心".into();
    settings.windows = test_windows();
    settings.steps.review = review;
    settings.review.auto_when_all_pass = false;
    let ctx = t.system();
    let code = format!("MF{}", review.code().len());
    let of = (
        Preset::Professional.category(),
        code.as_str(),
        "2026年职业资格考试",
    );
    let id = setup::create_with(&ctx, of, settings, "测试")
        .await
        .unwrap();
    let draft = exam::find(&t.app, &id).await.unwrap();
    let titles = [
        "级别",
        "专业",
        "科目代码",
        "科目名称",
        "考试时间",
        "收费标准（元/科）",
    ];
    let columns = titles.map(|title| ColumnSpec::new(title, 16.0));
    let mut writer = Writer::new("科目表", &columns, t.now()).unwrap();
    for row in [
        [
            LEVEL,
            "消防",
            "1",
            "消防安全技术实务",
            "2026-04-12 9:00-11:30",
            "免费",
        ],
        [
            LEVEL,
            "消防",
            "2",
            "消防安全案例分析",
            "2026-04-12 14:00-16:30",
            "60",
        ],
    ] {
        writer.row(&row.map(Cell::text)).unwrap();
    }
    let batch = import::upload(&ctx, &draft, "科目表.xlsx", &writer.finish().unwrap())
        .await
        .unwrap();
    let batch = import::find(&t.app, draft.id(), &batch).await.unwrap();
    import::confirm(&ctx, &draft, &batch).await.unwrap();
    exam::publish(&ctx, &id).await.unwrap();
    id
}

/// 保存 with these subjects; the application.
async fn submitted(who: &TestCandidate, exam: &str, subjects: &[&str]) -> String {
    let ctx = who.ctx();
    let form = Form {
        pick: Pick::Professional(LevelChoice {
            level: LEVEL.into(),
            specialty: "消防".into(),
            subjects: subjects.iter().map(|code| (*code).to_owned()).collect(),
            claims_passes: false,
        }),
        answers: BTreeMap::new(),
        agreed: Agreed {
            version: 1,
            at: ctx.at,
        },
    };
    application::submit(&ctx, exam, &form)
        .await
        .unwrap()
        .public_id
}

both_backends! {
    async fn whoever_takes_free_subjects_only_needs_no_order(t: TestApp) {
        let lin = t.ready("林一舟").await;
        for (review, before, fee_step) in [
            (ReviewStep::None, "none", "waived"),
            (ReviewStep::AfterPayment, "pending", "waived"),
            // The review comes first; nothing is paid after it.
            (ReviewStep::BeforePayment, "pending", "none"),
        ] {
            let exam = published(&t, review).await;
            let id = submitted(&lin, &exam, &["1"]).await;
            let row = application::own(&lin.ctx(), &id).await.unwrap().row;
            assert_eq!((row.review.as_str(), row.payment.as_str()), (before, fee_step), "{review:?}");
            if review == ReviewStep::BeforePayment {
                let staff = t.staff(&[Role::FirstReviewer]).await.ctx().await;
                let bench = review::bench(&staff, &id).await.unwrap();
                let shown = Shown { public_id: id.clone(), hash: bench.hash(), review: bench.review() };
                review::decide(&staff, &shown, &Decision::Approve).await.unwrap();
                let row = application::own(&lin.ctx(), &id).await.unwrap().row;
                assert_eq!((row.review.as_str(), row.payment.as_str()), ("approved", "waived"));
            }
            assert_eq!(payment::unpaid(&lin.ctx()).await.unwrap().len(), 0);
            assert!(payment::payable(&lin.ctx(), &id).await.unwrap().order.is_none());
            // The control: with a subject that costs something, the fee falls due.
            let wang = t.ready("王二").await;
            let id = submitted(&wang, &exam, &["1", "2"]).await;
            let row = application::own(&wang.ctx(), &id).await.unwrap().row;
            let due = if review == ReviewStep::BeforePayment { "none" } else { "due" };
            assert_eq!((row.payment.as_str(), row.fee), (due, 6_000));
        }
        for address in ["/applications", "/home"] {
            lin.browser().get(address).await.expect(200).shows("无需缴费").lacks("减免");
        }
        let desk = t.staff(&[Role::ExamOfficer]).await;
        let found = Search { number: lin.person.number.clone(), ..Search::default() };
        let found = office::search(&desk.ctx().await, &found).await.unwrap();
        let address = format!("/office/candidates/{}", found[0].public_id);
        desk.browser().get(&address).await.expect(200).shows("无需缴费").lacks("免缴");
        lin.browser().get("/payments").await.expect(200);
    }
}
