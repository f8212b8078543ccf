//! The binary `baokao`: settings, wiring, commands. No business rule lives here.
//!
//! [`config`] reads the settings, [`wiring`] joins them to an `app::App` and a `web::Kit`, [`routes`] is every address,
//! [`jobs`] everything that runs without being asked, [`serve`] the processes, [`cli`] the commands, [`demo`] the demonstration.

pub mod cli;
mod clock;
pub mod config;
pub mod demo;
mod health;
pub mod jobs;
mod logging;
mod output;
mod preview;
pub mod routes;
pub mod serve;
pub mod wiring;

pub use clock::SystemClock;
