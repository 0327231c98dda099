//! Asks a cluster for the images of its pods and of what makes pods: also of what is scaled to zero,
//! and of older revisions, which a rollback in the cluster would run again.
//!
//! <https://kubernetes.io/docs/reference/using-api/api-concepts/#retrieving-large-results-sets-in-chunks>

use super::answer::Answer;
use super::api_server::{Cluster, get};
use super::object::{Page, Shape, page};
use super::{AskError, NamedImage, Programs};

/// A kind of objects.
struct Kind {
    /// Its singular, for messages.
    name: &'static str,
    /// The path of its list over all namespaces.
    path: &'static str,
    /// The kind of its list.
    list: &'static str,
    shape: Shape,
    presence: Presence,
}

/// Whether every cluster has objects of a kind.
#[derive(PartialEq, Eq)]
enum Presence {
    /// A server that does not know the kind is not understood.
    Always,
    /// Reduced servers may leave the kind out.
    Perhaps,
}

const fn kind(
    (name, path): (&'static str, &'static str),
    list: &'static str,
    shape: Shape,
    presence: Presence,
) -> Kind {
    Kind { name, path, list, shape, presence }
}

/// What makes pods, in front of the pods that are made meanwhile.
const KINDS: [Kind; 9] = {
    use Presence::{Always, Perhaps};
    use Shape::{JobTemplate, Pod, Revision, Template};
    [
        kind(("cronjob", "/apis/batch/v1/cronjobs"), "CronJobList", JobTemplate, Always),
        kind(("job", "/apis/batch/v1/jobs"), "JobList", Template, Always),
        kind(("deployment", "/apis/apps/v1/deployments"), "DeploymentList", Template, Always),
        kind(("statefulset", "/apis/apps/v1/statefulsets"), "StatefulSetList", Template, Always),
        kind(("daemonset", "/apis/apps/v1/daemonsets"), "DaemonSetList", Template, Always),
        kind(
            ("controllerrevision", "/apis/apps/v1/controllerrevisions"),
            "ControllerRevisionList",
            Revision,
            Perhaps,
        ),
        kind(("replicaset", "/apis/apps/v1/replicasets"), "ReplicaSetList", Template, Always),
        kind(
            ("replicationcontroller", "/api/v1/replicationcontrollers"),
            "ReplicationControllerList",
            Template,
            Perhaps,
        ),
        kind(("pod", "/api/v1/pods"), "PodList", Pod, Always),
    ]
};

/// How many objects a page has.
const PAGE: usize = 500;
/// More pages than any real cluster has.
const MOST_PAGES: usize = 2_000;
/// How often a list is begun that changes too fast.
const READINGS: usize = 3;

pub(super) async fn images(
    cluster: &Cluster,
    programs: &dyn Programs,
) -> Result<Vec<NamedImage>, AskError> {
    let mut images = Vec::new();
    for kind in &KINDS {
        images.extend(of_kind(cluster, programs, kind).await?);
    }
    Ok(images)
}

async fn of_kind(
    cluster: &Cluster,
    programs: &dyn Programs,
    kind: &Kind,
) -> Result<Vec<NamedImage>, AskError> {
    for _ in 0..READINGS {
        if let Some(images) = whole_list(cluster, programs, kind).await? {
            return Ok(images);
        }
    }
    Err(not_a_list(kind, format!("it changed while it was read, {READINGS} times")))
}

/// All pages of a list; none when it expired in between.
async fn whole_list(
    cluster: &Cluster,
    programs: &dyn Programs,
    kind: &Kind,
) -> Result<Option<Vec<NamedImage>>, AskError> {
    let mut images = Vec::new();
    let mut path = format!("{}?limit={PAGE}", kind.path);
    for number in 0..MOST_PAGES {
        let body = match get(cluster, programs, &path).await? {
            Answer::Page(body) => body,
            Answer::Expired if number > 0 => return Ok(None),
            Answer::Expired => return Err(not_a_list(kind, "it answered 410".to_owned())),
            Answer::NoSuchKind if number == 0 && kind.presence == Presence::Perhaps => {
                return Ok(Some(images));
            }
            Answer::NoSuchKind => return Err(not_a_list(kind, "it answered 404".to_owned())),
        };
        let Page { images: more, next, remaining } =
            page(&body, kind.shape, kind.name, kind.list).map_err(|why| not_a_list(kind, why))?;
        images.extend(more);
        match next {
            Some(token) => {
                let token: String =
                    url::form_urlencoded::byte_serialize(token.as_bytes()).collect();
                path = format!("{}?limit={PAGE}&continue={token}", kind.path);
            }
            None if remaining > 0 => {
                let why = format!("{remaining} more objects exist, and no page follows");
                return Err(not_a_list(kind, why));
            }
            None => return Ok(Some(images)),
        }
    }
    Err(not_a_list(kind, format!("it has no end after {MOST_PAGES} pages")))
}

fn not_a_list(kind: &Kind, why: String) -> AskError {
    let asked = format!("the API server ({})", kind.path);
    AskError::NotAnAnswer { asked, expected: format!("the list of all {}s", kind.name), why }
}
