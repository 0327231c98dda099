//! Asks Kubernetes and Docker which images run.
//!
//! What cannot be asked, or answers with something else, is an error and never an empty list: what a
//! list leaves out may be deleted.

mod answer;
mod api_server;
mod docker;
mod error;
mod kubernetes;
mod object;
mod pod;
mod program;
mod service_account;

pub use api_server::Cluster;
pub use docker::{DockerHost, InvalidSshHost, SshHost};
pub use error::AskError;
pub use program::{ProgramCall, ProgramError, Programs};
pub use service_account::{ServiceAccount, ServiceAccountSettings};

/// What can be asked for the images that run.
#[derive(Clone)]
pub enum Source {
    /// A Kubernetes cluster: its pods, and what they are made from.
    Kubernetes(Cluster),
    /// The containers of a Docker host.
    Docker(DockerHost),
}

/// An image that something runs, or would run.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct NamedImage {
    /// A reference, digest or ID, as Kubernetes or Docker names it.
    pub text: String,
    /// What names it, such as `pod shop/web`.
    pub by: String,
}

impl Source {
    /// Where the images are asked for, for messages.
    #[must_use]
    pub fn name(&self) -> String {
        match self {
            Self::Kubernetes(cluster) => cluster.name(),
            Self::Docker(host) => host.name(),
        }
    }

    /// The images that run there, in the order in which they are named.
    ///
    /// # Errors
    /// [`AskError`] when not everything could be read.
    pub async fn images(&self, programs: &dyn Programs) -> Result<Vec<NamedImage>, AskError> {
        match self {
            Self::Kubernetes(cluster) => kubernetes::images(cluster, programs).await,
            Self::Docker(host) => docker::images(host, programs).await,
        }
    }
}
