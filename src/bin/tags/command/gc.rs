//! `tags gc`: DOCR's garbage collection, followed to its end unless interrupted.

use tags::command::gc::{CollectionKind, GarbageAction, Request, gc};
use tags::report::Report;

use crate::args::{CollectionType, Gc, Global};
use crate::context::{SHORTLY, connect_without_images};
use crate::exit::{Exit, Failure};
use crate::output;

pub(crate) async fn run(global: &Global, args: &Gc) -> Result<Exit, Failure> {
    let session = connect_without_images(global, SHORTLY)?;
    let action = match (args.cancel, args.follow) {
        (true, _) => GarbageAction::Cancel,
        (_, true) => GarbageAction::Follow,
        _ => GarbageAction::Start {
            kind: kind(args.r#type),
            may_break_indexes: args.may_break_multi_arch_images,
        },
    };
    let request = Request { registry: args.registry.clone(), action, wait: args.wait };
    let report = Report::Gc(gc(&session, &request).await?);
    output::write(&report, global)?;
    Ok(report.exit())
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
