//! Error pages: each says what happened, what to do, and a reference number.
//!
//! A handler returns [`PageResult`]; `?` turns a use case's error into a [`Problem`]. The page itself is drawn in the outer layer,
//! which alone knows the visit, so that a refusal from deep inside the kit or from axum looks the same as one of ours.

mod answer;
mod page;
mod problem;

pub use answer::{fields, problem};
pub(crate) use page::{draw, retry_after};
pub use problem::{Problem, Refusal};

use std::sync::Arc;

use axum::response::{IntoResponse, Response};

use crate::routes::Redispatch;

/// What a handler returns.
pub type PageResult<T = Response> = Result<T, PageError>;

/// A problem on its way to its page.
#[derive(Debug)]
pub struct PageError {
    problem: Box<Problem>,
    showing: Option<Box<Redispatch>>,
}

impl PageError {
    /// The problem.
    pub fn problem(&self) -> &Problem {
        &self.problem
    }

    /// Shows the form again instead of the problem's page, if the form has a page.
    pub(crate) fn showing(mut self, redispatch: Redispatch) -> Self {
        self.showing = Some(Box::new(redispatch));
        self
    }
}

impl<E: Into<Problem>> From<E> for PageError {
    fn from(error: E) -> Self {
        Self {
            problem: Box::new(error.into()),
            showing: None,
        }
    }
}

/// Put into a response for the outer layer to draw.
#[derive(Clone, Debug)]
pub(crate) struct Undrawn(pub(crate) Arc<Problem>);

impl IntoResponse for PageError {
    fn into_response(self) -> Response {
        let mut response = self.problem.status().into_response();
        if let Some(redispatch) = self.showing {
            response.extensions_mut().insert(*redispatch);
        }
        response
            .extensions_mut()
            .insert(Undrawn(Arc::from(self.problem)));
        response
    }
}
