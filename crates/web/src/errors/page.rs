//! The words of each error page.

use askama::Template;
use axum::response::Response;
use http::{HeaderMap, HeaderValue, Method, header};

use super::{Problem, Refusal};
use crate::icon::{self, Icon};
use crate::layout::Shell;
use crate::page::Html;
use crate::session::Surface;
use crate::visit::Visit;

/// An error page: what happened, what to do, a reference number.
#[derive(Debug, Template)]
#[template(path = "error.html")]
struct ErrorPage {
    shell: Shell,
    words: Words,
    id: String,
    /// Seconds after which the page asks again by itself; only for a page that was merely read.
    again: Option<u64>,
    home: (&'static str, &'static str),
}

/// The same page in the office's frame: its bar and menu stay, and nothing leads to the candidates' site.
#[derive(Debug, Template)]
#[template(path = "error_office.html")]
struct OfficeErrorPage {
    shell: Shell,
    words: Words,
    id: String,
    again: Option<u64>,
    home: (&'static str, &'static str),
}

#[derive(Debug)]
struct Words {
    icon: Icon,
    /// A colour for the icon's ground: `wait` is calm, `bad` is red.
    tone: &'static str,
    title: String,
    happened: String,
    todo: String,
    way_out: Option<(String, String)>,
    phone: bool,
}

impl Words {
    fn new(title: &str, happened: &str, todo: &str) -> Self {
        Self {
            icon: icon::INFO,
            tone: "wait",
            title: title.into(),
            happened: happened.into(),
            todo: todo.into(),
            way_out: None,
            phone: false,
        }
    }

    fn ours(title: &str, happened: &str, todo: &str) -> Self {
        Self {
            icon: icon::WARN,
            phone: true,
            ..Self::new(title, happened, todo)
        }
    }

    fn refusal(refusal: &Refusal) -> Self {
        Self {
            icon: match (refusal.waits, refusal.hint) {
                (true, _) => icon::CLOCK,
                (false, true) => icon::INFO,
                (false, false) => icon::NO,
            },
            tone: if refusal.waits || refusal.hint {
                "wait"
            } else {
                "bad"
            },
            way_out: refusal.way_out.clone(),
            ..Self::new(&refusal.title, &refusal.text, "")
        }
    }

