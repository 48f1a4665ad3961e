"""Published watermarking systems through the attacks of `countermark-bench`: a table to set our own rows beside.

    python bench/peers/peers.py --clips DIR --out DIR --bench target/release/countermark-bench

For each clip and peer: decode the first frames, mark each, write them without loss, attack the file, decode it, scale
frames back to the clip's size if the attack changed it, read every frame, vote over the frames. A run that was stopped
goes on where it was. See README.md beside this file.
"""

from __future__ import annotations

import argparse
import dataclasses
import sys
import tempfile
import time
import zlib
from pathlib import Path

import numpy as np

import score
import video
from attack import Attacker, AttackError
from results import Reading, Results, ResultsError, Row
from systems import PACKAGED, VIDEO_SEAL, Payload, System, VideoSeal

_ATTACKS = (
    "h264-crf23",
    "h264-crf30",
    "h264-crf40",
    "h264-360p-crf28",
    "crop-0.84-back",
    "rotate-2",
    "brightness-1.15+contrast-1.2",
)
_NO_ATTACK = "none"
_CLIPS = {".mkv", ".mov", ".mp4", ".webm"}
_SEED = 1


def arguments() -> argparse.Namespace:
    """The command line as typed."""
    parser = argparse.ArgumentParser(
        description="Runs published watermarking systems through the attacks of countermark-bench."
    )
    parser.add_argument("--clips", type=Path, required=True, metavar="DIR", help="folder of clean clips")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="folder of results; a run goes on there")
    parser.add_argument("--bench", type=Path, required=True, metavar="PATH", help="the program countermark-bench")
    parser.add_argument("--frames", type=int, default=24, metavar="N", help="first frames of each clip [default: 24]")
    parser.add_argument(
        "--attacks",
        type=lambda text: text.split(","),
        default=list(_ATTACKS),
        metavar="LIST",
        help=f"names, with commas between [default: {','.join(_ATTACKS)}]",
    )
    names = [*PACKAGED, VIDEO_SEAL]
    parser.add_argument("--only", nargs="+", choices=names, default=names, metavar="PEER", help=", ".join(names))
    parser.add_argument("--videoseal", type=Path, metavar="PATH", help="Video Seal's TorchScript model, a .jit file")
    args = parser.parse_args()
    if args.frames < 1:
        parser.error(f"--frames must be 1 or more: {args.frames}")
    for path, flag, right in [
        (args.clips, "--clips", args.clips.is_dir()),
        (args.bench, "--bench", args.bench.is_file()),
        (args.videoseal, "--videoseal", args.videoseal is None or args.videoseal.is_file()),
    ]:
        if not right:
            parser.error(f"{flag} does not exist: {path}")
    return args


def say(line: str) -> None:
    """Progress and what was left out, on stderr."""
    print(line, file=sys.stderr, flush=True)


def load(names: list[str], model: Path | None) -> list[System]:
    """The peers that can be run here; a line for each that cannot."""
    systems: list[System] = []
    for name in dict.fromkeys(names):
        try:
            if name != VIDEO_SEAL:
                systems.append(PACKAGED[name]())
            elif model is None:
                say("Video Seal skipped: no model given with --videoseal")
            else:
                systems.append(VideoSeal(model))
        except (ImportError, RuntimeError) as error:
            say(f"{name} skipped: {error}")
    return systems


def known(attacks: list[str], attacker: Attacker) -> list[str]:
    """The attacks that the program knows; a line for each that it does not."""
    kept = []
    for name in attacks:
        try:
            attacker.check(name)
            kept.append(name)
        except AttackError as error:
            say(f"attack {name} skipped: {error}")
    return kept


def payload_for(system: System, clip: str) -> Payload:
    """Random bits, the same in every run."""
    seed = [_SEED, zlib.crc32(f"{system.name}/{clip}".encode())]
    return np.random.default_rng(seed).integers(0, 2, system.bits).astype(bool)


