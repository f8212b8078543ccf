//! Migrating PostgreSQL: under an advisory lock, so that of several processes one migrates and the others wait.

use tokio_postgres::{Client, NoTls};

use super::{Applied, Migrated, Migration, Migrations, TABLE};
use crate::postgres::{config, from_postgres};
use crate::{Backend, DbError, DbResult, Options};

/// "baokao" in ASCII: the lock's name among those of the server.
const LOCK: i64 = 0x6261_6f6b_616f;

pub(super) async fn migrate(
    options: &Options,
    migrations: &Migrations,
    at: i64,
) -> DbResult<Migrated> {
    let mut config = config(&options.url)?;
    config.application_name("baokao migrate");
    let (mut client, connection) = config.connect(NoTls).await.map_err(from_postgres)?;
    let driver = tokio::spawn(connection);
    let result = locked(&mut client, migrations, at).await;
    // Ending the session gives the lock back, whatever happened.
    drop(client);
    drop(driver.await);
    result
}

async fn locked(client: &mut Client, migrations: &Migrations, at: i64) -> DbResult<Migrated> {
    client
        .execute("SELECT pg_advisory_lock($1)", &[&LOCK])
        .await
        .map_err(from_postgres)?;
    client.batch_execute(TABLE).await.map_err(from_postgres)?;
    let applied = applied(client).await?;
    let pending = migrations.pending(Backend::Postgres, &applied)?;
    for migration in pending {
        apply(client, migration, at).await.map_err(|error| {
            DbError::Schema(format!("迁移 {} 失败，已撤销：{error}", migration.name))
        })?;
        tracing::info!(migration = migration.name, "applied");
    }
    Ok(Migrated {
        applied: pending.iter().map(|m| m.name).collect(),
        backup: None,
    })
}

async fn apply(client: &mut Client, migration: &Migration, at: i64) -> DbResult<()> {
    let tx = client.transaction().await.map_err(from_postgres)?;
    tx.batch_execute(migration.postgres)
        .await
        .map_err(from_postgres)?;
    let number = i64::from(migration.number);
    let oldest = i64::from(migration.oldest_binary()?);
    tx.execute(
        "INSERT INTO schema_version (number, name, hash, oldest_binary, applied_at) \
         VALUES ($1, $2, $3, $4, $5)",
        &[
            &number,
            &migration.name,
            &migration.hash(Backend::Postgres),
            &oldest,
            &at,
        ],
    )
    .await
    .map_err(from_postgres)?;
    tx.commit().await.map_err(from_postgres)
}

async fn applied(client: &Client) -> DbResult<Vec<Applied>> {
    let rows = client
        .query(
            "SELECT number, name, hash, oldest_binary FROM schema_version ORDER BY number",
            &[],
        )
        .await
        .map_err(from_postgres)?;
    rows.iter()
        .map(|row| {
            let number = |column| {
                let value: i64 = row.try_get(column).map_err(from_postgres)?;
                u32::try_from(value).map_err(|_| DbError::Row {
                    column,
                    problem: "integer out of range",
                })
            };
            Ok(Applied {
                number: number(0)?,
                name: row.try_get(1).map_err(from_postgres)?,
                hash: row.try_get(2).map_err(from_postgres)?,
                oldest_binary: number(3)?,
            })
        })
        .collect()
}
