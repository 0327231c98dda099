//! `--in-use kubernetes`, `docker` and `ssh`: what runs there is kept, and what cannot be asked is
//! never taken for nothing.

use serde_json::json;

use crate::cleaning::{DOOMED, decided, deletions, world};
use crate::cluster::{ApiServer, Cluster, KINDS, kubectl, object, page, program, run};
use crate::support::{backend, program::Run, tag};
use crate::world::{OLD, World};

fn old(world: &World) -> String {
    format!("{}/acme/backend:prod-{OLD}", world.east.addr())
}

fn digest(world: &World) -> String {
    let found = world.east.store().resolve(&backend(), &tag(&format!("prod-{OLD}")));
    found.expect("a digest").to_string()
}

/// How many copies of the expired release go.
fn going(run: &Run) -> usize {
    assert_eq!(run.code, 0, "{run:?}");
    decided(&run.json(), "delete").len()
}

fn cleanup(world: &World, sources: &[&str]) -> Run {
    let sources = sources.iter().flat_map(|source| ["--in-use", source]);
    let words = ["cleanup", "--format", "json"].into_iter().chain(sources);
    run(&world.home, &words.collect::<Vec<_>>(), &[])
}

/// What a run is refused with that would delete, whatever it is allowed.
fn refused(world: &World, source: &str, variables: &[(&str, &str)]) -> Run {
    let words = ["cleanup", "--apply", "--allow-empty-in-use", "--in-use", source];
    let run = run(&world.home, &words, variables);
    assert_eq!(deletions(world), 0, "{run:?}");
    run
}

#[test]
fn every_kind_of_object_keeps_the_images_of_its_pods() {
    let world = world();
    for (path, _) in KINDS {
        kubectl(&world.home, &Cluster::running(path, &old(&world)));
        let kept = cleanup(&world, &["kubernetes:prod"]);
        assert_eq!(going(&kept), 0, "{path}: {kept:?}");
        let others = usize::from(path != "/api/v1/pods");
        let told = format!("kubernetes:prod: 1 of the policy's images, {others} of others");
        assert!(kept.stderr.contains(&told), "{kept:?}");
    }
    let log = world.home.read("kubectl.log");
    assert!(log.lines().all(|line| line.starts_with("--context prod get --raw /api")), "{log}");
    let status = json!({"containerStatuses": [{"image": "x:1", "imageID": format!("docker-pullable://mirror.lan/a@{}", digest(&world))}]});
    let pod = object("/api/v1/pods", "x:1").replacen(
        "\"spec\"",
        &format!("\"status\":{status},\"spec\""),
        1,
    );
    let mut cluster = Cluster::running("", "");
    kubectl(&world.home, cluster.with("/api/v1/pods", &[&pod]));
    let kept = cleanup(&world, &["kubernetes"]);
    assert_eq!(going(&kept), 0, "{kept:?}");
    assert!(!world.home.read("kubectl.log").lines().last().expect("a line").contains("--context"));
}

#[test]
fn a_long_list_is_read_to_its_end_and_begun_again_when_it_expires() {
    let world = world();
    let pods = "/api/v1/pods";
    let mut cluster = Cluster::running("", "");
    let first = page("PodList", &[&object(pods, "redis:8")], "a/b=");
    let second = page("PodList", &[&object(pods, &old(&world))], "");
    cluster.answer(pods, 200, &first).answer(&format!("{pods}#a%2Fb%3D"), 200, &second);
    kubectl(&world.home, &cluster);
    assert_eq!(going(&cleanup(&world, &["kubernetes"])), 0);
    for status in [410, 404, 500] {
        kubectl(&world.home, cluster.answer(&format!("{pods}#a%2Fb%3D"), status, ""));
        let failed = refused(&world, "kubernetes", &[]);
        assert_eq!(failed.code, 3, "{failed:?}");
        let again = world
            .home
            .read("kubectl.log")
            .lines()
            .rev()
            .filter(|l| l.ends_with("continue=a%2Fb%3D"))
            .count();
        assert!(status != 410 || again >= 4, "one whole reading, and three that expired");
    }
}

