//! Queries whose conditions depend on what somebody asks for: the only SQL that is put together at run time.
//!
//! Everything in it is a literal piece of the source ([`piece!`](crate::piece)); what people typed is always a
//! parameter. Each piece numbers its own placeholders from `$1`; they are renumbered when it is joined, so a piece reads
//! the same wherever it stands.
//!
//! ```ignore
//! let mut select = Select::new(piece!("e.id, e.name"), piece!("exam e"))
//!     .and(piece!("e.opens_at <= $1"), p![now])
//!     .and_if(only_open, piece!("e.state = $1"), p!["open"]);
//! if let Some(word) = word {
//!     select = select.contains(piece!("e.name"), word);
//! }
//! let rows: Vec<ExamRow> = select.order(piece!("e.id DESC")).limit(50).rows(&mut scan).await?;
//! ```

use crate::{DbError, DbResult, FromRow, P, Query, Sql};

/// A literal piece of a statement. Only [`piece!`](crate::piece) makes one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Piece(&'static str);

impl Piece {
    #[doc(hidden)]
    pub const fn __of(text: &'static str) -> Self {
        Self(text)
    }

    /// Its text.
    pub const fn text(self) -> &'static str {
        self.0
    }
}

/// A literal piece of a statement: `piece!("a.state = $1")`. It numbers its placeholders from `$1`.
#[macro_export]
macro_rules! piece {
    ($text:literal) => {
        $crate::filter::Piece::__of($text)
    };
}

/// A `SELECT` that is put together from pieces.
#[derive(Debug, Clone)]
pub struct Select<'a> {
    columns: Piece,
    from: String,
    conditions: String,
    tail: String,
    values: Vec<P<'a>>,
    /// A piece had other placeholders than values: told when the query is asked.
    faulty: Option<Piece>,
}

impl<'a> Select<'a> {
    /// `SELECT columns FROM from`; neither has placeholders.
    pub fn new(columns: Piece, from: Piece) -> Self {
        Self::with(columns, from, &[])
    }

