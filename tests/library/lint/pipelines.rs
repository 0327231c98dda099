//! Whole pipelines, as teams write them: what is found in each, and that nothing else is.

use tags::lint::Severity;

use crate::lint::world::{rules_and_lines, set, with_policy};

fn rules_and_lines_of(text: &str) -> Vec<String> {
    rules_and_lines(&set(&[("ci.yml", text)]))
}

const NOTHING: [&str; 0] = [];

#[test]
fn the_build_that_pushed_one_tag_twice_and_the_other_never() {
    let text = include_str!("pipelines/incident.yml");
    let expected =
        ["missing-latest-tag 29", "duplicate-tag 31", "missing-latest-tag 37", "duplicate-tag 39"];
    assert_eq!(rules_and_lines_of(text), expected);
    let findings = set(&[("ci.yml", text)]);
    let subject = "registry.digitalocean.com/meatscentral/projectmeats-frontend";
    assert_eq!(findings[0].subject, subject);
    assert_eq!((findings[0].at.column, findings[1].at.column), (11, 13));
    assert_eq!(findings[1].subject, format!("{subject}:uat-${{{{ github.sha }}}}"));
}

#[test]
fn with_a_policy_the_other_registry_is_missed_too() {
    let findings = with_policy(&[("ci.yml", include_str!("pipelines/incident.yml"))]);
    let found = rules_and_lines(&findings);
    assert!(found.contains(&"missing-registry 29".to_owned()), "{found:?}");
    assert!(found.contains(&"missing-registry 37".to_owned()), "{found:?}");
    assert_eq!(found.len(), 6);
}

#[test]
fn a_matrix_of_two_images_and_two_registries_is_clean() {
    let text = include_str!("pipelines/matrix.yml");
    assert_eq!(rules_and_lines_of(text), NOTHING);
    assert_eq!(rules_and_lines(&with_policy(&[("ci.yml", text)])), NOTHING);
}

#[test]
fn a_script_with_functions_and_retries_is_clean() {
    assert_eq!(rules_and_lines_of(include_str!("pipelines/shell.yml")), NOTHING);
}

#[test]
fn a_workflow_that_only_mentions_tags_is_clean() {
    assert_eq!(rules_and_lines_of(include_str!("pipelines/only_mentions.yml")), NOTHING);
    assert_eq!(
        rules_and_lines(&with_policy(&[("ci.yml", include_str!("pipelines/only_mentions.yml"))])),
        NOTHING
    );
}

#[test]
fn metadata_is_told_at_the_line_of_its_rule() {
    let expected = ["short-sha 19"];
    assert_eq!(rules_and_lines_of(include_str!("pipelines/metadata.yml")), expected);
}

#[test]
fn a_deploy_by_ssh_with_the_wrong_tag_is_found_through_its_variable() {
    let text = include_str!("pipelines/matrix.yml");
    let moving = text.replace(r#"TAG="prod-${{ github.sha }}""#, r#"TAG="prod-latest""#);
    assert_eq!(rules_and_lines_of(&moving), ["mutable-deploy 83", "mutable-deploy 85"]);
    let other = text.replace(r#"TAG="prod-${{ github.sha }}""#, r#"TAG="uat-${{ github.sha }}""#);
    assert_eq!(rules_and_lines_of(&other), ["tag-never-pushed 83", "tag-never-pushed 85"]);
}

/// Three workflows whose 22 deployments all take the latest tag, each in a script behind `sshpass`.
#[test]
fn all_22_deployments_by_latest_behind_wrappers_are_found() {
    let files = [
        ("dev.yml", include_str!("pipelines/droplets/dev.yml")),
        ("prod.yml", include_str!("pipelines/droplets/prod.yml")),
        ("uat.yml", include_str!("pipelines/droplets/uat.yml")),
    ];
    for findings in [set(&files), with_policy(&files)] {
        let deploys: Vec<_> = findings.iter().filter(|f| f.rule == "mutable-deploy").collect();
        assert_eq!(deploys.len(), 22, "{deploys:#?}");
        assert!(
            deploys.iter().all(|f| f.severity == Severity::Error && f.subject.ends_with("-latest"))
        );
        assert_eq!(findings.len(), 22, "nothing else: {findings:#?}");
    }
    let pinned = files.map(|(name, text)| (name, by_sha(text)));
    let pinned = [0, 1, 2].map(|at| (pinned[at].0, pinned[at].1.as_str()));
    assert_eq!(rules_and_lines(&set(&pinned)), NOTHING);
}

/// The same workflow with the SHA instead of `latest` in all that it deploys.
fn by_sha(text: &str) -> String {
    let (build, rest) = text.split_at(text.find("  migrate:").expect("a migrate job"));
    format!("{build}{}", rest.replace("-latest", "-${{ github.sha }}"))
}

#[test]
fn who_pushes_is_looked_for_in_the_whole_set() {
    let deploy = "on: workflow_dispatch\njobs:\n  check:\n    runs-on: x\n    steps:\n      - run: docker pull ghcr.io/meats-central/projectmeats-backend:dev-latest\n";
    let alone = set(&[("deploy.yml", deploy)]);
    assert_eq!(rules_and_lines(&alone), ["mutable-deploy 6"]);
    let both = [("deploy.yml", deploy), ("build.yml", include_str!("pipelines/shell.yml"))];
    assert_eq!(rules_and_lines(&set(&both)), ["mutable-deploy 6"]);
    let broken = [("deploy.yml", deploy), ("build.yml", "jobs: [\n")];
    let found = rules_and_lines(&set(&broken));
    assert!(!found.iter().any(|t| t.starts_with("tag-never-pushed")), "{found:?}");
}

#[test]
fn line_ends_and_byte_order_marks_do_not_matter() {
    let text = include_str!("pipelines/incident.yml");
    let plain = rules_and_lines_of(text);
    assert_eq!(rules_and_lines_of(&text.replace('\n', "\r\n")), plain);
    assert_eq!(rules_and_lines_of(&format!("\u{feff}{text}")), plain);
}

#[test]
fn what_is_no_workflow_is_a_finding_and_an_empty_file_is_none() {
    assert_eq!(rules_and_lines_of("a: \"b\n"), ["yaml-syntax 1"]);
    assert_eq!(rules_and_lines_of("hello\n"), ["yaml-syntax 1"]);
    assert_eq!(rules_and_lines_of("on: push\n<<<<<<< HEAD\njobs: {}\n"), ["yaml-syntax 2"]);
    assert_eq!(rules_and_lines_of(""), NOTHING);
}
