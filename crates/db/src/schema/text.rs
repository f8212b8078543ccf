//! Expressions of the two catalogues, brought to one form. SQLite keeps the text that somebody wrote; PostgreSQL writes
//! its own, with brackets, casts and `= ANY (ARRAY[…])` for `IN (…)`.

/// What makes two expressions comparable: no brackets, spaces, casts or case outside of quotes, and `IN` as SQLite keeps it.
pub(super) fn normal(expression: &str) -> String {
    let mut bare = String::new();
    let mut chars = expression.chars().peekable();
    let mut quoted = false;
    while let Some(c) = chars.next() {
        if c == '\'' {
            quoted = !quoted;
            bare.push(c);
        } else if quoted {
            bare.push(c);
        } else if c == ':' && chars.peek() == Some(&':') {
            chars.next();
            while chars
                .peek()
                .is_some_and(|c| c.is_alphanumeric() || *c == '_')
            {
                chars.next();
            }
        } else if !c.is_whitespace() && !matches!(c, '(' | ')' | '"') {
            bare.extend(c.to_lowercase());
        }
    }
    bare.replace("=anyarray[", "in")
        .replace("<>allarray[", "notin")
        .replace(']', "")
}

/// The text between the bracket that opens first in `text` and the one that closes it, and what follows.
pub(super) fn bracketed(text: &str) -> Option<(&str, &str)> {
    let (_, inner) = text.split_once('(')?;
    let (mut depth, mut quoted) = (1, false);
    for (index, c) in inner.char_indices() {
        match c {
            '\'' => quoted = !quoted,
            '(' if !quoted => depth += 1,
            ')' if !quoted => {
                depth -= 1;
                if depth == 0 {
                    let (within, rest) = inner.split_at(index);
                    return Some((within, rest.strip_prefix(')')?));
                }
            }
            _ => {}
        }
    }
    None
}

/// Parts between the commas that stand outside of brackets and quotes.
pub(super) fn parts(list: &str) -> Vec<&str> {
    let (mut depth, mut quoted, mut start) = (0, false, 0);
    let mut parts = Vec::new();
    for (index, c) in list.char_indices() {
        match c {
            '\'' => quoted = !quoted,
            '(' if !quoted => depth += 1,
            ')' if !quoted => depth -= 1,
            ',' if !quoted && depth == 0 => {
                parts.extend(list.get(start..index));
                start = index + 1;
            }
            _ => {}
        }
    }
    parts.extend(list.get(start..));
    parts
        .into_iter()
        .map(str::trim)
        .filter(|part| !part.is_empty())
        .collect()
}

/// `unique (a, b desc) where …` of a `CREATE INDEX` of either database.
pub(super) fn index(create: &str, unique: bool) -> Option<String> {
    let (_, definition) = create.split_once(" ON ")?;
    let (columns, rest) = bracketed(definition)?;
    let columns: Vec<String> = parts(columns).into_iter().map(column_of_index).collect();
    let condition = rest
        .trim()
        .strip_prefix("WHERE ")
        .map_or_else(String::new, |condition| {
            format!(" where {}", normal(condition))
        });
    Some(shape(unique, &columns, &condition))
}

fn column_of_index(part: &str) -> String {
    let (column, order) = match part.strip_suffix(" DESC") {
        Some(column) => (column, " desc"),
        None => (part.strip_suffix(" ASC").unwrap_or(part), ""),
    };
    format!("{}{order}", normal(column))
}

/// How an index is told.
pub(super) fn shape(unique: bool, columns: &[String], condition: &str) -> String {
    let word = if unique { "unique" } else { "index" };
    format!("{word} ({}){condition}", columns.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_two_ways_to_write_an_expression_are_one() {
        for (sqlite, postgres) in [
            (
                "a IN ('x', 'Y z')",
                "(a = ANY (ARRAY['x'::text, 'Y z'::text]))",
            ),
            ("a IN (0, 1)", "(a = ANY (ARRAY[(0)::bigint, (1)::bigint]))"),
            ("a <> 'p' OR b IS NULL", "((a <> 'p'::text) OR (b IS NULL))"),
            ("(a IS NULL) = (b IN ('r'))", "((a IS NULL) = (b IN ('r')))"),
            (
                "a >= 0 AND (b IS NULL OR a <= b)",
                "((a >= 0) AND ((b IS NULL) OR (a <= b)))",
            ),
        ] {
            assert_eq!(normal(sqlite), normal(postgres));
        }
        assert_ne!(normal("a IN ('x')"), normal("a IN ('X')"));
    }

    #[test]
    fn an_index_is_told_alike() {
        let sqlite = "CREATE UNIQUE INDEX i ON t (a, lower(b)) WHERE s IN ('x', 'y')";
        let postgres = "CREATE UNIQUE INDEX i ON public.t USING btree (a, lower(b)) \
                        WHERE (s = ANY (ARRAY['x'::text, 'y'::text]))";
        assert_eq!(
            index(sqlite, true).unwrap(),
            "unique (a, lowerb) where sin'x','y'"
        );
        assert_eq!(index(postgres, true), index(sqlite, true));
        assert_eq!(
            index("CREATE INDEX i ON t (a DESC)", false).unwrap(),
            "index (a desc)"
        );
    }
}
