//! The register as its callers see it: states, the ledger, permissions, secrets, old and write-protected ones.

mod desk;
mod ledger;
mod left_behind;
mod migration;
mod opening;
mod proofs;
mod read_key;
mod read_only;
mod records;
mod secrets;
mod studio;
mod tampering;
mod testimony;
