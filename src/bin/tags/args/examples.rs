//! Examples for the help of each command; a test parses each of them.

use clap::{Command, CommandFactory as _};

use super::Args;

/// A command line, and what it is for.
pub(super) type Example = (&'static str, &'static str);

/// The examples of every command.
pub(super) const EXAMPLES: &[(&str, &[Example])] = &[
    (
        "verify",
        &[
            (
                "tags verify --wait 2m",
                "in CI after the build: environment and SHA are those of the run",
            ),
            ("tags verify prod --sha 97f8bcab556a", "a release by the beginning of its SHA"),
        ],
    ),
    (
        "rollback-target",
        &[
            ("tags rollback-target prod", "the SHA alone on stdout, why on stderr"),
            (
                "tags rollback-target prod --running running.txt",
                "by what runs, not by the latest tags",
            ),
        ],
    ),
    (
        "rollback",
        &[
            ("tags rollback prod", "a dry run: which latest tags would move"),
            ("tags rollback prod --to 97f8bcab556a --apply", "move them to this release"),
        ],
    ),
    (
        "promote",
        &[
            ("tags promote uat prod", "a dry run: what prod would get"),
            ("tags promote uat prod --apply --yes", "ship it, without asking"),
        ],
    ),
    (
        "repair",
        &[
            ("tags repair prod --sha 97f8bcab556a", "a dry run: which places lack the release"),
            ("tags repair prod --sha 97f8bcab556a --from ghcr --apply", "fill them from ghcr"),
        ],
    ),
    (
        "list",
        &[
            ("tags list prod", "the releases, newest first"),
            ("tags list prod --format json", "with every reference, for a script"),
        ],
    ),
    (
        "cleanup",
        &[
            (
                "tags cleanup --in-use running.txt --out plan.json",
                "a dry run, and its plan to review",
            ),
            ("tags cleanup --apply --in-use running.txt", "plan and delete, within the limits"),
        ],
    ),
    (
        "apply",
        &[
            ("tags apply plan.json --dry-run", "what would still be deleted of a reviewed plan"),
            ("tags apply plan.json --in-use running.txt", "delete it"),
        ],
    ),
    (
        "explain",
        &[
            ("tags explain backend:prod-latest", "why one tag is kept"),
            ("tags explain prod 97f8bcab556a", "why a release is kept or deleted"),
        ],
    ),
    (
        "undo",
        &[
            ("tags undo journal.jsonl", "restore what a run deleted or moved"),
            ("tags undo journal.jsonl --format json", "with the result of each manifest"),
        ],
    ),
    (
        "doctor",
        &[
            ("tags doctor", "what each token may do, and what it lacks"),
            ("tags doctor --policy policies/tags.toml", "for another policy file"),
        ],
    ),
    (
        "gc",
        &[
            ("tags gc docr --wait 30m", "start a collection, and follow it for half an hour"),
            ("tags gc docr --follow", "follow the one that is running"),
        ],
    ),
    (
        "runs",
        &[
            ("tags runs prod", "judge the newest runs, and the logs of the last"),
            ("tags runs prod --split 2026-11-22", "failure rates before and since a day"),
        ],
    ),
    (
        "init",
        &[
            ("tags init", "from the workflows of this checkout"),
            ("tags init --from ghcr:acme --out -", "from GitHub's packages, to stdout"),
        ],
    ),
    (
        "check",
        &[
            ("tags check", "the policy file that the other commands use"),
            ("tags check --policy policies/tags.toml --format json", "another one, for a script"),
        ],
    ),
    (
        "report",
        &[
            ("tags report --out report.html", "all environments, with a plan of the next cleanup"),
            ("tags report --out prod.html prod --plan plan.json", "prod, with a plan to review"),
        ],
    ),
    (
        "lint",
        &[
            ("tags lint", "the workflows of this checkout"),
            ("tags lint --explain short-sha", "why a rule exists"),
        ],
    ),
    #[cfg(feature = "sandbox")]
    (
        "sandbox",
        &[
            ("tags sandbox", "a registry with example releases"),
            (
                "tags sandbox --kind docr-ghcr --fault 500@/manifests/*3",
                "two, which fail three times",
            ),
        ],
    ),
    #[cfg(feature = "sandbox")]
    (
        "demo",
        &[
            ("tags demo", "needs no policy, no network and no token"),
            ("tags demo > demo.txt", "keep what it prints"),
        ],
    ),
    (
        "schema",
        &[
            ("tags schema", "for an editor that completes and checks the policy file"),
            ("tags schema > tags.schema.json", "in a file, to name it in the editor's settings"),
        ],
    ),
    (
        "completions",
        &[
            ("tags completions bash > tags.bash", "a script with all commands and options"),
            (
                "tags completions zsh > _tags",
                "another shell; `source <(TAGS_COMPLETE=zsh tags)` completes names of the policy as well",
            ),
        ],
    ),
    (
        "man",
        &[("tags man > tags.1", "then `man ./tags.1`"), ("tags man", "all commands, for a pager")],
    ),
];

/// The command line with the examples of each command.
pub(crate) fn program() -> Command {
    EXAMPLES.iter().fold(Args::command(), |program, (name, examples)| {
        program.mut_subcommand(name, |command| command.after_help(text(examples)))
    })
}

fn text(examples: &[Example]) -> String {
    let each = examples.iter().map(|(line, about)| format!("  {line}\n      {about}"));
    format!("Examples:\n{}", each.collect::<Vec<_>>().join("\n"))
}
