//! Candidates and members of staff, made through the use cases.

use app::account::challenge::Solved;
use app::account::session::{self, Kind};
use app::account::{Login, NewPassword, SignupForm, SignupOutcome};
use app::staff::{NewStaff, StaffLogin};
use app::{Actor, Ctx, StaffActor};
use domain::id_number::check_digit;
use domain::staff::Role;
use vault::Secret;

use crate::browser::Browser;
use crate::journey::TestExam;
use crate::setup::TestApp;
use crate::totp::totp_code;

/// Somebody who could sign up: a name, a resident's number that is right, a mobile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// 姓名
    pub name: String,
    /// 18 characters, with a right check digit.
    pub number: String,
    /// 11 digits.
    pub mobile: String,
}

impl Person {
    /// The `n`th person: everybody differs in number and mobile. Born between 1985 and 2004.
    pub fn nth(name: &str, n: u32) -> Self {
        let year = 1985 + n % 20;
        let (month, day, sequence) = (1 + n / 20 % 12, 1 + n / 240 % 28, 1 + n % 998);
        let digits = format!("431002{year}{month:02}{day:02}{sequence:03}");
        let check = check_digit(&digits).expect("seventeen digits");
        Self {
            name: name.to_owned(),
            number: format!("{digits}{check}"),
            mobile: format!("139{:08}", 10_000_000 + n),
        }
    }

    /// The initial password that the manual speaks of.
    pub fn last_six(&self) -> &str {
        &self.number[12..]
    }
}

/// An activated candidate.
#[derive(Debug, Clone)]
pub struct TestCandidate {
    /// Who it is.
    pub person: Person,
    /// `account.id`.
    pub id: i64,
    /// The password he chose.
    pub password: String,
    /// A living session's token.
    pub token: String,
    /// The rehearsal that he was made for.
    pub rehearses: Option<i64>,
    t: TestApp,
}

impl TestCandidate {
    /// A context of his for use cases, at the clock's time.
    pub fn ctx(&self) -> Ctx {
        Ctx {
            rehearses: self.rehearses,
            ..self.t.ctx(Actor::Candidate(self.id))
        }
    }

    /// A browser in which he is logged in.
    pub fn browser(&self) -> Browser {
        let mut browser = self.t.browser();
        browser.set_cookie(web::cookie::CANDIDATE, &self.token);
        browser
    }

    /// The same person after another login: for tests that turn the clock past the end of a session.
    pub async fn again(&self) -> Self {
        let login = Login {
            number: self.person.number.clone(),
            password: Secret::new(self.password.clone()),
            door: String::new(),
            captcha: self.t.solved(),
            activation: None,
            device: None,
        };
        let logged_in = app::account::login(&self.t.ctx(Actor::Anonymous), login)
            .await
            .expect("another login");
        Self {
            token: logged_in.token.expose(),
            ..self.clone()
        }
    }

    /// The same person seen by a product with other settings.
    #[must_use]
    pub fn at(&self, t: &TestApp) -> Self {
        Self {
            t: t.clone(),
            ..self.clone()
        }
    }
}

/// A member of staff with a second factor.
#[derive(Debug, Clone)]
pub struct TestStaff {
    /// `staff.id`.
    pub id: i64,
    /// To log in with.
    pub username: String,
    /// To log in with.
    pub password: String,
    /// What his authenticator app was given.
    pub secret: String,
    /// A living session's token.
    pub token: String,
    t: TestApp,
}

impl TestStaff {
    /// A context of his for use cases, at the clock's time.
    pub async fn ctx(&self) -> Ctx {
        let grants = app::staff::grants(&self.t.app, self.id)
            .await
            .expect("grants");
        self.t.ctx(Actor::Staff(StaffActor {
            id: self.id,
            grants,
        }))
    }

    /// A browser in which he is logged in.
    pub fn browser(&self) -> Browser {
        let mut browser = self.t.browser();
        browser.set_cookie(web::cookie::STAFF, &self.token);
        browser
    }

    /// The code that his app shows now.
    pub fn code(&self) -> String {
        totp_code(&self.secret, self.t.now())
    }

    /// The same person seen by a product with other settings.
    #[must_use]
    pub fn at(&self, t: &TestApp) -> Self {
        Self {
            t: t.clone(),
            ..self.clone()
        }
    }
}

