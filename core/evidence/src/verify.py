#!/usr/bin/env python3
"""Verifies a proof bundle of Countermark: run it in the unpacked folder, `python3 verify.py`, without arguments, offline.

It needs Python's standard library and, for signatures and time stamps, the program `openssl` (3.0 or newer). It writes nothing into the folder.
Nothing in the bundle is believed: every value is computed again from those before it, in this order.

    files       SHA-256 of every file is the one in manifest.json
    signature   manifest.sig is the Ed25519 signature of manifest.json by evidence-key.pem, minisign's file holds it   (openssl)
    key         that key is on record in the studio's ledger
    head        the ledger's head is signed by that key                                                (openssl)
    stamp       a third party stamped the head (RFC 3161)                                              (openssl)
    entries     the ledger's entries about the accused delivery are in the head's Merkle tree (RFC 6962)
    commitment  SHA-256 of the opened delivery key is the one that was committed to in those entries
    score       the key's signs (ChaCha20) and the soft values give the score t, to the last bit
    bound       t and the hypotheses give the bound on how often so high a score occurs under the null hypothesis
    verdict     the bound is below one in a billion
    report, next, acquired, records    what is said beside it
    bundle stamp    a third party stamped manifest.sig, and so the whole bundle                        (openssl)

A line begins with "ok", "FAIL", or "--" for what could not be checked; exit code 0 if nothing failed, 1 if something did, 2 if this is
no bundle. What the verdict means, and what it does not, is in statement.en.md.
"""

import array, base64, datetime, hashlib, json, math, os, shutil, struct, subprocess, sys, tempfile

SCHEMA = 1
THRESHOLD_LOG10 = -9.0
OUTSIDE = ("manifest.json", "manifest.sig", "manifest.json.minisig", "manifest.sig.tsr", "manifest.sig.authority.pem")
MINISIGN_COMMENTS = ["untrusted comment: signature of a Countermark evidence key", "trusted comment: countermark case"]
FACTORS = ["clips", "decisions", "titles", "formats", "views", "readings", "poses", "sections", "shifts", "deliveries", "keys", "list", "looks"]

links = []  # (state, name, what was found)

class Broken(Exception):
    """A link that does not hold, and why."""

def require(condition, why):
    if not condition:
        raise Broken(why)

def link(name, check):
    """Runs a check, which answers with what holds, raises Broken, or answers with a tuple of one text for what cannot be checked."""
    try:
        said = check()
        links.append(("--", name, said[0]) if isinstance(said, tuple) else ("ok", name, said))
    except Broken as why:
        links.append(("FAIL", name, str(why)))
    except (KeyError, ValueError, TypeError, AttributeError, IndexError, OverflowError, OSError, struct.error) as error:
        links.append(("FAIL", name, "cannot be read (%s: %s)" % (type(error).__name__, error)))

def read(name):
    with open(os.path.join(*name.split("/")), "rb") as file:
        return file.read()

def sha256(data):
    return hashlib.sha256(data).digest()

def openssl(*arguments):
    """Whether openssl agrees; None when it is not there."""
    if shutil.which("openssl") is None:
        return None
    return subprocess.run(["openssl", *arguments], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL).returncode == 0

def is_signed(message, signature):
    return openssl("pkeyutl", "-verify", "-pubin", "-inkey", "evidence-key.pem", "-rawin", "-in", message, "-sigfile", signature)

def is_stamped(data, token, authority, unix_seconds):
    """As of the time that the token names: a certificate that has expired since says nothing against it."""
    return openssl("ts", "-verify", "-data", data, "-in", token, "-CAfile", authority, "-attime", str(int(unix_seconds)))

NO_OPENSSL = ("openssl is not there to check it",)

def check_files(manifest):
    for listed in manifest["files"]:
        name = listed["name"]
        require(".." not in name.split("/") and not name.startswith("/") and "\\" not in name, "the name %r leads out of the folder" % name)
        require(os.path.isfile(name), "%s is missing" % name)
        data = read(name)
        require(len(data) == listed["bytes"] and sha256(data).hex() == listed["sha256"], "%s was changed" % name)
    known = {listed["name"] for listed in manifest["files"]}.union(OUTSIDE)
    for folder, _, names in os.walk("."):
        for name in names:
            path = os.path.relpath(os.path.join(folder, name), ".").replace(os.sep, "/")
            require(path in known or "__pycache__" in path, "%s is not listed" % path)
    return "%d files have their digests" % len(manifest["files"])

