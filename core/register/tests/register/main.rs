//! The register as its callers see it: states, the ledger, permissions, secrets.

mod ledger;
mod opening;
mod read_key;
mod records;
mod secrets;
mod studio;
