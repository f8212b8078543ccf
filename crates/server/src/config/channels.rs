//! The settings of payment channels. Keys lie in files of their own; a channel is offered when its section names a merchant.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// 支付宝. Either the public key or the three certificates.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Alipay {
    /// 应用 APPID; empty: not offered.
    pub app_id: String,
    /// 收款账号 PID (`2088…`).
    pub seller_id: String,
    /// 应用私钥.
    pub key_file: PathBuf,
    /// 公钥模式: 支付宝公钥.
    pub public_key_file: PathBuf,
    /// 证书模式: 应用公钥证书.
    pub app_cert_file: PathBuf,
    /// 证书模式: 支付宝根证书.
    pub root_cert_file: PathBuf,
    /// 证书模式: 支付宝公钥证书, one or more.
    pub alipay_cert_file: PathBuf,
    /// What somebody at a desk is shown: `code` (当面付) or `page` (电脑网站支付).
    pub desk: AlipayDesk,
    /// Another gateway than production's.
    pub gateway: String,
}

/// What somebody at a desk is shown by 支付宝.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AlipayDesk {
    /// A code on our page.
    #[default]
    Code,
    /// Alipay's page.
    Page,
}

/// 微信支付. Its public key, its platform certificates, or both while they change.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Wechat {
    /// 商户号; empty: not offered.
    pub mchid: String,
    /// 公众账号 ID.
    pub appid: String,
    /// 商户 API 私钥.
    pub key_file: PathBuf,
    /// 商户 API 证书序列号.
    pub serial: String,
    /// APIv3 密钥.
    pub api_key_file: PathBuf,
    /// 微信支付公钥 ID (`PUB_KEY_ID_…`).
    pub public_key_id: String,
    /// 微信支付公钥.
    pub public_key_file: PathBuf,
    /// 平台证书, one or more.
    pub certificates_file: PathBuf,
    /// 公众号 AppSecret, for payments inside WeChat; without it they aren't offered there.
    pub app_secret_file: PathBuf,
    /// Another host than production's.
    pub host: String,
}

/// 银联.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Unionpay {
    /// 商户代码; empty: not offered.
    pub mer_id: String,
    /// 签名私钥, taken out of the `.pfx` as PEM.
    pub key_file: PathBuf,
    /// 签名证书, taken out of the `.pfx` as PEM.
    pub cert_file: PathBuf,
    /// 银联根证书.
    pub root_cert_file: PathBuf,
    /// 银联中级证书.
    pub middle_cert_file: PathBuf,
    /// Who 银联's certificates are made out to; the company of production if empty.
    pub company: String,
    /// Another gateway than production's.
    pub gateway: String,
    /// Another place for bills than production's.
    pub files: String,
}

impl Alipay {
    /// Whether it is to be offered.
    pub fn is_offered(&self) -> bool {
        !self.app_id.is_empty()
    }

    pub(super) fn secrets(&self) -> [(&'static str, &PathBuf); 1] {
        [("alipay.key_file", &self.key_file)]
    }
}

impl Wechat {
    /// Whether it is to be offered.
    pub fn is_offered(&self) -> bool {
        !self.mchid.is_empty()
    }

    pub(super) fn secrets(&self) -> [(&'static str, &PathBuf); 3] {
        [
            ("wechat.key_file", &self.key_file),
            ("wechat.api_key_file", &self.api_key_file),
            ("wechat.app_secret_file", &self.app_secret_file),
        ]
    }
}

impl Unionpay {
    /// Whether it is to be offered.
    pub fn is_offered(&self) -> bool {
        !self.mer_id.is_empty()
    }

    pub(super) fn secrets(&self) -> [(&'static str, &PathBuf); 1] {
        [("unionpay.key_file", &self.key_file)]
    }
}
