//! What a failed login and a reason leave behind: enough to look into, nothing of what was typed.

use app::account::claim;
use app::staff::StaffLogin;
use app::{Actor, Error, Secret, audit};
use domain::staff::Role;
use testkit::{TestApp, both_backends};

use super::{from, login_of, stored};

async fn entries(t: &TestApp, action: &str) -> Vec<(i64, String)> {
    let ctx = t.staff(&[Role::Auditor]).await.ctx().await;
    let filter = audit::Filter {
        action: action.into(),
        ..Default::default()
    };
    let rows = audit::entries(&ctx, &filter, None, 50).await.unwrap();
    rows.into_iter()
        .map(|row| (row.object_id, row.detail))
        .collect()
}

both_backends! {
    async fn every_failed_staff_login_leaves_a_row_without_what_was_typed(t: TestApp) {
        let officer = t.staff(&[Role::ExamOfficer]).await;
        for username in [officer.username.as_str(), "nobody-of-this-name"] {
            let login = StaffLogin { username: username.into(), password: Secret::new("a-secret-guess"), captcha: t.solved() };
            let answer = app::staff::begin(&t.ctx(Actor::Anonymous), login).await;
            assert!(matches!(answer, Err(Error::Fields(_))), "{answer:?}");
        }
        let login = StaffLogin { username: officer.username.clone(), password: Secret::new(officer.password.clone()), captcha: t.solved() };
        let half = app::staff::begin(&t.ctx(Actor::Anonymous), login).await.unwrap();
        let session = stored(&t, &half.token.expose()).await;
        let wrong = app::staff::complete(&t.ctx(Actor::Anonymous), &session, "0").await;
        assert!(matches!(wrong, Err(Error::Fields(_))), "{wrong:?}");
        let rows = entries(&t, "staff.login_failed").await;
        let mut ids: Vec<i64> = rows.iter().map(|row| row.0).collect();
        ids.sort_unstable();
        assert_eq!(ids, [0, officer.id, officer.id]);
        for (_, detail) in &rows {
            assert!(detail.contains("whom"), "{detail}");
            assert!(!detail.contains("nobody-of-this-name") && !detail.contains("guess") && !detail.contains(&officer.username), "{detail}");
        }
    }

    async fn a_candidates_failures_are_noted_from_the_first_delay_on(t: TestApp) {
        let zhang = t.candidate("张三").await;
        let wrong = async |n: usize| {
            let ctx = app::Ctx { at: t.now(), ..from(&t, "10.1.0.0/24") };
            let answer = app::account::login(&ctx, login_of(&t, &zhang.person.number, "wrong-password", None)).await;
            assert!(matches!(answer, Err(Error::Fields(_))), "{n}: {answer:?}");
        };
        for n in 0..5 {
            wrong(n).await;
        }
        // The control: who mistypes a few times leaves nothing.
        assert_eq!(entries(&t, "account.login_failed").await, []);
        wrong(5).await;
        t.clock.advance(31);
        wrong(6).await;
        let rows = entries(&t, "account.login_failed").await;
        assert_eq!(rows.len(), 2);
        for (id, detail) in rows {
            assert_eq!(id, zhang.id);
            assert!(detail.contains("delay") && !detail.contains(&zhang.person.number), "{detail}");
        }
    }

    async fn what_staff_write_about_a_claim_carries_no_number(t: TestApp) {
        let zhang = t.candidate("张三").await;
        let form = claim::ClaimForm {
            id_number: zhang.person.number.clone(), name: "王五".into(), mobile: "13700000000".into(),
            statement: "有人用我的身份证号注册，请核实处理。".into(),
        };
        claim::file(&t.ctx(Actor::Anonymous), &form, None, t.solved()).await.unwrap();
        let desk = t.staff(&[Role::ExamOfficer]).await.ctx().await;
        let row = claim::list(&desk, "open", None).await.unwrap().remove(0);
        let long = claim::check(&desk, &row.public_id, &"长".repeat(501)).await;
        assert!(matches!(long, Err(Error::Fields(_))), "{long:?}");
        claim::check(&desk, &row.public_id, &format!("已拨打 137 0000 0000，证件 {} 相符", zhang.person.number)).await.unwrap();
        assert_eq!(claim::find(&desk, &row.public_id).await.unwrap().note, "已拨打 ***，证件 *** 相符");
    }
}
