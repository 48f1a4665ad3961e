//! The newest entry of the ledger, remembered outside of the database.

use super::{SqliteRegister, ledger::next_head};
use crate::{Claims, ledger::head};

const HEAD_LOCK: &str = "head.lock";

impl SqliteRegister {
    /// Remembers the newest entry outside of the database. One that says more than the ledger stays, for it shows what is gone.
    ///
    /// The act is on record whatever becomes of this: a head that could not be written is older than the ledger, which a check
    /// says and the next act mends.
    pub(super) fn remember_head(&self, claims: &Claims) {
        let remembered = claims.alone(HEAD_LOCK, || {
            let remembered = head::read(&self.root, self.ledger_key()).ok()?;
            let next = self.read(|db| next_head(db, &remembered)).ok()??;
            next.write(&self.root, self.ledger_key()).ok()
        });
        let _ = remembered;
    }
}