/// The password of every candidate that this kit makes.
const PASSWORD: &str = "kaosheng-2026";
/// The password of every member of staff that this kit makes.
const STAFF_PASSWORD: &str = "banshi-yuan-2026";

impl TestApp {
    /// A captcha that counts as answered.
    pub fn solved(&self) -> Solved {
        let mut nonce = [0u8; 16];
        self.entropy.fill(&mut nonce);
        Solved {
            nonce: nonce.to_vec(),
            expires_at: self.now().plus_seconds(600),
        }
    }

    /// A person that this test hasn't met yet.
    pub fn person(&self, name: &str) -> Person {
        Person::nth(name, self.next_person())
    }

    /// A candidate who signed up, logged in with the last six digits and chose a password.
    pub async fn candidate(&self, name: &str) -> TestCandidate {
        self.candidate_of(self.person(name)).await
    }

    /// The same for a given person.
    pub async fn candidate_of(&self, person: Person) -> TestCandidate {
        // The builder's sign-up needs no code, whatever the test says of SMS.
        let quiet = self.with(|setup| setup.policy.sms = false);
        let ctx = quiet.ctx(Actor::Anonymous);
        let form = SignupForm {
            name: person.name.clone(),
            id_type: domain::id_number::IdType::ResidentCard.code().into(),
            id_number: person.number.clone(),
            mobile: person.mobile.clone(),
            door: String::new(),
        };
        let outcome = app::account::start_signup(&ctx, &form, self.solved())
            .await
            .expect("a sign-up");
        let SignupOutcome::Created(created) = outcome else {
            panic!("no account for {person:?}: {outcome:?}")
        };
        let login = Login {
            number: person.number.clone(),
            password: Secret::new(person.last_six()),
            door: String::new(),
            captcha: self.solved(),
            activation: Some(created.cookie.expose()),
            device: None,
        };
        let half = app::account::login(&ctx, login)
            .await
            .expect("the first login");
        let stored = session::lookup(&self.app, &half.token.expose(), self.now())
            .await
            .expect("a look-up");
        let stored = stored
            .filter(|s| s.kind == Kind::Activation)
            .expect("an activation session");
        let chosen = NewPassword {
            password: Secret::new(PASSWORD),
            again: Secret::new(PASSWORD),
        };
        let token = app::account::set_first(&ctx, &stored, chosen)
            .await
            .expect("a first password");
        TestCandidate {
            person,
            id: half.account_id,
            password: PASSWORD.into(),
            token: token.expose(),
            rehearses: None,
            t: self.clone(),
        }
    }

    /// 演练考生 of a rehearsal, made by its job and logged in with what stands on the sheet: as many as `count` says, of whom
    /// `apply` of a hundred apply by themselves and `pay` of a hundred of those pay.
    pub async fn rehearsing(
        &self,
        exam: &TestExam,
        (count, apply, pay): (u32, u32, u32),
    ) -> Vec<TestCandidate> {
        let officer = self.staff(&[Role::ExamOfficer]).await;
        let ctx = officer.ctx().await;
        let found = app::exam::find(&self.app, &exam.public_id)
            .await
            .expect("the exam");
        let asked = [count, apply, pay].map(|number| number.to_string());
        app::rehearsal::ask(&ctx, &found, (&asked[0], &asked[1], &asked[2]))
            .await
            .expect("asked for");
        self.run_jobs().await;
        let sheet = app::rehearsal::hand_out(&ctx, &found)
            .await
            .expect("a sheet");
        let book = documents::xlsx::read(&sheet.bytes).expect("a workbook");
        let mut made = Vec::new();
        for row in book.first().expect("a sheet").rows.iter().skip(1) {
            let cell = |at: usize| row.get(at).map_or("", |cell| cell.raw()).to_owned();
            let person = Person {
                name: cell(1),
                number: cell(2),
                mobile: String::new(),
            };
            made.push(self.let_in(person, &cell(3), exam.id).await);
        }
        made
    }

    async fn let_in(&self, person: Person, password: &str, exam: i64) -> TestCandidate {
        let login = Login {
            number: person.number.clone(),
            password: Secret::new(password),
            door: String::new(),
            captcha: self.solved(),
            activation: None,
            device: None,
        };
        let logged_in = app::account::login(&self.ctx(Actor::Anonymous), login)
            .await
            .expect("a login");
        TestCandidate {
            person,
            id: logged_in.account_id,
            password: password.to_owned(),
            token: logged_in.token.expose(),
            rehearses: Some(exam),
            t: self.clone(),
        }
    }

