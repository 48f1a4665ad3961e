"""Tests of what peers.py computes itself. Not part of `make test`, which needs no Python.

python -m unittest discover bench/peers
"""

from __future__ import annotations

import tempfile
import unittest
from pathlib import Path

import imageio_ffmpeg
import numpy as np

import score
import video
from results import Reading, Results, ResultsError, Row
from systems import Frames


def noise(frames: int, height: int, width: int) -> Frames:
    """Grey noise, so that halving the chroma loses nothing: `(frames, height, width, 3)`."""
    grey = np.random.default_rng(1).integers(0, 256, (frames, height, width, 1), dtype=np.uint8)
    return np.repeat(grey, 3, axis=3)


class Score(unittest.TestCase):
    """Votes, accuracy and PSNR."""

    def test_majority_wins_weight_counts_and_a_tie_is_a_zero(self) -> None:
        votes = np.array([[1, -1, 1, 5], [1, -1, -1, -2], [-1, 1, 0, -2]], np.float32)
        np.testing.assert_array_equal(score.vote(votes), [True, False, False, True])

    def test_accuracy_is_the_share_of_right_bits(self) -> None:
        self.assertEqual(score.bit_accuracy(np.array([True, False, True, True]), np.array([True] * 4)), 0.75)

    def test_psnr_of_one_step_in_every_sample_is_the_textbooks(self) -> None:
        clean = noise(2, 4, 6) // 2
        colour, luma = score.psnr_db(clean + 1, clean)
        self.assertAlmostEqual(colour or 0, 20 * np.log10(255), places=4)
        self.assertAlmostEqual(luma or 0, 20 * np.log10(255 * 255 / 219), places=4)
        self.assertEqual(score.psnr_db(clean, clean), (None, None))


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


class Stored(unittest.TestCase):
    """peers.json and the table."""

    def test_rows_are_given_back_and_other_lengths_refused(self) -> None:
        row = Row("peer", "clip", "peer 1.0", 8, "a5", 64, 48, 24, psnr_rgb_db=40.0)
        row.attacks = {"none": Reading(1.0, True, 24, 64, 48), "h264-crf40": Reading(0.999, False, 24, 64, 48)}
        with tempfile.TemporaryDirectory() as folder:
            results = Results(Path(folder), 24)
            results.put(row)
            results.save()
            self.assertEqual(Results(Path(folder), 24).row("peer", "clip"), row)
            self.assertIn("| **1.00** | 0.99 |", (Path(folder) / "peers.md").read_text(encoding="utf-8"))
            with self.assertRaises(ResultsError):
                Results(Path(folder), 12)


if __name__ == "__main__":
    unittest.main()
