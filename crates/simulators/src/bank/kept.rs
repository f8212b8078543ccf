//! A book in a file: a line for each change, so that a channel with many trades pays for one of them at a time.

use std::fs::{File, OpenOptions};
use std::io::{self, BufRead as _, BufReader, BufWriter, Write as _};
use std::path::Path;

use parking_lot::Mutex;
use serde::{Deserialize, Serialize};

use super::About;
use super::book::{Book, Refund, Trade};

/// One change: what it left behind.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Line {
    next: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    trade: Option<Trade>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    refund: Option<Refund>,
}

/// The file, open at its end.
#[derive(Debug)]
pub(super) struct Kept(Mutex<File>);

impl Kept {
    /// Reads a book, writes it anew without what was overtaken, and goes on after it.
    pub(super) fn open(path: &Path) -> io::Result<(Self, Book)> {
        let book = read(path)?;
        write(path, &book)?;
        let file = OpenOptions::new().append(true).open(path)?;
        Ok((Self(Mutex::new(file)), book))
    }

    /// Adds what a change left behind.
    pub(super) fn add(&self, book: &Book, of: &About) -> io::Result<()> {
        let mut line = Line {
            next: book.next,
            ..Line::default()
        };
        match of {
            About::Payment(number) => line.trade = book.trades.get(number).cloned(),
            About::Refund(number) => line.refund = book.refunds.get(number).cloned(),
        }
        if line.trade.is_none() && line.refund.is_none() {
            return Ok(());
        }
        let text = serde_json::to_string(&line).map_err(io::Error::other)? + "\n";
        self.0.lock().write_all(text.as_bytes())
    }
}

/// A book as its lines tell it; empty where there is no file. A line that broke off with the process is left out.
fn read(path: &Path) -> io::Result<Book> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Book::default()),
        Err(error) => return Err(error),
    };
    let mut book = Book::default();
    for text in BufReader::new(file).lines() {
        let Ok(line) = serde_json::from_str::<Line>(&text?) else {
            break;
        };
        book.next = book.next.max(line.next);
        if let Some(trade) = line.trade {
            book.trades.insert(trade.order.merchant_no.clone(), trade);
        }
        if let Some(refund) = line.refund {
            book.refunds.insert(refund.order.refund_no.clone(), refund);
        }
    }
    Ok(book)
}

/// Writes a book, whole or not at all.
pub(super) fn write(path: &Path, book: &Book) -> io::Result<()> {
    let beside = path.with_extension("part");
    let mut file = BufWriter::new(File::create(&beside)?);
    let trades = book.trades.values().map(|trade| Line {
        next: book.next,
        trade: Some(trade.clone()),
        ..Line::default()
    });
    let refunds = book.refunds.values().map(|refund| Line {
        next: book.next,
        refund: Some(refund.clone()),
        ..Line::default()
    });
    for line in trades.chain(refunds) {
        serde_json::to_writer(&mut file, &line).map_err(io::Error::other)?;
        file.write_all(b"\n")?;
    }
    file.into_inner()
        .map_err(io::IntoInnerError::into_error)?
        .sync_all()?;
    std::fs::rename(&beside, path)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use std::sync::Arc;

    use domain::clock::Clock;
    use domain::time::Timestamp;

    use super::*;
    use crate::bank::{Bank, Order, RefundOrder};

    #[derive(Debug)]
    struct Fixed(Timestamp);

    impl Clock for Fixed {
        fn now(&self) -> Timestamp {
            self.0
        }
    }

    #[test]
    fn a_book_comes_back_as_it_was_and_a_torn_line_is_left_out() {
        let now = Timestamp::parse_local("2026-03-18 09:40").unwrap();
        let clock: Arc<dyn Clock> = Arc::new(Fixed(now));
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("book");
        let bank = Bank::kept(Arc::clone(&clock), 1, &path).unwrap();
        for number in ["P1", "P2"] {
            bank.open(Order {
                merchant_no: number.into(),
                begun: String::new(),
                amount: 10_000,
                subject: "报名费".into(),
                expires_at: now.plus_seconds(60).micros(),
                notify_url: String::new(),
                return_url: String::new(),
                way: "native".into(),
            })
            .unwrap();
        }
        assert!(bank.pay("P1"));
        bank.close("P2").unwrap();
        bank.refund(RefundOrder {
            refund_no: "R1".into(),
            begun: String::new(),
            merchant_no: "P1".into(),
            amount: 4_000,
            notify_url: String::new(),
        })
        .unwrap();
        let mut file = OpenOptions::new().append(true).open(&path).unwrap();
        file.write_all(b"{\"next\":9,\"tra").unwrap();
        let again = Bank::kept(Arc::clone(&clock), 1, &path).unwrap();
        assert_eq!(again.book(), bank.book());
        again.see("P2");
        assert_eq!(Bank::kept(clock, 1, &path).unwrap().book(), again.book());
    }
}
