//! A span of time in which something may be done: `[open, close)`, so that "until 17:00" ends exactly at 17:00.

use serde::{Deserialize, Serialize};

use crate::time::Timestamp;

/// A window that is never empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Bounds", into = "Bounds")]
pub struct Window {
    open: Timestamp,
    close: Timestamp,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Bounds {
    open: Timestamp,
    close: Timestamp,
}

/// The end isn't after the start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("结束时间应晚于开始时间")]
pub struct Backwards;

/// Where an instant lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Before it opens.
    Before,
    /// While it is open.
    Open,
    /// After it closed.
    After,
}

impl Window {
    /// From its first instant to the first one that no longer belongs.
    ///
    /// # Errors
    /// [`Backwards`] if it would be empty.
    pub fn new(open: Timestamp, close: Timestamp) -> Result<Self, Backwards> {
        if open < close {
            Ok(Self { open, close })
        } else {
            Err(Backwards)
        }
    }

    /// First instant.
    pub const fn open(self) -> Timestamp {
        self.open
    }

    /// First instant after.
    pub const fn close(self) -> Timestamp {
        self.close
    }

    /// Where an instant lies.
    pub fn standing(self, at: Timestamp) -> Standing {
        if at < self.open {
            Standing::Before
        } else if at < self.close {
            Standing::Open
        } else {
            Standing::After
        }
    }

    /// Whether it is open at an instant.
    pub fn contains(self, at: Timestamp) -> bool {
        self.standing(at) == Standing::Open
    }

    /// `3月18日 09:00 至 3月25日 17:00`, with years where they differ.
    pub fn to_chinese(self) -> String {
        if self.open.date().year() == self.close.date().year() {
            format!(
                "{} 至 {}",
                self.open.to_chinese_minute(),
                self.close.to_chinese_short()
            )
        } else {
            format!(
                "{} 至 {}",
                self.open.to_chinese_minute(),
                self.close.to_chinese_minute()
            )
        }
    }
}

impl TryFrom<Bounds> for Window {
    type Error = Backwards;

    fn try_from(bounds: Bounds) -> Result<Self, Backwards> {
        Self::new(bounds.open, bounds.close)
    }
}

impl From<Window> for Bounds {
    fn from(window: Window) -> Self {
        Self {
            open: window.open,
            close: window.close,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_close_no_longer_belongs() {
        let at = |s| Timestamp::from_seconds(s);
        let window = Window::new(at(10), at(20)).unwrap();
        for (second, standing) in [
            (9, Standing::Before),
            (10, Standing::Open),
            (19, Standing::Open),
            (20, Standing::After),
        ] {
            assert_eq!(window.standing(at(second)), standing, "{second}");
        }
        assert_eq!(Window::new(at(10), at(10)), Err(Backwards));
        assert!(serde_json::from_str::<Window>(r#"{"open":5,"close":5}"#).is_err());
        let text = serde_json::to_string(&window).unwrap();
        assert_eq!(serde_json::from_str::<Window>(&text).unwrap(), window);
    }
}
