//! `tags gc`: DOCR's garbage collection, followed to its end unless interrupted.

use std::sync::{Mutex, PoisonError};

use tags::collect::Collector;
use tags::garbage::{GarbageAction, GarbageJob, GarbageObserver, GarbageOutcome, GarbageRun};
use tags::model::{Collection, CollectionKind, CollectionState, RegistryName};
use tags::registry::GarbageCollect;
use tags::report::{self, escape};

use crate::args::{CollectionType, Gc, Global};
use crate::context::{Context, instead};
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
    let watch = Talk { name: &name, action, told: Mutex::new(Told::Nothing) };
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
        let path = context.policy_path.display();
        Failure::usage(format!("`{text}` is no registry of {path}"))
            .hint(instead(text, names.keys().map(RegistryName::as_str)))
    })?;
    match context.connections.garbage_collect(&name) {
        Some(garbage) => Ok((name, garbage)),
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
        GarbageOutcome::Idle => Exit::Ok,
        GarbageOutcome::Over(collection) => match collection.state {
            CollectionState::Succeeded => Exit::Ok,
            CollectionState::Cancelled if run.action == GarbageAction::Cancel => Exit::Ok,
            CollectionState::Failed | CollectionState::Cancelled => Exit::Fails,
            CollectionState::Running(_) | CollectionState::Unknown(_) => Exit::Unreadable,
        },
        GarbageOutcome::Running(_) => Exit::Fails,
        GarbageOutcome::Active(_) | GarbageOutcome::AtRisk(_) => Exit::Refused,
        GarbageOutcome::Unread(why, _) => Exit::unread(why.cause),
    }
}

/// Says on stderr what happens; when it is dropped before the end, what may go on.
struct Talk<'a> {
    name: &'a RegistryName,
    action: GarbageAction,
    told: Mutex<Told>,
}

/// What is known of a collection that this run is about.
#[derive(PartialEq, Eq)]
enum Told {
    /// Nothing goes on, or the result tells of it.
    Nothing,
    /// It was sent, and the answer is outstanding.
    Sent,
    /// It was seen in this state.
    Seen(String),
}

impl Talk<'_> {
    /// Remembers what was said last, and gives what was said before.
    fn tell(&self, told: Told) -> Told {
        std::mem::replace(&mut *self.told.lock().unwrap_or_else(PoisonError::into_inner), told)
    }

    /// Nothing goes on that the result does not tell of.
    fn end(&self) {
        self.tell(Told::Nothing);
    }
}

impl GarbageObserver for Talk<'_> {
    fn starting(&self) {
        let name = self.name;
        output::talk(&format!(
            "warning: {name} is read-only until the collection is over: pushes fail, pulls go on\n"
        ));
        self.tell(Told::Sent);
    }

    fn cancelling(&self) {
        self.tell(Told::Sent);
    }

    fn seen(&self, collection: &Collection) {
        let state = collection.state.to_string();
        let before = self.tell(Told::Seen(state.clone()));
        if before != Told::Seen(state.clone()) {
            output::talk(&format!("{}: {}\n", self.name, escape::terminal(&state)));
        }
    }
}

impl Drop for Talk<'_> {
    fn drop(&mut self) {
        let is_cancel = self.action == GarbageAction::Cancel;
        let what = match self.tell(Told::Nothing) {
            Told::Nothing => return,
            Told::Sent if is_cancel => "a cancel may have been sent, and may be obeyed".to_owned(),
            Told::Sent => "a collection may have begun".to_owned(),
            Told::Seen(state) => {
                let verb = if is_cancel { "was told to end" } else { "goes on" };
                format!("the collection {verb} ({})", escape::terminal(&state))
            }
        };
        let name = self.name;
        output::talk(&format!(
            "interrupted; {what}, and {name} stays read-only until it is over\n  hint: `tags gc {name} --follow` follows it, `tags gc {name} --cancel` cancels it\n"
        ));
    }
}
