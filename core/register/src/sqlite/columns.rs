//! How values stand in columns: identifiers, payloads and hashes as hex text, states as words, times as RFC 3339.

use countermark_mark::Payload;
use rusqlite::{
    ToSql,
    types::{FromSql, FromSqlError, FromSqlResult, ToSqlOutput, ValueRef},
};

use crate::{DeliveryId, DeliveryState, DistributorId, FileHash, Timestamp, TitleId};

macro_rules! hex_column {
    ($($name:ident),*) => {$(
        impl ToSql for $name {
            fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
                Ok(self.to_string().into())
            }
        }

        impl FromSql for $name {
            fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
                let text = value.as_str()?;
                Self::parse(text).ok_or_else(|| {
                    FromSqlError::Other(
                        format!(concat!("{:?} is not a ", stringify!($name)), text).into(),
                    )
                })
            }
        }
    )*};
}

hex_column!(TitleId, DistributorId, DeliveryId, FileHash);

/// A payload in a column.
pub(super) struct StoredPayload(pub(super) Payload);

impl FromSql for StoredPayload {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        let text = value.as_str()?;
        crate::hex::from_hex(text)
            .map(|bytes| Self(Payload::new(u64::from_be_bytes(bytes))))
            .ok_or_else(|| FromSqlError::Other(format!("{text:?} is not a payload").into()))
    }
}

impl ToSql for DeliveryState {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(self.as_str().into())
    }
}

impl FromSql for DeliveryState {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        match value.as_str()? {
            "pending" => Ok(Self::Pending),
            "complete" => Ok(Self::Complete),
            "failed" => Ok(Self::Failed),
            other => Err(FromSqlError::Other(
                format!("{other:?} is not a delivery's state").into(),
            )),
        }
    }
}

impl ToSql for Timestamp {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(self.as_str().into())
    }
}

impl FromSql for Timestamp {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        String::column_result(value).map(Self::on_record)
    }
}
