//! What commands say to the operator.

use std::fmt;
use std::io::Write as _;

/// A line on standard output. A reader that has gone (`| head`) is no reason to fail.
pub(crate) fn line(text: fmt::Arguments<'_>) {
    let mut out = std::io::stdout().lock();
    let _ = writeln!(out, "{text}");
}

/// `out!("…")`: a line on standard output.
macro_rules! out {
    ($($text:tt)*) => { $crate::output::line(format_args!($($text)*)) };
}
pub(crate) use out;
