//! Nearly bad and nearly good, for the rules about what is used, deployed and migrated.

use crate::lint::world::{LATEST, SHA, count, job, lines, one, push, run, set, workflow};

#[test]
fn moving_tags_are_found_where_they_are_used_and_nowhere_else() {
    for (script, expected) in [
        ("docker run -d -p 80:80 --name a ghcr.io/acme/app:prod-latest", 1),
        ("docker pull ghcr.io/acme/app:uat-latest", 1),
        ("sudo docker create ghcr.io/acme/app:prod-latest", 1),
        ("X=$(docker run -d ghcr.io/acme/app:prod-latest)", 1),
        ("T=prod-latest; docker pull ghcr.io/acme/app:$T", 1),
        ("trivy image --severity HIGH ghcr.io/acme/app:prod-latest", 1),
        ("ssh me@host 'docker pull ghcr.io/acme/app:prod-latest'", 1),
        ("docker pull ghcr.io/acme/app@sha256:0000", 0),
        ("docker pull ghcr.io/acme/app:prod-$GITHUB_SHA", 0),
        ("docker pull ghcr.io/acme/app:v1.0", 0),
        ("docker pull ghcr.io/acme/app:latest", 0),
        ("docker pull quay.io/other/app:latest", 0),
        ("docker pull alpine:latest", 0),
        ("echo docker pull ghcr.io/acme/app:latest", 0),
        ("docker pull ghcr.io/acme/app:$TAG", 0),
        ("docker build -t ghcr.io/acme/app:latest . && docker run ghcr.io/acme/app:latest test", 0),
    ] {
        assert_eq!(count(&job(&run(&[script])), "mutable-deploy"), expected, "{script}");
    }
    let image = "    container: ghcr.io/acme/app:prod-latest\n";
    assert_eq!(count(&workflow("", image, ""), "mutable-deploy"), 1);
}

#[test]
fn an_image_of_others_on_the_same_host_is_not_ones_own() {
    let text = job(&(push(&[SHA, LATEST]) + &run(&["docker pull ghcr.io/astral-sh/uv:latest"])));
    assert!(one(&text).is_empty(), "{:?}", one(&text));
}

#[test]
fn conditions_of_a_deploy_are_read() {
    let with = |condition: &str| {
        format!(
            "on: push\njobs:\n  build:\n    steps: []\n  migrate:\n    needs: build\n    timeout-minutes: 5\n    steps: [{{ run: alembic upgrade head }}]\n  deploy:\n    needs: [build, migrate]\n    if: {condition}\n    steps: [{{ run: kubectl apply -f app.yml }}]\n"
        )
    };
    for (condition, expected) in [
        ("always()", 1),
        ("${{ !cancelled() }}", 1),
        ("failure() || success()", 1),
        ("always() && needs.build.result == 'success'", 1),
        ("always() && needs.migrate.result == 'success'", 0),
        ("always() && !contains(needs.*.result, 'failure')", 0),
        ("${{ !failure() && !cancelled() }}", 0),
        ("github.ref == 'refs/heads/main'", 0),
        ("contains(github.event.head_commit.message, 'always()')", 0),
    ] {
        let found = count(&with(condition), "deploy-before-migrate");
        assert_eq!(found, expected, "{condition}");
    }
}

#[test]
fn migrations_are_found_behind_every_shell() {
    for (command, expected) in [
        ("python manage.py migrate --noinput", 1),
        ("docker exec web python manage.py migrate", 1),
        ("ssh host \"docker run app sh -c 'python manage.py migrate'\"", 1),
        ("python manage.py migrate_schemas --shared", 1),
        ("python manage.py migrate --fake-initial", 0),
        ("python manage.py migrate_schemas --tenant", 0),
        ("python manage.py makemigrations --check", 0),
        ("echo python manage.py migrate", 0),
        ("# python manage.py migrate", 0),
    ] {
        let text = format!(
            "on: push\njobs:\n  migrate:\n    timeout-minutes: 5\n    steps:\n{}",
            run(&[command])
        );
        assert_eq!(count(&text, "migration-not-idempotent"), expected, "{command}");
    }
}

#[test]
fn logins_are_looked_for_in_every_way_to_log_in() {
    let push = "docker push registry.digitalocean.com/acme/app:prod-x";
    for (login, expected) in [
        ("doctl registry login --expiry-seconds 600", 0),
        ("echo $T | docker login registry.digitalocean.com -u x --password-stdin", 0),
        ("docker login \"$REGISTRY_HOST\" -u x --password-stdin < t", 0),
        ("docker login -u x --password-stdin < t", 1),
        ("echo docker login registry.digitalocean.com", 1),
        ("true", 1),
    ] {
        assert_eq!(count(&job(&run(&[login, push])), "missing-login"), expected, "{login}");
    }
    let late = run(&[push]) + &run(&["doctl registry login"]);
    assert_eq!(count(&job(&late), "missing-login"), 1);
}

#[test]
fn permissions_are_not_needed_for_a_personal_token() {
    let text = job(&push(&[SHA, LATEST])).replace("permissions: { packages: write }\n", "");
    assert_eq!(count(&text, "missing-packages-permission"), 1);
    let personal = text.replace("${{ github.token }}", "${{ secrets.GHCR_PAT }}");
    assert_eq!(count(&personal, "missing-packages-permission"), 0);
    let all = format!("permissions: write-all\n{text}");
    assert_eq!(count(&all, "missing-packages-permission"), 0);
}

