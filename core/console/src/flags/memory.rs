//! Sizes of memory as they are typed.

/// The bytes that a text says, such as 800M or 8G: powers of 1024.
///
/// # Errors
/// What is wanted, where it says none.
pub fn memory(text: &str) -> Result<u64, String> {
    let wanted = || "a size such as 800M or 8G is wanted".to_owned();
    let text = text
        .strip_suffix("iB")
        .or_else(|| text.strip_suffix('B'))
        .unwrap_or(text);
    let units = [('T', 40), ('G', 30), ('M', 20), ('K', 10)];
    let unit = units.into_iter().find_map(|(unit, shift)| {
        let small = unit.to_ascii_lowercase();
        Some((text.strip_suffix([unit, small])?, shift))
    });
    let (number, shift) = unit.unwrap_or((text, 0));
    let number: u64 = number.parse().map_err(|_| wanted())?;
    let bytes = number.checked_mul(1 << shift);
    bytes.filter(|bytes| *bytes > 0).ok_or_else(wanted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_powers_of_1024() {
        for (text, bytes) in [
            ("8G", 8 << 30),
            ("800m", 800 << 20),
            ("1GiB", 1 << 30),
            ("64KB", 64 << 10),
            ("123", 123),
        ] {
            assert_eq!(memory(text), Ok(bytes), "{text}");
        }
        for text in ["", "0", "G", "8GG", "-1G", "1.5G", "99999999999T", "8 G"] {
            assert!(memory(text).is_err(), "{text}");
        }
    }
}