/// What a cluster may answer that is no list of its pods, and what is said about it.
fn no_lists() -> Vec<(Cluster, &'static str)> {
    let one = |path: &str, status: u16, body: &str| {
        let mut cluster = Cluster::running("", "");
        cluster.answer(path, status, body);
        cluster
    };
    let pods = "/api/v1/pods";
    let odd = object(pods, "NOT an image");
    let empty = object(pods, "");
    let status = json!({"containerStatuses": [{"name": "app", "image": "x:1", "imageID": "", "state": {"running": {}}}]});
    let nameless =
        object(pods, "x:1").replacen("\"spec\"", &format!("\"status\":{status},\"spec\""), 1);
    let mut all = vec![
        (one(pods, 403, r#"{"kind":"Status","message":"pods is forbidden"}"#), "ClusterRole"),
        (one(pods, 200, "<html>Sign in</html>"), "list of all pods"),
        (one(pods, 200, r#"{"kind":"Status","status":"Failure"}"#), "`Status`"),
        (one(pods, 200, r#"{"kind":"PodList"}"#), "no `items`"),
        (
            one(pods, 200, r#"{"kind":"PodList","metadata":{"remainingItemCount":7},"items":[]}"#),
            "7 more",
        ),
        (one(pods, 200, r#"{"items":[{"metadata":{"name":"web"},"status":{}}]}"#), "missing field"),
        (one(pods, 200, &page("PodList", &[&odd], "")), "pod shop/web names `NOT an image`"),
        (
            one(pods, 200, &page("PodList", &[&empty], "")),
            "pod shop/web: the container `app` has no image",
        ),
        (
            one(pods, 200, &page("PodList", &[&nameless], "")),
            "pod shop/web: the container `app` runs, and has no `imageID`",
        ),
    ];
    let known = |path: &str| {
        !path.ends_with("controllerrevisions") && !path.ends_with("replicationcontrollers")
    };
    for (path, _) in KINDS.into_iter().filter(|(path, _)| known(path)) {
        all.push((one(path, 404, "404 page not found\n"), "404"));
    }
    all
}

#[test]
fn what_a_cluster_does_not_tell_is_never_nothing() {
    let world = world();
    for (cluster, said) in no_lists() {
        kubectl(&world.home, &cluster);
        let failed = refused(&world, "kubernetes", &[]);
        assert!(failed.code == 3 && failed.stderr.contains(said), "{said}: {failed:?}");
    }
    let mut reduced = Cluster::running("", "");
    reduced.0.remove("/api/v1/replicationcontrollers");
    reduced.0.remove("/apis/apps/v1/controllerrevisions");
    kubectl(&world.home, reduced.with("/api/v1/pods", &[&object("/api/v1/pods", &old(&world))]));
    assert_eq!(going(&cleanup(&world, &["kubernetes"])), 0);
    std::fs::remove_file(world.home.path().join("bin/kubectl")).expect("removed");
    let only_ours = world.home.path().join("bin").display().to_string();
    let missing = world
        .home
        .run(&["cleanup", "--in-use", "kubernetes"], |command| command.env("PATH", &only_ours));
    assert!(
        missing.code == 3 && missing.stderr.contains("`kubectl` is not installed"),
        "{missing:?}"
    );
}

#[test]
fn a_template_without_an_image_is_left_to_its_pods() {
    let world = world();
    let mut cluster = Cluster::running("/api/v1/pods", &old(&world));
    let deployments = "/apis/apps/v1/deployments";
    kubectl(&world.home, cluster.with(deployments, &[&object(deployments, " ")]));
    assert_eq!(going(&cleanup(&world, &["kubernetes"])), 0);
}

#[test]
fn a_program_that_does_not_end_is_ended_by_the_timeout_of_requests() {
    let world = world();
    program(&world.home, "kubectl", "exec sleep 600");
    let words = ["cleanup", "--apply", "--timeout", "1s", "--in-use", "kubernetes"];
    let failed = run(&world.home, &words, &[]);
    let said = "`kubectl` gave no answer within 2s";
    assert!(failed.code == 3 && failed.stderr.contains(said), "{failed:?}");
    assert_eq!(deletions(&world), 0);
}

/// The environment of a pod, whose service account is in the home.
fn pod<'a>(world: &World, server: &'a ApiServer) -> Vec<(&'static str, &'a str)> {
    world.home.file("account/token", "service-account-token\n");
    world.home.file("account/ca.crt", &server.authority);
    vec![
        ("KUBERNETES_SERVICE_HOST", "127.0.0.1"),
        ("KUBERNETES_SERVICE_PORT", &server.port),
        ("TAGS_SERVICE_ACCOUNT", "account"),
    ]
}

#[test]
fn a_pod_asks_its_own_cluster_by_its_service_account() {
    let world = world();
    let server = ApiServer::start(Cluster::running("/apis/apps/v1/replicasets", &old(&world)));
    let words = ["cleanup", "--format", "json", "--in-use", "kubernetes", "-vvv"];
    let kept = run(&world.home, &words, &pod(&world, &server));
    assert_eq!(going(&kept), 0, "{kept:?}");
    assert!(!format!("{kept:?}").contains("service-account-token"), "{kept:?}");
    let received = server.received();
    assert_eq!(received.len(), KINDS.len());
    assert!(received.iter().all(|(_, token)| token == "Bearer service-account-token"));
    // A context is one of kubectl's, also in a pod.
    kubectl(&world.home, &Cluster::running("/api/v1/pods", &old(&world)));
    let words = ["cleanup", "--format", "json", "--in-use", "kubernetes:other"];
    assert_eq!(going(&run(&world.home, &words, &pod(&world, &server))), 0);
    assert_eq!(server.received().len(), KINDS.len());
}

#[test]
fn a_pod_that_cannot_ask_its_cluster_asks_no_other_one() {
    let world = world();
    kubectl(&world.home, &Cluster::running("/api/v1/pods", &old(&world)));
    for (cluster, said) in no_lists().into_iter().take(3) {
        let server = ApiServer::start(cluster);
        let failed = refused(&world, "kubernetes", &pod(&world, &server));
        assert!(failed.code == 3 && failed.stderr.contains(said), "{said}: {failed:?}");
    }
    let server = ApiServer::start(Cluster::running("", ""));
    let stranger = ApiServer::start(Cluster::running("", ""));
    let mut variables = pod(&world, &server);
    world.home.file("account/ca.crt", &stranger.authority);
    let failed = refused(&world, "kubernetes", &variables);
    assert_eq!(failed.code, 3, "{failed:?}");
    for file in ["account/token", "account/ca.crt"] {
        world.home.file(file, "");
        let failed = refused(&world, "kubernetes", &variables);
        assert!(failed.code == 3 && failed.stderr.contains("service account"), "{failed:?}");
    }
    pod(&world, &server);
    variables.push(("GITHUB_EVENT_NAME", "pull_request"));
    let words = ["cleanup", "--in-use", "kubernetes"];
    // This machine may always be asked; every other one only if it is trusted.
    assert_eq!(run(&world.home, &words, &variables).code, 5);
    variables[0].1 = "10.255.255.1";
    let untrusted = refused(&world, "kubernetes", &variables);
    assert!(
        untrusted.code == 4 && untrusted.stderr.contains("TAGS_TRUSTED_HOSTS"),
        "{untrusted:?}"
    );
    assert!(!world.home.path().join("kubectl.log").exists());
}

/// A `docker` with one container of the image with this ID, pulled by these digests.
fn docker(world: &World, id: &str, digests: &str) {
    docker_with(world, (id, "acme/backend:dev"), digests);
}

/// The same, with the name by which the container was started.
fn docker_with(world: &World, (id, name): (&str, &str), digests: &str) {
    world.home.file("digests", &format!("{digests}\n"));
    let container = "c".repeat(64);
    program(
        &world.home,
        "docker",
        &format!(
            r#"echo "$DOCKER_HOST $*" >> "$HOME/docker.log"
case $1 in
  ps) echo {container} ;;
  inspect) echo "{container} {id} {name}" ;;
  image) cat "$HOME/digests" ;;
esac"#
        ),
    );
}

#[test]
fn containers_keep_the_digests_that_they_were_pulled_by_and_their_ids() {
    let world = world();
    let (unknown, digest) = (format!("sha256:{}", "4f".repeat(32)), digest(&world));
    let pulled = format!("mirror.lan/x/backend@{digest} other.lan/y@sha256:{}", "7e".repeat(32));
    for (id, digests) in [(unknown.as_str(), pulled.as_str()), (&digest, "")] {
        docker(&world, id, digests);
        let kept = cleanup(&world, &["docker"]);
        assert_eq!(going(&kept), 0, "{id}: {kept:?}");
    }
    docker(&world, &unknown, &pulled);
    assert_eq!(going(&cleanup(&world, &["docker:ssh://deploy@prod"])), 0);
    let log = world.home.read("docker.log");
    assert!(
        log.lines().last().expect("a line").starts_with("ssh://deploy@prod image inspect"),
        "{log}"
    );
    docker(&world, &unknown, "postgres@sha256:5f");
    let other = cleanup(&world, &["docker"]);
    assert!(other.code == 3 && other.stderr.contains("postgres@sha256:5f"), "{other:?}");
    docker(&world, &unknown, "");
    let other = cleanup(&world, &["docker"]);
    assert!(other.code == 5 && other.stderr.contains("docker"), "{other:?}");
}

#[test]
fn an_address_with_a_password_is_refused_and_not_repeated() {
    let world = world();
    for address in [
        "docker:tcp://deploy:hunter2@prod:2376",
        "docker:ssh://deploy:hunter2@prod",
        "ssh:deploy:hunter2@prod",
        "ssh://deploy:hunter2@prod:22",
    ] {
        let refused = cleanup(&world, &[address]);
        assert!(refused.code == 2 && refused.stderr.contains("a password"), "{refused:?}");
        assert!(!format!("{refused:?}").contains("hunter2"), "{refused:?}");
    }
}

#[test]
fn a_container_keeps_its_name_although_its_image_was_pulled_from_elsewhere_too() {
    let world = world();
    let id = format!("sha256:{}", "4f".repeat(32));
    let elsewhere = format!("mirror.lan/x/backend@sha256:{}", "7e".repeat(32));
    docker_with(&world, (&id, &old(&world)), &elsewhere);
    assert_eq!(going(&cleanup(&world, &["docker"])), 0);
}

#[test]
fn ssh_runs_docker_on_the_other_machine() {
    let world = world();
    let id = format!("sha256:{}", "4f".repeat(32));
    docker(&world, &id, &format!("x@{}", digest(&world)));
    // The words in front of the command, and the command as the shell of the other machine reads it.
    program(
        &world.home,
        "ssh",
        "echo \"$*\" >> \"$HOME/ssh.log\"\nfor command; do :; done\nexec sh -c \"$command\"",
    );
    for (source, words) in [
        ("ssh:deploy@prod", "-o BatchMode=yes -- deploy@prod docker 'ps'"),
        ("ssh://deploy@prod:2222", "-o BatchMode=yes -p 2222 -- deploy@prod docker 'ps'"),
    ] {
        let kept = cleanup(&world, &[source]);
        assert_eq!(going(&kept), 0, "{kept:?}");
        let log = world.home.read("ssh.log");
        assert!(log.lines().any(|line| line.starts_with(words)), "{log}");
    }
    let log = world.home.read("docker.log");
    assert!(log.contains("inspect --type container --format {{.Id}} {{.Image}}"), "{log}");
    program(&world.home, "ssh", "echo 'Host key verification failed.' >&2; exit 255");
    let failed = refused(&world, "ssh:prod", &[]);
    assert!(failed.code == 3 && failed.stderr.contains("Host key verification"), "{failed:?}");
}

#[test]
fn what_docker_does_not_tell_is_never_nothing() {
    let world = world();
    let (container, image) = ("c".repeat(64), format!("sha256:{}", "4f".repeat(32)));
    let listed = format!("ps) echo {container} ;;");
    let read = format!("{listed} inspect) echo '{container} {image} x' ;;");
    for (arms, said) in [
        ("*) echo 'Cannot connect to the Docker daemon' >&2; exit 1 ;;", "Cannot connect"),
        ("ps) echo 'CONTAINER ID   IMAGE' ;;", "IDs of containers"),
        (&format!("{listed} inspect) ;;"), "one line for each"),
        (&format!("{listed} inspect) echo '{container} <no value> x' ;;"), "with its image"),
        (
            &format!("{listed} *) echo 'Error: No such container: ccc' >&2; exit 1 ;;"),
            "No such container",
        ),
        (&format!("{read} image) ;;"), "one line for each"),
        (&format!("{read} image) echo 'Error: No such image' >&2; exit 1 ;;"), "No such image"),
    ] {
        program(&world.home, "docker", &format!("case $1 in {arms} esac"));
        let failed = refused(&world, "docker", &[]);
        assert!(failed.code == 3 && failed.stderr.contains(said), "{said}: {failed:?}");
    }
    // A container that ends meanwhile is not there when they are listed again.
    let gone = r#"ps) test -e "$HOME/once" || echo cccccccccccc ;; inspect) touch "$HOME/once"; echo 'Error: No such container' >&2; exit 1 ;;"#;
    program(&world.home, "docker", &format!("case $1 in {gone} esac"));
    let empty = cleanup(&world, &["docker"]);
    assert!(empty.code == 5 && empty.stderr.contains("nothing runs at docker"), "{empty:?}");
}

#[test]
fn each_of_several_sources_must_name_something_of_the_policy() {
    let world = world();
    kubectl(&world.home, &Cluster::running("", ""));
    docker(&world, &format!("sha256:{}", "4f".repeat(32)), &format!("x@{}", digest(&world)));
    world.home.file("running", &old(&world));
    let kept = cleanup(&world, &["docker", "running"]);
    assert_eq!(going(&kept), 0, "{kept:?}");
    let wrong = cleanup(&world, &["docker", "kubernetes:dev", "running"]);
    assert!(wrong.code == 5 && wrong.stderr.contains("kubernetes:dev"), "{wrong:?}");
    docker(&world, &format!("sha256:{}", "4f".repeat(32)), "");
    let wrong = cleanup(&world, &["docker", "running"]);
    assert!(wrong.code == 5 && wrong.stderr.contains("docker: none of"), "{wrong:?}");
    docker(&world, &digest(&world), "");
    let words = ["cleanup", "--format", "json", "--in-use", "kubernetes", "--allow-empty-in-use"];
    assert_eq!(going(&run(&world.home, &words, &[])), DOOMED);
    for (words, code) in [
        (&["explain", "prod", OLD, "--in-use", "docker"][..], 0),
        (&["explain", "prod", OLD, "--in-use", "kubernetes"], 5),
        (&["cleanup", "--in-use", "-", "--in-use", "-"], 2),
        (&["cleanup", "--in-use", "ssh:-oProxyCommand=x"], 2),
        (&["cleanup", "--in-use", "kubernetes:"], 2),
    ] {
        let told = run(&world.home, words, &[]);
        assert_eq!(told.code, code, "{told:?}");
        assert!(
            code != 0 || told.stdout.contains("in-use") || told.stdout.contains("in use"),
            "{told:?}"
        );
    }
    assert_eq!(run(&world.home, &["cleanup", "--out", "plan.json"], &[]).code, 0);
    let applied = run(&world.home, &["apply", "plan.json", "--in-use", "docker"], &[]);
    assert_eq!((applied.code, deletions(&world)), (0, 0), "{applied:?}");
}
