#!/usr/bin/env python3
"""Masters of the trade x outputs: each marked, its streams and tags compared by ffprobe, and traced after CRF 30.

    embed/matrix.py CLIP --out DIR [--bin target/release] [--ffmpeg ffmpeg] [--ffprobe ffprobe] [--size W:H] [--only WORD]

CLIP is the content: two seconds and more of pictures that move. The masters are made of it by FFmpeg. One line a copy, as a Markdown
table on stdout; exit code 1 where something was lost without a word, or a copy was not traced.
"""

import argparse
import json
import os
import pathlib
import subprocess
import sys

HDR = "master-display=G(13250,34500)B(7500,3000)R(34000,16000)WP(15635,16450)L(10000000,50):max-cll=1000,400"
XDCAM = ("-c:v mpeg2video -profile:v 0 -level:v 2 -pix_fmt yuv422p -b:v 50M -minrate 50M -maxrate 50M -bufsize 36408333 -g 12 -bf 2 "
         "-dc 10 -intra_vlc 1 -non_linear_quant 1 -qmin 1 -qmax 12 -lmin 118").split()
FIELDS = "-flags +ilme+ildct".split()
TV = "-color_primaries bt709 -color_trc bt709 -colorspace bt709 -color_range tv".split()
TC = "-timecode 10:00:00:00".split()
PROGRESSIVE = "scale=1280:720,fps=25"
# Two pictures of the clip a frame: the fields move.
INTERLACED = {top: f"scale=1280:720,setpts=PTS/2,fps=50,interlace=scan={top}:lowpass=0" for top in ("tff", "bff")}
PAL = "scale=720:576,setsar=64/45,setpts=PTS/2,fps=50,interlace=scan=tff:lowpass=0"

# name: (file, filter, sound and other streams, encoder)
MASTERS = {
    "prores-hq": ("mov", PROGRESSIVE, "pcm2", "-c:v prores_ks -profile:v hq".split() + TV + TC),
    "prores-4444-alpha": ("mov", PROGRESSIVE + ",format=yuva444p10le", "pcm2", "-c:v prores_ks -profile:v 4444".split() + TV + TC),
    "prores-1080i-tff": ("mov", INTERLACED["tff"], "pcm2", "-c:v prores_ks -profile:v standard".split() + FIELDS + TV + TC),
    "dnxhr-hqx": ("mxf", PROGRESSIVE + ",format=yuv422p10le", "pcm2", "-c:v dnxhd -profile:v dnxhr_hqx".split() + TV + TC),
    "xdcam-hd422-tff": ("mxf", INTERLACED["tff"], "pcm4x1", XDCAM + FIELDS + "-top 1".split() + TV + TC),
    "imx30-pal-tff": ("mxf", PAL, "pcm2", "-c:v mpeg2video -profile:v 0 -level:v 2 -pix_fmt yuv422p -b:v 30M -minrate 30M -maxrate 30M -bufsize 1200000 -g 1 -intra_vlc 1 -non_linear_quant 1 -qmin 1 -qmax 12 -lmin 118 -top 1".split() + FIELDS + TC),
    "dnxhd-120-tff": ("mxf", INTERLACED["tff"].replace("1280:720", "1920:1080") + ",format=yuv422p", "pcm2", "-c:v dnxhd -b:v 120M".split() + FIELDS + TV + TC),
    "jpeg2000": ("mxf", PROGRESSIVE + ",format=yuv422p10le", "pcm2", "-c:v libopenjpeg -format j2k -compression_level 8".split() + TV + TC),
    "ffv1-chapters-ass": ("mkv", PROGRESSIVE + ",format=yuv422p10le", "text", "-c:v ffv1 -level 3 -g 1".split() + TV),
    "ffv1-12bit-422": ("mkv", PROGRESSIVE + ",format=yuv422p12le", "pcm2", "-c:v ffv1 -level 3 -g 1".split() + TV),
    "ffv1-12bit-444": ("mkv", PROGRESSIVE + ",format=yuv444p12le", "pcm2", "-c:v ffv1 -level 3 -g 1".split() + TV),
    "hevc-12bit-444": ("mkv", PROGRESSIVE + ",format=yuv444p12le", "aac", "-c:v libx265 -preset fast -crf 8 -x265-params log-level=none".split() + TV),
    "h264-bff": ("mp4", INTERLACED["bff"] + ",format=yuv420p", "aac", "-c:v libx264 -crf 12 -preset fast -x264-params bff=1".split() + FIELDS + TV),
    "hdr10-hevc": ("mp4", PROGRESSIVE + ",format=yuv420p10le", "aac", ["-c:v", "libx265", "-preset", "fast", "-crf", "12", "-x265-params", "log-level=none:" + HDR] + "-color_primaries bt2020 -color_trc smpte2084 -colorspace bt2020nc -color_range tv".split()),
    "hlg-hevc": ("mkv", PROGRESSIVE + ",format=yuv420p10le", "aac", "-c:v libx265 -preset fast -crf 12 -x265-params log-level=none -color_primaries bt2020 -color_trc arib-std-b67 -colorspace bt2020nc -color_range tv".split()),
}
# master: outputs as (flags of mark, extension)
SAME = [("--like-master", None)]
WEB = [("--preset web-720p", "mp4")]
EDIT = [("--preset prores-hq", "mov"), ("--preset dnxhr-hqx", "mxf")]
FIELD_EDIT = [("--preset prores-422", "mov"), ("--preset prores-422", "mxf"), ("--preset xdcam-hd422", "mxf"), ("--encoder libx264", "mp4"),
              ("--encoder libx265", "mov")]
