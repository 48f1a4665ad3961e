//! A certificate authority and a signer's certificate of it, made by `openssl`. The tests of `core/report` and `embed` take it in from here
//! by its path.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use tempfile::TempDir;

const CONFIG: &str = "
[ req ]
distinguished_name = signer
prompt = no
[ authority ]
CN = Countermark test authority
O = Countermark tests
[ signer ]
CN = Test studio
O = Countermark tests
[ as_authority ]
basicConstraints = critical,CA:true
keyUsage = critical,keyCertSign
subjectKeyIdentifier = hash
[ as_signer ]
basicConstraints = critical,CA:false
keyUsage = critical,digitalSignature
extendedKeyUsage = emailProtection
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
[ as_server ]
basicConstraints = critical,CA:false
keyUsage = critical,digitalSignature
extendedKeyUsage = serverAuth
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
";

/// Its folder: `chain.pem`, the signer's certificate and the authority's, and `signer.key`.
pub(crate) struct Chain(TempDir);

impl Chain {
    /// Of a signer on P-256.
    pub(crate) fn new() -> Self {
        Self::of(
            &["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"],
            "as_signer",
        )
    }

    /// Of a signer with a key as `openssl req` is told, and with extensions of the configuration.
    pub(crate) fn of(key: &[&str], extensions: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let root = folder.path();
        fs::write(root.join("chain.cnf"), CONFIG).expect("written");
        let authority = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout authority.key -out authority.pem -days 30 \
                         -config chain.cnf -extensions as_authority -subj /CN=Authority/O=Tests";
        openssl(root, &words(authority));
        let request = "-nodes -keyout signer.key -out signer.csr -config chain.cnf";
        openssl(root, &[&["req"], key, &words(request)].concat());
        let signed = "x509 -req -in signer.csr -CA authority.pem -CAkey authority.key -CAcreateserial -days 20 -extfile chain.cnf \
                      -out signer.pem -extensions";
        openssl(root, &[&words(signed)[..], &[extensions]].concat());
        let read = |name: &str| fs::read_to_string(root.join(name)).expect("a certificate");
        fs::write(
            root.join("chain.pem"),
            read("signer.pem") + &read("authority.pem"),
        )
        .expect("written");
        Self(folder)
    }

    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Its certificates.
    pub(crate) fn certificates(&self) -> PathBuf {
        self.file("chain.pem")
    }

    /// The signer's private key.
    pub(crate) fn key(&self) -> PathBuf {
        self.file("signer.key")
    }
}

fn words(line: &str) -> Vec<&str> {
    line.split_whitespace().collect()
}

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
