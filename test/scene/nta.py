#!/usr/bin/python3
"""fumibako-post nta run: from a sender's CSV straight into mailboxes, and out again as the issuer signed it (N5)

FUMIBAKO_RECORDS (60) says how many records the run has whose stages are timed.
"""
import atexit
import collections
import contextlib
import hashlib
import itertools
import json
import os
import pathlib
import random
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import threading
import time

from household import CLIENT, PASSPHRASE, POST, VERIFY, call, household
from world import BUILD, PATIENCE, SANITIZED, SOURCE, check, play, until

sys.path.insert(0, str(SOURCE / "test" / "help"))
import authority  # noqa: E402
import nta  # noqa: E402

RECORDS = int(os.environ.get("FUMIBAKO_RECORDS", "60"))
NUMBER = {"TEG800": 4, "TEG810": 3, "TEG822": 3, "TEG830": 5, "TEG840": 6, "TEG850": 7}    # column of the number
TITLES = {"TEG800": "生命保険料控除証明書", "TEG840": "国民年金保険料等控除証明書"}
SCHEMAS = SOURCE / "test" / "vector" / "nta" / "xsd" / "kyotsu"
JAPANESE = {"LC_ALL": "ja_JP.UTF-8"}
made = {}


def _keys():
    """An authority with its signers, made once."""
    if "keys" not in made:
        folder = pathlib.Path(tempfile.mkdtemp(prefix="fumibako-scene-keys-"))
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
        made["keys"] = authority.make(folder / "authority")
    return made["keys"]


def _anchors():
    """Those whom a recipient trusts."""
    path = _keys() / "authorities.pem"
    path.write_text((_keys() / "root.pem").read_text() + (_keys() / "intermediate.pem").read_text())
    return ["--anchors", path]


def _pem():
    return ["--key", _keys() / "signer.key", "--certificate", _keys() / "signer.pem"]


# ---- what the sender has ----

def _certificates(records):
    """Records that make one certificate each, in the order of the first."""
    found = {}
    for i, r in enumerate(records):
        code = r.get(2) if r[1] in nta.GROUPED else None
        found.setdefault(code or i, []).append(r)
    return list(found.values())


def _numbers(certificate):
    return [r[NUMBER[r[1]]] for r in certificate]


def _write_map(path, where):
    path.write_text("number,address\n" + "".join(f"{n},{a}\n" for n, a in where.items()))
    return path


class Job:
    """A CSV and a mapping of its certificates to addresses in turn."""

    def __init__(self, h, name, records, addresses, leave_out=()):
        self.h, self.name, self.records = h, name, records
        self.certificates = _certificates(records)
        self.where = {n: addresses[i % len(addresses)] for i, c in enumerate(self.certificates) if i not in leave_out
                      for n in _numbers(c)}
        self.csv, self.map, self.results = (h.folder / f"{name}.{end}" for end in ("csv", "map", "results"))
        nta.write_csv(self.csv, records)
        _write_map(self.map, self.where)

    def words(self, *more, key=None):
        return [POST, "nta", "run", self.csv, "--map", self.map, "--profile", self.h.insurer, "--results", self.results,
                *(_pem() if key is None else key), *more]

    def run(self, *more, code=0, key=None, **options):
        """stdout and stderr."""
        p = subprocess.run([str(w) for w in self.words(*more, key=key)], capture_output=True, text=True,
                           timeout=4 * PATIENCE + RECORDS / 20, stdin=subprocess.DEVNULL, check=False, **options)
        check(p.returncode == code, self.name, "ended with", p.returncode, p.stdout[-2000:], p.stderr[-2000:])
        return p.stdout, p.stderr

    def json(self, *more, **options):
        return [json.loads(line) for line in self.run("--json", *more, **options)[0].splitlines()]

    def table(self):
        """The results file, as maps."""
        head, *lines = self.results.read_text().splitlines()
        return [dict(zip(head.split(","), line.split(","))) for line in lines]


def _key(address, certificate, occurrence=1):
    """The key of a letter (N5.2). It must not change from version to version: everything would be sent again."""
    digest = hashlib.sha256()
    for piece in ("fumibako nta run v1", certificate[0][1], address, *map(nta.line, certificate)):
        digest.update(len(piece.encode("cp932")).to_bytes(8, "big") + piece.encode("cp932"))
    return f"{digest.hexdigest()}-{occurrence}"


def _spool(h):
    return [json.loads(line) for line in call(POST, "results", "--json", "--profile", h.insurer).splitlines()]


# ---- what the recipient gets ----

