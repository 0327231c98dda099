//! Unknown values: `${{ vars.X }}` instead of a known bad value is not reported.

use super::found;
use crate::lint::world::{LATEST, SHA, job, push, run, workflow};

/// Rule, a workflow with `%%`, the value that is bad there.
fn rows() -> Vec<(&'static str, String, &'static str)> {
    let script = |line: &str| job(&run(&[line]));
    let tags = |tags: &[&str]| job(&push(tags));
    let migrate = |line: &str| {
        format!(
            "on: push\njobs:\n  migrate:\n    timeout-minutes: 5\n    steps:\n{}",
            run(&["alembic upgrade head", line])
        )
    };
    let deploy = |keys: &str| {
        format!(
            "on: push\njobs:\n  migrate:\n    timeout-minutes: 5\n    steps: [{{ run: alembic upgrade head }}]\n  deploy:\n{keys}    steps: [{{ run: kubectl apply -f x }}]\n"
        )
    };
    let docr = "registry.digitalocean.com/meatscentral/projectmeats-backend";
    let ghcr = "ghcr.io/%%/projectmeats-backend:prod-latest";
    let other = push(&["ghcr.io/%%/app:prod-latest"]);
    let collision =
        push(&[SHA, LATEST]) + &other.replace("push: true", "push: true\n          context: b");
    let bare = |login: &str| {
        format!("on: push\njobs:\n  build:\n    steps:\n{}{}", run(&[login]), push(&[SHA, LATEST]))
    };
    let unpermitted = tags(&["%%/acme/app:x"]).replace("packages: write", "contents: read");
    let cancel = workflow("", "", &push(&[SHA]))
        .replace("concurrency: x", "concurrency: { group: x, cancel-in-progress: %% }");
    let used = |line: &str| job(&push(&[SHA, LATEST])) + "  use:\n    steps:\n" + &run(&[line]);
    let manage = format!("    steps:\n{}", run(&["kubectl apply -f x", "python manage.py %%"]));
    let in_deploy = deploy("    needs: migrate\n@")
        .replace("@    steps: [{ run: kubectl apply -f x }]\n", &manage);
    vec![
        ("duplicate-tag", tags(&[SHA, LATEST, "ghcr.io/acme/app:%%"]), "prod-latest"),
        ("tag-collision", job(&collision), "acme"),
        ("missing-sha-tag", tags(&["ghcr.io/acme/app:%%"]), "prod-latest"),
        ("missing-latest-tag", tags(&[SHA, "ghcr.io/acme/app:%%"]), "v1.0"),
        ("short-sha", tags(&["ghcr.io/acme/app:prod-%%"]), "0a1b2c3"),
        ("uneven-registries", tags(&[SHA, "quay.io/acme/app:%%"]), "prod-x"),
        ("missing-registry", tags(&[&format!("{docr}:prod-latest"), ghcr]), "acme"),
        ("unprefixed-sha-tag", tags(&["ghcr.io/acme/app:%%-${{ github.sha }}"]), "build"),
        ("mutable-deploy", script("docker pull ghcr.io/acme/app:%%"), "prod-latest"),
        ("mutable-deploy", used("docker pull \"ghcr.io/acme/app%%\""), ""),
        ("tag-never-pushed", used("docker pull ghcr.io/acme/app:%%-latest"), "uat"),
        ("tag-never-pushed", used("docker pull ghcr.io/acme/%%:prod-${{ github.sha }}"), "api"),
        ("deploy-before-push", used("docker pull ghcr.io/acme/app:%%"), "prod-latest"),
        ("deploy-before-migrate", deploy("    needs: migrate\n    if: %%\n"), "always()"),
        ("migration-not-idempotent", migrate("python manage.py migrate %%"), "--noinput"),
        ("migration-not-idempotent", migrate("python manage.py %%"), "migrate"),
        ("migrate-timeout", migrate("ls").replace(": 5", ": %%"), "60"),
        ("migrate-in-deploy", in_deploy, "migrate"),
        ("upper-case-reference", script("docker push ghcr.io/%%/app:x"), "Acme"),
        ("missing-login", bare("docker login -u x --password-stdin %% < t"), "quay.io"),
        ("missing-login", tags(&["%%/acme/app:x"]), "quay.io"),
        ("missing-packages-permission", unpermitted, "ghcr.io"),
        (
            "no-concurrency-group",
            tags(&["ghcr.io/acme/app:%%"]).replace("concurrency: x\n", ""),
            "x-latest",
        ),
        ("cancel-in-progress", cancel, "true"),
    ]
}

#[test]
fn what_nobody_knows_is_not_bad_by_itself() {
    for (rule, text, bad) in rows() {
        let known = text.replace("%%", bad);
        assert!(found(&known, rule) > 0, "{rule} misses {bad:?} in\n{known}");
        for unknown in
            ["${{ vars.X }}", "${{ github.event.client_payload.x }}", "${{ needs.plan.outputs.x }}"]
        {
            let text = text.replace("%%", unknown);
            assert_eq!(found(&text, rule), 0, "{rule} with {unknown} in\n{text}");
        }
    }
}

#[test]
fn variables_of_the_shell_that_nobody_sets_are_unknown_too() {
    for (rule, text, _) in rows().into_iter().filter(|(_, text, _)| text.contains("- run: |")) {
        let in_script: Vec<String> = text
            .lines()
            .map(|line| {
                if line.contains("manage.py") || line.contains("docker ") {
                    line.replace("%%", "$X")
                } else {
                    line.replace("%%", "${{ vars.X }}")
                }
            })
            .collect();
        let text = in_script.join("\n");
        assert_eq!(found(&text, rule), 0, "{rule} in\n{text}");
    }
}

#[test]
fn conditions_that_nobody_knows_excuse_nothing() {
    for (rule, steps) in [
        ("duplicate-tag", push(&[SHA, LATEST, SHA])),
        ("missing-latest-tag", push(&[SHA])),
        ("missing-sha-tag", push(&[LATEST])),
        ("mutable-deploy", run(&[&format!("docker pull {LATEST}")])),
        ("upper-case-reference", run(&["docker push ghcr.io/Acme/app:x"])),
    ] {
        let maybe = steps.replace("      - ", "      - if: vars.X == 'yes'\n        ");
        assert_eq!(found(&job(&maybe), rule), 1, "{rule}");
    }
}
