//! Where a clip comes from, as whoever sent it says.
//!
//! # Shapes and units
//! An address of at most 2,000 characters, `http` or `https`; names of at most 200.

use super::store::{DeskError, text};

/// Where a clip was seen, and who put it there.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Origin {
    /// The address it was found at.
    pub source: Option<String>,
    /// The account that put it there.
    pub uploader: Option<String>,
    /// The platform that shows it.
    pub platform: Option<String>,
}

impl Origin {
    /// What was said of it, as it may be kept and shown.
    ///
    /// # Errors
    /// [`DeskError::Refused`].
    pub fn new(
        source: Option<&str>,
        uploader: Option<&str>,
        platform: Option<&str>,
    ) -> Result<Self, DeskError> {
        let source = source.map(|source| text(source, 2000)).transpose()?;
        let is_address = |source: &str| {
            let rest = source
                .strip_prefix("http://")
                .or(source.strip_prefix("https://"));
            rest.is_some_and(|rest| !rest.is_empty() && !rest.contains(char::is_whitespace))
        };
        if source.is_some_and(|source| !is_address(source)) {
            return Err(DeskError::Refused("the source is no http or https address"));
        }
        let named = |name: Option<&str>| {
            let name = name.map(|name| text(name, 200)).transpose();
            name.map(|name| name.map(str::to_owned))
        };
        Ok(Self {
            source: source.map(str::to_owned),
            uploader: named(uploader)?,
            platform: named(platform)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_is_an_address_that_a_browser_may_be_sent_to() {
        let is_taken = |source: &str| Origin::new(Some(source), None, None).is_ok();
        assert!(is_taken("https://tube.example/watch?v=1"));
        for trick in [
            "javascript:alert(1)",
            "https://",
            "http://a b",
            "",
            "https://a\u{7}",
        ] {
            assert!(!is_taken(trick), "{trick}");
        }
        assert_eq!(
            Origin::new(None, Some(" a "), None)
                .expect("a name")
                .uploader,
            Some("a".to_owned())
        );
    }
}
