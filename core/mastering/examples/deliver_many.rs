//! Three marked copies of one master from one decode.
//!
//! ```text
//! cargo run --release -p countermark-mastering --example deliver_many [MASTER [FOLDER]]
//! ```
//!
//! Without arguments it takes the sample `street.mp4` and a folder that it removes at the end.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "an example talks to its reader"
)]

use std::error::Error;
use std::path::{Path, PathBuf};

use countermark_catalogue::Vault;
use countermark_mastering::{
    CopyRequest, DeliveryRequest, EncodeChoice, Observer, Stage, Strength, TitleRequest, deliver,
    register_title,
};
use countermark_register::Licence;

/// Shows where the work is.
struct Shown;

impl Observer for Shown {
    fn stage(&self, stage: Stage, frames: Option<u64>) {
        let frames = frames.map_or_else(String::new, |frames| format!(", about {frames} frames"));
        eprintln!("{stage:?}{frames}");
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args_os().skip(1).map(PathBuf::from);
    let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../samples/street.mp4");
    let master = arguments.next().unwrap_or(sample);
    let temporary = tempfile::tempdir()?;
    let folder = arguments
        .next()
        .unwrap_or_else(|| temporary.path().to_owned());

    let vault = Vault::init(&folder.join("vault"))?;
    let title = TitleRequest {
        master: master.clone(),
        name: "Film".to_owned(),
        threads: None,
    };
    register_title(&vault, &title, &Shown)?;

    let distributors = ["Nordlicht", "Seaview", "Lumen"];
    let mut copies = Vec::new();
    for distributor in distributors {
        vault.register().add_distributor(distributor)?;
        copies.push(CopyRequest {
            distributor: distributor.to_owned(),
            licensee: Some("Festival".to_owned()),
            licence: Licence::default(),
            output: folder.join(format!("film-{distributor}.mp4")),
            encode: EncodeChoice::default(),
        });
    }
    let request = DeliveryRequest {
        title: title.name,
        master,
        copies,
        strength: Strength::DEFAULT,
        threads: None,
        verify: true,
        signer: None,
    };
    for copy in deliver(&vault, &request, &Shown)? {
        let copy = copy?;
        let (delivery, report) = (&copy.delivery, &copy.transcode);
        println!(
            "{}: payload {} for {}, {} frames, {:.1} MB, PSNR-Y {:.1} dB",
            copy.output.display(),
            delivery.payload,
            delivery.distributor,
            report.frames,
            report.bytes as f64 / 1e6,
            delivery.psnr_y_db.unwrap_or(f64::INFINITY),
        );
    }
    Ok(())
}
