//! Database migrations, anywhere in a command line.

use super::command::Command;
use super::effect::Effect;
use crate::lint::symbol::is_symbol;

/// A tool: how its program ends, and the words that make it migrate, in this order.
struct Tool {
    name: &'static str,
    programs: &'static [&'static str],
    words: &'static [&'static str],
}

const fn tool(
    name: &'static str,
    programs: &'static [&'static str],
    words: &'static [&'static str],
) -> Tool {
    Tool { name, programs, words }
}

const TOOLS: [Tool; 16] = [
    tool("manage.py migrate", &["manage.py", "django-admin"], &["migrate"]),
    tool("migrate_schemas", &["manage.py", "django-admin"], &["migrate_schemas"]),
    tool("alembic upgrade", &["alembic"], &["upgrade"]),
    tool("prisma migrate deploy", &["prisma"], &["migrate", "deploy"]),
    tool("artisan migrate", &["artisan"], &["migrate"]),
    tool("flyway migrate", &["flyway"], &["migrate"]),
    tool("liquibase update", &["liquibase"], &["update"]),
    tool("knex migrate:latest", &["knex"], &["migrate:latest"]),
    tool("typeorm migration:run", &["typeorm", "typeorm-ts-node-commonjs"], &["migration:run"]),
    tool("sqlx migrate run", &["sqlx"], &["migrate", "run"]),
    tool("diesel migration run", &["diesel"], &["migration", "run"]),
    tool("goose up", &["goose"], &["up"]),
    tool("dbmate up", &["dbmate"], &["up"]),
    tool("dotnet ef database update", &["dotnet", "dotnet-ef"], &["database", "update"]),
    tool("db:migrate", &["rails", "rake", "sequelize-cli", "sequelize"], &["db:migrate"]),
    tool("typeorm migration:run", &["npm", "yarn", "pnpm"], &["typeorm", "migration:run"]),
];

/// Programs that only read or print the words of a migration.
const QUIET: [&str; 12] =
    ["grep", "cat", "test", "[", "git", "ls", "echo", "printf", "pip", "apt-get", "rg", "find"];

/// Adds the migration that a command runs.
pub(super) fn migration(command: &Command, found: &mut Vec<Effect>) {
    if QUIET.contains(&command.program()) {
        return;
    }
    let words: Vec<&str> = command.words.iter().map(String::as_str).collect();
    let Some((at, tool)) = migrating(&words) else { return };
    let rest = &words[at..];
    let only_looks =
        ["--plan", "--check", "--help", "--pretend", "--dry-run", "--list", "status", "list"];
    if rest.iter().any(|word| only_looks.contains(word)) {
        return;
    }
    found.push(Effect::Migrate {
        at: command.position(at),
        tool: tool.to_owned(),
        must_be_idempotent: tool == "manage.py migrate"
            || (tool == "migrate_schemas" && rest.contains(&"--shared")),
        is_idempotent: rest.contains(&"--fake-initial") || has_unknown_flags(&rest[1..]),
    });
}

/// The word at which a migration begins, and its tool.
fn migrating<'t>(words: &[&str]) -> Option<(usize, &'t str)> {
    for (at, word) in words.iter().enumerate() {
        let program = word.rsplit('/').next().unwrap_or_default();
        // `db:migrate` is a task of several tools, whatever starts it.
        if matches!(*word, "db:migrate" | "db:migrate:up") {
            return Some((at, "db:migrate"));
        }
        let found = TOOLS
            .iter()
            .find(|tool| tool.programs.contains(&program) && follow(&words[at + 1..], tool.words));
        if let Some(tool) = found {
            return Some((at, tool.name));
        }
    }
    None
}

/// Whether words come in an order, with only options and their values between them.
fn follow(words: &[&str], wanted: &[&str]) -> bool {
    let mut rest = words.iter();
    wanted.iter().all(|wanted| rest.any(|word| word == wanted))
}

/// Options of migrations that take a value.
const VALUES: [&str; 9] = [
    "--database",
    "--settings",
    "--pythonpath",
    "--verbosity",
    "-v",
    "--schema",
    "-s",
    "--executor",
    "--skip-schema",
];

/// Whether an unknown word may be a flag.
fn has_unknown_flags(words: &[&str]) -> bool {
    let value = |at: usize| at > 0 && VALUES.contains(&words[at - 1]);
    words.iter().enumerate().any(|(at, word)| word.starts_with(is_symbol) && !value(at))
}
