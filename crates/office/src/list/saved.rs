//! Filters that a member of staff keeps under a name, as chips above a list.
//!
//! Each list tells which of its filters can be kept, and what each may say ([`Keeps`]): that is asked when a filter is kept, and
//! again whenever it is shown, because states and exams come and go. What says who somebody is isn't among them.

use app::App;
use app::staff::saved;
use askama::Template;
use askama::filters::HtmlSafe;
use axum::extract::{Path, Query};
use domain::eligibility::Verdict;
use domain::integrity::IntegrityKind;
use domain::payment::{OrderState, WaiverState};
use domain::review::Review;
use domain::review::reason::{self, ReasonKind};
use domain::selection::Stage;
use domain::staff::Role;
use domain::time::Date;
use serde::Deserialize;
use web::{PageError, PageResult, Problem, Protected, Routes, Shell, Who, flash, page as answer};

use super::{Here, filters};
use crate::context::{Desk, problem};

pub(crate) fn routes() -> Routes<App> {
    Routes::new("staff")
        .get("/office/filters", Who::AnyStaff, all)
        .post("/office/filters", Who::AnyStaff, save)
        .post("/office/filters/{id}/delete", Who::AnyStaff, delete)
}

/// A filter that can be kept.
#[derive(Debug)]
struct Key {
    name: &'static str,
    label: &'static str,
    fits: fn(&str) -> bool,
}

/// A list whose filters can be kept.
#[derive(Debug)]
pub(crate) struct Keeps {
    code: &'static str,
    /// What people call the list, and where it is; a queue is an exam's.
    title: &'static str,
    path: &'static str,
    keys: &'static [Key],
}

const fn key(name: &'static str, label: &'static str, fits: fn(&str) -> bool) -> Key {
    Key { name, label, fits }
}

/// A code, or all but one.
fn either(value: &str, knows: fn(&str) -> bool) -> bool {
    knows(filters::turned(value).0)
}

const NOT: Key = key("not", "除此以外", |value| value == "1");
const SORT: Key = key("sort", "排序", |value| {
    let name = value.strip_prefix('-').unwrap_or(value);
    !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_lowercase())
});

pub(crate) static REVIEW: Keeps = Keeps {
    code: "review",
    title: "资格审查",
    path: "/office/reviews",
    keys: &[
        key("state", "状态", |value| {
            Review::from_code(value).is_some()
        }),
        NOT,
        key("verdict", "系统比对", |value| {
            either(value, |code| Verdict::from_code(code).is_some())
        }),
        key("unit", "审核单位", |value| {
            value.chars().count() <= 60 && !app::holds_number(value)
        }),
        key("late", "时限", |value| value == "1"),
        SORT,
    ],
};

pub(crate) static PAYMENT: Keeps = Keeps {
    code: "payment",
    title: "缴费单",
    path: "/office/payments",
    keys: &[
        key("state", "状态", |value| {
            OrderState::from_code(value).is_some()
        }),
        NOT,
        // Whether there still is such an exam the list says, which reads it within the asker's scope.
        key("exam", "考试", |value| {
            value.len() <= 32 && value.bytes().all(|byte| byte.is_ascii_alphanumeric())
        }),
        SORT,
    ],
};

pub(crate) static INTEGRITY: Keeps = Keeps {
    code: "integrity",
    title: "诚信档案",
    path: "/office/integrity",
    keys: &[
        key("state", "状态", |value| {
            ["active", "over", "lifted", "all"].contains(&value)
        }),
        key("kind", "种类", |value| {
            either(value, |code| IntegrityKind::from_code(code).is_some())
        }),
        SORT,
    ],
};

pub(crate) static APPROVAL: Keeps = Keeps {
    code: "approval",
    title: "双人复核",
    path: "/office/approvals",
    keys: &[
        key("state", "状态", |value| {
            ["approved", "rejected"].contains(&value)
        }),
        key("kind", "事项", |value| {
            either(value, |code| app::approval::Kind::parse(code).is_some())
        }),
    ],
};

