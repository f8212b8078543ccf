//! What the operator says about the site: names, addresses, numbers in the footer.

use serde::{Deserialize, Serialize};

/// Settings that every page shows. Chinese texts are the operator's own.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Site {
    /// The exam centre: 南屿市人事考试中心.
    pub centre: String,
    /// The line below it: 网上报名服务平台.
    pub service: String,
    /// 主办单位, as the footer names it.
    pub organiser: String,
    /// The supervising body; empty for none.
    pub supervisor: String,
    /// The phone that people may ring, with hours.
    pub phone: String,
    /// The ICP filing number; empty for none.
    pub icp: String,
    /// The 公安备案 number; empty for none.
    pub police: String,
    /// The parent site's address; empty for none.
    pub parent_url: String,
    /// The parent site's name.
    pub parent_name: String,
    /// Further links in the footer.
    pub links: Vec<Link>,
}

/// A link in the footer.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Link {
    /// What it says.
    pub text: String,
    /// Where it goes.
    pub url: String,
}

impl Default for Site {
    fn default() -> Self {
        Self {
            centre: "人事考试中心".into(),
            service: "网上报名服务平台".into(),
            organiser: "人事考试中心".into(),
            supervisor: String::new(),
            phone: String::new(),
            icp: String::new(),
            police: String::new(),
            parent_url: String::new(),
            parent_name: String::new(),
            links: Vec::new(),
        }
    }
}

impl Site {
    /// The digits of the 公安备案 number: what the ministry's query page asks for.
    pub fn police_code(&self) -> String {
        self.police.chars().filter(char::is_ascii_digit).collect()
    }
}
