//! A form's content, reachable only after the guard's checks.
//!
//! The guard puts a [`Submission`] into the request once origin, person, size and CSRF token are right; nothing else can make
//! one. `T` is a struct whose fields name everything the form may send; anything else is refused.
//!
//! What a form didn't send reads as empty: an unticked box is `false`, a missing text is `""`, a missing list is empty. A text is
//! given as it was typed; trimming and half-width digits are the domain's work.

mod de;

use axum::extract::FromRequestParts;
use http::request::Parts;
use serde::de::DeserializeOwned;

use crate::errors::{PageError, Problem};
use crate::submission::{Submission, Upload};

/// A form's content.
#[derive(Debug)]
pub struct Protected<T> {
    value: T,
    submission: Submission,
}

impl<T> Protected<T> {
    /// The content.
    pub fn into_inner(self) -> T {
        self.value
    }

    /// The content, and the files.
    pub fn into_parts(self) -> (T, Vec<Upload>) {
        let files = self.submission.files().to_vec();
        (self.value, files)
    }

    /// The fields as they were sent.
    pub fn submission(&self) -> &Submission {
        &self.submission
    }
}

impl<T> std::ops::Deref for Protected<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Protected<T> {
    type Rejection = PageError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, PageError> {
        let submission = parts
            .extensions
            .remove::<Submission>()
            .ok_or_else(|| Problem::internal("a form was read on a route that takes none"))?;
        match de::from_fields(&submission) {
            Ok(value) => Ok(Self { value, submission }),
            Err(error) => {
                // The message names fields of ours and unknown names, never a value.
                tracing::warn!(form.error = %error, "a form was refused");
                Err(Problem::BadRequest(
                    "表单里有本页没有的项目，或者有的项目格式不对。请返回后重新打开页面再填写。",
                )
                .into())
            }
        }
    }
}

/// A form without fields of its own: a button.
#[derive(Debug, serde::Deserialize)]
pub struct Nothing {}
