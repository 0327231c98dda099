//! One command a file: makes a request from the arguments, calls the library, and writes the report.

mod apply;
mod check;
mod cleanup;
#[cfg(feature = "sandbox")]
mod demo;
mod doctor;
mod explain;
mod gc;
mod init;
mod lint;
mod list;
mod moves;
mod plan_end;
mod plan_input;
mod repair;
mod report;
mod rollback_target;
mod runs;
#[cfg(feature = "sandbox")]
mod sandbox;
mod undo;
mod verify;
mod workflow_files;

use tags::report::Format;

use super::args::{Args, Command, program};
use super::exit::{Exit, Failure};
use super::output;

/// Runs the command that was asked for.
pub(crate) async fn run(args: Args) -> Result<Exit, Failure> {
    let Args { global, command } = args;
    if global.format == Format::Sarif && !matches!(command, Command::Lint(_)) {
        return Err(Failure::usage("only `tags lint` writes SARIF")
            .hint("the formats of the other commands are human, json, github and markdown"));
    }
    match command {
        Command::Verify(verify) => verify::run(&global, &verify).await,
        Command::RollbackTarget(rollback) => rollback_target::run(&global, &rollback).await,
        Command::Rollback(rollback) => moves::rollback(&global, &rollback).await,
        Command::Promote(promote) => moves::promote(&global, &promote).await,
        Command::Repair(repair) => repair::run(&global, &repair).await,
        Command::List(list) => list::run(&global, &list).await,
        Command::Cleanup(cleanup) => cleanup::run(&global, &cleanup).await,
        Command::Apply(apply) => apply::run(&global, &apply).await,
        Command::Explain(explain) => explain::run(&global, &explain).await,
        Command::Undo(undo) => undo::run(&global, &undo).await,
        Command::Doctor => doctor::run(&global).await,
        Command::Gc(gc) => gc::run(&global, &gc).await,
        Command::Runs(runs) => runs::run(&global, &runs).await,
        Command::Init(init) => init::run(&global, &init).await,
        Command::Check => check::run(&global),
        Command::Report(report) => report::run(&global, &report).await,
        Command::Lint(lint) => lint::run(&global, &lint),
        #[cfg(feature = "sandbox")]
        Command::Sandbox(sandbox) => sandbox::run(&sandbox).await,
        #[cfg(feature = "sandbox")]
        Command::Demo => demo::run().await,
        Command::Schema { command } => {
            let of_command = command.and_then(|name| tags::report::json::schema(&name));
            let schema = of_command.unwrap_or_else(tags::policy::json_schema);
            let schema = serde_json::to_string_pretty(&schema)
                .map_err(|error| Failure::internal("cannot write the schema", error))?;
            output::out(&(schema + "\n"))?;
            Ok(Exit::Ok)
        }
        Command::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut program(), "tags", &mut script);
            output::out(&String::from_utf8_lossy(&script))?;
            Ok(Exit::Ok)
        }
        Command::Man => {
            let page = manual()
                .map_err(|error| Failure::internal("cannot write the manual page", error))?;
            output::out(&String::from_utf8_lossy(&page))?;
            Ok(Exit::Ok)
        }
    }
}

/// The manual page, with a section for each command.
fn manual() -> std::io::Result<Vec<u8>> {
    let mut program = program();
    program.build();
    let mut page = Vec::new();
    clap_mangen::Man::new(program.clone()).render(&mut page)?;
    for command in program.get_subcommands().filter(|command| command.get_name() != "help") {
        let mut section = Vec::new();
        let man = clap_mangen::Man::new(command.clone());
        man.render_synopsis_section(&mut section)?;
        man.render_options_section(&mut section)?;
        let name = command.get_name().to_uppercase();
        let text = String::from_utf8_lossy(&section)
            .replace("\n.SH ", "\n.SS ")
            .replacen(".SH ", ".SS ", 1);
        page.extend(format!(".SH \"TAGS {name}\"\n{text}").into_bytes());
    }
    Ok(page)
}
