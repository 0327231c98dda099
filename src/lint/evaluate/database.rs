//! Databases that a job starts for itself: what is migrated there is thrown away with the job.

use crate::lint::workflow::Job;

/// What the names of images of databases contain.
const DATABASES: [&str; 16] = [
    "postgres",
    "postgis",
    "pgvector",
    "timescale",
    "mysql",
    "mariadb",
    "percona",
    "mssql",
    "sqlserver",
    "sql-edge",
    "oracle",
    "cockroach",
    "mongo",
    "clickhouse",
    "cassandra",
    "spanner-emulator",
];

/// Whether an image is one of a database.
pub(super) fn is_database(image: &str) -> bool {
    let image = image.to_ascii_lowercase();
    DATABASES.iter().any(|name| image.contains(name))
}

/// Whether a job has the service of a database, by its image or, where that is not known, its name.
pub(super) fn has_database(job: &Job, text: impl Fn(&str) -> String) -> bool {
    job.services.iter().any(|(name, image)| {
        is_database(&text(image.text()))
            || is_database(name)
            || matches!(name.as_str(), "db" | "database")
    })
}
