//! 注册 → 登录 → the first password → home, everything around it, and who must not get in (assurance §5).

mod attack;
mod burst;
mod claims;
mod legacy;
mod login;
mod privacy;
mod race;
mod session;
mod signup;
mod trace;

use app::account::{Login, SignupForm, SignupOutcome};
use app::{Actor, Ctx, Secret};
use testkit::{Browser, Page, Person, TestApp};

pub(super) const PASSWORD: &str = "清晨的一杯茶要慢慢喝";
pub(super) const OTHER: &str = "tree-lamp-42-river";

/// Fills in the sign-up form and presses 保存.
pub(super) async fn sign_up(browser: &mut Browser, person: &Person) -> Page {
    let page = browser
        .get("/signup?door=recruitment&agreed=1")
        .await
        .expect(200);
    let form = page.form("/signup").set_all(&[
        ("name", &person.name),
        ("id_number", &person.number),
        ("mobile", &person.mobile),
        ("agree", "1"),
    ]);
    browser.submit(form).await
}

/// The code of the last SMS to a mobile.
pub(super) async fn sms_code(t: &TestApp, mobile: &str) -> String {
    t.run_jobs().await;
    let message = t
        .sms
        .sent()
        .into_iter()
        .rfind(|sms| sms.to == mobile && sms.template.starts_with("code_"))
        .expect("an SMS");
    message
        .params
        .iter()
        .find(|(name, _)| name == "code")
        .map(|(_, code)| code.clone())
        .expect("a code")
}

pub(crate) async fn log_in(browser: &mut Browser, number: &str, password: &str) -> Page {
    let page = browser.get("/login").await.expect(200);
    browser
        .submit(
            page.form("/login")
                .set_all(&[("number", number), ("password", password)]),
        )
        .await
}

pub(super) async fn choose_password(browser: &mut Browser, page: &Page, password: &str) -> Page {
    browser
        .submit(
            page.form("/activate")
                .set_all(&[("password", password), ("password_again", password)]),
        )
        .await
}

pub(super) fn from(t: &TestApp, network: &str) -> Ctx {
    Ctx {
        network: network.to_owned(),
        ..t.ctx(Actor::Anonymous)
    }
}

pub(crate) fn login_of(t: &TestApp, number: &str, password: &str, cookie: Option<&str>) -> Login {
    Login {
        number: number.to_owned(),
        password: Secret::new(password),
        door: String::new(),
        captcha: t.solved(),
        activation: cookie.map(str::to_owned),
        device: None,
    }
}

/// A sign-up through the use case: the activation cookie and the activation code.
pub(crate) async fn pending(t: &TestApp, person: &Person) -> (String, String) {
    let form = SignupForm {
        name: person.name.clone(),
        id_type: "01".into(),
        id_number: person.number.clone(),
        mobile: person.mobile.clone(),
        door: String::new(),
    };
    match app::account::start_signup(&t.ctx(Actor::Anonymous), &form, t.solved())
        .await
        .expect("a sign-up")
    {
        SignupOutcome::Created(created) => {
            (created.cookie.expose(), created.activation_code.clone())
        }
        other => panic!("no account: {other:?}"),
    }
}

pub(super) async fn stored(t: &TestApp, token: &str) -> app::account::session::Session {
    app::account::session::lookup(&t.app, token, t.now())
        .await
        .unwrap()
        .expect("a session")
}

/// What the page's script looks for: a number whose hash with the token begins with zero bits.
pub(super) fn work(token: &str) -> u32 {
    use sha2::{Digest, Sha256};
    (0u32..)
        .find(|number| {
            let hash = Sha256::digest(format!("{token}:{number}").as_bytes());
            u32::from_be_bytes([hash[0], hash[1], hash[2], hash[3]]).leading_zeros()
                >= web::captcha::WORK_BITS
        })
        .unwrap()
}

pub(super) fn contains(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

/// What the helpers above need of a test's application.
pub(super) trait Helpers {
    /// Runs something beside the test.
    fn app_task<F>(self, work: F) -> testkit::tokio::task::JoinHandle<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static;
    /// A candidate with a verified mobile: signed up with SMS on.
    async fn candidate_by_sms(&self, person: &Person) -> Person;
}

impl Helpers for TestApp {
    fn app_task<F>(self, work: F) -> testkit::tokio::task::JoinHandle<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        testkit::tokio::spawn(work)
    }

    async fn candidate_by_sms(&self, person: &Person) -> Person {
        let mut browser = self.browser();
        let page = sign_up(&mut browser, person).await;
        let code = sms_code(self, &person.mobile).await;
        let page = browser
            .submit(page.form("/signup/code").set("sms_code", &code))
            .await
            .is_at("/login");
        let page = browser
            .submit(page.form("/login").set("password", person.last_six()))
            .await
            .is_at("/activate");
        choose_password(&mut browser, &page, PASSWORD)
            .await
            .is_at("/home");
        self.clock.advance(120);
        person.clone()
    }
}
