//! The program: formats of a file whose text is hostile, exit codes, what it says by itself in CI.

use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;
use tempfile::TempDir;

/// Names that would act on a terminal or a CI log, were they written as they are.
const HOSTILE: &str = "on: push\njobs:\n  deploy:\n    runs-on: x\n    steps:\n      - run: docker push \"ghcr.io/Acme/a\\x1b[31m##[error]b::c%0A|<b>`:latest\"\n      - run: |\n          docker push ghcr.io/acme/app::error::x%:prod-latest\n          docker login -p ${{ secrets.X }} ghcr.io\u{202e}##[error]\n";

fn home(files: &[(&str, &str)]) -> TempDir {
    let home = tempfile::tempdir().expect("a home");
    let folder = home.path().join(".github/workflows");
    std::fs::create_dir_all(&folder).expect("a folder");
    for (name, text) in files {
        std::fs::write(folder.join(name), text).expect("a file");
    }
    home
}

fn tags(home: &Path, arguments: &[&str], environment: &[(&str, &str)]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_tags"))
        .args(arguments)
        .current_dir(home)
        .env_clear()
        .envs(environment.iter().copied())
        .output()
        .expect("a run")
}

fn text(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).expect("text")
}

#[test]
fn sarif_tells_the_hint_apart_from_the_finding() {
    let home = home(&[("ci.yml", HOSTILE)]);
    let output = tags(home.path(), &["lint", "--format", "sarif"], &[]);
    let log: Value = serde_json::from_str(&text(&output)).expect("JSON");
    let results = log["runs"][0]["results"].as_array().expect("results");
    for result in results {
        let message = result["message"]["text"].as_str().expect("a text");
        assert_eq!(message.matches(". Hint: ").count(), 1, "{message}");
    }
    assert!(!results.is_empty());
    let rules = log["runs"][0]["tool"]["driver"]["rules"].as_array().expect("rules");
    for rule in rules {
        let why = rule["fullDescription"]["text"].as_str().expect("a text");
        assert!(!why.contains('\n') && !why.contains("  "), "{why}");
    }
}

#[test]
fn a_hostile_file_in_every_format() {
    let home = home(&[("ci.yml", HOSTILE)]);
    for format in ["human", "json", "github", "markdown", "sarif"] {
        let output = tags(home.path(), &["lint", "--format", format], &[]);
        assert_eq!(output.status.code(), Some(1), "{output:?}");
        let shown = text(&output);
        assert!(
            !shown.contains('\u{1b}') && !shown.contains('\u{202e}')
                || format == "json"
                || format == "sarif",
            "{shown}"
        );
        if matches!(format, "human" | "github") {
            assert!(
                !shown.lines().any(|line| line.trim_start().starts_with("::error::")),
                "{shown}"
            );
            assert!(!shown.contains("##["), "{shown}");
        }
        let mut settings = insta::Settings::clone_current();
        settings.add_filter(env!("CARGO_PKG_VERSION"), "VERSION");
        settings.set_prepend_module_to_snapshot(false);
        settings.set_omit_expression(true);
        if format != "sarif" {
            settings.bind(|| insta::assert_snapshot!(format!("hostile-{format}"), shown));
        }
    }
}

/// GitHub resolves paths against the root of the repository, wherever the command ran.
#[test]
fn annotations_and_sarif_name_files_from_the_root_of_the_repository() {
    let home = home(&[("ci.yml", HOSTILE)]);
    std::fs::create_dir(home.path().join(".git")).expect("a folder");
    let below = home.path().join("services/api");
    std::fs::create_dir_all(&below).expect("a folder");
    let absolute = home.path().canonicalize().expect("a path").join(".github/workflows");
    let absolute = absolute.to_str().expect("a path");
    let is_ci = |path: &str| path == ".github/workflows/ci.yml";
    let whole = text(&tags(home.path(), &["lint", "--format", "github"], &[]));
    assert!(whole.contains("file=.github/workflows/ci.yml,line="), "{whole}");
    for paths in
        [&[][..], &["../../.github/workflows"], &["../../.github/workflows/ci.yml"], &[absolute]]
    {
        let annotations =
            text(&tags(&below, &[&["lint", "--format", "github"], paths].concat(), &[]));
        assert_eq!(annotations, whole, "{paths:?}");
        let sarif = tags(&below, &[&["lint", "--format", "sarif"], paths].concat(), &[]);
        let log: Value = serde_json::from_str(&text(&sarif)).expect("JSON");
        let results = log["runs"][0]["results"].as_array().expect("results");
        let uri = |result: &Value| {
            let place = &result["locations"][0]["physicalLocation"];
            place["artifactLocation"]["uri"].as_str().is_some_and(is_ci)
        };
        assert!(!results.is_empty() && results.iter().all(uri), "{log}");
        // A person reads a path from where the command ran.
        let human = text(&tags(&below, &[&["lint"], paths].concat(), &[]));
        let path = paths
            .first()
            .map_or("../../.github/workflows", |path| path.trim_end_matches("/ci.yml"));
        assert!(human.contains(&format!("{path}/ci.yml:")), "{human}");
    }
}