def check_signature():
    own = read("manifest.sig")
    first, key_line, comment, comment_line = read("manifest.json.minisig").decode().removesuffix("\n").split("\n")
    commented = base64.b64decode(comment_line, validate=True)
    expected = b"Ed" + sha256(bytes.fromhex(evidence_key()))[:8] + own
    written = [base64.b64encode(data).decode() for data in (expected, commented)]
    require([first, comment] == MINISIGN_COMMENTS and [key_line, comment_line] == written, "manifest.json.minisig is not that of manifest.sig")
    with tempfile.TemporaryDirectory() as folder:
        message, signature = os.path.join(folder, "message"), os.path.join(folder, "signature")
        for path, data in ((message, own + MINISIGN_COMMENTS[1].split(": ")[1].encode()), (signature, commented)):
            with open(path, "wb") as file:
                file.write(data)
        signed = [is_signed("manifest.json", "manifest.sig"), is_signed(message, signature)]
    if None in signed:
        return NO_OPENSSL
    require(signed[0], "manifest.sig is not the evidence key's for manifest.json")
    require(signed[1], "manifest.json.minisig signs another comment")
    return "the manifest is signed by the evidence key"

def evidence_key():
    """The 32 bytes behind the 12 that say "Ed25519" in evidence-key.pem."""
    der = base64.b64decode("".join(read("evidence-key.pem").decode().split("\n")[1:-2]), validate=True)
    require(len(der) == 44 and der[:12] == bytes.fromhex("302a300506032b6570032100"), "evidence-key.pem is no Ed25519 key")
    return der[12:].hex()

def entry_hash(entry):
    """SHA-256(label || previous || seq || time || act || details), texts behind their lengths."""
    message = b"countermark ledger 1" + bytes.fromhex(entry["previous"]) + struct.pack(">q", entry["seq"])
    for field in ("time", "act", "details"):
        text = entry[field].encode()
        message += struct.pack(">Q", len(text)) + text
    return sha256(message)

def root_of(entry, size):
    """The root that the entry's path leads to: RFC 9162, section 2.1.3.2."""
    at, last = entry["seq"] - 1, size - 1
    require(0 <= at <= last, "entry %d is not below the head" % entry["seq"])
    root = sha256(b"\0" + entry_hash(entry))
    for hash_ in map(bytes.fromhex, entry["inclusion"]):
        require(last > 0, "the path of entry %d is too long" % entry["seq"])
        if at & 1 or at == last:
            root = sha256(b"\1" + hash_ + root)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            root = sha256(b"\1" + root + hash_)
        at, last = at >> 1, last >> 1
    require(last == 0, "the path of entry %d is too short" % entry["seq"])
    return root.hex()

def check_key(case):
    key, ledger = evidence_key(), case["ledger"]
    if ledger is None:
        return ("no head of the ledger: the evidence key is not on record",)
    require(ledger["head"]["key"] == key, "bundle and head are signed by different keys")
    entry, head = ledger["key_entry"], ledger["head"]
    require(entry["act"] == "evidence-key-made" and json.loads(entry["details"])["key"] == key, "the ledger has another evidence key on record")
    require(root_of(entry, head["size"]) == head["root"], "the entry of the evidence key is not in the head's tree")
    return "the evidence key is on record since %s, entry %d" % (entry["time"], entry["seq"])

def head_text(head):
    return "countermark ledger head 2\n%d\n%s\n%s\n%s\n" % (head["size"], head["root"], head["time"], head["key"])

def check_head(case):
    if case["ledger"] is None:
        return ("the bundle holds no head of the ledger",)
    head = case["ledger"]["head"]
    require(read("ledger/head.txt") == head_text(head).encode(), "ledger/head.txt is not the head of the case")
    require(read("ledger/head.sig").hex() == head["signature"], "ledger/head.txt is not the head of the case")
    signed = is_signed("ledger/head.txt", "ledger/head.sig")
    if signed is None:
        return NO_OPENSSL
    require(signed, "the head's signature is not the evidence key's")
    return "%d entries, signed %s by the studio's clock" % (head["size"], head["time"])