    /// A member of staff with these roles on every exam and unit, logged in with the second factor.
    pub async fn staff(&self, roles: &[Role]) -> TestStaff {
        let grants: Vec<_> = roles.iter().map(|role| (*role, 0, String::new())).collect();
        self.staff_with(&grants).await
    }

    /// A member of staff with roles on some exam (0 for all) and unit (empty for all), logged in with the second factor.
    pub async fn staff_with(&self, grants: &[(Role, i64, String)]) -> TestStaff {
        let name = format!("工作人员{}", self.next_person());
        self.staff_as(name, grants).await
    }

    /// A member of staff of this name, with roles on every exam and unit.
    pub async fn staff_named(&self, name: &str, roles: &[Role]) -> TestStaff {
        let grants: Vec<_> = roles.iter().map(|role| (*role, 0, String::new())).collect();
        self.staff_as(name.to_owned(), &grants).await
    }

    async fn staff_as(&self, name: String, grants: &[(Role, i64, String)]) -> TestStaff {
        let number = self.next_person();
        let username = format!("staff{number}");
        let new = NewStaff {
            username: username.clone(),
            name,
            unit: String::new(),
            grants: grants.to_vec(),
            password: Secret::new(STAFF_PASSWORD),
            must_change_password: false,
        };
        let id = app::staff::create(&self.system(), new)
            .await
            .expect("an account");
        let ctx = self.ctx(Actor::Anonymous);
        let login = StaffLogin {
            username: username.clone(),
            password: Secret::new(STAFF_PASSWORD),
            captcha: self.solved(),
        };
        let half = app::staff::begin(&ctx, login)
            .await
            .expect("the first step");
        let stored = session::lookup(&self.app, &half.token.expose(), self.now())
            .await
            .expect("a look-up");
        let stored = stored.expect("half a session");
        let factor = app::staff::enrollment(&ctx, &stored)
            .await
            .expect("a second factor");
        let secret = factor.secret;
        let code = totp_code(&secret, self.now());
        let token = app::staff::enroll(&ctx, &stored, &factor.sealed, &code)
            .await
            .expect("the second step");
        TestStaff {
            id,
            username,
            password: STAFF_PASSWORD.into(),
            secret,
            token: token.expose(),
            t: self.clone(),
        }
    }
}

impl TestApp {
    /// A browser of somebody who has proven a fresh sign-up and may only set a first password.
    pub async fn activating(&self, name: &str) -> Browser {
        let quiet = self.with(|setup| setup.policy.sms = false);
        let ctx = quiet.ctx(Actor::Anonymous);
        let person = self.person(name);
        let form = SignupForm {
            name: person.name.clone(),
            id_type: domain::id_number::IdType::ResidentCard.code().into(),
            id_number: person.number.clone(),
            mobile: person.mobile.clone(),
            door: String::new(),
        };
        let outcome = app::account::start_signup(&ctx, &form, self.solved())
            .await
            .expect("a sign-up");
        let SignupOutcome::Created(created) = outcome else {
            panic!("no account for {person:?}: {outcome:?}")
        };
        let login = Login {
            number: person.number.clone(),
            password: Secret::new(person.last_six()),
            door: String::new(),
            captcha: self.solved(),
            activation: Some(created.cookie.expose()),
            device: None,
        };
        let half = app::account::login(&ctx, login)
            .await
            .expect("the first login");
        let mut browser = self.browser();
        browser.set_cookie(web::cookie::CANDIDATE, &half.token.expose());
        browser
    }

    /// A browser of a member of staff who gave the password and owes the second factor.
    pub async fn half_in(&self, staff: &TestStaff) -> Browser {
        let ctx = self.ctx(Actor::Anonymous);
        let login = StaffLogin {
            username: staff.username.clone(),
            password: Secret::new(&*staff.password),
            captcha: self.solved(),
        };
        let half = app::staff::begin(&ctx, login)
            .await
            .expect("the first step");
        let mut browser = self.browser();
        browser.set_cookie(web::cookie::STAFF, &half.token.expose());
        browser
    }
}
