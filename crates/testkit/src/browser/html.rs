//! Just enough of HTML for pages of our own: tags with attributes, text between them.

use http::Method;

use super::form::Form;

/// A start tag, an end tag, or text.
#[derive(Debug, PartialEq)]
enum Piece<'a> {
    Start(&'a str, &'a str),
    End(&'a str),
    Text(&'a str),
}

fn pieces(html: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut rest = html;
    while !rest.is_empty() {
        let Some(open) = rest.find('<') else {
            pieces.push(Piece::Text(rest));
            break;
        };
        if open > 0 {
            pieces.push(Piece::Text(&rest[..open]));
        }
        rest = &rest[open..];
        if rest.starts_with("<!--") {
            rest = rest.split_once("-->").map_or("", |(_, after)| after);
            continue;
        }
        let end = tag_end(rest);
        let inside = rest[1..end].trim_end_matches('/');
        rest = rest.get(end + 1..).unwrap_or_default();
        if let Some(name) = inside.strip_prefix('/') {
            pieces.push(Piece::End(name.trim()));
        } else if !inside.starts_with('!') {
            let (name, attributes) = inside
                .split_once(|c: char| c.is_whitespace())
                .unwrap_or((inside, ""));
            pieces.push(Piece::Start(name, attributes));
            if matches!(name, "script" | "style") {
                let close = format!("</{name}");
                rest = rest.find(&close).map_or("", |at| &rest[at..]);
            }
        }
    }
    pieces
}

/// Where the tag that starts here ends, past `>` within quotes.
fn tag_end(tag: &str) -> usize {
    let mut quote = None;
    for (at, c) in tag.char_indices() {
        match (quote, c) {
            (None, '>') => return at,
            (None, '"' | '\'') => quote = Some(c),
            (Some(open), c) if c == open => quote = None,
            _ => {}
        }
    }
    tag.len()
}

/// An attribute's value; `Some("")` for one without.
fn attribute(attributes: &str, name: &str) -> Option<String> {
    let mut rest = attributes.trim_start();
    while !rest.is_empty() {
        let key_end = rest
            .find(|c: char| c == '=' || c.is_whitespace())
            .unwrap_or(rest.len());
        let key = &rest[..key_end];
        rest = rest[key_end..].trim_start();
        let mut value = "";
        if let Some(after) = rest.strip_prefix('=') {
            let after = after.trim_start();
            let quote = after.chars().next().filter(|c| matches!(c, '"' | '\''));
            (value, rest) = match quote {
                Some(quote) => after[1..].split_once(quote).unwrap_or((&after[1..], "")),
                None => after.split_at(after.find(char::is_whitespace).unwrap_or(after.len())),
            };
            rest = rest.trim_start();
        }
        if key == name {
            return Some(decode(value));
        }
    }
    None
}

/// Entities as characters.
fn decode(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let Some((entity, after)) = rest[1..]
            .split_once(';')
            .filter(|(entity, _)| entity.len() < 10)
        else {
            out.push('&');
            rest = &rest[1..];
            continue;
        };
        let decoded = match entity {
            "amp" => Some('&'),
            "lt" => Some('<'),
            "gt" => Some('>'),
            "quot" => Some('"'),
            "apos" => Some('\''),
            "nbsp" => Some('\u{a0}'),
            number => number.strip_prefix('#').and_then(|digits| {
                let code = match digits.strip_prefix(['x', 'X']) {
                    Some(hex) => u32::from_str_radix(hex, 16),
                    None => digits.parse(),
                };
                code.ok().and_then(char::from_u32)
            }),
        };
        match decoded {
            Some(c) => {
                out.push(c);
                rest = after;
            }
            None => {
                out.push('&');
                rest = &rest[1..];
            }
        }
    }
    out.push_str(rest);
    out
}

