//! Reads `--in-use`, what runs, for `tags cleanup`, `tags apply` and `tags explain`.

use std::path::Path;

use tags::command::{Cluster, DockerHost, EmptyList, InUseList, Session, Source};
use tags::policy::Shard;

use crate::args::{AskedSource, Global, InUseSource};
use crate::context::read_input;
use crate::exit::Failure;
use crate::programs::SystemPrograms;
use crate::{env, service_account};

/// What to do with a source where nothing of the policy runs.
pub(super) fn empty_list(allow: bool) -> EmptyList {
    if allow { EmptyList::Accept } else { EmptyList::Refuse }
}

/// What runs, by all sources; nothing without `--in-use`.
pub(super) async fn in_use(
    global: &Global,
    session: &Session,
    (sources, empty): (&[InUseSource], EmptyList),
) -> Result<InUseList, Failure> {
    let stdin = InUseSource::List(Path::new("-").to_owned());
    if sources.iter().filter(|source| **source == stdin).count() > 1 {
        return Err(Failure::usage("--in-use - is given twice, and stdin can be read only once"));
    }
    let programs = SystemPrograms::new(global.timeout);
    let mut list = InUseList::new(empty);
    for source in sources {
        match source {
            InUseSource::List(path) => list.add(session, &read_input(path).await?)?,
            InUseSource::Asked(source) => {
                list.ask(session, &asked(source)?, &programs).await?;
            }
        }
    }
    Ok(list)
}

fn asked(source: &AskedSource) -> Result<Source, Failure> {
    Ok(match source {
        AskedSource::Kubernetes(Some(context)) => kubectl(Some(context.clone())),
        AskedSource::Kubernetes(None) => match service_account::of_this_pod()? {
            Some(account) => Source::Kubernetes(Cluster::ServiceAccount(account)),
            None => kubectl(None),
        },
        AskedSource::Docker(host) => Source::Docker(DockerHost::Docker { host: host.clone() }),
        AskedSource::Ssh(host) => Source::Docker(DockerHost::Ssh(host.clone())),
        AskedSource::WithPassword(of) => {
            return Err(Failure::usage(format!("--in-use {of}: the address contains a password"))
                .hint("none is taken there; log in by key, with ssh:USER@HOST"));
        }
    })
}

/// The shard that `--shard` names: `I/N`, or `N`, of which Kubernetes gives each pod of an Indexed Job its
/// index.
pub(super) fn shard(text: &str) -> Result<Shard, Failure> {
    const INDEX: &str = "JOB_COMPLETION_INDEX";
    let text = match env::variable(INDEX) {
        _ if text.contains('/') => text.to_owned(),
        Some(index) => format!("{index}/{text}"),
        None => {
            return Err(Failure::usage(format!("--shard {text}: ${INDEX} is not set"))
                .hint("give I/N, or run this in an Indexed Job of Kubernetes"));
        }
    };
    text.parse::<Shard>().map_err(|error| Failure::usage(format!("--shard {text}: {error}")))
}

fn kubectl(context: Option<String>) -> Source {
    Source::Kubernetes(Cluster::Kubectl { context })
}
