//! Manifests through the crate `c2pa`: in Rust alone, and without a network.

use c2pa::{Context, Settings};

mod embed;
mod signer;
mod stoppable;
mod verified;

pub use signer::Signer;
pub(crate) use verified::verified;

/// Settings under which no host is asked for anything, whatever a manifest names.
fn offline() -> Settings {
    let mut settings = Settings::new();
    settings.core.allowed_network_hosts = Some(Vec::new());
    settings.core.decode_identity_assertions = false;
    settings.verify.remote_manifest_fetch = false;
    settings.verify.ocsp_fetch = false;
    settings
}

fn context() -> c2pa::Result<Context> {
    Context::new().with_settings(offline())
}

/// A certificate's SHA-256, hex: the first of a chain in PEM.
fn certificate_sha256(chain: &str) -> Option<String> {
    use base64::Engine as _;
    use sha2::{Digest as _, Sha256};
    use std::fmt::Write as _;
    let (_, rest) = chain.split_once("-----BEGIN CERTIFICATE-----")?;
    let (body, _) = rest.split_once("-----END CERTIFICATE-----")?;
    let body: String = body.split_whitespace().collect();
    let der = base64::engine::general_purpose::STANDARD
        .decode(body)
        .ok()?;
    let mut hex = String::with_capacity(64);
    for byte in Sha256::digest(&der) {
        let _ = write!(hex, "{byte:02x}");
    }
    Some(hex)
}
