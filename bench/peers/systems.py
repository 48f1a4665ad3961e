"""The watermarking systems under comparison, each through its documented interface and with its default settings.

# Shapes and units
Frames: `(frames, height, width, 3)`, 8-bit code values in the order blue, green, red. A payload: `(bits,)`, booleans.
What `extract` returns: `(frames, bits)`, above 0 for a one and below for a zero; its size is how much the frame's
vote weighs.

# References
invisible-watermark 0.2.0, ShieldMnt, 2023. K. A. Zhang, L. Xu, A. Cuesta-Infante, K. Veeramachaneni, "Robust
Invisible Video Watermarking with Attention", 2019 (RivaGAN). blind-watermark 0.4.4, Guo Fei, 2023. P. Fernandez,
H. Elsahar, I. Z. Yalniz, A. Mourachko, "Video Seal: Open and Efficient Video Watermarking", 2024.
"""

from __future__ import annotations

import importlib.metadata
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

import numpy_torch

Frames = npt.NDArray[np.uint8]
Payload = npt.NDArray[np.bool_]
Votes = npt.NDArray[np.float32]


class System(Protocol):
    """One way to mark frames and to read them."""

    name: str
    version: str
    bits: int

    def embed(self, frames: Frames, payload: Payload) -> Frames:
        """Marked frames of the same shape. Raises whatever the package raises when it refuses them."""
        ...

    def extract(self, frames: Frames) -> Votes:
        """What each frame says of each bit."""
        ...


def _hard(bits: npt.ArrayLike) -> Votes:
    """Zeros and ones as votes of equal weight."""
    return np.where(np.asarray(bits) > 0, 1.0, -1.0).astype(np.float32)


class InvisibleWatermark:
    """One of the three methods of the package invisible-watermark, frame by frame."""

    def __init__(self, method: str, bits: int) -> None:
        with numpy_torch.standing_in():
            import imwatermark
        self.name = {"rivaGan": "RivaGAN"}.get(method, method)
        self.version = f"invisible-watermark {importlib.metadata.version('invisible-watermark')}"
        self.bits = bits
        self._method = method
        self._encoder = imwatermark.WatermarkEncoder()
        self._decoder = imwatermark.WatermarkDecoder("bits", bits)
        if method == "rivaGan":
            self._encoder.loadModel()

    def embed(self, frames: Frames, payload: Payload) -> Frames:
        """As [`System.embed`]."""
        self._encoder.set_watermark("bits", payload.tolist())
        return np.stack([self._encoder.encode(frame, self._method) for frame in frames])

    def extract(self, frames: Frames) -> Votes:
        """As [`System.extract`]."""
        return np.stack([_hard(self._decoder.decode(frame, self._method)) for frame in frames])


class BlindWatermark:
    """The package blind-watermark, frame by frame, both passwords 1 as in its documentation."""

    def __init__(self, bits: int) -> None:
        import blind_watermark

        blind_watermark.bw_notes.close()
        self.name = "blind-watermark"
        self.version = f"blind-watermark {importlib.metadata.version('blind-watermark')}"
        self.bits = bits
        self._new = blind_watermark.WaterMark

    def embed(self, frames: Frames, payload: Payload) -> Frames:
        """As [`System.embed`]. The package returns fractions and rounds when it writes a file; so it is done here."""
        marked = np.empty_like(frames)
        for index, frame in enumerate(frames):
            mark = self._new(password_wm=1, password_img=1)
            mark.read_img(img=frame)
            mark.read_wm(payload, mode="bit")
            marked[index] = np.rint(mark.embed())
        return marked

    def extract(self, frames: Frames) -> Votes:
        """As [`System.extract`]."""
        mark = self._new(password_wm=1, password_img=1)
        return np.stack([_hard(mark.extract(embed_img=frame, wm_shape=self.bits, mode="bit")) for frame in frames])


