//! Empties a database: every table goes, whatever is in it. For demonstrations; whoever calls it has made sure that this is one.

use tokio_postgres::NoTls;

use crate::postgres::{config, from_postgres};
use crate::sqlite::lock::FileLock;
use crate::{Backend, DbResult, Options};

/// Removes every table of the database at `options`, which nobody may have open.
///
/// # Errors
/// [`crate::DbError::Unavailable`] if another process uses the SQLite file; what PostgreSQL refuses.
pub async fn wipe(options: &Options) -> DbResult<()> {
    match options.backend()? {
        Backend::Sqlite => wipe_sqlite(options),
        Backend::Postgres => wipe_postgres(options).await,
    }
}

fn wipe_sqlite(options: &Options) -> DbResult<()> {
    let path = options.sqlite_path()?;
    let _lock = FileLock::take(&path)?;
    for ending in ["", "-wal", "-shm"] {
        let mut name = path.as_os_str().to_owned();
        name.push(ending);
        match std::fs::remove_file(&name) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error.into()),
            _ => {}
        }
    }
    Ok(())
}

async fn wipe_postgres(options: &Options) -> DbResult<()> {
    let mut config = config(&options.url)?;
    config.application_name("baokao wipe");
    let (client, connection) = config.connect(NoTls).await.map_err(from_postgres)?;
    let driver = tokio::spawn(connection);
    let named = client
        .query(
            "SELECT quote_ident(tablename) FROM pg_tables WHERE schemaname = current_schema()",
            &[],
        )
        .await
        .map_err(from_postgres);
    let done = match named {
        Ok(rows) if rows.is_empty() => Ok(()),
        Ok(rows) => {
            let names: Vec<String> = rows.iter().map(|row| row.get(0)).collect();
            let text = format!("DROP TABLE {} CASCADE", names.join(", "));
            client.batch_execute(&text).await.map_err(from_postgres)
        }
        Err(error) => Err(error),
    };
    drop(client);
    drop(driver.await);
    done
}
