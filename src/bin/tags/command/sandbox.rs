//! `tags sandbox`: serves embedded registries with example releases, until interrupted.

use std::net::SocketAddr;

use tags::sandbox::docr::DocrSettings;
use tags::sandbox::ghcr::{GhcrSettings, OwnerKind};
use tags::sandbox::history::{History, Push};
use tags::sandbox::{Fault, Sandbox, Settings, Store};

use crate::args::{self, SandboxKind};
use crate::env;
use crate::exit::{Exit, Failure};
use crate::messages::{self, Label};
use crate::output;

/// The policies for the example releases, with the default addresses of `tags sandbox`.
const POLICY: &str = include_str!("../../../../policies/sandbox.toml");
const MANAGED_POLICY: &str = include_str!("../../../../policies/sandbox-docr-ghcr.toml");
const FIRST_URL: &str = "http://127.0.0.1:5055";
const SECOND_URL: &str = "http://127.0.0.1:5056";

/// The token that both imitated registries accept.
pub(super) const TOKEN: &str = "sandbox";
/// The environment variable with the token, as the policy names it.
pub(super) const TOKEN_VARIABLE: &str = "TAGS_SANDBOX_TOKEN";

pub(crate) async fn run(args: &args::Sandbox) -> Result<Exit, Failure> {
    let faults = args
        .fault
        .iter()
        .map(|text| {
            text.parse().map_err(|error| Failure::usage(format!("--fault {text}: {error}")))
        })
        .collect::<Result<Vec<Fault>, _>>()?;
    let served = start(args.kind, args.listen).await?;
    for registry in &served.registries {
        for fault in &faults {
            registry.faults().add(fault.clone());
        }
    }
    let urls: Vec<String> = served.registries.iter().map(Sandbox::url).collect();
    let serving = format!(
        "serving on {} until interrupted; the policy file for it follows on stdout, use it with --policy FILE",
        urls.join(" and ")
    );
    messages::say(Label::Status, &serving, None);
    if args.kind == SandboxKind::DocrGhcr {
        let how = format!("to authenticate: export {TOKEN_VARIABLE}={TOKEN}");
        messages::say(Label::Status, &how, None);
    }
    output::out(&served.policy)?;
    std::future::pending::<()>().await;
    Ok(Exit::Ok)
}

/// Embedded registries that run until they are dropped.
pub(super) struct Served {
    pub(super) registries: Vec<Sandbox>,
    pub(super) history: History,
    /// The policy file for them.
    pub(super) policy: String,
}

/// Starts embedded registries with the example releases up to now.
pub(super) async fn start(kind: SandboxKind, listen: SocketAddr) -> Result<Served, Failure> {
    let now = env::now();
    let history = History::ending_at(now);
    match kind {
        SandboxKind::Oci => {
            let registry = serve(listen, Settings::default()).await?;
            history.fill(registry.store());
            let policy = POLICY.replace(FIRST_URL, &registry.url());
            Ok(Served { registries: vec![registry], history, policy })
        }
        SandboxKind::DocrGhcr => {
            let next = if listen.port() == 0 { 0 } else { listen.port().saturating_add(1) };
            let docr = Settings::docr(DocrSettings::new("acme", TOKEN), now);
            let ghcr = GhcrSettings::new("acme-inc", OwnerKind::Organization, TOKEN);
            let docr = serve(listen, docr).await?;
            let ghcr = serve(SocketAddr::new(listen.ip(), next), Settings::ghcr(ghcr, now)).await?;
            history.fill_below(docr.store(), "acme", |_| false);
            let missing = |push: &Push| is_missing_in_ghcr(&history, push);
            history.fill_below(ghcr.store(), "acme-inc", missing);
            let policy =
                MANAGED_POLICY.replace(FIRST_URL, &docr.url()).replace(SECOND_URL, &ghcr.url());
            Ok(Served { registries: vec![docr, ghcr], history, policy })
        }
    }
}

/// Whether a push is the one image that is missing in GHCR: the frontend of the release that prod
/// would otherwise roll back to.
fn is_missing_in_ghcr(history: &History, push: &Push) -> bool {
    let Some(sha) = history.rollback_target("prod") else {
        return false;
    };
    let tag = format!("prod-{sha}");
    push.repository.as_str().ends_with("/frontend") && push.tags.iter().any(|t| t.as_str() == tag)
}

async fn serve(listen: SocketAddr, settings: Settings) -> Result<Sandbox, Failure> {
    Sandbox::start(listen, settings, Store::default()).await.map_err(|error| {
        Failure::usage(format!("cannot listen on {listen}: {error}"))
            .hint("pass another address with --listen; 127.0.0.1:0 means any free port")
    })
}
