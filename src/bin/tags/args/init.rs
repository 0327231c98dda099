//! The arguments of `tags init`; the doc comments are the help.

use std::path::PathBuf;

use clap::Args as ClapArgs;

/// `tags init`
#[derive(ClapArgs)]
pub(crate) struct Init {
    /// What to read: `workflows` of this checkout, a directory (a checkout or its workflows), or a registry:
    /// ghcr:OWNER, docr:NAME, https://HOST[/PREFIX]
    #[arg(long, value_name = "ORIGIN", default_value = "workflows")]
    pub(crate) from: String,
    /// The file to write, `-` for stdout [default: the one of --policy, else tags.toml, for workflows at the root of the checkout]
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    /// With ghcr:OWNER or docr:NAME: the registry, if it is another than ghcr.io or registry.digitalocean.com
    #[arg(long, value_name = "URL")]
    pub(crate) url: Option<String>,
    /// With ghcr:OWNER or docr:NAME: its management API, as for GitHub Enterprise
    #[arg(long, value_name = "URL")]
    pub(crate) api_url: Option<String>,
}
