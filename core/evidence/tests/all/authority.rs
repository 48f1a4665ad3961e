//! A time stamping authority of RFC 3161: the real one of `openssl ts`. The tests of `embed` and `detect` take it in from here by its path.

use std::{fs, path::Path, process::Command};

use tempfile::TempDir;

const CONFIG: &str = "
[ req ]
distinguished_name = dn
prompt = no
x509_extensions = ext
[ dn ]
CN = Countermark test authority
[ ext ]
basicConstraints = CA:false
keyUsage = critical,digitalSignature
extendedKeyUsage = critical,timeStamping
[ tsa ]
default_tsa = own
[ own ]
dir = .
serial = ./serial
crypto_device = builtin
signer_cert = ./tsa.pem
signer_key = ./tsa.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
accuracy = secs:1
ordering = no
tsa_name = no
ess_cert_id_chain = no
";

/// Its folder.
pub(crate) struct Authority(TempDir);

fn openssl(folder: &Path, arguments: &[&str]) {
    let answer = Command::new("openssl")
        .current_dir(folder)
        .args(arguments)
        .output()
        .expect("openssl is on the machine");
    assert!(
        answer.status.success(),
        "openssl {arguments:?}: {}",
        String::from_utf8_lossy(&answer.stderr)
    );
}

impl Authority {
    /// With a key of its own.
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let root = folder.path();
        fs::write(root.join("tsa.cnf"), CONFIG).expect("written");
        fs::write(root.join("serial"), "01\n").expect("written");
        openssl(
            root,
            &[
                "req",
                "-x509",
                "-newkey",
                "ec",
                "-pkeyopt",
                "ec_paramgen_curve:P-256",
                "-nodes",
                "-keyout",
                "tsa.key",
                "-out",
                "tsa.pem",
                "-days",
                "30",
                "-config",
                "tsa.cnf",
            ],
        );
        Self(folder)
    }

    /// Its certificate, PEM.
    pub(crate) fn certificate(&self) -> String {
        fs::read_to_string(self.0.path().join("tsa.pem")).expect("a certificate")
    }

    /// Answers a request.
    pub(crate) fn answer(&self, request: &[u8]) -> Vec<u8> {
        let root = self.0.path();
        fs::write(root.join("request.tsq"), request).expect("written");
        openssl(
            root,
            &[
                "ts",
                "-reply",
                "-config",
                "tsa.cnf",
                "-queryfile",
                "request.tsq",
                "-out",
                "response.tsr",
            ],
        );
        fs::read(root.join("response.tsr")).expect("a response")
    }
}
