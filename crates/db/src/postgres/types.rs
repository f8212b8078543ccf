//! Values of this crate as PostgreSQL's binary types.

use std::error::Error;

use bytes::{BufMut, BytesMut};
use tokio_postgres::types::{FromSql, IsNull, ToSql, Type};

use crate::P;

type AnyError = Box<dyn Error + Sync + Send>;

/// A parameter on its way out, a column on its way in.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pg<'a>(pub(crate) P<'a>);

fn known(ty: &Type) -> bool {
    is_int(ty) || is_text(ty) || *ty == Type::BYTEA || *ty == Type::NUMERIC
}

fn is_int(ty: &Type) -> bool {
    [Type::INT8, Type::INT4, Type::INT2, Type::BOOL, Type::OID].contains(ty)
}

fn is_text(ty: &Type) -> bool {
    [
        Type::TEXT,
        Type::VARCHAR,
        Type::BPCHAR,
        Type::NAME,
        Type::UNKNOWN,
    ]
    .contains(ty)
}

impl ToSql for Pg<'_> {
    fn to_sql(&self, ty: &Type, out: &mut BytesMut) -> Result<IsNull, AnyError> {
        match self.0 {
            P::Null => return Ok(IsNull::Yes),
            P::Int(v) if *ty == Type::INT8 => out.put_i64(v),
            P::Int(v) if *ty == Type::INT4 => out.put_i32(i32::try_from(v)?),
            P::Int(v) if *ty == Type::INT2 => out.put_i16(i16::try_from(v)?),
            P::Int(v) if *ty == Type::OID => out.put_u32(u32::try_from(v)?),
            P::Int(v) if *ty == Type::BOOL && (v == 0 || v == 1) => {
                out.put_u8(u8::try_from(v)?);
            }
            P::Int(v) if *ty == Type::NUMERIC => put_numeric(v, out)?,
            P::Text(v) if is_text(ty) => out.put_slice(v.as_bytes()),
            P::Blob(v) if *ty == Type::BYTEA => out.put_slice(v),
            // The value itself may be personal: only its kind is told.
            P::Int(_) => return Err(format!("an integer was bound to {ty}").into()),
            P::Text(_) => return Err(format!("text was bound to {ty}").into()),
            P::Blob(_) => return Err(format!("bytes were bound to {ty}").into()),
        }
        Ok(IsNull::No)
    }

    fn accepts(_: &Type) -> bool {
        // NULL goes with every type, and the driver asks before it knows the value.
        true
    }

    tokio_postgres::types::to_sql_checked!();
}

impl<'a> FromSql<'a> for Pg<'a> {
    fn from_sql(ty: &Type, raw: &'a [u8]) -> Result<Self, AnyError> {
        let value = match *ty {
            Type::INT8 => P::Int(i64::from_be_bytes(raw.try_into()?)),
            Type::INT4 => P::Int(i32::from_be_bytes(raw.try_into()?).into()),
            Type::INT2 => P::Int(i16::from_be_bytes(raw.try_into()?).into()),
            Type::OID => P::Int(u32::from_be_bytes(raw.try_into()?).into()),
            Type::BOOL => P::Int(raw.first().is_some_and(|&b| b != 0).into()),
            Type::NUMERIC => P::Int(take_numeric(raw).ok_or("is a fraction or out of range")?),
            Type::BYTEA => P::Blob(raw),
            _ => P::Text(std::str::from_utf8(raw)?),
        };
        Ok(Self(value))
    }

    fn from_sql_null(_: &Type) -> Result<Self, AnyError> {
        Ok(Self(P::Null))
    }

    fn accepts(ty: &Type) -> bool {
        known(ty)
    }
}

/// The value of a column.
pub(crate) fn column(row: &tokio_postgres::Row, column: usize) -> Result<P<'_>, &'static str> {
    if column >= row.len() {
        return Err("no such column");
    }
    row.try_get::<_, Pg<'_>>(column)
        .map(|value| value.0)
        .map_err(|_| "is neither an integer nor text nor bytes")
}

// SUM over BIGINT is NUMERIC on PostgreSQL and an integer on SQLite: whole numbers are read and bound as integers.
// The format: count, weight, sign, scale (16 bits each), then digits to the base of 10,000.

const NUMERIC_NEGATIVE: u16 = 0x4000;

fn take_numeric(raw: &[u8]) -> Option<i64> {
    let mut words = raw
        .chunks_exact(2)
        .filter_map(|w| Some(u16::from_be_bytes(w.try_into().ok()?)));
    let count = words.next()?;
    let weight = i64::from(words.next()?.cast_signed());
    let sign = words.next()?;
    let _scale = words.next()?;
    if sign != 0 && sign != NUMERIC_NEGATIVE {
        return None;
    }
    let mut value: i128 = 0;
    let mut position = 0i64;
    for digit in words.take(count.into()) {
        if position > weight && digit != 0 {
            return None;
        }
        if position <= weight {
            value = value.checked_mul(10_000)?.checked_add(digit.into())?;
        }
        position += 1;
    }
    while position <= weight {
        value = value.checked_mul(10_000)?;
        position += 1;
    }
    i64::try_from(if sign == NUMERIC_NEGATIVE {
        -value
    } else {
        value
    })
    .ok()
}

fn put_numeric(value: i64, out: &mut BytesMut) -> Result<(), AnyError> {
    let mut digits = Vec::new();
    let mut rest = value.unsigned_abs();
    while rest > 0 {
        digits.push(u16::try_from(rest % 10_000)?);
        rest /= 10_000;
    }
    let count = u16::try_from(digits.len())?;
    out.put_u16(count);
    out.put_u16(count.saturating_sub(1));
    out.put_u16(if value < 0 { NUMERIC_NEGATIVE } else { 0 });
    out.put_u16(0);
    digits.iter().rev().for_each(|&digit| out.put_u16(digit));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_numbers_survive_the_numeric_format() {
        for value in [
            0,
            1,
            -1,
            9_999,
            10_000,
            100_000_000,
            -123_456_789,
            i64::MAX,
            i64::MIN,
        ] {
            let mut out = BytesMut::new();
            put_numeric(value, &mut out).unwrap();
            assert_eq!(take_numeric(&out), Some(value));
        }
    }

    #[test]
    fn a_fraction_is_no_integer() {
        // 1.5: two digits, weight 0: 1 and 5000.
        let raw: Vec<u8> = [2u16, 0, 0, 1, 1, 5000]
            .iter()
            .flat_map(|word| word.to_be_bytes())
            .collect();
        assert_eq!(take_numeric(&raw), None);
        // 20000 is written as one digit of weight 1.
        let raw: Vec<u8> = [1u16, 1, 0, 0, 2]
            .iter()
            .flat_map(|word| word.to_be_bytes())
            .collect();
        assert_eq!(take_numeric(&raw), Some(20_000));
    }
}
