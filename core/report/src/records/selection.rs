//! Which deliveries are listed.

use countermark_register::{DeliveryRecord, FileHash, Register, RegisterError};

/// What a delivery must be like to be listed; nothing by default.
#[derive(Debug, Clone, Default)]
pub struct Selection {
    /// Name of its title.
    pub title: Option<String>,
    /// Name of its distributor.
    pub distributor: Option<String>,
    /// Its payload, hex digits.
    pub payload: Option<String>,
    /// SHA-256 of its file.
    pub sha256: Option<FileHash>,
    /// A place that it is licensed for.
    pub territory: Option<String>,
    /// Its contract.
    pub contract: Option<String>,
    /// The word of its state.
    pub state: Option<String>,
}

impl Selection {
    /// The deliveries on record that are meant, oldest first.
    ///
    /// # Errors
    /// When the register cannot be read, or a name is not on record.
    pub fn of(&self, register: &dyn Register) -> Result<Vec<DeliveryRecord>, RegisterError> {
        let title = self.title.as_ref();
        let title = title.map(|name| register.title_named(name)).transpose()?;
        let mut deliveries = register.deliveries(title.map(|title| title.id))?;
        if let Some(name) = &self.distributor {
            let id = register.distributor_named(name)?.id;
            deliveries.retain(|it| it.distributor_id == id);
        }
        deliveries.retain(|it| self.means(it));
        Ok(deliveries)
    }

    /// Whether a delivery is meant, by what its own record says.
    fn means(&self, it: &DeliveryRecord) -> bool {
        fn agrees<T>(wanted: Option<&T>, is_so: impl Fn(&T) -> bool) -> bool {
            wanted.is_none_or(is_so)
        }
        let alike = |a: &str, b: &str| a.eq_ignore_ascii_case(b);
        let places = &it.licence.territories;
        agrees(self.payload.as_ref(), |hex| {
            alike(&it.payload.to_string(), hex)
        }) && agrees(self.sha256.as_ref(), |hash| it.output_sha256 == Some(*hash))
            && agrees(self.territory.as_ref(), |place| {
                places.iter().any(|own| alike(own, place))
            })
            && agrees(self.contract.as_ref(), |own| {
                it.licence.contract.as_ref() == Some(own)
            })
            && agrees(self.state.as_ref(), |state| it.state.as_str() == state)
    }
}
