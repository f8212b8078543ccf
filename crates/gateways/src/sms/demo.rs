//! SMS that go nowhere: the demonstration shows them on a page.

use std::collections::VecDeque;
use std::sync::Arc;

use domain::clock::Clock;
use domain::time::Timestamp;
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use parking_lot::Mutex;

use super::{SmsError, SmsMessage, SmsSender};

/// Messages that are kept.
const KEPT: usize = 200;

/// A message as the page shows it.
#[derive(Debug, Clone)]
pub struct Shown {
    /// When it was sent.
    pub at: Timestamp,
    /// To whom.
    pub to: String,
    /// The text as a phone would show it.
    pub text: String,
}

/// Keeps the newest messages in memory; cheap to clone.
#[derive(Debug, Clone)]
pub struct DemoSender {
    sign_name: String,
    clock: Arc<dyn Clock>,
    shown: Arc<Mutex<VecDeque<Shown>>>,
}

impl DemoSender {
    /// A sender that signs its texts with 【`sign_name`】.
    pub fn new(sign_name: impl Into<String>, clock: Arc<dyn Clock>) -> Self {
        Self {
            sign_name: sign_name.into(),
            clock,
            shown: Arc::default(),
        }
    }

    /// What was sent, newest first.
    pub fn shown(&self) -> Vec<Shown> {
        self.shown.lock().iter().cloned().collect()
    }
}

impl SmsSender for DemoSender {
    fn send(&self, message: SmsMessage) -> BoxFuture<'_, Result<(), SmsError>> {
        let text = format!("【{}】{}", self.sign_name, text(&message));
        let mut shown = self.shown.lock();
        shown.push_front(Shown {
            at: self.clock.now(),
            to: message.to,
            text,
        });
        shown.truncate(KEPT);
        async { Ok(()) }.boxed()
    }

    fn shown(&self) -> Option<Vec<Shown>> {
        Some(DemoSender::shown(self))
    }
}

/// What the operator would register with a provider; `{name}` is a parameter.
fn wording(template: &str) -> Option<&'static str> {
    Some(match template {
        "code_signup" => "注册验证码 {code}，{minutes} 分钟内有效。请勿告诉他人。",
        "code_activate" => "首次登录验证码 {code}，{minutes} 分钟内有效。请勿告诉他人。",
        "code_recover" => "找回密码验证码 {code}，{minutes} 分钟内有效。请勿告诉他人。",
        "code_change_mobile" => "更换手机验证码 {code}，{minutes} 分钟内有效。请勿告诉他人。",
        "account_activated" => "您的账号已启用。如非本人操作，请联系考试机构。",
        "password_changed" => "您的登录密码已修改。如非本人操作，请立即联系考试机构。",
        "mobile_changed" => "您的账号已更换手机号码。如非本人操作，请立即联系考试机构。",
        "claim_filed" => "有人对您的账号提出申诉，工作人员将核实，请保持手机畅通。",
        "payment_paid" => "缴费单 {order} 已缴费成功，金额 {amount} 元。",
        "payment_sent_back" => "缴费单 {order} 多付的 {amount} 元将原路退回，一般 1 至 7 天到账。",
        "payment_sent_back_by_hand" => {
            "缴费单 {order} 多付的 {amount} 元由财务人员线下退回，会与您联系收款账户。"
        }
        "payment_refunded_by_hand" => "缴费单 {order} 的 {amount} 元已线下退回，请查收。",
        "payment_code" => "{text}",
        "waiver_decided" => "{exam}：减免申请{text}",
        "payment_refunded" => "缴费单 {order} 已退款 {amount} 元，原路退回，到账时间以银行为准。",
        _ => return None,
    })
}

fn text(message: &SmsMessage) -> String {
    match wording(&message.template) {
        Some(wording) => message
            .params
            .iter()
            .fold(wording.to_owned(), |text, (name, value)| {
                text.replace(&format!("{{{name}}}"), value)
            }),
        None => {
            let params: Vec<_> = message
                .params
                .iter()
                .map(|(_, value)| value.as_str())
                .collect();
            if params.is_empty() {
                "您有一条新消息，请登录网站查看。".to_owned()
            } else {
                format!("您有一条新消息：{}。请登录网站查看。", params.join("，"))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug)]
    struct Fixed;

    impl Clock for Fixed {
        fn now(&self) -> Timestamp {
            Timestamp::from_seconds(1_800_000_000)
        }
    }

    #[tokio::test]
    async fn the_newest_message_is_first_and_reads_as_on_a_phone() {
        let sender = DemoSender::new("考试中心", Arc::new(Fixed));
        for (template, code) in [("code_signup", "111111"), ("review_returned", "222222")] {
            let message = SmsMessage {
                id: "1".to_owned(),
                to: "13800000000".to_owned(),
                template: template.to_owned(),
                params: vec![
                    ("code".into(), code.into()),
                    ("minutes".into(), "10".into()),
                ],
            };
            sender.send(message).await.unwrap();
        }
        let shown = sender.shown();
        assert!(shown[0].text.contains("222222"));
        assert_eq!(
            shown[1].text,
            "【考试中心】注册验证码 111111，10 分钟内有效。请勿告诉他人。"
        );
    }
}
