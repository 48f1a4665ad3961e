"""One call of a peer, as `countermark-bench run --system NAME.toml` makes it: mark a film, or read one.

    python driver.py embed NAME IN OUT PAYLOAD
    python driver.py detect NAME IN WIDTH HEIGHT [--voters N]

`embed` marks every frame of IN and writes OUT without loss. `detect` scales frames of IN back to WIDTH x HEIGHT, which
these readers need, reads some of them, lets them vote and prints one line: {"payload": hex digits, first bit first}.
A system that can tell that there is no mark prints nothing then. What goes wrong goes to stderr, with exit code 1.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import sys
from pathlib import Path

import numpy as np

import score
import video
from systems import PACKAGED, VIDEO_SEAL, Frames, Payload, System, VideoSeal

# Frames that vote, spread over the film. More cost time and change little: errors of one film's frames are alike.
_VOTERS = 12

# Longer films are not held in memory.
_MOST_FRAMES = 2000

# Video Seal's weights, fetched by hand: see README.md.
_VIDEO_SEAL_MODEL = Path(__file__).with_name("y_256b_img.jit")


def bits_of(digits: str, bits: int) -> Payload:
    """The first `bits` bits of hex digits."""
    return np.unpackbits(np.frombuffer(bytes.fromhex(digits + "0" * (len(digits) % 2)), np.uint8))[:bits].astype(bool)


def digits_of(payload: Payload) -> str:
    """Hex digits, the first bit first; bits that do not fill the last digit are followed by zeros."""
    return np.packbits(payload).tobytes().hex()[: -(-len(payload) // 4)]


def system_named(name: str) -> System:
    """A peer by its name."""
    return VideoSeal(_VIDEO_SEAL_MODEL) if name == VIDEO_SEAL else PACKAGED[name]()


def spread(frames: Frames, most: int) -> Frames:
    """At most so many of the frames, evenly over the film."""
    if len(frames) <= most:
        return frames
    return frames[np.linspace(0, len(frames) - 1, most).round().astype(int)]


def embed(name: str, source: Path, target: Path, payload: str) -> None:
    """Marks a film."""
    system = system_named(name)
    clip = video.read(source, _MOST_FRAMES)
    marked = system.embed(clip.frames, bits_of(payload, system.bits))
    video.write(target, dataclasses.replace(clip, frames=marked))


def detect(name: str, source: Path, size: tuple[int, int], voters: int = _VOTERS) -> str:
    """The answer about a film: a line of JSON, or nothing."""
    system = system_named(name)
    clip = video.read(source, _MOST_FRAMES)
    votes = system.extract(video.resized(spread(clip.frames, voters), size))
    if not votes.any():
        return ""
    return json.dumps({"payload": digits_of(score.vote(votes))})


def main() -> int:
    """Reads the command line."""
    parser = argparse.ArgumentParser(description="One call of a peer: mark a film, or read one.")
    commands = parser.add_subparsers(dest="command", required=True)
    names = [*PACKAGED, VIDEO_SEAL]
    one = commands.add_parser("embed")
    one.add_argument("name", choices=names)
    one.add_argument("source", type=Path)
    one.add_argument("target", type=Path)
    one.add_argument("payload")
    other = commands.add_parser("detect")
    other.add_argument("name", choices=names)
    other.add_argument("source", type=Path)
    other.add_argument("width", type=int)
    other.add_argument("height", type=int)
    other.add_argument("--voters", type=int, default=_VOTERS)
    args = parser.parse_args()
    try:
        if args.command == "embed":
            embed(args.name, args.source, args.target, args.payload)
        else:
            print(detect(args.name, args.source, (args.width, args.height), args.voters))
    except Exception as error:  # whatever a package raises is told in one line
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
