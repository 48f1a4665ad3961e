//! The C2PA manifest of the clip's file, on a page.

use countermark_trace::result::{Credentials, State};
use maud::{Markup, html};

use crate::html::{capital, facts};
use crate::words::credentials::{binding, signed, standing};

/// Whether a manifest holds, who signed it, what it says, and what the mark says to that.
#[must_use]
pub fn credentials(it: &Credentials) -> Markup {
    let found = &it.manifest;
    let mut rows = Vec::new();
    let mut row = |name, value: Option<String>| rows.extend(value.map(|value| (name, value)));
    let certificate = found.signed_by.as_ref();
    row(
        "certificate",
        certificate
            .and_then(|by| by.certificate_sha256.as_deref())
            .map(|digest| format!("SHA-256 {digest}")),
    );
    row("calls it", found.title.clone());
    row("made by", found.made_by.clone());
    row(
        "actions",
        (!found.actions.is_empty()).then(|| found.actions.join(", ")),
    );
    for binding in &found.soft_bindings {
        row(
            "soft binding",
            Some(format!("{}: {}", binding.algorithm, binding.value)),
        );
    }
    html! {
        p { (capital(&standing(it))) "." }
        @if matches!(found.state, State::Holds | State::Broken) {
            p { (capital(&signed(it))) "; " (binding(it)) "." }
            (facts(&rows))
            p {
                "A manifest is its signer\u{2019}s word about the file as it was signed. It can be copied into another file, where it does not \
                 hold, and taken out of one. It changes nothing in the answer and multiplies no bound."
            }
        }
    }
}
