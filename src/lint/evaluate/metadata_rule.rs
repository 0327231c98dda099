//! One rule of `docker/metadata-action`: the tag that it makes in an event, if it makes one.

use super::event::{Event, GitRef};
use super::scope::JobScope;
use crate::lint::position::Position;
use crate::lint::symbol::is_symbol;

/// A tag without its image.
pub(super) struct Tag {
    pub(super) name: String,
    pub(super) at: Position,
    pub(super) certain: bool,
}

/// The `flavor` input: a prefix, a suffix, and whether `latest` is added.
#[derive(Default)]
pub(super) struct Flavor {
    pub(super) prefix: String,
    pub(super) suffix: String,
    pub(super) latest: Option<String>,
}

/// A rule, and where it is evaluated.
pub(super) struct Rule<'a> {
    pub(super) text: &'a str,
    pub(super) at: Position,
    pub(super) flavor: &'a Flavor,
    pub(super) scope: &'a JobScope<'a>,
    /// Whether pull requests are tagged by the SHA of their head.
    pub(super) head: bool,
}

impl Rule<'_> {
    fn event(&self) -> &Event {
        &self.scope.event
    }

    fn get(&self, name: &str) -> Option<&str> {
        let mut parts = self.text.split(',').map(str::trim);
        parts.find_map(|part| part.strip_prefix(name)?.strip_prefix('='))
    }

    fn kind(&self) -> &str {
        self.get("type").unwrap_or("raw")
    }

    /// Whether `latest` is added beside its tag, unless `flavor` says otherwise.
    pub(super) fn implies_latest(&self) -> bool {
        match self.kind() {
            "semver" | "pep440" | "match" => true,
            "ref" => self.get("event") == Some("tag"),
            _ => false,
        }
    }

    /// The tag that it makes, if it makes one.
    pub(super) fn tag(&self) -> Option<Tag> {
        let enabled = self.enabled()?;
        let (name, certain) = match self.kind() {
            "raw" => {
                let first = self.text.split(',').next().filter(|part| !part.contains('='));
                let value = self.get("value").or(first)?;
                (self.templated(value), true)
            }
            "sha" => (self.sha(), true),
            kind => self.of_event(kind)?,
        };
        let default = if self.kind() == "sha" { "sha-" } else { &self.flavor.prefix };
        let default = if self.is_pull_request_ref() { "pr-" } else { default };
        let prefix = self.templated(self.get("prefix").unwrap_or(default));
        let suffix = self.templated(self.get("suffix").unwrap_or(&self.flavor.suffix));
        let name = format!("{prefix}{name}{suffix}");
        if name.is_empty() {
            return None;
        }
        Some(Tag { name: sanitized(&name), at: self.at, certain: enabled && certain })
    }

    fn is_pull_request_ref(&self) -> bool {
        self.kind() == "ref" && self.get("event") == Some("pr")
    }

    /// Whether it is surely enabled; none if it is surely not.
    fn enabled(&self) -> Option<bool> {
        let Some(enable) = self.get("enable") else { return Some(true) };
        let default = self.event().is_default_branch();
        let negated = enable.strip_prefix('!').unwrap_or(enable).trim();
        let value = if negated == "{{is_default_branch}}" || negated == "{{ is_default_branch }}" {
            default.map(|is| is != enable.starts_with('!'))
        } else {
            match enable {
                "true" => Some(true),
                "false" | "" => Some(false),
                _ => None,
            }
        };
        match value {
            Some(false) => None,
            Some(true) => Some(true),
            None => Some(false),
        }
    }

    fn sha(&self) -> String {
        let head = self.head && self.event().is_pull_request();
        let source = if head { "github.event.pull_request.head.sha" } else { "github.sha" };
        if self.get("format") == Some("long") {
            self.scope.symbols.context(source)
        } else {
            self.scope.symbols.sha(source, Some(7))
        }
    }

    /// The tag of a rule that acts on some events only; whether it surely does.
    fn of_event(&self, kind: &str) -> Option<(String, bool)> {
        let symbols = self.scope.symbols;
        let event = self.event();
        let known = event.git_ref != GitRef::Unknown;
        let display = format!("<{}>", self.text);
        let version = || symbols.version(&format!("{} at {}", self.text, self.at), &display);
        let unknown = || symbols.any(&format!("{} at {}", self.text, self.at), &display);
        match kind {
            "semver" | "pep440" | "match" => {
                let given = self.get("value").is_some();
                if !given && known && !event.is_tag() {
                    return None;
                }
                // A pattern such as `{{major}}` moves with each release.
                let pattern = self.get("pattern").unwrap_or_default();
                let moves =
                    kind == "semver" && !pattern.contains("minor") && !pattern.contains("version");
                Some((if moves { unknown() } else { version() }, given || event.is_tag()))
            }
            "ref" => match self.get("event").unwrap_or_default() {
                "branch" if known => Some((event.branch(symbols)?, true)),
                "tag" if known => event.is_tag().then(|| (Event::tag(symbols), true)),
                "pr" if event.is_pull_request() => {
                    Some((symbols.context("github.event.number"), true))
                }
                "pr" if event.name.is_some() => None,
                _ => Some((unknown(), false)),
            },
            "schedule" | "edge" => {
                if kind == "schedule"
                    && event.name.as_deref().is_some_and(|name| name != "schedule")
                {
                    return None;
                }
                if kind == "edge" {
                    return self.edge();
                }
                Some(("nightly".to_owned(), event.name.is_some()))
            }
            _ => Some((unknown(), false)),
        }
    }

    /// `edge` on the default branch, or on the one that the rule names.
    fn edge(&self) -> Option<(String, bool)> {
        let holds = match (self.get("branch"), &self.event().git_ref) {
            (Some(wanted), GitRef::Branch(name)) => Some(wanted == name),
            (_, GitRef::Tag | GitRef::PullRequest) => Some(false),
            (Some(_), _) => None,
            (None, _) => self.event().is_default_branch(),
        };
        (holds != Some(false)).then(|| ("edge".to_owned(), holds == Some(true)))
    }

    /// Replaces `{{sha}}`, `{{branch}}` and the like.
    fn templated(&self, text: &str) -> String {
        let symbols = self.scope.symbols;
        let mut result = String::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("{{") {
            let Some((name, end)) = after.split_once("}}") else { break };
            result.push_str(before);
            let name = name.trim();
            let known = self.event().git_ref != GitRef::Unknown;
            let value = match name {
                "sha" => symbols.sha("github.sha", Some(7)),
                // Empty on tags and pull requests.
                "branch" if known => self.event().branch(symbols).unwrap_or_default(),
                "tag" if known && !self.event().is_tag() => String::new(),
                "tag" if known => Event::tag(symbols),
                _ => symbols.any(&format!("{{{{{name}}}}}"), &format!("{{{{{name}}}}}")),
            };
            result.push_str(&value);
            rest = end;
        }
        result + rest
    }
}

/// The action replaces what a tag may not have.
fn sanitized(name: &str) -> String {
    let fits = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c) || is_symbol(c);
    let mut clean = String::with_capacity(name.len());
    for c in name.chars() {
        if fits(c) {
            clean.push(c);
        } else if !clean.ends_with('-') {
            clean.push('-');
        }
    }
    clean
}
