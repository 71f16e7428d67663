//! The command line of `annex-agent`.

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use agent::config::Config;
use agent::enrol::{self, Enrolment};
use agent::handler::Limits;
use agent::{relay, run, show};
use clap::{Parser, Subcommand};

/// Makes this machine what its Annex server says it should be.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    #[command(flatten)]
    config: Config,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Introduce this machine to a server with a token from the portal
    #[command(visible_alias = "enroll")]
    Enrol {
        /// http://host:port, https://host:port or unix:/path/to/socket
        url: String,
        /// The token; it works once
        #[arg(env = "ANNEX_AGENT_TOKEN", hide_env_values = true)]
        token: String,
        /// Name of this machine in the portal instead of its host name
        #[arg(long)]
        name: Option<String>,
        /// Certificate (PEM) of the private authority that the server's certificate comes from
        #[arg(long, value_name = "FILE")]
        ca: Option<PathBuf>,
        /// Replace an earlier enrolment
        #[arg(long)]
        again: bool,
    },
    /// Run until stopped
    Run,
    /// Serve the Azure Linux Agent on this machine, in the server's place
    Relay,
    /// Say who this machine is, whether the agent runs and what it reported last
    Status,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match execute(arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // nobody is left to tell when standard error is closed
            let _ = writeln!(std::io::stderr(), "annex-agent: {error}");
            ExitCode::FAILURE
        }
    }
}

fn execute(arguments: Arguments) -> Result<(), Box<dyn std::error::Error>> {
    let config = arguments.config.complete()?;
    let layout = config.layout();
    tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .with_max_level(config.level()?)
        .with_target(false)
        .with_ansi(std::io::IsTerminal::is_terminal(&std::io::stderr()))
        .init();
    // one thread: this process waits nearly always
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    if matches!(arguments.command, Command::Relay) {
        // made before anything runs beside it
        let listeners = relay::network::open(!relay::metadata_is_taken())?;
        runtime.block_on(relay::run(&layout, config.server.as_deref(), listeners))?;
        return Ok(());
    }
    match arguments.command {
        Command::Relay => {}
        Command::Enrol { url, token, name, ca, again } => {
            let enrolment = Enrolment { url: &url, token: &token, name: name.as_deref(), ca: ca.as_deref(), again };
            let credential = runtime.block_on(enrol::enrol(&layout, &enrolment))?;
            writeln!(std::io::stdout(), "enrolled as {} at {}", credential.vm_name, credential.server)?;
        }
        Command::Run => runtime.block_on(run::run(&layout, config.server.as_deref(), Limits::default()))?,
        Command::Status => write!(std::io::stdout(), "{}", show::show(&layout)?)?,
    }
    Ok(())
}
