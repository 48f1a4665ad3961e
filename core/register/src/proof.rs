//! The ledger as a tree: heads that were signed, stamps of them, and proofs for strangers.
//!
//! ```text
//! leaf[n] = SHA-256(0x00 || hash[n])  ->  root  ->  signed head  ->  RFC 3161 stamp           `countermark_evidence`
//! ```
//!
//! Heads and stamps are entries of the ledger themselves: a head over the entries 1 to n is entry n + 1 or later. Whoever keeps the
//! vault has the owner secret, and can write a ledger anew with all its MACs; what he cannot is to make it agree with a head that
//! somebody else stamped, or noted.
//!
//! # Shapes and units
//! Entries count from 1, and a head's `size` is the number of its last entry.

use std::collections::BTreeMap;

use countermark_evidence::{
    EvidenceKey, OpenedEntry, SignedHead, Stamp,
    hex::{from_hex, to_hex},
    merkle::{Frontier, Hash, Tree},
    stamp,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{Act, DeliveryId, Finding, LedgerEntry, Register, RegisterError, Timestamp};

mod about;
mod committed;
mod working_files;

pub use about::{begun_at, entries_about, entry_named, named_at};
pub use committed::{commitments, payload_committed_as};
pub use working_files::{WorkingFile, record_files, records_of};

/// A head on record, and its stamp if it has one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeadOnRecord {
    /// The entry of the head, or of its stamp.
    pub seq: i64,
    /// The head.
    pub head: SignedHead,
    /// The stamp.
    pub stamp: Option<Stamp>,
}

/// A stamp as the ledger holds it.
#[derive(Serialize, Deserialize)]
struct StampForm {
    head: SignedHead,
    stamp: Stamp,
}

/// A proof that an entry is in the ledger, and that the newest head goes on from the one before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct EntryProof {
    /// The entry with its path.
    pub entry: OpenedEntry,
    /// The head that holds it.
    pub head: SignedHead,
    /// What the stamp of that head says.
    pub stamp: Option<stamp::StampFacts>,
    /// The older head, if there is one, and the proof that its tree is a beginning of this one's, hex.
    pub since: Option<(SignedHead, Vec<String>)>,
}

/// The ledger as a tree.
#[derive(Debug, Clone, Default)]
pub struct Proofs {
    tree: Tree,
    heads: Vec<HeadOnRecord>,
    /// Entries about the evidence key, by number.
    keys: BTreeMap<i64, String>,
    /// Commitments to deliveries, by the delivery's identifier.
    commitments: BTreeMap<String, (i64, String, String)>,
    /// The last entry that is neither head nor stamp.
    last_act: u64,
    findings: Vec<Finding>,
    /// The root after every entry.
    roots: BTreeMap<u64, Hash>,
}

impl Proofs {
    /// Reads the whole ledger.
    ///
    /// # Errors
    /// As for every method of [`Register`].
    pub fn of(register: &dyn Register) -> Result<Self, RegisterError> {
        let mut proofs = Self::default();
        let mut frontier = Frontier::default();
        register.walk_ledger(&mut |entry| {
            let hash: Hash = from_hex(&entry.hash).unwrap_or_default();
            proofs.tree.push(&hash);
            frontier.push(&hash);
            proofs.roots.insert(frontier.size(), frontier.root());
            proofs.hear(&entry);
            true
        })?;
        Ok(proofs)
    }

    fn hear(&mut self, entry: &LedgerEntry) {
        let details = || serde_json::from_str::<Value>(&entry.details).unwrap_or_default();
        let text = |details: &Value, field: &str| details[field].as_str().map(str::to_owned);
        let seq = entry.seq;
        let act = entry.act.as_str();
        if act == Act::HeadSigned.as_str() || act == Act::HeadStamped.as_str() {
            let form = if act == Act::HeadSigned.as_str() {
                serde_json::from_str(&entry.details).map(|head| (head, None))
            } else {
                serde_json::from_str(&entry.details)
                    .map(|StampForm { head, stamp }| (head, Some(stamp)))
            };
            match form {
                Ok((head, stamp)) => self.hear_head(HeadOnRecord { seq, head, stamp }),
                Err(_) => self.doubt(seq, "it cannot be read"),
            }
            return;
        }
        self.last_act = seq.unsigned_abs();
        if act == Act::EvidenceKeyMade.as_str() {
            if let Some(key) = text(&details(), "key") {
                self.keys.insert(seq, key);
            }
        } else if act == Act::DeliveryBegun.as_str() || act == Act::DeliveryCommitted.as_str() {
            let details = details();
            if let (Some(delivery), Some(commitment), Some(payload)) = (
                text(&details, "delivery"),
                text(&details, "commitment"),
                text(&details, "payload_commitment"),
            ) {
                // The first one counts.
                let own = self.commitments.entry(delivery);
                own.or_insert((seq, commitment, payload));
            }
        }
    }

