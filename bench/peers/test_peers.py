"""Tests of what the driver computes itself. Not part of `make test`, which needs no Python.

python -m unittest discover bench/peers
"""

from __future__ import annotations

import json
import tempfile
import unittest
from pathlib import Path

import cv2
import imageio_ffmpeg
import numpy as np

import driver
import score
import video
from systems import Frames


def noise(frames: int, height: int, width: int) -> Frames:
    """Grey noise, so that halving the chroma loses nothing: `(frames, height, width, 3)`."""
    grey = np.random.default_rng(1).integers(0, 256, (frames, height, width, 1), dtype=np.uint8)
    return np.repeat(grey, 3, axis=3)


class Score(unittest.TestCase):
    """Votes."""

    def test_majority_wins_weight_counts_and_a_tie_is_a_zero(self) -> None:
        votes = np.array([[1, -1, 1, 5], [1, -1, -1, -2], [-1, 1, 0, -2]], np.float32)
        np.testing.assert_array_equal(score.vote(votes), [True, False, False, True])


class Video(unittest.TestCase):
    """Files without loss."""

    def test_luma_in_the_file_is_the_frames_luma_rounded(self) -> None:
        clip = video.Clip("noise", noise(3, 48, 65), 24.0)
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "noise.mkv"
            video.write(file, clip)
            stream = imageio_ffmpeg.read_frames(file, pix_fmt="gray", bpp=1, output_params=["-vf", "extractplanes=y"])
            next(stream)
            luma = np.stack([np.frombuffer(data, np.uint8).reshape(48, 65) for data in stream])
            found = video.read(file, 2)
        wanted = 16 + clip.frames[..., 0] * (219 / 255)
        # Half a code value of rounding, and the converter's 15-bit coefficients.
        self.assertLess(np.abs(luma - wanted).max(), 0.52)
        self.assertEqual((found.size, len(found.frames), found.fps), ((65, 48), 2, 24.0))
        self.assertLess(np.abs(found.frames - clip.frames[:2].astype(np.float64)).max(), 2)


class Driver(unittest.TestCase):
    """Payloads on the command line, and which frames vote."""

    def test_digits_and_bits_are_one_payload(self) -> None:
        for bits in (5, 8, 32, 61, 256):
            payload = np.random.default_rng(bits).integers(0, 2, bits).astype(bool)
            digits = driver.digits_of(payload)
            self.assertEqual(len(digits), -(-bits // 4))
            np.testing.assert_array_equal(driver.bits_of(digits, bits), payload)
        self.assertEqual(driver.digits_of(np.array([True, False, True])), "a")

    def test_voters_are_spread_over_the_film(self) -> None:
        frames = noise(30, 4, 4)
        self.assertEqual(len(driver.spread(frames, 40)), 30)
        some = driver.spread(frames, 4)
        np.testing.assert_array_equal(some[0], frames[0])
        np.testing.assert_array_equal(some[-1], frames[-1])

    def test_what_is_written_is_read_again(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            clean, marked = Path(folder) / "clean.mkv", Path(folder) / "marked.mkv"
            picture = cv2.resize(noise(1, 24, 32)[0], (320, 240), interpolation=cv2.INTER_CUBIC)
            video.write(clean, video.Clip("clean", np.stack([picture] * 3), 24.0))
            driver.embed("dwtDctSvd", clean, marked, "a5f00f5a12345678")
            answer = json.loads(driver.detect("dwtDctSvd", marked, (320, 240)))
            self.assertEqual(answer, {"payload": "a5f00f5a12345678"})


if __name__ == "__main__":
    unittest.main()
