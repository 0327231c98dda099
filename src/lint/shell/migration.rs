//! Database migrations, anywhere in a command line.

use super::command::Command;
use super::effect::Effect;
use crate::lint::symbol::is_symbol;

/// `manage.py migrate`, `migrate_schemas` and the migrations of other tools.
pub(super) fn migration(command: &Command, found: &mut Vec<Effect>) {
    let words: Vec<&str> = command.words.iter().map(String::as_str).collect();
    if matches!(command.program(), "grep" | "cat" | "test" | "[" | "git" | "ls") {
        return;
    }
    let has = |flag: &str| words.contains(&flag);
    for (at, pair) in words.windows(2).enumerate() {
        let manage = pair[0].ends_with("manage.py") || pair[0].ends_with("django-admin");
        let tool = match (pair[0], pair[1]) {
            (_, "migrate") if manage => "manage.py migrate",
            (_, "migrate_schemas") if manage => "migrate_schemas",
            ("alembic", "upgrade") => "alembic upgrade",
            ("prisma", "migrate") if has("deploy") => "prisma migrate deploy",
            ("rails" | "rake", "db:migrate") => "db:migrate",
            _ => continue,
        };
        if has("--plan") || has("--check") || has("--help") {
            continue;
        }
        found.push(Effect::Migrate {
            at: command.position(at),
            tool: tool.to_owned(),
            must_be_idempotent: tool == "manage.py migrate"
                || (tool == "migrate_schemas" && has("--shared")),
            is_idempotent: has("--fake-initial") || has_unknown_flags(&words[at + 2..]),
        });
        return;
    }
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
