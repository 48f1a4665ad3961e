//! Answers as people and programs take them: pages, drawings, words for a terminal, JSON, CSV, JUnit.
//!
//! ```text
//! countermark-trace: ClipReport | Identification
//!     -> Answer -> words (terminal)
//!              |-> json::Document (one line, with the schema's version)
//!              |-> rows (CSV)
//!              \-> Statement, Exhibits, Custody, Circumstances -> page -> Folder: CLIP.html, CLIP.json, index.html
//! countermark-register: titles, deliveries -> records -> words, json::Document
//! countermark-mastering: Verification -> verification -> words, json::Document; contact_sheet
//! countermark-catalogue: VaultCheck, Copied -> check, backup -> words, json::Document
//! every command of post-production -> production -> words, json::Document
//! ```
//!
//! This crate stands above `countermark-trace` and knows nothing of terminals and command lines: it makes text, and
//! [`Folder`] alone writes files. [`examine`] is what a command, a server and a worker do with one clip. Pages have one
//! shell and one style sheet ([`html`]), drawings one set of axes ([`svg`]).
//!
//! ```
//! use countermark_report::svg::{Axis, Look, Plot, Point, Series, Tone};
//!
//! let points = [(23.0, 1.0), (33.0, 0.75)].map(|(x, y)| Point { x, y, interval: None });
//! let plot = Plot {
//!     title: "Rate of exact answers against CRF".into(),
//!     width: 420.0,
//!     height: 300.0,
//!     x: Axis::through("CRF", &[23.0, 33.0]),
//!     y: Axis::rate("exact"),
//!     series: vec![Series { name: "read".into(), tone: Tone::First, look: Look::Curve, points: points.into() }],
//! };
//! let body = maud::html! { figure { (plot.to_svg()) } };
//! let page = countermark_report::html::document("Robustness & cost", &body);
//! assert!(page.contains("<title>Robustness &amp; cost</title>"));
//! ```

mod answer;
mod audience;
pub mod backup;
pub mod batch;
pub mod bundle;
mod bundle_stamp;
pub mod check;
pub mod circumstances;
mod contact_sheet;
pub mod csv;
mod custody;
mod error;
mod examination;
mod folder;
pub mod html;
pub mod json;
mod junit;
mod kept;
pub mod ledger;
mod listening;
pub mod page;
mod print_made;
pub mod production;
pub mod records;
pub mod rows;
mod sheet;
#[cfg(test)]
mod specimen;
mod still;
pub mod svg;
mod tally;
pub mod verification;
pub mod visible;
pub mod words;

pub use answer::Answer;
pub use audience::Audience;
pub use bundle::CaseFile;
pub use bundle_stamp::BundleStamp;
pub use circumstances::Circumstances;
pub use contact_sheet::contact_sheet;
pub use custody::Custody;
pub use error::ReportError;
pub use examination::{Examined, examine};
pub use folder::{Folder, Subject};
pub use junit::{Case, JunitHead, Outcome, junit};
pub use kept::kept;
pub use listening::Listening;
pub use page::{Page, Statement, Work};
pub use print_made::PrintMade;
pub use tally::Tally;
