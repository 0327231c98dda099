//! Tags that `docker/metadata-action` makes: what its rules say, and what they only may say.

use super::indented;
use crate::lint::world::{count, job, one, push, run};

/// How often a rule finds something behind rules for one image.
fn found(rule: &str, image: &str, rules: &[&str]) -> usize {
    count(&pushing(image, rules), rule)
}

/// A job that pushes what the action gives.
fn pushing(image: &str, rules: &[&str]) -> String {
    let rules: String = indented("            ", rules.iter());
    let meta = format!(
        "      - id: meta\n        uses: docker/metadata-action@v5\n        with:\n          images: {image}\n          tags: |\n{rules}"
    );
    job(&(meta + &push(&["${{ steps.meta.outputs.tags }}"])))
}

const IMAGE: &str = "ghcr.io/acme/app";
const LONG: &str = "type=sha,format=long,prefix=prod-";
const LATEST: &str = "type=raw,value=prod-latest";

#[test]
fn rules_are_read_as_the_action_reads_them() {
    for (rule, rules, expected) in [
        ("short-sha", ["type=sha,prefix=prod-", LATEST], 1),
        ("short-sha", [LONG, LATEST], 0),
        ("short-sha", [LONG, "# type=sha,prefix=prod-"], 0),
        ("short-sha", [LONG, "type=sha,prefix=prod-,enable=false"], 0),
        ("missing-sha-tag", ["type=raw,value=edge", LATEST], 1),
        ("missing-sha-tag", ["type=raw,value=v1.2", LATEST], 0),
        ("missing-sha-tag", [LONG, LATEST], 0),
        ("missing-sha-tag", ["type=raw,value=prod-${{ github.sha }}", LATEST], 0),
        ("missing-sha-tag", ["type=raw,value=${{ vars.X }}", LATEST], 0),
        ("missing-latest-tag", [LONG, "type=raw,value=v1"], 1),
        ("missing-latest-tag", [LONG, "# type=raw,value=prod-latest"], 1),
        ("missing-latest-tag", [LONG, LATEST], 0),
        (
            "missing-latest-tag",
            [LONG, "type=raw,value=prod-latest,enable={{is_default_branch}}"],
            0,
        ),
        ("missing-latest-tag", [LONG, "type=raw,value=${{ vars.TAG }}"], 0),
        // The action writes each tag once.
        ("duplicate-tag", [LATEST, LATEST], 0),
        ("duplicate-tag", [LATEST, "type=raw,value=prod-latest,enable=false"], 0),
        ("duplicate-tag", [LATEST, "# type=raw,value=prod-latest"], 0),
        ("unprefixed-sha-tag", ["type=sha,format=long", LATEST], 1),
        ("unprefixed-sha-tag", ["type=sha,format=long,prefix=${{ vars.X }}-", LATEST], 0),
    ] {
        assert_eq!(found(rule, IMAGE, &rules), expected, "{rule} of {rules:?}");
    }
}

#[test]
fn names_are_lower_cased_and_may_be_unknown() {
    for image in ["ghcr.io/Acme/App", "ghcr.io/${{ github.repository }}", "${{ vars.IMAGE }}"] {
        for rule in ["upper-case-reference", "missing-login", "missing-latest-tag"] {
            assert_eq!(found(rule, image, &[LONG, LATEST]), 0, "{rule} of {image}");
        }
    }
    assert_eq!(found("missing-login", "quay.io/acme/app", &[LONG, LATEST]), 1);
}

#[test]
fn messages_name_unknown_parts_as_the_workflow_does() {
    let subject = |text: &str, rule: &str| {
        let found = one(text).into_iter().find(|finding| finding.rule == rule);
        found.map(|finding| finding.subject).unwrap_or_default()
    };
    let lowered = pushing("ghcr.io/${{ github.repository }}", &["type=sha,prefix=uat-"]);
    assert_eq!(
        subject(&lowered, "short-sha"),
        "ghcr.io/${{ github.repository }}:uat-<7 digits of github.sha>"
    );
    let command = format!("docker pull ghcr.io/acme/app:prod-$(cat {})-latest", "x".repeat(300));
    let shortened = subject(&job(&run(&[&command])), "mutable-deploy");
    let ends = shortened.starts_with("ghcr.io/acme/app:prod-$(cat xxx")
        && shortened.ends_with("x…-latest");
    assert!(ends, "{shortened}");
}
