//! Before a password is reset or an account is shut: whose it is, and what becomes of what he has open and holds.

use app::staff::{Held, Profile};
use askama::Template;
use axum::extract::Path;
use web::{Html, PageResult, Shell};

use crate::context::{Desk, problem};

/// What is about to be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum What {
    Reset,
    Disable,
}

impl What {
    fn title(self) -> &'static str {
        match self {
            Self::Reset => "重置密码",
            Self::Disable => "停用账号",
        }
    }

    fn verb(self) -> &'static str {
        match self {
            Self::Reset => "重置",
            Self::Disable => "停用",
        }
    }

    fn code(self) -> &'static str {
        match self {
            Self::Reset => "reset",
            Self::Disable => "disable",
        }
    }
}

#[derive(Debug, Template)]
#[template(path = "staff/confirm.html")]
struct Page {
    shell: Shell,
    profile: Profile,
    what: What,
    follows: Vec<String>,
}

/// What follows, a sentence each.
fn follows(what: What, held: &Held, factor: bool) -> Vec<String> {
    let out = match held.sessions {
        0 => "本人现在没有登录。".to_owned(),
        count => format!("本人现在的 {count} 处登录立即退出，没有保存的内容会丢失。"),
    };
    let mut lines = vec![out];
    match what {
        What::Reset => {
            lines.push(
                "原密码作废。新的初始密码只在下一页显示一次，请当面或用可靠的方式交给本人。"
                    .to_owned(),
            );
            lines.push("本人下次登录须改成自己的密码，并会看到是谁重置的。".to_owned());
            lines.push(
                if factor {
                    "验证器不变，角色不变。"
                } else {
                    "验证器还没有绑定，下次登录时绑定。角色不变。"
                }
                .to_owned(),
            );
        }
        What::Disable => {
            lines.push(
                "从此不能登录，直到另外启用。密码、验证器和角色都保留，办理过的记录保留。"
                    .to_owned(),
            );
        }
    }
    if held.reviews + held.photos > 0 {
        let mut kinds = Vec::new();
        if held.reviews > 0 {
            kinds.push(format!("{} 条资格审查", held.reviews));
        }
        if held.photos > 0 {
            kinds.push(format!("{} 张照片", held.photos));
        }
        lines.push(format!(
            "已领取没有审完的 {}，最迟 15 分钟后回到队列，由其他人办理。",
            kinds.join("、")
        ));
    }
    if what == What::Disable && held.asked > 0 {
        lines.push(format!(
            "本人提出、等待复核的 {} 件申请不受影响，由其他人复核。",
            held.asked
        ));
    }
    lines
}

async fn shown(desk: &Desk, id: &str, what: What) -> PageResult {
    let profile = app::staff::find(&desk.ctx, id).await.map_err(problem)?;
    // What can't be done isn't asked about.
    if profile.row.state == "disabled" || desk.is(profile.row.id) {
        return Ok(web::redirect(&format!("/office/staff/{id}")));
    }
    let held = app::staff::held(&desk.ctx, profile.row.id)
        .await
        .map_err(problem)?;
    let page = Page {
        shell: Shell::new(&desk.visit, what.title()).below("/office/staff"),
        follows: follows(what, &held, profile.row.second_factor),
        profile,
        what,
    };
    Ok(Html::new(page).into())
}

/// Before a password is reset.
pub(super) async fn reset(desk: Desk, Path(id): Path<String>) -> PageResult {
    shown(&desk, &id, What::Reset).await
}

/// Before an account is shut.
pub(super) async fn disable(desk: Desk, Path(id): Path<String>) -> PageResult {
    shown(&desk, &id, What::Disable).await
}