    fn hear_head(&mut self, found: HeadOnRecord) {
        let HeadOnRecord { seq, head, stamp } = &found;
        let root = self.roots.get(&head.size).map(|root| to_hex(root));
        if root.as_ref() != Some(&head.root) {
            self.doubt(*seq, "its root is not that of the entries it names");
        } else if !head.is_signed() {
            self.doubt(*seq, "its signature does not hold");
        } else if !self.keys.values().any(|key| *key == head.key) {
            self.doubt(*seq, "its key is not on record");
        } else if let Some(stamp) = stamp
            && let Err(error) = is_stamped(head, stamp)
        {
            self.doubt(*seq, &error.to_string());
        } else {
            self.heads.push(found);
        }
    }

    fn doubt(&mut self, seq: i64, why: &str) {
        self.findings.push(Finding::Head {
            seq,
            why: why.to_owned(),
        });
    }

    /// Entries.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.tree.size()
    }

    /// The root over them, hex.
    #[must_use]
    pub fn root(&self) -> String {
        let root = self.tree.root(self.size());
        root.map_or_else(String::new, |root| to_hex(&root))
    }

    /// After how many entries the root was `root`, hex: to find a head that was published or noted elsewhere.
    #[must_use]
    pub fn size_of_root(&self, root: &str) -> Option<u64> {
        let root: Hash = from_hex(root)?;
        let (size, _) = self.roots.iter().find(|(_, known)| **known == root)?;
        Some(*size)
    }

    /// Heads and stamps that hold, oldest first. The signature of a stamp is looked at by [`Proofs::stamps_that_fail`] alone.
    #[must_use]
    pub fn heads(&self) -> &[HeadOnRecord] {
        &self.heads
    }

    /// Heads and stamps that do not.
    #[must_use]
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// Commitments to the key and the payload of a delivery.
    #[must_use]
    pub fn commitments(&self, delivery: DeliveryId) -> Option<(&str, &str)> {
        let found = self.commitments.get(&delivery.to_string());
        found.map(|(_, key, payload)| (key.as_str(), payload.as_str()))
    }

    /// The entry that holds them.
    #[must_use]
    pub fn committed_at(&self, delivery: DeliveryId) -> Option<i64> {
        let found = self.commitments.get(&delivery.to_string());
        found.map(|(seq, ..)| *seq)
    }

    /// The newest entry about an evidence key.
    #[must_use]
    pub fn key_at(&self, key: &EvidenceKey) -> Option<i64> {
        let public = key.public().to_string();
        let mut known = self.keys.iter().rev();
        known
            .find(|(_, known)| **known == public)
            .map(|(seq, _)| *seq)
    }

    /// The oldest head under a key that holds the entry `seq`: of stamped ones first.
    #[must_use]
    pub fn head_over(&self, seq: i64, key: &EvidenceKey) -> Option<&HeadOnRecord> {
        let public = key.public().to_string();
        let over = |found: &&HeadOnRecord| {
            found.head.key == public && found.head.size >= seq.unsigned_abs()
        };
        let mut stamped = self
            .heads
            .iter()
            .filter(over)
            .filter(|found| found.stamp.is_some());
        let first = stamped.next();
        first.or_else(|| self.heads.iter().find(over))
    }

    /// An entry with its path in the tree of so many entries; none beyond it.
    #[must_use]
    pub fn opened(&self, entry: &LedgerEntry, size: u64) -> Option<OpenedEntry> {
        let index = u64::try_from(entry.seq.checked_sub(1)?).ok()?;
        let path = self.tree.inclusion(index, size)?;
        let opened = OpenedEntry {
            seq: entry.seq,
            time: entry.time.to_string(),
            act: entry.act.clone(),
            details: entry.details.clone(),
            previous: entry.previous.clone(),
            inclusion: Vec::new(),
        };
        Some(opened.included(&path))
    }

    /// Stamps whose signature does not hold under their authority's certificates; none are looked at where `openssl` cannot be run.
    #[must_use]
    pub fn stamps_that_fail(&self) -> Vec<Finding> {
        use countermark_evidence::EvidenceError::NoOpenssl;
        let stamped = self
            .heads
            .iter()
            .filter_map(|found| Some((found, found.stamp.as_ref()?)));
        let failed = stamped.filter_map(|(found, stamp)| {
            let text = found.head.text();
            let response = response_of(stamp)?;
            match stamp::verify(&text, &response, &stamp.authority, &stamp.facts) {
                Ok(()) | Err(NoOpenssl(_)) => None,
                Err(error) => Some(Finding::Head {
                    seq: found.seq,
                    why: error.to_string(),
                }),
            }
        });
        failed.collect()
    }
}

