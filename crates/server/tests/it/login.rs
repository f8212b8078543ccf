//! What a login costs: passwords under yesterday's cost.

use db::{Crowd, p, sql};
use testkit::{TestApp, TestCandidate, both_backends};
use vault::password::Cost;

use crate::account::log_in;

async fn hash(t: &TestApp, who: &TestCandidate) -> String {
    let scan = t.app.db().scan(Crowd::System);
    scan.one(
        sql!("SELECT password_hash FROM account WHERE id = $1"),
        p![who.id],
    )
    .await
    .unwrap()
}

both_backends! {
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
