//! Flags of `annex serve`.

use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    path::PathBuf,
};

use clap::{Args, ValueEnum};

use super::programs::TlsAddress;
use crate::{
    agent_gateway::program::ROUTES,
    cli::{error::CliError, installation::InstallationArgs},
    listen::{LocalCa, TlsError},
    telemetry::LogFormat,
};

/// How browsers and machines reach the portal.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum TlsMode {
    /// Plain HTTP: on this machine only, or behind a proxy that adds TLS.
    #[default]
    Off,
    /// A certificate and key from PEM files.
    Files,
    /// A certificate by an authority of this installation's own, made on first use (see `annex ca`).
    LocalCa,
}

impl TlsMode {
    /// Anything but plain HTTP.
    pub(super) const fn is_on(self) -> bool {
        !matches!(self, Self::Off)
    }
}

/// Flags of `annex serve`.
#[derive(Clone, Debug, Args)]
pub struct ServeArgs {
    #[command(flatten)]
    pub(super) installation: InstallationArgs,
    /// Address and port to listen on; may be given several times.
    #[arg(long, env = "ANNEX_LISTEN", default_value = "127.0.0.1:8080", value_delimiter = ',', value_name = "ADDRESS")]
    pub(in crate::cli) listen: Vec<SocketAddr>,
    /// Address and port to serve over TLS as well, for programs: az and the SDKs send tokens over nothing else. May be given
    /// several times; `none` switches it off. The certificate is that of --tls-cert, else one by the local authority (see
    /// `annex ca`). Without this flag, 127.0.0.1:8443, unless --listen or a proxy is TLS already.
    #[arg(long, env = "ANNEX_LISTEN_TLS", value_delimiter = ',', value_name = "ADDRESS")]
    pub(in crate::cli) listen_tls: Option<Vec<TlsAddress>>,
    /// Also serve machines on this local socket. Lab machines have one of their own.
    #[arg(long, env = "ANNEX_AGENT_SOCKET", value_name = "PATH")]
    pub(super) agent_socket: Option<PathBuf>,
    /// The address that people and machines reach this server at, for links and enrolment commands. Without it, made from
    /// the first --listen.
    #[arg(long, env = "ANNEX_SERVER_URL", value_name = "URL")]
    server_url: Option<String>,
    /// Folder with the browser part that the build made.
    #[arg(long, env = "ANNEX_SITE", default_value = "target/site", value_name = "FOLDER")]
    pub(super) site: PathBuf,
    /// Publish every package (*.zip) in this folder at the start. Those that are published already change nothing.
    #[arg(long, env = "ANNEX_PACKAGES", value_name = "FOLDER")]
    pub(super) packages: Option<PathBuf>,
    /// On a fresh start (no owner, no machines), make and start this many lab machines.
    #[arg(long, env = "ANNEX_LAB", default_value_t = 0, value_name = "COUNT")]
    pub(in crate::cli) lab: u32,
    /// The annex-agent program, for lab machines and for machines that enrol by script. Without it, the one beside this
    /// program; without that, no lab. Programs for other architectures lie beside it, named `annex-agent-aarch64`.
    #[arg(long, env = "ANNEX_AGENT_BINARY", value_name = "FILE")]
    pub(super) agent_binary: Option<PathBuf>,
    /// TLS on the --listen addresses.
    #[arg(long, env = "ANNEX_TLS", value_enum, default_value_t, value_name = "MODE")]
    pub(super) tls: TlsMode,
    /// Certificate chain for --tls files, PEM.
    #[arg(long, env = "ANNEX_TLS_CERT", required_if_eq("tls", "files"), value_name = "FILE")]
    pub(super) tls_cert: Option<PathBuf>,
    /// Private key for --tls files, PEM.
    #[arg(long, env = "ANNEX_TLS_KEY", required_if_eq("tls", "files"), value_name = "FILE")]
    pub(super) tls_key: Option<PathBuf>,
    /// Certificate of the private authority that the portal's certificate comes from, PEM: scripts that enrol machines
    /// bring it. With --tls local-ca, that authority's own.
    #[arg(long, env = "ANNEX_TLS_CA", value_name = "FILE")]
    pub(super) tls_ca: Option<PathBuf>,
    /// A proxy stands in front: take the client's address from the last X-Forwarded-For entry, which it must write.
    #[arg(long, env = "ANNEX_BEHIND_PROXY")]
    pub(in crate::cli) behind_proxy: bool,
    /// Sign people out after this many minutes without a request.
    #[arg(long, env = "ANNEX_SESSION_IDLE_MINUTES", default_value_t = 30, value_parser = clap::value_parser!(u32).range(1..), value_name = "MINUTES")]
    pub(super) session_idle_minutes: u32,
    /// Sign people out this many minutes after they signed in, whatever they do.
    #[arg(long, env = "ANNEX_SESSION_LONGEST_MINUTES", default_value_t = 720, value_parser = clap::value_parser!(u32).range(1..), value_name = "MINUTES")]
    pub(super) session_longest_minutes: u32,
    /// How log lines look; they go to standard error.
    #[arg(long, env = "ANNEX_LOG_FORMAT", value_enum, default_value_t, value_name = "FORMAT")]
    pub(super) log_format: LogFormat,
    /// What is logged, as tracing directives, for example `warn` or `server=debug,info`.
    #[arg(long, env = "ANNEX_LOG", default_value = "info,tower_sessions=warn", value_name = "DIRECTIVES")]
    pub(super) log: String,
}

