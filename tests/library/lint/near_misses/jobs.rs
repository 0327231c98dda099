//! The rules that a job can break by what it is called, needs and allows.

use super::check_rows;
use crate::lint::world::{LATEST, SHA, push, work, workflow};

/// A job that breaks a rule in a workflow that is fine without it.
pub(super) struct Case {
    pub(super) rule: &'static str,
    /// `@job` is where the job goes.
    frame: String,
    pub(super) job: String,
}

impl Case {
    /// The workflow with another job in the place of the bad one.
    pub(super) fn with(&self, job: &str) -> String {
        self.frame.replace("@job", job)
    }
}

/// A job that does what its name says.
fn named(name: &str, keys: &str) -> String {
    format!("  {name}:\n{keys}    steps:\n      - run: {}\n", work(name))
}

/// One for each rule.
pub(super) fn cases() -> Vec<Case> {
    let frame = |on: &str, jobs: &str| format!("on: {on}\njobs:\n{}{jobs}@job", named("test", ""));
    let migrate = named("migrate", "    timeout-minutes: 5\n");
    let waiting = named("deploy", "    needs: migrate\n");
    let case = |rule, frame, job: &str| Case { rule, frame, job: job.to_owned() };
    vec![
        case("missing-migrate-job", frame("push", ""), &named("deploy-web", "")),
        case("deploy-before-migrate", frame("push", &migrate), &named("Promote", "")),
        case("migrate-before-build", frame("push", &named("build-web", "")), &migrate),
        case("migrate-timeout", frame("push", ""), &named("run-migrations", "")),
        case("no-rollback-dispatch", frame("workflow_dispatch", &migrate), &waiting),
    ]
}

fn row(rule: &'static str, jobs: &[String], expected: usize) -> (&'static str, String, usize) {
    (rule, format!("on: push\njobs:\n{}", jobs.concat()), expected)
}

#[test]
fn what_a_job_does_tells_what_it_is_for() {
    let alone = |name: &str, expected| row("missing-migrate-job", &[named(name, "")], expected);
    check_rows(&[
        alone("deploy", 1),
        alone("DEPLOY_web", 1),
        alone("promote-to-prod", 1),
        alone("rollback", 0),
        alone("undeploy-preview", 0),
        alone("check-deploy", 0),
        row("missing-migrate-job", &["  deploy:\n    steps: [{ run: make site }]\n".to_owned()], 0),
        row(
            "missing-migrate-job",
            &["  web:\n    steps: [{ run: kubectl apply -f x }]\n".to_owned()],
            1,
        ),
        alone("test", 0),
        row("missing-migrate-job", &[named("deploy", ""), named("db-migration", "")], 0),
        row("missing-migrate-job", &[named("deploy", ""), named("db", "    name: Migrate\n")], 0),
    ]);
}

#[test]
fn limits_of_a_migration_are_those_that_are_known() {
    let limit = |key: &str, expected| row("migrate-timeout", &[named("migrate", key)], expected);
    check_rows(&[
        limit("", 1),
        limit("    timeout-minutes: 16\n", 1),
        limit("    timeout-minutes: ${{ 10 == 10 && 30 }}\n", 1),
        limit("    timeout-minutes: 15\n", 0),
        limit("    timeout-minutes: 0.5\n", 0),
        limit("    timeout-minutes: ${{ vars.TIMEOUT }}\n", 0),
        limit("    timeout-minutes: ${{ fromJSON(vars.TIMEOUT) }}\n", 0),
        row("migrate-timeout", &[named("test", "    timeout-minutes: 60\n")], 0),
    ]);
}

#[test]
fn a_deploy_waits_for_the_migration_or_does_not() {
    let migrate = named("migrate", "    timeout-minutes: 5\n");
    let row = |jobs: &[String], expected| {
        let all: Vec<String> = [std::slice::from_ref(&migrate), jobs].concat();
        row("deploy-before-migrate", &all, expected)
    };
    let deploy = |keys: &str| named("deploy", keys);
    check_rows(&[
        row(&[deploy("")], 1),
        row(&[deploy("    needs: migrate\n    if: ${{ always() || github.ref == 'x' }}\n")], 1),
        row(&[deploy("    needs: migrate\n    if: success() || cancelled()\n")], 1),
        row(&[deploy("    needs: migrate\n    if: ${{ !failure() && !cancelled() }}\n")], 0),
        row(&[deploy("    needs: migrate\n    if: vars.FORCE == 'yes'\n")], 0),
        row(&[deploy("    needs: migrate\n    if: always() && false\n")], 0),
        row(&[deploy("    needs: migrate # if: always()\n")], 0),
        row(&[deploy("    needs: check\n"), named("check", "    needs: [migrate]\n")], 0),
        row(&[deploy("    needs: [check]\n"), named("check", "")], 1),
        row(&[named("rollback", "")], 0),
        row(&[named("notify", "    if: always()\n")], 0),
    ]);
}