    /// The same with placeholders in `from`: those of a join's condition, say.
    pub fn with(columns: Piece, from: Piece, values: &[P<'a>]) -> Self {
        let mut select = Self {
            columns,
            from: String::new(),
            conditions: String::new(),
            tail: String::new(),
            values: Vec::new(),
            faulty: None,
        };
        select.from = select.joined(from, values);
        select
    }

    /// And this must hold. Brackets are put around it.
    #[must_use]
    pub fn and(mut self, condition: Piece, values: &[P<'a>]) -> Self {
        let condition = self.joined(condition, values);
        self.condition(&condition);
        self
    }

    /// And this, if `asked`.
    #[must_use]
    pub fn and_if(self, asked: bool, condition: Piece, values: &[P<'a>]) -> Self {
        if asked {
            self.and(condition, values)
        } else {
            self
        }
    }

    /// And at least one of these.
    #[must_use]
    pub fn any(mut self, conditions: &[(Piece, &[P<'a>])]) -> Self {
        let either: Vec<String> = conditions
            .iter()
            .map(|(condition, values)| format!("({})", self.joined(*condition, values)))
            .collect();
        let either = if either.is_empty() {
            "1 = 0".to_owned()
        } else {
            either.join(" OR ")
        };
        self.condition(&either);
        self
    }

    /// And `column` is one of `values`; with no values nothing fits.
    ///
    /// Lists are filled up to a power of two with their last value, so that the database sees few different texts.
    #[must_use]
    pub fn one_of(mut self, column: Piece, values: &[P<'a>]) -> Self {
        let Some(last) = values.last() else {
            self.condition("1 = 0");
            return self;
        };
        let mut marks = Vec::new();
        let padding = values.len().next_power_of_two() - values.len();
        for value in values.iter().chain(std::iter::repeat_n(last, padding)) {
            self.values.push(*value);
            marks.push(format!("${}", self.values.len()));
        }
        let condition = format!("{} IN ({})", column.0, marks.join(", "));
        self.condition(&condition);
        self
    }

    /// And `word` stands somewhere in `column`. Every character means itself, and case counts, on both databases.
    #[must_use]
    pub fn contains(mut self, column: Piece, word: &'a str) -> Self {
        if !word.is_empty() {
            let condition = self.joined(crate::dialect::CONTAINS, &[P::Text(word)]);
            let condition = condition.replace(crate::dialect::COLUMN, column.0);
            self.condition(&condition);
        }
        self
    }

    /// Adds what follows the conditions and groups rows: `GROUP BY a HAVING COUNT(*) > $1`.
    #[must_use]
    pub fn then(mut self, tail: Piece, values: &[P<'a>]) -> Self {
        let tail = self.joined(tail, values);
        self.tail.push(' ');
        self.tail.push_str(&tail);
        self
    }

    /// `ORDER BY order`.
    #[must_use]
    pub fn order(mut self, order: Piece) -> Self {
        self.tail.push_str(" ORDER BY ");
        self.tail.push_str(order.0);
        self
    }

    /// At most so many rows.
    #[must_use]
    pub fn limit(mut self, rows: u32) -> Self {
        self.values.push(P::Int(rows.into()));
        self.tail
            .push_str(&format!(" LIMIT ${}", self.values.len()));
        self
    }

    /// The statement with its parameters.
    ///
    /// # Errors
    /// [`DbError::Other`] if a piece was given another number of values than it has placeholders.
    pub fn build(&self) -> DbResult<(Sql, &[P<'a>])> {
        self.sound()?;
        let text = format!(
            "SELECT {} FROM {}{}{}",
            self.columns.0, self.from, self.conditions, self.tail
        );
        Ok((Sql::composed(text), &self.values))
    }

    /// All rows.
    ///
    /// # Errors
    /// As [`Select::build`], and what the database refuses.
    pub async fn rows<T: FromRow>(&self, query: &mut impl Query) -> DbResult<Vec<T>> {
        let (sql, values) = self.build()?;
        query.rows(sql, values).await
    }

    /// Counts the rows that the conditions leave, up to `most`: it looks at no more of them.
    ///
    /// # Errors
    /// As [`Select::rows`]; a query with a tail (order, limit, groups) can't be counted.
    pub async fn count(&self, query: &mut impl Query, most: i64) -> DbResult<i64> {
        self.sound()?;
        if !self.tail.is_empty() {
            return Err(DbError::other("count of a query with a tail"));
        }
        let mut values = self.values.clone();
        values.push(P::Int(most));
        let text = format!(
            "SELECT COUNT(*) FROM (SELECT 1 FROM {}{} LIMIT ${}) AS counted",
            self.from,
            self.conditions,
            values.len()
        );
        query.one(Sql::composed(text), &values).await
    }

    fn sound(&self) -> DbResult<()> {
        self.faulty.map_or(Ok(()), |piece| {
            Err(DbError::other(format!(
                "other placeholders than values in: {}",
                piece.0
            )))
        })
    }

    fn condition(&mut self, condition: &str) {
        let word = if self.conditions.is_empty() {
            " WHERE ("
        } else {
            " AND ("
        };
        self.conditions.push_str(word);
        self.conditions.push_str(condition);
        self.conditions.push(')');
    }

    /// The piece with its placeholders renumbered to follow those before it.
    fn joined(&mut self, piece: Piece, values: &[P<'a>]) -> String {
        let before = self.values.len();
        self.values.extend_from_slice(values);
        let mut used = vec![false; values.len()];
        let mut text = String::with_capacity(piece.0.len() + 4);
        let mut rest = piece.0;
        while let Some((start, end)) = rest.split_once('$') {
            let digits = end.len() - end.trim_start_matches(|c: char| c.is_ascii_digit()).len();
            let (number, after) = end.split_at(digits);
            text.push_str(start);
            let index = number
                .parse::<usize>()
                .ok()
                .and_then(|number| number.checked_sub(1));
            match index.and_then(|index| Some((index, used.get_mut(index)?))) {
                Some((index, mark)) => {
                    *mark = true;
                    text.push_str(&format!("${}", before + index + 1));
                }
                None => self.faulty = Some(piece),
            }
            rest = after;
        }
        text.push_str(rest);
        if used.contains(&false) {
            self.faulty = Some(piece);
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::p;

    fn text(select: &Select<'_>) -> String {
        select.build().unwrap().0.text().to_owned()
    }

    #[test]
    fn pieces_are_renumbered_in_the_order_they_are_joined() {
        let select = Select::with(
            piece!("a.id"),
            piece!("a JOIN b ON b.a_id = a.id AND b.kind = $1"),
            p!["k"],
        )
        .and(piece!("a.x = $2 OR a.y = $1"), p![1, 2])
        .and_if(false, piece!("a.never = $1"), p![9])
        .one_of(piece!("a.state"), p!["s", "t", "u"])
        .contains(piece!("a.name"), "王")
        .order(piece!("a.id DESC"))
        .limit(5);
        assert_eq!(
            text(&select),
            "SELECT a.id FROM a JOIN b ON b.a_id = a.id AND b.kind = $1 WHERE (a.x = $3 OR a.y = $2) \
             AND (a.state IN ($4, $5, $6, $7)) AND (REPLACE(a.name, $8, '') <> a.name) \
             ORDER BY a.id DESC LIMIT $9"
        );
        let values = select.build().unwrap().1;
        assert_eq!(values, p!["k", 1, 2, "s", "t", "u", "u", "王", 5]);
    }

    #[test]
    fn an_empty_choice_fits_nothing_and_an_empty_word_everything() {
        let select = Select::new(piece!("id"), piece!("a"));
        assert_eq!(text(&select), "SELECT id FROM a");
        assert_eq!(
            text(&select.clone().contains(piece!("n"), "")),
            "SELECT id FROM a"
        );
        let none = select.clone().one_of(piece!("id"), &[]);
        assert_eq!(text(&none), "SELECT id FROM a WHERE (1 = 0)");
        assert_eq!(text(&select.any(&[])), "SELECT id FROM a WHERE (1 = 0)");
    }

    #[test]
    fn either_of_several_conditions_is_enough() {
        let select = Select::new(piece!("id"), piece!("a"))
            .any(&[(piece!("x = $1"), p![1]), (piece!("y = $1"), p![2])]);
        assert_eq!(
            text(&select),
            "SELECT id FROM a WHERE ((x = $1) OR (y = $2))"
        );
    }

    #[test]
    fn a_piece_with_other_placeholders_than_values_is_refused() {
        for (piece, values) in [
            (piece!("x = $1"), p![]),
            (piece!("x = $1"), p![1, 2]),
            (piece!("x = $2"), p![1]),
            (piece!("x = $"), p![1]),
            (piece!("x = 1"), p![1]),
        ] {
            let select = Select::new(piece!("id"), piece!("a")).and(piece, values);
            assert!(select.build().is_err(), "{piece:?}");
        }
    }
}
