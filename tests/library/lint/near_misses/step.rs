//! The rules that a step can break: a workflow with room for the step, and the step.

use crate::lint::world::{LATEST, SHA, count, job, push, run, workflow};

/// A step that breaks a rule in a workflow that is fine without it.
pub(super) struct Case {
    pub(super) rule: &'static str,
    /// `@step` is where the step goes, `@if` where its job may have a condition.
    frame: String,
    pub(super) step: String,
}

impl Case {
    /// The workflow with another step in the place of the bad one.
    pub(super) fn with(&self, step: &str) -> String {
        self.frame.replace("@if", "").replace("@step", step)
    }

    /// The workflow in which the step's job has a condition.
    pub(super) fn with_job_if(&self, condition: &str) -> String {
        let condition = format!("    if: {condition}\n");
        self.frame.replace("@if", &condition).replace("@step", &self.step)
    }

    /// The commands of the step, or the lines of its YAML.
    pub(super) fn said(&self) -> Vec<String> {
        let script = self.step.contains("- run: |");
        let lines = self.step.lines().skip(usize::from(script));
        lines.map(|line| line.trim().replace('\'', "\"")).collect()
    }
}

const DOCR: &str = "registry.digitalocean.com/meatscentral/projectmeats-backend";

/// One or two for each rule.
pub(super) fn cases() -> Vec<Case> {
    pushing().into_iter().chain(around_pushes()).chain(using()).chain(migrating()).collect()
}

fn pushing() -> Vec<Case> {
    let frame = workflow("", "@if", "@step");
    let case = |rule, step| Case { rule, frame: frame.clone(), step };
    let first = push(&[SHA, LATEST]).replace("push: true", "push: true\n          context: a");
    let docr_sha = format!("{DOCR}:prod-${{{{ github.sha }}}}");
    let short = "docker push ghcr.io/acme/app:prod-${GITHUB_SHA::7}";
    let upper = "docker push ghcr.io/Acme/app:prod-latest";
    let twice = format!("docker push {LATEST}");
    vec![
        case("duplicate-tag", push(&[SHA, LATEST, SHA])),
        case("duplicate-tag", run(&[&twice, "docker images", &twice])),
        Case {
            rule: "tag-collision",
            frame: workflow("", "@if", &(first + "@step")),
            step: push(&[SHA]),
        },
        case("missing-sha-tag", run(&[&twice])),
        case("missing-sha-tag", push(&["ghcr.io/acme/app:edge"])),
        case("missing-latest-tag", push(&[SHA])),
        case("missing-latest-tag", run(&[&format!("docker push {SHA}")])),
        case("short-sha", run(&[short])),
        case("uneven-registries", push(&[SHA, LATEST, "quay.io/acme/app:prod-latest"])),
        case("missing-registry", push(&[&docr_sha])),
        case("missing-registry", run(&[&format!("docker push {DOCR}:uat-latest")])),
        case("unprefixed-sha-tag", run(&["docker push \"ghcr.io/acme/app:$GITHUB_SHA\""])),
        case("upper-case-reference", run(&[upper])),
        case(
            "secret-in-arguments",
            run(&["docker login ghcr.io -u me --password=${{ secrets.TOKEN }}"]),
        ),
    ]
}

fn around_pushes() -> Vec<Case> {
    let frame = workflow("", "@if", "      - run: ls\n@step");
    let both = push(&[SHA, LATEST]);
    let script = run(&[&format!("docker push {SHA}"), &format!("docker push {LATEST}")]);
    let bare = "on: push\npermissions: write-all\nconcurrency: x\njobs:\n  build:\n@if    steps:\n      - run: ls\n@step";
    let unpermitted = frame.replace("packages: write", "contents: read");
    let uncontrolled = frame.replace("concurrency: x\n", "");
    let group = "concurrency: { group: x, cancel-in-progress: true }\n";
    let cancelled = frame.replace("concurrency: x\n", group);
    let case = |rule, frame: &str, step: &str| Case {
        rule,
        frame: frame.to_owned(),
        step: step.to_owned(),
    };
    vec![
        case("missing-login", bare, &both),
        case("missing-login", bare, &script),
        case("missing-packages-permission", &unpermitted, &both),
        case("missing-packages-permission", &unpermitted, &script),
        case("no-concurrency-group", &uncontrolled, &both),
        case("no-concurrency-group", &uncontrolled, &script),
        case("cancel-in-progress", &cancelled, &both),
        case("cancel-in-progress", &cancelled, &script),
    ]
}

fn using() -> Vec<Case> {
    let built = job(&push(&[SHA, LATEST]));
    let user = |needs: &str| {
        format!("{built}  use:\n    needs: {needs}\n@if    steps:\n      - run: ls\n@step")
    };
    let case = |rule, frame, script: &str| Case { rule, frame, step: run(&[script]) };
    let run_latest = format!("docker run -d --name app -p 80:80 {LATEST}");
    let pull = format!("docker pull {SHA}");
    vec![
        case("mutable-deploy", user("build"), &run_latest),
        case("mutable-deploy", user("build"), "T=prod-latest; docker pull ghcr.io/acme/app:$T"),
        case("tag-never-pushed", user("build"), &pull.replace("prod", "uat")),
        case("tag-never-pushed", user("build"), "docker pull ghcr.io/acme/app:uat-latest"),
        case("deploy-before-push", user("[]"), &pull),
        case("deploy-before-push", user("[]"), &format!("ssh me@host \"{pull}\"")),
    ]
}

fn migrating() -> Vec<Case> {
    let migrate = "on: push\njobs:\n  migrate:\n@if    timeout-minutes: 5\n    steps:\n      - run: alembic upgrade head\n@step";
    let deploy = "on: push\njobs:\n  migrate:\n    timeout-minutes: 5\n    steps: [{ run: alembic upgrade head }]\n  deploy:\n    needs: migrate\n@if    steps:\n      - run: kubectl apply -f app.yml\n@step";
    let case = |rule, frame: &str, script: &str| Case {
        rule,
        frame: frame.to_owned(),
        step: run(&[script]),
    };
    let shared = "python backend/manage.py migrate_schemas --shared --noinput";
    vec![
        case("migration-not-idempotent", migrate, shared),
        case("migration-not-idempotent", migrate, "docker exec web ./manage.py migrate"),
        case("migrate-in-deploy", deploy, "python3 manage.py migrate --fake-initial"),
        case("migrate-in-deploy", deploy, "ssh me@host \"cd app && python manage.py migrate\""),
    ]
}

#[test]
fn only_what_a_step_exports_reaches_the_next_one() {
    let pull = run(&["docker pull ghcr.io/acme/app:prod-$X"]);
    let export = run(&["echo X=latest >> $GITHUB_ENV"]);
    let variable = |name: &str| format!("      - run: 'true'\n        env: {{ {name}: latest }}\n");
    for (before, expected) in [
        (export, 1),
        (variable("X"), 0),
        (variable("\"\\0X\""), 0),
        (variable("Y") + &run(&["echo X=$Y >> $GITHUB_ENV"]), 0),
    ] {
        let text = job(&(before.clone() + &pull));
        assert_eq!(count(&text, "mutable-deploy"), expected, "{before}");
    }
}
