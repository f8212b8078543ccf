//! Icons, drawn for this project, 24 × 24, in the colour of the text beside them. Templates write `{{ web::icon::OK }}`.
//!
//! An icon never stands alone: the word beside it says what it means, so it is hidden from screen readers.

use std::fmt;

use askama::filters::HtmlSafe;

/// An icon.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Icon(&'static str);

impl fmt::Display for Icon {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(r#"<svg class="i" viewBox="0 0 24 24" aria-hidden="true">"#)?;
        f.write_str(self.0)?;
        f.write_str("</svg>")
    }
}

impl HtmlSafe for Icon {}

/// A downward chevron: a menu opens here.
pub const DOWN: Icon = Icon(r#"<path d="m5 9 7 7 7-7"/>"#);
/// A chevron onwards.
pub const NEXT: Icon = Icon(r#"<path d="m9 5 7 7-7 7"/>"#);
/// A chevron back.
pub const BACK: Icon = Icon(r#"<path d="m15 5-7 7 7 7"/>"#);
/// Three lines: the menu.
pub const MENU: Icon = Icon(r#"<path d="M4 7h16M4 12h16M4 17h16"/>"#);
/// A lens: 查询.
pub const SEARCH: Icon = Icon(r#"<circle cx="10.5" cy="10.5" r="6"/><path d="m15 15 5 5"/>"#);
/// Four tiles: 工作台.
pub const DASHBOARD: Icon = Icon(
    r#"<path d="M4 4h6.5v6.5H4zM13.5 4H20v6.5h-6.5zM4 13.5h6.5V20H4zM13.5 13.5H20V20h-6.5z"/>"#,
);
/// A written sheet: 考试管理, 未填写.
pub const PAPER: Icon = Icon(r#"<path d="M6 3.5h9l4 4V20.5H6zM14.5 3.5V8H19M9 12h7M9 15.5h7"/>"#);
/// A list: 岗位管理.
pub const LIST: Icon = Icon(r#"<path d="M8 6h12M8 12h12M8 18h12M4 6h.1M4 12h.1M4 18h.1"/>"#);
/// A loudspeaker: 公告, 听读.
pub const SPEAKER: Icon = Icon(r#"<path d="M4 10v4h3l8 4V6l-8 4zM18 9.5a4 4 0 0 1 0 5"/>"#);
/// A camera: 照片.
pub const CAMERA: Icon =
    Icon(r#"<path d="M4 8h3.5l1.5-2.5h6L16.5 8H20v11H4z"/><circle cx="12" cy="13" r="3.5"/>"#);
/// A shield with a tick: 资格审查, safety.
pub const SHIELD: Icon = Icon(
    r#"<path d="M12 3.5 5 6v6c0 4.5 3 7 7 8.5 4-1.5 7-4 7-8.5V6z"/><path d="m9 12 2 2 4-4"/>"#,
);
/// A wallet: 支付信息.
pub const WALLET: Icon = Icon(
    r#"<path d="M4 7h14.5A1.5 1.5 0 0 1 20 8.5v9a1.5 1.5 0 0 1-1.5 1.5H5.5A1.5 1.5 0 0 1 4 17.5zM4 7l11-3v3"/><path d="M16 13v.1"/>"#,
);
/// A bank card: 缴费单, 银联.
pub const CARD: Icon = Icon(r#"<path d="M4 6h16v12H4zM4 10h16M7 14.5h4"/>"#);
/// A chair: 考场编排.
pub const SEAT: Icon = Icon(r#"<path d="M7 4v9h10M7 13l-1 7m10-7 2 7M7 16.5h9.5"/>"#);
/// A ticket: 准考证.
pub const TICKET: Icon = Icon(
    r#"<path d="M4 6h16v4a2 2 0 0 0 0 4v4H4v-4a2 2 0 0 0 0-4z"/><path d="M14 6v2m0 3v2m0 3v2"/>"#,
);
/// Bars on a base line: statistics.
pub const CHART: Icon = Icon(r#"<path d="M4 20h16M7 16v-5M12 16V5M17 16v-8"/>"#);
/// A sheet with bars: 成绩.
pub const SCORE: Icon =
    Icon(r#"<path d="M6 3.5h9l4 4V20.5H6z"/><path d="M9.5 16.5v-3m3 3v-6m3 6v-4.5"/>"#);
/// A person.
pub const PERSON: Icon = Icon(
    r#"<circle cx="12" cy="8" r="4"/><path d="M4.5 20c.8-3.8 3.7-5.5 7.5-5.5s6.7 1.7 7.5 5.5"/>"#,
);
/// A clock that looks back: 操作日志.
pub const HISTORY: Icon = Icon(r#"<circle cx="12" cy="12" r="8.5"/><path d="M12 7.5V12H8.5"/>"#);
/// A wheel: 设置.
pub const SETTINGS: Icon = Icon(
    r#"<circle cx="12" cy="12" r="3"/><path d="M12 4v3m0 10v3M4 12h3m10 0h3M6.3 6.3l2.2 2.2m7 7 2.2 2.2m0-11.4-2.2 2.2m-7 7-2.2 2.2"/>"#,
);
/// An eye: 查看 what is veiled.
pub const EYE: Icon = Icon(
    r#"<path d="M3 12c2-4 5.3-6 9-6s7 2 9 6c-2 4-5.3 6-9 6s-7-2-9-6z"/><circle cx="12" cy="12" r="2.5"/>"#,
);
/// A clock: waits.
pub const CLOCK: Icon = Icon(r#"<circle cx="12" cy="12" r="8.5"/><path d="M12 7.5V12l3 2"/>"#);
/// A tick: done.
pub const CHECK: Icon = Icon(r#"<path d="m5 12.5 4.5 4.5L19 7.5"/>"#);
/// A tick in a circle: passes.
pub const OK: Icon =
    Icon(r#"<circle cx="12" cy="12" r="8.5"/><path d="m8.5 12.3 2.4 2.4 4.8-5"/>"#);
/// A cross in an octagon: refused.
pub const NO: Icon =
    Icon(r#"<path d="M8.5 3.5h7l5 5v7l-5 5h-7l-5-5v-7z"/><path d="m9 9 6 6m0-6-6 6"/>"#);
/// A triangle: has to be mended.
pub const WARN: Icon = Icon(r#"<path d="M12 4 2.8 19.5h18.4z"/><path d="M12 10v4.5M12 17v.1"/>"#);
/// An i in a circle.
pub const INFO: Icon = Icon(r#"<circle cx="12" cy="12" r="8.5"/><path d="M12 11v5M12 8v.1"/>"#);
/// A line: less, not asked.
pub const MINUS: Icon = Icon(r#"<path d="M5 12h14"/>"#);
/// A cross: more, 新报名.
pub const PLUS: Icon = Icon(r#"<path d="M12 5v14M5 12h14"/>"#);
/// A cross: stopped, close.
pub const CROSS: Icon = Icon(r#"<path d="M6 6l12 12M18 6 6 18"/>"#);
/// A bell: 消息.
pub const BELL: Icon = Icon(r#"<path d="M6 16V11a6 6 0 0 1 12 0v5l1.5 2h-15zM10 20.5h4"/>"#);
/// An arrow that turns: 转正, 换一张.
pub const TURN: Icon = Icon(r#"<path d="M5 12a7 7 0 1 0 2.5-5.3M5 4v4h4"/>"#);
/// An arrow up: 上传.
pub const UPLOAD: Icon = Icon(r#"<path d="M12 16V5m-4.5 4.5L12 5l4.5 4.5M5 19h14"/>"#);
/// An arrow down: 导出.
pub const DOWNLOAD: Icon = Icon(r#"<path d="M12 5v11m-4.5-4.5L12 16l4.5-4.5M5 19.5h14"/>"#);
/// A printer: 打印.
pub const PRINT: Icon = Icon(r#"<path d="M7 9V4h10v5M7 17H4V9h16v8h-3M7 14h10v6H7z"/>"#);
/// A scanner's frame: 微信支付.
pub const SCAN: Icon = Icon(r#"<path d="M4 8V4h4m8 0h4v4m0 8v4h-4m-8 0H4v-4M7 12h10"/>"#);
/// A phone: 支付宝, mobile.
pub const PHONE: Icon = Icon(r#"<path d="M7 3h10v18H7zM11 18h2"/>"#);
/// A building: 事业单位考试.
pub const OFFICE: Icon =
    Icon(r#"<path d="M4 20h16M6 20V5h8v15m0-10h4.5v10M9 8.5h2M9 12h2M9 15.5h2"/>"#);
/// A house of columns: 公务员考试.
pub const COLUMNS: Icon =
    Icon(r#"<path d="M4 20h16M5.5 20v-9M9.8 20v-9m4.4 9v-9m4.3 9v-9M3.5 11 12 4.5 20.5 11z"/>"#);
/// A medal: 专业技术资格考试.
pub const MEDAL: Icon = Icon(
    r#"<circle cx="12" cy="9.5" r="5.5"/><path d="m8.5 14-1.5 6.5 5-2.5 5 2.5-1.5-6.5m-5.5-4.5 1.5 1.5 2.5-3"/>"#,
);
/// A spanner: 职业技能及其他考试.
pub const TOOL: Icon = Icon(
    r#"<path d="M14.5 6.5a4 4 0 0 0 5 5L12 19a2.5 2.5 0 0 1-3.5-3.5L16 8"/><path d="M4 6h6M4 10h4"/>"#,
);

/// Every icon with its name, for the gallery.
pub const ALL: &[(&str, Icon)] = &[
    ("DOWN", DOWN),
    ("NEXT", NEXT),
    ("BACK", BACK),
    ("MENU", MENU),
    ("SEARCH", SEARCH),
    ("DASHBOARD", DASHBOARD),
    ("PAPER", PAPER),
    ("LIST", LIST),
    ("SPEAKER", SPEAKER),
    ("CAMERA", CAMERA),
    ("SHIELD", SHIELD),
    ("WALLET", WALLET),
    ("CARD", CARD),
    ("SEAT", SEAT),
    ("TICKET", TICKET),
    ("SCORE", SCORE),
    ("PERSON", PERSON),
    ("HISTORY", HISTORY),
    ("SETTINGS", SETTINGS),
    ("EYE", EYE),
    ("CLOCK", CLOCK),
    ("CHECK", CHECK),
    ("OK", OK),
    ("NO", NO),
    ("WARN", WARN),
    ("INFO", INFO),
    ("MINUS", MINUS),
    ("PLUS", PLUS),
    ("CROSS", CROSS),
    ("BELL", BELL),
    ("TURN", TURN),
    ("UPLOAD", UPLOAD),
    ("DOWNLOAD", DOWNLOAD),
    ("PRINT", PRINT),
    ("SCAN", SCAN),
    ("PHONE", PHONE),
    ("OFFICE", OFFICE),
    ("COLUMNS", COLUMNS),
    ("MEDAL", MEDAL),
    ("TOOL", TOOL),
];
