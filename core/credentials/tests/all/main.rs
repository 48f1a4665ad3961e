//! Manifests of real files, signed with certificates that `openssl` made; and what a program without the feature says.

#[cfg(not(feature = "c2pa"))]
mod absent;
#[cfg(feature = "c2pa")]
mod chain;
#[cfg(feature = "c2pa")]
mod found;
#[cfg(feature = "c2pa")]
mod signed;
