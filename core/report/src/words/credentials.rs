//! The C2PA manifest of a clip's file in words.

use std::fmt::{self, Display, Formatter};

use countermark_trace::result::{Agreement, Credentials, State};

use super::InWords;
use crate::visible::Visible;

impl Display for InWords<'_, Credentials> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self(it) = self;
        f.write_str(&standing(it))?;
        if matches!(it.manifest.state, State::Holds | State::Broken) {
            write!(f, "; {}; {}", signed(it), binding(it))?;
        }
        Ok(())
    }
}

/// Whether a manifest holds.
#[must_use]
pub fn standing(it: &Credentials) -> String {
    let faults = Visible(it.manifest.faults.join(", "));
    match it.manifest.state {
        State::Holds => "a manifest that holds: the file is as it was signed".to_owned(),
        State::Broken if is_of_another_file(&it.manifest.faults) => format!(
            "a manifest that does not hold ({faults}): the file was changed since, or the manifest is another file\u{2019}s"
        ),
        State::Broken => format!("a manifest that does not hold ({faults})"),
        State::Unreadable => format!("a manifest that cannot be read ({faults})"),
        State::Unread => {
            "a manifest, not read: this program was built without the feature c2pa".to_owned()
        }
    }
}

/// Whether hashes differ; else signature or certificate are at fault.
fn is_of_another_file(faults: &[String]) -> bool {
    faults.iter().any(|fault| fault.ends_with(".mismatch"))
}

/// Who signed a manifest, by his own word.
#[must_use]
pub fn signed(it: &Credentials) -> String {
    let Some(by) = &it.manifest.signed_by else {
        return "nobody\u{2019}s signature can be read".to_owned();
    };
    let name = by.name.as_deref().unwrap_or("nobody by name");
    let of = by
        .organisation
        .as_deref()
        .map_or(String::new(), |organisation| {
            format!(" of {}", Visible(organisation))
        });
    let whose = match it.own_certificate {
        Some(true) => "the certificate on record for that delivery",
        Some(false) => "not the certificate on record for that delivery",
        None => "a certificate that was held against no list",
    };
    format!("signed by {}{of}, {whose}", Visible(name))
}

/// What its soft binding says beside the mark.
#[must_use]
pub fn binding(it: &Credentials) -> String {
    let delivery = || {
        it.delivery
            .map_or(String::new(), |delivery| delivery.to_string())
    };
    match it.mark {
        Agreement::Agrees => format!(
            "its soft binding is that of delivery {}, which the mark names too",
            delivery()
        ),
        Agreement::Differs => format!(
            "its soft binding is that of delivery {}, and the mark names another: a manifest accuses nobody",
            delivery()
        ),
        Agreement::Silent => format!(
            "its soft binding is that of delivery {}, and the mark names nobody: a manifest accuses nobody",
            delivery()
        ),
        Agreement::NotAsked => format!(
            "its soft binding is that of delivery {}; the mark was not asked",
            delivery()
        ),
        Agreement::NotOnRecord => {
            "its soft binding is of a Countermark mark, and of no delivery on record here"
                .to_owned()
        }
        Agreement::NoBinding => others(it),
    }
}

/// Soft bindings that are not this program's.
fn others(it: &Credentials) -> String {
    let mut names: Vec<&str> = Vec::new();
    for binding in &it.manifest.soft_bindings {
        if !names.contains(&&*binding.algorithm) {
            names.push(&binding.algorithm);
        }
    }
    if names.is_empty() {
        return "it has no soft binding".to_owned();
    }
    format!(
        "its soft bindings are other systems\u{2019}: {}",
        Visible(names.join(", "))
    )
}