#[test]
fn a_migration_waits_for_some_build() {
    let row = |build: &str, migrate: &str, expected| {
        let jobs =
            [named(build, ""), named("migrate", &format!("    timeout-minutes: 5\n{migrate}"))];
        row("migrate-before-build", &jobs, expected)
    };
    check_rows(&[
        row("build", "", 1),
        row("Build_Images", "", 1),
        row("build", "    needs: build\n", 0),
        row("build", "    needs: [build]\n", 0),
        row("rebuild-index", "", 0),
        row("test", "", 0),
    ]);
}

#[test]
fn what_a_job_may_do_is_said_by_itself_or_by_its_workflow() {
    let steps = push(&[SHA, LATEST]);
    let row = |top: &str, keys: &str, expected| {
        let text = workflow("", keys, &steps).replace("permissions: { packages: write }\n", top);
        ("missing-packages-permission", text, expected)
    };
    let write = "permissions: { packages: write }\n";
    check_rows(&[
        row("", "", 1),
        row("permissions: read-all\n", "", 1),
        row("permissions: {}\n", "", 1),
        row("# permissions: { packages: write }\n", "", 1),
        row(write, "    permissions: { contents: read }\n", 1),
        row(
            "permissions: read-all\n",
            "    permissions: { id-token: write, packages: write }\n",
            0,
        ),
        row("", "    permissions: write-all\n", 0),
        row(write, "", 0),
    ]);
}

#[test]
fn one_run_at_a_time_may_be_asked_for_in_any_way() {
    let steps = push(&[SHA, LATEST]);
    let row = |rule, top: &str, keys: &str, expected| {
        (rule, workflow("", keys, &steps).replace("concurrency: x\n", top), expected)
    };
    let cancel =
        |value: &str| format!("concurrency: {{ group: x, cancel-in-progress: {value} }}\n");
    check_rows(&[
        row("no-concurrency-group", "", "", 1),
        row("no-concurrency-group", "# concurrency: x\n", "", 1),
        row("no-concurrency-group", "concurrency: '${{ vars.GROUP }}'\n", "", 0),
        row("no-concurrency-group", "", "    concurrency: { group: x }\n", 0),
        row("cancel-in-progress", &cancel("true"), "", 1),
        row("cancel-in-progress", &cancel("'${{ true }}'"), "", 1),
        row("cancel-in-progress", &cancel("'${{ !false }}'"), "", 1),
        row("cancel-in-progress", &cancel("false"), "", 0),
        row("cancel-in-progress", &cancel("false # true"), "", 0),
        row("cancel-in-progress", &cancel("'${{ github.event_name == 1 }}'"), "", 0),
        row("cancel-in-progress", &cancel("'${{ vars.CANCEL }}'"), "", 0),
    ]);
    let tests = format!("on: push\n{}jobs:\n{}", cancel("true"), named("test", ""));
    check_rows(&[("cancel-in-progress", tests.clone(), 0)]);
    check_rows(&[(
        "cancel-in-progress",
        tests.replace("test:", "a:").replace("run: ls", "run: kubectl apply -f x"),
        1,
    )]);
}

#[test]
fn starting_by_hand_needs_a_release_to_go_back_to() {
    let jobs =
        named("migrate", "    timeout-minutes: 5\n") + &named("deploy", "    needs: migrate\n");
    let row = |on: &str, expected| ("no-rollback-dispatch", format!("{on}jobs:\n{jobs}"), expected);
    let inputs = |inputs: &str| format!("on:\n  workflow_dispatch:\n    inputs:\n      {inputs}\n");
    check_rows(&[
        row("on: [push, workflow_dispatch]\n", 1),
        row("on:\n  workflow_dispatch:\n", 1),
        row(&inputs("reason: { type: string } # sha"), 1),
        row(&inputs("mode: { type: choice, options: [full, quick] }"), 1),
        row(&inputs("mode: { type: choice, options: [deploy, Rollback to last] }"), 0),
        row(&inputs("SHA: { type: string }"), 0),
        row("on: push # workflow_dispatch\n", 0),
        row("on: workflow_call\n", 0),
        row("on: { push: { branches: [workflow_dispatch] } }\n", 0),
    ]);
}
