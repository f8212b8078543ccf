//! The way back to an application that sent the candidate to another page: `next` in the address, kept through the parts of
//! the profile and handed on by 保存.

use web::Visit;
use web::page::is_own_path;

/// The application in the address; empty if there is none, or if it leads anywhere but to an application.
pub(crate) fn of(visit: &Visit) -> &str {
    asked(visit.query())
}

fn asked(query: &str) -> &str {
    query
        .split('&')
        .find_map(|pair| pair.strip_prefix("next="))
        .filter(|next| {
            is_own_path(next) && next.starts_with("/apply/") && !next.contains(['?', '#', '%'])
        })
        .unwrap_or_default()
}

/// The address with this way back; as it is without one.
pub(crate) fn with(path: &str, back: &str) -> String {
    if back.is_empty() {
        path.to_owned()
    } else {
        format!("{path}?next={back}")
    }
}

/// The address with the way back of the request.
pub(crate) fn keep(visit: &Visit, path: &str) -> String {
    with(path, of(visit))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_application_is_a_way_back() {
        assert_eq!(asked("next=/apply/x7/form"), "/apply/x7/form");
        assert_eq!(asked("flash=saved&next=/apply/x7"), "/apply/x7");
        for other in [
            "",
            "next=",
            "next=//evil.example/apply/",
            "next=https://evil.example/apply/",
            "next=/logout",
            "next=/apply/x%0d%0aSet-Cookie",
            "next=/apply/x?next=/logout",
            "annex=/apply/x7",
        ] {
            assert_eq!(asked(other), "", "{other}");
        }
    }

    #[test]
    fn an_address_without_a_way_back_stays_as_it_is() {
        assert_eq!(with("/profile", ""), "/profile");
        assert_eq!(with("/profile", "/apply/x7"), "/profile?next=/apply/x7");
    }
}
