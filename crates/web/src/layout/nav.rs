//! The office's navigation. The binary hands in what is in it ([`crate::kit::Parts::office_nav`]); each page shows what the person may do.

use domain::staff::Permission;

use crate::icon::Icon;
use crate::session::Session;

/// A group of the office's navigation.
#[derive(Debug)]
pub struct NavGroup {
    /// Its heading.
    pub title: &'static str,
    /// Its entries.
    pub items: &'static [NavItem],
}

/// An entry of the office's navigation.
#[derive(Debug)]
pub struct NavItem {
    /// What it says.
    pub text: &'static str,
    /// Where it leads.
    pub href: &'static str,
    /// Its icon.
    pub icon: Icon,
    /// Who sees it: holders of any of these; everybody if there are none.
    pub needs: &'static [Permission],
}

impl NavItem {
    pub(super) fn shown_to(&self, session: &Session) -> bool {
        self.needs.is_empty() || self.needs.iter().any(|permission| session.may(*permission))
    }
}
