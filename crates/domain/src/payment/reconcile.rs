//! 对账: what a line of a channel's bill means beside what we know, and the equation of a day, as pure functions (payments §9).
//!
//! A line that says what we say isn't anything special. Whatever else there is has a [`Class`], and a difference ([`Found::delta`]): what the
//! bill has more than we on that day. So of every day
//! `Σ bill payments − Σ bill refunds = Σ our payments − Σ our refunds + Σ differences`, and a sum that is left over means that something
//! was overlooked.

use super::refund::RefundState;
use crate::coded::coded;
use crate::time::{Date, Timestamp};

coded! {
    /// Money that came, or that goes back.
    pub enum Kind {
        /// It came.
        Payment = "payment", "收款";
        /// It goes back.
        Refund = "refund", "退款";
    }
}

coded! {
    /// What doesn't match, or not on the same day.
    pub enum Class {
        /// 长款: the channel has money for an attempt of ours that we don't know to be paid.
        ChannelOnly = "channel_only", "渠道有、系统无（长款）";
        /// 短款: we have money that no bill names.
        LocalOnly = "local_only", "系统有、渠道无（短款）";
        /// Another sum.
        Amount = "amount", "金额不符";
        /// Paid under another identity of ours, or of somebody's.
        Merchant = "merchant", "收款商户不符";
        /// A second number of the channel under one of ours.
        Second = "second", "同一商户单号有两笔交易";
        /// The channel's number is right, ours isn't.
        Number = "number", "商户单号不符";
        /// Paid on a day that is more than one away.
        Day = "day", "日期相差超过一天";
        /// No number of ours.
        Foreign = "foreign", "不是本系统的单号";
        /// The same line again.
        Duplicate = "duplicate", "重复的明细";
        /// The channel keeps an odd sum for it.
        Fee = "fee", "手续费异常";
        /// A refund that we never raised.
        RefundChannelOnly = "refund_channel_only", "渠道有退款、系统无";
        /// A refund that we count as done and no bill names.
        RefundLocalOnly = "refund_local_only", "系统有退款、渠道无";
        /// A refund of another sum.
        RefundAmount = "refund_amount", "退款金额不符";
        /// A refund that the channel did and that we count as not done.
        RefundState = "refund_state", "退款状态不符";
        /// A refund that is on its way: the channel lists it on the day on which it took it.
        RefundPending = "refund_pending", "退款在途";
        /// On this bill, of another day of ours.
        CarriedIn = "carried_in", "他日发生，列入本日账单";
        /// Of this day of ours, on another bill.
        CarriedOut = "carried_out", "本日发生，列入他日账单";
    }
}

/// What people look at together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weight {
    /// It explains itself: named, and nobody need do anything.
    Told,
    /// The next bill may explain it.
    Waits,
    /// A person must find out.
    Ticket,
}

impl Class {
    /// Who has to do with it.
    pub const fn weight(self) -> Weight {
        match self {
            Self::CarriedIn | Self::CarriedOut | Self::RefundPending => Weight::Told,
            Self::LocalOnly | Self::RefundLocalOnly => Weight::Waits,
            _ => Weight::Ticket,
        }
    }

    /// Whether what the bill says is evidence that `settle` must hear: money of an attempt of ours.
    pub const fn is_evidence(self) -> bool {
        matches!(
            self,
            Self::ChannelOnly | Self::Amount | Self::Merchant | Self::Second
        )
    }

    /// Whether the channel is asked before anything is believed.
    pub const fn is_asked(self) -> bool {
        matches!(
            self,
            Self::LocalOnly | Self::RefundLocalOnly | Self::RefundPending | Self::RefundState
        )
    }
}

/// A line of the bill.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Line<'a> {
    /// The channel's number.
    pub channel_no: &'a str,
    /// The sum.
    pub amount: i64,
    /// What the channel keeps.
    pub fee: i64,
    /// Under which identity, by the channel.
    pub merchant: &'a str,
    /// Whether a refund is done.
    pub done: bool,
    /// Whether the same line stands before it, here or on the bill of an earlier day.
    pub again: bool,
}

/// An attempt of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Paid<'a> {
    /// The channel's number, when money is there.
    pub channel_no: &'a str,
    /// The sum that came, 0 for none.
    pub received: i64,
    /// When it was paid, by the channel's clock.
    pub paid_at: Option<i64>,
    /// Under which identity of ours.
    pub merchant: &'a str,
    /// Whether that is of the account that the bill is of ([`account`]).
    pub here: bool,
    /// Whether our transaction stands on this bill too, when the line names another.
    pub listed: bool,
}

