//! One message to one target, over a connection of its own.

use std::net::SocketAddr;
use std::time::Duration;

use axum::body::Body;
use http_body_util::BodyExt as _;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;

use super::address::{Target, is_public};

/// What an attempt may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// Bytes of an answer that are read.
const MOST_ANSWER: usize = 64 * 1024;

/// The status of the answer. Nothing else of it is used; a redirect is an answer like any other.
///
/// # Errors
/// Why there is none, in words that tell nothing of what else the target's network has.
pub(super) async fn post(
    target: &Target,
    private_targets: bool,
    headers: &[(&str, String)],
    body: &str,
) -> Result<u16, String> {
    let attempt = async {
        let stream = connected(target, private_targets).await?;
        if target.is_tls {
            #[cfg(feature = "tls")]
            return spoken(
                crate::tls::client(stream, &target.host).await?,
                target,
                headers,
                body,
            )
            .await;
            #[cfg(not(feature = "tls"))]
            return Err("this program was built without TLS".to_owned());
        }
        spoken(stream, target, headers, body).await
    };
    let answer = tokio::time::timeout(PATIENCE, attempt).await;
    answer.unwrap_or_else(|_| Err("no answer within 10 s".to_owned()))
}

/// A connection to an address that was looked at: the name is resolved once, and nothing else is connected to.
async fn connected(target: &Target, private_targets: bool) -> Result<TcpStream, String> {
    let found = tokio::net::lookup_host((target.host.as_str(), target.port)).await;
    let found: Vec<SocketAddr> = found
        .map_err(|_| "the name cannot be resolved".to_owned())?
        .collect();
    // One address of our own is enough to refuse: which of several answers is chance.
    if !private_targets && found.iter().any(|one| !is_public(one.ip())) {
        return Err("the name leads into a private network".to_owned());
    }
    for address in found.iter().take(4) {
        if let Ok(stream) = TcpStream::connect(address).await {
            return Ok(stream);
        }
    }
    Err("no connection".to_owned())
}

async fn spoken<S>(
    stream: S,
    target: &Target,
    headers: &[(&str, String)],
    body: &str,
) -> Result<u16, String>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let broken = |_| "the connection broke".to_owned();
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream))
        .await
        .map_err(broken)?;
    let speaking = tokio::spawn(connection);
    let mut request = axum::http::Request::post(&target.path)
        .header("host", &target.authority)
        .header("content-type", "application/json")
        .header(
            "user-agent",
            concat!("countermark/", env!("CARGO_PKG_VERSION")),
        )
        .header("connection", "close");
    for (name, value) in headers {
        request = request.header(*name, value);
    }
    let request = request.body(Body::from(body.to_owned()));
    let request = request.map_err(|_| "the address cannot be asked".to_owned())?;
    let answer = sender.send_request(request).await.map_err(broken);
    let status = match answer {
        Ok(mut answer) => {
            // Read, so that the target is not cut off while it speaks; not more than it may need.
            let mut read = 0;
            while let Some(Ok(frame)) = answer.frame().await {
                read += frame.data_ref().map_or(0, axum::body::Bytes::len);
                if read > MOST_ANSWER {
                    break;
                }
            }
            Ok(answer.status().as_u16())
        }
        Err(error) => Err(error),
    };
    speaking.abort();
    status
}
