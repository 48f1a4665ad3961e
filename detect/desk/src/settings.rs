//! How a desk is set up, and who hears what it does.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// What a desk is told.
pub struct Settings {
    /// Where it listens.
    pub listen: SocketAddr,
    /// The vault's folder.
    pub vault: PathBuf,
    /// The program that examines one clip: it is started with the one argument `examine`.
    pub program: PathBuf,
    /// Jobs at once.
    pub workers: usize,
    /// Threads of all of them together.
    pub threads: usize,
    /// Bytes of an upload at most.
    pub most_upload: u64,
    /// Bytes of all uploads at most.
    pub most_stored: u64,
    /// Seconds that a job may take.
    pub job_time: Duration,
    /// Seconds without a byte after which a connection is given up.
    pub patience: Duration,
    /// Whether webhooks may lead into private networks.
    pub private_targets: bool,
    /// The chain and the key, PEM, with which the desk speaks TLS itself; else it speaks none.
    pub tls: Option<(PathBuf, PathBuf)>,
    /// Who hears.
    pub journal: Arc<dyn Journal>,
}

/// Hears what a desk does. Never told a token, a key, a path or a score.
pub trait Journal: Send + Sync {
    /// An act or an answer, on one line.
    fn line(&self, text: &str);

    /// Something that somebody should look at.
    fn warn(&self, text: &str);
}

/// Why a desk does not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DeskStart {
    /// The address cannot be had.
    #[error("cannot listen on {address}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// Why.
        source: std::io::Error,
    },
    /// The desk's record cannot be used.
    #[error(transparent)]
    Record(#[from] countermark_register::desk::DeskError),
    /// The vault cannot be used.
    #[error(transparent)]
    Vault(#[from] countermark_register::RegisterError),
    /// Nothing can be looked up in it.
    #[error(transparent)]
    Trace(#[from] countermark_trace::TraceError),
    /// No thread can be started.
    #[error("no thread can be started")]
    Threads(#[source] std::io::Error),
    /// TLS cannot be spoken.
    #[error("no TLS: {0}")]
    Tls(String),
    /// Others can reach the address, and nobody has a token.
    #[error("{address} can be reached by others, and no token is on record")]
    NoToken {
        /// The address.
        address: SocketAddr,
    },
}
