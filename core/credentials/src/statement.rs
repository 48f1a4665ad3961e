//! What a manifest of ours states.

/// What a manifest states of a copy.
#[derive(Debug, Clone, Copy)]
pub struct Statement<'a> {
    /// Name of the title.
    pub title: &'a str,
    /// Version of the mark's format, see [`algorithm`].
    pub format: u32,
    /// The value of the soft binding: the commitment to the delivery's payload, 64 hex digits.
    pub binding: &'a str,
    /// Version of the program that marked.
    pub version: &'a str,
}

/// The name of the soft binding algorithm of a format of the mark.
#[must_use]
pub fn algorithm(format: u32) -> String {
    format!("{ALGORITHM}{format}")
}

/// Whether a soft binding is one of this program's, of any format of the mark.
pub(crate) fn is_ours(algorithm: &str) -> bool {
    algorithm.strip_prefix(ALGORITHM).is_some_and(|format| {
        !format.is_empty() && format.bytes().all(|byte| byte.is_ascii_digit())
    })
}

const ALGORITHM: &str = "org.countermark.";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn algorithms_of_every_format_are_ours_and_no_others() {
        assert_eq!(algorithm(2), "org.countermark.2");
        assert!(is_ours(&algorithm(1)) && is_ours("org.countermark.17"));
        for other in [
            "org.countermark.",
            "org.countermark.2b",
            "org.countermark",
            "com.example.2",
        ] {
            assert!(!is_ours(other), "{other}");
        }
    }
}
