//! Notices after a redirect, without storage: sealed in the query, for a minute.
//!
//! `redirect_with(…, SAVED)` sends the code of a fixed text as `?_n=…`, `redirect_with(…, named("岗位已保存", &name))` a text that
//! says what was done to which thing; the next page's layout shows it on top. The seal is encryption, so that no log and no
//! history can read a name; a link that somebody keeps or forges shows nothing.

use crate::kit::Kit;
use domain::time::Timestamp;

const PURPOSE: &str = "notice";
pub(crate) const QUERY: &str = "_n";
/// How long a redirect may take.
const SECONDS: i64 = 60;

/// How a notice looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// It worked.
    Ok,
    /// For your information.
    Info,
    /// Something waits.
    Wait,
    /// Something went wrong.
    Bad,
}

/// A fixed text that a page can be told to show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Notice {
    /// A stable code, unique in [`NOTICES`].
    pub code: &'static str,
    /// How it looks.
    pub tone: Tone,
    /// What it says.
    pub text: &'static str,
}

impl Notice {
    /// A notice; list it in [`NOTICES`].
    pub const fn new(code: &'static str, tone: Tone, text: &'static str) -> Self {
        Self { code, tone, text }
    }

    /// The class of its box.
    pub fn class(&self) -> &'static str {
        match self.tone {
            Tone::Ok => " bk-notice--ok",
            Tone::Info => "",
            Tone::Wait => " bk-notice--wait",
            Tone::Bad => " bk-notice--bad",
        }
    }

    /// Its icon.
    pub fn icon(&self) -> crate::icon::Icon {
        match self.tone {
            Tone::Ok => crate::icon::OK,
            Tone::Info => crate::icon::INFO,
            Tone::Wait => crate::icon::CLOCK,
            Tone::Bad => crate::icon::WARN,
        }
    }
}

/// What the next page says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Said {
    /// One of [`NOTICES`].
    Fixed(Notice),
    /// What was done, in a sentence of its own.
    Done(String),
}

/// The longest sentence that goes into an address, in characters.
const LONGEST: usize = 80;
/// Before a sentence of its own; no code begins so.
const DONE: char = '=';

/// It worked, in a sentence of its own: `退款已批准，正在原路退回`.
pub fn done(text: impl Into<String>) -> Said {
    Said::Done(text.into())
}

/// It worked, and for which thing: `岗位已保存：语文教师`.
pub fn named(what: &str, name: &str) -> Said {
    let name = name.trim();
    if name.is_empty() {
        return done(what);
    }
    done(format!("{what}：{name}"))
}

impl From<Notice> for Said {
    fn from(notice: Notice) -> Self {
        Self::Fixed(notice)
    }
}

impl Said {
    /// What it says.
    pub fn text(&self) -> &str {
        match self {
            Self::Fixed(notice) => notice.text,
            Self::Done(text) => text,
        }
    }

    /// The class of its box.
    pub fn class(&self) -> &'static str {
        match self {
            Self::Fixed(notice) => notice.class(),
            Self::Done(_) => SAVED.class(),
        }
    }

    /// Its icon.
    pub fn icon(&self) -> crate::icon::Icon {
        match self {
            Self::Fixed(notice) => notice.icon(),
            Self::Done(_) => SAVED.icon(),
        }
    }

    /// As it is sealed.
    fn code(&self) -> String {
        match self {
            Self::Fixed(notice) => notice.code.to_owned(),
            Self::Done(text) if text.chars().count() > LONGEST => {
                let short: String = text.chars().take(LONGEST).collect();
                format!("{DONE}{short}…")
            }
            Self::Done(text) => format!("{DONE}{text}"),
        }
    }

    /// What was sealed.
    fn of(code: &str) -> Option<Self> {
        if let Some(text) = code.strip_prefix(DONE) {
            return Some(done(text));
        }
        let known = NOTICES.iter().find(|notice| notice.code == code);
        known.copied().map(Self::Fixed)
    }
}

