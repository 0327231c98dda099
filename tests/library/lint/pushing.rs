//! Nearly bad and nearly good, for the rules about what is pushed.

use crate::lint::world::{LATEST, SHA, by_convention, count, job, lines, one, push, run, workflow};

#[test]
fn duplicates_are_found_however_they_are_written() {
    for tags in [
        [SHA, "ghcr.io/acme/app:prod-${{github.sha}}", LATEST],
        [SHA, "${{ format('ghcr.io/acme/app:prod-{0}', github.sha) }}", LATEST],
        [LATEST, "${{ 'ghcr.io' }}/acme/app:prod-latest", SHA],
    ] {
        assert_eq!(lines(&one(&job(&push(&tags))), "duplicate-tag").len(), 1, "{tags:?}");
    }
    let list = push(&[]).replace("tags: |\n", &format!("tags: {SHA},{LATEST},{SHA}\n"));
    assert_eq!(count(&job(&list), "duplicate-tag"), 1);
    let script = run(&["docker push $I", "docker push ghcr.io/acme/app:prod-latest"]);
    let text = workflow("env: { I: 'ghcr.io/acme/app:prod-latest' }\n", "", &script);
    assert_eq!(count(&text, "duplicate-tag"), 1);
}

#[test]
fn retries_branches_and_other_tags_are_no_duplicates() {
    for script in [
        run(&["for i in 1 2 3; do docker push ghcr.io/acme/app:x && break; done"]),
        run(&["docker push ghcr.io/acme/app:x || (sleep 5; docker push ghcr.io/acme/app:x)"]),
        run(&[
            "if [ -n \"$A\" ]; then docker push ghcr.io/acme/app:x",
            "else docker push ghcr.io/acme/app:x; fi",
        ]),
        run(&[
            "if ! docker push ghcr.io/acme/app:x; then",
            "  docker push ghcr.io/acme/app:x",
            "fi",
        ]),
        run(&["docker push ghcr.io/acme/app:$A", "docker push ghcr.io/acme/app:$B"]),
        run(&[
            "# docker push ghcr.io/acme/app:x",
            "echo docker push ghcr.io/acme/app:x",
            "docker push ghcr.io/acme/app:x",
        ]),
        push(&[SHA, "ghcr.io/acme/app:prod-${{ github.sha }}-arm64", LATEST]),
        push(&["${{ steps.a.outputs.tag }}", "${{ steps.b.outputs.tag }}"]),
    ] {
        assert_eq!(count(&job(&script), "duplicate-tag"), 0, "{script}");
    }
}

#[test]
fn collisions_need_two_builds_of_the_same_run() {
    let two = push(&[SHA, LATEST]).replace("tags:", "context: a\n          tags:")
        + &push(&[SHA, LATEST]).replace("tags:", "context: b\n          tags:");
    assert_eq!(count(&job(&two), "tag-collision"), 2);
    let either = two.replacen("      - uses", "      - if: github.ref == 'a'\n        uses", 1);
    assert_eq!(count(&job(&either), "tag-collision"), 0);
    let built = run(&[
        "docker build -t ghcr.io/acme/app:x -f a/Dockerfile .",
        "docker push ghcr.io/acme/app:x",
        "docker build -t ghcr.io/acme/app:x -f b/Dockerfile .",
        "docker push ghcr.io/acme/app:x",
    ]);
    assert_eq!(lines(&one(&job(&built)), "tag-collision"), [14]);
}

#[test]
fn legs_of_a_matrix_collide_unless_a_value_or_a_condition_keeps_them_apart() {
    let matrix = "    strategy: { matrix: { app: [frontend, backend] } }\n";
    assert_eq!(count(&workflow("", matrix, &push(&[SHA, LATEST])), "tag-collision"), 2);
    let apart = push(&["ghcr.io/acme/${{ matrix.app }}:prod-latest"]);
    assert_eq!(count(&workflow("", matrix, &apart), "tag-collision"), 0);
    let only =
        push(&[SHA, LATEST]).replacen("- uses", "- if: matrix.app == 'backend'\n        uses", 1);
    assert_eq!(count(&workflow("", matrix, &only), "tag-collision"), 0);
    let excluded = "    strategy: { matrix: { app: [a, b], exclude: [{ app: a }] } }\n";
    assert_eq!(count(&workflow("", excluded, &push(&[SHA, LATEST])), "tag-collision"), 0);
    let unknown = "    strategy: { matrix: { app: '${{ fromJSON(needs.x.outputs.apps) }}' } }\n";
    assert_eq!(count(&workflow("", unknown, &push(&[SHA, LATEST])), "tag-collision"), 0);
    let listed = "    strategy: { matrix: { app: \"${{ fromJSON('[1, 2]') }}\" } }\n";
    assert_eq!(count(&workflow("", listed, &push(&[SHA, LATEST])), "tag-collision"), 2);
}

