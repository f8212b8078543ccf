//! Values on their way in ([`P`]) and out ([`FromCol`], [`Row`], [`FromRow`], [`record!`](crate::record)).
//!
//! Three kinds are enough for both databases: integers (instants, money, yes and no), text, and bytes.

use crate::{DbError, DbResult};

/// A value: what a `$n` is bound to, and what a column holds.
///
/// A type of one's own gets `impl From<Id> for P<'_>`; `Option` of it then works by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum P<'a> {
    /// NULL.
    Null,
    /// An integer; yes is 1, no is 0.
    Int(i64),
    /// Text.
    Text(&'a str),
    /// Bytes.
    Blob(&'a [u8]),
}

/// A [`P`] that owns its value, to cross threads and to be kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// NULL.
    Null,
    /// An integer.
    Int(i64),
    /// Text.
    Text(String),
    /// Bytes.
    Blob(Vec<u8>),
}

impl Value {
    /// The value, borrowed.
    pub fn as_p(&self) -> P<'_> {
        match self {
            Self::Null => P::Null,
            Self::Int(v) => P::Int(*v),
            Self::Text(v) => P::Text(v),
            Self::Blob(v) => P::Blob(v),
        }
    }
}

impl From<P<'_>> for Value {
    fn from(value: P<'_>) -> Self {
        match value {
            P::Null => Self::Null,
            P::Int(v) => Self::Int(v),
            P::Text(v) => Self::Text(v.to_owned()),
            P::Blob(v) => Self::Blob(v.to_owned()),
        }
    }
}

macro_rules! from_int {
    ($($t:ty),*) => { $(
        impl From<$t> for P<'_> {
            fn from(value: $t) -> Self { Self::Int(i64::from(value)) }
        }
        impl From<&$t> for P<'_> {
            fn from(value: &$t) -> Self { Self::Int(i64::from(*value)) }
        }
    )* };
}
from_int!(i64, i32, i16, u32, u16, u8, bool);

impl<'a> From<&'a str> for P<'a> {
    fn from(value: &'a str) -> Self {
        Self::Text(value)
    }
}

impl<'a> From<&'a &str> for P<'a> {
    fn from(value: &'a &str) -> Self {
        Self::Text(value)
    }
}

impl<'a> From<&'a String> for P<'a> {
    fn from(value: &'a String) -> Self {
        Self::Text(value)
    }
}

impl<'a> From<&'a [u8]> for P<'a> {
    fn from(value: &'a [u8]) -> Self {
        Self::Blob(value)
    }
}

impl<'a> From<&'a Vec<u8>> for P<'a> {
    fn from(value: &'a Vec<u8>) -> Self {
        Self::Blob(value)
    }
}

impl<'a, const N: usize> From<&'a [u8; N]> for P<'a> {
    fn from(value: &'a [u8; N]) -> Self {
        Self::Blob(value)
    }
}

impl<'a, T> From<Option<T>> for P<'a>
where
    P<'a>: From<T>,
{
    fn from(value: Option<T>) -> Self {
        value.map_or(P::Null, <Self as From<T>>::from)
    }
}

// Not for every `&Option<T>`: the compiler would then look for an endless chain of references to options.
macro_rules! from_option_ref {
    ($($t:ty),*) => { $(
        impl<'a> From<&'a Option<$t>> for P<'a> {
            fn from(value: &'a Option<$t>) -> Self {
                value.as_ref().map_or(P::Null, <Self as From<&'a $t>>::from)
            }
        }
    )* };
}
from_option_ref!(i64, String, Vec<u8>);

impl<'a> From<&'a Value> for P<'a> {
    fn from(value: &'a Value) -> Self {
        value.as_p()
    }
}