/// 保存成功: the manual's words.
pub const SAVED: Notice = Notice::new("saved", Tone::Ok, "保存成功");
/// After a logout.
pub const LOGGED_OUT: Notice = Notice::new(
    "logged_out",
    Tone::Ok,
    "已退出登录。在公共电脑上请同时关闭浏览器。",
);
/// After a password was changed.
pub const PASSWORD_CHANGED: Notice = Notice::new(
    "password_changed",
    Tone::Ok,
    "密码已修改，其他设备上的登录已失效。",
);
/// After the first password was set.
pub const ACTIVATED: Notice = Notice::new(
    "activated",
    Tone::Ok,
    "密码修改成功，账号已启用。今后的所有考试都用这个账号和密码。",
);
/// After the mobile was changed.
pub const MOBILE_CHANGED: Notice = Notice::new("mobile_changed", Tone::Ok, "手机号码已修改");
/// After sessions on other devices were ended.
pub const SESSIONS_ENDED: Notice = Notice::new("sessions_ended", Tone::Ok, "已退出");
/// After the account was closed.
pub const ACCOUNT_CLOSED: Notice =
    Notice::new("account_closed", Tone::Ok, "账号已注销，个人信息已删除。");
/// After a draft was dropped.
pub const DRAFT_DROPPED: Notice =
    Notice::new("draft_dropped", Tone::Info, "已恢复为上次保存的内容");
/// After something was removed.
pub const REMOVED: Notice = Notice::new("removed", Tone::Ok, "已删除");
/// After something was sent.
pub const SENT: Notice = Notice::new("sent", Tone::Ok, "已发送");
/// After something was sent in for review or to a second person.
pub const SUBMITTED: Notice = Notice::new("submitted", Tone::Ok, "已提交");
/// After a photo was uploaded.
pub const UPLOADED: Notice = Notice::new("uploaded", Tone::Ok, "照片保存成功");
/// After a file was hung on something.
pub const ATTACHED: Notice = Notice::new("attached", Tone::Ok, "上传成功");
/// After an uploaded table was confirmed.
pub const IMPORTED: Notice = Notice::new("imported", Tone::Ok, "已导入");
/// After a bill was voided.
pub const VOIDED: Notice = Notice::new("voided", Tone::Ok, "已作废");
/// After a job was queued.
pub const QUEUED: Notice =
    Notice::new("queued", Tone::Info, "任务已开始，可以离开，完成后通知您。");
/// Somebody was faster.
pub const CHANGED_MEANWHILE: Notice = Notice::new(
    "changed_meanwhile",
    Tone::Wait,
    "这条记录刚被别人处理过，下面是最新内容。",
);
/// A page was asked for that needs a login.
pub const LOGIN_FIRST: Notice = Notice::new(
    "login_first",
    Tone::Info,
    "请先登录，登录后回到您要打开的页面。",
);
/// The session ended while a form was open.
pub const SESSION_ENDED: Notice = Notice::new(
    "session_ended",
    Tone::Wait,
    "登录已过期，请重新登录。刚才填的内容还在。",
);
/// The session ended while a form with files was open.
pub const SESSION_ENDED_FILES: Notice = Notice::new(
    "session_ended_files",
    Tone::Wait,
    "登录已过期，请重新登录。填的内容还在，选的文件没有上传，登录后须重新选择。",
);
/// The session ended before a button was pressed.
pub const SESSION_ENDED_BUTTON: Notice = Notice::new(
    "session_ended_button",
    Tone::Wait,
    "登录已过期，刚才的操作没有执行。请重新登录，再办理一次。",
);
/// The session ended while a form was open that is too long to be carried along.
pub const SESSION_ENDED_TOO_LONG: Notice = Notice::new(
    "session_ended_too_long",
    Tone::Wait,
    "登录已过期，刚才填的内容太长，没有保存。请先返回上一页，把内容复制下来，再重新登录。",
);
/// The kept form is shown again.
pub const RESUMED: Notice = Notice::new(
    "resumed",
    Tone::Info,
    "刚才填的内容还在，请核对后再保存。密码、验证码和文件需要重新填写。",
);
/// The kept form is shown again, without the files that were sent with it.
pub const RESUMED_FILES: Notice = Notice::new(
    "resumed_files",
    Tone::Wait,
    "刚才填的内容还在，选的文件没有上传，请重新选择文件，核对后再提交。",
);
/// The kept form isn't shown again: its record has changed, or is gone.
pub const NOT_RESUMED: Notice = Notice::new(
    "not_resumed",
    Tone::Wait,
    "登录期间这一页的内容有变化，刚才填的没有提交。请按最新内容重新办理。",
);
/// The form's token had ended.
pub const STALE: Notice = Notice::new(
    "stale",
    Tone::Wait,
    "页面打开太久，刚才没有提交成功。填的内容还在，请再提交一次。",
);

