//! The `tags` program: parses the arguments, runs one command, prints a failure, and returns the
//! exit code.

mod args;
mod command;
mod completion;
mod confirm;
mod context;
mod destination;
mod env;
mod event;
mod exit;
mod folders;
mod git;
mod interrupt;
mod keychain;
mod listener;
mod log;
mod output;
mod programs;
mod record_files;
mod service_account;
mod sink;
mod state;
mod variables;

use std::process::ExitCode;

fn main() -> ExitCode {
    sink::redact_panics();
    variables::learn_usual_secrets();
    completion::complete();
    let args = match args::parse() {
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
            // Polled first: the signal handler must be set before a command can block the thread.
            biased;
            () = interrupt::interrupted() => Ok(exit::Exit::Interrupted),
            end = command::run(args) => end,
        }
    });
    // The program does not wait for what still runs, such as a credential helper.
    runtime.shutdown_background();
    match end {
        Ok(exit) => exit.code().into(),
        Err(failure) => failure.report(),
    }
}
