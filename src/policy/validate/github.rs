//! `[github]`, and the tables of an environment that need it: `deploys` and `runs`.

use std::time::Duration;

use toml::Spanned;
use url::Url;

use super::endpoint::Endpoint;
use super::registry::variable;
use super::value::{
    ZeroDuration, choice, duration, globs, parsed, refuse_duplicates, refuse_empty,
};
use crate::model::ReleaseOrder;
use crate::policy::RegistryKind;
use crate::policy::github::{
    Deploys, GitHubRepository, GitHubSettings, RecordStore, RunLimits, SuccessBy, TitlePattern,
};
use crate::policy::problem::Problems;
use crate::policy::raw::{RawDeploys, RawEnvironment, RawPolicy, RawRuns};
use crate::policy::read::Field;
use crate::policy::scalar::DurationText;

/// Whose deployments are records, unless the policy names others: what a job's own token creates.
const RECORDS_BY: &str = "github-actions[bot]";

/// The settings of `[github]`; none without that table, or if a value is invalid.
pub(super) fn github(raw: &RawPolicy, problems: &mut Problems) -> Option<GitHubSettings> {
    let raw = raw.github.get()?;
    let check = Endpoint::Encrypted;
    let api_url = match check.read("api-url", &raw.api_url, problems) {
        None if matches!(raw.api_url, Field::Missing) => default_api_url(),
        written => written,
    };
    // A value that is not valid has added its problem, and the settings are not used.
    let repository =
        raw.repository.set().and_then(|text| parsed(text, GitHubRepository::parse, problems));
    let records = records(&raw.records, problems);
    let token_env = match variable(&raw.token_env, problems) {
        Some(name) => vec![name],
        None => RegistryKind::Ghcr.default_token_env(),
    };
    refuse_empty("records-by", &raw.records_by, problems);
    refuse_duplicates(&raw.records_by, problems);
    let mut records_by: Vec<String> =
        raw.records_by.items().map(|name| name.get_ref().clone()).collect();
    if records_by.is_empty() {
        records_by.push(RECORDS_BY.to_owned());
    }
    Some(GitHubSettings {
        repository,
        api_url: api_url?,
        api_url_written: !matches!(raw.api_url, Field::Missing),
        token_env,
        records: records?,
        records_by,
    })
}

fn default_api_url() -> Option<Url> {
    RegistryKind::Ghcr.default_api_url()
}

fn records(field: &Field<String>, problems: &mut Problems) -> Option<RecordStore> {
    let Some(text) = field.set() else {
        return matches!(field, Field::Missing).then_some(RecordStore::Deployments);
    };
    match text.get_ref().as_str() {
        "deployments" => Some(RecordStore::Deployments),
        "none" => Some(RecordStore::None),
        "" => {
            let help = "write `deployments`, `none`, or the path of a file";
            problems.add_with_help(text.span(), "`records` is empty", help);
            None
        }
        path => Some(RecordStore::File(path.to_owned())),
    }
}

/// What an environment says about its deployments.
pub(super) struct Pipeline {
    pub(super) deploys: Option<Deploys>,
    pub(super) run_limits: RunLimits,
}

/// Reads `deploys` and `runs` of an environment, and checks that `[github]` is there where it is needed.
pub(super) fn pipeline(
    (raw, key): (&RawEnvironment, &Spanned<String>),
    order: Option<ReleaseOrder>,
    has_github: bool,
    problems: &mut Problems,
) -> Pipeline {
    let help = "add a table `[github]`; it may be empty where `$GITHUB_REPOSITORY` or the checkout names the repository";
    if let Some(table) = raw.deploys.set().filter(|_| !has_github) {
        problems.add_with_help(table.span(), "`deploys` needs `[github]`", help);
    } else if let Some(text) = raw.order.set().filter(|_| !has_github)
        && order == Some(ReleaseOrder::Deployed)
    {
        problems.add_with_help(text.span(), "the order `deployed` needs `[github]`", help);
    }
    let deploys = raw.deploys.set().map(|deploys| read_deploys(deploys, key, problems));
    let run_limits = raw.runs.get().map_or_else(RunLimits::default, |runs| limits(runs, problems));
    Pipeline { deploys, run_limits }
}