class VideoSeal:
    """Video Seal's released TorchScript model of 256 bits, on the processor.

    Not run by us: the weights can only be fetched by hand. Written after the interface that the project documents,
    `model.embed(frames, message, is_video=True)` and `model.detect(frames, is_video=True)`, red first, 0 to 1. The
    first of the 257 values that it detects is unused; the others weigh in the vote as they are, which is the
    project's own aggregation `avg`.
    """

    # Frames at a time, for memory. A multiple of the model's step of 4 frames, so that parts give what the whole gives.
    PART = 16

    def __init__(self, model: Path) -> None:
        import torch

        self.name = "Video Seal"
        self.version = f"{model.name}, torch {torch.__version__}"
        self.bits = 256
        self._torch = torch
        self._model = torch.jit.load(str(model), map_location="cpu").eval()

    def _parts(self, frames: Frames) -> Iterator[Any]:
        for start in range(0, len(frames), self.PART):
            red_first = np.ascontiguousarray(frames[start : start + self.PART, ..., ::-1].transpose(0, 3, 1, 2))
            yield self._torch.from_numpy(red_first).float() / 255.0

    def embed(self, frames: Frames, payload: Payload) -> Frames:
        """As [`System.embed`]."""
        message = self._torch.from_numpy(payload.astype(np.float32))[None]
        with self._torch.no_grad():
            parts = [self._model.embed(part, message, is_video=True).numpy() for part in self._parts(frames)]
        marked = np.rint(np.concatenate(parts) * 255.0).astype(np.uint8)
        return np.ascontiguousarray(marked.transpose(0, 2, 3, 1)[..., ::-1])

    def extract(self, frames: Frames) -> Votes:
        """As [`System.extract`]."""
        with self._torch.no_grad():
            parts = [self._model.detect(part, is_video=True).numpy() for part in self._parts(frames)]
        return np.concatenate(parts)[:, 1:].reshape(len(frames), self.bits, -1).mean(axis=2)


class TrustMark:
    """TrustMark's quality model with BCH_5, 61 bits that survive five wrong ones, frame by frame.

    Not run by us: the package fetches its weights from its makers' server. Written after the interface that the project
    documents, `encode(cover, bits, MODE="binary")` and `decode(image, MODE="binary")`, whose second value says whether
    a mark is there. Frames without one do not vote.
    """

    def __init__(self) -> None:
        import trustmark
        from PIL import Image

        self.name = "TrustMark"
        self.version = f"trustmark {importlib.metadata.version('trustmark')}"
        self._image = Image
        self._model = trustmark.TrustMark(verbose=False, model_type="Q", encoding_type=trustmark.TrustMark.Encoding.BCH_5)
        self.bits = self._model.schemaCapacity()

    def embed(self, frames: Frames, payload: Payload) -> Frames:
        """As [`System.embed`]."""
        bits = "".join("1" if bit else "0" for bit in payload)
        marked = [self._model.encode(self._image.fromarray(f[..., ::-1].copy()), bits, MODE="binary") for f in frames]
        return np.stack([np.asarray(image.convert("RGB"))[..., ::-1] for image in marked])

    def extract(self, frames: Frames) -> Votes:
        """As [`System.extract`]."""
        votes = np.zeros((len(frames), self.bits), np.float32)
        for index, frame in enumerate(frames):
            secret, present, _ = self._model.decode(self._image.fromarray(frame[..., ::-1].copy()), MODE="binary")
            if present:
                votes[index] = _hard([int(bit) for bit in secret[: self.bits]])
        return votes


# By the name on the command line. Video Seal is made of a file: driver.py does that.
PACKAGED: dict[str, Callable[[], System]] = {
    "dwtDct": lambda: InvisibleWatermark("dwtDct", 64),
    "dwtDctSvd": lambda: InvisibleWatermark("dwtDctSvd", 64),
    "rivaGan": lambda: InvisibleWatermark("rivaGan", 32),
    "blind-watermark": lambda: BlindWatermark(64),
    "trustmark": TrustMark,
}
VIDEO_SEAL = "videoseal"
