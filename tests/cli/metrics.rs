//! `--metrics`: what a run tells Prometheus, also when it fails.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::support::packages;
use crate::support::{backend, tag};
use crate::world::{MID, NEW, World};

/// The value of a sample.
fn value(text: &str, sample: &str) -> Option<f64> {
    let line = text.lines().find_map(|line| line.strip_prefix(sample)?.strip_prefix(' '));
    line.map(|value| value.parse().expect("a number"))
}

/// Sent to Prometheus's own checker, where that is installed.
fn checked(text: &str) {
    let Some(promtool) = packages::program("promtool") else { return };
    let mut check = Command::new(promtool);
    check.args(["check", "metrics"]).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut check = check.stderr(Stdio::piped()).spawn().expect("promtool");
    let mut stdin = check.stdin.take().expect("a pipe");
    std::io::Write::write_all(&mut stdin, text.as_bytes()).expect("sent");
    drop(stdin);
    let end = check.wait_with_output().expect("an end");
    let said = String::from_utf8_lossy(&[end.stdout, end.stderr].concat()).into_owned();
    assert!(end.status.success() && said.is_empty(), "{said}\n{text}");
}

/// Runs a command with `--metrics`, and returns its exit code and the checked file.
fn run(world: &World, arguments: &[&str]) -> (i32, String) {
    let run = world.tags(&[arguments, &["--metrics", "tags.prom"]].concat());
    let text = world.home.read("tags.prom");
    checked(&text);
    (run.code, text)
}

#[test]
fn a_failed_run_is_told_and_the_last_success_is_kept() {
    let world = World::filled();
    let verify = ["verify", "prod", "--sha", NEW];
    let labels = "{command=\"verify\",environment=\"prod\"}";
    let (code, good) = run(&world, &verify);
    assert_eq!(code, 0);
    let success = value(&good, &format!("tags_last_success_timestamp_seconds{labels}"));
    assert!(success.is_some_and(|time| time > 1.7e9), "{good}");
    assert_eq!(value(&good, "tags_checks{environment=\"prod\",status=\"ok\"}"), Some(8.0));
    assert_eq!(value(&good, "tags_registry_up{registry=\"east\"}"), Some(1.0));

    world.east.store().remove_tag(&backend(), &tag(&format!("prod-{NEW}")));
    let (code, failed) = run(&world, &verify);
    assert_eq!(code, 1);
    assert_eq!(value(&failed, &format!("tags_last_run_exit_code{labels}")), Some(1.0));
    assert_eq!(value(&failed, &format!("tags_last_success_timestamp_seconds{labels}")), success);
    let missing = "tags_checks{environment=\"prod\",status=\"sha-tag-missing\"}";
    assert_eq!(value(&failed, missing), Some(1.0));

    // A mistake on the command line, and a policy that cannot be read.
    let (code, mistaken) = run(&world, &["verify", "prod", "--shaa", NEW]);
    assert_eq!(code, 2);
    let world = world.policy(|text| text + "\nrubbish");
    let (code, broken) = run(&world, &verify);
    assert_eq!(code, 2);
    for text in [mistaken, broken] {
        assert_eq!(value(&text, &format!("tags_last_run_exit_code{labels}")), Some(2.0));
        assert_eq!(value(&text, &format!("tags_last_success_timestamp_seconds{labels}")), success);
        assert!(!text.contains("tags_checks"), "{text}");
    }
}

#[test]
fn the_releases_the_targets_and_the_plan_are_counted() {
    let world = World::filled();
    world.east.store().remove_tag(&backend(), &tag(&format!("prod-{MID}")));
    let (code, list) = run(&world, &["list", "prod"]);
    assert_eq!(code, 0);
    for (state, count) in [("complete", 2.0), ("incomplete", 1.0)] {
        let sample = format!("tags_releases{{environment=\"prod\",state=\"{state}\"}}");
        assert_eq!(value(&list, &sample), Some(count));
    }
    assert_eq!(value(&list, "tags_rollback_targets{environment=\"prod\"}"), Some(1.0));
    let current = value(&list, "tags_current_release_timestamp_seconds{environment=\"prod\"}");
    assert_eq!(current, Some(1_767_960_000.0));

    let (_, target) = run(&world, &["rollback-target", "prod"]);
    assert_eq!(value(&target, "tags_rollback_targets{environment=\"prod\"}"), Some(1.0));
    let (_, plan) = run(&world, &["cleanup"]);
    let of = |decision| {
        format!(
            "tags_cleanup_manifests{{registry=\"west\",image=\"backend\",decision=\"{decision}\"}}"
        )
    };
    assert_eq!(value(&plan, &of("keep")), Some(3.0), "{plan}");
    assert_eq!(value(&plan, &of("delete")), Some(0.0));
    let bytes = value(&plan, "tags_manifest_bytes{registry=\"west\",image=\"backend\"}");
    assert!(bytes.is_some_and(|bytes| bytes > 100.0), "{plan}");
    let labels = "{command=\"cleanup\",environment=\"\"}";
    assert_eq!(value(&plan, &format!("tags_last_run_exit_code{labels}")), Some(0.0));
}

