//! How a payer gets to a channel's cashier, which depends on what he holds in his hand.

use serde::{Deserialize, Serialize};

/// What the payer holds. Told by his browser; a wrong guess costs him a detour, never money.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Device {
    /// A desk: a code is scanned with a phone, or a page opens.
    #[default]
    Desk,
    /// A phone's browser: the channel's app opens.
    Phone,
    /// The browser inside WeChat. `None` until WeChat has told who he is there.
    WeChat {
        /// His number under our public account.
        openid: Option<String>,
    },
}

/// Whoever pays, as far as channels ask.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Payer {
    /// What he holds.
    pub device: Device,
    /// The address that he comes from; WeChat's H5 payment wants it and checks it.
    pub ip: String,
}

/// Which way a device is led. A payment that was begun one way isn't continued another: it is closed, and another one begun.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Way {
    /// The browser goes to a page of the channel's.
    Page,
    /// Our page shows a code.
    Code,
    /// The browser posts a form to the channel.
    Form,
    /// Our page, inside the channel's app, asks the app.
    InApp,
}

impl Way {
    /// The stored code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Page => "page",
            Self::Code => "code",
            Self::Form => "form",
            Self::InApp => "in_app",
        }
    }
}

/// A way to the cashier, as it is kept with the attempt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "way", rename_all = "snake_case")]
pub enum Checkout {
    /// An address.
    Page {
        /// Where to.
        url: String,
    },
    /// What the code says.
    Code {
        /// `weixin://…`, `https://qr.alipay.com/…`.
        text: String,
    },
    /// A form that posts itself.
    Form {
        /// Where to.
        action: String,
        /// Its fields in order.
        fields: Vec<(String, String)>,
    },
    /// What the app's own script is called with: names and values, signed.
    InApp {
        /// In order.
        fields: Vec<(String, String)>,
    },
}

impl Checkout {
    /// Which way it leads.
    pub const fn way(&self) -> Way {
        match self {
            Self::Page { .. } => Way::Page,
            Self::Code { .. } => Way::Code,
            Self::Form { .. } => Way::Form,
            Self::InApp { .. } => Way::InApp,
        }
    }

    /// As it is stored.
    pub fn stored(&self) -> String {
        // Text under text keys: nothing that can't be written.
        serde_json::to_string(self).unwrap_or_default()
    }

    /// From what [`Checkout::stored`] wrote.
    pub fn parse(stored: &str) -> Option<Self> {
        serde_json::from_str(stored).ok()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn what_is_stored_reads_back_and_nothing_else_is_one() {
        let all = [
            Checkout::Page {
                url: "https://cashier.example/a?b=c".to_owned(),
            },
            Checkout::Code {
                text: "weixin://wxpay/bizpayurl?pr=1".to_owned(),
            },
            Checkout::Form {
                action: "https://gateway.example/front".to_owned(),
                fields: vec![("txnAmt".to_owned(), "12000".to_owned())],
            },
            Checkout::InApp {
                fields: vec![("package".to_owned(), "prepay_id=wx1".to_owned())],
            },
        ];
        for checkout in all {
            assert_eq!(Checkout::parse(&checkout.stored()), Some(checkout.clone()));
            assert!(checkout.stored().contains(checkout.way().code()));
        }
        for other in [
            "",
            "https://cashier.example/",
            "{}",
            "{\"way\":\"elsewhere\"}",
        ] {
            assert_eq!(Checkout::parse(other), None, "{other}");
        }
    }
}
