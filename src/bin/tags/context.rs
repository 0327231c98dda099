//! Makes the session that every command needs, from arguments, environment and policy file.

use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use tags::command::{
    GitRefusal, PolicyFile, Session, SessionSettings, Trust, TrustSettings, VariableToken,
};
use tags::policy::{GitHubSettings, Policy, PolicyError};

use super::args::Global;
use super::exit::{Exit, Failure};
use super::keychain::system_keychain;
use super::listener::Terminal;
use super::record_files::FilesBeside;
use super::variables::{self, Variables};
use super::{env, git, output, sink};

/// How long retries go on where a person waits.
pub(crate) const SHORTLY: Duration = Duration::from_secs(30);
/// How long they go on where work would be left half done.
pub(crate) const PATIENTLY: Duration = Duration::from_mins(15);

/// Finds and reads the policy file, and finds the images that it names by patterns. Without patterns
/// nothing is sent yet.
pub(crate) async fn connect(global: &Global) -> Result<Session, Failure> {
    with_images(connect_without_images(global, SHORTLY)?).await
}

/// The same for commands that change registries, often unattended: retries for up to 15 minutes if a
/// registry asks for it, because stopping early would leave the work half done.
pub(crate) async fn connect_patiently(global: &Global) -> Result<Session, Failure> {
    with_images(connect_without_images(global, PATIENTLY)?).await
}

async fn with_images(mut session: Session) -> Result<Session, Failure> {
    let found = session.find_images().await;
    if found.is_err() {
        session.finish_requests();
    }
    found?;
    Ok(session)
}

/// The same for commands that depend on no image, or may not fail for one that is not found.
pub(crate) fn connect_without_images(
    global: &Global,
    retry_within: Duration,
) -> Result<Session, Failure> {
    let path = find_policy(global)?.ok_or_else(no_policy)?;
    let mut file = read_policy(&path)?;
    apply_github_api_url(&mut file.policy)?;
    let github_refusal = find_github_repository(&mut file.policy, Path::new("."))?;
    let commits = file.policy.github.as_ref().and_then(GitHubSettings::commits_address);
    commits.into_iter().for_each(output::link_commits);
    let records = FilesBeside::policy(&path);
    session(global, (file, github_refusal), records, retry_within)
}

/// A session for a policy that is in no file.
pub(crate) fn connect_without_file(global: &Global, file: PolicyFile) -> Result<Session, Failure> {
    session(global, (file, None), FilesBeside::policy(Path::new("tags.toml")), SHORTLY)
}

fn session(
    global: &Global,
    (file, github_refusal): (PolicyFile, Option<GitRefusal>),
    records: FilesBeside,
    retry_within: Duration,
) -> Result<Session, Failure> {
    let variables = Variables::of(&file.policy)?;
    let settings = SessionSettings {
        timeout: global.timeout,
        retry_within,
        trust: trust()?,
        secrets: sink::secrets().clone(),
        cache_directory: env::cache_directory().filter(|_| !global.no_cache),
        github_token: github_token(&file.policy, &variables),
        github_refusal,
        keychain: system_keychain(variables),
        clock: Arc::new(env::now),
        listener: Arc::new(Terminal::new(global)),
        record_files: Arc::new(records),
    };
    Ok(Session::without_images(file, settings))
}

/// The hosts that may get credentials, by the environment alone and never by the policy file.
pub(crate) fn trust() -> Result<Trust, Failure> {
    let trusted = variables::read("TAGS_TRUSTED_HOSTS")?;
    let server = env::variable("GITHUB_SERVER_URL");
    let event = env::variable("GITHUB_EVENT_NAME");
    let settings = TrustSettings {
        github_server: server.as_deref(),
        event: event.as_deref(),
        trusted_hosts: trusted.as_deref(),
    };
    Trust::read(&settings).map_err(|error| {
        Failure::usage(format!("$TAGS_TRUSTED_HOSTS: {error}"))
            .hint("list hosts separated by commas, such as `harbor.example.com,lan:5000`")
    })
}

/// Takes the address of GitHub's API from GitHub Actions, unless the policy sets `api-url`.
fn apply_github_api_url(policy: &mut Policy) -> Result<(), Failure> {
    let Some(address) = env::variable("GITHUB_API_URL") else {
        return Ok(());
    };
    // The value is not repeated: it may be anything.
    policy.use_github_api(&address).map_err(|why| {
        Failure::usage(format!("$GITHUB_API_URL is {why}"))
            .hint("unset it, or set `api-url` in the policy")
    })
}

/// Takes the repository of `[github]` from the job, else from the checkout, unless the policy names it.
/// Returns why git did not tell the checkout's, if it refused.
fn find_github_repository(policy: &mut Policy, of: &Path) -> Result<Option<GitRefusal>, Failure> {
    if !policy.lacks_github_repository() {
        return Ok(None);
    }
    if let Some(name) = env::variable("GITHUB_REPOSITORY") {
        policy.use_github_repository(&name).map_err(|error| {
            Failure::usage(format!("$GITHUB_REPOSITORY: {error}"))
                .hint("unset it, or set `repository` of `[github]` in the policy")
        })?;
        return Ok(None);
    }
    match git::origin(of) {
        Ok(Some(address)) => policy.use_github_remote(&address),
        Ok(None) => {}
        Err(refusal) => return Ok(Some(refusal)),
    }
    Ok(None)
}

