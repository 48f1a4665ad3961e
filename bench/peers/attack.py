"""Attacks by their names, carried out by `countermark-bench attack`: the same code that attacks our own copies."""

from __future__ import annotations

import subprocess
import tempfile
from pathlib import Path

_SEED = 1


class AttackError(Exception):
    """An attack that the program refused or could not carry out."""


class Attacker:
    """The program that carries out attacks."""

    def __init__(self, program: Path) -> None:
        self._program = program

    def check(self, name: str) -> None:
        """Raises [`AttackError`] when the program does not know `name` as an attack on video.

        The program reads names before it opens files: with an input that does not exist, the complaint is about that
        input only if the name is good.
        """
        with tempfile.TemporaryDirectory() as folder:
            absent = Path(folder) / "absent.mkv"
            try:
                self.apply(name, absent, absent.with_name("attacked.mkv"))
            except AttackError as error:
                if str(absent) not in str(error):
                    raise

    def apply(self, name: str, source: Path, target: Path) -> None:
        """Writes `source`, damaged, to `target`."""
        command = [str(self._program), "attack", str(source), str(target), "--as", name, "--seed", str(_SEED), "-q"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            said = done.stderr.strip().splitlines()
            raise AttackError(said[0].removeprefix("error: ") if said else f"exit code {done.returncode}")