TWELVE = [("--encoder libx265", "mkv"), ("--encoder libx265", "mov"), ("--preset prores-4444", "mov"), ("--preset jpeg2000", "mxf")]
OUTPUTS = {
    "prores-hq": SAME + WEB + EDIT + [("--preset xdcam-hd422", "mxf"), ("--encoder libx265", "mkv"), ("--preset ffv1", "mkv")],
    "prores-4444-alpha": SAME + [("--preset prores-4444", "mov"), ("--preset web-720p --allow-loss alpha", "mp4")],
    "prores-1080i-tff": FIELD_EDIT,
    "dnxhr-hqx": SAME + WEB + EDIT,
    "xdcam-hd422-tff": SAME + FIELD_EDIT,
    "dnxhd-120-tff": SAME + [("--preset prores-422", "mov"), ("--encoder libx264", "mp4")],
    "imx30-pal-tff": SAME + [("--preset prores-422", "mov"), ("--encoder libx264", "mp4")],
    "jpeg2000": SAME + WEB + EDIT,
    "ffv1-chapters-ass": SAME + WEB + [("--preset prores-hq", "mov")],
    "ffv1-12bit-422": SAME + TWELVE,
    "ffv1-12bit-444": SAME + TWELVE,
    "hevc-12bit-444": SAME + [("", "mp4"), ("--preset ffv1", "mkv"), ("--preset prores-4444", "mov")],
    "h264-bff": FIELD_EDIT,
    "hdr10-hevc": [("", "mp4"), ("", "mkv"), ("--preset prores-hq", "mov"), ("--preset prores-hq --allow-loss hdr", "mxf")],
    "hlg-hevc": [("", "mkv"), ("", "mp4"), ("--preset prores-hq", "mov")],
}
DEINTERLACERS = ["yadif", "bwdif", "yadif=1"]


def run(words):
    done = subprocess.run([str(word) for word in words], capture_output=True, text=True, env={**os.environ, "SVT_LOG": "0"})
    return done.returncode, done.stdout, done.stderr.strip()