/// The first of the variables with a token that is set.
fn github_token(policy: &Policy, variables: &Variables) -> Option<VariableToken> {
    policy.github.as_ref()?.token_env.iter().find_map(|name| {
        let secret = variables.value(name)?.to_owned().into();
        Some(VariableToken { variable: name.clone(), secret })
    })
}

/// A policy file that was read.
pub(crate) enum ReadPolicy {
    /// It may be used.
    Valid(Box<PolicyFile>),
    /// It has problems; with its name.
    Invalid(String, PolicyError),
}

/// The policy file, valid or not.
pub(crate) fn policy_to_check(global: &Global) -> Result<ReadPolicy, Failure> {
    parse_policy(&find_policy(global)?.ok_or_else(no_policy)?)
}

/// A policy that is not valid.
pub(crate) fn invalid(error: &PolicyError) -> Failure {
    Failure::rendered(Exit::Usage, error.to_string().trim_end())
}

/// The policy, if there is a policy file. A file that was named and is missing is an error.
pub(crate) fn optional_policy(global: &Global) -> Result<Option<Policy>, Failure> {
    find_policy(global)?.map(|path| read_policy(&path).map(|file| file.policy)).transpose()
}

/// The repository of the checkout that a directory is in, `owner/name`, or of the job.
pub(crate) fn github_repository(of: &Path) -> Result<Option<String>, Failure> {
    const ALONE: &str = "version = 1\n[github]\n";
    let file = PolicyFile::parse("the repository", ALONE)
        .map_err(|error| Failure::internal("cannot look for the repository", error))?;
    let mut policy = file.policy;
    apply_github_api_url(&mut policy)?;
    if let Some(refusal) = find_github_repository(&mut policy, of)? {
        return Err(Failure::usage(format!("git refuses: {}", refusal.message)).hint(refusal.hint));
    }
    Ok(policy.github.and_then(|github| github.repository).map(|name| name.to_string()))
}

/// The working directory and its parents, up to the root of the repository; the working directory alone
/// outside of a repository.
pub(crate) fn upward() -> Result<Vec<PathBuf>, Failure> {
    let here = std::env::current_dir()
        .map_err(|error| Failure::internal("cannot find the working directory", error))?;
    let root = here.ancestors().find(|directory| directory.join(".git").exists());
    let levels = root
        .map_or(1, |root| here.ancestors().take_while(|directory| *directory != root).count() + 1);
    Ok(here.ancestors().take(levels).map(Path::to_owned).collect())
}

/// The policy, to complete its names; none if it is not valid.
pub(crate) fn policy_to_complete(named: Option<PathBuf>) -> Option<Policy> {
    let path = find_policy_or(named).ok()??;
    read_policy(&path).ok().map(|file| file.policy)
}

/// The policy file that commands use, if there is one.
pub(crate) fn find_policy(global: &Global) -> Result<Option<PathBuf>, Failure> {
    find_policy_or(global.policy.clone())
}

fn find_policy_or(named: Option<PathBuf>) -> Result<Option<PathBuf>, Failure> {
    if let Some(path) = named {
        return Ok(Some(path));
    }
    if let Some(path) = env::policy() {
        return Ok(Some(path));
    }
    Ok(upward()?
        .iter()
        .flat_map(|directory| [directory.join("tags.toml"), directory.join("policies/tags.toml")])
        .find(|path| path.is_file()))
}

fn no_policy() -> Failure {
    Failure::usage("no policy file found: there is no tags.toml or policies/tags.toml in this directory or its parents up to the repository root")
        .hint("`tags init` writes one from the workflows of this repository, or from a registry; --policy FILE or $TAGS_POLICY names one elsewhere; `tags demo` needs none")
}

fn read_policy(path: &Path) -> Result<PolicyFile, Failure> {
    match parse_policy(path)? {
        ReadPolicy::Valid(file) => Ok(*file),
        ReadPolicy::Invalid(_, error) => Err(invalid(&error)),
    }
}

fn parse_policy(path: &Path) -> Result<ReadPolicy, Failure> {
    let text = std::fs::read_to_string(path).map_err(|error| {
        let message = format!("cannot read the policy file {}: {error}", path.display());
        Failure::usage(message)
            .hint("check --policy or $TAGS_POLICY: the file must exist and be readable text")
    })?;
    let name = path.display().to_string();
    Ok(match PolicyFile::parse(&name, &text) {
        Ok(file) => {
            variables::learn_policy_secrets(&file.policy);
            ReadPolicy::Valid(Box::new(file))
        }
        Err(error) => ReadPolicy::Invalid(name, error),
    })
}

/// The text of a file, or of stdin for `-`. Read in another thread, so that Ctrl-C still works.
pub(crate) async fn read_input(path: &Path) -> Result<String, Failure> {
    let is_stdin = path == Path::new("-");
    let owned = path.to_owned();
    let read = tokio::task::spawn_blocking(move || {
        if is_stdin {
            let mut text = String::new();
            std::io::stdin().lock().read_to_string(&mut text).map(|_| text)
        } else {
            std::fs::read_to_string(owned)
        }
    });
    let name = if is_stdin { "stdin".to_owned() } else { path.display().to_string() };
    let refused =
        |error: &dyn std::fmt::Display| Failure::usage(format!("cannot read {name}: {error}"));
    match read.await {
        Ok(Ok(text)) => Ok(text),
        Ok(Err(error)) => Err(refused(&error)),
        Err(error) => Err(refused(&error)),
    }
}