pub(crate) static CLAIM: Keeps = Keeps {
    code: "claim",
    title: "账号申诉",
    path: "/office/claims",
    keys: &[
        key("state", "状态", |value| {
            app::account::claim::STATES
                .iter()
                .any(|(code, _)| *code == value)
        }),
        SORT,
    ],
};

pub(crate) static WAIVER: Keeps = Keeps {
    code: "waiver",
    title: "减免申请",
    path: "/office/waivers",
    keys: &[
        key("state", "状态", |value| {
            value == "all" || WaiverState::from_code(value).is_some()
        }),
        key("exam", "考试", |value| {
            value.len() <= 32 && value.bytes().all(|byte| byte.is_ascii_alphanumeric())
        }),
        SORT,
    ],
};

pub(crate) static RECEIPT: Keeps = Keeps {
    code: "receipt",
    title: "财政电子票据",
    path: "/office/payments/receipts",
    keys: &[
        key("state", "状态", |value| {
            value == "red" || value == "reversed"
        }),
        key("exam", "考试", |value| {
            value.len() <= 32 && value.bytes().all(|byte| byte.is_ascii_alphanumeric())
        }),
    ],
};

pub(crate) static DISCREPANCY: Keeps = Keeps {
    code: "discrepancy",
    title: "异常单",
    path: "/office/payments/discrepancies",
    keys: &[
        key("state", "状态", |value| value == "resolved"),
        key("owner", "负责人", |value| {
            value == "me" || value == "nobody"
        }),
        key("kind", "类别", |value| {
            either(value, |code| {
                let mut kinds = app::payment::DISCREPANCIES.iter();
                kinds.any(|(known, _)| *known == code)
            })
        }),
        SORT,
    ],
};

pub(crate) static BILL: Keeps = Keeps {
    code: "bill",
    title: "对账",
    path: "/office/bills",
    keys: &[
        key("state", "状态", |value| {
            ["open", "closed", "hand"].contains(&value)
        }),
        key("channel", "渠道", |value| {
            value.len() <= 20 && value.bytes().all(|byte| byte.is_ascii_lowercase())
        }),
    ],
};

pub(crate) static MESSAGE: Keeps = Keeps {
    code: "message",
    title: "短信记录",
    path: "/office/messages",
    keys: &[
        key("state", "状态", |value| {
            let mut states = app::message::office::STATES.iter();
            states.any(|(code, _)| *code == value)
        }),
        NOT,
        SORT,
    ],
};

pub(crate) static PHOTO: Keeps = Keeps {
    code: "photo",
    title: "照片审核",
    path: "/office/photos/decided",
    keys: &[
        key("state", "状态", |value| {
            ["approved", "rejected"].contains(&value)
        }),
        key("reason", "原因", |value| {
            either(value, |code| {
                reason::templates(ReasonKind::PhotoReject).any(|one| one.code == code)
            })
        }),
        SORT,
    ],
};

pub(crate) static ANNOUNCEMENT: Keeps = Keeps {
    code: "announcement",
    title: "公告",
    path: "/office/announcements",
    keys: &[
        key("state", "状态", |value| {
            ["draft", "scheduled", "published", "withdrawn"].contains(&value)
        }),
        NOT,
        SORT,
    ],
};

pub(crate) static AUDIT: Keeps = Keeps {
    code: "audit",
    title: "操作日志",
    path: "/office/audit",
    keys: &[
        key("kind", "操作人类别", crate::audit::knows_kind),
        key("object", "对象", crate::audit::knows_object),
        key("action", "动作", crate::audit::knows_action),
        NOT,
        key("from", "从", |value| Date::parse_typed(value).is_some()),
        key("until", "到", |value| Date::parse_typed(value).is_some()),
        SORT,
    ],
};

pub(crate) static STAFF: Keeps = Keeps {
    code: "staff",
    title: "账号与权限",
    path: "/office/staff",
    keys: &[
        key("state", "状态", |value| {
            ["active", "invited", "disabled"].contains(&value)
        }),
        key("role", "角色", |value| {
            either(value, |code| {
                Role::ALL.iter().any(|role| role.code() == code)
            })
        }),
        SORT,
    ],
};