fn read_deploys(
    written: &Spanned<RawDeploys>,
    key: &Spanned<String>,
    problems: &mut Problems,
) -> Deploys {
    let raw = written.get_ref();
    let table = Spanned::new(written.span(), format!("{}.deploys", key.get_ref()));
    raw.workflows.required("workflows", &table, problems);
    raw.jobs.required("jobs", &table, problems);
    for (name, list) in
        [("workflows", &raw.workflows), ("jobs", &raw.jobs), ("events", &raw.events)]
    {
        refuse_empty(name, list, problems);
        refuse_duplicates(list, problems);
    }
    for file in raw.workflows.items().filter(|file| !is_file_name(file.get_ref())) {
        let message = format!("`{}` is not the file name of a workflow", file.get_ref());
        let help = "write the name without folders, such as `deploy.yml`";
        problems.add_with_help(file.span(), message, help);
    }
    let list = |field: &Field<crate::policy::read::List<String>>| -> Vec<String> {
        field.items().map(|text| text.get_ref().clone()).collect()
    };
    let mut events = list(&raw.events);
    if events.is_empty() {
        events.push("push".to_owned());
    }
    let title = raw.title.set().and_then(|text| parsed(text, TitlePattern::parse, problems));
    let ways = [("run", SuccessBy::Run), ("jobs", SuccessBy::Jobs)];
    let success = match raw.success.set() {
        Some(text) => choice("success", text, &ways, problems).unwrap_or_default(),
        None => SuccessBy::default(),
    };
    Deploys {
        workflows: list(&raw.workflows),
        jobs: globs(&raw.jobs, problems),
        migrate_jobs: globs(&raw.migrate_jobs, problems),
        events,
        title,
        success,
    }
}

fn is_file_name(text: &str) -> bool {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-_. ".contains(&b);
    let extension = text.rsplit_once('.').map(|(name, extension)| (!name.is_empty(), extension));
    matches!(extension, Some((true, "yml" | "yaml"))) && text.bytes().all(plain)
}

fn limits(raw: &RawRuns, problems: &mut Problems) -> RunLimits {
    let defaults = RunLimits::default();
    let mut time = |field: &Field<DurationText>, default: Duration| {
        let time = duration(field, ZeroDuration::Allowed, problems);
        if let (Some(text), Some(Duration::ZERO)) = (field.set(), time) {
            let message = format!("`{}` would be exceeded by every run", text.get_ref().0);
            problems.add(text.span(), message);
        }
        time.unwrap_or(default)
    };
    let migrate_max = time(&raw.migrate_max, defaults.migrate_max);
    let deploy_max = time(&raw.deploy_max, defaults.deploy_max);
    let mut rate = |key: &str, field: &Field<f64>, default: f64| {
        let Some(share) = field.set() else { return default };
        if !(0.0..=1.0).contains(share.get_ref()) {
            let message = format!("`{key}` must be from 0 to 1, and is {}", share.get_ref());
            problems.add_with_help(share.span(), message, "0.05 means one run in twenty");
        }
        *share.get_ref()
    };
    let max_failure_rate =
        rate("max-failure-rate", &raw.max_failure_rate, defaults.max_failure_rate);
    let max_migrate_failure_rate = rate(
        "max-migrate-failure-rate",
        &raw.max_migrate_failure_rate,
        defaults.max_migrate_failure_rate,
    );
    if let Some(last) = raw.last.set().filter(|last| *last.get_ref() == 0) {
        problems.add(last.span(), "`last` must be at least 1");
    }
    let last = raw.last.get().copied().unwrap_or(defaults.last);
    RunLimits { migrate_max, deploy_max, max_failure_rate, max_migrate_failure_rate, last }
}
