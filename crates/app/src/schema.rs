//! The migrations of the whole product, in order, for both databases.
//!
//! Numbered, forward only, never edited once released; expand first, contract a release later. Each table names its
//! owner in a comment that `xtask arch` reads.

use db::{Migration, Migrations};

macro_rules! migration {
    ($number:literal, $name:literal) => {
        Migration {
            number: $number,
            name: $name,
            sqlite: include_str!(concat!("../migrations/sqlite/", $name, ".sql")),
            postgres: include_str!(concat!("../migrations/postgres/", $name, ".sql")),
        }
    };
}

/// Every migration, oldest first.
pub const MIGRATIONS: Migrations = Migrations(&[
    migration!(1, "0001_core"),
    migration!(2, "0002_journey"),
    Migration {
        number: 3,
        name: "0003_jobs",
        sqlite: jobs::SCHEMA_SQLITE,
        postgres: jobs::SCHEMA_POSTGRES,
    },
    migration!(4, "0004_integrity"),
    migration!(5, "0005_rounds"),
    migration!(6, "0006_outbox_codes"),
    migration!(7, "0007_setback"),
    migration!(8, "0008_once"),
    migration!(9, "0009_statistics"),
    migration!(10, "0010_factor"),
    migration!(11, "0011_positions"),
    migration!(12, "0012_broadcast"),
    migration!(13, "0013_lists"),
    migration!(14, "0014_settings_change"),
    migration!(15, "0015_archive"),
    migration!(16, "0016_carried"),
    migration!(17, "0017_flat"),
    migration!(18, "0018_legacy"),
    migration!(19, "0019_named"),
    migration!(20, "0020_rehearsal"),
    migration!(21, "0021_checks"),
    migration!(22, "0022_paid"),
    migration!(23, "0023_outcomes"),
    migration!(24, "0024_ways"),
    migration!(25, "0025_reconcile"),
    migration!(26, "0026_waiver"),
    migration!(27, "0027_offline"),
    migration!(28, "0028_treasury"),
    migration!(29, "0029_fiscal"),
    migration!(30, "0030_bank_list"),
    migration!(31, "0031_hand_revenue"),
    migration!(32, "0032_fiscal_past"),
    migration!(33, "0033_late"),
    migration!(34, "0034_venues"),
    migration!(35, "0035_plans"),
    migration!(36, "0036_tickets"),
    migration!(37, "0037_door"),
    migration!(38, "0038_papers"),
    migration!(39, "0039_sheets"),
    migration!(40, "0040_door_news"),
    migration!(41, "0041_selection"),
]);
