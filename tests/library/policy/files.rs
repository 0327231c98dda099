//! The files in `policies/`: all are valid, and the reference is complete and true.
//!
//! What a policy may not say is in `problems.rs`.

use std::collections::BTreeSet;
use std::path::PathBuf;

use serde_json::Value;
use tags::model::ReleaseOrder;
use tags::policy::{Policy, RetentionScope, json_schema, parse};
use tags::retention::{RuleLabels, RuleName};

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("policies")
}

fn text(file: &str) -> String {
    std::fs::read_to_string(folder().join(file)).unwrap()
}

fn policy(file: &str) -> Policy {
    parse(file, &text(file)).unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn every_policy_is_valid() {
    let mut files = 0;
    for entry in std::fs::read_dir(folder()).unwrap() {
        policy(entry.unwrap().file_name().to_str().unwrap());
        files += 1;
    }
    assert!(files >= 3, "only {files} policies were found");
}

/// The names below every `properties` of a schema.
fn property_names(schema: &Value, names: &mut BTreeSet<String>) {
    match schema {
        Value::Object(object) => {
            if let Some(Value::Object(properties)) = object.get("properties") {
                names.extend(properties.keys().cloned());
            }
            object.values().for_each(|value| property_names(value, names));
        }
        Value::Array(items) => items.iter().for_each(|value| property_names(value, names)),
        _ => {}
    }
}

/// Whether a line sets the key, as an example or as a default, or opens its table.
fn sets(line: &str, key: &str) -> bool {
    let line = line.strip_prefix("# ").unwrap_or(line);
    let mut tables = line.trim_matches(['[', ']']).split('.');
    line.split_once(" = ").is_some_and(|(name, _)| name == key)
        || (line.starts_with('[')
            && (tables.next() == Some(key) || tables.next_back() == Some(key)))
}

#[test]
fn the_reference_has_every_key() {
    let mut names = BTreeSet::new();
    property_names(&json_schema(), &mut names);
    assert!(names.len() > 30, "the schema has only {names:?}");
    let reference = text("reference.toml");
    let missing: Vec<_> =
        names.iter().filter(|name| !reference.lines().any(|line| sets(line, name))).collect();
    assert!(missing.is_empty(), "the reference lacks {missing:?}");
}

/// A line such as `# order = "pushed"`, without the hash.
fn shown_default(line: &str) -> Option<&str> {
    let shown = line.strip_prefix("# ")?;
    let (key, _) = shown.split_once(" = ")?;
    key.bytes().all(|b| b.is_ascii_lowercase() || b == b'-').then_some(shown)
}

#[test]
fn the_defaults_that_the_reference_shows_are_the_defaults() {
    let written = text("reference.toml");
    let explicit: Vec<&str> =
        written.lines().map(|line| shown_default(line).unwrap_or(line)).collect();
    let explicit = explicit.join("\n");
    assert!(written.lines().filter_map(shown_default).count() >= 18);
    let settings = |text: &str| {
        let policy = parse("reference.toml", text).unwrap_or_else(|error| panic!("{error}"));
        // An address that the file names is not looked for elsewhere; its value is the default.
        format!("{policy:#?}").replace("api_url_written: true", "api_url_written: false")
    };
    assert_eq!(settings(&written), settings(&explicit));
}

/// Every `default` of the schema, as the file would have it.
fn schema_defaults(schema: &Value, defaults: &mut Vec<(String, Value)>) {
    if let Some(Value::Object(properties)) = schema.get("properties") {
        for (key, property) in properties {
            defaults.extend(property.get("default").map(|value| (key.clone(), value.clone())));
        }
    }
    if let Some(Value::Object(definitions)) = schema.get("$defs") {
        definitions.values().for_each(|definition| schema_defaults(definition, defaults));
    }
}

#[test]
fn the_defaults_of_the_schema_are_those_of_the_reference() {
    let mut defaults = Vec::new();
    schema_defaults(&json_schema(), &mut defaults);
    assert!(defaults.len() >= 12, "{defaults:?}");
    let reference = text("reference.toml");
    for (key, value) in defaults {
        // No globs are protected by default; the reference shows an example there.
        if key == "tags" {
            assert_eq!(value, serde_json::json!([]));
            continue;
        }
        let line = format!("{key} = {value}");
        assert!(reference.lines().filter_map(shown_default).any(|l| l == line), "no `# {line}`");
    }
}

#[test]
fn the_schema_describes_every_key_and_allows_no_other() {
    fn check(schema: &Value, path: &str) {
        let Some(Value::Object(properties)) = schema.get("properties") else { return };
        assert_eq!(schema.get("additionalProperties"), Some(&Value::Bool(false)), "{path}");
        for (key, property) in properties {
            let description = property.get("description").and_then(Value::as_str);
            assert!(description.is_some_and(|text| !text.is_empty()), "{path}.{key}");
        }
    }
    let schema = json_schema();
    assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
    check(&schema, "");
    for (name, definition) in schema["$defs"].as_object().unwrap() {
        check(definition, name);
    }
    let text = schema.to_string();
    assert!(!text.contains("Raw"), "names of the program's insides are in the schema: {text}");
}

#[test]
fn what_a_minimal_policy_does_not_say_has_its_default() {
    let policy = parse("minimal", "version = 1").unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(policy.protect.rollback_depth, 3);
    assert_eq!(policy.protect.min_age.as_secs(), 86_400);
    assert_eq!(policy.limits.max_deletions, 500);
    assert!((policy.limits.max_share - 0.5).abs() < f64::EPSILON);
    assert!(policy.protect.tags.is_empty() && policy.protect.shas.is_empty());
    assert_eq!(policy.untagged_keep_within, None);
    assert!(policy.retention.is_empty());
}

#[test]
fn the_pipeline_is_resolved() {
    let policy = policy("projectmeats.toml");
    let repositories: Vec<String> = policy.repositories.keys().map(ToString::to_string).collect();
    assert_eq!(
        repositories,
        [
            "registry.digitalocean.com/meatscentral/projectmeats-backend",
            "registry.digitalocean.com/meatscentral/projectmeats-frontend",
            "ghcr.io/meats-central/projectmeats-backend",
            "ghcr.io/meats-central/projectmeats-frontend",
        ]
    );
    let branches: Vec<_> = policy
        .environments
        .values()
        .map(|e| (e.name.as_str(), e.branch.as_deref().unwrap(), e.images.len()))
        .collect();
    assert_eq!(branches, [("dev", "development", 2), ("prod", "main", 2), ("uat", "uat", 2)]);
    assert!(policy.protect.tags.iter().any(|glob| glob.is_match("v1.2.3")));
    assert_eq!(policy.retention[0].keep_last, Some(10));
    assert_eq!(policy.retention[1].keep_within.map(|d| d.as_secs() / 86_400), Some(90));
    let tokens: Vec<_> = policy.registries.values().map(|r| &r.credentials.token_env[..]).collect();
    assert_eq!(tokens, [&["DIGITALOCEAN_ACCESS_TOKEN"][..], &["GITHUB_TOKEN", "GH_TOKEN"][..]]);
}

#[test]
fn production_comes_first_and_then_the_order_of_the_file() {
    let names = ["staging", "dev", "eu-prod", "production", "Live", "a", "products"];
    let environment = |name: &&str| {
        format!(
            "[environment.{name}]\nsha-tag = \"{name}-{{sha}}\"\nlatest-tag = \"{name}-latest\"\n"
        )
    };
    let text: String = names.iter().map(environment).collect();
    let text =
        "version = 1\n[registry.docr]\nkind = \"docr\"\nnamespace = \"acme\"\n[image.backend]\n\
                repositories = { docr = \"backend\" }\n"
            .to_owned()
            + &text;
    let policy = parse("x", &text).unwrap_or_else(|error| panic!("{error}"));
    let ordered: Vec<_> = policy.environments_in_order().iter().map(|e| e.name.as_str()).collect();
    assert_eq!(ordered, ["eu-prod", "production", "Live", "staging", "dev", "a", "products"]);
}

#[test]
fn a_rule_is_named_by_its_settings_and_its_line() {
    let text = "version = 1\n\n[[retention]]\ntags = [\"pr-*\"]\nkeep-within = \"14d\"\n\
                [[retention]]\ntags = [\"x\"]\nkeep-last = 3\nkeep-within = \"36h\"\n\
                [untagged]\nkeep-within = \"7d\"\n";
    let policy = parse("ops/policies/tags.toml", text).unwrap_or_else(|error| panic!("{error}"));
    let labels = RuleLabels::new(&policy);
    let label = |rule: RuleName| labels.label(&rule).to_owned();
    assert_eq!(label(RuleName::retention(0)), "keep-within 14d (tags.toml:3)");
    assert_eq!(label(RuleName::retention(1)), "keep-last 3, keep-within 36h (tags.toml:6)");
    assert_eq!(label(RuleName::untagged()), "[untagged] keep-within 7d (tags.toml:11)");
    assert_eq!(label(RuleName::written("retention[9]")), "retention[9]");
}

#[test]
fn an_environment_has_its_own_repositories() {
    let policy = policy("reference.toml");
    let environment = |name: &str| {
        let found = policy.environments.values().find(|e| e.name.as_str() == name).unwrap();
        let images = found.images.values().flat_map(|image| image.repositories.values());
        images.map(ToString::to_string).collect::<Vec<_>>()
    };
    assert_eq!(
        environment("dev"),
        [
            "registry.digitalocean.com/acme-images/backend-dev",
            "registry.digitalocean.com/acme-images/frontend"
        ]
    );
    assert_eq!(environment("prod").len(), 5);
    assert_eq!(policy.repositories.len(), 6, "the own repository counts too");
}

#[test]
fn an_environment_may_bring_an_image_to_a_registry_that_the_image_does_not_have() {
    let text = text("sandbox.toml")
        + "\n[registry.other]\nkind = \"oci\"\nurl = \"http://localhost:1\"\n\
           [environment.prod.repositories.other]\nbackend = \"spare\"\n";
    let policy = parse("x", &text).unwrap_or_else(|error| panic!("{error}"));
    let prod = policy.environments.values().find(|e| e.name.as_str() == "prod").unwrap();
    let counts: Vec<_> = prod.images.values().map(|image| image.repositories.len()).collect();
    assert_eq!(counts, [2, 1]);
    assert!(policy.environments.values().all(|e| e.order == ReleaseOrder::Built));
}

#[test]
fn a_star_in_a_glob_matches_anything_in_a_tag() {
    let text = "version = 1\n[[retention]]\ntags = [\"pr-*\"]\nkeep-within = \"14d\"";
    let policy = parse("x", text).unwrap_or_else(|error| panic!("{error}"));
    let RetentionScope::Tags(globs) = &policy.retention[0].scope else {
        panic!("not a rule about tags")
    };
    for tag in ["pr-", "pr-1", "pr-.1_a-b", "pr-a/b"] {
        assert!(globs[0].is_match(tag), "{tag}");
    }
    assert!(!globs[0].is_match("xpr-1"));
}
