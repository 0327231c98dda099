//! Any bytes as a workflow, with a policy and without one: no panic, and no hang.
//!
//! `cargo +nightly fuzz run lint fuzz/corpus/lint tests/library/lint/pipelines -- -timeout=20`
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use tags::lint::{Source, lint};
use tags::policy::{Policy, parse};

static POLICY: LazyLock<Option<Policy>> =
    LazyLock::new(|| parse("policy.toml", include_str!("../../policies/projectmeats.toml")).ok());

fuzz_target!(|bytes: &[u8]| {
    // A zero byte parts the files of a set; the first calls the second, if it can.
    let names = [".github/workflows/ci.yml", ".github/workflows/deploy.yml"];
    let source =
        |(name, bytes): (&str, &[u8])| Source { name: name.to_owned(), bytes: bytes.to_vec() };
    let files = names.into_iter().zip(bytes.splitn(2, |byte| *byte == 0));
    let sources: Vec<Source> = files.map(source).collect();
    for policy in [None, POLICY.as_ref()] {
        for finding in lint(&sources, policy) {
            assert!(finding.at.line >= 1 && finding.at.column >= 1, "{finding:?}");
        }
    }
});
