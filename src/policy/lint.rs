//! The table `[lint]`: how severe each rule of `tags lint` is, and which images it exempts.

use std::borrow::Cow;
use std::collections::BTreeMap;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use toml::Spanned;
use toml::de::DeValue;

use super::problem::Problems;
use super::read::{Field, KeyContext, List, Read, field, table};
use super::settings::RuleLevel;
use super::suggest::{nearest, suggest};

/// The names of the rules; a test checks that the linter has the same.
pub const LINT_RULES: [&str; 34] = [
    "yaml-syntax",
    "duplicate-key",
    "duplicate-tag",
    "tag-collision",
    "missing-sha-tag",
    "missing-latest-tag",
    "short-sha",
    "uneven-registries",
    "missing-registry",
    "unprefixed-sha-tag",
    "mutable-deploy",
    "tag-never-pushed",
    "deploy-before-push",
    "no-rollback-dispatch",
    "missing-migrate-job",
    "deploy-before-migrate",
    "migrate-before-build",
    "migration-not-idempotent",
    "migrate-timeout",
    "migrate-in-deploy",
    "upper-case-reference",
    "missing-login",
    "missing-packages-permission",
    "secret-in-arguments",
    "no-concurrency-group",
    "cancel-in-progress",
    "latest-on-pull-request",
    "latest-from-several-branches",
    "invalid-tag",
    "digest-never-merged",
    "cache-overwrites-image",
    "environment-mismatch",
    "version-overwritten",
    "pull-request-deploy",
];

const TEST_IMAGES: &str = "test-images";
const THIRD_PARTY: &str = "third-party";
const LEVELS: [&str; 3] = ["off", "warning", "error"];

/// The table as it is written.
#[derive(Debug, Default)]
pub(super) struct RawLint {
    rules: Vec<(Spanned<String>, RuleLevel)>,
    pub(super) test_images: Field<List<String>>,
    pub(super) third_party: Field<List<String>>,
}

impl RawLint {
    /// The level of each rule that it names.
    pub(super) fn levels(&self) -> BTreeMap<String, RuleLevel> {
        self.rules.iter().map(|(name, level)| (name.get_ref().clone(), *level)).collect()
    }
}

impl Read for RawLint {
    fn read(value: &DeValue<'_>, at: &KeyContext<'_>, problems: &mut Problems) -> Option<Self> {
        let table = table(value, at, problems)?;
        let mut rules = Vec::new();
        for (key, value) in table {
            let name = key.get_ref().as_ref();
            if matches!(name, TEST_IMAGES | THIRD_PARTY) {
                continue;
            }
            if !LINT_RULES.contains(&name) {
                let known: Vec<&str> =
                    LINT_RULES.into_iter().chain([TEST_IMAGES, THIRD_PARTY]).collect();
                let help = match nearest(name, &known) {
                    Some(word) => format!("did you mean `{word}`?"),
                    None => "`tags lint --explain all` shows the rules".to_owned(),
                };
                problems.add_with_help(key.span(), format!("no lint rule `{name}`"), help);
                continue;
            }
            let at = KeyContext { key: name, span: value.span() };
            let Some(text) = String::read(value.get_ref(), &at, problems) else { continue };
            match level(&text) {
                Some(level) => rules.push((Spanned::new(key.span(), name.to_owned()), level)),
                None => problems.add_with_help(
                    value.span(),
                    format!("`{text}` is not a level of a rule"),
                    suggest(&text, LEVELS),
                ),
            }
        }
        Some(Self {
            rules,
            test_images: field(table, TEST_IMAGES, problems),
            third_party: field(table, THIRD_PARTY, problems),
        })
    }
}

fn level(text: &str) -> Option<RuleLevel> {
    match text {
        "off" => Some(RuleLevel::Off),
        "warning" => Some(RuleLevel::Warning),
        "error" => Some(RuleLevel::Error),
        _ => None,
    }
}

impl JsonSchema for RawLint {
    fn schema_name() -> Cow<'static, str> {
        "Lint".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let globs = |description: &str| {
            serde_json::json!({
                "description": description,
                "type": "array",
                "items": { "type": "string" },
                "default": [],
            })
        };
        let mut properties = serde_json::Map::new();
        properties.insert(
            TEST_IMAGES.to_owned(),
            globs("Repositories of images for tests, by glob on host/path; `*` is any text."),
        );
        properties.insert(
            THIRD_PARTY.to_owned(),
            globs("Repositories of images of others, by glob on host/path; `*` is any text."),
        );
        let rules = format!("^({})$", LINT_RULES.join("|"));
        let level = serde_json::json!({ "description": "The level of a rule.", "enum": LEVELS });
        json_schema!({
            "description": "How severe each rule of `tags lint` is, and which images it exempts.",
            "type": "object",
            "properties": properties,
            "patternProperties": { rules: level },
            "additionalProperties": false,
        })
    }
}
