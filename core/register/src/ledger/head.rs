//! The head of the ledger, remembered outside of the database.
//!
//! ```text
//! secret/ledger.head:  countermark ledger head 1 LF  <seq> <hash> <first> LF  <mac> LF
//! mac = HMAC-SHA256(ledger key, "countermark ledger head 1" || seq || hash || first)
//! ```
//!
//! The file is replaced as a whole after each act, and only by a later entry of the same chain: a ledger whose tail was cut, or an
//! older copy of the database, has fewer entries than it says. `first` is the first entry with a MAC, so that a ledger which was
//! written anew and authenticated a second time (as a migration would) is told from the old one. A process that is killed
//! between the act and the file leaves a head that is older than the ledger, which says nothing against it.
//!
//! # Shapes and units
//! `seq` and `first` count from 1, and are hashed as 64-bit big-endian numbers.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use super::key::{LedgerKey, Purpose};
use crate::{
    hex::{from_hex, to_hex},
    private_file::{self, Existing},
};

const HEADER: &str = "countermark ledger head 1";
const FILE: &str = "secret/ledger.head";

/// A head as it was remembered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Head {
    /// The entry.
    pub(crate) seq: i64,
    /// Its hash, hex.
    pub(crate) hash: String,
    /// The first entry with a MAC.
    pub(crate) first: i64,
}

/// What is in the place of the remembered head.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Remembered {
    /// The head.
    Head(Head),
    /// No file.
    Nothing,
    /// A file that this register did not write, or a damaged one.
    Damaged,
}

/// Where the head of the register at `root` is remembered.
pub(crate) fn path(root: &Path) -> PathBuf {
    root.join(FILE)
}

impl Head {
    fn message(&self) -> Vec<u8> {
        let mut message = self.seq.to_be_bytes().to_vec();
        message.extend(self.hash.as_bytes());
        message.extend(self.first.to_be_bytes());
        message
    }

    /// Remembers it in the place of another one.
    ///
    /// # Errors
    /// When the file cannot be written; the other one stays then.
    pub(crate) fn write(&self, root: &Path, key: &LedgerKey) -> io::Result<()> {
        let mac = to_hex(&key.mac(Purpose::Head, &self.message()));
        let text = format!(
            "{HEADER}\n{} {} {}\n{mac}\n",
            self.seq, self.hash, self.first
        );
        private_file::write(&path(root), text.as_bytes(), Existing::Replace)
    }

    fn parse(text: &[u8], key: &LedgerKey) -> Option<Self> {
        let mut lines = std::str::from_utf8(text).ok()?.lines();
        (lines.next()? == HEADER).then_some(())?;
        let mut words = lines.next()?.split(' ');
        let head = Self {
            seq: words.next()?.parse().ok()?,
            hash: words.next()?.to_owned(),
            first: words.next()?.parse().ok()?,
        };
        let mac = from_hex(lines.next()?)?;
        key.holds(Purpose::Head, &head.message(), &mac)
            .then_some(head)
    }
}

/// The head that is remembered of the register at `root`.
///
/// # Errors
/// When a file is there and cannot be read.
pub(crate) fn read(root: &Path, key: &LedgerKey) -> io::Result<Remembered> {
    match fs::read(path(root)) {
        Ok(text) => Ok(Head::parse(&text, key).map_or(Remembered::Damaged, Remembered::Head)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Remembered::Nothing),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_round_trips_and_a_changed_or_foreign_one_is_damaged() {
        let root = tempfile::tempdir().expect("a folder");
        fs::create_dir(root.path().join("secret")).expect("a folder");
        let key = LedgerKey::of(&[1; 32]);
        let remembered = || read(root.path(), &key).expect("read");
        assert_eq!(remembered(), Remembered::Nothing);
        let head = Head {
            seq: 12,
            hash: to_hex(&[0xab; 32]),
            first: 3,
        };
        head.write(root.path(), &key).expect("written");
        assert_eq!(remembered(), Remembered::Head(head));
        let foreign = read(root.path(), &LedgerKey::of(&[2; 32])).expect("read");
        assert_eq!(foreign, Remembered::Damaged);
        let file = path(root.path());
        let text = fs::read_to_string(&file).expect("a head");
        fs::write(&file, text.replacen("12 ", "11 ", 1)).expect("own file");
        assert_eq!(remembered(), Remembered::Damaged);
    }
}