/// A refund of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Back {
    /// The sum.
    pub amount: i64,
    /// Its state.
    pub state: RefundState,
    /// When the channel did it.
    pub finished_at: Option<i64>,
}

/// What a line comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Found {
    /// What it is; `None` if it matches.
    pub class: Option<Class>,
    /// What the bill has more than we on this day.
    pub delta: i64,
}

impl Found {
    const fn of(class: Class, delta: i64) -> Self {
        Self {
            class: Some(class),
            delta,
        }
    }
}

/// A day of a channel: from, to (exclusive), in microseconds.
pub type Day = (i64, i64);

/// What a line about money that came means.
pub fn payment(line: &Line<'_>, ours: Option<&Paid<'_>>, (from, to): Day) -> Found {
    if line.again {
        return Found::of(Class::Duplicate, line.amount);
    }
    let Some(ours) = ours else {
        return Found::of(Class::Foreign, line.amount);
    };
    let Some(paid_at) = ours.paid_at else {
        return Found::of(Class::ChannelOnly, line.amount);
    };
    let today = (from..to).contains(&paid_at) && ours.here;
    // What of ours this line stands beside.
    let beside = if today { ours.received } else { 0 };
    if ours.channel_no != line.channel_no {
        let beside = if ours.listed { 0 } else { beside };
        return Found::of(Class::Second, line.amount - beside);
    }
    let delta = line.amount - beside;
    if line.amount != ours.received {
        return Found::of(Class::Amount, delta);
    }
    if line.merchant != ours.merchant || !ours.here {
        return Found::of(Class::Merchant, delta);
    }
    if !(from..to).contains(&paid_at) {
        let away = if paid_at < from {
            from - paid_at
        } else {
            paid_at - to
        };
        let class = if away > DAY {
            Class::Day
        } else {
            Class::CarriedIn
        };
        return Found::of(class, delta);
    }
    if line.fee < 0 || line.fee > most_fee(line.amount) {
        return Found::of(Class::Fee, delta);
    }
    Found { class: None, delta }
}

/// What a line about money that goes back means.
pub fn refund(line: &Line<'_>, ours: Option<&Back>, (from, to): Day) -> Found {
    if line.again {
        return Found::of(Class::Duplicate, -line.amount);
    }
    let Some(ours) = ours else {
        return Found::of(Class::RefundChannelOnly, -line.amount);
    };
    let Some(finished) = ours
        .finished_at
        .filter(|_| ours.state == RefundState::Succeeded)
    else {
        let class = match ours.state {
            RefundState::Submitted | RefundState::Unknown => Class::RefundPending,
            _ if line.done => Class::RefundState,
            // What the channel only took, and then refused.
            RefundState::Failed | RefundState::Abnormal => Class::RefundPending,
            _ => Class::RefundState,
        };
        return Found::of(class, -line.amount);
    };
    let today = (from..to).contains(&finished);
    let delta = -line.amount + if today { ours.amount } else { 0 };
    if line.amount != ours.amount {
        return Found::of(Class::RefundAmount, delta);
    }
    Found {
        class: (!today).then_some(Class::CarriedIn),
        delta,
    }
}

const DAY: i64 = 24 * 3600 * 1_000_000;

/// The most that a channel keeps by any contract: two in a hundred, rounded up.
fn most_fee(amount: i64) -> i64 {
    amount.saturating_mul(2).saturating_add(99) / 100
}

/// Where a payment or refund of ours stands, by the bill on which it was found: `None` for a match on its own day.
pub fn ours(kind: Kind, own: Date, seen: Option<Date>) -> Option<Class> {
    match (kind, seen) {
        (_, Some(day)) if day == own => None,
        (_, Some(_)) => Some(Class::CarriedOut),
        (Kind::Payment, None) => Some(Class::LocalOnly),
        (Kind::Refund, None) => Some(Class::RefundLocalOnly),
    }
}

/// The account behind a merchant's identity: what a channel's bill is of. A centre may be given another appid at WeChat Pay
/// (`mchid:appid`), or another application at Alipay (`app_id:seller_id`), and its money comes to the same account.
pub fn account<'a>(channel: &str, merchant: &'a str) -> &'a str {
    let parts = merchant.split_once(':');
    match (channel, parts) {
        ("wechat", Some((account, _))) | ("alipay", Some((_, account))) => account,
        _ => merchant,
    }
}