/// The parameters of a statement: `p![id, &name, at]`, `$1` first.
#[macro_export]
macro_rules! p {
    () => {{
        const NONE: &[$crate::P<'static>] = &[];
        NONE
    }};
    ($($value:expr),+ $(,)?) => { &[$($crate::P::from($value)),+] };
}

/// A type that a column can be read as.
pub trait FromCol: Sized + Send + 'static {
    /// Takes the value of a column.
    ///
    /// # Errors
    /// What is wrong with it, without the value itself.
    fn from_col(value: P<'_>) -> Result<Self, &'static str>;
}

impl FromCol for i64 {
    fn from_col(value: P<'_>) -> Result<Self, &'static str> {
        match value {
            P::Int(v) => Ok(v),
            P::Null => Err("is NULL, expected an integer"),
            _ => Err("is not an integer"),
        }
    }
}

macro_rules! from_col_int {
    ($($t:ty),*) => { $(
        impl FromCol for $t {
            fn from_col(value: P<'_>) -> Result<Self, &'static str> {
                Self::try_from(i64::from_col(value)?).map_err(|_| "integer out of range")
            }
        }
    )* };
}
from_col_int!(i32, i16, u32, u16, u8);

impl FromCol for bool {
    fn from_col(value: P<'_>) -> Result<Self, &'static str> {
        match i64::from_col(value)? {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err("is neither 0 nor 1"),
        }
    }
}

impl FromCol for String {
    fn from_col(value: P<'_>) -> Result<Self, &'static str> {
        match value {
            P::Text(v) => Ok(v.to_owned()),
            P::Null => Err("is NULL, expected text"),
            _ => Err("is not text"),
        }
    }
}

impl FromCol for Vec<u8> {
    fn from_col(value: P<'_>) -> Result<Self, &'static str> {
        match value {
            P::Blob(v) => Ok(v.to_owned()),
            P::Null => Err("is NULL, expected bytes"),
            _ => Err("is not bytes"),
        }
    }
}

impl<const N: usize> FromCol for [u8; N] {
    fn from_col(value: P<'_>) -> Result<Self, &'static str> {
        match value {
            P::Blob(v) => v.try_into().map_err(|_| "bytes of another length"),
            P::Null => Err("is NULL, expected bytes"),
            _ => Err("is not bytes"),
        }
    }
}

impl FromCol for Value {
    fn from_col(value: P<'_>) -> Result<Self, &'static str> {
        Ok(value.into())
    }
}

impl<T: FromCol> FromCol for Option<T> {
    fn from_col(value: P<'_>) -> Result<Self, &'static str> {
        match value {
            P::Null => Ok(None),
            other => T::from_col(other).map(Some),
        }
    }
}

/// A row of an answer, borrowed from the driver.
#[derive(Debug)]
pub struct Row<'a>(pub(crate) RowOf<'a>);

pub(crate) enum RowOf<'a> {
    Sqlite {
        row: &'a rusqlite::Row<'a>,
        columns: usize,
    },
    Postgres(&'a tokio_postgres::Row),
}

impl std::fmt::Debug for RowOf<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("row")
    }
}

impl Row<'_> {
    /// How many columns the row has.
    pub fn len(&self) -> usize {
        match &self.0 {
            RowOf::Sqlite { columns, .. } => *columns,
            RowOf::Postgres(row) => row.len(),
        }
    }

    /// Whether the row has no columns.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The column at `column`, from 0.
    ///
    /// # Errors
    /// [`DbError::Row`] if there is no such column or it doesn't hold a `T`.
    pub fn get<T: FromCol>(&self, column: usize) -> DbResult<T> {
        let value = match &self.0 {
            RowOf::Sqlite { row, .. } => crate::sqlite::column(row, column),
            RowOf::Postgres(row) => crate::postgres::column(row, column),
        };
        value
            .and_then(T::from_col)
            .map_err(|problem| DbError::Row { column, problem })
    }
}

/// A type that a whole row can be read as: a column by itself, tuples up to twelve, and [`record!`](crate::record)s.
pub trait FromRow: Sized + Send + 'static {
    /// Reads the columns by position.
    ///
    /// # Errors
    /// [`DbError::Row`], naming the first column that doesn't fit.
    fn from_row(row: &Row<'_>) -> DbResult<Self>;
}

impl<T: FromCol> FromRow for T {
    fn from_row(row: &Row<'_>) -> DbResult<Self> {
        row.get(0)
    }
}

macro_rules! from_row_tuple {
    ($($t:ident $i:tt),+) => {
        impl<$($t: FromCol),+> FromRow for ($($t,)+) {
            fn from_row(row: &Row<'_>) -> DbResult<Self> { Ok(($(row.get::<$t>($i)?,)+)) }
        }
    };
}
from_row_tuple!(A 0);
from_row_tuple!(A 0, B 1);
from_row_tuple!(A 0, B 1, C 2);
from_row_tuple!(A 0, B 1, C 2, D 3);
from_row_tuple!(A 0, B 1, C 2, D 3, E 4);
from_row_tuple!(A 0, B 1, C 2, D 3, E 4, F 5);
from_row_tuple!(A 0, B 1, C 2, D 3, E 4, F 5, G 6);
from_row_tuple!(A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7);
from_row_tuple!(A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8);
from_row_tuple!(A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9);
from_row_tuple!(A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10);
from_row_tuple!(A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10, L 11);

/// A struct that a row is read into by position: `record! { pub struct OrderRow { pub id: i64, pub state: String } }`.
#[macro_export]
macro_rules! record {
    (
        $(#[$meta:meta])*
        $vis:vis struct $name:ident {
            $( $(#[$field_meta:meta])* $field_vis:vis $field:ident : $type:ty ),+ $(,)?
        }
    ) => {
        $(#[$meta])*
        $vis struct $name { $( $(#[$field_meta])* $field_vis $field: $type ),+ }

        impl $crate::FromRow for $name {
            fn from_row(row: &$crate::Row<'_>) -> $crate::DbResult<Self> {
                let mut column = 0usize..;
                Ok(Self { $( $field: row.get(column.next().unwrap_or(usize::MAX))? ),+ })
            }
        }
    };
}
