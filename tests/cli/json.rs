//! `docs/json.md` and `tags schema COMMAND` describe what the commands really print.
//! `TAGS_UPDATE_DOCS=1` writes the tables of the page.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use boon::{Compiler, Schemas};
use serde_json::Value;
use tags::report::json::{COMMANDS, schema};

use crate::runs::bad;
use crate::runs::scene::Scene;
use crate::support::{backend, tag};
use crate::world::{MID, NEW, OLD};

const MARK: &str = "<!-- tables -->\n";

fn page() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/json.md")
}

/// The type of a field in words.
fn kind(schema: &Value) -> String {
    let of = |kind: &str| {
        match kind {
            "array" => "list",
            "integer" => "whole number",
            other => other,
        }
        .to_owned()
    };
    if let Some(kind) = schema["type"].as_str() {
        return of(kind);
    }
    let kinds: Vec<String> = match (&schema["type"], &schema["anyOf"]) {
        (Value::Array(kinds), _) => kinds.iter().filter_map(Value::as_str).map(of).collect(),
        (_, Value::Array(all)) => all.iter().map(kind).collect(),
        _ => Vec::new(),
    };
    kinds.join(" or ")
}

/// The last part of the path of a value in an object whose names are not fixed.
const ANY_NAME: &str = "*";

/// The schemas of the parts of a value, with the path of each.
fn parts<'a>(at: &str, schema: &'a Value) -> Vec<(String, &'a Value)> {
    let mut found = Vec::new();
    for (name, field) in schema["properties"].as_object().into_iter().flatten() {
        let path = if at.is_empty() { name.clone() } else { format!("{at}.{name}") };
        found.push((path.clone(), field));
        found.extend(parts(&path, field));
    }
    if schema["items"].is_object() {
        found.extend(parts(&format!("{at}[]"), &schema["items"]));
    }
    if schema["additionalProperties"].is_object() {
        let path = format!("{at}.{ANY_NAME}");
        found.push((path.clone(), &schema["additionalProperties"]));
        found.extend(parts(&path, &schema["additionalProperties"]));
    }
    for one in schema["anyOf"].as_array().into_iter().flatten() {
        found.extend(parts(at, one));
    }
    found
}

fn tables() -> String {
    let mut text = String::new();
    for command in COMMANDS {
        let schema = schema(command).expect("a schema");
        text.push_str(&format!("\n## tags {command}\n\n"));
        if let Some(same) = same_as(command) {
            text.push_str(&format!("The fields are those of [`tags {same}`](#tags-{same}).\n"));
            continue;
        }
        text.push_str("| field | type | meaning |\n|---|---|---|\n");
        let parts = parts("", &schema);
        // Every command has the first three; those of another command are told once.
        let is_new = |path: &str| !["version", "command", "outcome"].contains(&path);
        let inside =
            |path: &str| INCLUDED.iter().any(|(of, at, _)| *of == command && path.starts_with(at));
        // The description of such an object says what its values are.
        let is_told = |path: &str| path.ends_with(&format!(".{ANY_NAME}"));
        let own = |path: &str| is_new(path) && !inside(path) && !is_told(path);
        for (path, field) in parts.iter().filter(|(path, _)| own(path)) {
            let meaning = field["description"].as_str().unwrap_or_default();
            assert!(!meaning.is_empty(), "{command}: {path} has no description");
            let meaning = meaning.replace('\n', " ").replace('|', "\\|");
            text.push_str(&format!("| `{path}` | {} | {meaning} |\n", kind(field)));
        }
        for (_, at, same) in INCLUDED.iter().filter(|(of, _, _)| *of == command) {
            let at = at.trim_end_matches('.');
            text.push_str(&format!("\n`{at}` has the fields of [`tags {same}`](#tags-{same}).\n"));
        }
    }
    text
}

/// A command whose output has the same fields.
fn same_as(command: &str) -> Option<&'static str> {
    match command {
        "apply" => Some("cleanup"),
        "promote" => Some("rollback"),
        _ => None,
    }
}

/// Parts of the report that are the output of another command.
const INCLUDED: [(&str, &str, &str); 4] = [
    ("report", "environments[].list.", "list"),
    ("report", "environments[].rollback.", "rollback-target"),
    ("report", "environments[].verification.", "verify"),
    ("report", "runs.", "runs"),
];

