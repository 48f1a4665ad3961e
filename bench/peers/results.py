"""What was measured: `peers.json`, kept up to date as the run goes on, and the table `peers.md` made of it.

`peers.json` is one object:

    version    1
    frames     frames of each clip that were asked for
    rows       a list, one object for each peer and clip, in the order in which they were measured:
      peer, clip               names
      version                  the package and its version
      bits                     length of the payload
      payload                  what was embedded, hex digits, first bit first
      width, height, frames    of the clip as decoded; frames is less than asked for when the clip is shorter
      refused                  why the peer did not take the clip, else null; then the rest is null or empty
      psnr_rgb_db              marked against clean frames, over red, green and blue; null when they are the same
      psnr_luma_db             the same for luma, see score.py
      embed_ms, extract_ms     milliseconds a frame, wall time, without decoding and encoding; extract_ms is measured
                               on the row's frames that were not attacked
      attacks                  an object: by the attack's name, or "none" for the marked file as it was written:
        accuracy               share of bits that are right after the vote, 0.5 is guessing
        exact                  whether all are
        frames                 frames that voted
        width, height          of the attacked file; frames of another size than the clip's were scaled back
"""

from __future__ import annotations

import json
import math
from dataclasses import asdict, dataclass, field
from pathlib import Path

VERSION = 1


class ResultsError(Exception):
    """Results of an earlier run that do not go with this one."""


@dataclass
class Reading:
    """What was read after one attack."""

    accuracy: float
    exact: bool
    frames: int
    width: int
    height: int


@dataclass
class Row:
    """One peer on one clip."""

    peer: str
    clip: str
    version: str
    bits: int
    payload: str
    width: int
    height: int
    frames: int
    refused: str | None = None
    psnr_rgb_db: float | None = None
    psnr_luma_db: float | None = None
    embed_ms: float | None = None
    extract_ms: float | None = None
    attacks: dict[str, Reading] = field(default_factory=dict)


class Results:
    """All rows of a folder."""

    def __init__(self, folder: Path, frames: int) -> None:
        self._folder = folder
        self._frames = frames
        self._rows: dict[tuple[str, str], Row] = {}
        file = folder / "peers.json"
        if not file.exists():
            return
        stored = json.loads(file.read_text(encoding="utf-8"))
        version, count = stored["version"], stored["frames"]
        if (version, count) != (VERSION, frames):
            raise ResultsError(f"{file} is of version {version} and {count} frames; take another --out")
        for row in stored["rows"]:
            readings = {name: Reading(**reading) for name, reading in row.pop("attacks").items()}
            self.put(Row(**row, attacks=readings))

    def row(self, peer: str, clip: str) -> Row | None:
        """What is known of a peer on a clip."""
        return self._rows.get((peer, clip))

    def put(self, row: Row) -> None:
        """Adds a row, or replaces the one of the same peer and clip."""
        self._rows[row.peer, row.clip] = row

    def save(self) -> None:
        """Writes both files."""
        stored = {"version": VERSION, "frames": self._frames, "rows": [asdict(row) for row in self._rows.values()]}
        _replace(self._folder / "peers.json", json.dumps(stored, indent=1) + "\n")
        _replace(self._folder / "peers.md", table(list(self._rows.values()), self._frames))


def _replace(file: Path, text: str) -> None:
    """A run that is stopped leaves the old file or the new one."""
    partial = file.with_name(f"{file.name}.tmp")
    partial.write_text(text, encoding="utf-8")
    partial.replace(file)


def table(rows: list[Row], frames: int) -> str:
    """The rows as a Markdown table."""
    attacks = list(dict.fromkeys(name for row in rows for name in row.attacks))
    columns = ["peer", "bits", "clip", "PSNR RGB / luma, dB", "embed / extract, ms a frame", *attacks]
    lines = [
        f"Bit accuracy of the vote over the first {frames} frames; 0.50 is guessing, **bold** is the exact payload.",
        "",
        "| " + " | ".join(columns) + " |",
        "|---|---:|---|---:|---:|" + "---:|" * len(attacks),
    ]
    for row in rows:
        quality = _pair(row.psnr_rgb_db, row.psnr_luma_db, 1)
        if row.refused is not None:
            quality = f"refused: {row.refused}".replace("|", "/")
        cells = [row.peer, str(row.bits), f"{row.clip} {row.width}x{row.height}", quality]
        cells += [_pair(row.embed_ms, row.extract_ms, 0)]
        cells += [_cell(row.attacks.get(name)) for name in attacks]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def _pair(first: float | None, second: float | None, digits: int) -> str:
    return " / ".join("-" if value is None else f"{value:.{digits}f}" for value in (first, second))


def _cell(reading: Reading | None) -> str:
    """Two digits, rounded down: only an exact payload is shown as 1.00."""
    if reading is None:
        return "-"
    return "**1.00**" if reading.exact else f"{math.floor(reading.accuracy * 100) / 100:.2f}"
