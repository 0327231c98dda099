//! A matrix: one bad leg is found and named; nothing is found if all legs are good.

use crate::lint::world::{
    LATEST, SHA, by_convention, lines, one, push, run, with_policy, workflow,
};

/// A rule, the steps with `matrix.x`, the bad value, and what the finding names.
struct Row {
    rule: &'static str,
    text: String,
    bad: &'static str,
    good: [&'static str; 2],
    names: &'static str,
}

fn row(rule: &'static str, text: String, values: [&'static str; 3], names: &'static str) -> Row {
    let [bad, good @ ..] = values;
    Row { rule, text, bad, good, names }
}

const STRATEGY: &str = "    strategy: { matrix: { x: [<values>] } }\n";
const X: &str = "${{ matrix.x }}";

fn tags(tags: &[&str]) -> String {
    workflow("", STRATEGY, &push(tags)).replace("<x>", X)
}

fn script(line: &str) -> String {
    workflow("", STRATEGY, &run(&[line])).replace("<x>", X)
}

fn rows() -> Vec<Row> {
    pushing().into_iter().chain(around_pushes()).chain(using()).chain(migrating()).collect()
}

fn pushing() -> Vec<Row> {
    let one_registry = [
        "registry.digitalocean.com/meatscentral/projectmeats-backend:<x>-latest",
        "ghcr.io/meats-central/projectmeats-backend:prod-latest",
    ];
    vec![
        row(
            "duplicate-tag",
            tags(&[SHA, LATEST, "ghcr.io/acme/app:<x>-latest"]),
            ["prod", "uat", "dev"],
            "prod-latest",
        ),
        row(
            "tag-collision",
            tags(&["ghcr.io/acme/<x>:prod-${{ github.sha }}"]),
            ["a, a", "b", "c"],
            "leg x=a",
        ),
        row(
            "missing-sha-tag",
            tags(&["ghcr.io/acme/<x>:prod-latest", "ghcr.io/acme/a:prod-${{ github.sha }}"]),
            ["b", "a", "a"],
            "acme/b",
        ),
        row(
            "missing-latest-tag",
            tags(&["ghcr.io/acme/<x>:prod-${{ github.sha }}", "ghcr.io/acme/a:prod-latest"]),
            ["b", "a", "a"],
            "acme/b",
        ),
        row(
            "short-sha",
            tags(&["ghcr.io/acme/app:<x>"]),
            ["prod-0a1b2c3", "v1.0", "v2.0"],
            "prod-0a1b2c3",
        ),
        row(
            "uneven-registries",
            tags(&[LATEST, "quay.io/acme/app:prod-latest", "ghcr.io/acme/app:<x>-latest"]),
            ["uat", "prod", "prod"],
            "uat-latest",
        ),
        row("missing-registry", tags(&one_registry), ["uat", "prod", "prod"], "uat"),
        row(
            "unprefixed-sha-tag",
            tags(&["ghcr.io/acme/app:<x>-${{ github.sha }}"]),
            ["build", "prod", "uat"],
            "build-",
        ),
    ]
}

fn around_pushes() -> Vec<Row> {
    let ungrouped = tags(&["ghcr.io/acme/app:<x>"]).replace("concurrency: x\n", "");
    vec![
        row(
            "upper-case-reference",
            script("docker push ghcr.io/acme/<x>:v1"),
            ["App", "app", "api"],
            "App",
        ),
        row(
            "missing-login",
            tags(&["<x>/acme/app:v1"]),
            ["quay.io", "ghcr.io", "ghcr.io"],
            "quay.io",
        ),
        row(
            "secret-in-arguments",
            script("docker login <x> ${{ secrets.TOKEN }}"),
            ["-p", "--config", "--tls-verify"],
            "",
        ),
        row(
            "missing-packages-permission",
            tags(&["<x>/acme/app:v1"]).replace("packages: write", "contents: read"),
            ["ghcr.io", "quay.io", "gcr.io"],
            "",
        ),
        row(
            "no-concurrency-group",
            ungrouped,
            ["prod-latest", "v1.0", "prod-${{ github.sha }}"],
            "prod-latest",
        ),
    ]
}

fn using() -> Vec<Row> {
    let used = |line: &str| {
        let user = format!("  use:\n    needs: build\n{STRATEGY}    steps:\n{}", run(&[line]));
        (workflow("", "", &push(&[SHA, LATEST])) + &user).replace("<x>", X)
    };
    let beside = |line: &str| used(line).replace("    needs: build\n", "");
    vec![
        row(
            "mutable-deploy",
            used("docker pull ghcr.io/acme/app:<x>"),
            ["prod-latest", "prod-${{ github.sha }}", "v1.0"],
            "prod-latest",
        ),
        row(
            "tag-never-pushed",
            used("docker pull ghcr.io/acme/app:<x>-latest"),
            ["uat", "prod", "prod"],
            "uat-latest",
        ),
        row(
            "deploy-before-push",
            beside("docker pull ghcr.io/acme/app:<x>"),
            ["prod-latest", "v1", "v2"],
            "prod-latest",
        ),
    ]
}

