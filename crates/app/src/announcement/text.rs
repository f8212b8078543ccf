//! The text of announcements and pages: what may stand in it.

use std::collections::HashSet;

use domain::field::FieldErrors;

/// Rich text with everything dropped that could run, load or disguise: headings, paragraphs, lists, tables, emphasis and
/// links stay. No `style`, no foreign pictures.
pub(super) fn sanitise(html: &str) -> String {
    let tags = HashSet::from([
        "p",
        "br",
        "h2",
        "h3",
        "h4",
        "ul",
        "ol",
        "li",
        "strong",
        "b",
        "em",
        "i",
        "u",
        "a",
        "table",
        "thead",
        "tbody",
        "tr",
        "th",
        "td",
        "caption",
        "blockquote",
        "hr",
        "sup",
        "sub",
    ]);
    ammonia::Builder::new()
        .tags(tags)
        .link_rel(Some("noopener noreferrer"))
        .url_schemes(HashSet::from(["http", "https", "mailto", "tel"]))
        .clean(html)
        .to_string()
}

/// What is wrong with a title and a text, under `title` and `body`.
pub(super) fn check(title: &str, longest: usize, body: &str) -> FieldErrors {
    let mut errors = FieldErrors::new();
    match title.trim().chars().count() {
        0 => errors.add("title", "请填写标题"),
        n if n > longest => errors.add("title", format!("标题最多 {longest} 个字，您填了 {n} 个")),
        _ => {}
    }
    if sanitise(body).trim().is_empty() {
        errors.add("body", "请填写正文");
    }
    errors
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_runs_loads_or_disguises_survives() {
        let hostile = [
            "<p>好<script>alert(1)</script></p>",
            "<p onclick=\"alert(1)\">好</p>",
            "<p><a href=\"javascript:alert(1)\">好</a></p>",
            "<p>好<img src=x onerror=alert(1)></p>",
            "<p style=\"position:fixed\">好</p>",
            "<p>好<iframe src=\"https://evil.example\"></iframe></p>",
            "<p>好<form action=\"https://evil.example\"><input></form></p>",
            "<p>好<style>body{display:none}</style></p>",
            "<svg><script>alert(1)</script></svg><p>好</p>",
            "<p>好<a href=\"data:text/html,<script>1</script>\">x</a></p>",
        ];
        for html in hostile {
            let clean = sanitise(html);
            assert!(clean.contains('好'), "{html}");
            for bad in [
                "script",
                "onclick",
                "onerror",
                "javascript:",
                "style",
                "iframe",
                "<form",
                "<input",
                "<img",
                "data:",
                "svg",
            ] {
                assert!(!clean.contains(bad), "{html} → {clean}");
            }
        }
        // The control: unsanitised, the same check fails.
        assert!(hostile.iter().all(|html| {
            ["script", "on", "style", "iframe", "form"]
                .iter()
                .any(|bad| html.contains(bad))
        }));
    }

    #[test]
    fn what_an_announcement_needs_stays() {
        let html = "<h2>一、报名</h2><p>见<a href=\"https://example.com/a\">附件</a></p><table><tbody><tr><td colspan=\"2\">岗位</td></tr></tbody></table><ul><li><strong>时间</strong></li></ul>";
        let clean = sanitise(html);
        for kept in [
            "<h2>",
            "<table>",
            "colspan=\"2\"",
            "<strong>",
            "href=\"https://example.com/a\"",
            "noopener",
        ] {
            assert!(clean.contains(kept), "{kept}: {clean}");
        }
    }
}
