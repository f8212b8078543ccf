//! Pictures: the photo's check ([`photo`]), drawn portraits for demonstrations ([`drawn`]), and what proves that a person
//! is there ([`captcha`], with [`pow`] as the way through without seeing or hearing).
//!
//! Everything is a pure function of its arguments, seeds included. Nothing is kept, and no file is touched.

mod canvas;
pub mod captcha;
pub mod drawn;
pub mod photo;
pub mod pow;
