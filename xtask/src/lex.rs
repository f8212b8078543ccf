//! Enough of Rust's grammar to tell code from comments and to find string literals: macros aren't expanded.

/// A piece of code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Token {
    /// A name, keyword or number.
    Word(String),
    /// A string, its escapes resolved.
    Text(String),
    /// Any other character.
    Sign(char),
}

/// A token and the line it begins on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placed {
    pub token: Token,
    pub line: usize,
}

impl Placed {
    /// Whether it is this word.
    pub fn is_word(&self, word: &str) -> bool {
        matches!(&self.token, Token::Word(found) if found == word)
    }

    /// Whether it is this sign.
    pub fn is_sign(&self, sign: char) -> bool {
        self.token == Token::Sign(sign)
    }
}

/// All tokens of a source, without those under `#[cfg(test)]`.
pub fn without_tests(source: &str) -> Vec<Placed> {
    let tokens = tokens(source);
    let mut kept = Vec::with_capacity(tokens.len());
    let mut index = 0;
    while let Some(token) = tokens.get(index) {
        if is_test_attribute(&tokens, index) {
            index = end_of_item(&tokens, index + 7);
        } else {
            kept.push(token.clone());
            index += 1;
        }
    }
    kept
}

/// `#[cfg(test)]`.
fn is_test_attribute(tokens: &[Placed], at: usize) -> bool {
    let wanted = [
        Token::Sign('#'),
        Token::Sign('['),
        Token::Word("cfg".to_owned()),
        Token::Sign('('),
        Token::Word("test".to_owned()),
        Token::Sign(')'),
        Token::Sign(']'),
    ];
    tokens
        .get(at..at + wanted.len())
        .is_some_and(|found| found.iter().map(|placed| &placed.token).eq(wanted.iter()))
}

/// Behind the item that begins at `at`: its block, or its semicolon.
fn end_of_item(tokens: &[Placed], at: usize) -> usize {
    let mut depth = 0usize;
    let mut index = at;
    while let Some(token) = tokens.get(index) {
        index += 1;
        match token.token {
            Token::Sign(';') if depth == 0 => break,
            Token::Sign('{') => depth += 1,
            Token::Sign('}') => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    break;
                }
            }
            _ => {}
        }
    }
    index
}

/// All tokens of a source.
pub fn tokens(source: &str) -> Vec<Placed> {
    let mut lexer = Lexer {
        chars: source.chars().collect(),
        at: 0,
        line: 1,
        found: Vec::new(),
    };
    lexer.run();
    lexer.found
}

struct Lexer {
    chars: Vec<char>,
    at: usize,
    line: usize,
    found: Vec<Placed>,
}

impl Lexer {
    fn peek(&self, ahead: usize) -> Option<char> {
        self.chars.get(self.at + ahead).copied()
    }

    fn next(&mut self) -> Option<char> {
        let c = self.peek(0)?;
        self.at += 1;
        if c == '\n' {
            self.line += 1;
        }
        Some(c)
    }

    fn push(&mut self, token: Token, line: usize) {
        self.found.push(Placed { token, line });
    }

    fn run(&mut self) {
        while let Some(c) = self.peek(0) {
            let line = self.line;
            match (c, self.peek(1)) {
                ('/', Some('/')) => while self.next().is_some_and(|c| c != '\n') {},
                ('/', Some('*')) => self.block_comment(),
                ('"', _) => {
                    self.next();
                    let text = self.string();
                    self.push(Token::Text(text), line);
                }
                ('\'', _) => self.char_or_lifetime(),
                (c, _) if c.is_alphanumeric() || c == '_' => self.word(line),
                (c, _) => {
                    self.next();
                    if !c.is_whitespace() {
                        self.push(Token::Sign(c), line);
                    }
                }
            }
        }
    }

    fn block_comment(&mut self) {
        let mut depth = 0usize;
        while let Some(c) = self.next() {
            match (c, self.peek(0)) {
                ('/', Some('*')) => {
                    self.next();
                    depth += 1;
                }
                ('*', Some('/')) => {
                    self.next();
                    depth -= 1;
                    if depth == 0 {
                        return;
                    }
                }
                _ => {}
            }
        }
    }

