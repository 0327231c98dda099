//! The arguments of `tags sandbox`; the doc comments are the help.

use clap::{Args as ClapArgs, ValueEnum};

/// `tags sandbox`
#[derive(ClapArgs)]
pub(crate) struct Sandbox {
    /// The registries to imitate
    #[arg(long, value_enum, default_value_t = SandboxKind::Oci)]
    pub(crate) kind: SandboxKind,
    /// The address to listen on; a second registry uses the next port. Port 0 means any free port
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:5055")]
    pub(crate) listen: std::net::SocketAddr,
    /// A fault to inject (repeatable); `tags sandbox --help` lists the kinds
    #[arg(long, value_name = "FAULT", long_help = FAULTS)]
    pub(crate) fault: Vec<String>,
}

/// Which registries are imitated.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum SandboxKind {
    /// One plain OCI registry, open to everyone
    Oci,
    /// DigitalOcean's registry and GitHub's, with their management APIs
    DocrGhcr,
}

const FAULTS: &str = "\
A fault to inject (repeatable): KIND[@[METHOD:]PATH][*TIMES]

Kinds: 401 (all tokens expire), 400 to 599, 429[:retry-after=SECONDS or HTTP date], cut,
slow=DUR, delay=DUR, drop, wrong-digest[=body|=header], redirect=URL, link=URL.
TIMES is a number or `always` (default: once); PATH is any part of the request path.

Examples: 500@/manifests/*3   cut@GET:/blobs/   429:retry-after=2   500*always";
