//! Reads a history from a few words, and answers what is asked of it as GitHub would.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use tags::model::{Conclusion, Job, JobId, Release, Run, RunId, RunState, Sha};
use tags::pipeline::{
    AttemptRead, DeploymentSearch, ListedRelease, RecordedDeployment, SearchStep,
};
use tags::releases::{CurrentError, CurrentQuestion, Step, Timeline, current, steps_back};

use crate::history::scene::{Scene, at, sha};

const WORKFLOW: &str = "main-pipeline.yml";

/// A commit by its letter.
pub(crate) fn commit(letter: &str) -> String {
    letter.to_lowercase().repeat(40)
}

/// The letter of a commit.
fn letter(sha: &Sha) -> String {
    sha.to_string()[..1].to_uppercase()
}

fn time(clock: &str) -> DateTime<Utc> {
    at(&format!("2026-11-21T{clock}:00Z"))
}

/// A history in words, and what it must come to.
#[derive(Default)]
pub(crate) struct History {
    /// What it shows.
    pub(crate) says: String,
    policy: String,
    bad: String,
    releases: BTreeMap<String, DateTime<Utc>>,
    current: Option<String>,
    /// By run: its attempts, and the page that lists it.
    runs: BTreeMap<u64, (Vec<AttemptRead>, u32)>,
    records: Vec<RecordedDeployment>,
    is_reversed: bool,
    /// The target and what is passed over, in words.
    pub(crate) expected: Vec<String>,
}

/// All histories of a text.
pub(crate) fn histories(text: &str) -> Vec<History> {
    text.split("\n\n").skip(1).map(History::read).collect()
}

impl History {
    pub(crate) fn read(text: &str) -> Self {
        let mut history = Self::default();
        for line in text.lines() {
            let words: Vec<&str> = line.split(' ').collect();
            match (words[0], words.get(1..).unwrap_or_default()) {
                ("#", _) => line.trim_start_matches("# ").clone_into(&mut history.says),
                ("policy", _) => {
                    history.policy.push_str(line.trim_start_matches("policy "));
                    history.policy.push('\n');
                }
                ("bad", [letter]) => history.bad = format!("bad-shas = [\"{}\"]", commit(letter)),
                ("release", [letter, clock]) => {
                    history.releases.insert((*letter).to_owned(), time(clock));
                }
                ("run", [number, letter, clock, words @ ..]) => {
                    history.run(number, (letter, time(clock)), words);
                }
                ("record", [letter, clock, of @ ..]) => history.record(letter, time(clock), of),
                ("current", [letter]) => history.current = Some((*letter).to_owned()),
                ("newest", [_]) => {}
                _ => history.expected.push(line.to_owned()),
            }
        }
        history
    }

    fn pushed(&mut self, letter: &str, time: DateTime<Utc>) {
        let known = self.releases.entry(letter.to_owned()).or_insert(time);
        *known = time.min(*known);
    }

    fn record(&mut self, letter: &str, time: DateTime<Utc>, of: &[&str]) {
        let run = of.iter().find_map(|of| of.strip_prefix("of=")?.parse().ok()).map(RunId);
        // A deployment with the number 0 never succeeded.
        let unconfirmed = Some(u64::from(!of.contains(&"unconfirmed")));
        let sha = sha(&commit(letter));
        self.records.push(RecordedDeployment { sha, time, run, url: None, unconfirmed });
    }

    fn run(&mut self, number: &str, (letter, end): (&str, DateTime<Utc>), words: &[&str]) {
        let word = |name: &str| words.iter().find_map(|word| word.strip_prefix(name));
        let id: u64 = number.parse().expect("the number of a run");
        let created = word("created=").map_or(end - TimeDelta::minutes(15), time);
        let named = word("title=").unwrap_or(letter);
        self.pushed(named, end - TimeDelta::minutes(5));
        let page = word("page=").map_or(1, |page| page.parse().expect("a page"));
        let (attempts, _) = self.runs.entry(id).or_insert((Vec::new(), page));
        let first = attempts.first().map(|first| first.run.created);
        let attempt = u32::try_from(attempts.len() + 1).expect("a number");
        let ends = word("deploy=").unwrap_or("success");
        let run = Run {
            id: RunId(id),
            attempt,
            workflow: WORKFLOW.to_owned(),
            head_sha: sha(&commit(letter)),
            branch: Some(word("branch=").unwrap_or("main").to_owned()),
            event: word("event=").unwrap_or("push").to_owned(),
            title: word("title=")
                .map_or("🚀 Deploy: main".to_owned(), |of| format!("Deploy {}", commit(of))),
            state: state(word("run=").unwrap_or("success")),
            created: first.unwrap_or(created),
            started: created,
            updated: end + TimeDelta::minutes(2) + TimeDelta::seconds(i64::from(attempt)),
            url: format!("https://github.example/acme/app/actions/runs/{id}"),
        };
        let mut jobs = deploy_jobs(ends, end);
        jobs.extend(word("other=").map(|other| job("deploy-uat / Deploy backend", other, end)));
        jobs.push(job("build (backend)", "success", created));
        attempts.push(AttemptRead { run, jobs });
    }

