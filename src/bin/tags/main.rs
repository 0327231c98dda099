//! The `tags` program: parse, run one command, say what went wrong, end with its exit code.

mod ambient;
mod args;
mod command;
mod confirm;
mod context;
mod destination;
mod event;
mod exit;
mod git;
mod interrupt;
mod keychain;
mod listener;
mod log;
mod output;
mod sink;
mod state;
mod variables;

use std::process::ExitCode;

use clap::Parser as _;

fn main() -> ExitCode {
    sink::hear_panics();
    variables::learn_usual();
    let args = match args::Args::try_parse() {
        Ok(args) => args,
        Err(error) => return exit::usage(&error),
    };
    log::start(&args.global);
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return exit::Failure::internal("cannot start", error).report(),
    };
    let end = runtime.block_on(async {
        tokio::select! {
            // Listened for before anything begins that could hold the thread.
            biased;
            () = interrupt::interrupted() => Ok(exit::Exit::Interrupted),
            end = command::run(args) => end,
        }
    });
    // Nothing that still runs, such as a credential helper, may hold up the end.
    runtime.shutdown_background();
    match end {
        Ok(exit) => exit.code().into(),
        Err(failure) => failure.report(),
    }
}
