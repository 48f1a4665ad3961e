//! What a token says: of which digest, when, under which policy.
//!
//! ```text
//! TimeStampResp { status { 0 | 1 }, ContentInfo { signedData, [0] SignedData { version, algorithms, { id-ct-TSTInfo, [0] octets } } } }
//! TSTInfo { version, policy, { algorithm, digest }, serial number, time, ... }
//! ```

use serde::{Deserialize, Serialize};

use super::der::{
    CONTEXT_0, GENERALIZED_TIME, INTEGER, OCTETS, OID, SEQUENCE, SET, Values, dotted,
};
use crate::{EvidenceError, hex::to_hex};

/// `id-ct-TSTInfo`, 1.2.840.113549.1.9.16.1.4.
const TST_INFO: [u8; 11] = [
    0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x10, 0x01, 0x04,
];
/// `esi4-qtstStatement-1`, 0.4.0.19422.1.1, with its tag.
const QUALIFIED: [u8; 9] = [0x06, 0x07, 0x04, 0x00, 0x81, 0x97, 0x5e, 0x01, 0x01];

/// What a token says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StampFacts {
    /// The digest it is of, hex.
    pub digest: String,
    /// The time, RFC 3339 in UTC.
    pub time: String,
    /// The same in whole seconds since 1970.
    pub unix_seconds: i64,
    /// The authority's policy.
    pub policy: String,
    /// The token's serial number, hex.
    pub serial: String,
    /// Whether it claims to be a qualified one of the European Union. That it is one is said by a trusted list alone.
    pub claims_qualified: bool,
}

impl StampFacts {
    /// Out of an authority's response.
    ///
    /// # Errors
    /// [`EvidenceError::NoStamp`] for a refusal, and for what is no response.
    pub(super) fn of(response: &[u8]) -> Result<Self, EvidenceError> {
        let no = |why: &str| EvidenceError::NoStamp(why.to_owned());
        let nonsense = || no("the answer is none of a time stamping authority");
        let mut response = Values(response).enter(SEQUENCE).ok_or_else(nonsense)?;
        let mut status = response.enter(SEQUENCE).ok_or_else(nonsense)?;
        match status.take(INTEGER).ok_or_else(nonsense)? {
            [0 | 1] => {}
            [status] => {
                return Err(no(&format!("the authority refused, with status {status}")));
            }
            _ => return Err(nonsense()),
        }
        let info = token(response).ok_or_else(|| no("the answer holds no token"))?;
        Self::of_info(info).ok_or_else(|| no("the token cannot be read"))
    }

    fn of_info(info: &[u8]) -> Option<Self> {
        let mut info_values = Values(info).enter(SEQUENCE)?;
        info_values.take(INTEGER)?;
        let policy = dotted(info_values.take(OID)?);
        let mut imprint = info_values.enter(SEQUENCE)?;
        imprint.take(SEQUENCE)?;
        let digest = to_hex(imprint.take(OCTETS)?);
        let serial = to_hex(info_values.take(INTEGER)?);
        let time = std::str::from_utf8(info_values.take(GENERALIZED_TIME)?).ok()?;
        let (time, unix_seconds) = instant(time)?;
        Some(Self {
            digest,
            time,
            unix_seconds,
            policy,
            serial,
            claims_qualified: info.windows(QUALIFIED.len()).any(|at| at == QUALIFIED),
        })
    }
}

/// The `TSTInfo` of a response behind its status.
fn token(mut response: Values<'_>) -> Option<&[u8]> {
    let mut content = response.enter(SEQUENCE)?;
    content.take(OID)?;
    let mut signed = content.enter(CONTEXT_0)?.enter(SEQUENCE)?;
    signed.take(INTEGER)?;
    signed.take(SET)?;
    let mut inner = signed.enter(SEQUENCE)?;
    if inner.take(OID)? != TST_INFO {
        return None;
    }
    inner.enter(CONTEXT_0)?.take(OCTETS)
}

/// `20261130011500.5Z` as RFC 3339, and in seconds since 1970.
///
/// ```text
/// days = 365 y + y/4 - y/100 + y/400 + (153 m + 2)/5 + d - 719,469,  years from 1 March
/// ```
fn instant(text: &str) -> Option<(String, i64)> {
    let text = text.strip_suffix('Z')?;
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    if whole.len() != 14
        || !whole
            .bytes()
            .chain(fraction.bytes())
            .all(|b| b.is_ascii_digit())
    {
        return None;
    }
    let part = |at: usize, length: usize| &whole[at..at + length];
    let number = |at, length| part(at, length).parse::<i64>().ok();
    let (year, month, day) = (number(0, 4)?, number(4, 2)?, number(6, 2)?);
    let (hour, minute, second) = (number(8, 2)?, number(10, 2)?, number(12, 2)?);
    if !(1..=12).contains(&month) || !(1..=31).contains(&day) || hour > 23 || minute > 59 {
        return None;
    }
    let years = year - i64::from(month <= 2);
    let shifted = (month + 9) % 12;
    let days = 365 * years + years / 4 - years / 100 + years / 400 + (153 * shifted + 2) / 5 + day;
    let seconds = (days - 719_469) * 86_400 + hour * 3600 + minute * 60 + second;
    let point = if fraction.is_empty() { "" } else { "." };
    let told = format!(
        "{}-{}-{}T{}:{}:{}{point}{fraction}Z",
        part(0, 4),
        part(4, 2),
        part(6, 2),
        part(8, 2),
        part(10, 2),
        part(12, 2)
    );
    Some((told, seconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_of_tokens_are_instants() {
        assert_eq!(
            instant("20000229000000Z"),
            Some(("2000-02-29T00:00:00Z".to_owned(), 951_782_400))
        );
        assert_eq!(
            instant("19700101000001.25Z"),
            Some(("1970-01-01T00:00:01.25Z".to_owned(), 1))
        );
        for text in [
            "",
            "Z",
            "2000022900000Z",
            "20001329000000Z",
            "2000022900000éZ",
            "20000229000000",
        ] {
            assert_eq!(instant(text), None, "{text}");
        }
    }

    #[test]
    fn nonsense_and_a_refusal_are_no_stamps() {
        let said = |bytes: &[u8]| StampFacts::of(bytes).expect_err("no stamp").to_string();
        assert_eq!(
            said(b"<html>404</html>"),
            "no time stamp: the answer is none of a time stamping authority"
        );
        assert_eq!(
            said(&[0x30, 5, 0x30, 3, 2, 1, 2]),
            "no time stamp: the authority refused, with status 2"
        );
        assert_eq!(
            said(&[0x30, 5, 0x30, 3, 2, 1, 0]),
            "no time stamp: the answer holds no token"
        );
    }
}
