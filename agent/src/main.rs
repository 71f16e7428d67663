//! The command line of `annex-agent`.

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use agent::config::Config;
use agent::credential::Credential;
use agent::enrol::{self, Enrolment, Generalisation};
use agent::handler::Limits;
use agent::install::{self, Installation, Removal};
use agent::layout::Layout;
use agent::relay::RelayError;
use agent::run::RunError;
use agent::{exit, relay, rotate, run, show};
use agent_protocol::AgentKind;
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
        /// Do nothing when this machine is enrolled at this server with this agent already
        #[arg(long, conflicts_with = "again")]
        unless_enrolled: bool,
        /// Which agent will speak for this machine: annex-agent, or waagent (the distribution's Azure Linux Agent)
        #[arg(long, value_name = "AGENT", default_value = "annex-agent", value_parser = agent_kind)]
        agent: AgentKind,
    },
    /// Make a service of the system, and set up the Azure Linux Agent when that is the agent; can be repeated
    Install {
        /// annex-agent or waagent; without it, the one this machine enrolled with
        #[arg(long, value_name = "AGENT", value_parser = agent_kind)]
        agent: Option<AgentKind>,
        /// Make no service: somebody else starts the programs
        #[arg(long)]
        without_systemd: bool,
        /// Start the services again even when nothing changed
        #[arg(long, conflicts_with = "without_systemd")]
        restart: bool,
    },
    /// Take away what `install` added
    Uninstall {
        /// Delete the credential and the machine's key, too
        #[arg(long)]
        forget: bool,
    },
    /// Make this machine an image: forget who it is, and let each copy enrol by itself when it first starts
    #[command(visible_alias = "generalize")]
    Generalise {
        /// The image's token from the portal; it works for many machines
        #[arg(env = "ANNEX_AGENT_TOKEN", hide_env_values = true)]
        token: String,
        /// Certificate (PEM) of the private authority that the server's certificate comes from
        #[arg(long, value_name = "FILE")]
        ca: Option<PathBuf>,
        /// annex-agent or waagent; without it, the one this machine enrolled or was installed with
        #[arg(long, value_name = "AGENT", value_parser = agent_kind)]
        agent: Option<AgentKind>,
    },
    /// Run until stopped
    Run,
    /// Serve the Azure Linux Agent on this machine, in the server's place
    Relay,
    /// Give this machine a new key; what is protected is enveloped for it from then on
    Rotate,
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
            let ensure = match (error.downcast_ref::<RunError>(), error.downcast_ref::<RelayError>()) {
                (Some(RunError::Ensure(error)), _) | (_, Some(RelayError::Ensure(error))) => Some(error),
                _ => None,
            };
            if ensure.is_some_and(|error| error.is_final()) { ExitCode::from(exit::FINAL) } else { ExitCode::FAILURE }
        }
    }
}

fn execute(arguments: Arguments) -> Result<(), Box<dyn std::error::Error>> {
    let flags = arguments.config.flags();
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
        if install::Facts::look(&layout).is_azure {
            return Err(relay::network::NetworkError::Taken.into());
        }
        // made before anything runs beside it
        let listeners = relay::network::open(!relay::metadata_is_taken())?;
        runtime.block_on(relay::run(&layout, config.server.as_deref(), listeners))?;
        return Ok(());
    }
    match arguments.command {
        Command::Relay => {}
        Command::Enrol { url, token, name, ca, again, unless_enrolled, agent } => {
            if let Some(known) = enrol::is_enrolled(&layout, &url, agent).filter(|_| unless_enrolled) {
                return Ok(writeln!(std::io::stdout(), "enrolled already as {} at {}", known.vm_name, known.server)?);
            }
            let (name, ca) = (name.as_deref(), ca.as_deref());
            let enrolment = Enrolment { url: &url, token: &token, name, ca, again, agent };
            let credential = runtime.block_on(enrol::enrol(&layout, &enrolment))?;
            writeln!(std::io::stdout(), "enrolled as {} at {}", credential.vm_name, credential.server)?;
        }
        Command::Install { agent, without_systemd, restart } => {
            let agent = agent.or_else(|| enrolled_kind(&layout)).unwrap_or(AgentKind::AnnexAgent);
            let program = std::env::current_exe()?;
            let wanted = Installation { agent, systemd: !without_systemd, restart, program, flags };
            say(&install::install(&layout, &wanted)?, "everything is installed already; nothing was changed")?;
        }
        Command::Uninstall { forget } => {
            say(&install::uninstall(&layout, Removal { forget })?, "nothing was installed; nothing was changed")?;
        }
        Command::Generalise { token, ca, agent } => {
            let (server, ca) = (config.server.as_deref(), ca.as_deref());
            let server = enrol::generalise(&layout, &Generalisation { token: &token, server, ca, agent })?;
            writeln!(std::io::stdout(), "this machine is an image now; each copy enrols at {server} when it starts")?;
            writeln!(std::io::stdout(), "switch it off and take the image; started again, it enrols like a copy")?;
        }
        Command::Run => runtime.block_on(run::run(&layout, config.server.as_deref(), Limits::default()))?,
        Command::Rotate => {
            let thumbprint = runtime.block_on(rotate::rotate(&layout, config.server.as_deref()))?;
            writeln!(std::io::stdout(), "the new certificate is {thumbprint}")?;
        }
        Command::Status => write!(std::io::stdout(), "{}", show::show(&layout)?)?,
    }
    Ok(())
}

/// What was done, or that nothing was.
fn say(done: &[String], nothing: &str) -> std::io::Result<()> {
    let mut out = std::io::stdout();
    done.iter().try_for_each(|line| writeln!(out, "{line}"))?;
    if done.is_empty() { writeln!(out, "{nothing}") } else { Ok(()) }
}

fn enrolled_kind(layout: &Layout) -> Option<AgentKind> {
    Credential::load(layout).ok().map(|credential| credential.agent)
}

fn agent_kind(word: &str) -> Result<AgentKind, String> {
    AgentKind::parse(word).ok_or_else(|| "there are annex-agent and waagent".to_owned())
}
