//! A workflow: its triggers, jobs and steps, each with its position.
//!
//! Keys that no rule needs are left out; nothing is evaluated here.

use std::sync::Arc;

use super::position::Position;
use super::yaml::{Entry, Node, Scalar};

/// Entries of `env`, `with` or `outputs`.
pub(crate) type Settings = Vec<Setting>;

/// A key with a scalar.
#[derive(Debug, Clone)]
pub(crate) struct Setting {
    pub(crate) name: String,
    pub(crate) at: Position,
    pub(crate) value: Scalar,
    /// The further values of a list; GitHub accepts none, but it is clear what is meant.
    pub(crate) more: Vec<Scalar>,
}

/// A workflow.
#[derive(Debug)]
pub(crate) struct Workflow {
    pub(crate) on: Vec<Trigger>,
    pub(crate) env: Settings,
    pub(crate) permissions: Option<Node>,
    pub(crate) concurrency: Option<Node>,
    /// The shell of its steps, by its `defaults`.
    pub(crate) shell: Option<Scalar>,
    pub(crate) jobs: Vec<Job>,
    /// Whether what its jobs do may depend on the event that starts it.
    pub(crate) depends_on_event: bool,
    /// The text of the file.
    pub(crate) text: Arc<str>,
}

/// An event that starts the workflow, with its inputs and outputs.
#[derive(Debug)]
pub(crate) struct Trigger {
    pub(crate) name: String,
    pub(crate) at: Position,
    pub(crate) inputs: Vec<Entry>,
    pub(crate) outputs: Vec<Entry>,
    /// Its filters: `branches`, `tags`, `types`.
    pub(crate) filters: Option<Node>,
}

/// A job.
#[derive(Debug)]
pub(crate) struct Job {
    pub(crate) id: String,
    pub(crate) at: Position,
    pub(crate) name: String,
    pub(crate) needs: Option<Node>,
    pub(crate) condition: Option<Scalar>,
    pub(crate) env: Settings,
    pub(crate) permissions: Option<Node>,
    pub(crate) concurrency: Option<Node>,
    /// The name of its `environment`.
    pub(crate) environment: Option<Scalar>,
    pub(crate) matrix: Option<Node>,
    pub(crate) timeout: Option<Setting>,
    pub(crate) outputs: Settings,
    pub(crate) uses: Option<Scalar>,
    pub(crate) with: Settings,
    /// The images of `container` and `services`.
    pub(crate) images: Vec<Scalar>,
    /// The names and images of its `services`.
    pub(crate) services: Vec<(String, Scalar)>,
    pub(crate) steps: Vec<Step>,
    /// The shell of its steps, by its `defaults`.
    pub(crate) shell: Option<Scalar>,
    /// The labels of the runner.
    pub(crate) runs_on: Vec<Scalar>,
    /// Whether the workflow goes on when it fails.
    pub(crate) continues: bool,
}

/// A step.
#[derive(Debug)]
pub(crate) struct Step {
    pub(crate) at: Position,
    pub(crate) id: Option<String>,
    pub(crate) condition: Option<Scalar>,
    pub(crate) env: Settings,
    pub(crate) uses: Option<Scalar>,
    pub(crate) with: Settings,
    pub(crate) run: Option<Scalar>,
    pub(crate) shell: Option<Scalar>,
    /// Whether the job goes on when it fails.
    pub(crate) continues: bool,
}

impl Workflow {
    /// Reads a YAML document.
    pub(crate) fn read(root: &Node, text: &str) -> Self {
        let jobs = root.get("jobs").map(Node::entries).unwrap_or_default();
        Self {
            on: root.get("on").map(triggers).unwrap_or_default(),
            env: settings(root, "env"),
            permissions: root.get("permissions").cloned(),
            concurrency: root.get("concurrency").cloned(),
            shell: default_shell(root),
            jobs: jobs.iter().map(job).collect(),
            depends_on_event: depends_on_event(text),
            text: text.into(),
        }
    }

    /// A trigger by its name.
    pub(crate) fn trigger(&self, name: &str) -> Option<&Trigger> {
        self.on.iter().find(|trigger| trigger.name == name)
    }

    /// Whether only other workflows start it.
    pub(crate) fn is_only_called(&self) -> bool {
        !self.on.is_empty() && self.on.iter().all(|trigger| trigger.name == "workflow_call")
    }
}

impl Job {
    /// The names of the jobs that it needs.
    pub(crate) fn needs(&self) -> impl Iterator<Item = &str> {
        let list = self.needs.as_ref().map(Node::items).unwrap_or_default();
        self.needs.iter().chain(list).filter_map(Node::text)
    }
}

impl Job {
    /// Whether its `if` asks how others ended, so that it may run although one was skipped.
    pub(crate) fn asks_for_status(&self) -> bool {
        asks_for_status(self.condition.as_ref())
    }
}

fn asks_for_status(condition: Option<&Scalar>) -> bool {
    let text = condition.map_or("", Scalar::text).to_ascii_lowercase();
    ["always()", "failure()", "cancelled()"].iter().any(|call| text.contains(call))
}

impl Step {
    /// Whether its `if` asks how the steps before it ended, so that it may run after a failure.
    pub(crate) fn asks_for_status(&self) -> bool {
        asks_for_status(self.condition.as_ref())
    }

    /// About how many characters it has.
    pub(crate) fn length(&self) -> usize {
        let length = |scalar: &Scalar| scalar.text().len();
        let settings = self.with.iter().chain(&self.env).map(|setting| length(&setting.value));
        100 + settings.sum::<usize>() + self.run.as_ref().map_or(0, length)
    }