fn fold(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What can be read: block elements part words, inline ones don't.
pub(super) fn text(html: &str) -> String {
    const INLINE: [&str; 12] = [
        "a", "b", "strong", "em", "span", "small", "code", "time", "bdi", "mark", "abbr", "svg",
    ];
    let mut out = String::new();
    let mut hidden = 0u32;
    for piece in pieces(html) {
        match piece {
            Piece::Start("title" | "head" | "template", _) => hidden += 1,
            Piece::End("title" | "head" | "template") => hidden = hidden.saturating_sub(1),
            Piece::Text(words) if hidden == 0 => out.push_str(&decode(words)),
            Piece::Start(name, _) | Piece::End(name) if !INLINE.contains(&name) => out.push(' '),
            _ => {}
        }
    }
    fold(&out)
}

/// Address and words of every link.
pub(super) fn links(html: &str) -> Vec<(String, String)> {
    let mut links = Vec::new();
    let mut open: Option<(String, String)> = None;
    for piece in pieces(html) {
        match piece {
            Piece::Start("a", attributes) => {
                open = attribute(attributes, "href").map(|href| (href, String::new()));
            }
            Piece::End("a") => links.extend(open.take().map(|(href, words)| (href, fold(&words)))),
            Piece::Text(words) => {
                if let Some((_, text)) = &mut open {
                    text.push_str(&decode(words));
                }
            }
            _ => {}
        }
    }
    links
}

/// Every form with the values that the page put in.
pub(super) fn forms(html: &str, url: &str) -> Vec<Form> {
    let mut forms = Vec::new();
    let mut reader = Reader::default();
    for piece in pieces(html) {
        match piece {
            Piece::Start("form", attributes) => reader.form = Some(open(attributes, url)),
            Piece::End("form") => forms.extend(reader.form.take()),
            piece => reader.read(piece),
        }
    }
    forms
}

fn open(attributes: &str, url: &str) -> Form {
    let post =
        attribute(attributes, "method").is_some_and(|method| method.eq_ignore_ascii_case("post"));
    let action = attribute(attributes, "action")
        .filter(|action| !action.is_empty())
        .unwrap_or_else(|| url.to_owned());
    let multipart =
        attribute(attributes, "enctype").is_some_and(|kind| kind == "multipart/form-data");
    Form::new(
        if post { Method::POST } else { Method::GET },
        action,
        multipart,
    )
}

#[derive(Default)]
struct Reader {
    form: Option<Form>,
    select: Option<Select>,
    area: Option<(String, String)>,
    button: Option<(String, String, String)>,
}

struct Select {
    name: String,
    multiple: bool,
    first: Option<String>,
    chosen: Vec<String>,
}

impl Reader {
    #[expect(clippy::needless_pass_by_value, reason = "a piece is read once")]
    fn read(&mut self, piece: Piece<'_>) {
        let Some(form) = &mut self.form else { return };
        match piece {
            Piece::Start("input", attributes) => input(form, attributes),
            Piece::Start("select", attributes) => {
                self.select = named(attributes).map(|name| Select {
                    name,
                    multiple: attribute(attributes, "multiple").is_some(),
                    first: None,
                    chosen: Vec::new(),
                });
            }
            Piece::Start("option", attributes) => {
                if let Some(select) = &mut self.select {
                    let value = attribute(attributes, "value").unwrap_or_default();
                    if attribute(attributes, "selected").is_some() {
                        select.chosen.push(value.clone());
                    }
                    select.first.get_or_insert(value);
                }
            }
            Piece::End("select") => {
                if let Some(select) = self.select.take() {
                    let default = select
                        .first
                        .filter(|_| select.chosen.is_empty() && !select.multiple);
                    for value in select.chosen.into_iter().chain(default) {
                        form.push(select.name.clone(), value);
                    }
                }
            }
            Piece::Start("textarea", attributes) => {
                self.area = named(attributes).map(|name| (name, String::new()));
            }
            Piece::End("textarea") => {
                if let Some((name, value)) = self.area.take() {
                    form.push(name, value.strip_prefix('\n').unwrap_or(&value).to_owned());
                }
            }
            Piece::Start("button", attributes)
                if attribute(attributes, "type").is_none_or(|kind| kind == "submit") =>
            {
                let value = attribute(attributes, "value").unwrap_or_default();
                self.button = Some((named(attributes).unwrap_or_default(), value, String::new()));
            }
            Piece::End("button") => {
                if let Some((name, value, words)) = self.button.take() {
                    form.push_button(name, value, fold(&words));
                }
            }
            Piece::Text(words) => {
                if let Some((_, value)) = &mut self.area {
                    value.push_str(&decode(words));
                }
                if let Some((_, _, text)) = &mut self.button {
                    text.push_str(&decode(words));
                }
            }
            _ => {}
        }
    }
}

fn named(attributes: &str) -> Option<String> {
    attribute(attributes, "name").filter(|name| !name.is_empty())
}

fn input(form: &mut Form, attributes: &str) {
    let Some(name) = named(attributes) else {
        return;
    };
    let value = attribute(attributes, "value");
    match attribute(attributes, "type").as_deref() {
        Some("checkbox" | "radio") => {
            if attribute(attributes, "checked").is_some() {
                form.push(name, value.unwrap_or_else(|| "on".to_owned()));
            }
        }
        Some("submit") => {
            let value = value.unwrap_or_default();
            form.push_button(name, value.clone(), value);
        }
        Some("file" | "button" | "reset" | "image") => {}
        _ if attribute(attributes, "disabled").is_some() => {}
        _ => form.push(name, value.unwrap_or_default()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_read_with_the_values_that_the_page_put_in() {
        let page = r#"<form method="post" action="/profile?x=1"><input type=hidden name="_csrf" value="a&amp;b">
            <input type="text" name="name" value="张&#34;三"><input type="checkbox" name="t" value="1" checked>
            <input type="checkbox" name="u" value="1"><select name="s"><option value="">请选择</option>
            <option value="2" selected>二</option></select><textarea name="r">
第一行 &lt;b&gt;</textarea><button name="go" value="save">保 存</button><button type="button">x</button></form>"#;
        let form = forms(page, "/here").remove(0);
        assert_eq!(form.path(), "/profile");
        assert_eq!(form.value("_csrf"), Some("a&b"));
        assert_eq!(form.value("name"), Some("张\"三"));
        assert_eq!(
            (form.value("t"), form.value("u"), form.value("s")),
            (Some("1"), None, Some("2"))
        );
        assert_eq!(form.value("r"), Some("第一行 <b>"));
        assert_eq!(form.buttons(), ["保 存"]);
        assert_eq!(form.press("保 存").value("go"), Some("save"));
    }

    #[test]
    fn text_and_links_are_what_can_be_read() {
        let page = "<head><title>t</title></head><main><h1>报<b>考</b></h1><p>第&nbsp;1 条</p>\
                    <a href=\"/x?a=1&amp;b=2\">看 <span>它</span></a><script>no()</script></main>";
        assert_eq!(text(page), "报考 第\u{a0}1 条 看 它".replace('\u{a0}', " "));
        assert_eq!(links(page), [("/x?a=1&b=2".to_owned(), "看 它".to_owned())]);
    }
}