#[test]
fn what_cannot_be_read_has_no_value() {
    let world = World::filled();
    let fault = "500@acme/backend*always";
    world.east.faults().add(fault.parse().expect("a fault"));
    let (code, list) = run(&world, &["list", "prod"]);
    assert_eq!(code, 3);
    assert_eq!(value(&list, "tags_registry_up{registry=\"east\"}"), Some(0.0), "{list}");
    assert_eq!(value(&list, "tags_registry_up{registry=\"west\"}"), Some(1.0));
    assert!(!list.contains("tags_releases"), "{list}");
    let (code, plan) = run(&world, &["cleanup"]);
    assert_eq!(code, 3);
    assert!(!plan.contains("registry=\"east\",image=\"backend\""), "{plan}");
    assert!(plan.contains("registry=\"east\",image=\"frontend\""), "{plan}");
}

#[cfg(unix)]
#[test]
fn the_file_is_replaced_whole_and_may_be_read_by_everybody() {
    use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
    let world = World::filled();
    let file = world.home.path().join("tags.prom");
    fs::write(&file, "another_metric 1\n").expect("a file");
    fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).expect("a mode");
    let before = fs::metadata(&file).expect("a file").ino();
    let (_, text) = run(&world, &["list", "prod"]);
    let after = fs::metadata(&file).expect("a file");
    assert!(!text.contains("another_metric"));
    assert!(after.ino() != before && after.mode() & 0o777 == 0o644, "{:o}", after.mode());
}

#[cfg(unix)]
#[test]
fn a_file_that_cannot_be_written_changes_no_exit_code() {
    let world = World::filled();
    let home = world.home.path();
    fs::create_dir(home.join("folder")).expect("a folder");
    let made = Command::new("mkfifo").arg(home.join("pipe")).status().expect("mkfifo");
    assert!(made.success());
    for target in ["folder", "pipe", "nowhere/tags.prom"] {
        let list = world.tags(&["list", "prod", "--metrics", target]);
        assert_eq!(list.code, 0, "{list:?}");
        assert!(list.stderr.contains("warning: cannot write the metrics to"), "{list:?}");
    }
}

#[test]
fn a_file_without_metrics_in_it_is_never_replaced_by_them() {
    let world = World::filled();
    for text in ["# a policy\nversion = 1\n", "{\"version\":1}\n", "ghcr.io/acme/backend:1\n"] {
        world.home.file("other", text);
        for words in [&["list", "prod"][..], &["list", "--mistaken"], &["list", "nowhere"]] {
            let run = world.tags(&[words, &["--metrics", "other"]].concat());
            assert_eq!(run.code, if words == ["list", "prod"] { 0 } else { 2 }, "{run:?}");
            assert!(run.stderr.contains("it has no metrics in it"), "{run:?}");
            assert_eq!(world.home.read("other"), text);
        }
    }
    for text in ["", "\n", "another_metric 1\n", "\0\0\0\0"] {
        world.home.file("tags.prom", text);
        let (code, text) = run(&world, &["list", "prod"]);
        assert!(code == 0 && text.contains("tags_releases"), "{text}");
    }
}

#[test]
fn a_success_in_the_future_is_left_out_with_a_warning() {
    let world = World::filled();
    let labels = "{command=\"list\",environment=\"prod\"}";
    let success = format!("tags_last_success_timestamp_seconds{labels}");
    world.home.file("tags.prom", &format!("{success} 9999999999\n"));
    world.east.faults().add("500@acme/backend*always".parse().expect("a fault"));
    let failed = world.tags(&["list", "prod", "--metrics", "tags.prom"]);
    let text = world.home.read("tags.prom");
    assert!(failed.code == 3 && value(&text, &success).is_none(), "{failed:?} {text}");
    let warning = "the last success of `tags list prod` was in the future";
    assert!(failed.stderr.contains(warning), "{failed:?}");
}

#[test]
fn every_metric_and_every_label_is_in_the_docs() {
    let page = docs();
    for metric in tags::report::metrics::Metric::ALL {
        let labels: Vec<&str> = metric.labels.to_vec();
        let row = format!("| `{}` | {} |", metric.name, labels.join(", "));
        assert!(page.contains(&row), "docs/metrics.md lacks: {row} {} |", metric.help);
    }
}

/// The alert rules of the page are valid, and name only metrics that exist.
#[test]
fn the_alert_rules_are_valid() {
    let page = docs();
    let (_, rules) = page.split_once("```yaml\ngroups:").expect("rules");
    let rules = format!("groups:{}", rules.split_once("```").expect("an end").0);
    let known: Vec<&str> =
        tags::report::metrics::Metric::ALL.iter().map(|metric| metric.name).collect();
    let words = rules.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    for word in words.filter(|word| word.starts_with("tags_")) {
        assert!(known.contains(&word), "{word}");
    }
    let Some(promtool) = packages::program("promtool") else { return };
    let home = tempfile::tempdir().expect("a folder");
    let file = home.path().join("rules.yml");
    fs::write(&file, rules).expect("a file");
    let end = Command::new(promtool).args(["check", "rules"]).arg(&file).output().expect("a run");
    assert!(end.status.success(), "{end:?}");
}

fn docs() -> String {
    let path: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/metrics.md");
    fs::read_to_string(path).expect("a page")
}
