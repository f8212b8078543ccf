use super::{Filled, fill};
use crate::resume::Refill;

fn kept(fields: &[(&str, &str)]) -> Refill {
    Refill::of("/office/x/decide", fields)
}

fn done(page: &str, fields: &[(&str, &str)]) -> String {
    match fill(page, &kept(fields)) {
        Filled::Done(page) => page,
        other => panic!("{other:?}"),
    }
}

#[test]
fn each_kind_of_control_gets_its_value() {
    let page = r#"<form method="post" action="/office/logout"><input name="why"></form>
<form method="post" action="/office/x/decide"><input type="hidden" name="hash" value="a&#38;b">
<input class="form-control" name="why" value="核对"><input name="fresh">
<input type="radio" name="decision" value="approve" checked><input type="radio" name="decision" value="reject">
<input type="checkbox" name="item" value="1"><input type="checkbox" name="item" value="2" checked>
<select name="code"><option value="">无</option><option value="late" data-text="x">晚</option><option selected>其他</option></select>
<textarea name="reason" rows="4">
旧</textarea></form>"#;
    let filled = done(
        page,
        &[
            ("hash", "a&b"),
            ("why", "看\"材料\" <1>"),
            ("fresh", "新"),
            ("decision", "reject"),
            ("item", "1"),
            ("code", "late"),
            ("reason", "缺\r\n</textarea><script>"),
        ],
    );
    assert!(
        filled.starts_with(
            r#"<form method="post" action="/office/logout"><input name="why"></form>"#
        )
    );
    assert!(filled.contains(
        r#"<input class="form-control" name="why" value="看&#34;材料&#34; &#60;1&#62;">"#
    ));
    assert!(filled.contains(r#"<input name="fresh" value="新">"#));
    assert!(filled.contains(
        r#"value="approve"><input type="radio" name="decision" value="reject" checked>"#
    ));
    assert!(filled.contains(r#"value="1" checked><input type="checkbox" name="item" value="2">"#));
    assert!(filled.contains(
        r#"<option value="late" data-text="x" selected>晚</option><option>其他</option>"#
    ));
    assert!(filled.contains("<textarea name=\"reason\" rows=\"4\">\n缺\r\n&#60;/textarea&#62;&#60;script&#62;</textarea>"));
}

#[test]
fn the_form_about_the_same_record_is_chosen() {
    let row = |what: &str| {
        format!(
            r#"<details><summary>查看</summary><form action="/office/x/decide"><input type="hidden" name="what" value="{what}"><input name="why" value="-"></form></details>"#
        )
    };
    let page = format!("{}{}", row("mobile"), row("number"));
    let filled = done(&page, &[("what", "number"), ("why", "核对")]);
    assert!(
        filled.contains(&row("mobile")),
        "the other form stays as it is"
    );
    assert!(filled.contains(r#"<details open><summary>查看</summary><form action="/office/x/decide"><input type="hidden" name="what" value="number"><input name="why" value="核对">"#));
}

#[test]
fn a_form_about_something_else_by_now_is_left_alone() {
    let page = r#"<form action="/office/x/decide"><input type="hidden" name="id" value="7"><input type="radio" name="choice-0" value="reject"></form>"#;
    assert_eq!(
        fill(page, &kept(&[("id", "6"), ("choice-0", "reject")])),
        Filled::Changed
    );
    // The control: about the same, it is filled in.
    assert!(
        done(page, &[("id", "7"), ("choice-0", "reject")]).contains(r#"value="reject" checked"#)
    );
}

#[test]
fn a_page_without_the_form_says_so() {
    let page = r#"<p>a < b</p><form action="/office/y"><input name="why"></form>"#;
    assert_eq!(fill(page, &kept(&[("why", "x")])), Filled::Absent);
}

#[test]
fn secrets_and_files_stay_empty() {
    let page = r#"<form action="/office/x/decide"><input type="password" name="pin"><input name="otp"><input type="file" name="table"><input name="_csrf" type="hidden" value="n"></form>"#;
    let fields = [("pin", "1"), ("otp", "2"), ("table", "3"), ("_csrf", "4")];
    assert_eq!(done(page, &fields), page);
}

#[test]
fn rows_of_one_name_get_their_values_in_order() {
    let page = r#"<form action="/office/x/decide"><input name="row"><input name="row" value="b"><input name="row"></form>"#;
    let filled = done(page, &[("row", "1"), ("row", "2")]);
    assert_eq!(
        filled,
        r#"<form action="/office/x/decide"><input name="row" value="1"><input name="row" value="2"><input name="row"></form>"#
    );
}
