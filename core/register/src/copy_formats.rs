//! The formats of a title's copies: a detector follows the format that is on record of each delivery.

use countermark_mark::FormatSpec;

use crate::{DeliveryRecord, Register, RegisterError, TitleId};

/// What is to be looked for when a title's copies are.
#[derive(Debug, Clone, PartialEq)]
pub struct CopyFormats {
    /// Newest first; the current one where no copy is on record yet, for a payload may be read that is on no record.
    pub known: Vec<FormatSpec>,
    /// Copies of formats that only a newer program knows.
    pub unknown: usize,
}

impl CopyFormats {
    /// Looks them up.
    ///
    /// # Errors
    /// When the register cannot be read.
    pub fn of_title<R: Register + ?Sized>(
        register: &R,
        title: TitleId,
    ) -> Result<Self, RegisterError> {
        let deliveries = register.deliveries(Some(title))?;
        let copies = deliveries.iter().filter(|delivery| delivery.may_exist());
        let (mut known, mut unknown) = (Vec::<FormatSpec>::new(), 0);
        for format in copies.map(DeliveryRecord::format) {
            match format {
                Ok(format) if !known.contains(&format) => known.push(format),
                Ok(_) => (),
                Err(_) => unknown += 1,
            }
        }
        if known.is_empty() {
            known.push(FormatSpec::CURRENT);
        }
        known.sort_by_key(|format| std::cmp::Reverse(format.version()));
        Ok(Self { known, unknown })
    }

    /// The newest format that this program knows.
    #[must_use]
    pub fn newest(&self) -> FormatSpec {
        self.known.first().copied().unwrap_or(FormatSpec::CURRENT)
    }
}
