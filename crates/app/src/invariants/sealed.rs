//! What is encrypted by field is, and opens under the keyring at hand.

use db::backup::Snapshot;
use db::schema::Table;
use db::{DbError, Query, Value};
use vault::{FieldCipher, Keyring, Place};

use super::{Finding, store};
use crate::Result;

/// Columns that only ever hold what [`FieldCipher`] sealed.
const SEALED: &[(&str, &str)] = &[
    ("accommodation", "note"),
    ("account", "id_number"),
    ("account", "mobile"),
    ("account_claim", "mobile"),
    ("application", "answers"),
    ("application", "snapshot"),
    ("approval", "payload"),
    ("carried_entry", "id_number"),
    ("fee_waiver", "statement"),
    ("form_draft", "content"),
    ("legacy_entry", "id_number"),
    ("legacy_entry", "mobile"),
    ("object", "content"),
    ("outbox_message", "params"),
    ("outbox_message", "recipient"),
    ("profile", "content"),
    ("seat_seed", "seed"),
    ("staff", "totp_secret"),
    ("venue", "phone"),
];

/// Every document number opens, and is found by its index.
pub(super) async fn documents(q: &mut impl Query, keyring: &Keyring) -> Result<Finding> {
    let (cipher, index) = (keyring.field_cipher(), keyring.blind_index());
    let (mut examined, mut broken) = (0, Vec::new());
    let mut after = i64::MIN;
    loop {
        let page = store::documents_after(q, after).await?;
        let Some(last) = page.last() else { break };
        after = last.id;
        for row in page {
            examined += 1;
            let open = |column, sealed: &[u8]| {
                let place = Place {
                    table: "account",
                    column,
                    row: row.id,
                };
                let clear = cipher.open(place, sealed).ok()?;
                String::from_utf8(clear.to_vec()).ok()
            };
            let number = open("id_number", &row.id_number);
            let mobile = open("mobile", &row.mobile);
            let fits = number.is_some_and(|number| {
                index.index("account.id_number", &number)[..] == row.id_index[..]
            }) && mobile.is_some_and(|mobile| {
                index.index("account.mobile", &mobile)[..] == row.mobile_index[..]
            });
            if !fits {
                broken.push(row.id.to_string());
            }
        }
    }
    Ok(Finding::new(
        28,
        "证件号、手机号能用现有密钥打开，检索值相符",
        examined,
        broken,
    ))
}

/// Sealed columns hold sealed values. A content that was removed is empty.
pub(super) async fn columns(snapshot: &mut Snapshot) -> Result<Finding> {
    let (mut examined, mut broken) = (0u64, Vec::new());
    for table in snapshot.schema().clone().tables.into_values() {
        let columns = sealed_columns(&table);
        if columns.is_empty() {
            continue;
        }
        snapshot
            .each(&table, |rows| {
                for row in &rows {
                    for (index, column) in &columns {
                        let Some(Value::Blob(bytes)) = row.0.get(*index) else {
                            continue;
                        };
                        examined += 1;
                        if !bytes.is_empty()
                            && FieldCipher::version_of(bytes).is_none()
                            && broken.len() < 1000
                        {
                            broken.push(format!("{}.{column}", table.name));
                        }
                    }
                }
                Ok::<(), DbError>(())
            })
            .await?;
    }
    Ok(Finding::new(28, "应加密的列都是密文", examined, broken))
}

fn sealed_columns(table: &Table) -> Vec<(usize, &'static str)> {
    let of_table = SEALED.iter().filter(|(name, _)| *name == table.name);
    of_table
        .filter_map(|(_, sealed)| {
            let index = table
                .columns
                .iter()
                .position(|column| column.name == *sealed)?;
            Some((index, *sealed))
        })
        .collect()
}
