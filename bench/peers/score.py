"""What the frames of a film say together.

    bit[b] = sum_f vote[f, b] > 0;  a tie is a zero

# Shapes and units
Votes: `(frames, bits)`, the sign is the bit and the size its weight.
"""

from __future__ import annotations

from systems import Payload, Votes


def vote(votes: Votes) -> Payload:
    """The payload that the frames agree on."""
    return votes.sum(axis=0) > 0
