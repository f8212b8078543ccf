//! A receipt that has to be reversed waits for that, whatever a later file says of it.

use app::payment::fiscal;
use domain::staff::Role;
use testkit::{TestApp, both_backends};

use super::super::stage_with;
use super::{brought, file, list, own, paid, part, part_back, staged, taken, wrong};

both_backends! {
    async fn another_sum_for_its_own_number_does_not_take_the_place_of_its_reversal(t: TestApp) {
        let s = stage_with(&t, part).await;
        let (a, b) = (s.t.staff(&[Role::FinanceOfficer]).await.ctx().await, s.t.staff(&[Role::FinanceOfficer]).await.ctx().await);
        let number = paid(&s).await;
        brought(&s, &a, (&number, "0000000017", "100")).await;
        part_back(&s, &a, &b).await;
        let message = wrong(&a, (&number, "0000000017", "60")).await;
        assert!(message.contains("待冲红") && message.contains("100.00"), "{message}");
        let receipt = own(&s).await.unwrap();
        assert_eq!((receipt.amount.get(), receipt.to_reverse, list(&a, "red", "").await.len()), (10_000, true, 1));
        // What else was mistyped about it is mended, and it still waits.
        let (id, counts) = staged(&a, &file(&[(&number, "0000000017", "100")]).replace("a1B2c3", "d4E5f6")).await;
        assert_eq!((counts, taken(&s, &a, &id).await), ([0, 0, 1, 0], (1, 0)));
        let receipt = own(&s).await.unwrap();
        assert_eq!((receipt.check.as_str(), receipt.to_reverse, list(&a, "red", "").await.len()), ("d4E5f6", true, 1));
        // The control: reversed, what is left gets a receipt of its own.
        fiscal::reverse(&a, &number, "0000000099").await.unwrap();
        brought(&s, &a, (&number, "0000000019", "60")).await;
        assert_eq!((own(&s).await.unwrap().to_reverse, list(&a, "red", "").await.len()), (false, 0));
    }
}
