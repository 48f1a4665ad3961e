//! `serve`: the desk of this vault.

use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use countermark_console::{Exit, Printer};
use countermark_desk::{Journal, Settings};
use countermark_report::Listening;
use countermark_report::json::Document;

use crate::args::Reach;

/// Bytes of one upload, and of all.
const MOST_UPLOAD: u64 = 8 << 30;
const MOST_STORED: u64 = 64 << 30;
/// What a job may take, and how long a silent connection stays.
const JOB_TIME: Duration = Duration::from_secs(3600);
const PATIENCE: Duration = Duration::from_secs(20);

/// Serves until the process is ended.
///
/// # Errors
/// When the vault cannot be used or the address not be had.
pub fn serve(
    vault: &Path,
    (listen, jobs, threads): (SocketAddr, NonZeroUsize, Option<NonZeroUsize>),
    reach: &Reach,
    printer: Printer,
) -> anyhow::Result<Exit> {
    let threads = threads.or_else(|| std::thread::available_parallelism().ok());
    let serving = countermark_desk::start(Settings {
        listen,
        vault: vault.canonicalize().unwrap_or_else(|_| vault.to_path_buf()),
        program: std::env::current_exe().context("this program cannot find itself")?,
        workers: jobs.get(),
        threads: threads.map_or(1, NonZeroUsize::get),
        most_upload: MOST_UPLOAD,
        most_stored: MOST_STORED,
        job_time: JOB_TIME,
        patience: PATIENCE,
        private_targets: reach.private_webhooks,
        tls: reach.tls_cert.clone().zip(reach.tls_key.clone()),
        journal: Arc::new(Told(printer)),
    })?;
    let mut listening = Listening::new(serving.address, serving.token.clone());
    if reach.tls_cert.is_some() {
        listening = listening.over_tls();
    }
    printer.result(&Document::new(&listening), &listening)?;
    serving.run()
}

/// The journal on standard error.
struct Told(Printer);

impl Journal for Told {
    fn line(&self, text: &str) {
        self.0.detail(text);
    }

    fn warn(&self, text: &str) {
        self.0.warning(text);
    }
}
