#!/usr/bin/env python3
"""What marking costs beside FFmpeg: user and system CPU of decoding, of the same transcode without a mark, and of ours.

    embed/cost.py CLIPS --out DIR [--bin target/release] [--ffmpeg ffmpeg] [--copies 5] [--repeat 2] [--noise] [--preset NAME:ARGUMENTS]

CLIPS is a folder of short masters, DIR a folder that is not there yet. FFmpeg encodes as `mark` does: H.264, `medium`, CRF 16, as many
threads, sound copied; or with ARGUMENTS where `--preset` names another delivery ("prores-hq:-c:v prores_ks -profile:v hq"). Of `--repeat`
runs, which take turns, the least counts: what runs beside them only adds. One line a clip, as a Markdown table on stdout:

    encode    transcode - decode, s
    mark      mark --no-verify / transcode
    verify    (mark - mark --no-verify) / mark --no-verify
    N copies  batch --no-verify of N rows of one master / (decode + N encode)
    N verify  (batch - batch --no-verify) / batch --no-verify
    noise     with --noise: encode of the marked pictures, which FFmpeg is given without loss, / encode of the master's
"""

import argparse
import os
import pathlib
import statistics
import subprocess
import sys


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("clips", type=pathlib.Path)
    arguments.add_argument("--out", type=pathlib.Path, required=True)
    arguments.add_argument("--bin", type=pathlib.Path, default=pathlib.Path("target/release"))
    arguments.add_argument("--ffmpeg", default="ffmpeg")
    arguments.add_argument("--copies", type=int, default=5, help="of one master, by batch; 0 for none")
    arguments.add_argument("--repeat", type=int, default=2)
    arguments.add_argument("--noise", action="store_true", help="what the encoder alone pays for the mark")
    arguments.add_argument("--preset", help="another delivery, and what FFmpeg is to be told for it")
    arguments.add_argument("--extension", default="mkv", help="of the copies")
    asked = arguments.parse_args()
    asked.out.mkdir()
    bench = Bench(asked)
    print(f"| clip | decode, s | encode, s | mark | verify | {asked.copies} copies | {asked.copies} verify | noise |")
    print("|---|---|---|---|---|---|---|---|", flush=True)
    rows = [bench.row(clip.resolve()) for clip in sorted(asked.clips.iterdir()) if clip.is_file()]
    for name, of in (("median", statistics.median), ("worst", max)):
        columns = [[row[column] for row in rows if row[column] is not None] for column in range(len(rows[0]))]
        print(line(name, [of(column) if column else None for column in columns]))


def line(name, cells):
    decode, encode, *ratios = (None if cell is None else f"{cell:.3f}" for cell in cells)
    return "| " + " | ".join([name, *(cell or "-" for cell in (decode, encode, *ratios))]) + " |"


class Bench:
    """A vault of its own, and the programs."""

    def __init__(self, asked):
        self.asked = asked
        self.embed = [str((asked.bin / "countermark-embed").resolve()), "--vault", str(asked.out / "vault"), "--quiet"]
        cores = len(os.sched_getaffinity(0))
        name, _, encoder = (asked.preset or "").partition(":")
        self.preset = ["--preset", name] if name else ["--encoder", "libx264"]
        # As many threads as ours have: x264 half as many again as there are cores.
        threads = cores if name else cores * 3 // 2
        self.encoder = (encoder or "-c:v libx264 -preset medium -crf 16").split() + ["-threads", str(threads)]
        self.ffmpeg = [asked.ffmpeg, "-nostdin", "-v", "error", "-y", "-threads", str(cores), "-i"]
        self.names = [f"licensee-{number}" for number in range(1, max(asked.copies, 1) + 1)]
        subprocess.run([*self.embed, "vault", "init"], check=True)
        for licensee in self.names:
            subprocess.run([*self.embed, "distributor", "add", licensee], check=True)

    def row(self, clip):
        """The figures of one clip, in the order of the table."""
        subprocess.run([*self.embed, "title", "add", str(clip), "--title", clip.stem], check=True)
        jobs = {
            "decode": lambda: self.decode(clip),
            "transcode": lambda: self.transcode(clip),
            "mark": lambda: self.mark(clip, "--no-verify"),
            "checked": lambda: self.mark(clip),
        }
        if self.asked.copies:
            jobs |= {"many": lambda: self.batch(clip, "--no-verify"), "many checked": lambda: self.batch(clip)}
        if self.asked.noise:
            marked = self.lossless(clip)
            jobs |= {"marked decode": lambda: self.decode(marked), "marked transcode": lambda: self.transcode(marked)}
        took = {name: [] for name in jobs}
        for _ in range(self.asked.repeat):
            for name, job in jobs.items():
                took[name].append(job())
        least = {name: min(times) for name, times in took.items()}
        print(f"{clip.stem}: {least}", file=sys.stderr, flush=True)
        encode, many = least["transcode"] - least["decode"], least.get("many")
        cells = [
            least["decode"],
            encode,
            least["mark"] / least["transcode"],
            least["checked"] / least["mark"] - 1.0,
            many and many / (least["decode"] + self.asked.copies * encode),
            many and least["many checked"] / many - 1.0,
            (least["marked transcode"] - least["marked decode"]) / encode if self.asked.noise else None,
        ]
        print(line(clip.stem, cells), flush=True)
        return cells

    def decode(self, clip):
        return cpu([*self.ffmpeg, str(clip), "-map", "0:v:0", "-f", "null", "-"])

    def transcode(self, clip):
        output = self.output("plain")
        streams = ["-map", "0:v:0", "-map", "0:a?", "-c:a", "copy", "-fps_mode", "passthrough"]
        return cpu([*self.ffmpeg, str(clip), *streams, *self.encoder, str(output)])

    def mark(self, clip, *flags):
        output = self.output("marked")
        return cpu([*self.embed, "mark", str(clip), "-o", str(output), "--title", clip.stem, "--distributor", self.names[0], *self.preset, *flags])

    def lossless(self, clip):
        """The marked pictures before any encoder."""
        marked = self.asked.out / f"{clip.stem}-marked.mkv"
        cpu([*self.embed, "mark", str(clip), "-o", str(marked), "--title", clip.stem, "--distributor", self.names[0], "--preset", "ffv1", "--no-verify"])
        return marked

    def batch(self, clip, *flags):
        plan, copies = self.asked.out / "plan.toml", [self.output(name) for name in self.names]
        preset = f'preset = "{self.preset[1]}"\n' if self.asked.preset else ""
        rows = (
            f'[[row]]\nmaster = "{clip}"\ntitle = "{clip.stem}"\ndistributor = "{name}"\noutput = "{copy.resolve()}"\n{preset}'
            for name, copy in zip(self.names, copies)
        )
        plan.write_text("".join(rows))
        return cpu([*self.embed, "batch", str(plan), "--again", *flags])

    def output(self, name):
        """A name of a copy that is not there."""
        path = self.asked.out / f"{name}.{self.asked.extension}"
        path.unlink(missing_ok=True)
        return path


def cpu(command):
    """Seconds of CPU, user and system, of a command that succeeds."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"exit code {process.returncode}: {' '.join(command)}")
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    main()