pub(crate) static CONTENDER: Keeps = Keeps {
    code: "contender",
    title: "入围人员",
    path: "/office/selection",
    keys: &[
        key("stage", "进程", |value| {
            value == "asked" || Stage::from_code(value).is_some()
        }),
        key("unit", "单位", |value| {
            value.chars().count() <= 60 && !app::holds_number(value)
        }),
        key("position", "岗位代码", |value| {
            value.len() <= 32 && !app::holds_number(value)
        }),
    ],
};

static LISTS: [&Keeps; 15] = [
    &REVIEW,
    &PAYMENT,
    &INTEGRITY,
    &MESSAGE,
    &PHOTO,
    &ANNOUNCEMENT,
    &AUDIT,
    &STAFF,
    &APPROVAL,
    &CLAIM,
    &DISCREPANCY,
    &RECEIPT,
    &BILL,
    &WAIVER,
    &CONTENDER,
];

impl Keeps {
    /// What of a query the list still understands, and the names of what it doesn't.
    fn read(&self, query: &str) -> (Vec<(&'static str, String)>, Vec<String>) {
        let pairs = format!("/?{query}")
            .parse()
            .ok()
            .and_then(|uri| Query::<Vec<(String, String)>>::try_from_uri(&uri).ok());
        let (mut good, mut gone) = (Vec::new(), Vec::new());
        for (name, value) in pairs.map(|Query(pairs)| pairs).unwrap_or_default() {
            match self.keys.iter().find(|key| key.name == name) {
                Some(key) if (key.fits)(&value) => good.push((key.name, value)),
                Some(key) => gone.push(key.label.to_owned()),
                None => gone.push(name),
            }
        }
        (good, gone)
    }

    /// What of a list's address can be kept, as a query.
    fn kept(&self, here: &Here) -> String {
        let knows = |name: &str, value: &str| {
            let mut keys = self.keys.iter();
            keys.any(|key| key.name == name && (key.fits)(value))
        };
        let pairs = here.pairs().iter();
        let pairs = pairs.filter(|(name, value)| knows(name, value));
        query(pairs.map(|(name, value)| (*name, value.as_str())))
    }
}

fn query<'a>(pairs: impl Iterator<Item = (&'static str, &'a str)>) -> String {
    let here = pairs.fold(Here::new(""), |here, (name, value)| here.with(name, value));
    here.href().trim_start_matches('?').to_owned()
}

#[derive(Debug)]
struct Chip {
    id: String,
    name: String,
    href: String,
    here: bool,
    /// What no longer applies, in words; empty if all does.
    gone: String,
}

/// The chips of a list, and a form that keeps its current filter.
#[derive(Debug, Template)]
#[template(path = "list/saved.html")]
pub(crate) struct Saved {
    list: &'static str,
    chips: Vec<Chip>,
    /// What would be kept; empty where nothing is set.
    query: String,
    back: String,
    csrf: String,
}

impl HtmlSafe for Saved {}

impl Saved {
    /// For the list at `here`, whose address holds its filters.
    pub(crate) async fn of(
        desk: &Desk,
        shell: &Shell,
        keeps: &'static Keeps,
        here: &Here,
    ) -> Result<Self, PageError> {
        let rows = saved::list(&desk.ctx, keeps.code).await.map_err(problem)?;
        let now = keeps.kept(here);
        let chips = rows.into_iter().map(|row| {
            let (good, gone) = keeps.read(&row.query);
            let at = good
                .iter()
                .fold(Here::new(here.path()), |at, (name, value)| {
                    at.with(name, value)
                });
            Chip {
                here: row.query == now,
                id: row.public_id,
                name: row.name,
                href: at.href(),
                gone: gone.join("、"),
            }
        });
        Ok(Self {
            list: keeps.code,
            chips: chips.collect(),
            query: now,
            back: here.href(),
            csrf: shell.csrf(),
        })
    }

    fn can_keep(&self) -> bool {
        !self.query.is_empty() && !self.chips.iter().any(|chip| chip.here)
    }
}

/// One of the asker's filters.
#[derive(Debug)]
struct Line {
    list: &'static str,
    path: &'static str,
    /// Where it can be opened from here; none for a list that is an exam's.
    href: Option<String>,
    id: String,
    name: String,
    gone: String,
}

