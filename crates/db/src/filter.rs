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

use crate::crowded::{self, Crowded};
use crate::{Backend, DbError, DbResult, FromRow, P, Query, Sql};

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

/// How rows are read along one index: what its columns are.
#[derive(Debug, Clone)]
struct Walk<'a> {
    told: Vec<(Piece, P<'a>)>,
    key: Vec<Piece>,
    from: Option<Vec<P<'a>>>,
    until: Option<Vec<P<'a>>>,
    descends: bool,
}

/// A `SELECT` that is put together from pieces.
#[derive(Debug, Clone)]
pub struct Select<'a> {
    columns: Piece,
    from: String,
    conditions: String,
    walk: Option<Walk<'a>>,
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
            walk: None,
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

    /// Reads the rows along one index: its leading columns are `told`, and the rows come in the order of its last ones, the
    /// `key` (the last of them unique), `descends` from the greatest on. Only rows within `bounds`, the least and the greatest
    /// key.
    ///
    /// On SQLite that is `a.exam = $1 AND a.state = $2 AND a.id <= $3 ORDER BY a.id DESC`. On PostgreSQL the last column that
    /// is told stands in the bound and in the order: `a.exam = $1 AND (a.state, a.id) <= ($2, $3) AND a.state >= $4 ORDER BY
    /// a.state DESC, a.id DESC`, so that no other index gives the order. Told as usual it takes the table's key, which costs
    /// less as long as the rows of that state lie scattered evenly, and looks through millions when they don't (an exam of
    /// last year). Each side has one bound: of two, PostgreSQL begins at the wider. They are inclusive, because it guesses
    /// how many rows fit by the first column alone: less than a state are those of every other one. Bounded on both sides,
    /// the columns are told as usual: it stops at the far bound only if all columns before it are equal to something.
    ///
    /// Another condition on a column that an index begins with should be an expression (`a.unit || '' = $1`), so that no
    /// other index offers itself.
    #[must_use]
    pub fn walk(
        mut self,
        told: &[(Piece, P<'a>)],
        key: &[Piece],
        bounds: (Option<&[P<'a>]>, Option<&[P<'a>]>),
        descends: bool,
    ) -> Self {
        self.walk = Some(Walk {
            told: told.to_vec(),
            key: key.to_vec(),
            from: bounds.0.map(<[_]>::to_vec),
            until: bounds.1.map(<[_]>::to_vec),
            descends,
        });
        self
    }

    /// The query with its walk put into words.
    fn walked(&self, backend: Backend) -> Self {
        let mut select = self.clone();
        let Some(walk) = select.walk.take() else {
            return select;
        };
        let told = walk.told.len();
        let equal = match (backend, &walk.from, &walk.until) {
            (Backend::Sqlite, ..) | (_, Some(_), Some(_)) => told,
            _ => told.saturating_sub(1),
        };
        for (column, value) in walk.told.iter().take(equal) {
            select.compare(&[*column], "=", &[*value]);
        }
        let ranged = walk.told.get(equal..).unwrap_or_default();
        let (columns, within): (Vec<Piece>, Vec<P<'a>>) = ranged.iter().copied().unzip();
        let ordered = [columns.as_slice(), &walk.key].concat();
        for (bound, word) in [(&walk.from, ">="), (&walk.until, "<=")] {
            match bound {
                Some(bound) => {
                    select.compare(&ordered, word, &[within.as_slice(), bound].concat());
                }
                None if columns.is_empty() => {}
                None => select.compare(&columns, word, &within),
            }
        }
        let way = if walk.descends { " DESC" } else { "" };
        let order: Vec<String> = ordered
            .iter()
            .map(|column| format!("{}{way}", column.0))
            .collect();
        select.tail = format!(" ORDER BY {}{}", order.join(", "), select.tail);
        select
    }

    /// And the columns, as one value, compare with those values.
    fn compare(&mut self, columns: &[Piece], word: &str, values: &[P<'a>]) {
        if columns.len() != values.len() {
            self.faulty = columns.last().copied();
            return;
        }
        let mut marks = Vec::new();
        for value in values {
            self.values.push(*value);
            marks.push(format!("${}", self.values.len()));
        }
        let names: Vec<&str> = columns.iter().map(|column| column.0).collect();
        let (names, marks) = (names.join(", "), marks.join(", "));
        let condition = if columns.len() == 1 {
            format!("{names} {word} {marks}")
        } else {
            format!("({names}) {word} ({marks})")
        };
        self.condition(&condition);
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
    ///
    /// The number stands in the text: PostgreSQL plans a statement without its values once it has seen it five times, and
    /// of a limit that it can't read it believes a tenth of all rows, for which sorting them all is cheaper than an index.
    #[must_use]
    pub fn limit(mut self, rows: u32) -> Self {
        self.tail.push_str(&format!(" LIMIT {rows}"));
        self
    }

    /// The statement with its parameters.
    ///
    /// # Errors
    /// [`DbError::Other`] if a piece was given another number of values than it has placeholders.
    pub fn build(&self, backend: Backend) -> DbResult<(Sql, Vec<P<'a>>)> {
        let select = self.walked(backend);
        select.sound()?;
        let text = format!(
            "SELECT {} FROM {}{}{}",
            select.columns.0, select.from, select.conditions, select.tail
        );
        Ok((Sql::composed(text), select.values))
    }

    /// All rows.
    ///
    /// # Errors
    /// As [`Select::build`], and what the database refuses.
    pub async fn rows<T: FromRow>(&self, query: &mut impl Query) -> DbResult<Vec<T>> {
        let (sql, values) = self.build(query.backend())?;
        query.rows(sql, &values).await
    }

    /// Counts the rows that the conditions leave, up to `most`: it looks at no more of them, and only along its index if it
    /// [walks](Select::walk) one. That there are as many as that is believed for a minute where `most` is a thousand or more and a
    /// [`Scan`](crate::Scan) asks.
    ///
    /// # Errors
    /// As [`Select::rows`]; a query with a tail (order, limit, groups) can't be counted.
    pub async fn count(&self, query: &mut impl Query, most: i64) -> DbResult<i64> {
        if !self.tail.is_empty() {
            return Err(DbError::other("count of a query with a tail"));
        }
        let select = self.walked(query.backend());
        select.sound()?;
        let text = format!(
            "SELECT COUNT(*) FROM (SELECT 1 FROM {}{}{} LIMIT {most}) AS counted",
            select.from, select.conditions, select.tail,
        );
        let key = Crowded::key(&text, &select.values);
        let remembers = most >= crowded::FROM;
        if remembers && query.crowded().is_some_and(|crowded| crowded.knows(key)) {
            return Ok(most);
        }
        let counted: i64 = query.one(Sql::composed(text), &select.values).await?;
        if let Some(crowded) = query.crowded().filter(|_| remembers && counted >= most) {
            crowded.remember(key);
        }
        Ok(counted)
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
        let (sql, _) = select.build(Backend::Postgres).unwrap();
        sql.text().to_owned()
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
             ORDER BY a.id DESC LIMIT 5"
        );
        let values = select.build(Backend::Postgres).unwrap().1;
        assert_eq!(values.as_slice(), p!["k", 1, 2, "s", "t", "u", "u", "王"]);
    }

    #[test]
    fn a_walk_tells_postgresql_its_index_in_the_bounds_and_in_the_order() {
        let orders = Select::new(piece!("o.id"), piece!("o")).and(piece!("o.x = $1"), p![9]);
        let told = [
            (piece!("o.exam"), P::Int(7)),
            (piece!("o.state"), P::Text("paid")),
        ];
        let key = [piece!("o.id")];
        let select = orders.clone().walk(&told, &key, (None, Some(p![50])), true);
        assert_eq!(
            text(&select.clone().limit(5)),
            "SELECT o.id FROM o WHERE (o.x = $1) AND (o.exam = $2) AND (o.state >= $3) \
             AND ((o.state, o.id) <= ($4, $5)) ORDER BY o.state DESC, o.id DESC LIMIT 5"
        );
        assert_eq!(
            select.build(Backend::Postgres).unwrap().1.as_slice(),
            p![9, 7, "paid", "paid", 50]
        );
        let select = orders
            .clone()
            .walk(&told[1..], &key, (Some(p![50]), None), false);
        assert_eq!(
            text(&select),
            "SELECT o.id FROM o WHERE (o.x = $1) AND ((o.state, o.id) >= ($2, $3)) AND (o.state <= $4) \
             ORDER BY o.state, o.id"
        );
        let select = orders
            .clone()
            .walk(&told, &key, (Some(p![10]), Some(p![50])), false);
        assert_eq!(
            text(&select),
            "SELECT o.id FROM o WHERE (o.x = $1) AND (o.exam = $2) AND (o.state = $3) AND (o.id >= $4) \
             AND (o.id <= $5) ORDER BY o.id"
        );
        let (sql, values) = select.build(Backend::Sqlite).unwrap();
        assert_eq!(sql.text(), text(&select));
        assert_eq!(values.as_slice(), p![9, 7, "paid", 10, 50]);
        let select = orders
            .clone()
            .walk(&told, &key, (None, Some(p![50])), true)
            .limit(5);
        let (sql, values) = select.build(Backend::Sqlite).unwrap();
        assert_eq!(
            sql.text(),
            "SELECT o.id FROM o WHERE (o.x = $1) AND (o.exam = $2) AND (o.state = $3) AND (o.id <= $4) \
             ORDER BY o.id DESC LIMIT 5"
        );
        assert_eq!(values.as_slice(), p![9, 7, "paid", 50]);
        let select = orders.clone().walk(&[], &key, (None, Some(p![50])), true);
        assert_eq!(
            text(&select),
            "SELECT o.id FROM o WHERE (o.x = $1) AND (o.id <= $2) ORDER BY o.id DESC"
        );
        // A key has as many values as columns.
        let select = orders.walk(&told, &key, (None, Some(p![50, 51])), true);
        assert!(select.build(Backend::Postgres).is_err());
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
            assert!(select.build(Backend::Postgres).is_err(), "{piece:?}");
        }
    }
}
