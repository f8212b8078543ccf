//! What a login costs: the same for everybody and for nobody, and today's price for yesterday's passwords.

use app::account::claim;
use app::staff::StaffLogin;
use app::{Actor, Error, Secret};
use db::{Crowd, p, sql};
use domain::staff::Role;
use testkit::{TestApp, TestCandidate, both_backends};
use vault::password::Cost;

use super::{log_in, pending};

/// Somebody says that the account is his: it is frozen until two people have looked.
async fn freeze(t: &TestApp, who: &TestCandidate) {
    let form = claim::ClaimForm {
        id_number: who.person.number.clone(),
        name: "别人".into(),
        mobile: "13700000000".into(),
        statement: "有人用我的身份证号注册，请核实处理。".into(),
    };
    claim::file(&t.ctx(Actor::Anonymous), &form, None, t.solved())
        .await
        .unwrap();
    let officer = t.staff(&[Role::ExamOfficer]).await.ctx().await;
    let row = claim::list(&officer, "open", None).await.unwrap().remove(0);
    claim::check(&officer, &row.public_id, "电话核实")
        .await
        .unwrap();
}

async fn hash(t: &TestApp, who: &TestCandidate) -> String {
    let scan = t.app.db().scan(Crowd::System);
    scan.one(
        sql!("SELECT password_hash FROM account WHERE id = $1"),
        p![who.id],
    )
    .await
    .unwrap()
}

/// What one failed login came to: runs of argon2, commits, and what the page says.
#[derive(Debug, PartialEq, Eq)]
struct Failure {
    runs: u64,
    commits: u64,
    says: String,
}

async fn failed(t: &TestApp, number: &str, password: &str) -> Failure {
    let mut browser = t.browser();
    browser.get("/login").await.expect(200);
    let (runs, commits) = (t.app.passwords().runs(), t.commits());
    let page = log_in(&mut browser, number, password).await.expect(422);
    Failure {
        runs: t.app.passwords().runs() - runs,
        commits: t.commits() - commits,
        says: page.main(),
    }
}

both_backends! {
    async fn a_failed_login_costs_and_says_the_same_whoever_it_is(t: TestApp) {
        let (known, closed, frozen) =
            (t.candidate("张三").await, t.candidate("李四").await, t.candidate("王五").await);
        app::account::close(&closed.ctx(), Secret::new(closed.password.clone())).await.unwrap();
        freeze(&t, &frozen).await;
        let (unknown, fresh) = (t.person("赵六"), t.person("钱七"));
        pending(&t, &fresh).await;
        let nobody = failed(&t, &unknown.number, "wrong-password").await;
        assert_eq!((nobody.runs, nobody.commits), (1, 2), "the captcha is spent, the failure counted");
        assert!(nobody.says.contains("证件号码或密码不对"));
        for (who, number, password) in [
            ("a wrong password", known.person.number.as_str(), "wrong-password"),
            ("the six digits of an active account", &known.person.number, known.person.last_six()),
            ("nobody's six digits", &unknown.number, unknown.last_six()),
            ("a fresh sign-up", &fresh.number, "wrong-password"),
            ("its six digits without proof", &fresh.number, fresh.last_six()),
            ("a closed account's password", &closed.person.number, &closed.password),
            ("a frozen account's password", &frozen.person.number, &frozen.password),
            ("no number at all", "abc", "wrong-password"),
        ] {
            assert_eq!(failed(&t, number, password).await, nobody, "{who}");
        }
        // The control: a try that is turned away before the password costs nothing, and the counter says so.
        let mut browser = t.browser();
        for _ in 0..6 {
            log_in(&mut browser, &unknown.number, "wrong-password").await.expect(422);
        }
        let before = t.app.passwords().runs();
        log_in(&mut browser, &unknown.number, "wrong-password").await.expect(429);
        assert_eq!(t.app.passwords().runs(), before);
    }

    async fn a_failed_login_of_staff_costs_the_same_as_well(t: TestApp) {
        let (officer, gone) = (t.staff(&[Role::ExamOfficer]).await, t.staff(&[Role::ExamOfficer]).await);
        let security = t.staff(&[Role::SecurityAdmin]).await.ctx().await;
        app::staff::disable(&security, &gone.username).await.unwrap();
        let mut seen = Vec::new();
        for (username, password) in [
            ("nobody-here", "wrong-password-1"),
            (officer.username.as_str(), "wrong-password-1"),
            (gone.username.as_str(), gone.password.as_str()),
        ] {
            let (runs, commits) = (t.app.passwords().runs(), t.commits());
            let login = StaffLogin {
                username: username.to_owned(),
                password: Secret::new(password),
                captcha: t.solved(),
            };
            let answer = app::staff::begin(&t.ctx(Actor::Anonymous), login).await;
            let Err(Error::Fields(says)) = answer else { panic!("{username}: {answer:?}") };
            seen.push((t.app.passwords().runs() - runs, t.commits() - commits, says.to_string()));
        }
        assert_eq!(seen[0].0, 1);
        assert!(seen.iter().all(|one| *one == seen[0]), "{seen:?}");
    }

    async fn a_password_under_yesterdays_cost_is_hashed_anew_at_the_next_login(t: TestApp) {
        let zhang = t.candidate("张三").await;
        let old = hash(&t, &zhang).await;
        assert!(old.starts_with("$argon2id$v=19$m=8,t=1,p=1$"), "{old}");
        let dear = t.with(|setup| setup.password_cost = Cost::standard());
        let mut here = zhang.at(&dear).browser();
        // A wrong password changes nothing.
        log_in(&mut dear.browser(), &zhang.person.number, "wrong-password").await.expect(422);
        assert_eq!(hash(&t, &zhang).await, old);
        log_in(&mut dear.browser(), &zhang.person.number, &zhang.password).await.expect(200).is_at("/home");
        let new = hash(&t, &zhang).await;
        assert!(new.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{new}");
        // It is the same password: no session ends, and the next login leaves the hash alone.
        here.get("/home").await.expect(200).is_at("/home");
        log_in(&mut dear.browser(), &zhang.person.number, &zhang.password).await.expect(200).is_at("/home");
        assert_eq!(hash(&t, &zhang).await, new);
    }
}
