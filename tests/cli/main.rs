//! The program as users meet it: exit codes, JSON, messages, files, each against real HTTP.
#![cfg(feature = "sandbox")]
#![expect(clippy::expect_used, reason = "a test that cannot go on says why and fails")]

#[cfg(unix)]
mod action;
mod batch;
mod both;
mod check;
mod cleaning;
mod cleanup;
mod clock;
#[cfg(unix)]
mod cluster;
mod collecting;
mod completion;
mod contents;
mod credentials;
mod deployed;
mod deployments;
mod doctor;
#[cfg(unix)]
mod ends;
mod enterprise;
mod event;
mod examined;
mod faces;
mod formats;
mod gc;
mod git;
mod github;
mod hostile;
mod image_patterns;
mod in_use;
mod init;
#[cfg(unix)]
mod interrupted;
#[cfg(unix)]
mod journal;
mod json;
mod json_log;
mod leaks;
mod metrics;
mod moves;
mod picture;
mod plan_file;
mod pulled;
mod readme;
mod records;
mod releases;
mod repairs;
mod repeating;
mod report;
mod repository;
#[cfg(unix)]
mod runner;
mod runs;
#[cfg(unix)]
mod same_file;
mod service;
#[cfg(unix)]
mod shards;
mod strange;
#[path = "../support/mod.rs"]
#[allow(dead_code, reason = "each test binary needs a part of it")]
mod support;
mod terminal;
mod trusted;
mod unread;
mod usage;
mod verify;
mod widths;
#[cfg(unix)]
mod workloads;
mod world;