/// The same as a pattern for `LIKE`: every identity of that account.
pub fn account_like(channel: &str, merchant: &str) -> String {
    let account = account(channel, merchant);
    match channel {
        _ if account == merchant => merchant.to_owned(),
        "wechat" => format!("{account}:%"),
        _ => format!("%:{account}"),
    }
}

/// The equation of a day, in 分.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Equation {
    /// Σ of the bill's payments.
    pub paid: i64,
    /// Σ of its refunds.
    pub refunded: i64,
    /// Σ of what our ledger says came on that day.
    pub our_paid: i64,
    /// Σ of what it says went back.
    pub our_refunded: i64,
    /// Σ of the differences that have a name.
    pub named: i64,
}

impl Equation {
    /// The bill's movement.
    pub const fn bill(self) -> i64 {
        self.paid - self.refunded
    }

    /// Ours.
    pub const fn ours(self) -> i64 {
        self.our_paid - self.our_refunded
    }

    /// What nothing explains: 0, or the day can't be closed.
    pub const fn rest(self) -> i64 {
        self.bill() - self.ours() - self.named
    }
}

/// The day of a channel whose days begin at midnight, or at 23:00 of the day before (`early`).
pub fn day(date: Date, early: bool) -> Day {
    let shift = if early { 3600 * 1_000_000 } else { 0 };
    (date.start().micros() - shift, date.end().micros() - shift)
}