    fn word(&mut self, line: usize) {
        let mut word = String::new();
        while let Some(c) = self.peek(0).filter(|c| c.is_alphanumeric() || *c == '_') {
            word.push(c);
            self.next();
        }
        let hashes = (0..)
            .take_while(|&ahead| self.peek(ahead) == Some('#'))
            .count();
        match (word.as_str(), self.peek(hashes)) {
            ("r" | "br" | "cr", Some('"')) => {
                let text = self.raw_string(hashes);
                self.push(Token::Text(text), line);
            }
            ("b" | "c", Some('"')) if hashes == 0 => {
                self.next();
                let text = self.string();
                self.push(Token::Text(text), line);
            }
            ("b", Some('\'')) if hashes == 0 => self.char_or_lifetime(),
            _ => self.push(Token::Word(word), line),
        }
    }

    fn raw_string(&mut self, hashes: usize) -> String {
        for _ in 0..=hashes {
            self.next();
        }
        let mut text = String::new();
        while let Some(c) = self.next() {
            if c == '"' && (0..hashes).all(|ahead| self.peek(ahead) == Some('#')) {
                for _ in 0..hashes {
                    self.next();
                }
                break;
            }
            text.push(c);
        }
        text
    }

    /// Behind the opening quote.
    fn string(&mut self) -> String {
        let mut text = String::new();
        while let Some(c) = self.next() {
            match c {
                '"' => break,
                '\\' => match self.next() {
                    Some('\n') => {
                        while self.peek(0).is_some_and(char::is_whitespace) {
                            self.next();
                        }
                    }
                    Some('n') => text.push('\n'),
                    Some('t') => text.push('\t'),
                    Some('r') => text.push('\r'),
                    Some('0') => text.push('\0'),
                    Some('u') => {
                        let mut number = String::new();
                        while let Some(c) = self.next().filter(|c| *c != '}') {
                            number.push(c);
                        }
                        let code = u32::from_str_radix(number.trim_start_matches('{'), 16);
                        text.extend(code.ok().and_then(char::from_u32));
                    }
                    Some(other) => text.push(other),
                    None => break,
                },
                other => text.push(other),
            }
        }
        text
    }

    fn char_or_lifetime(&mut self) {
        self.next();
        match (self.peek(0), self.peek(1)) {
            (Some('\\'), _) => {
                self.next();
                self.next();
                while self.next().is_some_and(|c| c != '\'') {}
            }
            (Some(_), Some('\'')) => {
                self.next();
                self.next();
            }
            // A lifetime: its name is read as a word.
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(source: &str) -> Vec<String> {
        let text = |placed: Placed| match placed.token {
            Token::Text(text) => Some(text),
            _ => None,
        };
        without_tests(source).into_iter().filter_map(text).collect()
    }

    #[test]
    fn strings_are_found_and_comments_and_characters_are_not() {
        let source = r##"
            // "no"
            /* "no" /* "no" */ "no" */
            let a = "yes \" \u{738b}\n";
            let b = 'x'; let c = '"'; let d = '\''; fn f<'a>(x: &'a str) {}
            let e = "two \
                     lines";
            let g = r#"raw " text"#; let h = b"bytes";
        "##;
        assert_eq!(
            texts(source),
            ["yes \" 王\n", "two lines", "raw \" text", "bytes"]
        );
    }

    #[test]
    fn what_is_only_for_tests_is_left_out() {
        let source = r#"
            fn a() { "one"; }
            #[cfg(test)]
            mod tests { fn b() { "two"; { "three"; } } }
            #[cfg(test)]
            use x::y;
            #[cfg(feature = "testing")]
            fn c() { "four"; }
        "#;
        assert_eq!(texts(source), ["one", "testing", "four"]);
    }

    #[test]
    fn lines_are_counted() {
        let lines: Vec<_> = tokens("a\n\"x\ny\"\nb")
            .into_iter()
            .map(|token| token.line)
            .collect();
        assert_eq!(lines, [1, 2, 4]);
    }
}
