//! Records as deployments of a repository on GitHub: whose count, and what is told when GitHub does
//! not answer.

use std::process::Stdio;
use std::time::Duration;

use serde_json::{Value, json};
use tags::sandbox::github::{EmbeddedGitHub, Pipeline, PipelineDeployment, Right};

use crate::records::{codes, moved};
use crate::support::github::{TOKEN, asked, settings, start, table};
use crate::support::program::{Run, in_time, now};
use crate::world::{MID, NEW, World};

/// The registries with three releases, and a GitHub that keeps their records.
struct Recording {
    world: World,
    github: EmbeddedGitHub,
}

impl Recording {
    fn new() -> Self {
        Self::with_rights(&[])
    }

    fn with_rights(missing: &[Right]) -> Self {
        let all = settings(&Pipeline::default());
        let settings = missing.iter().fold(all, |settings, right| settings.without(*right));
        let github = start(settings, now());
        let world = World::filled().policy(|text| text + &table(&github));
        Self { world, github }
    }

    fn tags(&self, arguments: &[&str]) -> Run {
        let run = self.world.run(arguments, |command| command.env("GITHUB_TOKEN", TOKEN));
        let told = format!("{}{}", run.stdout, run.stderr);
        assert!(!told.contains(TOKEN) && !told.contains("owned"), "{told}");
        run
    }

    fn verify(&self, sha: &str, more: &[&str]) -> Run {
        let arguments = ["verify", "prod", "--sha", sha, "--quick", "--format", "json"];
        self.tags(&[&arguments[..], more].concat())
    }

    fn deployments(&self) -> Vec<PipelineDeployment> {
        self.github.pipeline().deployments()
    }

    /// Puts a fault before the API.
    fn fault(&self, fault: &str) {
        self.github.api().faults().add(fault.parse().expect("a fault"));
    }

    /// The record of the newest release, as the program writes it.
    fn record(&self) -> PipelineDeployment {
        let run = self.verify(NEW, &["--record"]);
        assert_eq!(run.code, 0, "{run:?}");
        self.deployments().pop().expect("a deployment")
    }
}

/// The same record with another digest for the first image.
fn other_digest(record: &PipelineDeployment) -> PipelineDeployment {
    let mut other = record.clone();
    other.payload["images"][0]["digest"] = json!(format!("sha256:{}", "0".repeat(64)));
    other
}

#[test]
fn a_release_becomes_one_deployment_and_what_runs_succeeds() {
    let scene = Recording::new();
    let record = scene.record();
    assert_eq!((record.task.as_str(), record.environment.as_str()), ("tags:built", "tags-prod"));
    assert_eq!((record.sha.as_str(), record.statuses.len()), (NEW, 0));
    assert_eq!(record.payload["images"].as_array().map(Vec::len), Some(4));
    assert_eq!(record.payload.get("task"), None);
    scene
        .world
        .home
        .file("ps.txt", &format!("{}/acme/backend:prod-{NEW}", scene.world.east.addr()));
    let in_a_run = |command: &mut std::process::Command| {
        let variables = [
            ("GITHUB_SERVER_URL", "https://github.example"),
            ("GITHUB_REPOSITORY", "acme/app"),
            ("GITHUB_RUN_ID", "17"),
            ("GITHUB_RUN_ATTEMPT", "2"),
        ];
        command.envs(variables).env("GITHUB_TOKEN", TOKEN);
    };
    let running = ["verify", "prod", "--sha", NEW, "--record", "--running", "ps.txt"];
    for _ in 0..2 {
        let run = scene.world.run(&running, |command| {
            in_a_run(command);
            command
        });
        assert_eq!(run.code, 0, "{run:?}");
    }
    let all = scene.deployments();
    let [_, deployed] = all.as_slice() else { panic!("{all:?}") };
    assert_eq!(
        (deployed.task.as_str(), &deployed.statuses[..]),
        ("tags:deployed", &["success".to_owned()][..])
    );
    assert_eq!(
        deployed.payload["run"],
        "https://github.example/acme/app/actions/runs/17/attempts/2"
    );
}

