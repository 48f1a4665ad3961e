//! Answers as people and programs take them: pages, words for a terminal, JSON.
//!
//! ```text
//! countermark-trace: ClipReport | Identification
//!     -> Answer -> words (terminal)
//!              |-> json::Document (one line, with the schema's version)
//!              \-> Statement, Exhibits, Custody -> Page -> Folder: CLIP.html, CLIP.json
//! ```
//!
//! This crate stands above `countermark-trace` and knows nothing of terminals and command lines: it makes text, and
//! [`Folder`] alone writes files. [`examine`] is what a command, a server and a worker do with one clip.

mod answer;
mod custody;
mod error;
mod examination;
mod folder;
pub mod json;
pub mod markup;
mod page;
mod sheet;
#[cfg(test)]
mod specimen;
mod svg;
pub mod words;

pub use answer::Answer;
pub use custody::Custody;
pub use error::ReportError;
pub use examination::{Examined, examine};
pub use folder::Folder;
pub use page::{Page, Statement, Work};
