//! A manifest, put into a file of ISO base media.
//!
//! ```text
//! ftyp, moov, mdat  ->  ftyp, uuid (a place of the right size), moov', mdat  ->  hash of all but the place  ->  signed, put into the place
//! ```
//!
//! `moov'` has its chunk offsets moved. The file is written once and read once more for its hash; nothing goes to a temporary folder.
//!
//! # Shapes and units
//! Positions and sizes in bytes.

use std::io::{self, Read, Seek, SeekFrom, Write};

use c2pa::assertions::{Action, Actions, SoftBinding, SoftBindingBlock, SoftBindingScope};
use c2pa::{BoxedSigner, Builder, BuilderIntent, ClaimGeneratorInfo, Ingredient, jumbf_io};
use countermark_media::iso;

use super::context;
use crate::Statement;
use crate::place::manifest_box;
use crate::statement::algorithm;

/// What is before the manifest store in its box.
const BOX_HEAD: usize = 8 + 16 + 4 + b"manifest\0".len() + 8;

/// Room for what the box of a manifest moves the file by, generously.
const MOST_MOVED: u64 = 1 << 20;

/// Why a manifest was not put into a file.
#[derive(Debug)]
pub(super) enum Embedding {
    /// The file has no place for it.
    NoPlace(&'static str),
    /// It cannot be read or written.
    File(io::Error),
    /// The library refuses.
    C2pa(c2pa::Error),
}

impl From<io::Error> for Embedding {
    fn from(error: io::Error) -> Self {
        Self::File(error)
    }
}

impl From<c2pa::Error> for Embedding {
    fn from(error: c2pa::Error) -> Self {
        Self::C2pa(error)
    }
}

/// Writes `source` to `output` with a manifest that states so.
pub(super) fn embed(
    statement: &Statement<'_>,
    signer: BoxedSigner,
    source: &mut (impl Read + Seek + Send),
    output: &mut (impl Read + Write + Seek + Send),
) -> Result<(), Embedding> {
    check_offsets(source)?;
    let format = media_type(source)?;
    let mut builder = builder(statement, format, signer)?;
    let place = builder.placeholder(format)?;
    let store = place.get(BOX_HEAD..).ok_or(OTHER_SIZE)?;
    source.rewind()?;
    jumbf_io::save_jumbf_to_stream(format, source, output, store)?;
    let length = output.seek(SeekFrom::End(0))?;
    let at = manifest_box(output, length)?.ok_or(OTHER_SIZE)?;
    if at.end - at.start != place.len() as u64 {
        return Err(OTHER_SIZE);
    }
    output.rewind()?;
    builder.update_hash_from_stream(format, output)?;
    let signed = builder.sign_embeddable(format)?;
    if signed.len() != place.len() {
        return Err(OTHER_SIZE);
    }
    output.seek(SeekFrom::Start(at.start))?;
    output.write_all(&signed)?;
    output.flush()?;
    Ok(())
}

const OTHER_SIZE: Embedding =
    Embedding::NoPlace("its manifest does not fit into the place that was kept for it");

/// The media type that a file's brand names.
fn media_type(source: &mut (impl Read + Seek)) -> io::Result<&'static str> {
    let mut head = [0; 12];
    source.rewind()?;
    source.read_exact(&mut head)?;
    Ok(match &head[4..] {
        b"ftypqt  " => "video/quicktime",
        _ => "video/mp4",
    })
}

fn builder(
    statement: &Statement<'_>,
    format: &'static str,
    signer: BoxedSigner,
) -> Result<Builder, c2pa::Error> {
    let mut builder = Builder::from_context(context()?.with_signer(signer));
    let mut maker = ClaimGeneratorInfo::new("Countermark");
    maker.set_version(statement.version);
    builder.set_claim_generator_info(maker);
    builder.definition.title = Some(statement.title.to_owned());
    builder.set_format(format);
    // What the copy was made of is named by the title alone: the master's file and its own provenance are the studio's.
    builder.set_intent(BuilderIntent::Edit);
    let mut master = Ingredient::new_v2(statement.title, format);
    master.set_is_parent();
    builder.add_ingredient(master);
    let mut binding = SoftBinding::default();
    binding.alg = Some(algorithm(statement.format));
    binding.blocks.push(SoftBindingBlock {
        scope: SoftBindingScope::default(),
        value: statement.binding.to_owned(),
    });
    builder.add_assertion(SoftBinding::LABEL, &binding)?;
    let marked = Actions::new().add_action(Action::new("c2pa.watermarked.bound"));
    builder.add_assertion(Actions::LABEL, &marked)?;
    Ok(builder)
}

/// Refuses a file whose 32-bit chunk offsets would not reach any more once it is moved.
fn check_offsets(source: &mut (impl Read + Seek)) -> Result<(), Embedding> {
    let length = source.seek(SeekFrom::End(0))?;
    if u32::try_from(length + MOST_MOVED).is_ok() {
        return Ok(());
    }
    let top = iso::top_level_of(source, length)?;
    let Some(moov) = top.iter().find(|found| found.kind == *b"moov") else {
        return Ok(());
    };
    source.seek(SeekFrom::Start(moov.payload.start))?;
    let mut bytes = Vec::new();
    source
        .take(moov.payload.end - moov.payload.start)
        .read_to_end(&mut bytes)?;
    if highest_offset(&bytes)
        .checked_add(MOST_MOVED as u32)
        .is_none()
    {
        return Err(Embedding::NoPlace(
            "its chunk offsets have 32 bits and end at 4 GiB, where the manifest would move them beyond",
        ));
    }
    Ok(())
}

/// The highest chunk offset of 32 bits in the payload of a `moov`.
fn highest_offset(moov: &[u8]) -> u32 {
    let mut highest = 0;
    for track in iso::boxes(moov)
        .iter()
        .filter(|found| found.kind == *b"trak")
    {
        let track = moov.get(track.payload.start as usize..track.payload.end as usize);
        let table =
            track.and_then(|track| iso::descendant(track, &[b"mdia", b"minf", b"stbl", b"stco"]));
        for offset in table
            .unwrap_or_default()
            .get(8..)
            .unwrap_or_default()
            .chunks_exact(4)
        {
            highest = highest.max(iso::u32_at(offset, 0).unwrap_or_default());
        }
    }
    highest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_highest_offset_is_that_of_all_tracks() {
        let track = |offsets: &[u32]| {
            let mut table = vec![0; 4];
            table.extend((offsets.len() as u32).to_be_bytes());
            table.extend(offsets.iter().flat_map(|offset| offset.to_be_bytes()));
            let path: [&[u8; 4]; 5] = [b"stco", b"stbl", b"minf", b"mdia", b"trak"];
            path.iter()
                .fold(table, |within, kind| iso::boxed(kind, &[&within]))
        };
        let moov = [
            track(&[48, 7_000]),
            iso::boxed(b"free", &[]),
            track(&[4_000_000_000, 5]),
        ]
        .concat();
        assert_eq!(highest_offset(&moov), 4_000_000_000);
        assert_eq!(highest_offset(b"no boxes"), 0);
    }
}
