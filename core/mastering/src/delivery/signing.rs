//! The C2PA manifest of a copy: signed into the complete file, before it is hashed and read back.

use countermark_credentials::{Signer, State, Statement, algorithm, read};
use countermark_mark::FormatSpec;
use countermark_media::FinishedCopy;
use countermark_register::{DeliveryRecord, proof};
use serde_json::{Value, json};

use super::Work;
use crate::request::{Plan, PlannedCopy};
use crate::{DeliveryRequest, MasteringError, Stage, encode};

/// The settings of a copy as the register keeps them, with the certificate of who signs its manifest.
pub(super) fn on_record(request: &DeliveryRequest, planned: &PlannedCopy) -> Value {
    let mut record = encode::on_record(&planned.order.settings, &planned.carriage);
    if let Some(signer) = &request.signer {
        record["c2pa"] = json!({
            "algorithm": algorithm(FormatSpec::CURRENT.version()),
            "certificate_sha256": signer.certificate_sha256(),
        });
    }
    record
}

impl Work<'_> {
    /// The file with its manifest, where it is to have one. Its soft binding is the commitment to the payload that the ledger holds.
    pub(super) fn signed(
        &self,
        mut file: FinishedCopy,
        request: &DeliveryRequest,
        plan: &Plan,
        delivery: &DeliveryRecord,
    ) -> Result<FinishedCopy, MasteringError> {
        let Some(signer) = &request.signer else {
            return Ok(file);
        };
        self.observer.stage(Stage::Signing, None);
        let of = (delivery.distributor_id, delivery.title_id);
        let register = self.vault.register();
        let (_, commitment) = proof::commitments(register, delivery.id, delivery.payload, of);
        let statement = Statement {
            title: &plan.title.name,
            format: delivery.format_version,
            binding: &commitment.to_string(),
            version: env!("CARGO_PKG_VERSION"),
        };
        let stop = || self.cancel.is_cancelled();
        file.rewrite(|from, to| {
            Ok::<_, MasteringError>(signer.sign(&statement, from, to, &stop)?)
        })?;
        if request.verify {
            self.check_manifest(&file, signer, &statement)?;
        }
        Ok(file)
    }

    /// Reads the manifest back: it holds, is this signer's, and says what it was to say.
    fn check_manifest(
        &self,
        file: &FinishedCopy,
        signer: &Signer,
        statement: &Statement<'_>,
    ) -> Result<(), MasteringError> {
        let broken = |faults: String| MasteringError::ManifestBroken {
            path: file.path().to_owned(),
            faults,
        };
        let found = read(file.path(), &|| self.cancel.is_cancelled())?;
        let found = found.ok_or_else(|| broken("there is none".to_owned()))?;
        if found.state != State::Holds {
            return Err(broken(found.faults.join(", ")));
        }
        let certificate = found.signed_by.as_ref();
        let certificate = certificate.and_then(|by| by.certificate_sha256.as_deref());
        if certificate != Some(signer.certificate_sha256()) {
            return Err(broken("it is signed with another certificate".to_owned()));
        }
        if !found.own_bindings().eq([statement.binding]) {
            return Err(broken("its soft binding is another one".to_owned()));
        }
        Ok(())
    }
}
