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
mod files;
mod folders;
mod git;
mod interrupt;
mod keychain;
mod listener;
mod log;
mod messages;
mod metrics;
mod output;
mod programs;
mod progress;
mod record_files;
mod service_account;
mod sink;
mod state;
mod typed;
mod variables;
mod width;

use std::process::ExitCode;

use clap::FromArgMatches as _;

use args::Args;
use exit::{Exit, Failure};
use files::SameFile;
use messages::Label;
use metrics::{Collected, MetricsFile};

fn main() -> ExitCode {
    if log::is_json_by(env::words()) {
        messages::write_json();
    }
    sink::redact_panics(|text| messages::show(Label::Error, text));
    variables::learn_usual_secrets();
    completion::complete();
    let (args, metrics) = match read_arguments() {
        Ok(read) => read,
        Err(error) => {
            let exit = exit::usage(&error);
            if exit == Exit::Usage {
                let metrics = MetricsFile::of_invalid_command_line();
                write_metrics(metrics.as_ref(), exit, &Collected::default());
            }
            return exit.code().into();
        }
    };
    let collected = args.global.collected.clone();
    log::start(&args.global);
    let same = files::refuse_same(&args).err();
    // Metrics that would replace another file of the run are not written.
    let metrics = metrics.filter(|_| !same.as_ref().is_some_and(SameFile::is_metrics));
    let end = same.map_or_else(|| run(args), |same| Err(same.into()));
    let exit = match end {
        Ok(exit) => exit,
        Err(failure) => {
            failure.print();
            failure.exit()
        }
    };
    write_metrics(metrics.as_ref(), exit, &collected);
    exit.code().into()
}

/// Reads the command line.
fn read_arguments() -> Result<(Args, Option<MetricsFile>), clap::Error> {
    let matches = args::program().try_get_matches()?;
    let metrics = MetricsFile::of(&matches);
    let args =
        Args::from_arg_matches(&matches).map_err(|error| error.format(&mut args::program()))?;
    Ok((args, metrics))
}

/// Runs the command to its end.
fn run(args: Args) -> Result<Exit, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::internal("cannot start", error))?;
    let end = runtime.block_on(async {
        tokio::select! {
            // Polled first: the signal handler must be set before a command can block the thread.
            biased;
            () = interrupt::interrupted() => Ok(Exit::Interrupted),
            end = command::run(args) => end,
        }
    });
    // The program does not wait for what still runs, such as a credential helper.
    runtime.shutdown_background();
    end
}

fn write_metrics(file: Option<&MetricsFile>, exit: Exit, collected: &Collected) {
    if let Some(file) = file {
        file.write(exit, collected);
    }
}
