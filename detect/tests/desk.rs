//! The desk and prints, by the real binary: what people and platforms send, what hostile ones send, and what a killed desk leaves.

mod browser;
mod bundles;
mod client;
mod generated;
mod hostile;
mod jobs;
mod leak;
mod load;
mod prints;
mod sealed;
mod studio;
#[cfg(feature = "tls")]
mod tls;
mod warnings;
