//! A copy marked again and again: by other studios, or for other distributors of the same one.
//!
//! # Shapes and units
//! Files lie in the folder of the clip; those between the first and the last are removed.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use countermark_attack::{Marker, Remark};
use countermark_catalogue::Vault;
use countermark_mastering::{EncodeChoice, Strength};
use countermark_register::Randomness;

use super::{DISTRIBUTORS, STOLEN, Tools, derived};
use crate::subject::{Prepared, Remarked};

/// Marks a copy as often and as strongly as is said, each time what the time before wrote.
pub(super) fn remark(prepared: &Prepared, copy: &Path, how: Remark) -> Result<Remarked> {
    let strength = Strength::new(how.strength as f32)?;
    let of = |index: u32| format!("{how}, {index}");
    // What is marked for the same studio's distributors goes on record beside the clip's own register: other rows do not see it.
    let own = match how.by {
        Marker::Same => {
            let register = prepared.folder.join(format!("vault-{how}"));
            copied(&prepared.register, &register)?;
            Some(register)
        }
        Marker::Another => None,
    };
    let mut current = copy.to_owned();
    let mut further = Vec::new();
    for index in 0..how.times {
        let output = prepared.folder.join(format!("{how}-{index}.mkv"));
        let seed = derived(prepared.seed, &of(index));
        let (vault, title) = if let Some(register) = &own {
            let vault = Vault::open_with(register, Randomness::seeded(seed))?;
            (vault, prepared.title.as_str())
        } else {
            let root = prepared.folder.join(format!("vault-{how}-{index}"));
            (Tools::register(&root, &current, STOLEN, seed)?.0, STOLEN)
        };
        // The first copy is the first distributor's.
        let distributor = DISTRIBUTORS[(index as usize + 1) % DISTRIBUTORS.len()];
        let (from, to) = ((title, current.as_path()), (output.as_path(), distributor));
        let made = Tools::mark_at(strength, &vault, from, to, EncodeChoice::default())?;
        if own.is_some() {
            further.push(made.delivery.payload.to_string());
        }
        if current != copy {
            fs::remove_file(&current)?;
        }
        current = made.output;
    }
    Ok(Remarked {
        file: current,
        register: own,
        further,
    })
}

/// Copies a folder with all that is in it.
fn copied(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir(to).with_context(|| format!("cannot make {}", to.display()))?;
    fs::set_permissions(to, fs::metadata(from)?.permissions())?;
    for entry in fs::read_dir(from).with_context(|| format!("cannot read {}", from.display()))? {
        let entry = entry?;
        let target: PathBuf = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copied(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), &target)
                .with_context(|| format!("cannot copy {}", entry.path().display()))?;
        }
    }
    Ok(())
}
