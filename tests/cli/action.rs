//! The action of this repository, its workflows, and the scripts that make a release.

use std::fs;
use std::path::Path;

use crate::runner::{Runner, VERSION, root, script};
use crate::support::program::search_path;

fn input<'a>(runner: &'a Runner, more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    [&[("release-url", runner.url.as_str())], more].concat()
}

#[test]
fn the_action_installs_its_own_release_and_passes_the_commands_outputs_on() {
    let runner = Runner::new();
    runner.home.file(
        "sub dir/.github/workflows/a b.yml",
        "on: push\njobs:\n  one:\n    runs-on: x\n    steps:\n      - run: true\n",
    );
    let ended = runner.act(&input(
        &runner,
        &[
            ("command", "lint"),
            ("args", "--deny-warnings '.github/workflows/a b.yml'"),
            ("working-directory", "sub dir"),
        ],
    ));
    assert!(ended.ok, "{ended:?}");
    assert_eq!(ended.outputs["version"], VERSION);
    for (name, value) in [("exit-code", "0"), ("outcome", "ok"), ("errors", "0"), ("warnings", "0")]
    {
        assert_eq!(ended.outputs[name], value, "{name}: {ended:?}");
    }
    // The steps that follow find it as well.
    let path = runner.home.read("github-path");
    assert!(Path::new(path.trim()).join("tags").is_file(), "{path}");
}

#[test]
fn a_command_that_fails_fails_the_step_with_its_exit_code() {
    let runner = Runner::new();
    let ended = runner.act(&input(&runner, &[("command", "verify"), ("args", "prod")]));
    assert!(!ended.ok && ended.said.contains("no policy file"), "{ended:?}");
    assert_eq!(ended.outputs["exit-code"], "2");
    // Nothing in `args` is run or expanded.
    let words = "--explain '$(touch ran)' `touch ran` ; touch ran";
    let ended = runner.act(&input(&runner, &[("command", "lint"), ("args", words)]));
    assert!(!ended.ok && !runner.home.path().join("ran").exists(), "{ended:?}");
    let ended = runner.act(&input(&runner, &[("command", "lint"), ("args", "it's")]));
    assert!(!ended.ok && ended.said.contains("is a quote missing?"), "{ended:?}");
}

#[test]
fn without_a_command_it_is_only_installed() {
    let runner = Runner::new();
    let ended = runner.act(&input(&runner, &[("version", &format!("v{VERSION}"))]));
    assert!(ended.ok && ended.outputs["exit-code"].is_empty(), "{ended:?}");
    assert!(Path::new(&ended.outputs["path"]).is_file(), "{ended:?}");
    assert!(runner.home.path().join("github-path").is_file());
}

#[test]
fn an_archive_that_is_not_the_releases_is_not_run() {
    let runner = Runner::new();
    let archive = runner.release.join(format!("tags-{VERSION}-x86_64-unknown-linux-musl.tar.gz"));
    let mut bytes = fs::read(&archive).expect("an archive");
    bytes.push(0);
    fs::write(&archive, bytes).expect("written");
    let ended = runner.act(&input(&runner, &[("command", "lint")]));
    assert!(!ended.ok && ended.said.contains("but the release's SHA256SUMS says"), "{ended:?}");
    assert!(ended.outputs["path"].is_empty() && ended.outputs["exit-code"].is_empty());
    // What is wrong is not kept for the next run's cache.
    let left = fs::read_dir(runner.home.path().join(format!("temporary/tags-{VERSION}")));
    assert_eq!(left.expect("a folder").count(), 0);
}

#[test]
fn what_gh_does_not_confirm_is_not_run() {
    let runner = Runner::new();
    let gh = |answer: &str| {
        let path =
            runner.home.file("bin/gh", &format!("#!/bin/sh\necho \"gh $*\"\nexit {answer}\n"));
        script_mode(&path);
        let outside = search_path().into_string().expect("text");
        format!("{}:{outside}", path.parent().expect("a folder").display())
    };
    for (answer, verified, good) in
        [("0", "true", true), ("1", "true", false), ("1", "false", true)]
    {
        let path = gh(answer);
        let variables = [("PATH", path.as_str()), ("GH_TOKEN", "x")];
        let inputs = input(&runner, &[("verify-attestation", verified)]);
        let ended = runner.act_with(&inputs, &variables);
        assert_eq!(ended.ok, good, "{answer} {verified}: {ended:?}");
        let asked = format!(
            "--repo o/tags --signer-workflow o/tags/.github/workflows/release.yml --source-ref refs/tags/v{VERSION}"
        );
        assert_eq!(ended.said.contains(&asked), verified == "true", "{ended:?}");
    }
}

#[cfg(unix)]
fn script_mode(path: &Path) {
    use std::os::unix::fs::PermissionsExt as _;
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).expect("a mode");
}

