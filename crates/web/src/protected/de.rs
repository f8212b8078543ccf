//! Reads form fields into a struct with serde.
//!
//! Unlike `serde_urlencoded` it takes repeated names as lists, refuses every name that the struct doesn't have, and reads what
//! wasn't sent as empty.

use std::fmt;

use serde::de::value::{MapDeserializer, SeqDeserializer};
use serde::de::{self, DeserializeOwned, Deserializer, IntoDeserializer, Visitor};

use crate::submission::Submission;

/// Why a form doesn't fit its struct. Names fields only.
#[derive(Debug)]
pub(super) struct Error(String);

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Error {}

impl de::Error for Error {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self(message.to_string())
    }

    // The default text quotes the value.
    fn invalid_value(_: de::Unexpected<'_>, expected: &dyn de::Expected) -> Self {
        Self(format!("invalid value, expected {expected}"))
    }

    fn unknown_variant(_: &str, _: &'static [&'static str]) -> Self {
        Self("unknown choice".into())
    }
}

pub(super) fn from_fields<T: DeserializeOwned>(submission: &Submission) -> Result<T, Error> {
    T::deserialize(Form { submission })
}

struct Form<'a> {
    submission: &'a Submission,
}

impl<'a> Form<'a> {
    fn values(&self, name: &str) -> Vec<&'a str> {
        self.submission
            .fields()
            .filter(|(key, _)| *key == name)
            .map(|(_, value)| value)
            .collect()
    }

    fn names(&self) -> Vec<&'a str> {
        let mut names = Vec::new();
        for (name, _) in self.submission.fields() {
            if !names.contains(&name) {
                names.push(name);
            }
        }
        names
    }
}

impl<'de> Deserializer<'de> for Form<'_> {
    type Error = Error;

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        if let Some(unknown) = self.names().into_iter().find(|name| !fields.contains(name)) {
            let name: String = unknown
                .chars()
                .filter(|c| !c.is_control())
                .take(40)
                .collect();
            return Err(Error(format!("unknown field {name:?}")));
        }
        let pairs = fields.iter().map(|name| {
            (
                *name,
                Values {
                    name,
                    values: self.values(name),
                },
            )
        });
        visitor.visit_map(MapDeserializer::new(pairs))
    }

    // A map, or a struct with `#[serde(flatten)]`: the form says itself that it takes whatever comes.
    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        let names = self.names();
        let pairs = names.iter().map(|name| {
            (
                *name,
                Values {
                    name,
                    values: self.values(name),
                },
            )
        });
        visitor.visit_map(MapDeserializer::new(pairs))
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_unit()
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option
        unit_struct newtype_struct seq tuple tuple_struct map enum identifier ignored_any
    }
}

/// All values of one field.
#[derive(Clone)]
struct Values<'a> {
    name: &'a str,
    values: Vec<&'a str>,
}

impl Values<'_> {
    fn one(&self) -> Result<&str, Error> {
        match self.values.as_slice() {
            [] => Ok(""),
            [value] => Ok(value),
            _ => Err(Error(format!("field {:?} came more than once", self.name))),
        }
    }

    fn number<T: std::str::FromStr>(&self) -> Result<T, Error> {
        let value = self.one()?.trim();
        value
            .parse()
            .map_err(|_| Error(format!("field {:?} is not a number", self.name)))
    }
}

impl<'de> IntoDeserializer<'de, Error> for Values<'_> {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

macro_rules! numbers {
    ($($method:ident $visit:ident)*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
            visitor.$visit(self.number()?)
        }
    )*};
}

impl<'de> Deserializer<'de> for Values<'_> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.values.as_slice() {
            [value] => visitor.visit_str(value),
            values => visitor.visit_seq(SeqDeserializer::new(values.iter().copied())),
        }
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_str(self.one()?)
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_str(self.one()?)
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.one()? {
            "" | "0" | "false" => visitor.visit_bool(false),
            "1" | "on" | "true" | "yes" => visitor.visit_bool(true),
            _ => Err(Error(format!(
                "field {:?} is neither yes nor no",
                self.name
            ))),
        }
    }

    numbers! {
        deserialize_i8 visit_i8 deserialize_i16 visit_i16 deserialize_i32 visit_i32
        deserialize_i64 visit_i64 deserialize_u8 visit_u8 deserialize_u16 visit_u16
        deserialize_u32 visit_u32 deserialize_u64 visit_u64
    }

    // An empty field is no answer.
    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        if self.values.iter().all(|value| value.is_empty()) {
            visitor.visit_none()
        } else {
            visitor.visit_some(self)
        }
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        let name = self.name;
        let each = self.values.into_iter().map(|value| Values {
            name,
            values: vec![value],
        });
        visitor.visit_seq(SeqDeserializer::new(each))
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        let value = self.one()?.to_owned();
        visitor.visit_enum(value.into_deserializer())
    }

    serde::forward_to_deserialize_any! {
        i128 u128 f32 f64 char bytes byte_buf unit unit_struct tuple tuple_struct map struct
        identifier ignored_any
    }
}
