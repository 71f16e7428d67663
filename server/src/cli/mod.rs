//! The command line: `annex serve | package | migrate | healthcheck | ca`.
//!
//! Every setting is a flag, an environment variable and a key of one TOML file; they win in this order, and `--help`
//! documents each once.

mod ca;
mod error;
mod healthcheck;
mod installation;
mod migrate;
mod package;
mod serve;
mod settings_file;

use std::{ffi::OsString, io::Write, path::PathBuf, process::ExitCode};

use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};

use self::error::CliError;

/// Annex: a self-hosted platform for VM extensions, with a web portal.
#[derive(Debug, Parser)]
#[command(name = "annex", version, after_help = "Settings come from flags, then environment variables, then the file.")]
struct Cli {
    /// A TOML file with settings: each key is the name of a flag without its dashes, for example `listen = ["[::]:8443"]`.
    #[arg(long, env = "ANNEX_CONFIG", global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve the portal: pages for people, the wire protocol for machines.
    Serve(Box<serve::ServeArgs>),
    /// Check or publish an extension package.
    Package(package::PackageArgs),
    /// Bring the database's schema up to date, then end. `serve` does the same when it starts.
    Migrate(installation::InstallationArgs),
    /// Ask a running portal whether it can do its work; the exit code tells.
    Healthcheck(healthcheck::HealthcheckArgs),
    /// Print the certificate of the local authority (`serve --tls local-ca`), for browsers and machines to trust.
    Ca(ca::CaArgs),
}

/// Runs the program.
pub fn run(arguments: Vec<OsString>) -> ExitCode {
    let cli = match parse(arguments) {
        Ok(cli) => cli,
        Err(error) => {
            // help and version are "errors" that print to standard output
            let code = u8::try_from(error.exit_code()).unwrap_or(2);
            return if error.print().is_ok() { ExitCode::from(code) } else { ExitCode::FAILURE };
        }
    };
    match dispatch(cli.command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "annex: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Flags and environment first; then once more with the file's values as defaults.
fn parse(arguments: Vec<OsString>) -> Result<Cli, clap::Error> {
    let command = Cli::command();
    let first = Cli::from_arg_matches(&command.clone().try_get_matches_from(&arguments)?)?;
    let Some(file) = first.config else { return Ok(first) };
    let command = settings_file::apply(command, &file)?;
    Cli::from_arg_matches(&command.try_get_matches_from(&arguments)?)
}

fn dispatch(command: Command) -> Result<(), CliError> {
    match command {
        Command::Serve(args) => runtime()?.block_on(serve::serve(*args)),
        Command::Package(args) => runtime()?.block_on(package::package(args)),
        Command::Migrate(args) => runtime()?.block_on(migrate::migrate(args)),
        Command::Healthcheck(args) => healthcheck::healthcheck(&args),
        Command::Ca(args) => ca::ca(&args),
    }
}

fn runtime() -> Result<tokio::runtime::Runtime, CliError> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(|error| CliError::io("the runtime", error))
}

/// A line for whoever started the program.
fn say(text: &str) {
    // a closed standard output is no reason to end
    let _ = writeln!(std::io::stdout(), "{text}");
}

#[cfg(test)]
mod tests {
    use super::{Cli, Command, parse};
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent_and_every_flag_is_documented() {
        let command = Cli::command();
        command.clone().debug_assert();
        for sub in command.get_subcommands() {
            for flag in sub.get_arguments().filter(|a| a.get_id() != "help") {
                assert!(flag.get_help().is_some(), "{} {} has no help", sub.get_name(), flag.get_id());
            }
        }
    }

    #[test]
    fn a_flag_wins_over_the_file_and_the_file_over_the_default() {
        let folder = tempfile::tempdir().expect("temp folder");
        let file = folder.path().join("annex.toml");
        std::fs::write(&file, "listen = [\"127.0.0.1:1\", \"127.0.0.1:2\"]\nlab = 5\nbehind-proxy = true\n")
            .expect("written");
        let words = |more: &[&str]| {
            let file = file.display().to_string();
            ["annex", "serve", "--config", &file].iter().chain(more).map(|w| (*w).into()).collect()
        };
        let Command::Serve(args) = parse(words(&[])).expect("parsed").command else { panic!("serve") };
        assert_eq!((args.listen.len(), args.lab, args.behind_proxy), (2, 5, true));
        let Command::Serve(args) = parse(words(&["--lab", "1"])).expect("parsed").command else { panic!("serve") };
        assert_eq!(args.lab, 1);
        std::fs::write(&file, "listen = 3\n").expect("written");
        let refused = parse(words(&[])).expect_err("refused").to_string();
        assert!(refused.contains("listen"), "{refused}");
    }
}
