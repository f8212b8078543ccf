//! What the typesetter says about a template, in the words of who writes it.

/// How its messages begin, and what they mean. What isn't here is told as it was said: better than nothing.
const WORDS: [(&str, &str); 16] = [
    ("unknown variable", "没有这个变量或函数"),
    ("unclosed delimiter", "括号没有闭合"),
    ("unclosed string", "引号没有闭合"),
    ("unexpected closing bracket", "多了一个右方括号"),
    ("unexpected closing brace", "多了一个右花括号"),
    ("unexpected closing paren", "多了一个右圆括号"),
    ("expected expression", "这里缺少内容（表达式）"),
    ("expected comma", "这里缺少逗号"),
    ("dictionary does not contain key", "数据里没有这一项"),
    ("the character `#` is not valid in code", "代码里不用再写 #"),
    ("failed to load file", "不能引用这个文件"),
    ("file not found", "不能引用这个文件"),
    ("cannot access file", "不能引用这个文件"),
    ("loop seems to be infinite", "循环没有尽头"),
    ("maximum function call depth exceeded", "函数一直在调用自己"),
    ("unknown font family", "没有这种字体"),
];

/// The message in Chinese where it is known, always with the original: its names are the template's.
pub(crate) fn in_chinese<'a>(message: &'a str, hints: impl Iterator<Item = &'a str>) -> String {
    let known = WORDS.iter().find(|(start, _)| message.starts_with(start));
    let mut said = known.map_or_else(String::new, |(_, words)| (*words).to_owned());
    let original: Vec<&str> = std::iter::once(message).chain(hints).collect();
    let original = original.join("; ");
    if said.is_empty() {
        return original;
    }
    said.push_str(&format!("（{original}）"));
    said
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_known_message_is_told_in_chinese_with_its_original() {
        assert_eq!(
            in_chinese(
                "unknown variable: naem",
                ["did you mean `name`?"].into_iter()
            ),
            "没有这个变量或函数（unknown variable: naem; did you mean `name`?）"
        );
        assert_eq!(
            in_chinese("something else", std::iter::empty()),
            "something else"
        );
    }
}
