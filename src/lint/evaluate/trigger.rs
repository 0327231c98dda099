//! From the triggers of a workflow to the events that start it.

use super::event::{Event, GitRef, is_main};
use crate::lint::workflow::{Trigger, Workflow};
use crate::lint::yaml::Node;

/// The most branches of a trigger that are distinguished.
const MOST_BRANCHES: usize = 6;

/// The events that start a workflow; one that is not known when it names none.
pub(super) fn events(workflow: &Workflow) -> Vec<Event> {
    let default = default_branch(workflow);
    let mut events: Vec<Event> = Vec::new();
    for trigger in &workflow.on {
        for mut event in of_trigger(trigger) {
            event.default_branch.clone_from(&default);
            events.push(event);
        }
    }
    if events.is_empty() { vec![Event::unknown()] } else { events }
}

/// `main` or `master`, where a trigger names it.
fn default_branch(workflow: &Workflow) -> Option<String> {
    let branches = workflow.on.iter().flat_map(|trigger| filter(trigger, "branches"));
    branches.into_iter().find(|branch| is_main(branch))
}

fn of_trigger(trigger: &Trigger) -> Vec<Event> {
    let event = |git_ref: GitRef| Event {
        name: Some(trigger.name.clone()),
        git_ref,
        closed: false,
        default_branch: None,
    };
    match trigger.name.as_str() {
        "push" => pushes(trigger).into_iter().map(event).collect(),
        "pull_request" | "pull_request_review" => pull_requests(trigger, &GitRef::PullRequest),
        "pull_request_target" => pull_requests(trigger, &GitRef::Unknown),
        "release" => vec![event(GitRef::Tag)],
        "workflow_call" => vec![Event::unknown()],
        _ => vec![event(GitRef::Unknown)],
    }
}

fn filter(trigger: &Trigger, key: &str) -> Vec<String> {
    trigger.filters.as_ref().and_then(|node| node.get(key)).map(Node::texts).unwrap_or_default()
}

fn has(trigger: &Trigger, key: &str) -> bool {
    trigger.filters.as_ref().is_some_and(|node| node.get(key).is_some())
}

/// What is pushed: the branches that the filters name, and git tags.
fn pushes(trigger: &Trigger) -> Vec<GitRef> {
    let of_branches = has(trigger, "branches") || has(trigger, "branches-ignore");
    let of_tags = has(trigger, "tags") || has(trigger, "tags-ignore");
    let mut refs = Vec::new();
    if has(trigger, "branches") {
        for branch in filter(trigger, "branches") {
            let start = branch.split(['*', '?', '[', '+']).next().unwrap_or_default();
            let git_ref = if branch.starts_with('!') {
                continue;
            } else if start.len() == branch.len() {
                GitRef::Branch(branch)
            } else {
                GitRef::Branches(start.to_owned())
            };
            if !refs.contains(&git_ref) && refs.len() < MOST_BRANCHES {
                refs.push(git_ref);
            }
        }
    } else if of_branches || !of_tags {
        refs.push(GitRef::AnyBranch);
    }
    if of_tags || !of_branches {
        refs.push(GitRef::Tag);
    }
    refs
}

fn pull_requests(trigger: &Trigger, git_ref: &GitRef) -> Vec<Event> {
    let types = filter(trigger, "types");
    let closed = types.iter().any(|kind| kind == "closed");
    let open = types.is_empty() || types.iter().any(|kind| kind != "closed");
    let event = |closed: bool| Event {
        name: Some(trigger.name.clone()),
        git_ref: git_ref.clone(),
        closed,
        default_branch: None,
    };
    let open = open.then(|| event(false));
    open.into_iter().chain(closed.then(|| event(true))).collect()
}