#[test]
fn names_of_inputs_are_read_by_their_words() {
    let with = |input: &str| {
        format!(
            "on:\n  workflow_dispatch:\n    inputs:\n      {input}: {{ type: string }}\njobs:\n  migrate:\n    timeout-minutes: 5\n    steps: [{{ run: alembic upgrade head }}]\n  deploy:\n    needs: migrate\n    steps: [{{ run: kubectl apply -f app.yml }}]\n"
        )
    };
    for (input, expected) in [
        ("image_tag", 0),
        ("gitRef", 0),
        ("version", 0),
        ("stage", 1),
        ("refresh", 1),
        ("reason", 1),
    ] {
        assert_eq!(count(&with(input), "no-rollback-dispatch"), expected, "{input}");
    }
    let choice =
        with("action").replace("type: string", "type: choice, options: [deploy, rollback]");
    assert_eq!(count(&choice, "no-rollback-dispatch"), 0);
}

#[test]
fn upper_case_is_only_claimed_of_what_is_known() {
    for (reference, expected) in [
        ("ghcr.io/Acme/app:x", 1),
        ("ghcr.io/${{ github.repository_owner }}/app:x", 0),
        ("ghcr.io/$OWNER/app:x", 1),
        ("ghcr.io/${OWNER,,}/app:x", 0),
        ("ghcr.io/acme/app:X", 0),
    ] {
        let script = run(&["OWNER=Acme", &format!("docker push {reference}")]);
        assert_eq!(count(&job(&script), "upper-case-reference"), expected, "{reference}");
    }
}

#[test]
fn a_comment_silences_one_rule_on_its_line_and_the_next() {
    let text = job(&push(&[LATEST]));
    let above = text
        .replace("          tags:", "          # tags: ignore[missing-sha-tag]\n          tags:");
    let beside = text.replace("tags: |", "tags: | # tags: ignore[missing-sha-tag, short-sha]");
    let other = text.replace("tags: |", "tags: | # tags: ignore[short-sha]");
    let found = [&text, &above, &beside, &other].map(|text| count(text, "missing-sha-tag"));
    assert_eq!(found, [1, 0, 0, 1]);
}

#[test]
fn a_reusable_workflow_is_read_once_for_each_caller() {
    let callee = "on:\n  workflow_call:\n    inputs: { env: { type: string, required: true } }\njobs:\n  run:\n    runs-on: x\n    steps:\n      - run: docker pull ghcr.io/acme/app:${{ inputs.env }}-${{ github.sha }}\n";
    let calling = |env: &str| {
        job(&push(&[SHA, LATEST]))
            + &format!(
                "  migrate:\n    needs: build\n    timeout-minutes: 5\n    steps: [{{ run: alembic upgrade head }}]\n  deploy:\n    needs: migrate\n    uses: ./.github/workflows/deploy.yml\n    with: {{ env: {env} }}\n"
            )
    };
    let found = |env: &str| {
        lines(&set(&[("ci.yml", &calling(env)), ("deploy.yml", callee)]), "tag-never-pushed")
    };
    assert_eq!(found("prod"), [0_u32; 0]);
    assert_eq!(found("uat"), [8]);
    assert!(one(callee).is_empty(), "alone, inputs can be anything");
    let early = calling("prod").replace("    needs: migrate\n    uses", "    uses");
    let findings = set(&[("ci.yml", &early), ("deploy.yml", callee)]);
    assert_eq!(lines(&findings, "deploy-before-push"), [8]);
}

#[test]
fn jobs_wait_for_each_other_through_others() {
    let text = |needs: &str| {
        job(&push(&[SHA, LATEST]))
            + &format!(
                "  scan:\n    needs: build\n    steps: []\n  use:\n    needs: {needs}\n    steps:\n      - run: docker pull {SHA}\n"
            )
    };
    assert_eq!(count(&text("scan"), "deploy-before-push"), 0);
    assert_eq!(count(&text("[]"), "deploy-before-push"), 1);
}

#[test]
fn the_order_of_jobs_in_the_file_means_nothing() {
    let text = job(&push(&[SHA, LATEST]))
        + &format!(
            "  migrate:\n    needs: build\n    timeout-minutes: 5\n    steps:\n      - run: docker run {SHA} true\n"
        );
    let (head, jobs) = text.split_once("jobs:\n").expect("jobs");
    let deploy = format!(
        "  deploy:\n    needs: [build, migrate]\n    steps:\n      - run: docker pull {SHA}\n"
    );
    for text in [format!("{text}{deploy}"), format!("{head}jobs:\n{deploy}{jobs}")] {
        assert!(one(&text).is_empty(), "{:?}", one(&text));
    }
}

#[test]
fn concurrency_may_stand_at_the_job_and_cancelling_is_told_where_it_stands() {
    let text = job(&push(&[SHA, LATEST])).replace("concurrency: x\n", "");
    assert_eq!(count(&text, "no-concurrency-group"), 1);
    let at_job = text.replace(
        "    runs-on: x\n",
        "    runs-on: x\n    concurrency: { group: a, cancel-in-progress: true }\n",
    );
    assert_eq!(count(&at_job, "no-concurrency-group"), 0);
    assert_eq!(lines(&one(&at_job), "cancel-in-progress"), [6]);
    let unknown = at_job.replace("progress: true", "progress: '${{ vars.CANCEL }}'");
    assert_eq!(count(&unknown, "cancel-in-progress"), 0);
}
