//! Reusable workflows: what a caller gives decides, and alone their inputs can be anything.

use crate::lint::world::{LATEST, SHA, by_convention, job, lines, push, run, set};

const CALLED: &str = "on:\n  workflow_call:\n    inputs: { x: { type: string } }\n";

/// How often a rule finds something in a caller with its callee.
fn found(rule: &str, calling: &str, called: &str) -> usize {
    lines(&by_convention(&[("ci.yml", calling), ("called.yml", called)]), rule).len()
}

/// A job that calls the other workflow.
fn call(name: &str, keys: &str, value: &str) -> String {
    format!(
        "  {name}:\n{keys}    uses: ./.github/workflows/called.yml\n    with: {{ x: '{value}' }}\n"
    )
}

fn caller(jobs: &str) -> String {
    format!(
        "on: {{ push: {{ branches: [main] }} }}\npermissions: {{ packages: write }}\nconcurrency: x\njobs:\n{jobs}"
    )
}

/// A callee whose job pushes or runs something that depends on its input.
fn callee(job_name: &str, steps: &str) -> String {
    let steps = steps.replace("<x>", "${{ inputs.x }}");
    let login = "      - uses: docker/login-action@v3\n        with: { registry: ghcr.io, password: '${{ github.token }}' }\n";
    format!("{CALLED}jobs:\n  {job_name}:\n    steps:\n{login}{steps}")
}

#[test]
fn what_a_callee_pushes_depends_on_its_caller() {
    let rows = [
        ("duplicate-tag", push(&[SHA, LATEST, "ghcr.io/acme/app:<x>"]), "prod-latest", "v1"),
        (
            "missing-sha-tag",
            push(&["ghcr.io/acme/app:<x>"]),
            "prod-latest",
            "prod-${{ github.sha }}",
        ),
        ("missing-latest-tag", push(&[SHA, "ghcr.io/acme/app:<x>-latest"]), "uat", "prod"),
        ("short-sha", push(&["ghcr.io/acme/app:<x>"]), "prod-0a1b2c3", "prod-${{ github.sha }}"),
        (
            "uneven-registries",
            push(&[LATEST, "quay.io/acme/app:prod-latest", "ghcr.io/acme/app:<x>-latest"]),
            "uat",
            "prod",
        ),
        ("unprefixed-sha-tag", push(&["ghcr.io/acme/app:<x>${{ github.sha }}"]), "x-", "prod-"),
        ("upper-case-reference", run(&["docker push ghcr.io/acme/<x>:v1"]), "App", "app"),
        ("missing-login", push(&["<x>/acme/app:v1"]), "quay.io", "ghcr.io"),
    ];
    for (rule, steps, bad, good) in rows {
        let callee = callee("push", &steps);
        assert_eq!(found(rule, &caller(&call("a", "", bad)), &callee), 1, "{rule}");
        assert_eq!(found(rule, &caller(&call("a", "", good)), &callee), 0, "{rule}");
        let both = call("a", "", good) + &call("b", "", bad);
        // What one caller pushes counts for the run, and so nothing is missing.
        let expected = usize::from(!["missing-sha-tag", "missing-latest-tag"].contains(&rule));
        assert_eq!(found(rule, &caller(&both), &callee), expected, "{rule} behind the second");
        assert_eq!(found(rule, &caller(&call("a", "", "${{ vars.X }}")), &callee), 0, "{rule}");
        assert_eq!(found(rule, &caller(&call("a", "    if: false\n", bad)), &callee), 0, "{rule}");
        assert_eq!(lines(&set(&[("called.yml", &callee)]), rule).len(), 0, "{rule} alone");
    }
}