    fn of(problem: &Problem) -> Self {
        match problem {
            Problem::BadRequest(text) => Self::new(
                "收到的内容不完整",
                text,
                "没有保存任何内容。请返回上一页，检查后再试。",
            ),
            Problem::NotOurForm => Self::new(
                "页面打开太久",
                "这个页面的有效时间已过，或者您换了账号，刚才的内容没有提交。",
                "请重新打开页面再填写。浏览器须允许本站使用 Cookie。",
            ),
            Problem::ForeignOrigin => Self::new(
                "没有提交",
                "这个请求是从别的网站发来的，为了您的安全，没有执行。",
                "请从本站首页进入，再办理一次。",
            ),
            Problem::Forbidden => Self::new(
                "没有权限",
                "您的账号不能打开这一页。",
                "需要办理这项工作的，请联系管理员开通权限。",
            ),
            Problem::NotFound => Self::new(
                "没有找到这个页面",
                "地址可能输错了，或者内容已经撤下。",
                "请从首页进入，或返回上一页。",
            ),
            Problem::MethodNotAllowed => Self::new(
                "不能这样打开",
                "这个地址只能从页面上的按钮进入。",
                "请返回上一页，用页面上的按钮办理。",
            ),
            Problem::Conflict(text) => Self::new(
                "内容刚刚变了",
                text,
                "请返回后重新打开，看过最新内容再办理。",
            ),
            Problem::TooLarge { limit } => Self::new(
                "内容太大",
                &format!("一次最多可以发送 {}。", size(*limit)),
                "没有保存任何内容。请缩小文件后再上传。",
            ),
            Problem::UnsupportedType => Self::new(
                "不支持这种格式",
                "收到的内容不是本站的表单。",
                "请返回上一页，用页面上的按钮提交。",
            ),
            Problem::Unprocessable(text) => {
                Self::new("内容不能使用", text, "没有保存任何内容。请返回上一页修改。")
            }
            Problem::TooMany { wait } => Self {
                icon: icon::CLOCK,
                ..Self::new(
                    "尝试的次数太多",
                    "为了保护账号，现在需要等一会儿。账号没有被锁定。",
                    &format!("请在 {}后再试。", duration(*wait)),
                )
            },
            Problem::Refused(refusal) => Self::refusal(refusal),
            Problem::Busy { wait } => Self {
                icon: icon::CLOCK,
                ..Self::new(
                    "现在访问的人较多",
                    "您的请求还没有处理。录取与报名先后无关，不必着急。",
                    &format!("请在 {}后再试。已填内容可返回上一页查看。", duration(*wait)),
                )
            },
            Problem::TooSlow => Self {
                icon: icon::CLOCK,
                ..Self::new(
                    "没有等到系统的答复",
                    "这一步没有等到系统的答复，不能确定是否已经保存。",
                    "请稍后打开相应页面核对，没有保存的再办理一次。",
                )
            },
            Problem::SlowBody => Self {
                icon: icon::CLOCK,
                ..Self::new(
                    "网络太慢",
                    "您发送的内容没有收全，没有保存。",
                    "请返回上一页，在网络好的地方再试。",
                )
            },
            Problem::DatabaseAway => Self::ours(
                "暂时不能办理",
                "系统正在恢复，刚才的内容没有保存。",
                "请几分钟后再试。已填内容可返回上一页查看。",
            ),
            Problem::DiskFull => Self::ours(
                "暂时不能保存",
                "系统的存储空间不足，刚才的内容没有保存。工作人员已收到提醒。",
                "查询不受影响。需要保存的，请稍后再试。",
            ),
            Problem::Internal { .. } => Self::ours(
                "这一步没有完成",
                "系统出了差错，不是您的操作问题。差错已经记录。",
                "请稍后再试。多次出现的，请拨打咨询电话并告知下面的编号。",
            ),
        }
    }
}

fn size(bytes: usize) -> String {
    match bytes {
        0..1024 => format!("{bytes} 字节"),
        1024..1_048_576 => format!("{} KB", bytes / 1024),
        _ => format!("{} MB", bytes / 1_048_576),
    }
}

/// `30 秒`, `2 分钟`, `1 小时`, rounded up.
pub(crate) fn duration(wait: std::time::Duration) -> String {
    let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
    match seconds.max(1) {
        seconds @ 1..=90 => format!("{seconds} 秒"),
        seconds @ 91..=5400 => format!("{} 分钟", seconds.div_ceil(60)),
        seconds => format!("{} 小时", seconds.div_ceil(3600)),
    }
}

/// Draws a problem's page.
pub(crate) fn draw(visit: &Visit, problem: &Problem) -> Response {
    let words = Words::of(problem);
    let again = problem
        .wait()
        .filter(|_| visit.method() == Method::GET && matches!(problem, Problem::Busy { .. }))
        .map(|wait| wait.as_secs().max(1));
    let home = match visit.surface() {
        Surface::Public => ("/", "返回首页"),
        Surface::Office => (crate::session::OFFICE, "返回工作台"),
    };
    let shell = Shell::new(visit, &words.title);
    let id = visit.id().to_owned();
    let mut response: Response = match visit.surface() {
        Surface::Public => {
            let page = ErrorPage {
                shell,
                words,
                id,
                again,
                home,
            };
            Html::with_status(problem.status(), page).into()
        }
        Surface::Office => {
            let page = OfficeErrorPage {
                shell,
                words,
                id,
                again,
                home,
            };
            Html::with_status(problem.status(), page).into()
        }
    };
    retry_after(problem, response.headers_mut());
    response
}

/// Says when it is worth trying again, where that is known.
pub(crate) fn retry_after(problem: &Problem, headers: &mut HeaderMap) {
    if let Some(wait) = problem.wait() {
        headers.insert(
            header::RETRY_AFTER,
            HeaderValue::from(wait.as_secs().max(1)),
        );
    }
}