def check_stamp(case):
    ledger = case["ledger"]
    if ledger is None:
        return ("no head, so no stamp of it",)
    stamp = ledger["stamp"]
    if stamp is None:
        require(not os.path.exists("ledger/stamp.tsr"), "ledger/stamp.tsr is of no head of the case")
        return ("no third party stamped the head: its time rests on the studio's word",)
    require(stamp["digest"] == sha256(head_text(ledger["head"]).encode()).hex(), "the stamp is of another head")
    # The token's digest and time are inside its signed bytes: as DER, and as text behind its tag.
    token, time = read("ledger/stamp.tsr"), stamp["time"].translate({ord(c): None for c in "-:T"})
    require(bytes.fromhex("0420" + stamp["digest"]) in token, "the time stamp is of another digest")
    require(b"\x18" + bytes([len(time)]) + time.encode() in token, "the stamp says something else than the case")
    agreed = is_stamped("ledger/head.txt", "ledger/stamp.tsr", "ledger/authority.pem", stamp["unix_seconds"])
    if agreed is None:
        return NO_OPENSSL
    require(agreed, "the time stamp does not verify")
    said = "stamped %s under policy %s" % (stamp["time"], stamp["policy"])
    if stamp["time"][:19] < ledger["head"]["time"][:19]:
        said += "; a clock is wrong, for the studio's said %s before" % ledger["head"]["time"]
    return said

def details_of(accused, act, field, value):
    for entry in accused["entries"]:
        if entry["act"] == act and json.loads(entry["details"]).get(field) == value:
            return json.loads(entry["details"])
    return None

def name_of(accused, what, identity):
    """What a title or a distributor is called after the last renaming that the entries hold, in a list of one."""
    named = [json.loads(entry["details"]) for entry in accused["entries"] if entry["act"] in (what + "-added", what + "-renamed")]
    return [details["name"] for details in named if details.get(what) == identity][-1:]

def check_entries(case, accused):
    if case["ledger"] is None:
        return ("no head, so no proof that the entries are older than the leak",)
    if accused["delivery"] is None:
        return ("the payload was decoded, and no delivery of it is on record",)
    head = case["ledger"]["head"]
    for entry in accused["entries"]:
        require(root_of(entry, head["size"]) == head["root"], "entry %d is not in the head's tree" % entry["seq"])
    begun = details_of(accused, "delivery-begun", "delivery", accused["delivery"])
    require(begun, "no entry says that the delivery was begun")
    for what in ("distributor", "title"):
        require(name_of(accused, what, begun[what]) == [accused[what]], "the entries name another distributor or title")
    require(begun["payload"] == accused["payload"] and begun.get("licensee") == accused["licensee"], "the entry of the delivery has another payload or licensee")
    since = next(entry["time"] for entry in accused["entries"] if entry["act"] == "delivery-begun")
    return "%d entries are in the head's tree; the delivery was begun %s" % (len(accused["entries"]), since)

def check_commitment(accused):
    if accused["commitment"] is None or accused["delivery"] is None:
        return ("the ledger holds no commitment to this delivery's key",)
    delivery, key = bytes.fromhex(accused["delivery"]), bytes.fromhex(accused["delivery_key"])
    require(len(delivery) == 16 and len(key) == 32, "the delivery or its key cannot be read")
    found = sha256(b"countermark delivery commitment 1" + delivery + key).hex()
    require(found == accused["commitment"], "the key is not the one that was committed to")
    recorded = None
    for act in ("delivery-begun", "delivery-committed"):
        details = details_of(accused, act, "delivery", accused["delivery"])
        if recorded is None and details and details.get("commitment"):
            recorded = details
    require(recorded, "no entry holds the commitment")
    require(recorded["commitment"] == found, "the ledger holds a commitment to another key")
    payload = bytes.fromhex(accused["payload"])
    of_payload = sha256(b"countermark payload commitment 1" + delivery + payload + key).hex()
    require(len(payload) == 8 and recorded["payload_commitment"] == of_payload == accused["payload_commitment"], "the ledger holds a commitment to another payload")
    return "the opened key and payload are those that were committed to"

def chacha20_words(key, stream, block):
    """Words of one block of ChaCha20 (Bernstein 2008): 64-bit block counter, 64-bit stream number."""
    mask = 0xFFFFFFFF
    state = list(struct.unpack("<4I", b"expand 32-byte k")) + list(struct.unpack("<8I", key))
    state += [block & mask, block >> 32, stream & mask, stream >> 32]
    x = state[:]

    def quarter(a, b, c, d):
        for up, by, turn in ((a, b, 16), (c, d, 12), (a, b, 8), (c, d, 7)):
            x[up] = (x[up] + x[by]) & mask
            other = d if up == a else b
            x[other] ^= x[up]
            x[other] = (x[other] << turn | x[other] >> (32 - turn)) & mask

    for _ in range(10):
        for i in range(4):
            quarter(i, 4 + i, 8 + i, 12 + i)
        for i in range(4):
            quarter(i, 4 + (i + 1) % 4, 8 + (i + 2) % 4, 12 + (i + 3) % 4)
    return [(a + b) & mask for a, b in zip(x, state)]

