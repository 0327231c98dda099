//! Policies from the workflows of made-up repositories, each in a folder of its name.

use std::path::PathBuf;

use super::{assert_usable, home, parse, with_proposal};
use crate::support::program::Home;

fn folder(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/cli/init/repositories").join(name)
}

/// A checkout with the workflows of a repository.
fn checkout(name: &str) -> Home {
    let home = home();
    std::fs::create_dir(home.path().join(".git")).expect("a folder");
    for entry in std::fs::read_dir(folder(name)).expect("workflows") {
        let path = entry.expect("an entry").path();
        let text = std::fs::read_to_string(&path).expect("a workflow");
        let file = path.file_name().expect("a name").to_string_lossy().into_owned();
        home.file(&format!(".github/workflows/{file}"), &text);
    }
    home
}

/// The policy that `init` writes for a repository.
fn init(name: &str) -> (Home, String) {
    let home = checkout(name);
    let run = home.tags(&["init"]);
    assert_eq!(run.code, 0, "{name}: {run:?}");
    let last = run.stdout.lines().last().expect("a line");
    assert!(last.starts_with("next: tags "), "{last}");
    let text = home.read("tags.toml");
    assert!(text.contains("#[[retention]]") == text.contains("\n[environment."), "{text}");
    (home, text)
}

/// Names of repositories whose releases are found, and of those without releases.
const WITH_RELEASES: [&str; 13] = [
    "bare",
    "branches",
    "dispatch",
    "expression",
    "hostile",
    "metadata",
    "monorepo",
    "own-repositories",
    "reusable",
    "shared-latest",
    "shell",
    "uneven",
    "unknown",
];
const WITHOUT_RELEASES: [&str; 3] = ["bake", "moving", "nothing"];

#[test]
fn every_made_up_repository_is_tried() {
    let folders = std::fs::read_dir(folder("")).expect("folders");
    let mut found: Vec<String> = folders
        .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
        .collect();
    found.sort();
    let mut tried = [&WITH_RELEASES[..], &WITHOUT_RELEASES].concat();
    tried.sort_unstable();
    assert_eq!(found, tried);
}

#[test]
fn the_policy_of_each_repository_says_what_its_workflows_push_and_where() {
    for name in WITH_RELEASES.iter().chain(&WITHOUT_RELEASES) {
        let (_, text) = init(name);
        insta::assert_snapshot!(format!("init-{name}"), text);
    }
}

#[test]
fn verify_list_and_cleanup_accept_the_policy_of_each_repository() {
    for name in WITH_RELEASES {
        let (home, text) = init(name);
        assert!(!parse(&text).environments.is_empty(), "{name}");
        assert_usable(&home, &text);
    }
}

#[test]
fn a_repository_without_releases_gets_a_valid_policy_that_says_so() {
    for name in WITHOUT_RELEASES {
        let (home, text) = init(name);
        assert!(parse(&text).environments.is_empty(), "{name}");
        assert!(text.contains("# Not known, or not read:"), "{name}: {text}");
        // The example in comments is valid, too.
        assert_eq!(parse(&with_proposal(&text)).environments.len(), 1, "{name}");
        let check = home.tags(&["check"]);
        assert!(check.code == 0 && check.stdout.contains("no environments"), "{check:?}");
    }
}

#[test]
fn nothing_of_a_workflow_gets_out_of_its_comment_or_string() {
    let home = checkout("hostile");
    let name = "a\u{1b}[31m\u{202e}\n[registry.evil].yml";
    let text = std::fs::read_to_string(folder("hostile/hostile.yml")).expect("a workflow");
    home.file(&format!(".github/workflows/{name}"), &text);
    let run = home.tags(&["init"]);
    let written = home.read("tags.toml");
    for text in [&run.stdout, &run.stderr, &written] {
        let raw = |c: char| (c.is_control() && c != '\n') || c == '\u{202e}';
        assert!(!text.contains(raw), "{text}");
    }
    let policy = parse(&written);
    assert_eq!(policy.registries.len(), 1, "{written}");
    let prod = &policy.environments.values().find(|one| one.name.as_str() == "prod");
    assert_eq!(prod.expect("prod").branch.as_deref(), Some("wei\"rd\\"));
}

#[test]
fn a_policy_in_use_is_not_put_aside_by_a_new_one() {
    let home = checkout("branches");
    home.file("policies/tags.toml", "version = 1\n");
    let run = home.tags(&["init"]);
    assert!(run.code == 2 && run.stderr.contains("is the policy here already"), "{run:?}");
    assert!(!home.path().join("tags.toml").exists());
    assert_eq!(home.tags(&["init", "--out", "new.toml"]).code, 0);
}

#[test]
fn an_existing_file_is_never_overwritten() {
    let home = checkout("branches");
    home.policy("version = 1\n");
    for arguments in [&["init"][..], &["init", "--out", "tags.toml"], &["init", "--out", "."]] {
        let run = home.tags(arguments);
        assert!(run.code == 2 && run.stderr.contains("exists already"), "{run:?}");
        assert_eq!(home.read("tags.toml"), "version = 1\n");
    }
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink("nowhere", home.path().join("link")).expect("a link");
        assert_eq!(home.tags(&["init", "--out", "link"]).code, 2);
        assert!(!home.path().join("nowhere").exists());
    }
    let run = home.tags(&["init", "--out", "no/such/folder.toml"]);
    assert!(run.code == 2 && run.stderr.contains("hint: "), "{run:?}");
    let other = home.tags(&["init", "--out", "other's.toml"]);
    let next =
        r"next: tags check --policy 'other'\''s.toml', then tags doctor --policy 'other'\''s.toml'";
    assert_eq!((other.code, other.stdout.lines().last()), (0, Some(next)));
    let printed = home.tags(&["init", "--out", "-"]);
    assert_eq!((printed.code, printed.stdout), (0, home.read("other's.toml")));
    let next = "next: save it as tags.toml, then tags check, then tags doctor";
    assert!(printed.stderr.contains(next), "{}", printed.stderr);
}