class Matrix:
    def __init__(self, args):
        self.args = args
        self.out = pathlib.Path(args.out)
        self.out.mkdir(parents=True, exist_ok=True)
        self.vault = self.out / "vault"
        self.failed = 0
        if not self.vault.exists():
            self.embed("vault", "init")
            self.embed("distributor", "add", "D")

    def embed(self, *words):
        return run([self.args.bin / "countermark-embed", *words, "--vault", self.vault])

    def ffmpeg(self, words):
        code, _, err = run([self.args.ffmpeg, "-hide_banner", "-loglevel", "error", "-y", *words])
        if code:
            sys.exit(f"ffmpeg: {err}")

    def master(self, name):
        kind, picture, beside, encoder = MASTERS[name]
        path = self.out / f"{name}.{kind}"
        if path.exists():
            return path
        words = ["-t", "4" if "setpts" in picture else "2", "-i", self.args.clip]
        tone = "sine=frequency={}:sample_rate=48000:duration=2"
        tracks = {"pcm2": 1, "pcm4x1": 4, "aac": 1, "text": 1}[beside]
        for track in range(tracks):
            words += ["-f", "lavfi", "-i", tone.format(300 + 100 * track)]
        maps = ["-map", "0:v:0"] + [word for track in range(tracks) for word in ("-map", f"{track + 1}:a")]
        sound = {"pcm2": ["-c:a", "pcm_s24le", "-ac", "2"], "pcm4x1": ["-c:a", "pcm_s16le"], "aac": ["-c:a", "aac"], "text": ["-c:a", "flac"]}[beside]
        if beside == "text":
            text = self.out / "text.ass"
            run([self.args.ffmpeg, "-y", "-loglevel", "error", "-f", "srt", "-i", self.subtitles(), text])
            words += ["-i", text, "-i", self.chapters()]
            maps += ["-map", f"{tracks + 1}:s", "-map_chapters", str(tracks + 2)]
        picture = picture.replace("1280:720", self.args.size)
        self.ffmpeg([*words, *maps, "-vf", picture, *encoder, *sound, "-t", "2", path])
        return path

    def subtitles(self):
        path = self.out / "text.srt"
        path.write_text("1\n00:00:00,200 --> 00:00:00,900\nErste Zeile\n\n2\n00:00:01,000 --> 00:00:01,800\nZweite\n")
        return path

    def chapters(self):
        path = self.out / "chapters.txt"
        path.write_text(";FFMETADATA1\n[CHAPTER]\nTIMEBASE=1/1000\nSTART=0\nEND=1000\ntitle=one\n[CHAPTER]\nTIMEBASE=1/1000\nSTART=1000\nEND=2000\ntitle=two\n")
        return path

    def probe(self, path):
        _, out, _ = run([self.args.ffprobe, "-v", "error", "-of", "json", "-show_streams", "-show_format", "-show_chapters", path])
        found = json.loads(out)
        video = next(stream for stream in found["streams"] if stream["codec_type"] == "video")
        _, frame, _ = run([self.args.ffprobe, "-v", "error", "-of", "json", "-select_streams", "v:0", "-show_frames", "-read_intervals", "%+#1", path])
        frame = json.loads(frame)["frames"][0]
        tags = [video.get("tags", {}), *(stream.get("tags", {}) for stream in found["streams"]), found["format"].get("tags", {})]
        code = next((tag[key] for tag in tags for key in tag if key.lower() == "timecode"), None)
        order = video.get("field_order", "progressive")
        if frame.get("interlaced_frame"):
            order = "tt" if frame["top_field_first"] else "bb"
        side = sorted(data["side_data_type"] for data in frame.get("side_data_list", []) + video.get("side_data_list", [])
                      if "Mastering" in data["side_data_type"] or "light" in data["side_data_type"])
        return {
            "codec": f"{video['codec_name']} {video.get('profile', '')}".strip(),
            "pixels": video["pix_fmt"],
            "timecode": code and code.replace(";", ":"),
            "fields": {"tb": "bb", "bt": "tt", "unknown": "progressive"}.get(order, order),
            "colour": [video.get(key) for key in ("color_primaries", "color_transfer", "color_space")],
            "hdr": sorted(set(side)),
            "sound": [stream["channels"] for stream in found["streams"] if stream["codec_type"] == "audio"],
            "text": sum(stream["codec_type"] == "subtitle" for stream in found["streams"]),
            "chapters": len(found["chapters"]),
        }

    def traced(self, copy, master, deinterlace):
        clip = copy.with_name(copy.stem + "-clip.mp4")
        words = ["-i", copy, "-map", "0:v:0", "-vf", (f"{deinterlace}," if deinterlace else "") + "format=yuv420p",
                 "-c:v", "libx264", "-crf", "30", "-preset", "medium", "-an", clip]
        self.ffmpeg(words)
        code, out, _ = run([self.args.bin / "countermark-detect", "trace", clip, "--title", master, "--vault", self.vault, "--json"])
        named = code == 0 and self.delivery in out
        clip.unlink()
        return named

    def row(self, name, flags, kind):
        master = self.master(name)
        kind = kind or master.suffix[1:]
        copy = self.out / f"{name}-copy{flags.replace(' ', '')}.{kind}"
        copy.unlink(missing_ok=True)
        code, out, err = self.embed("mark", master, "-o", copy, "--title", name, "--distributor", "D", "--json", *flags.split())
        asked = f"{flags or 'default'} .{kind}"
        if code:
            self.failed += 1
            return f"| {name} | {asked} | error: {err.splitlines()[0] if err else code} | | | |"
        told = json.loads(out)
        self.delivery = told["payload"]
        before, after = self.probe(master), self.probe(copy)
        said = {item["kind"] for item in told["carriage"] if item["fate"] != "carried"}
        words = {"timecode": "timecode", "fields": "field-order", "hdr": "hdr", "sound": "audio", "text": "subtitle", "chapters": "chapters"}
        changed = [key for key in words if before[key] and before[key] != after[key] and words[key] not in said]
        changed += ["colour"] if any(was and was != "unknown" and was != now for was, now in zip(before["colour"], after["colour"])) else []
        ways = DEINTERLACERS if before["fields"] in ("tt", "bb") else [None]
        traced = [] if self.args.no_trace else [self.traced(copy, name, way) for way in ways]
        self.failed += bool(changed) + (not all(traced))
        kept = "all" if not changed else "lost: " + ", ".join(f"{key} {before[key]} -> {after[key]}" for key in changed)
        forms = sorted(f"{item['kind']} {item['fate']}" for item in told["carriage"] if item["fate"] != "carried")
        return (f"| {name} | {asked} | {after['codec']}, {after['pixels']} | {kept}{'; ' + ', '.join(forms) if forms else ''} "
                f"| {told['psnr_y_db']} / {told['written_psnr_y_db']} | {f'{sum(traced)} of {len(traced)}' if traced else 'not asked'} |")

    def whole(self):
        print("| master | asked for | written | kept | PSNR-Y mark / written, dB | traced after CRF 30 |")
        print("|---|---|---|---|---|---|", flush=True)
        for name, outputs in OUTPUTS.items():
            if self.args.only and self.args.only not in name:
                continue
            code, _, err = self.embed("title", "add", self.master(name), "--title", name)
            if code and "already" not in err:
                self.failed += 1
                print(f"| {name} | title add | error: {err} | | | |")
                continue
            for flags, kind in outputs:
                print(self.row(name, flags, kind), flush=True)
        return 1 if self.failed else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("clip")
    parser.add_argument("--out", required=True)
    parser.add_argument("--bin", default="target/release", type=pathlib.Path)
    parser.add_argument("--ffmpeg", default="ffmpeg")
    parser.add_argument("--ffprobe", default="ffprobe")
    parser.add_argument("--size", default="1280:720", help="of the masters that have no size of their own")
    parser.add_argument("--no-trace", action="store_true")
    parser.add_argument("--only")
    sys.exit(Matrix(parser.parse_args()).whole())


if __name__ == "__main__":
    main()