    fn scene(&self) -> Scene {
        let bad = &self.bad;
        let extra = format!(
            r#"
branch = "main"
order = "deployed"
{bad}
[environment.prod.deploys]
workflows = ["{WORKFLOW}"]
jobs = ["deploy-prod / Deploy *"]
{}
[github]
repository = "acme/app"
"#,
            self.policy
        );
        let mut scene = Scene::new(&extra);
        for (letter, pushed) in &self.releases {
            scene = scene.release(&commit(letter), Some(&pushed.to_rfc3339()));
        }
        match &self.current {
            Some(letter) => scene.latest(&commit(letter)),
            None => scene,
        }
    }

    /// Reads what is needed, and returns the target and what is passed over, in words; and of how many
    /// runs the jobs were read, and how many pages.
    pub(crate) fn answer(&self) -> Answer {
        let scene = self.scene();
        let mut timeline = scene.timeline();
        let listed = |release: &Release| ListedRelease {
            sha: release.sha.clone(),
            since: release.time().map(|moment| moment.time),
        };
        let releases = timeline.releases().iter().map(listed).collect();
        let mut search = DeploymentSearch::new(&scene.environment, releases);
        search.add_records(self.records.clone());
        let mut answer = Answer::default();
        let mut first: Vec<Sha> = Vec::new();
        loop {
            timeline.set_deployments(&search.deployments());
            if let Some(said) = decided(&scene, &timeline, &mut first) {
                answer.said = said;
                return answer;
            }
            match search.next(&first) {
                SearchStep::Examine { runs, records } => {
                    for number in records {
                        search.confirm(number, number > 0);
                    }
                    for run in runs {
                        answer.examined += 1;
                        search.add_attempts(run.id, self.runs[&run.id.0].0.clone());
                    }
                }
                SearchStep::Pages(pages) => {
                    for page in pages {
                        answer.pages += 1;
                        let (runs, has_next) = self.page(page.page);
                        search.add_page(&page, runs, has_next);
                    }
                }
                SearchStep::Nothing => panic!("{}: nothing is left to read", self.says),
            }
        }
    }

    /// The same history, told in the opposite order: by runs, jobs and records.
    pub(crate) fn reversed(mut self) -> Self {
        self.records.reverse();
        for (attempts, _) in self.runs.values_mut() {
            for read in attempts.iter_mut() {
                read.jobs.reverse();
            }
        }
        self.is_reversed = true;
        self
    }

    fn page(&self, page: u32) -> (Vec<Run>, bool) {
        let on_page = self.runs.values().filter(|(_, of)| *of == page);
        let newest = on_page.filter_map(|(attempts, _)| Some(attempts.last()?.run.clone()));
        let mut runs: Vec<Run> = newest.collect();
        if self.is_reversed {
            runs.reverse();
        }
        (runs, self.runs.values().any(|(_, of)| *of > page))
    }
}

/// What a history came to.
#[derive(Default)]
pub(crate) struct Answer {
    pub(crate) said: Vec<String>,
    pub(crate) examined: usize,
    pub(crate) pages: usize,
}

/// The answer in words, if enough was read for it.
fn decided(scene: &Scene, timeline: &Timeline, first: &mut Vec<Sha>) -> Option<Vec<String>> {
    let question = CurrentQuestion::LatestTags;
    let now = match current(&scene.environment, &scene.inventory, timeline, question) {
        Err(CurrentError::DeploymentsUnread(_)) => return None,
        now => now.expect("a current release"),
    };
    *first = vec![now.sha(timeline).clone()];
    let mut skipped = Vec::new();
    for step in steps_back(&scene.environment, timeline, now.index) {
        match step {
            Step::DeploymentsUnread => return None,
            Step::Skip(one) => skipped.push(format!("{} {}", letter(&one.sha), one.code)),
            Step::Candidate(release) => {
                skipped.insert(0, format!("=> {}", letter(&release.sha)));
                return Some(skipped);
            }
            Step::Unread(release) => panic!("{} is unread", release.sha),
        }
    }
    skipped.insert(0, "=> none".to_owned());
    Some(skipped)
}

fn state(word: &str) -> RunState {
    RunState::Completed(match word {
        "running" => return RunState::InProgress,
        "success" => Conclusion::Success,
        "failure" => Conclusion::Failure,
        "cancelled" => Conclusion::Cancelled,
        "timed_out" => Conclusion::TimedOut,
        "skipped" => Conclusion::Skipped,
        other => panic!("no conclusion `{other}`"),
    })
}

/// The deploy jobs: one that is named, or one for each image. A reusable workflow that is skipped is one
/// job of the caller's name.
fn deploy_jobs(ends: &str, end: DateTime<Utc>) -> Vec<Job> {
    let (backend, frontend) = match ends.split_once('+') {
        Some((backend, frontend)) => (backend, frontend),
        None => (ends, ends),
    };
    match ends {
        "none" => Vec::new(),
        "skipped" => vec![job("deploy-prod / Deploy *", "skipped", end)],
        _ => vec![
            job("deploy-prod / Deploy backend (blue, green)", backend, end),
            job("deploy-prod / Deploy frontend", frontend, end - TimeDelta::minutes(1)),
        ],
    }
}

fn job(name: &str, ends: &str, end: DateTime<Utc>) -> Job {
    let state = state(ends);
    Job {
        id: JobId(1),
        attempt: 1,
        name: name.to_owned(),
        state,
        started: Some(end - TimeDelta::minutes(3)),
        completed: state.conclusion().map(|_| end),
        url: None,
    }
}