#[test]
fn two_callers_build_two_images_or_collide() {
    let callee = callee("build", &push(&["ghcr.io/acme/<x>:prod-${{ github.sha }}"]));
    let twice = |a: &str, b: &str| caller(&(call("a", "", a) + &call("b", "", b)));
    assert_eq!(found("tag-collision", &twice("web", "api"), &callee), 0);
    // The same build twice pushes the same image.
    assert_eq!(found("tag-collision", &twice("web", "web"), &callee), 0);
    let commands = ["docker build -t ghcr.io/acme/app:v1 <x>", "docker push ghcr.io/acme/app:v1"];
    let other = self::callee("build", &run(&commands));
    assert_eq!(found("tag-collision", &twice("web", "api"), &other), 1);
    assert_eq!(found("tag-collision", &twice("${{ vars.A }}", "${{ vars.B }}"), &callee), 0);
}

#[test]
fn what_a_caller_allows_and_orders_holds_inside() {
    let build = callee("push", &push(&[SHA, LATEST]));
    let plain = caller(&call("a", "", "x"));
    let open = plain.replace("concurrency: x\n", "");
    let grouped = call("a", "    concurrency: x\n", "x");
    let cancels =
        plain.replace("concurrency: x", "concurrency: { group: x, cancel-in-progress: true }");
    let unpermitted = plain.replace("packages: write", "packages: read");
    for (rule, text, expected) in [
        ("no-concurrency-group", &plain, 0),
        ("no-concurrency-group", &open, 1),
        ("no-concurrency-group", &open.replace(&call("a", "", "x"), &grouped), 0),
        ("cancel-in-progress", &plain, 0),
        ("cancel-in-progress", &cancels, 1),
        ("missing-packages-permission", &plain, 0),
        ("missing-packages-permission", &unpermitted, 1),
    ] {
        assert_eq!(found(rule, text, &build), expected, "{rule} in\n{text}");
        assert_eq!(lines(&set(&[("called.yml", &build)]), rule).len(), 0, "{rule} alone");
    }
}

#[test]
fn what_a_callee_deploys_depends_on_its_caller() {
    let using = callee("deploy", &run(&["docker pull ghcr.io/acme/app:<x>"]));
    let pushed = job(&push(&[SHA, LATEST]));
    let needing = |needs: &str, value: &str| {
        let migrate = "  migrate:\n    needs: build\n    timeout-minutes: 5\n    steps: [{ run: alembic upgrade head }]\n";
        format!("{pushed}{migrate}{}", call("deploy", &format!("    needs: [{needs}]\n"), value))
    };
    let sha = "prod-${{ github.sha }}";
    for (rule, needs, value, expected) in [
        ("mutable-deploy", "migrate", "prod-latest", 1),
        ("mutable-deploy", "migrate", sha, 0),
        ("mutable-deploy", "migrate", "${{ vars.X }}", 0),
        ("tag-never-pushed", "migrate", "uat-${{ github.sha }}", 1),
        ("tag-never-pushed", "migrate", "uat-latest", 1),
        ("tag-never-pushed", "migrate", sha, 0),
        ("tag-never-pushed", "migrate", "${{ vars.X }}", 0),
        ("deploy-before-push", "", sha, 1),
        ("deploy-before-push", "build", sha, 0),
        ("deploy-before-push", "", "${{ vars.X }}", 0),
        ("deploy-before-migrate", "build", sha, 1),
        ("deploy-before-migrate", "migrate", sha, 0),
        ("missing-migrate-job", "migrate", sha, 0),
    ] {
        let text = needing(needs, value);
        assert_eq!(found(rule, &text, &using), expected, "{rule} with {needs} and {value}");
        assert_eq!(lines(&set(&[("called.yml", &using)]), rule).len(), 0, "{rule} alone");
    }
}

