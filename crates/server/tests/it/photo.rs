//! 照片维护: instant reasons, strict decoding, and whose photo it is.

use domain::staff::Role;
use testkit::{Browser, Page, TestApp, both_backends};

async fn upload(browser: &mut Browser, name: &str, media_type: &str, bytes: &[u8]) -> Page {
    let page = browser.get("/photo").await.expect(200);
    browser
        .submit(page.form("/photo").file("photo", name, media_type, bytes))
        .await
}

fn portrait() -> Vec<u8> {
    imaging::drawn::portrait(1)
}

/// The portrait with a comment segment full of somebody's position.
fn with_metadata() -> Vec<u8> {
    let jpeg = portrait();
    let mut bytes = jpeg[..2].to_vec();
    let comment = b"GPS 25.77,113.03 SECRET-PLACE";
    bytes.extend_from_slice(&[0xff, 0xfe, 0, u8::try_from(comment.len() + 2).unwrap()]);
    bytes.extend_from_slice(comment);
    bytes.extend_from_slice(&jpeg[2..]);
    bytes
}

both_backends! {
    async fn an_exact_photo_is_taken_without_any_script(t: TestApp) {
        let lin = t.candidate("林一舟").await;
        let mut browser = lin.browser();
        browser.get("/home").await.shows("未上传");
        browser.get("/photo").await.expect(200).shows("宽 130、高 170 像素，不超过 50 KB").shows("浏览");
        let page = upload(&mut browser, "证件照.jpg", "image/jpeg", &portrait()).await;
        let page = page.expect(200).is_at("/photo").shows("照片保存成功").shows("待审核");
        let id = app::photo::current(&t.app, lin.id).await.unwrap().unwrap().public_id;
        assert!(page.html().contains(&format!("/photo/{id}")));
        let file = browser.get(&format!("/photo/{id}")).await.expect(200);
        assert_eq!(file.header("content-type"), Some("image/jpeg"));
        assert!(file.header("cache-control").unwrap().contains("no-store"));
        browser.get("/home").await.shows("待审核");
    }

    async fn every_reason_is_said_in_words_and_nothing_is_stored(t: TestApp) {
        let lin = t.candidate("林一舟").await;
        let mut browser = lin.browser();
        let jpeg = portrait();
        let cut = &jpeg[..jpeg.len() / 2];
        let mut heavy = jpeg.clone();
        heavy.resize(60 * 1024, 0);
        let mut broken = jpeg.clone();
        // A table of codes that no decoder can follow.
        let table = jpeg.windows(2).position(|pair| pair == [0xff, 0xc4]).unwrap();
        for byte in broken.iter_mut().skip(table + 5).take(16) {
            *byte = 0xff;
        }
        let wrong_size = imaging::captcha::picture("2345", [1; 32]);
        for (bytes, words) in [
            (&b"GIF89a..."[..], "照片要用 jpg 格式"),
            (b"\x89PNG\r\n\x1a\n.....", "照片要用 jpg 格式"),
            (b"hello", "照片要用 jpg 格式"),
            (wrong_size.as_slice(), "照片要宽 130、高 170 像素"),
            (heavy.as_slice(), "照片不能超过 50 KB，您上传的是 60 KB"),
            (cut, "照片文件不完整"),
            (broken.as_slice(), "照片打不开"),
        ] {
            upload(&mut browser, "a.jpg", "image/jpeg", bytes).await.expect(422).shows(words);
        }
        let page = browser.get("/photo").await;
        browser.submit(page.form("/photo")).await.expect(422).shows("没有选择照片");
        assert!(app::photo::current(&t.app, lin.id).await.unwrap().is_none());
        // A photo straight from a phone is refused by its size, in words.
        let mut huge = jpeg;
        huge.resize(9 * 1024 * 1024, 0);
        upload(&mut browser, "IMG_0001.jpg", "image/jpeg", &huge).await.expect(422).shows("照片不能超过 50 KB");
    }

    async fn what_is_stored_is_a_new_picture_without_metadata(t: TestApp) {
        let lin = t.candidate("林一舟").await;
        let mut browser = lin.browser();
        let sent = with_metadata();
        upload(&mut browser, "a.jpg", "image/jpeg", &sent).await.expect(200);
        let id = app::photo::current(&t.app, lin.id).await.unwrap().unwrap().public_id;
        let file = app::photo::own(&lin.ctx(), &id).await.unwrap();
        assert_ne!(file.bytes, sent);
        assert!(!file.bytes.windows(12).any(|w| w == b"SECRET-PLACE"));
    }

    async fn another_s_photo_is_not_found(t: TestApp) {
        let (lin, wang) = (t.candidate("林一舟").await, t.candidate("王五").await);
        let mut browser = lin.browser();
        upload(&mut browser, "a.jpg", "image/jpeg", &portrait()).await.expect(200);
        let id = app::photo::current(&t.app, lin.id).await.unwrap().unwrap().public_id;
        wang.browser().get(&format!("/photo/{id}")).await.expect(404);
        t.browser().get(&format!("/photo/{id}")).await.is_at("/login");
        lin.browser().get("/photo/zzzzzzzzzzzzzzzz").await.expect(404);
    }

    async fn a_second_photo_takes_the_first_one_s_place_and_a_refusal_gives_its_reason(t: TestApp) {
        let lin = t.candidate("林一舟").await;
        let mut browser = lin.browser();
        upload(&mut browser, "a.jpg", "image/jpeg", &portrait()).await.expect(200);
        let first = app::photo::current(&t.app, lin.id).await.unwrap().unwrap();
        upload(&mut browser, "b.jpg", "image/jpeg", &imaging::drawn::portrait(2)).await.expect(200);
        let second = app::photo::current(&t.app, lin.id).await.unwrap().unwrap();
        assert_ne!(first.public_id, second.public_id);
        let reviewer = t.staff(&[Role::PhotoReviewer]).await.ctx().await;
        let decision = app::photo::Decision::Reject { code: "background".into(), reason: "背景不是纯色".into() };
        app::photo::claim(&reviewer).await.unwrap();
        app::photo::decide(&reviewer, &second.public_id, second.version, &decision).await.unwrap();
        browser.get("/photo").await.shows("照片审核不通过").shows("背景不是纯色");
        browser.get("/home").await.shows("不通过");
        browser.get("/messages").await.shows("照片审核不通过");
        // From an application, the upload leads back to it.
        let page = browser.get("/photo?next=/apply").await.shows("返回报名");
        let sent = page.form("/photo").file("photo", "c.jpg", "image/jpeg", &imaging::drawn::portrait(3)).encode();
        assert!(String::from_utf8_lossy(&sent.body).contains("/apply"));
        let evil = browser.get("/photo?next=https://evil.example").await.expect(200);
        assert!(!evil.html().contains("evil.example"));
    }
}
