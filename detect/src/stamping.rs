//! `stamp`: a third party's time for a bundle.

use std::fs;
use std::io::Cursor;
use std::path::Path;

use anyhow::{Context as _, Result};
use countermark_console::flags::StampFlags;
use countermark_console::{Exit, Printer};
use countermark_evidence::verify::{Beside, verify_files};
use countermark_evidence::{archive, bundle, sealing, stamp};
use countermark_report::BundleStamp;
use countermark_report::json::Document;

/// Writes the request, or takes the answer and puts it into the bundle.
///
/// # Errors
/// When the bundle cannot be read or does not hold, the authority does not answer, or its answer does not verify: the bundle is then
/// as it was.
pub fn run(path: &Path, way: &StampFlags, printer: Printer) -> Result<Exit> {
    let mut files = archive::open(path)?;
    let found = verify_files(&files, Beside::default())?;
    if let Some(link) = found.broken() {
        anyhow::bail!("the bundle does not hold: {}: {}", link.name, link.said);
    }
    let request = sealing::request(&files)?;
    let told = if let Some(to) = &way.request {
        written(to, &request)?;
        BundleStamp::Requested(to.clone())
    } else {
        let authority = way.authority.as_deref().map(read).transpose()?;
        let authority = String::from_utf8(authority.unwrap_or_default())
            .context("the authority\u{2019}s certificates are no PEM")?;
        let response = match (&way.response, &way.tsa) {
            (Some(answer), _) => read(answer)?,
            (None, url) => stamp::ask(url.as_deref().unwrap_or_default(), &request)?,
        };
        let stamp = sealing::take(&mut files, &response, &authority)?;
        bundle::write(path, &archive::pack(&files)?)?;
        BundleStamp::Taken(stamp.facts)
    };
    printer.result(&Document::new(told.to_json()), &told)?;
    Ok(Exit::Done)
}

/// Writes the request for the stamp of a sealed bundle.
///
/// # Errors
/// When it is none, or the request cannot be written.
pub fn write_request(zip: &[u8], to: &Path) -> Result<()> {
    written(to, &sealing::request(&archive::unpack(Cursor::new(zip))?)?)
}

fn read(path: &Path) -> Result<Vec<u8>> {
    fs::read(path).with_context(|| format!("cannot read {}", path.display()))
}

fn written(path: &Path, bytes: &[u8]) -> Result<()> {
    fs::write(path, bytes).with_context(|| format!("cannot write {}", path.display()))
}