#[derive(Debug, Template)]
#[template(path = "list/saved_all.html")]
struct Page {
    shell: Shell,
    lines: Vec<Line>,
    empty: super::Empty,
}

/// 我的筛选: those of all lists, to be opened and thrown away.
async fn all(desk: Desk) -> PageResult {
    let rows = saved::all(&desk.ctx).await.map_err(problem)?;
    let lines = rows.into_iter().filter_map(|(list, row)| {
        let keeps = LISTS.iter().find(|keeps| keeps.code == list)?;
        let (good, gone) = keeps.read(&row.query);
        let at = good
            .iter()
            .fold(Here::new(keeps.path), |at, (name, value)| {
                at.with(name, value)
            });
        Some(Line {
            list: keeps.title,
            path: keeps.path,
            href: (keeps.code != REVIEW.code).then(|| at.href()),
            id: row.public_id,
            name: row.name,
            gone: gone.join("、"),
        })
    });
    let page = Page {
        shell: Shell::new(&desk.visit, "我的筛选"),
        lines: lines.collect(),
        empty: super::Empty::new(
            "还没有保存的筛选",
            "在列表上筛选后，点“保存当前筛选”，起个名字，下次一点就到。",
        )
        .icon(web::icon::LIST)
        .way_on("返回工作台", "/office"),
    };
    Ok(web::Html::new(page).into())
}

/// A filter to be kept.
#[derive(Debug, Deserialize)]
struct Sent {
    list: String,
    name: String,
    query: String,
    back: String,
}

/// Where the list is: an address of the office, and nothing else.
fn back(path: &str) -> &str {
    if answer::is_own_path(path) && path.starts_with("/office/") {
        path
    } else {
        "/office"
    }
}

async fn save(desk: Desk, sent: Protected<Sent>) -> PageResult {
    let keeps = LISTS.iter().find(|keeps| keeps.code == sent.list);
    let keeps = keeps.ok_or(Problem::NotFound)?;
    let (good, _) = keeps.read(&sent.query);
    let query = query(good.iter().map(|(name, value)| (*name, value.as_str())));
    saved::save(&desk.ctx, keeps.code, &sent.name, &query)
        .await
        .map_err(problem)?;
    Ok(answer::redirect_with(
        &desk.visit,
        back(&sent.back),
        flash::named("常用筛选已保存", &sent.name),
    ))
}

/// Where the list is whose filter goes.
#[derive(Debug, Deserialize)]
struct Gone {
    back: String,
}

async fn delete(desk: Desk, Path(id): Path<String>, sent: Protected<Gone>) -> PageResult {
    saved::delete(&desk.ctx, &id).await.map_err(problem)?;
    Ok(answer::redirect_with(
        &desk.visit,
        back(&sent.back),
        flash::done("常用筛选已删除"),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_list_no_longer_understands_is_told_by_name() {
        let (good, gone) =
            REVIEW.read("state=pending&verdict=-pass&unit=%E4%B8%80%E4%B8%AD&level=3&not=2");
        let good: Vec<_> = good
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        assert_eq!(
            good,
            [("state", "pending"), ("verdict", "-pass"), ("unit", "一中")]
        );
        assert_eq!(gone, ["level", "除此以外"]);
    }

    #[test]
    fn who_somebody_is_is_not_kept() {
        let here = Here::new("/office/reviews/x")
            .with("state", "pending")
            .with("who", "王五")
            .with("unit", "431003199001011234");
        assert_eq!(REVIEW.kept(&here), "state=pending");
        let here = Here::new("/office/payments")
            .with("name", "王五")
            .with("number", "JF1");
        assert_eq!(PAYMENT.kept(&here), "");
    }

    #[test]
    fn a_form_leads_back_to_an_address_of_the_office_only() {
        for (path, leads) in [
            ("/office/staff?role=auditor", "/office/staff?role=auditor"),
            ("//evil.example/office/", "/office"),
            ("/exams", "/office"),
            ("", "/office"),
        ] {
            assert_eq!(back(path), leads);
        }
    }
}