def score(key, soft):
    """t = sum(s r) / sqrt(sum(r r)); in binary32 within a lane of a row, in binary64 beyond, in the order of the file."""
    total, energy, before = 0.0, 0.0, -1
    for row in struct.iter_unpack("<Q512f", soft):
        epoch, values = row[0], row[1:]
        require(epoch > before and all(map(math.isfinite, values)), "the soft values cannot be read")
        before = epoch
        # Four epochs share a stream; an epoch has one block, a bit for each position: 0 is +1, 1 is -1.
        words = chacha20_words(key, epoch // 4, epoch % 4)
        lanes = array.array("f", [0.0] * 32)  # every element is rounded to binary32 when it is stored
        for w, word in enumerate(words):
            for lane in range(32):
                value = values[32 * w + lane]
                lanes[lane] += -value if word >> lane & 1 else value
        correlation = 0.0
        for lane in lanes:
            correlation += lane
        total += correlation
        for value in values:
            energy += value * value
    return total / math.sqrt(energy) if energy > 0.0 else 0.0

def check_score(accused):
    soft, key = read(accused["soft"]), bytes.fromhex(accused["delivery_key"])
    require(len(soft) == 2056 * accused["rows"], "%d bytes of soft values, not %d rows" % (len(soft), accused["rows"]))
    t = score(key, soft)
    require(t == accused["t"], "soft values and key give t = %r, not %r" % (t, accused["t"]))
    return "t = %.4f from %d soft values, to the last bit" % (t, 512 * accused["rows"])

def log10_hypotheses(accused):
    # Bundles of programs that looked once lack the last.
    require([f["name"] for f in accused["hypotheses"]] in (FACTORS, FACTORS[:-1]), "the hypotheses are not those that a bound has to count")
    require(all(type(f["count"]) is int and f["count"] > 0 for f in accused["hypotheses"]), "the hypotheses are not those that a bound has to count")
    return sum(math.log10(f["count"]) for f in accused["hypotheses"])

def log10_bound(accused):
    """Hoeffding 1963, theorem 2, times the hypotheses."""
    t = accused["t"]
    return min(0.0, log10_hypotheses(accused) - t * t / 2 * math.log10(math.e)) if t > 0 else 0.0

def check_bound(accused):
    hypotheses, bound = log10_hypotheses(accused), log10_bound(accused)
    threshold = math.sqrt(max(0.0, 2 * (hypotheses - THRESHOLD_LOG10) / math.log10(math.e)))
    for found, told in ((bound, accused["log10_bound"]), (threshold, accused["threshold_t"])):
        require(abs(found - told) <= 1e-9 * (1 + abs(found)), "score and hypotheses give a bound of 10^%.3f, not 10^%.3f" % (bound, accused["log10_bound"]))
    return "10^%.2f hypotheses, bound 10^%.1f" % (hypotheses, bound)

def check_verdict(accused):
    bound = log10_bound(accused)
    require(bound < THRESHOLD_LOG10, "a bound of 10^%.2f accuses nobody" % bound)
    return "the clip carries the signal of the copy for %s; without access to it so high a score occurs in fewer than 1 of 10^%d analyses" % (accused["distributor"], math.floor(-max(bound, -30.0)))

def check_report(case):
    named = json.loads(read("report.json"))["deliveries"]
    same = len(named) == len(case["accused"])
    for told, own in zip(named, case["accused"]):
        same = same and told["payload"] == own["payload"] and told["distributor"] == own["distributor"]
        same = same and all(abs(told[field] - own[field]) < 2e-3 for field in ("t", "log10_bound"))
        same = same and all(told["hypotheses"][f["name"]] == f["count"] for f in own["hypotheses"])
    require(same, "report.json says something else than the case")
    return "report.json says what the case says"

def check_next(case):
    most = math.ceil(max(accused["threshold_t"] for accused in case["accused"]))
    own = [accused["commitment"] for accused in case["accused"]]
    right = all(type(n["score_at_most"]) is int and n["score_at_most"] <= most and (n["commitment"] is None or n["commitment"] not in own) for n in case["next"])
    require(len(case["next"]) <= 10 and right, "deliveries that are not accused are told with scores that would accuse")
    return "%d deliveries came next and stay closed" % len(case["next"])

def check_acquired(case):
    there = os.path.exists("acquired.json")
    require(there == case["suspect"]["acquired"], "acquired.json is not what the case says")
    return "the bundle says how the clip was acquired" if there else ("the bundle does not say how the clip was acquired",)

def check_records(case):
    if case["ledger"] is None:
        return ("no head, so no proof that the working files are older",)
    head, entries, stages = case["ledger"]["head"], case["records"]["entries"], []
    titles = [json.loads(e["details"])["title"] for one in case["accused"] for e in one["entries"] if e["act"] == "title-added"]
    for entry in entries:
        details = json.loads(entry["details"])
        require(entry["act"] == "files-recorded" and details["title"] in titles, "entry %d is about no working files of the title" % entry["seq"])
        require(root_of(entry, head["size"]) == head["root"], "entry %d is not in the head's tree" % entry["seq"])
        stages += [details["stage"] for _ in details["files"]]
    each = "".join(", %s %d" % (stage, stages.count(stage)) for stage in sorted(set(stages)))
    return "%d working files in %d entries of the head's tree%s; %d entries came later" % (len(stages), len(entries), each, case["records"]["later"])

def check_bundle_stamp():
    there = [os.path.exists(name) for name in OUTSIDE[3:]]
    if not any(there):
        return ("no third party stamped the bundle itself",)
    require(all(there), "a part of the bundle's stamp is missing")
    token, imprint = read("manifest.sig.tsr"), b"\x04\x20" + sha256(read("manifest.sig"))
    require(imprint in token, "the time stamp is of another digest")
    # Behind the digest: the serial number, then the time, each a tag, a length, and so many bytes.
    at = token.index(imprint) + len(imprint)
    at += 2 + token[at + 1]
    time = datetime.datetime.strptime(token[at + 2:at + 16].decode() + "+0000", "%Y%m%d%H%M%S%z")
    agreed = is_stamped("manifest.sig", "manifest.sig.tsr", "manifest.sig.authority.pem", time.timestamp())
    if agreed is None:
        return NO_OPENSSL
    require(agreed, "the time stamp does not verify")
    return "the signature was stamped %s" % time.strftime("%Y-%m-%dT%H:%M:%SZ")

def main():
    os.chdir(os.path.dirname(os.path.abspath(__file__)))
    try:
        manifest, case = json.loads(read("manifest.json")), json.loads(read("case.json"))
        versions, accused = (manifest["schema"], case["schema"]), list(case["accused"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        print("this is no bundle: %s" % error)
        return 2
    if max(versions) > SCHEMA:
        print("the bundle has version %d, this program knows versions up to %d" % (max(versions), SCHEMA))
        return 2
    link("files", lambda: check_files(manifest))
    link("signature", check_signature)
    link("key", lambda: check_key(case))
    link("head", lambda: check_head(case))
    link("stamp", lambda: check_stamp(case))
    if not accused:
        links.append(("FAIL", "accused", "nobody is accused"))
    for number, one in enumerate(accused, 1):
        link("entries %d" % number, lambda: check_entries(case, one))
        link("commitment %d" % number, lambda: check_commitment(one))
        link("score %d" % number, lambda: check_score(one))
        link("bound %d" % number, lambda: check_bound(one))
        link("verdict %d" % number, lambda: check_verdict(one))
    link("report", lambda: check_report(case))
    link("next", lambda: check_next(case))
    link("acquired", lambda: check_acquired(case))
    if case.get("records") is not None:
        link("records", lambda: check_records(case))
    link("bundle stamp", check_bundle_stamp)
    for line in case.get("warnings", []):
        links.append(("--", "register", "the bundle warns of its register: %s" % line))
    for state, name, said in links:
        print("%-4s  %-14s %s" % (state, name, "".join(c if c.isprintable() else "?" for c in said)))
    failed = [name for state, name, _ in links if state == "FAIL"]
    try:
        print("evidence key %s: compare it with the one that the studio published" % evidence_key())
    except (Broken, ValueError, OSError):
        pass
    print("the bundle does not hold: %s" % ", ".join(failed) if failed else "the bundle holds")
    return 1 if failed else 0

if __name__ == "__main__":
    sys.exit(main())