#[test]
fn a_release_that_is_not_there_and_a_place_that_is_not_safe_are_said() {
    let runner = Runner::new();
    let missing = runner.act(&input(&runner, &[("version", "99.0.0")]));
    assert!(!missing.ok && missing.said.contains("is there such a release?"), "{missing:?}");
    let plain = runner.act(&[("release-url", "http://mirror.example/tags")]);
    assert!(!plain.ok && plain.said.contains("over https"), "{plain:?}");
    let odd = runner.act(&input(&runner, &[("version", "latest; rm -r x")]));
    assert!(!odd.ok && odd.said.contains("is not a version of tags"), "{odd:?}");
}

#[test]
fn a_release_is_packed_to_the_same_bytes_each_time() {
    let (one, two) = (Runner::new(), Runner::new());
    let home = |runner: &Runner| runner.home.path().display().to_string();
    assert_ne!(home(&one), home(&two));
    let sums =
        |runner: &Runner| fs::read_to_string(runner.release.join("SHA256SUMS")).expect("sums");
    assert_eq!(sums(&one), sums(&two));
}

#[test]
fn the_projects_own_workflows_have_nothing_that_lint_finds() {
    let folder = root().join(".github/workflows");
    let mut sources = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        let name = format!(".github/workflows/{}", path.file_name().expect("a name").display());
        sources.push(tags::lint::Source { name, bytes: fs::read(&path).expect("a workflow") });
    }
    assert!(sources.len() >= 2);
    let found = tags::lint::lint(&sources, None);
    assert!(found.is_empty(), "{found:?}");
}

#[test]
fn only_pinned_actions_run_in_the_projects_own_workflows() {
    for name in [".github/workflows/ci.yml", ".github/workflows/release.yml", "action.yml"] {
        let text = fs::read_to_string(root().join(name)).expect("a workflow");
        let used = text.lines().filter_map(|line| line.split_once("uses: "));
        for (_, action) in used {
            let (_, pin) = action.split_once('@').expect("a version");
            let (sha, version) = pin.split_once(" # v").expect("the version as a comment");
            assert!(sha.len() == 40 && sha.bytes().all(|b| b.is_ascii_hexdigit()), "{action}");
            assert!(version.split('.').count() == 3, "{action}");
        }
    }
}

#[test]
fn the_changelog_tells_a_release_what_it_says_of_it() {
    let notes = script("notes.sh", &["Unreleased"]);
    assert!(notes.starts_with("### Added\n") && !notes.contains("\n## "), "{notes}");
    assert_eq!(script("version.sh", &[]), VERSION);
}

/// What users copy: the README, the pages, and everything below `examples/`.
fn copied() -> Vec<(String, String)> {
    let mut files = vec![root().join("README.md")];
    let mut folders = vec![root().join("examples"), root().join("docs")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() { folders.push(path) } else { files.push(path) }
        }
    }
    let read = |path: &std::path::PathBuf| fs::read_to_string(path).expect("text");
    files.iter().map(|path| (path.display().to_string(), read(path))).collect()
}

#[test]
fn what_users_copy_names_this_repository_and_this_major_version() {
    let repository = env!("CARGO_PKG_REPOSITORY").strip_prefix("https://github.com/");
    let repository = repository.expect("a repository on GitHub");
    let major = env!("CARGO_PKG_VERSION_MAJOR");
    let image = format!("ghcr.io/{}:", repository.to_lowercase());
    let (mut actions, mut images) = (0, 0);
    for (name, text) in copied() {
        for (_, version) in
            text.lines().filter_map(|line| line.split_once(&format!("uses: {repository}@v")))
        {
            assert!(
                version == major || version.starts_with(&format!("{major}`")),
                "{name}: {version}"
            );
            actions += 1;
        }
        for (_, rest) in text.lines().filter_map(|line| line.split_once(&image)) {
            let tag = rest.split(|c: char| !c.is_ascii_alphanumeric()).next();
            assert_eq!(tag, Some(major), "{name}: {rest}");
            images += 1;
        }
        assert!(
            !text.contains("/tags@") || text.contains(&format!("{repository}@v{major}")),
            "{name}"
        );
    }
    assert!(actions >= 3 && images >= 3, "{actions} {images}");
}

#[test]
fn the_policies_in_the_kubernetes_examples_are_valid() {
    let base = fs::read_to_string(root().join("examples/kubernetes/base/tags.toml"));
    let mut policies = vec![base.expect("a policy")];
    for (_, text) in copied() {
        if let Some((_, rest)) = text.split_once("\n  tags.toml: |\n") {
            let lines = rest.lines().take_while(|line| line.is_empty() || line.starts_with("    "));
            policies.push(lines.map(|line| format!("{}\n", line.trim_start())).collect());
        }
    }
    assert_eq!(policies.len(), 2);
    for policy in policies {
        tags::policy::parse("tags.toml", &policy).expect("a valid policy");
    }
}
