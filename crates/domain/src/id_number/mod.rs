//! 证件: the documents that a person signs up with, and what can be told from a number.
//!
//! Types are those of the national registration forms (01 to 08). Only 01, 04 and 05 (and the permit of 2023, 07) carry
//! the check digit of GB 11643-1999 (ISO 7064 MOD 11-2).

mod check_digit;
mod document;

pub use check_digit::check_digit;
pub use document::{IdDocument, NumberProblem, Sex, Typed, lookup_key};

use crate::coded::coded;

coded! {
    /// 证件类型.
    pub enum IdType {
        /// 居民身份证.
        ResidentCard = "01", "居民身份证";
        /// 港澳居民来往内地通行证.
        HongKongMacaoPermit = "02", "港澳居民来往内地通行证";
        /// 台湾居民来往大陆通行证.
        TaiwanPermit = "03", "台湾居民来往大陆通行证";
        /// 港澳居民居住证.
        HongKongMacaoResidence = "04", "港澳居民居住证";
        /// 台湾居民居住证.
        TaiwanResidence = "05", "台湾居民居住证";
        /// 护照.
        Passport = "06", "护照";
        /// 外国人永久居留身份证.
        ForeignerResidence = "07", "外国人永久居留身份证";
        /// 军官证、士兵证.
        Military = "08", "军官证／士兵证";
    }
}

impl IdType {
    /// The type with this code, as a form sends it.
    pub fn parse(code: &str) -> Option<Self> {
        Self::from_code(code)
    }

    /// Whether birth date and sex are part of the number.
    pub const fn tells_birth(self) -> bool {
        matches!(
            self,
            Self::ResidentCard | Self::HongKongMacaoResidence | Self::TaiwanResidence
        )
    }
}
