//! Periodic jobs: when they are due, and how the leader enqueues them, each once for each of its times.

use std::time::Duration;

use db::{Command, Db, DbError, DbResult, Lane, Tx};
use domain::time::Timestamp;

use crate::registry::Planned;
use crate::{NewJob, enqueue_untyped, store};

/// The key of all jobs that a plan enqueues: of one kind, one waits at a time.
pub(crate) const KEY: &str = "plan";

/// When a periodic job is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Plan(When);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum When {
    /// At the multiples of so many seconds since 1970.
    Every(i64),
    /// So many seconds after midnight in Beijing.
    Daily(i64),
}

impl Plan {
    /// Every so often, at least a second: at the multiples of `period`, whenever the process was started.
    pub fn every(period: Duration) -> Self {
        Self(When::Every(
            i64::try_from(period.as_secs()).unwrap_or(i64::MAX).max(1),
        ))
    }

    /// Once a day at this time in Beijing; hours beyond 23 and minutes beyond 59 are the last ones.
    pub fn daily(hour: u8, minute: u8) -> Self {
        Self(When::Daily(
            i64::from(hour.min(23)) * 3600 + i64::from(minute.min(59)) * 60,
        ))
    }

    /// The first time after `now`.
    pub(crate) fn next_after(self, now: Timestamp) -> Timestamp {
        match self.0 {
            When::Every(period) => {
                let passed = now.seconds().div_euclid(period);
                Timestamp::from_seconds(passed.saturating_add(1).saturating_mul(period))
            }
            When::Daily(second) => {
                let today = now.date().start().plus_seconds(second);
                if today > now {
                    today
                } else {
                    today.plus_days(1)
                }
            }
        }
    }
}

/// Enqueues what is due. How many jobs.
pub(crate) async fn enqueue_due(
    db: &Db,
    plans: &[Planned],
    now: Timestamp,
    mut id: impl FnMut() -> i64,
) -> DbResult<u32> {
    let mut enqueued = 0;
    for planned in plans {
        let next_at = store::plan_next(&mut db.read(), planned.name).await?;
        if next_at.is_some_and(|next_at| next_at > now.micros()) {
            continue;
        }
        let command = Turn {
            name: planned.name,
            from: next_at,
            to: planned.plan.next_after(now).micros(),
            job: (planned.make)(id(), now)?,
            now,
        };
        enqueued += u32::from(db.write(Lane::Interactive, command).await?);
    }
    Ok(enqueued)
}

/// Moves a plan to its next time and enqueues its job, unless the last one is still at it. Whether it did.
struct Turn {
    name: &'static str,
    from: Option<i64>,
    to: i64,
    job: NewJob,
    now: Timestamp,
}

impl Command for Turn {
    const NAME: &'static str = "jobs.plan";
    type Out = bool;
    type Err = DbError;

    async fn run(&self, tx: &mut Tx) -> DbResult<bool> {
        let Some(from) = self.from else {
            // New: its first time is still to come.
            store::plan_insert(tx, self.name, self.to).await?;
            return Ok(false);
        };
        // Who moves it enqueues: of two leaders that overlap, only one does.
        if !store::plan_move(tx, self.name, from, self.to).await?
            || store::is_busy(tx, self.name, KEY).await?
        {
            return Ok(false);
        }
        enqueue_untyped(tx, &self.job, self.now).await?;
        Ok(true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        Timestamp::parse_local(text).unwrap()
    }

    #[test]
    fn a_daily_plan_comes_at_its_hour_in_beijing() {
        let plan = Plan::daily(3, 30);
        assert_eq!(
            plan.next_after(at("2026-03-18 03:29")),
            at("2026-03-18 03:30")
        );
        assert_eq!(
            plan.next_after(at("2026-03-18 03:30")),
            at("2026-03-19 03:30")
        );
        assert_eq!(
            plan.next_after(at("2026-12-31 23:59")),
            at("2027-01-01 03:30")
        );
        assert_eq!(Plan::daily(99, 99), Plan::daily(23, 59));
    }

    #[test]
    fn a_period_keeps_its_beat_whenever_it_is_asked() {
        let plan = Plan::every(Duration::from_secs(600));
        for start in [
            "2026-03-18 09:40:00",
            "2026-03-18 09:43:21",
            "2026-03-18 09:49:59",
        ] {
            assert_eq!(plan.next_after(at(start)), at("2026-03-18 09:50"));
        }
        assert_eq!(
            Plan::every(Duration::ZERO),
            Plan::every(Duration::from_secs(1))
        );
    }
}
