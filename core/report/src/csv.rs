//! Tables for spreadsheets.
//!
//! # Shapes and units
//! A line of names, then a line for each row; lines end in `\n`; a field that holds a comma, a quote or a line end is quoted.
//! # References
//! Y. Shafranovich (2005), Common Format and MIME Type for Comma-Separated Values (CSV) Files, RFC 4180.

use std::io;

use crate::ReportError;

/// A table of `N` columns.
///
/// # Errors
/// None that a table in memory can have: the type says that all rows are as long as the head.
pub fn table<const N: usize>(
    head: [&str; N],
    rows: impl IntoIterator<Item = [String; N]>,
) -> Result<String, ReportError> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(head).map_err(ReportError::Csv)?;
    for row in rows {
        writer.write_record(row).map_err(ReportError::Csv)?;
    }
    let bytes = writer
        .into_inner()
        .map_err(|error| ReportError::Csv(error.into_error().into()))?;
    String::from_utf8(bytes)
        .map_err(|error| ReportError::Csv(io::Error::new(io::ErrorKind::InvalidData, error).into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_come_back_as_they_were() {
        let rows = [
            ["A, \"first\"".to_owned(), "two\nlines".to_owned()],
            [String::new(), "plain".to_owned()],
        ];
        let text = table(["name", "what"], rows.clone()).expect("a table");
        assert!(
            text.starts_with("name,what\n\"A, \"\"first\"\"\","),
            "{text}"
        );
        assert!(text.ends_with(",plain\n"), "{text}");
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        let back: Vec<Vec<String>> = reader
            .records()
            .map(|record| record.expect("a row").iter().map(str::to_owned).collect())
            .collect();
        assert_eq!(back, rows.map(Vec::from));
    }
}