/// The date of a channel's day on which an instant falls.
pub fn date_of(at: i64, early: bool) -> Date {
    let shift = if early { 3600 * 1_000_000 } else { 0 };
    Timestamp::from_micros(at.saturating_add(shift)).date()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TODAY: Day = (1_000 * DAY, 1_001 * DAY);

    fn line() -> Line<'static> {
        Line {
            channel_no: "4200",
            amount: 10_000,
            fee: 60,
            merchant: "",
            done: true,
            again: false,
        }
    }

    fn paid() -> Paid<'static> {
        Paid {
            channel_no: "4200",
            received: 10_000,
            paid_at: Some(TODAY.0 + 5),
            merchant: "",
            here: true,
            listed: false,
        }
    }

    #[test]
    fn an_account_has_many_identities() {
        let table = [
            ("wechat", "1230000109:wx8888", "1230000109", "1230000109:%"),
            ("alipay", "2021000001:2088102", "2088102", "%:2088102"),
            (
                "unionpay",
                "777290058110048",
                "777290058110048",
                "777290058110048",
            ),
            ("wechat", "", "", ""),
        ];
        for (channel, merchant, own, like) in table {
            let told = (account(channel, merchant), account_like(channel, merchant));
            assert_eq!(told, (own, like.to_owned()), "{channel} {merchant}");
        }
    }

    #[test]
    fn a_line_is_no_match_whose_money_is_not_of_this_account() {
        let ours = Paid {
            merchant: "1999:wx",
            here: false,
            ..paid()
        };
        let theirs = Line {
            merchant: "1999:wx",
            ..line()
        };
        assert_eq!(
            payment(&theirs, Some(&ours), TODAY),
            Found::of(Class::Merchant, 10_000)
        );
        assert_eq!(
            payment(&line(), Some(&ours), TODAY),
            Found::of(Class::Merchant, 10_000)
        );
    }

    #[test]
    fn every_kind_of_line_about_money_that_came() {
        let none = Paid {
            paid_at: None,
            received: 0,
            channel_no: "",
            ..paid()
        };
        let yesterday = Paid {
            paid_at: Some(TODAY.0 - 5),
            ..paid()
        };
        let long_ago = Paid {
            paid_at: Some(TODAY.0 - 2 * DAY),
            ..paid()
        };
        let table = [
            (line(), Some(paid()), None, 0),
            (line(), None, Some(Class::Foreign), 10_000),
            (line(), Some(none), Some(Class::ChannelOnly), 10_000),
            (
                Line {
                    amount: 10_001,
                    ..line()
                },
                Some(paid()),
                Some(Class::Amount),
                1,
            ),
            (
                Line {
                    amount: 9_999,
                    ..line()
                },
                Some(yesterday),
                Some(Class::Amount),
                9_999,
            ),
            (
                Line {
                    merchant: "other",
                    ..line()
                },
                Some(paid()),
                Some(Class::Merchant),
                0,
            ),
            (
                line(),
                Some(Paid {
                    merchant: "old",
                    here: false,
                    ..paid()
                }),
                Some(Class::Merchant),
                10_000,
            ),
            (
                Line {
                    channel_no: "4201",
                    ..line()
                },
                Some(paid()),
                Some(Class::Second),
                0,
            ),
            (
                Line {
                    channel_no: "4201",
                    ..line()
                },
                Some(Paid {
                    listed: true,
                    ..paid()
                }),
                Some(Class::Second),
                10_000,
            ),
            (
                Line {
                    again: true,
                    ..line()
                },
                Some(paid()),
                Some(Class::Duplicate),
                10_000,
            ),
            (line(), Some(yesterday), Some(Class::CarriedIn), 10_000),
            (line(), Some(long_ago), Some(Class::Day), 10_000),
            (
                Line { fee: 201, ..line() },
                Some(paid()),
                Some(Class::Fee),
                0,
            ),
            (
                Line { fee: -1, ..line() },
                Some(paid()),
                Some(Class::Fee),
                0,
            ),
            (Line { fee: 200, ..line() }, Some(paid()), None, 0),
        ];
        for (line, ours, class, delta) in table {
            let found = payment(&line, ours.as_ref(), TODAY);
            assert_eq!(
                (found.class, found.delta),
                (class, delta),
                "{line:?} {ours:?}"
            );
        }
    }

    #[test]
    fn every_kind_of_line_about_money_that_goes_back() {
        let done = Back {
            amount: 10_000,
            state: RefundState::Succeeded,
            finished_at: Some(TODAY.0),
        };
        let of = |state| {
            Some(Back {
                state,
                finished_at: None,
                ..done
            })
        };
        let taken = Line {
            done: false,
            ..line()
        };
        let table = [
            (line(), Some(done), None, 0),
            // A bill that is never mended says that it was only taken.
            (taken, Some(done), None, 0),
            (line(), None, Some(Class::RefundChannelOnly), -10_000),
            (
                Line {
                    amount: 9_000,
                    ..line()
                },
                Some(done),
                Some(Class::RefundAmount),
                1_000,
            ),
            (
                line(),
                Some(Back {
                    finished_at: Some(TODAY.1),
                    ..done
                }),
                Some(Class::CarriedIn),
                -10_000,
            ),
            (
                taken,
                of(RefundState::Submitted),
                Some(Class::RefundPending),
                -10_000,
            ),
            (
                line(),
                of(RefundState::Unknown),
                Some(Class::RefundPending),
                -10_000,
            ),
            (
                taken,
                of(RefundState::Failed),
                Some(Class::RefundPending),
                -10_000,
            ),
            (
                line(),
                of(RefundState::Failed),
                Some(Class::RefundState),
                -10_000,
            ),
            (
                line(),
                of(RefundState::Abnormal),
                Some(Class::RefundState),
                -10_000,
            ),
            (
                taken,
                of(RefundState::Requested),
                Some(Class::RefundState),
                -10_000,
            ),
            (
                Line {
                    again: true,
                    ..line()
                },
                Some(done),
                Some(Class::Duplicate),
                -10_000,
            ),
        ];
        for (line, ours, class, delta) in table {
            let found = refund(&line, ours.as_ref(), TODAY);
            assert_eq!(
                (found.class, found.delta),
                (class, delta),
                "{line:?} {ours:?}"
            );
        }
    }

    #[test]
    fn a_clearing_day_begins_an_hour_early() {
        let date = Date::new(2026, 3, 18).unwrap();
        let at = |text| Timestamp::parse_local(text).unwrap().micros();
        assert_eq!(
            day(date, true),
            (at("2026-03-17 23:00"), at("2026-03-18 23:00"))
        );
        assert_eq!(
            day(date, false),
            (at("2026-03-18 00:00"), at("2026-03-19 00:00"))
        );
        assert_eq!(date_of(at("2026-03-17 23:00"), true), date);
        assert_eq!(date_of(at("2026-03-17 22:59"), true), date.plus_days(-1));
        assert_eq!(date_of(at("2026-03-18 23:59"), false), date);
    }

    #[test]
    fn what_is_ours_is_found_today_another_day_or_not_at_all() {
        let date = Date::new(2026, 3, 18).unwrap();
        assert_eq!(ours(Kind::Payment, date, Some(date)), None);
        assert_eq!(
            ours(Kind::Payment, date, Some(date.plus_days(1))),
            Some(Class::CarriedOut)
        );
        assert_eq!(ours(Kind::Payment, date, None), Some(Class::LocalOnly));
        assert_eq!(ours(Kind::Refund, date, None), Some(Class::RefundLocalOnly));
    }
}
