//! The files of a run: what it writes may not take the place of another of them.

use std::path::{Path, PathBuf};

use tags::policy::RecordStore;

use super::args::{Args, Command, Global, InUseSource};
use super::context::{find_policy, policy_to_complete};
use super::env;
use super::exit::Failure;
use super::record_files::FilesBeside;

/// A file of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
struct NamedFile {
    /// What names it, such as `--out`.
    by: String,
    path: PathBuf,
    content: Content,
}

/// What becomes of the content that a file has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Content {
    /// It has to stay: the run reads it, or adds to it.
    Stays,
    /// The run replaces it, or makes the file.
    Replaced,
}

/// Two options that name the same file, of which one would replace the other's.
#[derive(Debug)]
pub(crate) struct SameFile {
    written: NamedFile,
    other: NamedFile,
}

impl SameFile {
    /// Whether the metrics are one of them.
    pub(crate) fn is_metrics(&self) -> bool {
        [&self.written, &self.other].iter().any(|file| file.by == METRICS)
    }
}

impl From<SameFile> for Failure {
    fn from(SameFile { written, other }: SameFile) -> Self {
        let shown = |NamedFile { by, path, .. }: &NamedFile| format!("{by} {}", path.display());
        Self::usage(format!("{} and {} are the same file", shown(&written), shown(&other)))
            .hint(format!("name another file with {}; nothing was asked or changed", written.by))
    }
}

const METRICS: &str = "--metrics";
const JOURNAL: &str = "--journal";
/// A journal of an earlier run, or what has to be known the next time.
const REMEMBERED: &str = "a journal or record of earlier runs,";

/// Refuses a command line that would replace a file which it also reads, or writes twice.
pub(crate) fn refuse_same(args: &Args) -> Result<(), SameFile> {
    let written = written_by(&args.command, &args.global);
    if written.is_empty() {
        return Ok(());
    }
    let mut files = [read_by(&args.command), written].concat();
    // That is stdin or stdout: no other file that is written can have this name.
    files.retain(|file| file.path != Path::new("-"));
    files.extend(of_policy(&args.command, &args.global));
    files.extend(of_surroundings());
    for (at, one) in files.iter().enumerate() {
        let others = files.iter().skip(at + 1);
        let mut others = others.filter(|other| is_replaced(one, other));
        if let Some(other) = others.find(|other| is_same(&one.path, &other.path)) {
            return Err(pair(one, other));
        }
    }
    Ok(())
}

fn is_replaced(one: &NamedFile, other: &NamedFile) -> bool {
    // What becomes of an existing journal is decided where it is opened.
    let is_journal = one.by == JOURNAL && other.by == REMEMBERED;
    !is_journal && [one, other].iter().any(|file| file.content == Content::Replaced)
}

/// The file that is to be named differently stands first: the metrics before all others.
fn pair(one: &NamedFile, other: &NamedFile) -> SameFile {
    let is_first = one.content == Content::Replaced && other.by != METRICS;
    let (written, other) = if is_first { (one, other) } else { (other, one) };
    let (written, other) = match written.content {
        Content::Replaced => (written, other),
        Content::Stays => (other, written),
    };
    SameFile { written: written.clone(), other: other.clone() }
}

fn stays(by: &str, path: &Path) -> NamedFile {
    NamedFile { by: by.to_owned(), path: path.to_owned(), content: Content::Stays }
}

fn replaced(by: &str, path: &Path) -> NamedFile {
    NamedFile { content: Content::Replaced, ..stays(by, path) }
}

/// The files that a command reads by its arguments.
fn read_by(command: &Command) -> Vec<NamedFile> {
    let named = |by: &str, path: &Option<PathBuf>| -> Vec<NamedFile> {
        path.iter().map(|path| stays(by, path)).collect()
    };
    match command {
        Command::Verify(args) => named("--running", &args.running),
        Command::RollbackTarget(args) => named("--running", &args.running),
        Command::Cleanup(args) => lists(&args.in_use),
        Command::Apply(args) => [vec![stays("the plan", &args.plan)], lists(&args.in_use)].concat(),
        Command::Explain(args) => lists(&args.in_use),
        Command::Report(args) => named("--plan", &args.plan),
        Command::Undo(args) => vec![stays("the journal", &args.journal)],
        Command::Lint(args) => args.path.iter().map(|path| stays("the workflow", path)).collect(),
        Command::Init(args) => vec![stays("--from", Path::new(&args.from))],
        _ => Vec::new(),
    }
}

/// The files that the environment names, and those that this program remembers things in.
fn of_surroundings() -> Vec<NamedFile> {
    let named = [
        ("$GITHUB_OUTPUT", env::github_output()),
        ("$GITHUB_STEP_SUMMARY", env::github_step_summary()),
        ("$GITHUB_EVENT_PATH", env::github_event()),
        ("Docker's config file", env::docker_config()),
    ];
    let named = named.into_iter().filter_map(|(by, path)| Some(stays(by, &path?)));
    let secrets = env::files_by_suffix(&["_TOKEN_FILE", "_PASSWORD_FILE", "_HOSTS_FILE"]);
    let secrets = secrets.map(|(name, path)| stays(&format!("${name}"), &path));
    let remembered = env::state_directory().into_iter().flat_map(|directory| {
        let entries = std::fs::read_dir(directory).into_iter().flatten().flatten();
        let paths = entries.map(|entry| entry.path());
        let is_record = |path: &PathBuf| {
            path.extension()
                .is_some_and(|end| ["jsonl", "json", "txt"].iter().any(|one| end == *one))
        };
        paths.filter(is_record).map(|path| stays(REMEMBERED, &path))
    });
    named.chain(secrets).chain(remembered).collect()
}

