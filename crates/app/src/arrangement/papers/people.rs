//! What stands on papers besides names: photos and document numbers of those who sit in some rooms.

use std::collections::BTreeMap;

use documents::MOST_PICTURES;
use documents::room::Photos;

use super::SitterRow;
use crate::{App, Error, Result, account, photo};

/// Photos and numbers, by application. Empty ones leave both out.
#[derive(Debug, Default)]
pub(in crate::arrangement) struct People {
    numbers: BTreeMap<i64, String>,
    pictures: BTreeMap<i64, usize>,
    photos: Photos,
}

impl People {
    /// Document numbers as they are printed: the first three characters, or whole.
    pub(in crate::arrangement) async fn with_numbers(
        mut self,
        app: &App,
        rows: &[SitterRow],
        whole: bool,
    ) -> Result<Self> {
        for row in rows {
            if self.numbers.contains_key(&row.application_id) {
                continue;
            }
            // An account that was closed and emptied has no number any more.
            let number = match account::identity(app, row.account_id).await {
                Ok(identity) if whole => identity.document.canonical().to_owned(),
                Ok(identity) => identity.document.masked(),
                Err(Error::NotFound) => String::new(),
                Err(error) => return Err(error),
            };
            self.numbers.insert(row.application_id, number);
        }
        Ok(self)
    }

    /// Photos, as many as one paper may carry.
    pub(super) async fn with_photos(mut self, app: &App, rows: &[SitterRow]) -> Result<Self> {
        for row in rows {
            let known = self.pictures.contains_key(&row.application_id);
            if known || row.photo_id == 0 || self.photos.0.len() >= MOST_PICTURES {
                continue;
            }
            match photo::of_application(app, row.account_id, row.photo_id).await {
                Ok(file) => {
                    self.pictures
                        .insert(row.application_id, self.photos.0.len());
                    self.photos.0.push(file.bytes);
                }
                Err(Error::NotFound) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(self)
    }

    /// The number of an application's candidate; empty where none is printed.
    pub(super) fn number(&self, application_id: i64) -> &str {
        self.numbers.get(&application_id).map_or("", String::as_str)
    }

    /// Which of the photos is his.
    pub(super) fn picture(&self, application_id: i64) -> Option<usize> {
        self.pictures.get(&application_id).copied()
    }

    /// All photos.
    pub(super) fn into_photos(self) -> Photos {
        self.photos
    }
}
