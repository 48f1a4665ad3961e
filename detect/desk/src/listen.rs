//! The listener: connections with limits on their number, their heads and their silence.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::Request;
use countermark_catalogue::Vault;
use countermark_register::desk::{DeskError, DeskStore, token_hash};
use countermark_trace::Tracer;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tokio::sync::Semaphore;
use tower::ServiceExt as _;

use crate::caller::Peer;
use crate::desk::Desk;
use crate::licence::OnRecord;
use crate::settings::{DeskStart, Settings};
use crate::{route, webhook, worker};

/// Connections at once.
const MOST_CONNECTIONS: usize = 512;
/// Seconds that the head of a request may take.
const HEAD: Duration = Duration::from_secs(10);
/// Bytes of the head of a request.
const MOST_HEAD: usize = 32 * 1024;

/// A desk that was started.
pub struct Serving {
    /// Where it listens.
    pub address: SocketAddr,
    /// The token of whoever started it, told once; none where others can reach the desk.
    pub token: Option<String>,
    runtime: Runtime,
    listener: TcpListener,
    desk: Arc<Desk>,
    secure: Secure,
}

/// How connections are made secure; none where a proxy does it.
#[cfg(feature = "tls")]
type Secure = Option<tokio_rustls::TlsAcceptor>;
/// This program speaks no TLS.
#[cfg(not(feature = "tls"))]
#[derive(Clone)]
struct Secure;

#[cfg(feature = "tls")]
fn secure(settings: &Settings) -> Result<Secure, DeskStart> {
    let files = settings.tls.as_ref();
    let acceptor = files.map(|(chain, key)| crate::tls::acceptor(chain, key));
    acceptor.transpose().map_err(DeskStart::Tls)
}

#[cfg(not(feature = "tls"))]
fn secure(settings: &Settings) -> Result<Secure, DeskStart> {
    if settings.tls.is_some() {
        let why = "this program was built without the feature `tls`";
        return Err(DeskStart::Tls(why.to_owned()));
    }
    Ok(Secure)
}

/// Starts a desk: takes up the jobs that one before it left.
///
/// # Errors
/// [`DeskStart`].
pub fn start(settings: Settings) -> Result<Serving, DeskStart> {
    let secure = secure(&settings)?;
    let vault = Vault::open(&settings.vault)?;
    let tracer = Tracer::new(&vault)?;
    let store = DeskStore::open(&settings.vault)?;
    let address = settings.listen;
    let is_local = address.ip().is_loopback();
    if !is_local && store.tokens()?.iter().all(|token| token.revoked.is_some()) {
        return Err(DeskStart::NoToken { address });
    }
    let token = is_local.then(fresh_token).transpose()?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(settings.threads.clamp(1, 4))
        .enable_all()
        .build()
        .map_err(DeskStart::Threads)?;
    let refused = |source| DeskStart::Listen { address, source };
    let listener = runtime
        .block_on(TcpListener::bind(address))
        .map_err(refused)?;
    let address = listener.local_addr().map_err(refused)?;
    let waiting = store.resume_jobs()?;
    if waiting > 0 {
        let line = format!("{waiting} jobs of a desk that is gone wait again");
        settings.journal.line(&line);
    }
    let local = token.as_deref().map(token_hash);
    let (_, attested) = vault.attested()?;
    let extras = (local, Box::new(OnRecord(attested)) as _);
    Ok(Serving {
        address,
        token,
        runtime,
        listener,
        desk: Arc::new(Desk::new(settings, store, vault, tracer, extras)),
        secure,
    })
}

fn fresh_token() -> Result<String, DeskStart> {
    let mut bytes = [0_u8; 32];
    getrandom::fill(&mut bytes).map_err(DeskError::NoRandomness)?;
    Ok(format!(
        "cm_{}",
        bytes.map(|byte| format!("{byte:02x}")).concat()
    ))
}

impl Serving {
    /// Serves until the process ends.
    pub fn run(self) -> ! {
        let Self {
            runtime,
            listener,
            desk,
            secure,
            ..
        } = self;
        runtime.block_on(async move {
            worker::begin(&desk).await;
            tokio::spawn(worker::tidy(Arc::clone(&desk)));
            for _ in 0..desk.settings.workers.max(1) {
                tokio::spawn(worker::work(Arc::clone(&desk)));
            }
            tokio::spawn(webhook::tell(Arc::clone(&desk)));
            accept(listener, desk, secure).await
        })
    }
}

async fn accept(listener: TcpListener, desk: Arc<Desk>, secure: Secure) -> ! {
    let router = route::router(&desk);
    let slots = Arc::new(Semaphore::new(MOST_CONNECTIONS));
    loop {
        let Ok(slot) = Arc::clone(&slots).acquire_owned().await else {
            unreachable!("the slots are never closed")
        };
        let (stream, peer) = match listener.accept().await {
            Ok(accepted) => accepted,
            Err(error) => {
                // Out of descriptors: others are about to end.
                desk.journal()
                    .warn(&format!("a connection was not accepted: {error}"));
                tokio::time::sleep(Duration::from_millis(100)).await;
                continue;
            }
        };
        let (router, secure) = (router.clone(), secure.clone());
        tokio::spawn(async move {
            #[cfg(feature = "tls")]
            if let Some(secure) = secure {
                // Who does not speak TLS, or slowly, is not waited for.
                let accepted = tokio::time::timeout(HEAD, secure.accept(stream)).await;
                if let Ok(Ok(stream)) = accepted {
                    serve(stream, peer, router).await;
                }
                drop(slot);
                return;
            }
            #[cfg(not(feature = "tls"))]
            let Secure = secure;
            serve(stream, peer, router).await;
            drop(slot);
        });
    }
}

/// Answers the requests of one connection.
async fn serve<S>(stream: S, peer: SocketAddr, router: axum::Router)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let service = service_fn(move |request: hyper::Request<hyper::body::Incoming>| {
        let router = router.clone();
        async move {
            let mut request: Request = request.map(Body::new);
            request.extensions_mut().insert(Peer(peer));
            let answer = router.oneshot(request).await;
            Ok::<_, Infallible>(answer.unwrap_or_else(|never| match never {}))
        }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD)
        .max_buf_size(MOST_HEAD)
        .serve_connection(TokioIo::new(stream), service);
    // A client that goes is no fault of ours.
    let _ = connection.await;
}
