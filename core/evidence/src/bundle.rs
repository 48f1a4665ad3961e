//! The proof bundle: a case, sealed.
//!
//! ```text
//! README.txt  statement.{en,zh}.md  sheets/*.md          for people, filled from the case
//! case.json  soft/N.bin                                  what the verdict rests on                 see `case`, `soft`
//! ledger/head.{txt,sig}  stamp.tsr  authority.pem        what the studio had bound itself to       see `head`, `stamp`
//! report.html  report.json  analysis.json                the answer; when, where and by what it was analysed
//! verify.py                                              the arithmetic in Python's standard library
//! manifest.json  manifest.sig  manifest.json.minisig  evidence-key.pem                            see `manifest`, `key`
//! ```
//!
//! `sealing` adds a stamp of the signature later. Two bundles of one case differ in `analysis.json`, and in the manifest and its signatures, which hash and sign it.

use std::{fs, io::Write as _, path::Path};

use crate::{
    EvidenceError,
    archive::{self, Files},
    case::Case,
    key::EvidenceKey,
    manifest::{MANIFEST, MINISIG, Manifest, SIGNATURE},
    sheets,
    soft::SoftRows,
    stamp::Stamp,
};

/// The public key of the bundle's signature.
pub const KEY: &str = "evidence-key.pem";
/// The case.
pub const CASE: &str = "case.json";
/// When, where and by what the clip was analysed.
pub const ANALYSIS: &str = "analysis.json";
/// How the clip was acquired.
pub const ACQUIRED: &str = "acquired.json";
/// The head's text.
pub const HEAD: &str = "ledger/head.txt";
/// The head's signature.
pub const HEAD_SIGNATURE: &str = "ledger/head.sig";
/// What minisign shows beside a signature that holds.
pub const COMMENT: &str = "countermark case";
/// The authority's response.
pub const STAMP: &str = "ledger/stamp.tsr";
/// Its certificates.
pub const AUTHORITY: &str = "ledger/authority.pem";
/// The report's JSON.
pub const REPORT: &str = "report.json";
/// The verifier.
pub const VERIFIER: &str = "verify.py";

/// The verifier's source, as every bundle of this version holds it.
pub const VERIFY_PY: &str = include_str!("verify.py");

/// A bundle that is being put together.
#[derive(Debug, Clone)]
pub struct Bundle {
    files: Files,
}

impl Bundle {
    /// Of a case, with the soft values of each of the accused in their order, and the stamp of the ledger's head.
    ///
    /// # Errors
    /// [`EvidenceError::Json`].
    pub fn new(
        case: &Case,
        soft: &[SoftRows],
        stamp: Option<&Stamp>,
    ) -> Result<Self, EvidenceError> {
        use base64::{Engine as _, engine::general_purpose::STANDARD};
        let mut files = Files::new();
        for (accused, rows) in case.accused.iter().zip(soft) {
            files.insert(accused.soft.clone(), rows.to_bytes());
        }
        if let Some(ledger) = &case.ledger {
            files.insert(HEAD.into(), ledger.head.text().into_bytes());
            files.insert(HEAD_SIGNATURE.into(), ledger.head.signature_bytes());
        }
        if let Some(stamp) = stamp {
            let response = STANDARD.decode(&stamp.response).unwrap_or_default();
            files.insert(STAMP.into(), response);
            files.insert(AUTHORITY.into(), stamp.authority.clone().into_bytes());
        }
        let mut json = serde_json::to_vec_pretty(case)?;
        json.push(b'\n');
        files.insert(CASE.into(), json);
        files.insert(VERIFIER.into(), VERIFY_PY.as_bytes().to_vec());
        files.extend(sheets::of(case));
        Ok(Self { files })
    }

    /// With a further file.
    #[must_use]
    pub fn with(mut self, name: &str, bytes: Vec<u8>) -> Self {
        self.files.insert(name.to_owned(), bytes);
        self
    }

    /// Signs it; its ZIP.
    ///
    /// # Errors
    /// [`EvidenceError::Json`], [`EvidenceError::Archive`].
    pub fn seal(self, key: &EvidenceKey) -> Result<Vec<u8>, EvidenceError> {
        archive::pack(&signed(self.files, key)?)
    }
}

/// Files with their manifest, signed; a manifest that is there is made anew.
///
/// # Errors
/// [`EvidenceError::Json`].
pub fn signed(mut files: Files, key: &EvidenceKey) -> Result<Files, EvidenceError> {
    files.insert(KEY.into(), key.public().to_pem().into_bytes());
    let mut manifest = serde_json::to_vec_pretty(&Manifest::of(&files))?;
    manifest.push(b'\n');
    let minisig = key.minisign(&manifest, COMMENT);
    files.insert(SIGNATURE.into(), key.sign(&manifest).to_vec());
    files.insert(MINISIG.into(), minisig.into_bytes());
    files.insert(MANIFEST.into(), manifest);
    Ok(files)
}

/// Writes a sealed bundle whole or not at all; one that is there is replaced.
///
/// # Errors
/// [`EvidenceError::File`].
pub fn write(path: &Path, zip: &[u8]) -> Result<(), EvidenceError> {
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let cannot = || EvidenceError::file("write", path);
    fs::create_dir_all(folder).map_err(cannot())?;
    let mut file = tempfile::Builder::new()
        .prefix(".countermark-")
        .tempfile_in(folder)
        .map_err(cannot())?;
    file.write_all(zip).map_err(cannot())?;
    file.as_file().sync_all().map_err(cannot())?;
    file.persist(path).map_err(|error| cannot()(error.error))?;
    Ok(())
}