#[test]
fn a_callee_may_hold_the_migration() {
    let with = |keys: &str, command: &str| {
        format!("{CALLED}jobs:\n  apply:\n{keys}    steps:\n{}", run(&[command]))
            .replace("<x>", "${{ inputs.x }}")
    };
    let build = "  build:\n    steps: []\n";
    let calling = |name: &str, keys: &str, value: &str| {
        caller(&(build.to_owned() + &call(name, keys, value)))
    };
    let command = "python manage.py migrate <x>";
    let limit = "    timeout-minutes: <x>\n";
    for (rule, name, callee, value, expected) in [
        ("migration-not-idempotent", "migrate", with("", command), "--noinput", 1),
        ("migration-not-idempotent", "migrate", with("", command), "--fake-initial", 0),
        ("migration-not-idempotent", "migrate", with("", command), "${{ vars.X }}", 0),
        (
            "migrate-in-deploy",
            "deploy",
            with("", "kubectl apply -f x; python manage.py migrate <x>"),
            "x",
            1,
        ),
        ("migrate-in-deploy", "deploy", with("", command), "--fake-initial", 0),
        ("migrate-timeout", "migrate", with("", "goose up"), "5", 1),
        ("migrate-timeout", "migrate", with(limit, "goose up"), "60", 1),
        ("migrate-timeout", "migrate", with(limit, "goose up"), "5", 0),
        ("migrate-timeout", "migrate", with(limit, "goose up"), "${{ vars.X }}", 0),
        ("migrate-before-build", "migrate", with("", "goose up"), "x", 1),
        ("missing-migrate-job", "deploy", with("", "kubectl apply -f x"), "x", 1),
    ] {
        let text = calling(name, "", value);
        assert_eq!(found(rule, &text, &callee), expected, "{rule} with {value}");
        // The limit of a migration is its own, whoever calls it.
        if rule != "migrate-timeout" {
            assert_eq!(lines(&set(&[("called.yml", &callee)]), rule).len(), 0, "{rule} alone");
        }
    }
    let after = calling("migrate", "    needs: build\n", "x");
    assert_eq!(found("migrate-before-build", &after, &with("", "goose up")), 0);
}

#[test]
fn a_workflow_that_is_not_at_hand_may_do_anything() {
    let other = "    uses: acme/pipelines/.github/workflows/called.yml@v1\n";
    let text = caller(&format!(
        "  all:\n{other}  deploy:\n    needs: all\n    steps:\n{}",
        run(&[&format!("docker pull {SHA}"), "docker pull ghcr.io/acme/app:uat-latest"])
    ));
    for rule in ["missing-migrate-job", "tag-never-pushed", "deploy-before-push", "missing-login"] {
        assert_eq!(found(rule, &text, "on: workflow_call\njobs: {}\n"), 0, "{rule}");
    }
}

#[test]
fn an_output_is_what_its_jobs_give_and_text_in_it_stays_as_it_is() {
    let called = |value: &str| {
        format!(
            "on:\n  workflow_call:\n    outputs:\n      ref: {{ value: \"{value}\" }}\njobs:\n  a:\n    outputs: {{ tag: prod-latest }}\n    steps: []\n"
        )
    };
    let uses = "  b:\n    needs: a\n    steps:\n      - run: docker pull ghcr.io/acme/${{ needs.a.outputs.ref }}\n";
    let calling = caller(&(call("a", "", "x") + uses));
    let pulled = |value: &str| {
        let found = set(&[("ci.yml", &calling), ("called.yml", &called(value))]);
        found.into_iter().find(|f| f.rule == "mutable-deploy").map(|f| f.subject)
    };
    for (value, expected) in [
        ("app:${{ jobs.a.outputs.tag }}", Some("app:prod-latest")),
        ("jobs.app:prod-latest", Some("jobs.app:prod-latest")),
        ("${{ 'jobs.app:' }}${{ jobs.a.outputs.tag }}", Some("jobs.app:prod-latest")),
        ("app:${{ jobs.a.outputs.other }}", None),
    ] {
        let expected = expected.map(|name| format!("ghcr.io/acme/{name}"));
        assert_eq!(pulled(value), expected, "{value}");
    }
}
