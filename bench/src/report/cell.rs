//! What stands in a cell of a table.

use crate::suite::DetectorPath;

/// A path as it stands in tables.
pub(super) fn path_name(path: DetectorPath) -> &'static str {
    match path {
        DetectorPath::Read => "read",
        DetectorPath::Trace => "trace",
        DetectorPath::Identify => "identify",
    }
}

/// A number, or a dash where there is none.
pub(super) fn cell(value: Option<f64>, digits: usize) -> String {
    value.map_or("-".to_owned(), |v| format!("{v:.digits$}"))
}
