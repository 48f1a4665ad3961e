//! Arguments of `stamp`.

use std::path::PathBuf;

use clap::{ArgGroup, Args};

/// `stamp BUNDLE`
#[derive(Debug, Args)]
#[command(group = ArgGroup::new("way").required(true).args(["tsa", "request", "response"]))]
pub struct Stamping {
    /// The bundle, made with `trace --bundle`: its stamp is put into it
    #[arg(value_name = "BUNDLE")]
    pub bundle: PathBuf,
    /// Ask the authority at this address, http://..
    #[arg(long, value_name = "URL", requires = "authority")]
    pub tsa: Option<String>,
    /// Write the request to this file
    #[arg(long, value_name = "FILE")]
    pub request: Option<PathBuf>,
    /// Take the authority's answer from this file
    #[arg(long, value_name = "FILE", requires = "authority")]
    pub response: Option<PathBuf>,
    /// The authority's certificates, PEM: the answer is verified with them before it is put into the bundle
    #[arg(long, value_name = "FILE")]
    pub authority: Option<PathBuf>,
}