    /// The action's name without its version, in lower case: `docker/build-push-action`.
    pub(crate) fn action(&self) -> Option<String> {
        let uses = self.uses.as_ref()?.text();
        Some(uses.split('@').next().unwrap_or_default().trim().to_ascii_lowercase())
    }

    /// An input of the action.
    pub(crate) fn input(&self, name: &str) -> Option<&Setting> {
        self.with.iter().find(|setting| setting.name.eq_ignore_ascii_case(name))
    }
}

/// Words without which all events are alike.
const OF_EVENTS: [&str; 12] = [
    "github.event",
    "github.ref",
    "github.head_ref",
    "github.base_ref",
    "github[",
    "toJSON(github",
    "GITHUB_REF",
    "GITHUB_EVENT",
    "GITHUB_HEAD_REF",
    "inputs",
    "metadata-action",
    "uses: ./.github/workflows",
];

fn depends_on_event(text: &str) -> bool {
    OF_EVENTS.iter().any(|word| text.contains(word)) || text.contains("uses: \"./")
}

fn triggers(on: &Node) -> Vec<Trigger> {
    let plain = |text: &str| Trigger {
        name: text.to_owned(),
        at: on.at,
        inputs: Vec::new(),
        outputs: Vec::new(),
        filters: None,
    };
    if on.entries().is_empty() {
        return on.texts().iter().map(|text| plain(text)).collect();
    }
    on.entries()
        .iter()
        .map(|entry| Trigger {
            name: entry.key.text().to_owned(),
            at: entry.key.at,
            inputs: entry.value.get("inputs").map(Node::entries).unwrap_or_default().to_vec(),
            outputs: entry.value.get("outputs").map(Node::entries).unwrap_or_default().to_vec(),
            filters: Some(entry.value.clone()),
        })
        .collect()
}

fn job(entry: &Entry) -> Job {
    let node = &entry.value;
    let id = entry.key.text().to_owned();
    let steps = node.get("steps").map(Node::items).unwrap_or_default();
    let matrix = node.get("strategy").and_then(|strategy| strategy.get("matrix"));
    Job {
        at: entry.key.at,
        name: node.text_of("name").unwrap_or(&id).to_owned(),
        id,
        needs: node.get("needs").cloned(),
        condition: scalar(node, "if"),
        env: settings(node, "env"),
        permissions: node.get("permissions").cloned(),
        concurrency: node.get("concurrency").cloned(),
        environment: node
            .get("environment")
            .and_then(|node| node.scalar().or_else(|| node.get("name")?.scalar()).cloned()),
        matrix: matrix.cloned(),
        timeout: setting(node.entry("timeout-minutes")),
        outputs: settings(node, "outputs"),
        uses: scalar(node, "uses"),
        with: settings(node, "with"),
        images: images(node),
        services: services(node),
        steps: steps.iter().map(step).collect(),
        shell: default_shell(node),
        runs_on: node.get("runs-on").map(labels).unwrap_or_default(),
        continues: node.text_of("continue-on-error").is_some_and(|text| text != "false"),
    }
}

/// `defaults.run.shell` of a workflow or a job.
fn default_shell(node: &Node) -> Option<Scalar> {
    scalar(node.get("defaults")?.get("run")?, "shell")
}

/// One label, a list of them, or a group with its labels.
fn labels(runs_on: &Node) -> Vec<Scalar> {
    let list = runs_on.get("labels").unwrap_or(runs_on);
    let items = list.items().iter().filter_map(Node::scalar);
    list.scalar().into_iter().chain(items).cloned().collect()
}

fn images(job: &Node) -> Vec<Scalar> {
    let container = job.get("container").and_then(image);
    let services = services(job).into_iter().map(|(_, image)| image);
    container.into_iter().chain(services).collect()
}

fn services(job: &Node) -> Vec<(String, Scalar)> {
    let entries = job.get("services").map(Node::entries).unwrap_or_default();
    let of = |entry: &Entry| Some((entry.key.text().to_owned(), image(&entry.value)?));
    entries.iter().filter_map(of).collect()
}

/// The image of a container, which may be all that is said of it.
fn image(container: &Node) -> Option<Scalar> {
    container.scalar().or_else(|| container.get("image")?.scalar()).cloned()
}

fn step(node: &Node) -> Step {
    Step {
        at: node.at,
        id: node.text_of("id").map(str::to_owned),
        condition: scalar(node, "if"),
        env: settings(node, "env"),
        uses: scalar(node, "uses"),
        with: settings(node, "with"),
        run: scalar(node, "run"),
        shell: scalar(node, "shell"),
        continues: node.text_of("continue-on-error").is_some_and(|text| text != "false"),
    }
}

fn scalar(node: &Node, key: &str) -> Option<Scalar> {
    node.get(key).and_then(Node::scalar).cloned()
}

fn setting(entry: Option<&Entry>) -> Option<Setting> {
    let entry = entry?;
    let mut list = entry.value.items().iter().filter_map(Node::scalar);
    let value = entry.value.scalar().or_else(|| list.next())?.clone();
    let more = list.cloned().collect();
    Some(Setting { name: entry.key.text().to_owned(), at: entry.key.at, value, more })
}

fn settings(node: &Node, key: &str) -> Settings {
    let entries = node.get(key).map(Node::entries).unwrap_or_default();
    entries.iter().filter_map(|entry| setting(Some(entry))).collect()
}