#[test]
fn a_rule_for_previews_is_never_about_releases() {
    let home = home();
    let push = |tag: &str| format!("      - run: docker push ghcr.io/acme/shop:{tag}\n");
    let workflow = |on: &str, tags: &[&str]| {
        let steps: String = tags.iter().map(|tag| push(tag)).collect();
        format!("on: {on}\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n{steps}")
    };
    let main = workflow("{push: {branches: [main]}}", &["prod-${{ github.sha }}", "prod-latest"]);
    home.file(".github/workflows/main.yml", &main);
    let previews = ["prod-$(git rev-parse --short HEAD)", "pr-${{ github.sha }}"];
    home.file(".github/workflows/preview.yml", &workflow("pull_request", &previews));
    let run = home.tags(&["init"]);
    let text = home.read("tags.toml");
    assert_eq!(run.code, 0, "{run:?}");
    assert!(text.contains("sha-tag = \"prod-{sha}\""), "{text}");
    assert!(text.contains("#tags = [\"pr-*\"]") && !text.contains("prod-*"), "{text}");
}

#[test]
fn the_option_of_other_commands_for_the_policy_names_the_new_file() {
    let home = checkout("branches");
    let run = home.tags(&["init", "--policy", "mine.toml"]);
    assert!(run.code == 0 && run.stdout.contains("wrote mine.toml"), "{run:?}");
    assert!(!home.path().join("tags.toml").exists());
    assert_eq!(home.tags(&["check", "--policy", "mine.toml"]).code, 0);
    let again = home.tags(&["init", "--policy", "mine.toml"]);
    assert!(again.code == 2 && again.stderr.contains("mine.toml exists already"), "{again:?}");
    let run = home.tags(&["init", "--policy", "mine.toml", "--out", "other.toml"]);
    assert!(run.code == 0 && run.stdout.contains("wrote other.toml"), "{run:?}");
}

#[test]
fn stdout_holds_the_policy_or_the_report_and_never_both() {
    let home = checkout("branches");
    let run = home.tags(&["init", "--out", "-", "--format", "json"]);
    assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{run:?}");
    assert!(run.stderr.contains("--format json") && run.stderr.contains("hint: "), "{run:?}");
    let run = home.tags(&["init", "--format", "json"]);
    assert_eq!((run.code, run.json()["next"].as_str()), (0, Some("tags check")), "{run:?}");
}

#[test]
fn a_wrong_origin_is_told_before_an_existing_file() {
    let home = home();
    home.policy("version = 1\n");
    let run = home.tags(&["init", "--from", "nonsense"]);
    assert!(run.code == 2 && run.stderr.contains("nonsense does not exist"), "{run:?}");
}

#[test]
fn workflows_are_found_upward_and_the_policy_is_written_beside_them() {
    let home = checkout("branches");
    let deep = home.path().join("services/api");
    std::fs::create_dir_all(&deep).expect("folders");
    let run = home.run(&["init"], |command| command.current_dir(&deep));
    assert!(run.code == 0 && run.stdout.contains("wrote ../../tags.toml"), "{run:?}");
    let list = home.run(&["check"], |command| command.current_dir(&deep));
    assert_eq!(list.code, 0, "{list:?}");
    // A directory, its workflows and one of them are other ways to say the same.
    for from in [".", ".github/workflows", ".github/workflows/main.yml"] {
        let printed = home.tags(&["init", "--from", from, "--out", "-"]);
        let settings = |text: &str| parse(text).repositories;
        assert_eq!(settings(&printed.stdout), settings(&home.read("tags.toml")), "{from}");
    }
}

#[test]
fn what_cannot_be_read_as_asked_ends_with_a_hint() {
    let home = home();
    for (arguments, what) in [
        (&["init"][..], ".github/workflows"),
        (&["init", "--from", "nowhere"], "nowhere does not exist"),
        (&["init", "--from", "."], "no workflow files"),
        (&["init", "--from", "ghcr:"], "ghcr:"),
        (&["init", "--from", "https://ghcr.io/acme"], "ghcr:OWNER"),
        (&["init", "--from", "workflows", "--url", "http://127.0.0.1:1"], "--url"),
        (&["init", "--from", "ghcr:acme", "--api-url", "nonsense"], "api-url"),
    ] {
        let run = home.tags(arguments);
        assert!(run.code == 2 && run.stderr.contains(what), "{arguments:?}: {run:?}");
        assert!(run.stderr.contains("hint: "), "{arguments:?}: {run:?}");
        assert!(!home.path().join("tags.toml").exists());
    }
}

#[test]
fn without_a_policy_every_command_names_init() {
    let home = home();
    for arguments in [&["check"][..], &["list", "prod"], &["cleanup"], &["doctor"]] {
        let run = home.tags(arguments);
        assert!(run.code == 2 && run.stderr.contains("`tags init`"), "{arguments:?}: {run:?}");
    }
}
