//! Accounts: sign-up, first login, login, passwords, mobile, claims, a copy of one's data, closing.
//!
//! States: `pending` (signed up, no password yet) → `active` ⇄ `frozen` (disputed) → `closed`; `pending → lapsed` after a day, and at a date of the import for
//! accounts that came from another system ([`legacy`]).
//! The six digits that the manual calls the initial password are a confirmation, not a secret: without the activation
//! cookie, a code by SMS or the printed activation code they open nothing (assurance §5, `manual_bound`).

pub mod challenge;
pub mod claim;
mod claim_export;
mod claim_store;
mod closing;
mod code;
pub mod correction;
mod devices;
pub mod legacy;
mod legacy_store;
mod login;
mod mobile;
pub mod office;
mod office_store;
mod own;
mod password;
pub mod recovery;
pub(crate) mod rehearsing;
pub mod session;
mod signup;
mod store;
pub(crate) mod subject;
mod sweep;
pub(crate) mod wipe_store;

pub use claim_export::export as export_claims;
pub use claim_store::ClaimRow;
pub use closing::{Copy, CopyApplication, close, copy};
pub use devices::{OpenSession, end_sessions, end_sessions_of_staff, sessions, sessions_of_staff};
pub use login::{
    Activation, DEVICE_SECONDS, LoggedIn, Login, activate, activation_code_send, device_cookie,
    login,
};
pub use mobile::{change_finish as change_mobile_finish, change_start as change_mobile_start};
pub use own::{ActivationSheet, Overview, activation_pdf, identity, overview};
pub(crate) use own::{is_active, masked};
pub use password::{
    NewPassword, change as change_password, recover_finish, recover_start, set_first,
};
pub use signup::{
    Created, Outcome as SignupOutcome, SignupForm, check as check_signup,
    confirm as confirm_signup, converted as converted_number, resend as resend_signup,
    start as start_signup,
};
pub(crate) use store::{freeze_rehearsal, rehearsal_of};
pub use sweep::sweep;