fn lists(sources: &[InUseSource]) -> Vec<NamedFile> {
    let file = |source: &InUseSource| match source {
        InUseSource::List(path) => Some(stays("--in-use", path)),
        InUseSource::Asked(_) => None,
    };
    sources.iter().filter_map(file).collect()
}

/// The files that a run writes by its arguments.
fn written_by(command: &Command, global: &Global) -> Vec<NamedFile> {
    let named: Vec<(&str, &Option<PathBuf>)> = match command {
        Command::Rollback(args) => vec![(JOURNAL, &args.apply.journal)],
        Command::Promote(args) => vec![(JOURNAL, &args.apply.journal)],
        Command::Cleanup(args) => vec![("--out", &args.out), (JOURNAL, &args.journal)],
        Command::Apply(args) => vec![(JOURNAL, &args.journal)],
        Command::Report(args) => vec![("--out", &args.out)],
        Command::Init(args) if args.out.is_some() => vec![("--out", &args.out)],
        Command::Init(_) => vec![("--policy", &global.policy)],
        _ => Vec::new(),
    };
    let all = named.into_iter().chain([(METRICS, &global.metrics)]);
    all.filter_map(|(by, path)| Some(replaced(by, path.as_deref()?))).collect()
}

/// The policy file that the command uses, and the file of records that it names. An error in it is told
/// when it is used.
fn of_policy(command: &Command, global: &Global) -> Vec<NamedFile> {
    if matches!(command, Command::Init(_)) {
        return Vec::new();
    }
    let Ok(Some(path)) = find_policy(global) else { return Vec::new() };
    let by =
        if global.policy.is_some() { "the policy file of --policy" } else { "the policy file" };
    let mut files = vec![stays(by, &path)];
    // A pipe can be read only once, and its content is needed later.
    if !path.is_file() {
        return files;
    }
    let policy = policy_to_complete(Some(path.clone()));
    if let Some(RecordStore::File(name)) = policy.and_then(|policy| Some(policy.github?.records)) {
        let records = FilesBeside::policy(&path).path(&name);
        files.push(stays("`records` of the policy,", &records));
    }
    files
}

/// Whether two paths lead to one regular file, by whatever names; or to one that does not exist yet.
fn is_same(one: &Path, other: &Path) -> bool {
    match (std::fs::metadata(one), std::fs::metadata(other)) {
        (Ok(a), Ok(b)) => {
            a.is_file() && b.is_file() && (is_one(&a, &b) || place(one) == place(other))
        }
        (Err(_), Err(_)) => {
            place(one).is_some_and(|place_of_one| Some(place_of_one) == place(other))
        }
        (Ok(_), Err(_)) | (Err(_), Ok(_)) => false,
    }
}

#[cfg(unix)]
fn is_one(one: &std::fs::Metadata, other: &std::fs::Metadata) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    (one.dev(), one.ino()) == (other.dev(), other.ino())
}

/// Elsewhere the paths are compared.
#[cfg(not(unix))]
fn is_one(_: &std::fs::Metadata, _: &std::fs::Metadata) -> bool {
    false
}

/// Where a file is, or would be: links are followed, also one that leads to no file yet.
fn place(path: &Path) -> Option<PathBuf> {
    if let Ok(found) = path.canonicalize() {
        return Some(found);
    }
    let directory = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    let directory = directory.unwrap_or(Path::new(".")).canonicalize().ok()?;
    let link = std::fs::read_link(path).ok().map(|to| directory.join(to));
    let to = link.unwrap_or_else(|| directory.join(path.file_name().unwrap_or_default()));
    let parent = to.parent().and_then(|parent| parent.canonicalize().ok())?;
    Some(parent.join(to.file_name()?))
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_recognised_by_every_name_that_it_has() {
        let home = tempfile::tempdir().expect("a directory");
        let at = |name: &str| home.path().join(name);
        std::fs::create_dir(at("folder")).expect("a folder");
        std::fs::write(at("plan"), "x").expect("written");
        std::fs::write(at("other"), "x").expect("written");
        std::fs::hard_link(at("plan"), at("hard")).expect("a link");
        std::os::unix::fs::symlink("plan", at("link")).expect("a link");
        std::os::unix::fs::symlink(home.path(), at("folder/back")).expect("a link");
        std::os::unix::fs::symlink("nowhere", at("loose")).expect("a link");
        for (one, other) in [
            ("plan", "plan"),
            ("plan", "folder/../plan"),
            ("plan", "hard"),
            ("hard", "link"),
            ("plan", "folder/back/plan"),
            ("none", "folder/../none"),
            ("none", "folder/back/none"),
            ("loose", "nowhere"),
        ] {
            assert!(
                is_same(&at(one), &at(other)) && is_same(&at(other), &at(one)),
                "{one} {other}"
            );
        }
        for (one, other) in
            [("plan", "other"), ("none", "nothing"), ("plan", "none"), ("folder", "folder")]
        {
            assert!(!is_same(&at(one), &at(other)), "{one} {other}");
        }
    }
}
