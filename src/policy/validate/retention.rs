//! `[[retention]]`, `[untagged]`, `[protect]` and `[limits]`: what may be deleted, and how much at once.
//!
//! A rule that keeps nothing is an error: it is probably a mistake.

use std::time::Duration;

use toml::Spanned;

use super::value::{
    ZeroDuration, duration, globs, references, refuse_duplicates, refuse_empty, shas, size,
};
use crate::model::EnvironmentName;
use crate::policy::Span;
use crate::policy::problem::{Position, Problems};
use crate::policy::raw::{RawPolicy, RawRetention};
use crate::policy::read::Field;
use crate::policy::settings::{Limits, Protect, Retention, RetentionScope};

const ROLLBACK_DEPTH: u32 = 3;
const MIN_AGE: Duration = Duration::from_hours(24);
const MAX_DELETIONS: u32 = 500;
const MAX_SHARE: f64 = 0.5;

/// The valid rules, in the order of the file.
pub(super) fn rules(raw: &RawPolicy, text: &str, problems: &mut Problems) -> Vec<Retention> {
    let mut rules = Vec::new();
    for table in raw.retention.items() {
        let (rule, span) = (table.get_ref(), table.span());
        let scope = scope(raw, rule, &span, problems);
        let keep_within = duration(&rule.keep_within, ZeroDuration::Refused, problems);
        check_keeps_something(rule, &span, problems);
        let keep_last = rule.keep_last.get().copied();
        let line = Position::of(text, span.start).line;
        rules.extend(scope.map(|scope| Retention { line, scope, keep_last, keep_within }));
    }
    rules
}

fn scope(
    raw: &RawPolicy,
    rule: &RawRetention,
    span: &Span,
    problems: &mut Problems,
) -> Option<RetentionScope> {
    let known: Vec<&str> = raw.environment.names().collect();
    let key = ("environments", "environment");
    let environments = references(key, &rule.environments, &known, problems);
    refuse_empty("tags", &rule.tags, problems);
    refuse_duplicates(&rule.tags, problems);
    let globs = globs(&rule.tags, problems);
    match (&rule.environments, &rule.tags) {
        (Field::Missing, Field::Missing) => {
            let message = "this rule does not say what it applies to";
            problems.add_with_help(span.clone(), message, "add `environments` or `tags`");
            None
        }
        (Field::Missing, _) => Some(RetentionScope::Tags(globs)),
        (_, Field::Missing) => {
            let names = environments.into_iter().filter_map(|n| EnvironmentName::parse(n).ok());
            Some(RetentionScope::Environments(names.collect()))
        }
        _ => {
            let message = "a rule cannot have both `environments` and `tags`";
            problems.add_with_help(span.clone(), message, "write two rules");
            None
        }
    }
}

fn check_keeps_something(rule: &RawRetention, span: &Span, problems: &mut Problems) {
    let message = "this rule would keep nothing";
    let help = "set `keep-last` or `keep-within` or both";
    match (&rule.keep_last, &rule.keep_within) {
        (Field::Missing, Field::Missing) => problems.add_with_help(span.clone(), message, help),
        (Field::Set(last), Field::Missing) if *last.get_ref() == 0 => {
            problems.add_with_help(last.span(), message, help);
        }
        _ => {}
    }
}

/// Where that is written.
pub(super) fn untagged_span(raw: &RawPolicy) -> Option<Span> {
    raw.untagged.get()?.keep_within.set().map(Spanned::span)
}

/// How long manifests without a tag are kept.
pub(super) fn untagged(raw: &RawPolicy, problems: &mut Problems) -> Option<Duration> {
    duration(&raw.untagged.get()?.keep_within, ZeroDuration::Refused, problems)
}

/// What is never deleted.
pub(super) fn protect(raw: &RawPolicy, problems: &mut Problems) -> Option<Protect> {
    let Some(protect) = raw.protect.get() else {
        return Some(Protect {
            rollback_depth: ROLLBACK_DEPTH,
            tags: Vec::new(),
            shas: Vec::new(),
            min_age: MIN_AGE,
        });
    };
    let min_age = duration(&protect.min_age, ZeroDuration::Allowed, problems);
    Some(Protect {
        rollback_depth: protect.rollback_depth.get().copied().unwrap_or(ROLLBACK_DEPTH),
        tags: globs(&protect.tags, problems),
        shas: shas(&protect.shas, problems),
        min_age: if matches!(protect.min_age, Field::Missing) { MIN_AGE } else { min_age? },
    })
}

/// How much one run may delete or copy.
pub(super) fn limits(raw: &RawPolicy, problems: &mut Problems) -> Limits {
    let limits = raw.limits.get();
    let max_deletions = limits.and_then(|limits| limits.max_deletions.get().copied());
    let max_share = limits.and_then(|limits| limits.max_share.set());
    if let Some(share) = max_share.filter(|share| !(0.0..=1.0).contains(share.get_ref())) {
        let message = format!("`max-share` must be from 0 to 1, and is {}", share.get_ref());
        problems.add_with_help(share.span(), message, "0.5 means half of a repository");
    }
    let max_copy = limits.and_then(|limits| size(&limits.max_copy, problems));
    Limits {
        max_copy,
        max_deletions: max_deletions.unwrap_or(MAX_DELETIONS),
        max_share: max_share.map_or(MAX_SHARE, |share| *Spanned::get_ref(share)),
    }
}
