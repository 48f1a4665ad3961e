#!/usr/bin/env python3
"""A night of `batch` that is killed again and again: is every copy made, once, and what the register says?

    embed/night.py MASTERS --out DIR [--bin target/release] [--distributors 5] [--kills 10] [--seconds 10 90] [--seed 3] [--jobs 2]

MASTERS is a folder of short clips, DIR a folder that is not there yet. `batch` is killed (SIGKILL, its whole group) after a random time
between the two of `--seconds`, and begun again; after the last kill it runs to its end. Then the register, the files and `vault check`
are held against each other. Exit code 1 where a pair lacks a copy or has two, a file is another than the register says, something is left
beside the copies, or `vault check` finds something.
"""

import argparse
import collections
import hashlib
import json
import os
import pathlib
import random
import signal
import subprocess
import sys
import time


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("masters", type=pathlib.Path)
    arguments.add_argument("--out", type=pathlib.Path, required=True)
    arguments.add_argument("--bin", type=pathlib.Path, default=pathlib.Path("target/release"))
    arguments.add_argument("--distributors", type=int, default=5)
    arguments.add_argument("--kills", type=int, default=10)
    arguments.add_argument("--seconds", type=float, nargs=2, default=(10, 90))
    arguments.add_argument("--seed", type=int, default=3)
    arguments.add_argument("--jobs", type=int, default=2)
    asked = arguments.parse_args()
    masters = sorted(path for path in asked.masters.iterdir() if path.is_file())
    asked.out.mkdir()
    vault, copies = asked.out / "vault", asked.out / "copies"
    embed = [str((asked.bin / "countermark-embed").resolve()), "--vault", str(vault)]
    subprocess.run([*embed, "--quiet", "vault", "init"], check=True)
    names = [f"licensee-{number}" for number in range(1, asked.distributors + 1)]
    for name in names:
        subprocess.run([*embed, "--quiet", "distributor", "add", name], check=True)
    plan = asked.out / "plan.csv"
    rows = [f"{path.resolve()},{path.stem},{';'.join(names)},copies/{{title}}-{{distributor}}.mp4" for path in masters]
    plan.write_text("\n".join(["master,title,distributor,output", *rows]) + "\n")

    begun, chance, kills = time.monotonic(), random.Random(asked.seed), 0
    batch = [*embed, "--quiet", "batch", str(plan), "--add-titles", "--jobs", str(asked.jobs), "--csv", str(asked.out / "night.csv")]
    with open(asked.out / "night.log", "w") as log:
        while True:
            night = subprocess.Popen(batch, stdout=log, stderr=log, start_new_session=True)
            try:
                code = night.wait(chance.uniform(*asked.seconds) if kills < asked.kills else None)
                break
            except subprocess.TimeoutExpired:
                os.killpg(night.pid, signal.SIGKILL)
                night.wait()
                kills += 1
    print(f"{len(masters)} masters x {len(names)} licensees, killed {kills} times, ended with {code} after {time.monotonic() - begun:.0f} s")

    said = subprocess.run([*embed, "--json", "deliveries"], capture_output=True, check=True)
    deliveries = json.loads(said.stdout)["deliveries"]
    complete = [delivery for delivery in deliveries if delivery["state"] == "complete"]
    pairs = collections.Counter((delivery["title"], delivery["distributor"]) for delivery in complete)
    lacking = len(masters) * len(names) - len(pairs)
    twice = sum(count > 1 for count in pairs.values())
    other = [delivery["output"] for delivery in complete if digest(copies / delivery["output"]) != delivery["output_sha256"]]
    beside = sorted({path.name for path in copies.iterdir()} - {delivery["output"] for delivery in complete})
    check = subprocess.run([*embed, "vault", "check"], capture_output=True, text=True)
    states = collections.Counter(delivery["state"] for delivery in deliveries)
    print(f"deliveries on record: {', '.join(f'{count} {state}' for state, count in sorted(states.items()))}")
    print(f"pairs without a copy {lacking}, with two {twice}; files other than on record {len(other)}; left beside the copies {len(beside)}")
    print(check.stdout.strip().splitlines()[-1])
    return int(bool(code or lacking or twice or other or beside or check.returncode))


def digest(path):
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else None


if __name__ == "__main__":
    sys.exit(main())