def _exported(citizen):
    """Fetched, opened, exported and acknowledged: the files."""
    folder = citizen.home.folder / f"out-{citizen.folder.name}"
    patience = PATIENCE + RECORDS / 10
    citizen("get", "--all", timeout=patience)
    citizen("export", "--all", folder, timeout=patience)
    citizen("ack", "--all", timeout=patience)
    return sorted(folder.iterdir())


def _sha256(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _form_of(path):
    return path.name[:6]


def _verify(path):
    """Schema and signature, by other people's programs."""
    call("xmllint", "--nonet", "--noout", "--schema", SCHEMAS / f"{_form_of(path)}-001.xsd", path)
    call("xmlsec1", "--verify", "--id-attr:id", f"http://xml.e-tax.nta.go.jp/XSD/kyotsu:{_form_of(path)}",
         "--trusted-pem", _keys() / "root.pem", "--untrusted-pem", _keys() / "intermediate.pem", path)


def _check_arrived(results, files):
    """Exactly what was signed, and each once."""
    sent, got = collections.Counter(r["sha256"] for r in results), collections.Counter(_sha256(f) for f in files)
    check(sent == got, len(sent), "signed,", len(got), "arrived,", len(sent & got), "of them the same")
    check(set(sent.values()) <= {1}, "two certificates with the same octets")


# ---- scenes ----

def every_form_arrives_as_it_was_signed():
    with household() as h:
        people = [h.citizen(name) for name in ("ada", "ben", "cem")]
        addresses = [p.address() for p in people]
        results, jobs = [], []
        for form in sorted(nta.COLUMNS):
            job = Job(h, form, nta.records(form, 10, seed=form), addresses)
            out, err = job.run()
            n = len(job.certificates)
            check(f"{n} letters: {n} filed, 0 refused, 0 waiting\n" in out and not err, out, err)
            table = job.table()
            check([r["key"] for r in table] == [_key(job.where[_numbers(c)[0]], c) for c in job.certificates], "keys", table)
            check([r["number"] for r in table] == [_numbers(c)[0] for c in job.certificates], "numbers", table)
            results += table
            jobs.append(job)
        check(all(r["state"] == "filed" and len(r["sha256"]) == 64 for r in results), results[0])
        files = {p: _exported(p) for p in people}
        _check_arrived(results, [f for one in files.values() for f in one])
        for person, address in zip(people, addresses):
            mine = {n for job in jobs for n, a in job.where.items() if a == address}
            texts = "".join(f.read_text() for f in files[person])
            every = {n for job in jobs for n in job.where}
            check(all(f">{n}<" in texts for n in mine) and not any(f">{n}<" in texts for n in every - mine),
                  "certificates in the wrong mailbox")
            for f in files[person]:
                _verify(f)
        opened = [people[0].json("open", str(i + 1)) for i in range(len(files[people[0]]))]
        for o in opened:
            part, form = o["parts"][0], o["type"].removeprefix("jp.go.nta.")
            check(len(o["parts"]) == 1 and part["media"] == "application/xml", o)
            check(re.fullmatch(form + r"\d{14}\d{7}\.xml", part["name"]), part)
            check(o["class"] == "certificate" and o["title"] == TITLES.get(form, o["title"]), o)
        check({o["type"] for o in opened} == {f"jp.go.nta.{form}" for form in nta.COLUMNS}, opened)
        call(POST, "receipt", results[0]["key"], "--profile", h.insurer, "--out", h.folder / "receipt")
        call(VERIFY, h.folder / "receipt", "--trust", h.trust)


def a_run_killed_at_random_is_finished_by_running_it_again():
    dice = random.Random(int(os.environ.get("FUMIBAKO_SEED", "7")))
    with household() as h:
        ada = h.citizen()
        job = Job(h, "TEG800", nta.records("TEG800", 400), [ada.address()])
        filed = lambda: h.world.counter("letters_filed")  # noqa: E731
        for patience in itertools.count():
            p = subprocess.Popen([str(w) for w in job.words()], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                 stderr=subprocess.DEVNULL)
            if patience == 0:           # in the middle for sure: some are filed, and the others not yet made
                until(lambda: filed() or p.poll() is not None, "the first letters")
            try:
                check(p.wait(dice.uniform(0, 0.06 * patience)) == 0, "it ended otherwise")
                break
            except subprocess.TimeoutExpired:
                p.kill()
                p.wait()
            if patience == 0:
                check(0 < filed() < len(job.certificates), "not in the middle:", filed())
        check(patience, "not killed at all")
        results = job.table()
        check(len(results) == len(job.certificates) and all(r["state"] == "filed" for r in results))
        check(len({r["leaf"] for r in results}) == len({r["id"] for r in results}) == len(results))
        check(len(_spool(h)) == len(results), "letters nobody asked for")
        files = _exported(ada)
        _check_arrived(results, files)
        for f in dice.sample(files, 10):
            _verify(f)
        found = sorted(n for f in files for n in re.findall("<WCE00040>(.*?)</WCE00040>", f.read_text()))
        check(found == sorted(r[4] for r in job.records), "a contract is missing, or there twice")


def a_run_that_is_done_sends_nothing_again_whatever_the_day():
    with household() as h:
        ada = h.citizen()
        job = Job(h, "TEG840", nta.records("TEG840", 12), [ada.address()])
        job.run()
        before, filed = _spool(h), h.world.counter("letters_filed")
        tables = job.table()
        out, err = job.run()
        check("12 filed (12 before)" in out and not err, out, err)
        check("12 filed (12 before)" in job.run(key=[])[0], "a key is asked for, though there is nothing to sign")
        check("12 filed (12 before)" in job.run("--title", "another title", key=["--pkcs12", "/nowhere"])[0])
        # Lines that end otherwise, and empty ones, are no other records.
        job.csv.write_bytes(b"\n" + job.csv.read_bytes().replace(b"\r\n", b"\n"))
        check("12 filed (12 before)" in job.run()[0])
        if not SANITIZED:
            tomorrow = {"LD_PRELOAD": str(BUILD / "test" / "help" / "tomorrow.so")}
            day = subprocess.run(["date", "+%s"], capture_output=True, text=True, check=True, env=os.environ | tomorrow).stdout
            check(int(day) > time.time() + 80000, "the clock is not set forward")
            check("12 filed (12 before)" in job.run(env=os.environ | tomorrow)[0])
        check(h.world.counter("letters_filed") == filed == 12)
        h.world.stop()
        check("12 filed (12 before)" in job.run()[0], "the broker is asked for what is known")
        check(_spool(h) == before and [r["id"] for r in job.table()] == [r["id"] for r in tables])


def a_changed_record_is_a_new_certificate_and_the_others_stay():
    with household() as h:
        ada, ben = h.citizen("ada"), h.citizen("ben")
        job = Job(h, "TEG850", nta.records("TEG850", 6), [ada.address()])
        job.run()
        job.records[2] = job.records[2] | {6: "東京都千代田区霞が関１丁目１番１号"}
        nta.write_csv(job.csv, job.records)
        check("6 filed (5 before)" in job.run()[0])
        # Another recipient for one: what lies with the first is not taken for posted to the second.
        job.where[job.records[4][7]] = ben.address()
        _write_map(job.map, job.where)
        check("6 filed (5 before)" in job.run()[0])
        check(len(_exported(ada)) == 7 and len(_exported(ben)) == 1 and len(_spool(h)) == 8)


def a_file_with_findings_sends_nothing():
    with household() as h:
        ada = h.citizen()
        job = Job(h, "TEG800", nta.records("TEG800", 5, rows=1), [ada.address()])
        bad = [dict(r) for r in job.records]
        bad[2][63], bad[4][66] = "26", "9"
        nta.write_csv(job.csv, bad)
        found = job.json(code=1)
        check([(f["record"], f["column"]) for f in found if f.get("record")] == [(3, 63), (5, 66)], found)
        out, err = job.run(code=1)
        check(not out and len(re.findall(r"\(\w+ 7\d\d\)", err)) == 2, out, err)
        # The mapping's errors are said in the same go.
        job.map.write_text("number,address\n7,fumi1x\n")
        err = job.run(code=1)[1]
        check("record 3" in err and f"{job.map}:2:3: 'fumi1x' is no address" in err, err)
        nta.write_csv(job.csv, job.records)
        err = job.run(code=1)[1]
        check("1 error in" in err and "nothing was sent" in err, err)
        # Where the results go is tried before anything goes to a mailbox.
        _write_map(job.map, job.where)
        for path in (h.folder / "no-such" / "results", h.folder):
            check("nothing was sent" in job.run("--results", path, code=1)[1])
        # Called wrongly, and --json comes after what is wrong.
        out = json.loads(job.run("--nothing", "--json", code=2)[0])
        check(out["code"] == -1 and "--nothing" in out["detail"], out)
        csv, job.csv = job.csv, h.folder
        check("is not a regular file" in job.run(code=1)[1])
        job.csv = csv
        check(not _spool(h) and not job.results.exists() and not ada.json("list")["letters"])


def a_key_that_does_not_fit_composes_nothing():
    with household() as h:
        job = Job(h, "TEG810", nta.records("TEG810", 3), [h.citizen().address()])
        k = _keys()
        for key, name in ((["--key", k / "other.key", "--certificate", k / "signer.pem"], "SIGNER_OTHER_KEY"),
                          (["--key", k / "expired.key", "--certificate", k / "expired.pem"], "SIGNER_NOT_IN_FORCE"),
                          (["--key", k / "weak.key", "--certificate", k / "weak.pem"], "KEY_UNFIT")):
            found = job.json(key=key, code=1)
            check([f["name"] for f in found] == [name], found)
        err = job.run(key=[], code=2)[1]
        check("--key" in err, err)
        for title in ("", "一\n二", "長" * 200):
            check("--title takes 1 to 512 bytes" in job.run("--title", title, code=2)[1])
        check(not _spool(h))
        read, write = os.pipe()
        os.write(write, (authority.PASSWORD + "\n").encode())
        os.close(write)
        check("filed, 0 refused" in job.run("--passphrase-fd", str(read), key=["--pkcs12", k / "signer.p12"], pass_fds=[read])[0])
        os.close(read)


def records_without_an_address_are_listed_and_posted_when_they_have_one():
    with household() as h:
        ada = h.citizen()
        address = ada.address()
        job = Job(h, "TEG800", nta.records("TEG800", 6, rows=1), [address], leave_out=(1, 4))
        one, four = job.records[1][4], job.records[4][4]
        wide = {n.translate({v: k for k, v in nta.FULL_WIDTH.items()}): address for n in (four,)}
        _write_map(job.map, job.where | wide)
        out, err = job.run(code=3)
        check("6 letters: 4 filed, 0 refused, 0 waiting, 2 without an address" in out, out)
        said = err.splitlines()
        check(len(said) == 3 and said[2] == f"  -> add them to {job.map} and run the command again: what is posted is not "
              "posted twice", err)
        check(said[0] == f"{job.csv}:2: record 2: no address for 証券番号 '{one}'", err)
        check(said[1].startswith(f"{job.csv}:5: record 5: no address for 証券番号 '{four}'; {job.map}:6 has '第")
              and said[1].endswith("which only looks like it"), err)
        check([r["state"] for r in job.table()] == ["filed", "unmapped", "filed", "filed", "unmapped", "filed"], job.table())
        check("2 行目" not in err and "宛先なし 2" in job.run(code=3, env=os.environ | JAPANESE)[0])
        found = job.json(code=3)
        check([(f["record"], f["number"], f["line"]) for f in found if f["state"] == "unmapped"] == [(2, one, 2), (5, four, 5)], found)
        check(all(len(f["sha256"]) == 64 and f["number"] for f in found if f["state"] == "filed"), found)
        _write_map(job.map, job.where | {one: address, four: address})
        check("6 filed (4 before)" in job.run()[0])
        _check_arrived(job.table(), _exported(ada))


def nobody_is_mapped_when_the_column_is_another():
    with household() as h:
        job = Job(h, "TEG800", nta.records("TEG800", 3, rows=1), [h.citizen().address()])
        out, err = job.run("--by", "契約者", code=3, key=[])
        check("3 letters: 0 filed, 0 refused, 0 waiting, 3 without an address" in out and err.count("契約者 '") == 3, out, err)
        check(err.endswith(f"none has an address: does {job.map} really hold column 7, 契約者? --by names another\n"), err)
        check(not _spool(h))


def the_mapping_goes_by_any_column():
    with household() as h:
        ada = h.citizen()
        address = ada.address()
        job = Job(h, "TEG800", nta.records("TEG800", 4), [address])
        _write_map(job.map, {r[7]: address for r in job.records})
        n = len(job.certificates)
        check(f"{n} filed, 0 refused" in job.run("--by", "契約者")[0])
        check(f"{n} filed ({n} before)" in job.run("--by", "7")[0])
        for by, said in (("70", "columns 2 to 69"), ("1", "columns 2 to 69"), ("証券", "are these meant: 4 証券番号"),
                         ("保険会社の番号", "counted from 1")):
            err = job.run("--by", by, code=2)[1]
            check(said in err, by, err)


def records_of_one_certificate_that_lead_to_two_people_send_nothing():
    with household() as h:
        ada, ben = h.citizen("ada").address(), h.citizen("ben").address()
        job = Job(h, "TEG800", nta.records("TEG800", 6, rows=2), [ada])
        a, b = (r[4] for r in job.records[2:4])
        _write_map(job.map, job.where | {b: ben})
        err = job.run(code=1)[1]
        check(f"{job.csv}:3: record 3: one certificate has the numbers '{a}' and '{b}', which lead to different addresses"
              in err, err)
        check(not _spool(h))
        # One of its numbers is enough, whichever.
        _write_map(job.map, {n: where for n, where in job.where.items() if n != a})
        check("3 filed, 0 refused" in job.run()[0])


def the_same_record_twice_is_two_certificates_every_time():
    with household() as h:
        ada = h.citizen()
        one, two = nta.records("TEG822", 2, rows=1)
        job = Job(h, "TEG822", [one, two, one], [ada.address()])
        check("3 filed, 0 refused" in job.run()[0] and "3 filed (3 before)" in job.run()[0])
        address = job.where[one[3]]
        check([r["key"] for r in job.table()] == [_key(address, [one]), _key(address, [two]), _key(address, [one], 2)])
        _check_arrived(job.table(), _exported(ada))


def a_refused_certificate_does_not_hold_up_the_others():
    with household() as h:
        ada, ben = h.citizen("ada"), h.citizen("ben")
        job = Job(h, "TEG850", nta.records("TEG850", 6), [ada.address(), ben.address()])
        ben("address", "close", job.where[job.records[1][7]])
        found = job.json(code=1)
        check([f["state"] for f in found] == ["filed", "refused"] * 3, found)
        check({f["name"] for f in found} == {"", "ADDRESS_CLOSED"}, found)
        check(len(_exported(ada)) == 3)


# ---- the large one ----

def _peak(p, found):
    """The largest resident memory of a running process, as long as it can be asked."""
    while p.poll() is None:
        with contextlib.suppress(OSError):
            for line in pathlib.Path(f"/proc/{p.pid}/status").read_text().splitlines():
                if line.startswith("VmHWM:"):
                    found.append(int(line.split()[1]) / 1024)
        time.sleep(0.002)


def _timed(what, count, argv, **more):
    """Run it to its end; print wall time, rate, processor time and memory."""
    before, began, peak = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic(), []
    with subprocess.Popen([str(w) for w in argv], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, **more) as p:
        watch = threading.Thread(target=_peak, args=(p, peak))
        watch.start()
        out = p.stdout.read()
        watch.join()
    wall, after = time.monotonic() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    check(p.returncode == 0, what, "ended with", p.returncode, out[-2000:])
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    print(f"     {what:10} {wall:7.2f} s {count / wall:7.0f}/s   processor {cpu:6.2f} s   {max(peak, default=0):5.1f} MiB", flush=True)
    return out


def _as(citizen, *argv):
    read, write = os.pipe()
    os.write(write, (PASSPHRASE + "\n").encode())
    os.close(write)
    return [CLIENT, *argv, "--box", citizen.folder, "--passphrase-fd", read], [read]


def a_large_run_posts_end_to_end():
    with household() as h:
        people = [h.citizen(f"citizen{i}") for i in range(4)]
        job = Job(h, "large", nta.records("TEG800", RECORDS, rows=1), [p.address() for p in people])
        n = len(job.certificates)
        print(f"     {RECORDS} records, {n} certificates, {len(people)} mailboxes of one address each", flush=True)
        said = _timed("nta run", n, job.words())
        check(f"{n} letters: {n} filed, 0 refused, 0 waiting" in said, said)
        results, files, handed = job.table(), [], []
        for i, p in enumerate(people):
            folder, share = h.folder / f"out{i}", len(range(i, n, len(people)))
            taxes = h.folder / f"return{i}"
            for words in (("get", "--all"), ("export", "--all", folder), ("ack", "--all"),
                          ("tax", "export", taxes, "--year", nta.YEAR, *_anchors())):
                argv, fds = _as(p, *words)
                _timed("tax export" if words[0] == "tax" else words[0], share, argv, pass_fds=fds)
            files += sorted(folder.iterdir())
            handed += sorted(taxes.glob("*.xml"))
        print(f"     the broker: front {h.world.memory('front') >> 20} MiB, keeper {h.world.memory('keeper') >> 20} MiB", flush=True)
        _check_arrived(results, files)
        _check_arrived(results, handed)
        for f in random.Random(1).sample(files, min(20, n)):
            _verify(f)
        said = _timed("rerun", n, job.words())
        check(f"{n} filed ({n} before)" in said and len(_spool(h)) == n, said)


if __name__ == "__main__":
    sys.exit(play(globals()))
