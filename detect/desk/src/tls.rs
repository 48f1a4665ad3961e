//! TLS, where the program is built with it: to targets of webhooks, and of the desk itself.
//!
//! Targets are verified with the certificates that the system trusts.

use std::path::Path;
use std::sync::{Arc, OnceLock};

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::{ClientConfig, RootCertStore, ServerConfig};
use tokio::net::TcpStream;
use tokio_rustls::{TlsAcceptor, TlsConnector, client};

/// A connection to `host` over `stream`.
pub(crate) async fn client(
    stream: TcpStream,
    host: &str,
) -> Result<client::TlsStream<TcpStream>, String> {
    static CONFIG: OnceLock<Arc<ClientConfig>> = OnceLock::new();
    let config = CONFIG.get_or_init(|| {
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        let config = ClientConfig::builder().with_root_certificates(roots);
        Arc::new(config.with_no_client_auth())
    });
    let name = ServerName::try_from(host.to_owned());
    let name = name.map_err(|_| "the host's name cannot be verified".to_owned())?;
    let connector = TlsConnector::from(Arc::clone(config));
    let connected = connector.connect(name, stream).await;
    connected.map_err(|_| "the target's certificate or TLS does not hold".to_owned())
}

/// What accepts connections, with the chain and the key of two PEM files.
pub(crate) fn acceptor(chain: &Path, key: &Path) -> Result<TlsAcceptor, String> {
    let unusable = |path: &Path| format!("cannot use {}", path.display());
    let certificates = CertificateDer::pem_file_iter(chain).map_err(|_| unusable(chain))?;
    let certificates: Result<Vec<_>, _> = certificates.collect();
    let certificates = certificates.map_err(|_| unusable(chain))?;
    let own = PrivateKeyDer::from_pem_file(key).map_err(|_| unusable(key))?;
    let config = ServerConfig::builder().with_no_client_auth();
    let config = config.with_single_cert(certificates, own);
    let config = config.map_err(|_| "the key is not that of the certificate".to_owned())?;
    Ok(TlsAcceptor::from(Arc::new(config)))
}
