//! Marks: one end for every order of arrival, and whose seat counts.

use app::door;
use testkit::{TestApp, both_backends};

use super::{NAMES, field, opened, seated};
use crate::arrangement::find;
use crate::invariants::run;

both_backends! {
    async fn marks_in_any_order_and_twice_come_to_one_end(t: TestApp) {
        const ORDERS: [[usize; 3]; 6] = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];
        let d = opened(&t, &["赵一", "钱二", "孙三", "李四", "周五", "吴六", "郑七", "王八"]).await;
        // Six people of the second school, one for each order.
        let pass = d.pass(|form| form.site = "2".into()).await;
        let (_, one) = d.joined(&pass, "王老师").await;
        let (_, two) = d.joined(&pass, "李老师").await;
        for ((order, at), key) in ORDERS.iter().zip(2..).zip((0..).step_by(16)) {
            // Let in, sent back a minute later by another, and at the same instant undone by the first, whose phone came earlier:
            // of two at once the later phone's counts.
            let marks = [
                (&one, d.mark(at, key, "present", -120)),
                (&two, d.mark(at, key + 1, "refused", -60)),
                (&one, d.mark(at, key + 2, "undone", -60)),
            ];
            for turn in order.iter().chain(order.iter().rev()) {
                let (device, mark) = &marks[*turn];
                let taken = door::mark(&d.ctx(), device, vec![mark.clone()]).await.unwrap();
                assert_eq!((taken.kept.len(), taken.refused.len()), (1, 0));
            }
        }
        let exam = find(&d.t, &d.exam).await;
        let sites = door::of_sites(&d.officer, &exam, 1, i64::MIN, 10).await.unwrap();
        assert_eq!((sites[1].people, sites[1].present, sites[1].refused), (6, 0, 6));
        let marks: Vec<i64> = door::devices(&d.officer, &pass).await.unwrap().iter().map(|phone| phone.marks).collect();
        assert_eq!(marks, [12, 6], "each once");
        // Let in after all.
        let taken = door::mark(&d.ctx(), &one, (2..8).zip(900..).map(|(at, key)| d.mark(at, key, "present", 0)).collect()).await.unwrap();
        assert_eq!(taken.kept.len(), 6);
        assert_eq!(door::of_sites(&d.officer, &exam, 1, 1, 10).await.unwrap()[0].present, 6);
        let many = (0..201).map(|n| d.mark(2, 2_000 + n, "present", 0)).collect();
        assert!(!field(door::mark(&d.ctx(), &one, many).await, "marks").is_empty());
    }

    async fn control_where_the_last_to_arrive_wins_the_order_matters(t: TestApp) {
        let d = opened(&t, &NAMES).await;
        let pass = d.pass(|_| {}).await;
        let (_, device) = d.joined(&pass, "王老师").await;
        let exam = find(&d.t, &d.exam).await;
        let mut keys = 0..;
        for (at, kinds) in [(0, [("present", -60), ("refused", -120)]), (1, [("refused", -120), ("present", -60)])] {
            for (kind, seconds) in kinds {
                // Without the comparison of instants: whatever stands there is older than the one that comes.
                run(&d.t, &["UPDATE door_presence SET marked_at = 0"]).await;
                let key = keys.next().unwrap();
                door::mark(&d.ctx(), &device, vec![d.mark(at, key, kind, seconds)]).await.unwrap();
            }
        }
        let rooms = door::of_rooms(&d.officer, &exam, (1, 1), i64::MIN, 10).await.unwrap();
        assert_eq!([rooms[0].refused, rooms[1].refused], [1, 0], "two ends for the same marks");
    }

    async fn a_later_plan_is_told_and_its_seats_count(t: TestApp) {
        let d = opened(&t, &NAMES).await;
        let pass = d.pass(|_| {}).await;
        let (_, device) = d.joined(&pass, "王老师").await;
        door::mark(&d.ctx(), &device, vec![d.mark(0, 1, "present", 0)]).await.unwrap();
        seated(&d.t, &d.at_now(), &d.exam, "1", "乙").await;
        assert_eq!(door::news(&d.ctx(), &device, 0).await.unwrap().plan, 2);
        let list = door::roster(&d.ctx(), &device, "", 500).await.unwrap();
        assert_eq!((list.plan, list.people.len()), (2, 2));
        let exam = find(&d.t, &d.exam).await;
        let sites = door::of_sites(&d.officer, &exam, 1, i64::MIN, 10).await.unwrap();
        assert_eq!(sites.iter().map(|site| site.present).sum::<i64>(), 1, "he is in, wherever he sits now");
    }
}
