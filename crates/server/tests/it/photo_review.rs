//! The photo queue: held by one reviewer, decided with a reason, taken back by another.

use app::photo::Decision;
use app::{Ctx, Error};
use domain::photo::PhotoSpec;
use domain::staff::Role;
use testkit::{TestApp, TestCandidate, both_backends};

async fn with_photo(t: &TestApp, name: &str, seed: u64) -> TestCandidate {
    let candidate = t.candidate(name).await;
    let picture = imaging::drawn::portrait(seed);
    app::photo::upload(&candidate.ctx(), &picture, &PhotoSpec::default())
        .await
        .unwrap();
    t.clock.advance(1);
    candidate
}

async fn state(t: &TestApp, candidate: &TestCandidate) -> (String, String) {
    let row = app::photo::current(&t.app, candidate.id)
        .await
        .unwrap()
        .unwrap();
    (row.state, row.reason)
}

both_backends! {
    async fn a_reviewer_decides_a_handful_and_the_candidate_is_told(t: TestApp) {
        let lin = with_photo(&t, "林一舟", 1).await;
        let zhou = with_photo(&t, "周南", 2).await;
        let mut browser = t.staff(&[Role::PhotoReviewer]).await.browser();
        let page = browser.get("/office/photos").await.expect(200).shows("您手上没有照片").shows("待审核 2 张");
        let page = browser.submit(page.form_with("领取一批")).await.expect(200).is_at("/office/photos");
        let page = page.shows("林一舟").shows("周南").lacks(&lin.person.number).shows("***************");
        let html = page.html();
        let image = html.split("src=\"/office/photos/").nth(1).unwrap().split('"').next().unwrap().to_owned();
        let picture = browser.get(&format!("/office/photos/{image}")).await.expect(200);
        assert_eq!(picture.header("content-type"), Some("image/jpeg"));
        assert!(picture.header("cache-control").unwrap().contains("no-store"));

        // Without a reason nothing is refused; the other decision is kept.
        let form = page.form("/office/photos").unset("more");
        let first_is_lin = html.find("林一舟").unwrap() < html.find("周南").unwrap();
        assert!(first_is_lin, "the oldest first");
        let form = form.set("choice-0", "approve").set("choice-1", "reject");
        let page = browser.submit(form).await.expect(422).shows("周南：请写明原因");
        assert_eq!(state(&t, &lin).await.0, "approved");
        let form = page.form("/office/photos").unset("more").set("choice-0", "reject").set("code", "photo_blur");
        browser.submit(form).await.expect(200).shows("已审 ").shows("没有待审核的照片");
        let (what, why) = state(&t, &zhou).await;
        assert_eq!((what.as_str(), why.as_str()), ("rejected", "照片模糊，看不清面部，请重新拍摄。"));
        let inbox = app::message::inbox(&zhou.ctx(), None).await.unwrap();
        assert!(inbox[0].body.contains("照片模糊") && !inbox[0].body.contains("。。"), "{}", inbox[0].body);
        assert!(app::message::inbox(&lin.ctx(), None).await.unwrap().iter().all(|m| m.kind != "review"));
        browser.get("/office/photos/decided?state=rejected").await.expect(200).shows("周南").shows("照片模糊");
    }

    async fn two_reviewers_never_hold_the_same_photo(t: TestApp) {
        for n in 0..30 {
            with_photo(&t, &format!("考生{}", char::from_u32(0x4e00 + n).unwrap()), u64::from(n)).await;
        }
        let (one, two) = (t.staff(&[Role::PhotoReviewer]).await, t.staff(&[Role::PhotoReviewer]).await);
        let (a, b) = (one.ctx().await, two.ctx().await);
        let (left, right) = tokio::join!(app::photo::claim(&a), app::photo::claim(&b));
        assert_eq!(left.unwrap() + right.unwrap(), 30, "one takes 24, the other the rest");
        let held: Vec<_> = app::photo::held(&a).await.unwrap().into_iter().map(|card| card.public_id).collect();
        let other: Vec<_> = app::photo::held(&b).await.unwrap().into_iter().map(|card| card.public_id).collect();
        assert!(held.iter().all(|id| !other.contains(id)));
        assert_eq!(held.len() + other.len(), 30);
        // What another holds can neither be seen nor decided.
        let card = app::photo::held(&b).await.unwrap().remove(0);
        assert!(matches!(app::photo::view(&a, &card.public_id).await, Err(Error::NotFound)));
        let taken = app::photo::decide(&a, &card.public_id, card.version, &Decision::Approve).await;
        assert!(matches!(taken, Err(Error::Conflict(_))), "{taken:?}");
        // The control: once the time is over, he may take and decide it.
        t.clock.advance(15 * 60 + 1);
        let a = one.ctx().await;
        app::photo::decide(&a, &card.public_id, card.version, &Decision::Approve).await.unwrap();
        // Released photos are free at once.
        app::photo::claim(&a).await.unwrap();
        app::photo::release(&a).await.unwrap();
        assert!(app::photo::held(&a).await.unwrap().is_empty());
        assert!(app::photo::claim(&two.ctx().await).await.unwrap() > 0);
    }

    async fn control_claims_that_have_run_out_keep_nobody_from_the_same_photos(t: TestApp) {
        for n in 0..30 {
            with_photo(&t, &format!("考生{}", char::from_u32(0x4e00 + n).unwrap()), u64::from(n)).await;
        }
        let (a, b) = (t.staff(&[Role::PhotoReviewer]).await.ctx().await, t.staff(&[Role::PhotoReviewer]).await.ctx().await);
        let left = app::photo::claim(&a).await.unwrap();
        let late = Ctx { at: b.at.plus_seconds(15 * 60), ..b };
        let right = app::photo::claim(&late).await.unwrap();
        assert_eq!(left + right, 48, "24 each, of 30");
    }

    async fn a_photo_replaced_meanwhile_is_not_decided(t: TestApp) {
        let lin = with_photo(&t, "林一舟", 1).await;
        let reviewer = t.staff(&[Role::PhotoReviewer]).await;
        let ctx = reviewer.ctx().await;
        app::photo::claim(&ctx).await.unwrap();
        let card = app::photo::held(&ctx).await.unwrap().remove(0);
        app::photo::upload(&lin.ctx(), &imaging::drawn::portrait(9), &PhotoSpec::default()).await.unwrap();
        let late = app::photo::decide(&ctx, &card.public_id, card.version, &Decision::Approve).await;
        assert!(matches!(late, Err(Error::Conflict(_))), "{late:?}");
        assert_eq!(state(&t, &lin).await.0, "pending");
    }

    async fn a_decision_is_taken_back_by_another_or_within_minutes(t: TestApp) {
        let lin = with_photo(&t, "林一舟", 1).await;
        let (one, two) = (t.staff(&[Role::PhotoReviewer]).await, t.staff(&[Role::PhotoReviewer]).await);
        let ctx = one.ctx().await;
        let reject = Decision::Reject { code: "photo_blur".into(), reason: "照片模糊，请重拍".into() };
        for round in 0..2 {
            app::photo::claim(&ctx).await.unwrap();
            let card = app::photo::held(&ctx).await.unwrap().remove(0);
            app::photo::decide(&ctx, &card.public_id, card.version, &reject).await.unwrap();
            if round == 0 {
                // His own, at once.
                let mut browser = one.browser();
                let page = browser.get("/office/photos/decided?state=rejected").await.expect(200);
                browser.submit(page.form_with("重新审核")).await.expect(200).shows("还没有这样的照片");
                assert_eq!(state(&t, &lin).await.0, "pending");
            }
        }
        t.clock.advance(11 * 60);
        let row = app::photo::current(&t.app, lin.id).await.unwrap().unwrap();
        let own = app::photo::reopen(&one.ctx().await, &row.public_id, row.version).await;
        assert!(matches!(own, Err(Error::Refused(_))), "{own:?}");
        app::photo::reopen(&two.ctx().await, &row.public_id, row.version).await.unwrap();
        assert_eq!(state(&t, &lin).await.0, "pending");
        let told = app::message::inbox(&lin.ctx(), None).await.unwrap();
        assert!(told[0].title.contains("重新审核"));
        app::photo::recent(&two.ctx().await, &app::photo::DecidedFilter { state: "approved".into(), ..Default::default() }, None, 10).await.unwrap();
    }
}
