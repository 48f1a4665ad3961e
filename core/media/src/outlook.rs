//! What a copy will be like, before it is begun.

use std::path::Path;

use crate::carriage::{of_pictures, refuse_losses};
use crate::carry::fates;
use crate::fan_out::{CopyOrder, container_of};
use crate::opening::open_input;
use crate::plan::encoder_converter;
use crate::{CancelToken, Carriage, Inventory, MediaError};

/// What becomes of everything that `input` has beside its pictures, `found` by [`crate::inventory`]: nothing is written.
///
/// # Errors
/// [`MediaError::WouldLose`] for what would be lost without leave; as [`crate::check_order`]; when the encoder is not there.
pub fn carriage_of(
    input: &Path,
    found: &Inventory,
    order: &CopyOrder,
) -> Result<Vec<Carriage>, MediaError> {
    let (settings, output) = (&order.settings, &order.output);
    let container = container_of(input, order)?;
    let converter = encoder_converter(settings)?;
    let (opened, video) = open_input(input, &CancelToken::new())?;
    let format = opened.input.stream(video).and_then(|stream| {
        let size = settings.size.unwrap_or((stream.width(), stream.height()));
        let format = stream.pixel_format()?;
        Some(converter.target(format, size))
    });
    let mut carriage = fates(&opened.input, video, container, output, settings)?;
    carriage.extend(of_pictures(found, container, settings, format));
    refuse_losses(output, &carriage, settings)?;
    Ok(carriage)
}
