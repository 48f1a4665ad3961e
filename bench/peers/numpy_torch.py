"""The few functions of torch that invisible-watermark 0.2.0 calls, on NumPy.

Its RivaGAN runs on onnxruntime and uses torch to scale and reorder an array before and after: `from_numpy`, `clamp`,
`permute`, `unsqueeze`, `detach`, `cpu`, and arithmetic with numbers. NumPy's float32 arithmetic gives the same values.

# Shapes and units
As in torch. A `Tensor` is a view of the array that it was made of.
"""

from __future__ import annotations

import contextlib
import importlib.util
import sys
import types
from collections.abc import Iterator
from typing import Any

import numpy as np


class Tensor:
    """An array with the methods of a torch tensor that are needed here."""

    def __init__(self, array: np.ndarray) -> None:
        self._array = array

    def __add__(self, number: float) -> Tensor:
        return Tensor(self._array + number)

    def __sub__(self, number: float) -> Tensor:
        return Tensor(self._array - number)

    def __mul__(self, number: float) -> Tensor:
        return Tensor(self._array * number)

    def __truediv__(self, number: float) -> Tensor:
        return Tensor(self._array / number)

    def __getitem__(self, index: Any) -> Tensor:
        return Tensor(self._array[index])

    def permute(self, *axes: int) -> Tensor:
        """Axes in another order."""
        return Tensor(self._array.transpose(axes))

    def unsqueeze(self, axis: int) -> Tensor:
        """A new axis of length 1."""
        return Tensor(np.expand_dims(self._array, axis))

    def detach(self) -> Tensor:
        """Itself: there are no gradients here."""
        return self

    def cpu(self) -> Tensor:
        """Itself: there is no other device here."""
        return self

    def numpy(self) -> np.ndarray:
        """The array."""
        return self._array


def clamp(tensor: Tensor, min: float, max: float) -> Tensor:
    """Values below `min` become `min`, above `max` become `max`."""
    return Tensor(np.clip(tensor.numpy(), min, max))


@contextlib.contextmanager
def standing_in() -> Iterator[None]:
    """Inside, `import torch` gives these functions, unless torch itself is installed."""
    if importlib.util.find_spec("torch"):
        yield
        return
    module = types.ModuleType("torch")
    module.__dict__.update(from_numpy=Tensor, clamp=clamp)
    sys.modules["torch"] = module
    try:
        yield
    finally:
        del sys.modules["torch"]
