//! The other side of the channels: servers with a ledger of their own, for demonstrations and tests.
//!
//! [`alipay`], [`wechat`] and [`unionpay`] speak their protocols over a [`bank`], strictly.

pub mod alipay;
pub mod bank;
mod clock;
mod json;
mod link;
mod page;
mod server;
mod trio;
pub mod unionpay;
pub mod wechat;

pub use clock::ForwardClock;
pub(crate) use link::under;
pub use link::{LOST, Link, fated, visit};
pub use server::serve;
pub use trio::{API_KEY, Keys, Trio, settings};
