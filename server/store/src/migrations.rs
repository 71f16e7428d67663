//! The schema, step by step, compiled into the program.

use sqlx::{
    SqlSafeStr,
    migrate::{Migration, MigrationType, Migrator},
};

/// Version, name and text of `migrations/<version>_<name>.sql`. They only ever get more, and none of them changes.
const STEPS: &[(i64, &str, &str)] = &[
    (20_261_122_000_001, "create schema", include_str!("../../../migrations/20261122000001_create_schema.sql")),
    (20_261_122_000_003, "agent history", include_str!("../../../migrations/20261122000003_agent_history.sql")),
    (
        20_261_122_000_020,
        "enrol in more ways",
        include_str!("../../../migrations/20261122000020_enrol_in_more_ways.sql"),
    ),
    (
        20_261_122_000_030,
        "machines keep their keys",
        include_str!("../../../migrations/20261122000030_machines_keep_their_keys.sql"),
    ),
    (20_261_122_000_040, "programs sign in", include_str!("../../../migrations/20261122000040_programs_sign_in.sql")),
    (20_261_122_000_100, "arm api", include_str!("../../../migrations/20261122000100_arm_api.sql")),
];

/// What brings any older schema up to date.
pub(crate) fn migrator() -> Migrator {
    let step = |&(version, name, sql): &(i64, &'static str, &'static str)| {
        Migration::new(version, name.into(), MigrationType::Simple, sql.into_sql_str(), false)
    };
    Migrator::with_migrations(STEPS.iter().map(step).collect::<Vec<_>>())
}

#[cfg(test)]
mod tests {
    use super::STEPS;

    #[test]
    fn every_file_of_the_folder_is_compiled_in() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../migrations");
        let mut files: Vec<String> = std::fs::read_dir(folder)
            .unwrap()
            .map(|file| file.unwrap().file_name().into_string().unwrap())
            .filter(|name| name.ends_with(".sql"))
            .collect();
        files.sort();
        let listed: Vec<String> =
            STEPS.iter().map(|(version, name, _)| format!("{version}_{}.sql", name.replace(' ', "_"))).collect();
        assert_eq!(listed, files);
    }
}
