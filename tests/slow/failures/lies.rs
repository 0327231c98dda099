//! A registry that tells something else than what is there, one answer at a time.

use serde_json::Value;
use tags::sandbox::Reply;

use crate::failures::world::World;

/// Changes every answer to requests of this method whose target has this in it.
pub(crate) fn lie(
    world: &World,
    method: &'static str,
    part: &str,
    change: impl Fn(&mut Reply) + Clone + Send + 'static,
) {
    let part = part.to_owned();
    world.sandbox().faults().before_each(move |request, access| {
        if request.method == method && request.target.contains(&part) {
            let change = change.clone();
            access.change_answer(move |reply| change(reply));
        }
    });
}

/// Answers these requests with 404.
pub(crate) fn deny(world: &World, method: &'static str, part: &str) {
    lie(world, method, part, |reply| {
        reply.status = 404;
        reply.body.clear();
    });
}

/// HEAD of a tag names this digest.
pub(crate) fn head_says(world: &World, tag: &str, digest: &str) {
    let digest = digest.to_owned();
    lie(world, "HEAD", &format!("/manifests/{tag}"), move |reply| {
        reply.status = 200;
        reply.set_header("docker-content-digest", &digest);
    });
}

/// Changes the JSON of every listing whose target has this in it.
pub(crate) fn list_says(
    world: &World,
    part: &str,
    change: impl Fn(&mut Value) + Clone + Send + 'static,
) {
    lie(world, "GET", part, move |reply| reply.change_json(|list| change(list)));
}

/// Changes each entry of a listing, of an array or of the array under this key.
pub(crate) fn entries_say(
    world: &World,
    part: &str,
    key: &'static str,
    change: impl Fn(&mut Value) + Clone + Send + 'static,
) {
    list_says(world, part, move |list| {
        let entries = if list.is_array() { Some(list) } else { list.get_mut(key) };
        entries.and_then(Value::as_array_mut).into_iter().flatten().for_each(&change);
    });
}