fn response_of(stamp: &Stamp) -> Option<Vec<u8>> {
    use base64::{Engine as _, engine::general_purpose::STANDARD};
    STANDARD.decode(&stamp.response).ok()
}

/// Whether a stamp is of a head, as far as it says itself.
fn is_stamped(head: &SignedHead, stamp: &Stamp) -> Result<(), RegisterError> {
    let response = response_of(stamp).unwrap_or_default();
    let facts = stamp::facts_of(&head.text(), &response)?;
    if facts == stamp.facts {
        Ok(())
    } else {
        let why = "it says something else than its token".to_owned();
        Err(countermark_evidence::EvidenceError::StampBroken(why).into())
    }
}

/// The newest head, signed now unless nothing but heads and stamps came after it.
///
/// # Errors
/// As for every act; [`RegisterError::LedgerBroken`] where the ledger does not hold.
pub fn sign_head(register: &dyn Register) -> Result<HeadOnRecord, RegisterError> {
    if let Some(why) = register.testimony()?.broken() {
        return Err(RegisterError::LedgerBroken {
            place: register.place(),
            why: Box::new(why.clone()),
        });
    }
    let key = register.evidence_key()?;
    let proofs = Proofs::of(register)?;
    let public = key.public().to_string();
    let mut newest = proofs
        .heads
        .iter()
        .rev()
        .filter(|found| found.head.key == public);
    if let Some(found) = newest.next()
        && found.head.size >= proofs.last_act
    {
        return Ok(found.clone());
    }
    let size = proofs.size();
    let root = proofs.tree.root(size).unwrap_or_default();
    let head = SignedHead::sign(size, &root, Timestamp::now().as_str(), &key);
    register.enter(Act::HeadSigned, &json!(head))?;
    Ok(HeadOnRecord {
        seq: size as i64 + 1,
        head,
        stamp: None,
    })
}

/// Verifies an authority's response for a head on record with the authority's certificates (PEM), and puts it on record.
///
/// # Errors
/// [`RegisterError::NoHead`] when it is of no head on record, [`RegisterError::Evidence`] when it does not hold; nothing is put on
/// record then.
pub fn take_stamp(
    register: &dyn Register,
    response: &[u8],
    authority: &str,
) -> Result<HeadOnRecord, RegisterError> {
    let proofs = Proofs::of(register)?;
    let mut last = None;
    for found in proofs.heads.iter().rev() {
        match stamp::accept(&found.head.text(), response, authority) {
            Ok(stamp) => {
                let head = found.head.clone();
                let form = StampForm { head, stamp };
                register.enter(Act::HeadStamped, &json!(form))?;
                return Ok(HeadOnRecord {
                    seq: proofs.size() as i64 + 1,
                    head: form.head,
                    stamp: Some(form.stamp),
                });
            }
            Err(countermark_evidence::EvidenceError::OtherDigest { found, .. }) => {
                last = Some(found);
            }
            Err(error) => return Err(error.into()),
        }
    }
    Err(RegisterError::NoHead {
        digest: last.unwrap_or_else(|| "none".to_owned()),
        place: register.place(),
    })
}

/// The proof that the entry `seq` is in the ledger.
///
/// # Errors
/// As [`sign_head`], where no head holds the entry yet.
pub fn prove(register: &dyn Register, seq: i64) -> Result<Option<EntryProof>, RegisterError> {
    let newest = sign_head(register)?;
    let proofs = Proofs::of(register)?;
    let mut found = None;
    register.walk_ledger(&mut |entry| {
        if entry.seq == seq {
            found = proofs.opened(&entry, newest.head.size);
        }
        found.is_none()
    })?;
    let older = proofs
        .heads
        .iter()
        .rev()
        .find(|found| found.head.size < newest.head.size);
    let since = older.and_then(|older| {
        let path = proofs.tree.consistency(older.head.size, newest.head.size)?;
        let path = path.iter().map(|hash| to_hex(hash)).collect();
        Some((older.head.clone(), path))
    });
    Ok(found.map(|entry| EntryProof {
        entry,
        head: newest.head,
        stamp: newest.stamp.map(|stamp| stamp.facts),
        since,
    }))
}