fn migrating() -> Vec<Row> {
    let migrate = |steps: String, keys: &str| {
        format!("on: push\njobs:\n  migrate:\n{keys}{STRATEGY}    steps:\n{steps}")
            .replace("<x>", X)
    };
    let before = "on: push\njobs:\n  migrate:\n    timeout-minutes: 5\n    steps: [{ run: alembic upgrade head }]\n";
    let deploy = |steps: String| {
        format!("{before}  deploy:\n    needs: migrate\n{STRATEGY}    steps:\n{steps}")
            .replace("<x>", X)
    };
    vec![
        row(
            "migration-not-idempotent",
            migrate(run(&["python manage.py migrate <x>"]), "    timeout-minutes: 5\n"),
            ["--noinput", "--fake-initial", "--plan"],
            "",
        ),
        row(
            "migrate-timeout",
            migrate(run(&["alembic upgrade head"]), "    timeout-minutes: <x>\n"),
            ["60", "5", "15"],
            "60",
        ),
        row(
            "migrate-in-deploy",
            deploy(run(&["kubectl apply -f x", "python manage.py <x>"])),
            ["migrate", "check", "collectstatic"],
            "",
        ),
    ]
}

/// How often a rule finds something, and what it says.
fn findings_of(row: &Row, values: &[&str]) -> Vec<String> {
    let quoted = |value: &&str| {
        value.split(", ").map(|one| format!("'{one}'")).collect::<Vec<_>>().join(", ")
    };
    let values: Vec<String> = values.iter().map(quoted).collect();
    let text = row.text.replace("<values>", &values.join(", "));
    let findings = if row.rule == "missing-registry" {
        with_policy(&[("ci.yml", &text)])
    } else {
        by_convention(&[("ci.yml", &text)])
    };
    let of_rule = findings.iter().filter(|finding| finding.rule == row.rule);
    of_rule.map(|finding| format!("{} {}", finding.subject, finding.message)).collect()
}

#[test]
fn one_bad_leg_is_found_and_named() {
    for row in rows() {
        let found = findings_of(&row, &[row.good[0], row.bad, row.good[1]]);
        assert_eq!(found.len(), 1, "{}: {found:?} in\n{}", row.rule, row.text);
        assert!(found[0].contains(row.names), "{}: {found:?}", row.rule);
    }
}

#[test]
fn platforms_that_are_pushed_by_digest_push_no_tag() {
    let output = "outputs: type=image,push-by-digest=true,name-canonical=true,push=true";
    let by_action = push(&["ghcr.io/acme/app"]).replace("push: true", output);
    let option = output.replace("outputs: ", "--output ");
    let by_script = run(&[&format!("docker buildx build {option} -t ghcr.io/acme/app .")]);
    let strategy = STRATEGY.replace("<values>", "linux/amd64, linux/arm64");
    for steps in [by_action, by_script] {
        let text = workflow("", &strategy, &steps);
        let other = one(&text).into_iter().filter(|found| found.rule != "digest-never-merged");
        assert_eq!(other.count(), 0, "{:?}", one(&text));
        let elsewhere = text.replace("ghcr.io/acme", "quay.io/acme");
        let logins = lines(&one(&elsewhere), "missing-login");
        assert_eq!(logins.len(), 1, "a login is needed all the same");
    }
}

#[test]
fn good_legs_are_silent() {
    for row in rows() {
        let found = findings_of(&row, &row.good);
        assert!(found.is_empty(), "{}: {found:?} in\n{}", row.rule, row.text);
    }
}

#[test]
fn a_leg_that_is_left_out_does_nothing() {
    for row in rows().iter().filter(|row| row.rule != "tag-collision") {
        let strategy = "matrix: { x: [<values>] }";
        let excluded = strategy.replace(" }", &format!(", exclude: [{{ x: '{}' }}] }}", row.bad));
        let text = row.text.replace(strategy, &excluded);
        let row = Row { text, ..*row };
        let found = findings_of(&row, &[row.good[0], row.bad]);
        assert!(found.is_empty(), "{}: {found:?} in\n{}", row.rule, row.text);
    }
}

#[test]
fn a_matrix_that_nobody_knows_is_not_bad_by_itself() {
    // Beside a name in one step, an unknown repository is another one, and may miss a tag.
    let beside = ["missing-sha-tag", "missing-latest-tag"];
    for row in rows().into_iter().filter(|row| !beside.contains(&row.rule)) {
        for matrix in ["${{ fromJSON(vars.X) }}", "{ x: '${{ fromJSON(needs.plan.outputs.x) }}' }"]
        {
            let text = row.text.replace("{ x: [<values>] }", matrix);
            let row = Row { text, ..row };
            assert!(
                findings_of(&row, &[]).is_empty(),
                "{}: {:?} in\n{}",
                row.rule,
                findings_of(&row, &[]),
                row.text
            );
        }
    }
}
