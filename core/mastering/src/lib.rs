//! Mastering: registers titles, and makes marked copies of their masters, one or many from one decode.
//!
//! ```text
//! register_title:  master -> proxy, fingerprints -> on record
//! deliver:         master -> decode once -> mark 1 .. mark N -> encode 1 .. encode N -> names, on record
//! batch:           many rows of a list -> deliver, unattended
//! verify:          a copy read back -> what is wrong with it
//! settle:          what killed processes left -> failed or complete
//! ```
//!
//! A delivery is on record before its copy has its name, and a copy has its name only when it is whole: a process that is
//! killed, at any moment, leaves neither a half file nor a copy that nobody knows of. An [`Observer`] is told of stages
//! and progress, and ends the work through its [`CancelToken`]. Nothing here prints, asks, or ends the process.
//!
//! ```
//! use countermark_mastering::{CopyRequest, DeliveryRequest, EncodeChoice, Strength, TitleRequest, deliver, register_title};
//! use countermark_catalogue::Vault;
//! use countermark_register::Licence;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let folder = tempfile::tempdir()?;
//! # let master = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../samples/street.mp4");
//! # let fast = EncodeChoice { preset: Some("ultrafast".to_owned()), ..EncodeChoice::default() };
//! let vault = Vault::init(&folder.path().join("vault"))?;
//! vault.register().add_distributor("Nord")?;
//! vault.register().add_distributor("Sea")?;
//! let title = TitleRequest { master: master.clone(), name: "Street".to_owned(), threads: None };
//! register_title(&vault, &title, &())?;
//!
//! let copy = |distributor: &str| CopyRequest {
//!     distributor: distributor.to_owned(),
//!     licensee: None,
//!     licence: Licence::default(),
//!     output: folder.path().join(distributor).with_extension("mp4"),
//! #   encode: fast.clone(), /*
//!     encode: EncodeChoice::default(),
//! #   */
//! };
//! let request = DeliveryRequest {
//!     title: "Street".to_owned(),
//!     master,
//!     copies: vec![copy("Nord"), copy("Sea")],
//!     strength: Strength::DEFAULT,
//!     threads: None,
//!     verify: true,
//!     signer: None,
//! };
//! for copy in deliver(&vault, &request, &())? {
//!     let copy = copy?;
//!     println!("{} carries {}", copy.output.display(), copy.delivery.payload);
//! }
//! # Ok(())
//! # }
//! ```
//!
//! # Shapes and units
//! Frames are counted from 0, lengths are seconds of media time, PSNR is in dB over luma before encoding.
//! # Threads
//! Decoding, marking and encoding run at the same time; see [`DeliveryRequest::threads`].

pub mod batch;
mod delivered;
mod delivery;
mod encode;
mod error;
mod frames;
mod like;
mod likeness;
mod marker;
mod observer;
mod preset;
mod proxy;
mod request;
mod settle;
mod settled;
mod telling;
mod title;
pub mod verify;

pub use countermark_credentials::{CredentialsError, Signer};
pub use countermark_mark::Strength;
pub use countermark_media::{
    CancelToken, Carriage, Fate, LossKind, MediaError, Piped, Rate, Rational, TranscodeReport,
    VideoCodec, sequence_path,
};
pub use delivered::{Delivered, FailedCopy};
pub use delivery::{Hand, deliver, deliver_handed, deliver_piped};
pub use encode::EncodeChoice;
pub use error::MasteringError;
pub use observer::{Notice, Observer, Stage};
pub use preset::{Preset, PresetError, Presets};
pub use request::{CopyRequest, DeliveryRequest, check};
pub use settle::settle;
pub use settled::Settled;
pub use title::{RegisteredTitle, TitleRequest, register_title};
