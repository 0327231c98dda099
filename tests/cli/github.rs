//! In GitHub Actions: environment and SHA found alone, annotations, outputs, a summary.

use chrono::TimeDelta;
use tags::sandbox::content::{Build, BuiltImage, Format};

use crate::support::program::Run;
use crate::world::{MID, NEW, OLD, World, build, push};

/// A run in a step of a workflow, with what it left in its two files.
fn step(world: &World, arguments: &[&str]) -> (Run, String, String) {
    let file = |name: &str| world.home.path().join(name);
    let run = world.run(arguments, |command| {
        command
            .env("GITHUB_ACTIONS", "true")
            .env("GITHUB_REF_NAME", "main")
            .env("GITHUB_SHA", NEW)
            .env("GITHUB_OUTPUT", file("output"))
            .env("GITHUB_STEP_SUMMARY", file("summary"))
    });
    let read = |name: &str| {
        let text = std::fs::read_to_string(file(name)).unwrap_or_default();
        let _ = std::fs::remove_file(file(name));
        text
    };
    (run, read("output"), read("summary"))
}

#[test]
fn verify_alone_finds_environment_and_sha_and_writes_both_files() {
    let (run, output, summary) = step(&World::filled(), &["verify"]);
    assert_eq!(run.code, 0, "{run:?}");
    assert_eq!(output, format!("outcome=ok\nsha={NEW}\n"));
    assert!(
        summary.contains(&format!("### prod `{NEW}`: ok"))
            && summary.contains("| backend | east |")
    );
    assert!(!run.stdout.contains("::error"));
}

#[test]
fn a_summary_links_commits_where_the_repository_is_known() {
    let world = World::filled();
    let shown = |variables: &[(&str, &str)]| {
        let arguments = ["list", "prod", "--format", "markdown"];
        world.run(&arguments, |command| command.envs(variables.iter().copied())).stdout
    };
    assert!(shown(&[]).contains(&format!("| `{NEW}` |")));
    let job = ("GITHUB_REPOSITORY", "acme/app");
    let link = |server: &str| format!("| [`{NEW}`]({server}/acme/app/commit/{NEW}) |");
    assert!(shown(&[job]).contains(&link("https://github.com")), "{}", shown(&[job]));
    let enterprise = [job, ("GITHUB_SERVER_URL", "https://git.acme.example")];
    assert!(shown(&enterprise).contains(&link("https://git.acme.example")));
    let policy = "\n[github]\nrepository = \"acme/app\"\n";
    let world = World::filled().policy(|text| text + policy);
    let run = world.tags(&["verify", "prod", "--sha", NEW, "--format", "markdown"]);
    let commit = format!("https://github.com/acme/app/commit/{NEW}");
    assert!(run.stdout.contains(&format!("### prod [`{NEW}`]({commit}): ok")), "{run:?}");
    assert!(!run.stdout.contains("\\`"), "{run:?}");
}

#[test]
fn findings_become_annotations_of_one_line() {
    let world = World::filled();
    let (run, output, _) = step(&world, &["verify", "--sha", OLD]);
    assert_eq!((run.code, output), (1, format!("outcome=failed\nsha={OLD}\n")));
    let annotations: Vec<&str> = run.stdout.lines().filter(|line| line.starts_with("::")).collect();
    assert_eq!(annotations.len(), 4);
    assert!(annotations[0].starts_with("::error title=latest-tag-elsewhere::"), "{annotations:?}");
}

#[test]
fn json_stays_pure_and_the_files_are_still_written() {
    let world = World::filled();
    let (run, output, summary) = step(&world, &["verify", "--sha", OLD, "--format", "json"]);
    assert_eq!(run.json()["outcome"], "failed");
    assert!(output.starts_with("outcome=failed\n") && summary.contains("latest-tag-elsewhere"));
}

#[test]
fn a_rollback_target_is_an_output_with_a_reference_for_each_image() {
    let (run, output, summary) =
        step(&World::filled(), &["rollback-target", "prod", "--format", "github"]);
    assert_eq!(run.code, 0);
    assert!(run.stdout.starts_with("::notice title=rollback target of prod::"), "{}", run.stdout);
    let lines: Vec<&str> = output.lines().collect();
    assert_eq!(
        lines[..3],
        ["outcome=ok", &format!("current-sha={NEW}"), &format!("target-sha={MID}")]
    );
    for image in ["backend", "frontend"] {
        let start = format!("target-reference-{image}=");
        let line = lines.iter().find(|line| line.starts_with(&start)).expect("a reference");
        assert!(line.contains(&format!(":prod-{MID}@sha256:")), "{line}");
    }
    assert!(summary.contains(&format!("roll back to `{MID}`")), "{summary}");
    let (human, output, _) = step(&World::filled(), &["rollback-target", "prod"]);
    assert_eq!(human.stdout, format!("{MID}\n"), "the SHA alone, in GitHub Actions too");
    assert!(output.contains("target-sha="), "{output}");
}

#[test]
fn text_from_a_registry_is_neither_a_command_nor_an_escape_nor_markup() {
    let world = World::filled();
    let hostile = "\u{1b}[31m\n::error::pwned\n##[error]x|<b>`";
    world.east.faults().add("400*always".parse().expect("a fault"));
    let label = Build { revision: hostile.to_owned(), ..build("backend", NEW, TimeDelta::days(1)) };
    let image = BuiltImage::single(&label, Format::Oci);
    push(&world.west, "backend", &image, &[&format!("prod-{NEW}"), "prod-latest"]);
    for format in ["human", "github", "markdown"] {
        let (run, output, summary) = step(&world, &["verify", "--format", format]);
        assert_eq!(run.code, 3);
        for text in [&run.stdout, &run.stderr, &output, &summary] {
            assert!(!text.contains('\u{1b}') && !text.contains("##["), "{format}: {text}");
            assert!(
                !text.lines().any(|line| line.trim_start().starts_with("::error::")),
                "{format}"
            );
        }
    }
}

#[test]
fn a_branch_of_no_environment_or_of_two_is_asked_about() {
    let world = World::filled();
    let verify = |branch: &str| {
        world.run(&["verify", "--sha", NEW], |command| command.env("GITHUB_REF_NAME", branch))
    };
    let unknown = verify("feature/x");
    assert_eq!(unknown.code, 2);
    assert!(unknown.stderr.contains("`feature/x`") && unknown.stderr.contains("pass one of prod"));
    assert_eq!(verify("main").code, 0);
}
