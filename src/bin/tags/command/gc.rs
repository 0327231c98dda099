//! `tags gc`: DOCR's garbage collection, followed to its end unless interrupted.

use std::sync::{Mutex, PoisonError};

use tags::collect::Collector;
use tags::garbage::{GarbageAction, GarbageEnd, GarbageJob, GarbageRun, GarbageWatch};
use tags::model::{Collection, CollectionKind, CollectionState, RegistryName};
use tags::registry::GarbageCollect;
use tags::report::{self, escape};

use crate::args::{CollectionType, Gc, Global};
use crate::context::Context;
use crate::exit::{Exit, Failure};
use crate::output::{self, Rendered};
use crate::progress;

pub(crate) async fn run(global: &Global, args: &Gc) -> Result<Exit, Failure> {
    let context = Context::new(global)?;
    let (name, garbage) = registry(&context, &args.registry)?;
    let action = match (args.cancel, args.follow) {
        (true, _) => GarbageAction::Cancel,
        (_, true) => GarbageAction::Follow,
        _ => GarbageAction::Start {
            kind: kind(args.r#type),
            may_break_indexes: args.may_break_multi_arch_images,
        },
    };
    let progress = progress::new(global);
    let collector = Collector { connections: &context.connections, progress: progress.as_ref() };
    let watch = Talk { name: &name, action, told: Mutex::new(None) };
    let job = GarbageJob { collector, name: &name, garbage, wait: args.wait, watch: &watch };
    let run = job.run(action).await;
    watch.end();
    drop(progress);
    context.log_traffic();
    write(&run, global)?;
    Ok(exit(&run))
}

/// The registry by its name, if it is of a kind that collects garbage.
fn registry<'a>(
    context: &'a Context,
    text: &str,
) -> Result<(RegistryName, &'a dyn GarbageCollect), Failure> {
    let names = &context.policy.registries;
    let name = RegistryName::parse(text).ok().filter(|name| names.contains_key(name));
    let name = name.ok_or_else(|| {
        let known: Vec<&str> = names.keys().map(RegistryName::as_str).collect();
        let path = context.policy_path.display();
        Failure::usage(format!("`{text}` is no registry of {path}"))
            .hint(format!("it has {}", known.join(", ")))
    })?;
    match context.connections.garbage_collect(&name) {
        Some(garbage) => Ok((name, garbage.as_ref())),
        None => Err(Failure::usage(format!("{name} is not of the kind `docr`"))
            .hint("other registries collect garbage by themselves, or their administrator does")),
    }
}

fn kind(r#type: CollectionType) -> CollectionKind {
    match r#type {
        CollectionType::UnreferencedBlobs => CollectionKind::UnreferencedBlobs,
        CollectionType::UntaggedManifests => CollectionKind::UntaggedManifests,
        CollectionType::UntaggedManifestsAndUnreferencedBlobs => {
            CollectionKind::UntaggedManifestsAndUnreferencedBlobs
        }
    }
}

fn write(run: &GarbageRun, global: &Global) -> Result<(), Failure> {
    let rendered = Rendered {
        human: report::human::gc(run),
        json: report::json::gc(run),
        annotations: report::github::gc(run),
        annotates_by_itself: false,
        outputs: report::github::gc_outputs(run),
        markdown: report::markdown::gc(run),
    };
    output::write(&rendered, global.format)
}

fn exit(run: &GarbageRun) -> Exit {
    match &run.end {
        GarbageEnd::Idle => Exit::Ok,
        GarbageEnd::Over(collection) => match collection.state {
            CollectionState::Succeeded => Exit::Ok,
            CollectionState::Cancelled if run.action == GarbageAction::Cancel => Exit::Ok,
            CollectionState::Failed | CollectionState::Cancelled => Exit::Fails,
            CollectionState::Running(_) | CollectionState::Unknown(_) => Exit::Unreadable,
        },
        GarbageEnd::Running(_) => Exit::Fails,
        GarbageEnd::Active(_) | GarbageEnd::AtRisk(_) => Exit::Refused,
        GarbageEnd::Unread(why, _) => Exit::unread(why.cause),
    }
}

/// Says on stderr what happens; when it is dropped before the end, that the collection goes on.
struct Talk<'a> {
    name: &'a RegistryName,
    action: GarbageAction,
    told: Mutex<Option<String>>,
}

impl Talk<'_> {
    /// Remembers what was said last, and gives what was said before.
    fn tell(&self, text: Option<String>) -> Option<String> {
        std::mem::replace(&mut *self.told.lock().unwrap_or_else(PoisonError::into_inner), text)
    }

    /// Nothing goes on that the result does not tell of.
    fn end(&self) {
        self.tell(None);
    }
}

impl GarbageWatch for Talk<'_> {
    fn starting(&self) {
        let name = self.name;
        output::talk(&format!(
            "warning: {name} is read-only until the collection is over: pushes fail, pulls go on\n"
        ));
        self.tell(Some("asked for".to_owned()));
    }

    fn cancelling(&self, collection: &Collection) {
        self.tell(Some(collection.state.to_string()));
    }

    fn seen(&self, collection: &Collection) {
        let state = collection.state.to_string();
        if self.tell(Some(state.clone())).as_ref() != Some(&state) {
            output::talk(&format!("{}: {}\n", self.name, escape::terminal(&state)));
        }
    }
}

impl Drop for Talk<'_> {
    fn drop(&mut self) {
        let Some(state) = self.tell(None) else {
            return;
        };
        let (name, state) = (self.name, escape::terminal(&state));
        // Where an answer is outstanding, what was asked for may happen or not.
        let what = match self.action {
            GarbageAction::Cancel => format!(
                "the collection may have been told to end ({state}), and {name} stays read-only until it is over"
            ),
            GarbageAction::Start { .. } | GarbageAction::Follow => format!(
                "the collection goes on ({state}), and {name} stays read-only until it is over"
            ),
        };
        output::talk(&format!(
            "interrupted; {what}\n  hint: `tags gc {name} --follow` follows it, `tags gc {name} --cancel` cancels it\n"
        ));
    }
}