#[test]
fn a_record_that_broke_off_before_its_status_is_finished_by_the_next_run() {
    let scene = Recording::new();
    scene
        .world
        .home
        .file("ps.txt", &format!("{}/acme/backend:prod-{NEW}", scene.world.east.addr()));
    let record = ["--record", "--running", "ps.txt"];
    scene.fault("403@POST:/statuses");
    let run = scene.verify(NEW, &record);
    assert_eq!((run.code, &run.json()["outcome"]), (4, &"ok".into()), "{run:?}");
    let run = scene.verify(NEW, &record);
    assert_eq!(run.code, 0, "{run:?}");
    let all = scene.deployments();
    assert_eq!((all.len(), &all[0].statuses[..]), (1, &["success".to_owned()][..]));
}

#[test]
fn the_first_deployment_by_number_counts_among_all_pages_and_nobody_elses() {
    let scene = Recording::new();
    let record = scene.record();
    let pipeline = scene.github.pipeline();
    let escape = "\u{1b}]0;owned\u{7}";
    for number in 0..120 {
        let other = other_digest(&record);
        pipeline.deploy(match number % 3 {
            0 => PipelineDeployment { creator: "mallory".to_owned(), ..other },
            1 => PipelineDeployment { payload: json!({"version": 1, "sha": escape}), ..other },
            _ => PipelineDeployment { task: "deploy".to_owned(), ..other },
        });
    }
    pipeline.deploy(other_digest(&record));
    scene.github.api().clear_requests();
    let run = scene.verify(NEW, &[]);
    assert_eq!((run.code, codes(&run)), (0, Vec::new()), "{run:?}");
    let stderr = &run.stderr;
    assert!(stderr.contains("40 deployments to tags-prod ignored"), "{stderr}");
    assert!(stderr.contains("40 records ignored: malformed, the first is deployment"), "{stderr}");
    assert_eq!(asked(&scene.github).len(), 2, "{:?}", asked(&scene.github));
    // Of another commit than its deployment, or of another environment: two sources that disagree.
    let strange = other_digest(&record);
    for strange in [
        PipelineDeployment { sha: MID.to_owned(), ..strange.clone() },
        PipelineDeployment { environment: "tags-uat".to_owned(), ..strange },
    ] {
        pipeline.deploy(strange);
    }
    assert_eq!(
        scene.verify(MID, &[]).json()["findings"]
            .as_array()
            .map_or(0, |all| { all.iter().filter(|one| one["code"] == "sha-tag-moved").count() }),
        0
    );
    scene.world.push_again(NEW, &[&format!("prod-{NEW}"), "prod-latest"]);
    let run = scene.verify(NEW, &["--record"]);
    assert_eq!((run.code, codes(&run)), (1, vec![moved("error"); 2]), "{run:?}");
    assert_eq!(scene.deployments().len(), 124);
}

#[test]
fn whose_deployments_count_is_in_the_policy() {
    let Recording { world, github } = Recording::new();
    let world = world.policy(|text| text + "records-by = [\"Release-Bot\"]\n");
    let scene = Recording { world, github };
    let run = scene.verify(NEW, &["--record"]);
    assert_eq!(run.code, 3, "{run:?}");
    let record = scene.deployments().pop().expect("a deployment that does not count");
    assert!(run.stderr.contains("is not found among the records"), "{run:?}");
    assert!(!run.stderr.contains("recorded prod"), "{run:?}");
    let theirs = PipelineDeployment { creator: "release-bot".to_owned(), ..other_digest(&record) };
    assert_eq!(codes(&scene.verify(NEW, &[])), []);
    scene.github.pipeline().deploy(theirs);
    assert_eq!(codes(&scene.verify(NEW, &[])), vec![moved("error")]);
}

#[test]
fn without_the_right_to_write_the_verdict_is_told_first() {
    let scene = Recording::with_rights(&[Right::DeploymentsWrite]);
    let run = scene.verify(NEW, &["--record"]);
    assert_eq!((run.code, &run.json()["outcome"]), (4, &"ok".into()), "{run:?}");
    assert!(run.stderr.contains("was not written") && run.stderr.contains("deployments: write"));
}

