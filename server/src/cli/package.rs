//! `annex package lint | publish`.

use std::path::{Path, PathBuf};

use bytes::Bytes;
use clap::{Args, Subcommand};
use control::{Context, Control, ControlConfig, compute::NoCompute};
use domain::{actor::Actor, extension_image::ExtensionImage};
use tokio_util::sync::CancellationToken;

use super::{error::CliError, installation::InstallationArgs, say};

#[derive(Debug, Args)]
pub(super) struct PackageArgs {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Check a package as publishing would, and list everything that is wrong with it.
    Lint {
        /// The package: a zip with HandlerManifest.json and ExtensionImage.json at its root.
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
    /// Check, sign and publish a package. The same bytes again change nothing.
    Publish {
        /// The package: a zip with HandlerManifest.json and ExtensionImage.json at its root.
        #[arg(value_name = "FILE")]
        file: PathBuf,
        #[command(flatten)]
        installation: InstallationArgs,
    },
}

/// Runs the action.
pub(super) async fn package(args: PackageArgs) -> Result<(), CliError> {
    match args.action {
        Action::Lint { file } => {
            let image = control::check_package(&read(&file)?)?;
            say(&format!("{} {} is a good package.", image.handler_name(), image.version));
        }
        Action::Publish { file, installation } => {
            let store = installation.open().await?;
            let config = ControlConfig {
                keys_dir: installation.keys(),
                server_url: String::new(),
                version: env!("CARGO_PKG_VERSION").to_owned(),
                authority: None,
                api_url: None,
                api_authority: None,
                agent_programs: Vec::new(),
            };
            let shutdown = CancellationToken::new();
            let control =
                Control::open(store.clone(), config, Context::system(), std::sync::Arc::new(NoCompute), shutdown)?;
            let image = publish(&control, &file).await?;
            say(&format!("{} {} is published.", image.handler_name(), image.version));
            store.close().await;
        }
    }
    Ok(())
}

/// Publishes one file as the installation itself.
pub(super) async fn publish(control: &Control, file: &Path) -> Result<ExtensionImage, CliError> {
    Ok(control.image_publish(&Actor::system(), read(file)?).await?)
}

fn read(file: &Path) -> Result<Bytes, CliError> {
    let bytes = std::fs::read(file).map_err(|error| CliError::io(file.display().to_string(), error))?;
    Ok(Bytes::from(bytes))
}