#[test]
fn the_page_has_every_field_of_every_command() {
    let text = std::fs::read_to_string(page()).expect("a page");
    let (head, _) = text.split_once(MARK).expect("a mark");
    let written = format!("{head}{MARK}{}", tables());
    if update() {
        std::fs::write(page(), &written).expect("written");
        return;
    }
    assert!(written == text, "docs/json.md differs; TAGS_UPDATE_DOCS=1 writes it anew");
}

#[expect(clippy::disallowed_methods, reason = "a test reads its own environment")]
fn update() -> bool {
    std::env::var("TAGS_UPDATE_DOCS").is_ok_and(|value| value == "1")
}

/// The paths of all fields in a value.
fn fields(at: &str, value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(all) => {
            for (name, inside) in all {
                let path = if at.is_empty() { name.clone() } else { format!("{at}.{name}") };
                found.insert(path.clone());
                fields(&path, inside, found);
            }
        }
        Value::Array(all) => all.iter().for_each(|one| fields(&format!("{at}[]"), one, found)),
        _ => {}
    }
}

fn check(json: &Value) {
    let command = json["command"].as_str().expect("a command");
    let described = schema(command).expect(command);
    let (mut schemas, mut compiler) = (Schemas::new(), Compiler::new());
    compiler.add_resource("tags.json", described.clone()).expect("a schema");
    let index = compiler.compile("tags.json", &mut schemas).expect("a schema");
    if let Err(error) = schemas.validate(json, index) {
        panic!("{command}: {error:#}\n{json:#}");
    }
    let known: BTreeSet<String> = parts("", &described).into_iter().map(|(path, _)| path).collect();
    let mut printed = BTreeSet::new();
    fields("", json, &mut printed);
    let is_of_any_name = |path: &&String| {
        let object = path.rsplit_once('.').map(|(object, _)| format!("{object}.{ANY_NAME}"));
        object.is_some_and(|any| known.contains(&any))
    };
    let unknown: Vec<&String> =
        printed.difference(&known).filter(|path| !is_of_any_name(path)).collect();
    assert!(unknown.is_empty(), "{command}: {unknown:?} are not described");
}

#[test]
fn what_the_commands_print_is_what_their_schemas_say() {
    let scene = Scene::new(&bad()).policy(|text| {
        text + "\n[[retention]]\nenvironments = [\"prod\"]\nkeep-last = 1\n[protect]\nrollback-depth = 1\nmin-age = \"0s\"\n[limits]\nmax-share = 1.0\n"
    });
    scene.world.east.store().remove_tag(&backend(), &tag(&format!("prod-{MID}")));
    scene.world.home.file(".github/workflows/ci.yml", "on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n      - run: docker push ghcr.io/acme/backend:latest\n");
    let mut seen = BTreeSet::new();
    for arguments in [
        &["verify", "prod", "--sha", MID][..],
        &["rollback-target", "prod"],
        &["list", "prod"],
        &["cleanup", "--out", "plan.json"],
        &["explain", "prod", NEW],
        &["rollback", "prod", "--to", OLD],
        &["repair", "prod", "--sha", MID],
        &["runs", "--split", NEW],
        &["doctor"],
        &["lint"],
        &["init", "--out", "drafted.toml"],
        &["check"],
        &["report"],
        &["apply", "plan.json", "--journal", "journal.jsonl"],
        &["undo", "journal.jsonl"],
    ] {
        let run = scene.tags(&[arguments, &["--format", "json"]].concat());
        assert!(!run.stdout.is_empty(), "{arguments:?}: {run:?}");
        let json = run.json();
        check(&json);
        seen.insert(json["command"].as_str().expect("a command").to_owned());
        if arguments[0] == "apply" {
            assert!(json["applied"].as_array().is_some_and(|all| !all.is_empty()), "{json}");
        }
    }
    assert_eq!(seen.len(), 15);
}

#[test]
fn the_schema_of_a_command_is_printed() {
    let home = crate::support::program::Home::new();
    for command in COMMANDS {
        let run = home.tags(&["schema", command]);
        assert_eq!((run.code, run.json()), (0, schema(command).expect("a schema")));
    }
    assert_eq!(home.tags(&["schema"]).json(), tags::policy::json_schema());
    assert_eq!(home.tags(&["schema", "demo"]).code, 2);
}