#[test]
fn colour_is_only_where_it_is_welcome() {
    let home = home(&[("ci.yml", HOSTILE)]);
    let coloured = tags(home.path(), &["lint"], &[("CLICOLOR_FORCE", "1")]);
    assert!(text(&coloured).contains("\u{1b}["));
    assert!(!text(&tags(home.path(), &["lint"], &[])).contains('\u{1b}'));
}

#[test]
fn sarif_has_what_the_standard_requires() {
    let home = home(&[("ci.yml", HOSTILE)]);
    let output = tags(home.path(), &["lint", "--format", "sarif"], &[]);
    let log: Value = serde_json::from_str(&text(&output)).expect("JSON");
    assert_eq!(log["version"], "2.1.0");
    let run = &log["runs"][0];
    let rules = run["tool"]["driver"]["rules"].as_array().expect("rules");
    assert_eq!(run["tool"]["driver"]["name"], "tags");
    assert_eq!(rules.len(), tags::lint::rule::RULES.len());
    let results = run["results"].as_array().expect("results");
    assert!(!results.is_empty());
    for result in results {
        let index = usize::try_from(result["ruleIndex"].as_u64().expect("a number")).expect("one");
        assert_eq!(rules[index]["id"], result["ruleId"]);
        assert!(matches!(result["level"].as_str(), Some("error" | "warning")));
        assert!(result["message"]["text"].is_string());
        let place = &result["locations"][0]["physicalLocation"];
        assert_eq!(place["artifactLocation"]["uri"], ".github/workflows/ci.yml");
        assert!(place["region"]["startLine"].as_u64() >= Some(1));
        assert!(place["region"]["startColumn"].as_u64() >= Some(1));
    }
    for rule in rules {
        assert!(rule["shortDescription"]["text"].is_string() && rule["id"].is_string());
        assert!(rule["fullDescription"]["text"].as_str().is_some_and(|text| !text.is_empty()));
    }
}

#[test]
fn exit_codes_say_what_was_found() {
    let warning = "on: push\njobs:\n  a:\n    steps:\n      - run: docker login ghcr.io -u a -p ${{ secrets.T }}\n";
    let home = home(&[("ci.yml", warning)]);
    let code = |arguments: &[&str]| tags(home.path(), arguments, &[]).status.code();
    assert_eq!(code(&["lint"]), Some(0));
    assert_eq!(code(&["lint", "--deny-warnings"]), Some(1));
    assert_eq!(code(&["lint", ".github/workflows/ci.yml"]), Some(0));
    assert_eq!(code(&["lint", "."]), Some(0));
    assert_eq!(code(&["lint", "nowhere"]), Some(2));
    assert_eq!(code(&["lint", "--policy", "nowhere.toml"]), Some(2));
    assert_eq!(code(&["lint", "--explain", "nothing"]), Some(2));
    assert_eq!(code(&["schema", "--format", "sarif"]), Some(2));
    let empty = tempfile::tempdir().expect("a home");
    assert_eq!(tags(empty.path(), &["lint"], &[]).status.code(), Some(2));
    assert_eq!(tags(empty.path(), &["lint", "."], &[]).status.code(), Some(2));
}

