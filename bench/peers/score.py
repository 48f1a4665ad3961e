"""How much of a payload was read, and how much a mark changed the picture.

    bit[b]       = sum_f vote[f, b] > 0
    bit accuracy = mean over b of (bit[b] == payload[b]); 0.5 is guessing
    PSNR         = 10 log10(255^2 / MSE), dB, MSE over all samples of the clip
    Y            = 16 + (219 / 255) (0.2126 R + 0.7152 G + 0.0722 B), BT.709 in limited range

# Shapes and units
Frames: `(frames, height, width, 3)`, 8-bit code values in the order blue, green, red. Votes: `(frames, bits)`. The
luma is that of the file in which the frames are written, before rounding, so that its PSNR compares with the PSNR-Y of
`countermark-bench`.
"""

from __future__ import annotations

import numpy as np

from systems import Frames, Payload, Votes

_LUMA = np.array([0.0722, 0.7152, 0.2126], np.float32) * np.float32(219 / 255)


def vote(votes: Votes) -> Payload:
    """The payload that the frames agree on; a tie is a zero."""
    return votes.sum(axis=0) > 0


def bit_accuracy(read: Payload, payload: Payload) -> float:
    """The share of bits that are right."""
    return float(np.mean(read == payload))


def _psnr_db(errors: list[float]) -> float | None:
    mse = float(np.mean(errors))
    return 10.0 * float(np.log10(255.0**2 / mse)) if mse > 0.0 else None


def psnr_db(marked: Frames, clean: Frames) -> tuple[float | None, float | None]:
    """PSNR over red, green and blue, and of luma alone, in dB; none when the frames are the same."""
    colour, luma = [], []
    for a, b in zip(marked, clean, strict=True):
        difference = a.astype(np.float32) - b
        colour.append(float(np.mean(difference**2)))
        luma.append(float(np.mean((difference @ _LUMA) ** 2)))
    return _psnr_db(colour), _psnr_db(luma)
