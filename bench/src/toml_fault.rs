//! Where a TOML text is wrong, and why, in one line.

/// `line 3: why`, lines from one.
pub(crate) fn toml_fault(text: &str, error: &toml::de::Error) -> String {
    let why = error.message().lines().collect::<Vec<_>>().join(" ");
    let before = error.span().and_then(|span| text.get(..span.start));
    match before {
        Some(before) => format!("line {}: {why}", before.matches('\n').count() + 1),
        None => why,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_is_one_line_and_says_which() {
        let text = "a = 1\nb = = 2\n";
        let error = toml::from_str::<toml::Table>(text).expect_err("no value");
        let fault = toml_fault(text, &error);
        assert!(
            fault.starts_with("line 2: ") && fault.lines().count() == 1,
            "{fault}"
        );
    }
}
