//! What an older program wrote, put on record as it is found.
//!
//! 0.1.0 kept no checksums, and let others read references and index. What was done to them before cannot be known; from here
//! on it shows.

use std::{fs, path::Path};

use countermark_register::{Checksum, Register, RegisterError, Row, private_file};

use crate::{Catalogue, CatalogueError, index::merged_files};

/// Puts the files of titles on record of which no entry tells, and the segments of several, and closes them to others.
///
/// A register whose ledger does not hold is left alone, and so is a title whose row was edited.
pub(crate) fn note_files(
    catalogue: &Catalogue,
    register: &dyn Register,
) -> Result<(), RegisterError> {
    let testimony = register.testimony()?;
    if testimony.broken().is_some() {
        return Ok(());
    }
    for folder in [
        catalogue.references(),
        catalogue.index_folder(),
        catalogue.prints_folder(),
    ] {
        close(&folder);
    }
    for id in testimony.unnoted() {
        let is_edited = testimony
            .discrepancies(|row| row == Row::Title(*id))
            .next()
            .is_some();
        let Ok(title) = register.title(*id) else {
            continue;
        };
        // A name of a file that leads elsewhere is nobody's reference.
        let is_name = Path::new(&title.reference_file).components().count() == 1;
        if !is_edited && is_name {
            let files = catalogue.files_of(*id, &title.reference_file);
            register.note_title(&title, &files.map_err(in_register)?)?;
        }
    }
    let merged = merged_files(&catalogue.index_folder()).map_err(in_register)?;
    for path in merged {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if !testimony.segments().contains_key(&*name)
            && let Ok(Some(checksum)) = Checksum::of_file(&path, &|| false)
        {
            register.note_segment(&name, checksum)?;
        }
    }
    Ok(())
}

/// Closes a folder and its files to others. What cannot be changed is named by a check.
fn close(folder: &Path) {
    let Ok(entries) = fs::read_dir(folder) else {
        return;
    };
    let _ = private_file::close(folder, 0o700);
    for entry in entries.filter_map(Result::ok) {
        if entry.file_type().is_ok_and(|kind| kind.is_file()) {
            let _ = private_file::close(&entry.path(), 0o600);
        }
    }
}

fn in_register(error: CatalogueError) -> RegisterError {
    match error {
        CatalogueError::Register(error) => error,
        CatalogueError::File { act, path, source } => RegisterError::File { act, path, source },
        CatalogueError::ReferenceMissing { path } => RegisterError::File {
            act: "read",
            path,
            source: std::io::ErrorKind::NotFound.into(),
        },
    }
}
