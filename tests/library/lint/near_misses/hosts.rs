//! Other hosts than one's own, or than the policy's: which images a rule looks at.

use crate::lint::world::{LATEST, SHA, count, job, lines, one, push, run, with_policy, workflow};

/// How often a rule finds something: without a policy, and with one.
fn both(text: &str, rule: &str) -> [usize; 2] {
    [lines(&one(text), rule).len(), lines(&with_policy(&[("ci.yml", text)]), rule).len()]
}

const OWN: &str = "registry.digitalocean.com/meatscentral/projectmeats-backend";

#[test]
fn images_of_other_hosts_are_used_as_one_likes() {
    for host in ["quay.io", "docker.io", "mcr.microsoft.com", "public.ecr.aws", "gcr.io"] {
        for tag in ["latest", "prod-latest", "uat-${{ github.sha }}"] {
            let reference = format!("{host}/meatscentral/projectmeats-backend:{tag}");
            let text = job(&run(&[&format!("docker pull {reference}")]));
            for rule in ["mutable-deploy", "tag-never-pushed", "deploy-before-push"] {
                assert_eq!(both(&text, rule), [0, 0], "{rule}: {reference}");
            }
        }
    }
    for tag in ["latest", "prod-latest"] {
        let text = job(&run(&[&format!("docker pull {OWN}:{tag}")]));
        // Without a policy, only the name of an environment says whose image it is.
        let own = usize::from(tag != "latest");
        assert_eq!(both(&text, "mutable-deploy"), [own, 1], "{tag}");
        assert_eq!(both(&text, "tag-never-pushed"), [0, 0], "{tag}");
    }
}

#[test]
fn a_host_that_is_pushed_to_is_ones_own() {
    let pushed = push(&["quay.io/acme/app:prod-${{ github.sha }}", "quay.io/acme/app:prod-latest"]);
    let using = |reference: &str| {
        job(&pushed)
            + "  use:\n    needs: build\n    steps:\n"
            + &run(&[&format!("docker pull {reference}")])
    };
    assert_eq!(count(&using("quay.io/acme/app:prod-latest"), "mutable-deploy"), 1);
    assert_eq!(count(&using("quay.io/other/app:latest"), "mutable-deploy"), 0);
    assert_eq!(count(&using("quay.io/acme/app:uat-latest"), "tag-never-pushed"), 1);
    assert_eq!(count(&using("quay.io/other/app:stable-latest"), "tag-never-pushed"), 0);
    assert_eq!(count(&using("gcr.io/acme/app:latest"), "tag-never-pushed"), 0);
}

#[test]
fn a_login_is_for_its_host_alone() {
    let logged_in = |reference: &str| count(&job(&push(&[reference])), "missing-login");
    for (reference, expected) in [
        (LATEST, 0),
        ("GHCR.io/acme/app:prod-latest", 0),
        ("quay.io/acme/app:prod-latest", 1),
        ("acme/app:prod-latest", 1),
        ("ghcr.io.example.com/acme/app:prod-latest", 1),
        ("localhost:5000/app:prod-latest", 0),
        ("127.0.0.1:5000/app:prod-latest", 0),
        ("${{ vars.REGISTRY }}/acme/app:prod-latest", 0),
        ("${{ vars.IMAGE }}:prod-latest", 0),
        ("${{ vars.IMAGE }}-web:prod-latest", 0),
    ] {
        assert_eq!(logged_in(reference), expected, "{reference}");
    }
}

#[test]
fn permissions_are_for_packages_of_github_alone() {
    let pushing = |reference: &str| {
        let text = job(&push(&[reference])).replace("permissions: { packages: write }\n", "");
        count(&text, "missing-packages-permission")
    };
    for (reference, expected) in [
        (SHA, 1),
        ("quay.io/acme/app:prod-latest", 0),
        ("registry.digitalocean.com/ghcr.io/app:prod-latest", 0),
        ("acme/ghcr.io:prod-latest", 0),
        ("${{ vars.REGISTRY }}/acme/app:prod-latest", 0),
    ] {
        assert_eq!(pushing(reference), expected, "{reference}");
    }
}

#[test]
fn a_registry_of_this_machine_is_for_tests() {
    for host in ["localhost:5000", "127.0.0.1:5000", "[::1]:5000", "registry:5000"] {
        let image = format!("{host}/app");
        let steps = push(&[&format!("{image}:latest")])
            + &run(&[
                &format!("docker login {host} -u test --password-stdin <<< test"),
                &format!("docker push {image}:x"),
            ]);
        let group = "concurrency: { group: x, cancel-in-progress: true }";
        let text = workflow("", "", &steps).replace("concurrency: x", group);
        for rule in [
            "missing-sha-tag",
            "missing-latest-tag",
            "missing-login",
            "cancel-in-progress",
            "missing-registry",
            "uneven-registries",
        ] {
            assert_eq!(both(&text, rule), [0, 0], "{rule}: {host}");
        }
        let open = text.replace(&format!("{group}\n"), "");
        assert_eq!(count(&open, "no-concurrency-group"), 0, "{host}");
    }
}

#[test]
fn the_policy_speaks_of_its_own_images_only() {
    let pushed = |repository: &str| {
        job(&push(&[
            &format!("{repository}:prod-${{{{ github.sha }}}}"),
            &format!("{repository}:prod-latest"),
        ]))
    };
    assert_eq!(both(&pushed(OWN), "missing-registry"), [0, 1]);
    for repository in [
        "quay.io/meatscentral/projectmeats-backend",
        "registry.digitalocean.com/other/projectmeats-backend",
        "registry.digitalocean.com/meatscentral/projectmeats-backend-cache",
        "meatscentral/projectmeats-backend",
    ] {
        assert_eq!(both(&pushed(repository), "missing-registry"), [0, 0], "{repository}");
    }
}

#[test]
fn a_password_is_found_where_it_is_one() {
    for (login, expected) in [
        ("docker login ghcr.io -u me -p $TOKEN", 0),
        ("docker login ghcr.io -u me -p${{ secrets.TOKEN }}", 1),
        ("docker login -u me --password \"$(cat token)\"", 0),
        ("docker login ghcr.io -u ${{ secrets.NAME }} --password-stdin < token", 1),
        ("docker login ghcr.io -u me -p ${{ github.token }}", 1),
        ("podman login quay.io --username=me --password=${{ secrets.TOKEN }}", 1),
        ("docker login ghcr.io -u me --password-stdin < token", 0),
        ("docker login localhost:5000 -u test -p test", 0),
        ("docker run -p 80:80 ghcr.io/acme/app:v1", 0),
        ("mysql -u me -p$TOKEN", 0),
        ("echo docker login ghcr.io -u me -p $TOKEN", 0),
    ] {
        assert_eq!(count(&job(&run(&[login])), "secret-in-arguments"), expected, "{login}");
    }
}