impl ServeArgs {
    /// The address for links: the flag, or the first one that is listened on. An unspecified address is named as this
    /// machine sees itself.
    pub(super) fn server_url(&self, bound: Option<SocketAddr>) -> String {
        if let Some(url) = &self.server_url {
            return url.trim_end_matches('/').to_owned();
        }
        let mut address = bound.unwrap_or_else(|| SocketAddr::from((Ipv4Addr::LOCALHOST, 8080)));
        if address.ip().is_unspecified() {
            address.set_ip(IpAddr::V4(Ipv4Addr::LOCALHOST));
        }
        let scheme = if self.tls.is_on() { "https" } else { "http" };
        format!("{scheme}://{address}")
    }

    /// The address that people were told, if it was said.
    pub(super) fn public_url(&self) -> Option<&str> {
        self.server_url.as_deref().map(|url| url.trim_end_matches('/'))
    }

    /// The address of a TLS listener as clients name it: by the host of the portal's own address, if that was said.
    pub(super) fn url_at(&self, bound: SocketAddr) -> String {
        let said = self.public_url().and_then(|url| url.parse::<axum::http::Uri>().ok());
        let said = said.and_then(|uri| uri.host().map(str::to_owned));
        let host = said.unwrap_or_else(|| match bound.ip() {
            ip if ip.is_unspecified() || ip.is_loopback() => "localhost".to_owned(),
            IpAddr::V6(ip) => format!("[{ip}]"),
            IpAddr::V4(ip) => ip.to_string(),
        });
        format!("https://{host}:{}", bound.port())
    }

    /// The private authority (PEM) that machines must trust to reach this server, if any.
    pub(super) fn authority_pem(&self) -> Result<Option<String>, CliError> {
        if let Some(path) = &self.tls_ca {
            let pem = std::fs::read_to_string(path);
            return pem.map(Some).map_err(|error| CliError::io(path.display().to_string(), error));
        }
        if !matches!(self.tls, TlsMode::LocalCa) {
            return Ok(None);
        }
        let authority = LocalCa::open(&self.installation.authority()).map_err(TlsError::from)?;
        Ok(Some(authority.certificate_pem().to_owned()))
    }

    /// The annex-agent program for this host's architecture.
    pub(super) fn agent(&self) -> Option<PathBuf> {
        let beside = || std::env::current_exe().ok().map(|program| program.with_file_name("annex-agent"));
        self.agent_binary.clone().or_else(beside).filter(|program| program.is_file())
    }

    /// All annex-agent programs, by architecture.
    pub(super) fn agents(&self) -> Vec<(String, PathBuf)> {
        let Some(own) = self.agent() else { return Vec::new() };
        let other = |route: &'static str| {
            let name = route.rsplit('/').next().unwrap_or_default();
            let architecture = name.strip_prefix("annex-agent-")?.to_owned();
            let path = own.with_file_name(name);
            (architecture != std::env::consts::ARCH && path.is_file()).then_some((architecture, path))
        };
        let mut all: Vec<_> = ROUTES.into_iter().filter_map(other).collect();
        all.push((std::env::consts::ARCH.to_owned(), own.clone()));
        all
    }

    /// Names that a certificate by the local authority stands for.
    pub(super) fn certificate_names(&self) -> Vec<String> {
        let mut names = vec!["localhost".to_owned(), "127.0.0.1".to_owned(), "::1".to_owned()];
        let addresses = self.listen.iter().copied().chain(self.tls_addresses().0);
        names.extend(addresses.map(|a| a.ip()).filter(|ip| !ip.is_unspecified()).map(|ip| ip.to_string()));
        names.push(rustix::system::uname().nodename().to_string_lossy().into_owned());
        let host = self.server_url.as_deref().and_then(|url| url.parse::<axum::http::Uri>().ok());
        names.extend(host.and_then(|uri| uri.host().map(|h| h.trim_matches(['[', ']']).to_owned())));
        names.sort();
        names.dedup();
        names.retain(|name| !name.is_empty());
        names
    }
}
