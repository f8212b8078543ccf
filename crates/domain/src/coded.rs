//! Enums that are stored as text codes and shown in Chinese.

/// Declares an enum whose variants have a stored code (database `CHECK`, JSON) and a Chinese label.
///
/// Gives `ALL`, `code`, `label` and `from_code`; serde writes the code.
macro_rules! coded {
    ($(#[$meta:meta])* $vis:vis enum $name:ident {
        $( $(#[$vmeta:meta])* $variant:ident = $code:literal, $label:literal; )+
    }) => {
        $(#[$meta])*
        #[derive(
            Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
        )]
        $vis enum $name { $( $(#[$vmeta])* #[serde(rename = $code)] $variant, )+ }

        impl $name {
            /// Every variant, in the order of declaration.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The stored text code.
            pub const fn code(self) -> &'static str {
                match self { $(Self::$variant => $code,)+ }
            }

            /// What people read.
            pub const fn label(self) -> &'static str {
                match self { $(Self::$variant => $label,)+ }
            }

            /// The variant with this stored code; `None` for a code that isn't in the table.
            pub fn from_code(code: &str) -> Option<Self> {
                match code { $($code => Some(Self::$variant),)+ _ => None }
            }
        }
    };
}

pub(crate) use coded;

#[cfg(test)]
mod tests {
    coded! {
        /// A sample.
        pub enum Sample {
            /// One.
            One = "one", "一";
            /// Two.
            Two = "two", "二";
        }
    }

    #[test]
    fn a_code_reads_back_and_is_what_serde_writes() {
        for sample in Sample::ALL {
            assert_eq!(Sample::from_code(sample.code()), Some(*sample));
            let json = serde_json::to_string(sample).unwrap();
            assert_eq!(json, format!("\"{}\"", sample.code()));
        }
        assert_eq!(Sample::from_code("three"), None);
        assert_eq!(Sample::One.label(), "一");
    }
}