#[test]
fn any_bytes_of_a_file_end_in_findings() {
    let plain = "on: push\njobs:\n  migrate:\n    timeout-minutes: 5\n    steps: []\n";
    let duplicate = format!("{plain}on: push\n");
    let crlf = |text: &str| text.replace('\n', "\r\n");
    for (bytes, expected) in [
        (plain.as_bytes().to_vec(), None),
        (format!("\u{feff}{plain}").into_bytes(), None),
        (crlf(plain).into_bytes(), None),
        (Vec::new(), None),
        (crlf(&duplicate).into_bytes(), Some(("duplicate-key", 6))),
        (format!("\u{feff}{duplicate}").into_bytes(), Some(("duplicate-key", 6))),
        (plain.replace("  migrate", "\tmigrate").into_bytes(), Some(("yaml-syntax", 3))),
        ([plain.as_bytes(), b"\xff\xfe"].concat(), Some(("yaml-syntax", 1))),
        (b"\0\0\0".to_vec(), Some(("yaml-syntax", 1))),
    ] {
        let home = home(&[]);
        std::fs::write(home.path().join("ci.yml"), &bytes).expect("a file");
        let output = tags(home.path(), &["lint", "--format", "json", "ci.yml"], &[]);
        let shown: Value = serde_json::from_slice(&output.stdout).expect("JSON");
        let first = &shown["findings"][0];
        let found = first["rule"].as_str().zip(first["line"].as_u64());
        assert_eq!(found, expected, "{:?}", String::from_utf8_lossy(&bytes));
        assert_eq!(output.status.code(), Some(i32::from(expected.is_some())));
    }
}

#[test]
fn a_directory_of_two_hundred_is_told_in_the_same_order_each_time() {
    let name = |number: usize| format!("{number:03}.yml");
    let names: Vec<String> = (0..200).map(name).collect();
    let files: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), HOSTILE)).collect();
    let home = home(&files);
    let run = || text(&tags(home.path(), &["lint", "--format", "json"], &[]));
    let first = run();
    assert_eq!(first, run());
    let value: Value = serde_json::from_str(&first).expect("JSON");
    let findings = value["findings"].as_array().expect("findings");
    let files: Vec<&str> = findings.iter().filter_map(|finding| finding["file"].as_str()).collect();
    assert!(files.is_sorted() && files.len() >= 200, "{}", files.len());
}

#[test]
fn every_rule_explains_itself() {
    let home = home(&[]);
    for rule in tags::lint::rule::RULES {
        let output = tags(home.path(), &["lint", "--explain", rule.name], &[]);
        let shown = text(&output);
        assert!(shown.starts_with(&format!("{} (", rule.name)), "{shown}");
        assert!(shown.contains("\nBad:\n") && shown.contains("\nGood:\n"), "{shown}");
    }
}

#[test]
fn in_github_actions_annotations_and_outputs_come_by_themselves() {
    let home = home(&[("ci.yml", HOSTILE)]);
    let file = |name: &str| home.path().join(name).display().to_string();
    let (output, summary) = (file("output"), file("summary"));
    let environment = [
        ("GITHUB_ACTIONS", "true"),
        ("GITHUB_OUTPUT", output.as_str()),
        ("GITHUB_STEP_SUMMARY", summary.as_str()),
    ];
    let run = tags(home.path(), &["lint"], &environment);
    let annotation = "::error file=.github/workflows/ci.yml,line=";
    assert!(text(&run).lines().any(|line| line.starts_with(annotation)), "{}", text(&run));
    let outputs = std::fs::read_to_string(&output).expect("outputs");
    assert!(outputs.starts_with("outcome=failed\nerrors="), "{outputs}");
    assert!(
        std::fs::read_to_string(&summary).expect("a summary").contains("### tags lint: failed")
    );
    let json = tags(home.path(), &["lint", "--format", "json"], &environment);
    let value: Value = serde_json::from_slice(&json.stdout).expect("pure JSON");
    assert_eq!((&value["version"], &value["command"]), (&Value::from(1), &Value::from("lint")));
}

#[test]
fn ten_annotations_of_a_level_and_no_more() {
    let mut workflow = "on: push\njobs:\n  a:\n    steps:\n".to_owned();
    for number in 0..30 {
        workflow.push_str(&format!("      - run: docker pull ghcr.io/Acme/app{number}:v1\n"));
    }
    let home = home(&[("ci.yml", &workflow)]);
    let shown = text(&tags(home.path(), &["lint", "--format", "github"], &[]));
    assert_eq!(shown.lines().filter(|line| line.starts_with("::error")).count(), 10);
    assert!(shown.contains("21 more"), "{shown}");
}
