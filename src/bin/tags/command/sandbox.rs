//! `tags sandbox`: an embedded registry with a history in it, until interrupted.

use std::net::SocketAddr;

use tags::sandbox::history::History;
use tags::sandbox::{Sandbox, Settings, Store};

use crate::ambient;
use crate::args;
use crate::exit::{Exit, Failure};
use crate::output;

/// The policy that fits the history, with the address of `tags sandbox` as it is by default.
const POLICY: &str = include_str!("../../../../policies/sandbox.toml");
const POLICY_URL: &str = "http://127.0.0.1:5055";

pub(crate) async fn run(args: &args::Sandbox) -> Result<Exit, Failure> {
    let faults = args
        .fault
        .iter()
        .map(|text| {
            text.parse().map_err(|error| Failure::usage(format!("--fault {text}: {error}")))
        })
        .collect::<Result<Vec<_>, _>>()?;
    let (sandbox, _) = start(args.listen).await?;
    for fault in faults {
        sandbox.faults().add(fault);
    }
    output::talk(&format!(
        "serving on {} until interrupted; its policy file follows, use it with --policy FILE\n",
        sandbox.url()
    ));
    output::out(&policy(&sandbox))?;
    std::future::pending::<()>().await;
    Ok(Exit::Ok)
}

/// Starts an embedded registry that holds the history up to now.
pub(super) async fn start(listen: SocketAddr) -> Result<(Sandbox, History), Failure> {
    let history = History::ending_at(ambient::now());
    let store = Store::default();
    history.fill(&store);
    let sandbox = Sandbox::start(listen, Settings::default(), store).await.map_err(|error| {
        Failure::usage(format!("cannot listen on {listen}: {error}"))
            .hint("name another address with --listen, 127.0.0.1:0 for any free port")
    })?;
    Ok((sandbox, history))
}

/// The policy file for an embedded registry.
pub(super) fn policy(sandbox: &Sandbox) -> String {
    POLICY.replace(POLICY_URL, sandbox.url().trim_end_matches('/'))
}