#[test]
fn missing_tags_are_told_once_for_each_registry() {
    let docr = "registry.digitalocean.com/acme/app:uat-${{ github.sha }}";
    let text = job(&push(&["ghcr.io/acme/app:uat-${{ github.sha }}", docr]));
    assert_eq!(count(&text, "missing-latest-tag"), 2);
    assert_eq!(lines(&by_convention(&[("ci.yml", &text)]), "missing-latest-tag"), [13, 13]);
    assert_eq!(count(&job(&push(&[LATEST])), "missing-sha-tag"), 1);
    let other_environment = job(&push(&["ghcr.io/acme/app:uat-${{ github.sha }}", LATEST]));
    assert_eq!(count(&other_environment, "missing-latest-tag"), 1);
}

#[test]
fn nothing_is_missing_where_it_may_be_there() {
    for steps in [
        push(&[SHA, LATEST]),
        push(&["ghcr.io/acme/app:${{ vars.TAG }}"]),
        push(&["${{ steps.unknown.outputs.tags }}"]),
        push(&[SHA]).replace("push: true", "push: false"),
        push(&[SHA])
            + &run(&[
                "docker tag x ghcr.io/acme/app:prod-latest",
                "docker push ghcr.io/acme/app:prod-latest",
            ]),
        push(&[SHA, "ghcr.io/acme/app:${{ vars.X == 'x' && 'prod-latest' || 'uat-latest' }}"]),
        run(&[
            "docker buildx imagetools create -t ghcr.io/acme/app:prod-latest ghcr.io/acme/app:prod-$SHA",
        ]),
        push(&["localhost:5000/app:test"]),
    ] {
        let text = job(&steps);
        assert_eq!(
            count(&text, "missing-latest-tag") + count(&text, "missing-sha-tag"),
            0,
            "{steps}"
        );
    }
}

#[test]
fn short_shas_are_found_in_every_spelling() {
    for tag in [
        "prod-${GITHUB_SHA::7}",
        "prod-${GITHUB_SHA:0:8}",
        "prod-$(git rev-parse --short HEAD)",
        "prod-$(echo \"$GITHUB_SHA\" | cut -c1-7)",
        "prod-$SHORT",
    ] {
        let script = run(&[
            "SHORT=$(git rev-parse --short=9 HEAD)",
            &format!("docker push \"ghcr.io/acme/app:{tag}\""),
        ]);
        assert_eq!(count(&job(&script), "short-sha"), 1, "{tag}");
    }
    let output = "      - id: v\n        run: echo \"sha=${GITHUB_SHA::7}\" >> \"$GITHUB_OUTPUT\"\n"
        .to_owned() + &push(&["ghcr.io/acme/app:prod-${{ steps.v.outputs.sha }}"]);
    assert_eq!(count(&job(&output), "short-sha"), 1);
    for tag in ["prod-$GITHUB_SHA", "v1.20240101", "prod-$(git rev-parse HEAD)", "prod-${X::7}"] {
        let script = run(&[&format!("docker push \"ghcr.io/acme/app:{tag}\"")]);
        assert_eq!(count(&job(&script), "short-sha"), 0, "{tag}");
    }
}

#[test]
fn prefixes_are_missed_only_where_they_cannot_be() {
    for (tag, expected) in [
        ("${{ github.sha }}", 1),
        ("build-${{ github.sha }}", 1),
        ("production-${{ github.sha }}", 1),
        ("staging-${{ github.sha }}", 0),
        ("${{ vars.ENVIRONMENT }}-${{ github.sha }}", 0),
        ("${{ github.ref == 'x' && 'prod' || 'dev' }}-${{ github.sha }}", 0),
    ] {
        let text = job(&push(&[&format!("ghcr.io/acme/app:{tag}")]));
        assert_eq!(count(&text, "unprefixed-sha-tag"), expected, "{tag}");
    }
}

#[test]
fn a_line_that_pushes_a_tag_twice_is_not_told_of_its_own_number() {
    let list = push(&[]).replace("tags: |\n", &format!("tags: {SHA},{LATEST},{SHA}\n"));
    let findings = one(&job(&list));
    let twice: Vec<&str> =
        findings.iter().filter(|f| f.rule == "duplicate-tag").map(|f| f.message.as_str()).collect();
    assert_eq!(twice.len(), 1, "{findings:#?}");
    assert!(twice[0].ends_with("is pushed twice by this line"), "{twice:?}");
}

#[test]
fn an_empty_value_is_shown_as_its_expression_with_the_event_that_leaves_it_empty() {
    let text = include_str!("cases/empty-context.yml");
    let findings = one(text);
    let told: Vec<(&str, &str)> =
        findings.iter().map(|f| (f.subject.as_str(), f.message.as_str())).collect();
    let deploy = "ghcr.io/fern/shop:prod-${{ inputs.tag }}";
    let pushed = "ghcr.io/fern/shop:${{ github.head_ref }}-${{ github.sha }}";
    for (subject, why) in [
        (deploy, "`inputs.tag` is empty when `push` starts the workflow"),
        (pushed, "`github.head_ref` is empty when `push` starts the workflow"),
    ] {
        let said = told.iter().any(|(of, message)| *of == subject && message.ends_with(why));
        assert!(said, "{told:#?}");
    }
    assert!(told.iter().all(|(subject, _)| !subject.ends_with("prod-")), "{told:#?}");
}
