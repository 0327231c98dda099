//! The events that start a workflow, and what its `github` context holds in each.
//!
//! <https://docs.github.com/actions/reference/workflows-and-actions/contexts#github-context>

use crate::lint::expression::Value;
use crate::lint::symbol::Symbols;

/// One kind of run of a workflow.
#[derive(Debug, Clone)]
pub(crate) struct Event {
    /// `github.event_name`; none if the event is not known.
    pub(crate) name: Option<String>,
    pub(crate) git_ref: GitRef,
    /// Whether the pull request is closed.
    pub(crate) closed: bool,
    /// The default branch, where the triggers tell it.
    pub(crate) default_branch: Option<String>,
}

/// What `github.ref` names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum GitRef {
    /// This branch.
    Branch(String),
    /// Branches that begin with this text.
    Branches(String),
    /// Any branch.
    AnyBranch,
    Tag,
    PullRequest,
    Unknown,
}

impl Event {
    /// An event of which nothing is known.
    pub(crate) fn unknown() -> Self {
        Self { name: None, git_ref: GitRef::Unknown, closed: false, default_branch: None }
    }

    /// Whether it is about a pull request.
    pub(crate) fn is_pull_request(&self) -> bool {
        self.name.as_deref().is_some_and(|name| name.starts_with("pull_request"))
    }

    /// Whether somebody starts it by hand.
    pub(crate) fn is_dispatch(&self) -> bool {
        self.name.as_deref() == Some("workflow_dispatch")
    }

    /// Whether it is a push.
    pub(crate) fn is_push(&self) -> bool {
        self.name.as_deref() == Some("push")
    }

    /// Whether the run is of a git tag.
    pub(crate) fn is_tag(&self) -> bool {
        self.git_ref == GitRef::Tag
    }

    /// Whether the run is of the default branch, if that is known.
    pub(crate) fn is_default_branch(&self) -> Option<bool> {
        match &self.git_ref {
            _ if matches!(self.name.as_deref(), Some("schedule" | "workflow_run")) => Some(true),
            GitRef::Branch(name) => match &self.default_branch {
                Some(default) => Some(name == default || is_main(name)),
                None if is_main(name) => Some(true),
                None => None,
            },
            GitRef::Tag | GitRef::PullRequest => Some(false),
            _ => None,
        }
    }

    /// The branch, with its unknown part as a symbol.
    pub(crate) fn branch(&self, symbols: &Symbols) -> Option<String> {
        match &self.git_ref {
            GitRef::Branch(name) => Some(name.clone()),
            GitRef::Branches(start) if start.is_empty() => Some(symbols.context("github.ref_name")),
            GitRef::Branches(start) => {
                let rest = symbols.any(&format!("the rest of {start}"), "<any>");
                Some(format!("{start}{rest}"))
            }
            GitRef::AnyBranch => Some(symbols.context("github.ref_name")),
            _ => None,
        }
    }

    /// The branch, as it is shown in messages.
    pub(crate) fn branch_name(&self) -> Option<String> {
        match &self.git_ref {
            GitRef::Branch(name) => Some(name.clone()),
            GitRef::Branches(start) if !start.is_empty() => Some(format!("{start}<any>")),
            _ => None,
        }
    }

    /// The git tag.
    pub(crate) fn tag(symbols: &Symbols) -> String {
        symbols.version("github.ref_name as tag", "${{ github.ref_name }}")
    }

    /// The value of a path in `github`, in lower case; none if the event does not decide it.
    pub(crate) fn lookup(&self, path: &[&str], symbols: &Symbols) -> Option<Value> {
        let text = |text: &str| Some(Value::Text(text.to_owned()));
        let name = self.name.as_deref()?;
        match path {
            ["event_name"] => text(name),
            ["ref"] => self.full_ref(symbols).map(Value::Text),
            ["ref_name"] => self.ref_name(symbols).map(Value::Text),
            ["ref_type"] => match self.git_ref {
                GitRef::Tag => text("tag"),
                GitRef::Unknown => None,
                _ => text("branch"),
            },
            ["head_ref" | "base_ref"] if !self.is_pull_request() => text(""),
            ["event", "number" | "pull_request", ..] if !self.is_pull_request() => {
                Some(Value::Null)
            }
            ["event", "pull_request", "merged"] if self.is_pull_request() && !self.closed => {
                Some(Value::Bool(false))
            }
            ["event", "action"] if self.is_pull_request() => {
                let key = "an action of a pull request that is open";
                if self.closed {
                    text("closed")
                } else {
                    Some(Value::Text(symbols.open_action(key)))
                }
            }
            ["event", "inputs", ..] if !self.is_dispatch() => Some(Value::Null),
            ["event", "release", ..] if name != "release" => Some(Value::Null),
            ["event", "workflow_run", ..] if name != "workflow_run" => Some(Value::Null),
            ["event", "repository", "default_branch"] => {
                let default = match (&self.default_branch, &self.git_ref) {
                    (_, GitRef::Branch(branch)) if is_main(branch) => Some(branch),
                    (default, _) => default.as_ref(),
                };
                default.map(|default| Value::Text(default.clone()))
            }
            _ => None,
        }
    }

    fn full_ref(&self, symbols: &Symbols) -> Option<String> {
        match &self.git_ref {
            GitRef::Tag => Some(format!("refs/tags/{}", Self::tag(symbols))),
            GitRef::PullRequest => Some(format!("refs/pull/{}/merge", number(symbols))),
            GitRef::Unknown => None,
            _ => self.branch(symbols).map(|branch| format!("refs/heads/{branch}")),
        }
    }

    fn ref_name(&self, symbols: &Symbols) -> Option<String> {
        match &self.git_ref {
            GitRef::Tag => Some(Self::tag(symbols)),
            GitRef::PullRequest => Some(format!("{}/merge", number(symbols))),
            GitRef::Unknown => None,
            _ => self.branch(symbols),
        }
    }
}

/// The number of the pull request.
fn number(symbols: &Symbols) -> String {
    symbols.context("github.event.number")
}

/// Whether a branch has the name of a default branch.
pub(crate) fn is_main(branch: &str) -> bool {
    matches!(branch, "main" | "master")
}