#[test]
fn without_the_right_to_read_commands_warn_and_a_cleanup_ends() {
    let scene = Recording::with_rights(&[Right::DeploymentsRead]);
    let run = scene.verify(NEW, &[]);
    let warning = ("registry-unreadable".to_owned(), "warning".to_owned());
    assert_eq!((run.code, codes(&run)), (0, vec![warning]), "{run:?}");
    let run = scene.verify(NEW, &["--require-record"]);
    assert_eq!((run.code, &run.json()["outcome"]), (4, &"unknown".into()), "{run:?}");
    assert!(run.stdout.contains("deployments: read"), "{run:?}");
    let run = scene.tags(&["rollback-target", "prod", "--quick"]);
    assert_eq!((run.code, run.stdout.trim()), (0, MID), "{run:?}");
    assert!(run.stderr.contains("it is not known whether a SHA tag was moved"), "{run:?}");
    let run = scene.tags(&["cleanup"]);
    assert_eq!((run.code, run.stdout.as_str()), (4, ""), "{run:?}");
}

#[test]
fn whatever_github_answers_the_release_is_verified_and_the_rest_is_said() {
    for (fault, code) in [
        ("401@GET:/deployments*always", 4),
        ("404@GET:/deployments*always", 4),
        ("429:retry-after=900@GET:/deployments*always", 3),
        ("cut@GET:/deployments*always", 3),
    ] {
        let scene = Recording::new();
        scene.fault(fault);
        let run = scene.verify(NEW, &["--require-record", "--record"]);
        assert_eq!(
            (run.code, &run.json()["outcome"]),
            (code, &"unknown".into()),
            "{fault} {run:?}"
        );
        assert!(scene.deployments().is_empty(), "{fault}");
        let run = scene.verify(NEW, &["--record"]);
        assert_eq!((run.code, &run.json()["outcome"]), (code, &"ok".into()), "{fault} {run:?}");
        assert!(scene.deployments().is_empty(), "{fault}");
    }
}

#[test]
fn a_commit_that_the_repository_does_not_have_cannot_be_recorded() {
    let scene = Recording::new();
    scene.github.pipeline().forget_commit(NEW);
    let run = scene.verify(NEW, &["--record"]);
    assert_eq!((run.code, &run.json()["outcome"]), (3, &"ok".into()), "{run:?}");
}

#[test]
fn of_two_jobs_that_record_different_digests_at_once_the_later_one_says_so() {
    let scene = Recording::new();
    let record = scene.record();
    let pipeline = scene.github.pipeline();
    let other = other_digest(&PipelineDeployment { sha: MID.to_owned(), ..record });
    let mut payload = other.payload.clone();
    payload["sha"] = json!(MID);
    scene.world.home.policy(
        &scene.world.home.read("tags.toml").replace("order =", "latest-required = false\norder ="),
    );
    // What the job reads before it writes is some time on its way.
    scene.fault("slow=600ms@GET:/deployments*2");
    scene.github.api().clear_requests();
    let mut command = scene.world.command(&["verify", "prod", "--sha", MID, "--quick", "--record"]);
    let child = command.env("GITHUB_TOKEN", TOKEN).stdout(Stdio::piped()).stderr(Stdio::piped());
    let child = child.spawn().expect("started");
    assert!(in_time(|| asked(&scene.github).len() >= 2));
    std::thread::sleep(Duration::from_millis(100));
    pipeline.deploy(PipelineDeployment { payload: renamed(&payload), ..other });
    let run = Run::of(child.wait_with_output().expect("ended"));
    assert_eq!(run.code, 1, "{run:?}");
    assert!(run.stderr.contains("sha-tag-moved"), "{run:?}");
}

/// The payload with the tags of the other release.
fn renamed(payload: &Value) -> Value {
    serde_json::from_str(&payload.to_string().replace(NEW, MID)).expect("JSON")
}
