"""Frames out of files and into files, through the static FFmpeg of imageio-ffmpeg.

Marked frames are written as a film is delivered, 8-bit 4:2:0 YCbCr of BT.709 in limited range, so that an attack
encodes the format that it would meet. FFV1 adds no loss of its own: the luma in the file is the frames' luma, rounded.

# Shapes and units
Frames: `(frames, height, width, 3)`, 8-bit code values in the order blue, green, red.
"""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path

import cv2
import imageio_ffmpeg
import numpy as np

from systems import Frames

# Conversions between RGB and YCbCr without shortcuts: the peers should not pay for ours.
_SCALER = "bicubic+accurate_rnd+full_chroma_int+full_chroma_inp"

# When a file does not tell its frame rate.
_USUAL_FPS = 25.0


class VideoError(Exception):
    """A file that cannot be decoded or written."""


@dataclass(frozen=True)
class Clip:
    """Decoded frames, their rate in frames a second, and the file's name without its extension."""

    name: str
    frames: Frames
    fps: float

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels."""
        return self.frames.shape[2], self.frames.shape[1]


def read(path: Path, most_frames: int) -> Clip:
    """The first `most_frames` frames of a file at its own size, upright."""
    output = ["-map", "0:v:0", "-frames:v", str(most_frames), "-fps_mode", "passthrough", "-sws_flags", _SCALER]
    stream = imageio_ffmpeg.read_frames(path, pix_fmt="bgr24", output_params=output)
    try:
        meta = next(stream)
        width, height = meta["size"]
        frames = [np.frombuffer(data, np.uint8).reshape(height, width, 3) for data in stream]
    except (OSError, RuntimeError, IndexError, StopIteration) as error:
        raise VideoError(f"cannot decode {path}") from error
    if not frames:
        raise VideoError(f"no frames in {path}")
    return Clip(path.stem, np.stack(frames), meta["fps"] or _USUAL_FPS)


def write(path: Path, clip: Clip) -> None:
    """Writes a clip without loss, see above; a file of that name is replaced."""
    width, height = clip.size
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-y"]
    command += ["-f", "rawvideo", "-pix_fmt", "bgr24", "-s", f"{width}x{height}", "-r", str(clip.fps), "-i", "-"]
    command += ["-vf", f"scale=out_color_matrix=bt709:out_range=limited:flags={_SCALER}", "-pix_fmt", "yuv420p"]
    command += ["-colorspace", "bt709", "-color_primaries", "bt709", "-color_trc", "bt709", "-color_range", "tv"]
    command += ["-c:v", "ffv1", "-level", "3", str(path)]
    done = subprocess.run(command, input=clip.frames.reshape(-1).data, capture_output=True, check=False)
    if done.returncode != 0:
        raise VideoError(f"cannot write {path}: {done.stderr.decode(errors='replace').strip()}")


def resized(frames: Frames, size: tuple[int, int]) -> Frames:
    """Frames at another width and height, bicubic; as they are when they have that size."""
    if (frames.shape[2], frames.shape[1]) == size:
        return frames
    return np.stack([cv2.resize(frame, size, interpolation=cv2.INTER_CUBIC) for frame in frames])
