//! Where a desk listens: as JSON and in words that scripts read.

use std::fmt;
use std::net::SocketAddr;

use serde::Serialize;

/// A desk that was started.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Listening {
    listening: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    token: Option<String>,
}

impl Listening {
    /// The same over TLS.
    #[must_use]
    pub fn over_tls(mut self) -> Self {
        self.listening = self.listening.replacen("http:", "https:", 1);
        self
    }

    /// At an address, with the token of whoever started it, where there is one.
    #[must_use]
    pub fn new(address: SocketAddr, token: Option<String>) -> Self {
        Self {
            listening: format!("http://{address}"),
            token,
        }
    }
}

impl fmt::Display for Listening {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "listening on {}", self.listening)?;
        match &self.token {
            Some(token) => write!(f, "\ntoken: {token}"),
            None => Ok(()),
        }
    }
}
