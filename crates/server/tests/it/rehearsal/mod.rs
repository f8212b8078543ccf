//! 演练考试: seen by its own candidates only, paid by 演练支付 only, told by no SMS, and gone afterwards.

mod exam_day;
mod leak;
mod money;
mod people;
mod wipe;
