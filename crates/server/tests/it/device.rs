//! What comes from a phone at the door: no cookie and no form, and nothing that a browser adds by itself lets it in.

use axum::body::{Body, Bytes};
use http::{HeaderValue, Method, StatusCode, header};
use testkit::{Browser, Page, TestApp, both_backends};
use web::routes::KIB;
use web::{Routes, Visit, Who};

/// Whom the handler sees, and how much was sent.
async fn seen(visit: Visit, body: Bytes) -> String {
    let who = if visit.session().is_some() {
        "somebody"
    } else {
        "nobody"
    };
    format!("{who} {}", body.len())
}

fn routes() -> Routes<()> {
    Routes::new("door")
        .post("/door/marks", Who::Device, seen)
        .post("/door/roster", Who::Device.body(KIB), seen)
        .post("/door/form", Who::Candidate, seen)
}

async fn from_elsewhere(browser: &mut Browser, path: &str, body: Vec<u8>) -> Page {
    let mut request = browser.request(Method::POST, path, Body::from(body));
    let headers = request.headers_mut();
    headers.insert(
        header::ORIGIN,
        HeaderValue::from_static("https://evil.example"),
    );
    headers.insert("sec-fetch-site", HeaderValue::from_static("cross-site"));
    browser.send(request).await
}

both_backends! {
    async fn a_device_has_no_session_no_form_and_an_answer_that_no_cache_keeps(t: TestApp) {
        let candidate = t.candidate("张三").await.browser();
        let cookie = candidate.cookie(web::cookie::CANDIDATE).unwrap().to_owned();
        let door = t.with_routes(routes());
        let mut phone = door.browser();
        for with_cookie in [false, true] {
            if with_cookie {
                phone.set_cookie(web::cookie::CANDIDATE, &cookie);
            }
            let page = from_elsewhere(&mut phone, "/door/marks", b"{}".to_vec()).await.expect(200);
            assert_eq!(page.text(), "nobody 2", "a cookie says nothing here");
            assert_eq!(page.header("cache-control"), Some("no-store"));
            assert_eq!(page.header("set-cookie"), None);
        }
        // The control: the same cookie and origin on a page with forms.
        let page = from_elsewhere(&mut phone, "/door/form", b"{}".to_vec()).await;
        assert_eq!(page.status, StatusCode::FORBIDDEN);
    }

    async fn a_device_sends_no_more_than_its_route_takes(t: TestApp) {
        let mut phone = t.with_routes(routes()).browser();
        for (path, most) in [("/door/marks", 256 * KIB), ("/door/roster", KIB)] {
            let page = from_elsewhere(&mut phone, path, vec![b' '; most]).await.expect(200);
            assert_eq!(page.text(), format!("nobody {most}"));
            let page = from_elsewhere(&mut phone, path, vec![b' '; most + 1]).await;
            assert_eq!(page.status, StatusCode::PAYLOAD_TOO_LARGE, "{path}");
        }
    }
}