/// An order couldn't be given up: a channel may still take money for it, or has it.
pub const NOT_VOIDED: Notice = Notice::new(
    "not_voided",
    Tone::Wait,
    "没有作废：上一次支付还在渠道等您付款，或者正在核实。不再支付的，等它失效以后再作废；已经付了款的，不会丢。",
);
/// A channel says that a refund wasn't sent.
pub const REFUND_NOT_SENT: Notice = Notice::new(
    "refund_not_sent",
    Tone::Info,
    "渠道答复：这笔款没有退给付款人。",
);
/// A channel is at a refund.
pub const REFUND_UNDER_WAY: Notice = Notice::new(
    "refund_under_way",
    Tone::Info,
    "渠道答复：正在退款。请等渠道的结果，不要另外付款。",
);
/// A channel says nothing about a refund.
pub const REFUND_UNANSWERED: Notice = Notice::new(
    "refund_unanswered",
    Tone::Wait,
    "渠道没有答复，请过一会儿再查询。问到结果以前，不要另外付款。",
);
/// No channel can be asked about a refund.
pub const REFUND_NOBODY: Notice = Notice::new(
    "refund_nobody",
    Tone::Wait,
    "收这笔款的渠道已经停用，系统不能查询。请登录渠道的商户平台核对以后办理。",
);

/// Nothing could be stored: the disk is full.
pub const DISK_FULL: Notice = Notice::new(
    "disk_full",
    Tone::Bad,
    "系统的存储空间不足，刚才的内容没有保存。填的内容还在，请过几分钟再提交一次；选过的文件需要重新选择。",
);
/// Too many at once: nothing was done.
pub const BUSY: Notice = Notice::new(
    "busy",
    Tone::Wait,
    "现在访问的人较多，刚才没有提交成功。填的内容还在，请稍等片刻再提交一次；选过的文件需要重新选择。",
);

/// All notices that can follow a redirect.
pub const NOTICES: &[Notice] = &[
    SAVED,
    LOGGED_OUT,
    PASSWORD_CHANGED,
    ACTIVATED,
    MOBILE_CHANGED,
    SESSIONS_ENDED,
    ACCOUNT_CLOSED,
    DRAFT_DROPPED,
    REMOVED,
    SENT,
    SUBMITTED,
    UPLOADED,
    ATTACHED,
    IMPORTED,
    VOIDED,
    QUEUED,
    CHANGED_MEANWHILE,
    LOGIN_FIRST,
    SESSION_ENDED,
    SESSION_ENDED_FILES,
    SESSION_ENDED_BUTTON,
    SESSION_ENDED_TOO_LONG,
    RESUMED,
    RESUMED_FILES,
    NOT_RESUMED,
    STALE,
    NOT_VOIDED,
    REFUND_NOT_SENT,
    REFUND_UNDER_WAY,
    REFUND_UNANSWERED,
    REFUND_NOBODY,
    DISK_FULL,
    BUSY,
];

/// The query parameter that shows `said` on the next page.
pub(crate) fn parameter(kit: &Kit, said: &Said, at: Timestamp) -> String {
    let sealed = crate::seal::seal(kit.seal(), PURPOSE, &said.code(), at.plus_seconds(SECONDS));
    format!("{QUERY}={sealed}")
}

pub(crate) fn read(kit: &Kit, query: Option<&str>, at: Timestamp) -> Vec<Said> {
    let prefix = format!("{QUERY}=");
    query
        .unwrap_or_default()
        .split('&')
        .filter_map(|pair| pair.strip_prefix(prefix.as_str()))
        .filter_map(|sealed| crate::seal::open::<String>(kit.seal(), PURPOSE, sealed, at))
        .filter_map(|(code, _)| Said::of(&code))
        .take(1)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_is_kept_as_it_is_and_has_an_end() {
        for said in [
            named("岗位已保存", "语文教师"),
            done("已放弃"),
            SAVED.into(),
        ] {
            assert_eq!(Said::of(&said.code()), Some(said));
        }
        assert_eq!(
            named("岗位已保存", "语文教师").text(),
            "岗位已保存：语文教师"
        );
        assert_eq!(named("已保存", " ").text(), "已保存");
        let long = named("公告已保存", &"长".repeat(200));
        let read = Said::of(&long.code()).unwrap();
        assert_eq!(read.text().chars().count(), LONGEST + 1);
        assert_eq!(Said::of("nothing"), None);
    }
}
