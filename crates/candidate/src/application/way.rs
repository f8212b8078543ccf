//! Where a candidate is on the way through 网上报名, by exam, kept on the server.

use std::collections::BTreeMap;

use app::Ctx;
use app::application::{Agreed, Pick, draft_form};
use app::draft::{self, Fields};
use domain::exam::LevelChoice;
use domain::time::Timestamp;

/// Agreement and choice.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Way {
    /// The agreement as accepted.
    pub(super) agreed: Option<Agreed>,
    /// What was picked.
    pub(super) pick: Option<Pick>,
}

fn first<'f>(fields: &'f Fields, name: &str) -> Option<&'f str> {
    fields
        .get(name)
        .and_then(|values| values.first())
        .map(String::as_str)
}

impl Way {
    /// What was kept for an exam.
    pub(super) async fn load(ctx: &Ctx, exam: &str) -> app::Result<Self> {
        let Some((fields, _)) = draft::find(ctx, &draft_form::way(exam)).await? else {
            return Ok(Self::default());
        };
        let number = |name| first(&fields, name).and_then(|text| text.parse::<i64>().ok());
        let agreed = match (number("version"), number("agreed_at")) {
            (Some(version), Some(at)) => u32::try_from(version).ok().map(|version| Agreed {
                version,
                at: Timestamp::from_micros(at),
            }),
            _ => None,
        };
        let pick = match (first(&fields, "position"), first(&fields, "level")) {
            (Some(position), _) => Some(Pick::Position(position.to_owned())),
            (None, Some(level)) => Some(Pick::Professional(LevelChoice {
                level: level.to_owned(),
                specialty: first(&fields, "specialty").unwrap_or_default().to_owned(),
                subjects: fields.get("subject").cloned().unwrap_or_default(),
                claims_passes: first(&fields, "claims_passes").is_some(),
            })),
            (None, None) => None,
        };
        Ok(Self { agreed, pick })
    }

    /// Keeps it.
    pub(super) async fn keep(&self, ctx: &Ctx, exam: &str) -> app::Result<()> {
        let mut fields: Fields = BTreeMap::new();
        if let Some(agreed) = self.agreed {
            fields.insert("version".to_owned(), vec![agreed.version.to_string()]);
            fields.insert("agreed_at".to_owned(), vec![agreed.at.micros().to_string()]);
        }
        match &self.pick {
            Some(Pick::Position(position)) => {
                fields.insert("position".to_owned(), vec![position.clone()]);
            }
            Some(Pick::Professional(level)) => {
                fields.insert("level".to_owned(), vec![level.level.clone()]);
                fields.insert("specialty".to_owned(), vec![level.specialty.clone()]);
                fields.insert("subject".to_owned(), level.subjects.clone());
                if level.claims_passes {
                    fields.insert("claims_passes".to_owned(), vec!["1".to_owned()]);
                }
            }
            Some(Pick::Exam) | None => {}
        }
        draft::keep(ctx, &draft_form::way(exam), &fields).await
    }
}
