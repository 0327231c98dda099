//! A container registry tag manager: verify releases, find what to roll back to, and keep the
//! rest in bounds.
//!
//! A value travels one way, and imports run the same way:
//!
//! ```text
//! policy text ── policy ──> Policy ──────────────────────────────┐
//!                                                                v
//! registries ── registry ── collect ──> Inventory, PlaceObservation, Contents
//!   (edge: HTTP, tokens, cache)                │
//!                                              │  pure, no clock, no I/O
//!                     verify ──> Verification  │  releases ──> Timeline, Current, Step, floor
//!                                              │  retention ──> Plan (below), asks releases
//!                                              v
//!                     command: asks, waits, walks back until a release is whole   (edge)
//!                                              │
//! workflow text ── lint ──> findings ──────────┤
//!                                              v
//!                     report ──> text, JSON, annotations, Markdown ──> the binary
//! ```
//!
//! What deletes goes further, and decides once:
//!
//! ```text
//! Contents, Policy, what is in use, git history, now
//!    │
//!    │  retention::plan      pure: each manifest stays or goes, and why
//!    v                       collect::complete reads what only those that go raise, and it is
//!   Plan ──> PlanFile        decided again; a plan file is the same plan, for a review
//!    │
//!    │  retention::approve   limits and coverage; nothing else makes an ApprovedPlan
//!    v
//!   ApprovedPlan
//!    │
//!    │  change::apply        edge: reads each tag again, skips what moved, parents first
//!    v
//!   Application              deleted, skipped, retained, failed; survivors looked at again
//!    │
//!    └─ journal              bytes of a manifest before it goes ── change::undo ──> Undone
//! ```
//!
//! - [`model`]: the nouns, without I/O: digests, tags, schemes, manifests, releases.
//! - [`ownership`]: whether a file is this user's word, or somebody else's claim.
//! - [`policy`]: the policy file, text in and settings or every problem out.
//! - [`running`]: references of what runs, matched with an environment.
//! - [`verify`]: pure judgement.
//! - [`releases`]: one model of an environment's releases for all who ask: order, current, the way
//!   back, the floor; pure.
//! - [`lint`]: workflow text to findings; pure, and knows no registry.
//! - [`http`]: the transport for every request: limits, retries, redirects, clocks of hosts, and
//!   to which hosts a credential may go.
//! - [`registry`]: registries of every kind, their credentials, and the cache of content.
//! - [`command`]: every command as a call, from plain values to a report; joins all that is below.
//! - [`collect`]: asks registries, with bounded concurrency; failures become partial coverage.
//! - [`retention`]: contents to a plan, every manifest with a decision and a reason; pure.
//! - [`change`]: an approved plan to what became of it, with a journal, and back again.
//! - [`report`]: values to text, one format a file.
//! - [`secrets`]: what must leave the process nowhere, and its removal from all that does.
//! - `sandbox`: an embedded registry for demos, rehearsals and tests (feature `sandbox`).
//!
//! Only the binary (`src/bin/tags`) reads the command line, the environment, files and the
//! clock, and only it writes. `tests/library/architecture.rs` holds all of this.

pub mod change;
pub mod collect;
pub mod command;
pub mod http;
pub mod lint;
pub mod model;
pub mod ownership;
pub mod policy;
pub mod registry;
pub mod releases;
pub mod report;
pub mod retention;
pub mod running;
#[cfg(feature = "sandbox")]
pub mod sandbox;
pub mod secrets;
pub mod verify;
