//! A container registry tag manager: verifies releases, finds what to roll back to, and deletes
//! what the retention rules no longer keep.
//!
//! A value travels one way, and imports run the same way:
//!
//! ```text
//! command line, environment, files          (src/bin/tags)
//!    │  a request of plain values
//!    v
//! command     one file a command, with its loops; everything below is asked from here
//!    │
//!    │  policy      policy text ──> Policy, or every problem in it
//!    │  http        requests: limits, retries, redirects, which hosts may get a credential
//!    │  registry    OCI, DOCR and GHCR behind one enum ──> listings, manifests, deletions
//!    │  collect     asks registries ──> Inventory, PlaceObservation, Contents
//!    │
//!    │  github      runs, jobs, logs, deployments of a repository
//!    │  workloads   Kubernetes and Docker ──> images that run
//!    │  pipeline    runs and records ──> Deployments, findings           (pure)
//!    │  verify      observations ──> Verification                        (pure)
//!    │  releases    Inventory ──> Timeline, current, rollback floor     (pure)
//!    │  retention   Contents ──> Plan ──> ApprovedPlan                   (pure)
//!    │  lint        workflow text ──> findings, what is pushed           (pure)
//!    │  draft       what is pushed or listed ──> text of a policy file   (pure)
//!    │
//!    │  change      ApprovedPlan ──> Application; MovePlan ──> MoveEnd; journal ──> Undone
//!    v
//! report      a Report ──> human text, Markdown, JSON, annotations, SARIF  (pure)
//!    │
//!    v
//! stdout, stderr, files, exit code          (src/bin/tags)
//! ```
//!
//! A deletion is decided like this:
//!
//! ```text
//! Contents, Policy, what is in use, git history, now
//!    │
//!    │  retention::plan      every manifest is kept or deleted, with a reason
//!    v                       collect::complete reads what the deletions still need to know, and
//!   Plan ──> PlanFile        it is decided again, until nothing more has to be read
//!    │
//!    │  retention::approve   limits and coverage; nothing else makes an ApprovedPlan
//!    v
//!   ApprovedPlan
//!    │
//!    │  change::apply        reads each tag again, skips what moved, deletes indexes first
//!    v
//!   Application              deleted, skipped, retained, failed; kept tags are read again
//!    │
//!    └─ journal              each manifest's bytes before its deletion ──> change::undo
//! ```
//!
//! - [`model`]: data types without I/O: digests, tags, tag schemes, manifests, releases.
//! - [`policy`]: the policy file.
//! - [`running`]: matches references of what runs with the images of an environment; pure.
//! - [`releases`]: one model of an environment's releases for all commands; pure.
//! - [`pipeline`]: runs and records ──> deployed releases, findings; pure.
//! - [`verify`], [`retention`], [`lint`]: the decisions; pure.
//! - [`draft`]: begins a policy file from what is pushed or listed; pure.
//! - [`http`]: the transport under every request.
//! - [`registry`]: clients of registries, their credentials, and the cache of content.
//! - [`github`]: runs, jobs, logs and deployments of a repository.
//! - [`workloads`]: the images that a Kubernetes cluster or a Docker host runs.
//! - `cache_file`: writes the files of both caches, whole and without secrets.
//! - [`collect`]: reads registries with bounded concurrency; failures become partial coverage.
//! - [`ownership`]: checks that only this user can have written a file.
//! - [`change`]: all that writes to a registry, with its journal.
//! - [`command`]: the commands as a library. Start here.
//! - [`report`]: what commands report, and its text in each format; pure.
//! - [`secrets`]: the secrets of a run, and their replacement in everything that is written.
//! - `sandbox`: embedded registries for demos, rehearsals and tests (feature `sandbox`).
//!
//! Only the program (`src/bin/tags`) reads the command line, the environment, files and the
//! clock, and prints. `tests/library/architecture.rs` checks all of this.

mod cache_file;
pub mod change;
pub mod collect;
pub mod command;
pub mod draft;
pub mod github;
pub mod http;
pub mod lint;
pub mod model;
pub mod ownership;
pub mod pipeline;
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
pub mod workloads;