def mark(system: System, clip: video.Clip, target: Path) -> Row:
    """Marks a clip and writes it to `target`; a row that says why when the peer refuses."""
    payload = payload_for(system, clip.name)
    width, height = clip.size
    row = Row(
        peer=system.name,
        clip=clip.name,
        version=system.version,
        bits=system.bits,
        payload=np.packbits(payload).tobytes().hex(),
        width=width,
        height=height,
        frames=len(clip.frames),
    )
    began = time.perf_counter()
    try:
        marked = system.embed(clip.frames, payload)
    except Exception as error:  # whatever a package raises, it is a result
        row.refused = f"{type(error).__name__}: {error}"
        return row
    row.embed_ms = (time.perf_counter() - began) * 1000 / len(clip.frames)
    row.psnr_rgb_db, row.psnr_luma_db = score.psnr_db(marked, clip.frames)
    video.write(target, dataclasses.replace(clip, frames=marked))
    return row


def read(system: System, row: Row, file: Path) -> tuple[Reading, float]:
    """What the peer reads in a file, and the milliseconds that it took for each frame."""
    found = video.read(file, row.frames)
    frames = video.resized(found.frames, (row.width, row.height))
    began = time.perf_counter()
    votes = system.extract(frames)
    milliseconds = (time.perf_counter() - began) * 1000 / len(frames)
    accuracy = score.bit_accuracy(score.vote(votes), payload_for(system, row.clip))
    return Reading(accuracy, accuracy == 1.0, len(frames), *found.size), milliseconds


def measure(system: System, row: Row, attacks: list[str], attacker: Attacker, marked: Path) -> None:
    """Adds readings to the row; a line for each attack that failed, which is tried again by the next run."""
    attacked = marked.with_name("attacked.mkv")
    for name in attacks:
        try:
            if name != _NO_ATTACK:
                attacker.apply(name, marked, attacked)
            row.attacks[name], milliseconds = read(system, row, marked if name == _NO_ATTACK else attacked)
        except Exception as error:  # the other attacks go on
            say(f"{row.peer}, {row.clip}, {name}: {type(error).__name__}: {error}")
            continue
        if name == _NO_ATTACK:
            row.extract_ms = milliseconds


def is_done(row: Row | None, system: System, attacks: list[str]) -> bool:
    """Whether a row of this version of the peer lacks nothing."""
    if row is None or row.version != system.version:
        return False
    return row.refused is not None or all(name in row.attacks for name in attacks)


def run(system: System, clip: video.Clip, earlier: Row | None, attacks: list[str], attacker: Attacker) -> Row:
    """Marks the clip and does the attacks that the earlier row lacks."""
    with tempfile.TemporaryDirectory() as folder:
        marked = Path(folder) / "marked.mkv"
        row = mark(system, clip, marked)
        if row.refused is not None:
            return row
        if earlier is not None and earlier.version == row.version:
            row.attacks = earlier.attacks
        # Speed is that of this run, so the control is read again.
        todo = [_NO_ATTACK, *(attack for attack in attacks if attack not in row.attacks)]
        measure(system, row, todo, attacker, marked)
    return row


def main() -> int:
    """Runs what is not in the results yet."""
    args = arguments()
    args.out.mkdir(parents=True, exist_ok=True)
    try:
        results = Results(args.out, args.frames)
    except ResultsError as error:
        say(f"error: {error}")
        return 2
    attacker = Attacker(args.bench)
    attacks = known(args.attacks, attacker)
    systems = load(args.only, args.videoseal)
    for path in sorted(path for path in args.clips.iterdir() if path.suffix.lower() in _CLIPS):
        earlier = {system.name: results.row(system.name, path.stem) for system in systems}
        todo = [system for system in systems if not is_done(earlier[system.name], system, attacks)]
        if not todo:
            continue
        try:
            clip = video.read(path, args.frames)
        except video.VideoError as error:
            say(f"{path.name} skipped: {error}")
            continue
        for system in todo:
            say(f"{system.name} on {path.name}")
            results.put(run(system, clip, earlier[system.name], attacks, attacker))
            results.save()
    results.save()
    print(args.out / "peers.md")
    return 0


if __name__ == "__main__":
    sys.exit(main())
