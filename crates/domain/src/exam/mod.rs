//! Exam.
pub mod steps;
pub mod windows;
pub use steps::Steps;
