#!/usr/bin/python3
"""fumibako-post nta convert: what it makes is valid by the agency's schemas and verifies by xmlsec1, with the key from
wherever it is kept; what it refuses it names, and leaves nothing half-done (N1.5, N2.1, N2.2, N2.3, N2.4)."""
import atexit
import contextlib
import fcntl
import functools
import json
import os
import pathlib
import pty
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

from world import BUILD, SANITIZED, SOURCE, check, play, skip, until

sys.path.insert(0, str(SOURCE / "test" / "help"))
import authority  # noqa: E402
import nta  # noqa: E402

POST = BUILD / "tools" / "post" / "fumibako-post"
SCHEMAS = SOURCE / "test" / "vector" / "nta" / "xsd" / "kyotsu"
KYOTSU = "http://xml.e-tax.nta.go.jp/XSD/kyotsu"
FOLDER = pathlib.Path(tempfile.mkdtemp(prefix="fumibako-nta-"))
atexit.register(shutil.rmtree, FOLDER, ignore_errors=True)
SECRET = "Kanarie-7f3a-Zeisig"  # the pass-phrase of everything that has one
WRONG = "Tr0ub4dor&3"  # and one that opens nothing


@functools.lru_cache(maxsize=None)
def _keys():
    made = authority.make(FOLDER / "keys")
    signer = ["-inkey", made / "signer.key", "-in", made / "signer.pem", "-certfile", made / "intermediate.pem", "-export"]
    for words in (["pkey", "-in", made / "signer.key", "-aes256", "-passout", f"pass:{SECRET}", "-out", made / "sealed.key"],
                  ["pkcs12", *signer, "-passout", f"pass:{SECRET}", "-out", made / "signer.p12"],
                  ["rsa", "-traditional", "-in", made / "signer.key", "-aes128", "-passout", f"pass:{SECRET}", "-out", made / "old.key"],
                  ["pkcs12", "-export", "-inkey", made / "expired.key", "-in", made / "expired.pem", "-passout", f"pass:{SECRET}",
                   "-out", made / "expired-sealed.p12"],
                  ["pkcs12", *signer, "-legacy", "-passout", f"pass:{SECRET}", "-out", made / "old.p12"]):
        subprocess.run(["openssl", *map(str, words)], check=True, capture_output=True)
    return made


def _pem(name, key=None):
    return "--key", _keys() / f"{key or name}.key", "--certificate", _keys() / f"{name}.pem"


def _csv(form, n=3, **more):
    path = FOLDER / f"{form}-{n}-{'-'.join(f'{k}{v}' for k, v in more.items())}.csv"
    if not path.exists():
        nta.write_csv(path, nta.records(form, n, **more))
    return path


_serial = iter(range(1000000))


def _out():
    return FOLDER / f"out{next(_serial)}"


def _convert(csv, out, *words, code=0, passphrase=None, language="C.UTF-8", env=None):
    """What it says: standard output, standard error. A pass-phrase or PIN goes in through a pipe."""
    more, fds = (), ()
    if passphrase is not None:
        r, w = os.pipe()
        os.write(w, passphrase.encode() + b"\n")
        os.close(w)
        more, fds = ("--passphrase-fd", r), (r,)
    done = subprocess.run([POST, "nta", "convert", csv, "--out", out, *map(str, words), *map(str, more)], pass_fds=fds, text=True,
                          capture_output=True, check=False, env={**os.environ, "LC_ALL": language, **(env or {})}, timeout=120)
    for fd in fds:
        os.close(fd)
    check(done.returncode == code, f"exit code {done.returncode}, not {code}:", done.stderr)
    if passphrase:
        check(passphrase not in done.stdout + done.stderr, "the pass-phrase is said aloud")
    check("PRIVATE KEY" not in done.stdout + done.stderr)
    return done.stdout, done.stderr


def _gone(out):
    check(not out.exists() and not out.with_name(out.name + ".part").exists(), "something was left at", out)


def _lint(form, files):
    for at in range(0, len(files), 200):
        done = subprocess.run(["xmllint", "--nonet", "--noout", "--schema", SCHEMAS / f"{form}-001.xsd", *files[at:at + 200]],
                              capture_output=True, text=True, check=False)
        check(done.returncode == 0, done.stderr[:2000])


def _verify(form, file, anchor="root.pem", more=("--untrusted-pem", "intermediate.pem")):
    words = [_keys() / w if w.endswith(".pem") else w for w in more]
    done = subprocess.run(["xmlsec1", "--verify", "--enabled-reference-uris", "same-doc", "--id-attr:id", f"{KYOTSU}:{form}",
                           "--trusted-pem", _keys() / anchor, *words, file], capture_output=True, text=True, check=False)
    check(done.returncode == 0 and "SignedInfo References (ok/all): 1/1" in done.stdout + done.stderr, file,
          done.stdout + done.stderr)


def _check_made(form, out, n=None):
    files = sorted(out.glob("*.xml"))
    check(files and (n is None or len(files) == n), len(files), "files")
    check(sorted(out.iterdir()) == files, "something else lies in the folder")
    _lint(form, files)
    check(out.stat().st_mode & 0o777 == 0o700 and all(f.stat().st_mode & 0o777 == 0o600 for f in files), "for others' eyes")
    first = int(files[0].stem[-7:])
    for number, file in enumerate(files, first):
        _verify(form, file)
        text = file.read_text(encoding="utf-8")
        check(re.fullmatch(form + r"20\d{12}" + f"{number:07}", file.stem) and number < 10**7, file.stem)
        check(f' id="{file.stem}"' in text and f' Id="_{file.stem}"' in text and f'URI="#{file.stem}"' in text)
        check(text.startswith('<?xml version="1.0" encoding="UTF-8"?>\n<?xml-stylesheet type="text/xsl" '
                              f'href="https://xml.e-tax.nta.go.jp/xsl/1.0/CM{form}-001.xsl"?>\n<{form} '))
        check(text.endswith(f"</dsig:Signature></{form}>\n"))
        check(text.count("X509Certificate>") == 2, "the chain does not belong into it")
    return files


# ---- what is made ----

def every_form_is_valid_by_its_schema_and_verifies():
    for form in nta.COLUMNS:
        out = _out()
        _convert(_csv(form, 40), out, *_pem("signer"))
        _check_made(form, out)


def two_runs_of_the_same_second_make_no_file_of_the_same_name():
    outs = [_out() for _ in range(6)]
    runs = [subprocess.Popen([POST, "nta", "convert", _csv("TEG800", 1, rows=1), "--out", out, *_pem("signer")],
                             stdout=subprocess.DEVNULL) for out in outs]
    check([p.wait() for p in runs] == [0] * 6)
    names = [file.name for out in outs for file in out.iterdir()]
    check(len(set(names)) == 6, names)


def as_many_rows_as_a_certificate_takes_are_valid():
    for form, rows in nta.ROWS.items():
        out = _out()
        _convert(_csv(form, rows, rows=rows), out, *_pem("signer"))
        files = _check_made(form, out, 1)
        if form == "TEG830":
            check('<TEG830-1 page="1">' in files[0].read_text() and '<TEG830-2 page="2">' in files[0].read_text())


def the_contents_do_not_depend_on_where_the_key_is_kept():
    """The same records with each key give the same file but for the second in which it was made."""
    made = set()
    hsm, module = _token()
    ways = [(_pem("signer"), None, None), (_pem("signer", "sealed"), SECRET, None), (_pem("signer", "old"), SECRET, None),
            (("--key", _keys() / "signer.key", "--certificate", _keys() / "signer-chain.pem"), None, None),
            (("--pkcs12", _keys() / "signer.p12"), SECRET, None), (("--pkcs12", _keys() / "old.p12"), SECRET, None),
            (("--token", f"pkcs11:token=fumi;object=signer?module-path={module}"), "8642", hsm),
            (("--token", "pkcs11:token=fumi;id=%01", "--module", module), "8642", hsm),
            (("--token", "pkcs11:token=fumi;object=signer", "--module", module, "--certificate", _keys() / "signer.pem"), "8642", hsm)]
    for words, passphrase, env in ways:
        out = _out()
        _convert(_csv("TEG800"), out, *words, passphrase=passphrase, env=env)
        for file in _check_made("TEG800", out):
            text = re.sub(r"TEG800\d{21}", "TEG800", file.read_text())
            made.add(re.sub(r"<dsig:(DigestValue|SignatureValue)>[^<]*", "", re.sub(r'sakuseiDay="[^"]*"', "", text)))
    check(len(made) == len(list(out.iterdir())), len(made), "different files")


@functools.lru_cache(maxsize=None)
def _token():
    """A token of SoftHSM with the signer's key and certificate, the variables that lead to it, and its module."""
    module = next((p for p in pathlib.Path("/usr/lib").rglob("libsofthsm2.so")), None)
    skip(module and shutil.which("softhsm2-util") and shutil.which("pkcs11-tool"), "no SoftHSM here")
    (FOLDER / "tokens").mkdir()
    (FOLDER / "softhsm2.conf").write_text(f"directories.tokendir = {FOLDER}/tokens\nobjectstore.backend = file\n")
    env = {"SOFTHSM2_CONF": str(FOLDER / "softhsm2.conf")}

    def run(*words):
        subprocess.run(list(map(str, words)), check=True, capture_output=True, env={**os.environ, **env})
    run("softhsm2-util", "--init-token", "--free", "--label", "fumi", "--pin", "8642", "--so-pin", "97531")
    run("openssl", "pkcs8", "-topk8", "-nocrypt", "-in", _keys() / "signer.key", "-out", FOLDER / "p8")
    run("softhsm2-util", "--import", FOLDER / "p8", "--token", "fumi", "--label", "signer", "--id", "01", "--pin", "8642")
    run("openssl", "x509", "-in", _keys() / "signer.pem", "-outform", "DER", "-out", FOLDER / "der")
    run("pkcs11-tool", "--module", module, "--login", "--pin", "8642", "--write-object", FOLDER / "der", "--type", "cert",
        "--id", "01", "--label", "signer")
    run("pkcs11-tool", "--module", module, "--login", "--pin", "8642", "--keypairgen", "--key-type", "EC:prime256v1", "--id", "02",
        "--label", "curve")
    return env, module


def at_a_terminal_the_pass_phrase_is_asked_for_and_progress_shown():
    words = [str(w) for w in (POST, "nta", "convert", _csv("TEG800", 400, rows=1), "--out", _out(), *_pem("signer", "sealed"))]
    pid, fd = pty.fork()
    if not pid:
        os.execve(POST, words, {**os.environ, "LC_ALL": "C.UTF-8"})
    said = b""
    while not said.endswith(b"sealed.key: "):
        said += os.read(fd, 4096)
    os.write(fd, SECRET.encode() + b"\n")
    with contextlib.suppress(OSError):  # a terminal ends so
        while piece := os.read(fd, 4096):
            said += piece
    check(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0, said)
    check(b"pass-phrase of " in said and SECRET.encode() not in said, said)
    check(b"certificates 400/400" in said and b"/s" in said, said)
    os.close(fd)


# ---- who may not sign ----

def _refused(name, words, file, passphrase=None, env=None):
    out = _out()
    said = json.loads(_convert(_csv("TEG800"), out, *words, "--json", code=1, passphrase=passphrase, env=env)[0].splitlines()[-1])
    check(said["name"] == name and file in said["detail"], said)
    check(passphrase is None or passphrase not in json.dumps(said))
    _gone(out)


def whoever_may_not_sign_is_refused_by_name_and_nothing_is_made():
    keys = _keys()
    _refused("SIGNER_NOT_IN_FORCE", _pem("expired"), "expired.pem: in force until 2024-12-31T23:59:59Z")
    _refused("SIGNER_NOT_IN_FORCE", _pem("early"), "early.pem: in force from 2044-01-01T00:00:00Z")
    _refused("SIGNER_NOT_IN_FORCE", ("--pkcs12", keys / "expired-sealed.p12"), "expired-sealed.p12", SECRET)
    _refused("SIGNER_OTHER_KEY", _pem("other", "signer"), "other.pem: is the certificate of another key")
    _refused("KEY_UNFIT", _pem("weak"), "weak.key: RSA of 1024 bits")
    _refused("KEY_UNFIT", _pem("curve"), "curve.key: a key of kind id-ecPublicKey")
    _refused("KEY_LOCKED", _pem("signer", "sealed"), "sealed.key", WRONG)
    _refused("KEY_LOCKED", ("--pkcs12", keys / "signer.p12"), "signer.p12", WRONG)
    _refused("KEY_NOT_READ", ("--pkcs12", keys / "signer.pem"), "signer.pem: is no PKCS#12 file")
    _refused("KEY_NOT_READ", ("--key", keys / "signer.pem", "--certificate", keys / "signer.pem"), "holds no private key")
    _refused("SIGNER_NOT_READ", ("--key", keys / "signer.key", "--certificate", keys / "signer.key"), "holds no certificate")


def a_token_that_does_not_fit_is_named():
    env, module = _token()
    _refused("KEY_LOCKED", ("--token", "pkcs11:token=fumi", "--module", module), "fumi: the token refused the PIN", WRONG, env)
    _refused("KEY_UNFIT", ("--token", "pkcs11:token=fumi;object=curve", "--module", module), "a key of kind id-ecPublicKey", "8642", env)
    _refused("SIGNER_OTHER_KEY", ("--token", "pkcs11:token=fumi;id=%01", "--module", module, "--certificate", _keys() / "other.pem"),
             "other.pem: is the certificate of another key", "8642", env)
    for uri, why in (("pkcs11:token=fumi", "more than one key fits"), ("pkcs11:token=other", "no such token"),
                     ("pkcs11:token=fumi;object=x", "no such private key"),
                     ("pkcs11:token=fumi?pin-value=8642", "is asked for"), ("signer.key", "is no PKCS#11 URI")):
        name = "TOKEN_URI" if "PKCS#11 URI" in why or "is asked for" in why else "TOKEN_ABSENT"
        _refused(name, ("--token", uri, "--module", module), why, "8642", env)


def a_token_that_is_taken_away_meanwhile_leaves_nothing_half_done():
    env, module = _token()
    tokens, kept = FOLDER / "tokens", FOLDER / "kept"
    out = _out()
    part = out.with_name(out.name + ".part")
    shutil.copytree(tokens, kept)
    r, w = os.pipe()
    os.write(w, b"8642\n")
    os.close(w)
    p = subprocess.Popen([POST, "nta", "convert", _csv("TEG800", 10000, rows=1), "--out", out, "--token", "pkcs11:token=fumi;object=signer",
                          "--module", module, "--passphrase-fd", str(r), "--json"], pass_fds=(r,), stdout=subprocess.PIPE, text=True,
                         stderr=subprocess.DEVNULL, env={**os.environ, **env})
    os.close(r)
    until(lambda: part.exists() and next(part.iterdir(), None), "the first file")
    shutil.rmtree(tokens)
    said = json.loads(p.communicate()[0].splitlines()[-1])
    kept.rename(tokens)
    check(p.returncode == 3 and said["name"] == "SIGNING_FAILED" and "record" in said["about"], said)
    _gone(out)


def the_options_that_say_who_signs_are_held_against_each_other():
    p12 = _keys() / "signer.p12"
    for words in ((), ("--key", "k"), ("--key", "k", "--certificate", "c", "--pkcs12", p12), ("--pkcs12", p12, "--certificate", "c"),
                  ("--pkcs12", p12, "--module", "m"), ("--pkcs12", p12, "--title", "t")):
        out = _out()
        _convert(_csv("TEG800"), out, *words, code=2)
        _gone(out)


# ---- what is wrong with a file ----

def every_finding_is_said_in_the_readers_language_and_nothing_is_made():
    records = nta.records("TEG800", 4, rows=1)
    records[1][4], records[3][51], records[3][7] = "あ" * 31, "26", ""
    csv = FOLDER / "findings.csv"
    nta.write_csv(csv, records)
    out = _out()
    words = _pem("signer")
    english = _convert(csv, out, *words, code=1)[1]
    check(f"{csv}:2: record 2, column 4 証券番号" in english and "(CSV_TOO_LONG 716)" in english, english)
    check(f"{csv}:4: record 4, column 7 " in english and f"{csv}:4: record 4, column 51 " in english, english)
    check(english.endswith(f"{csv}: 3 findings; nothing was made\n"), english)
    japanese = _convert(csv, out, *words, code=1, language="ja_JP.UTF-8")[1]
    check(f"{csv}:2: レコード2、4列目 証券番号" in japanese and "指摘 3 件" in japanese, japanese)
    lines = [json.loads(line) for line in _convert(csv, out, *words, "--json", code=1)[0].splitlines()]
    check([(f["record"], f["column"]) for f in lines[:-1]] == [(2, 4), (4, 7), (4, 51)], lines)
    check(lines[0]["name"] == "CSV_TOO_LONG" and lines[0]["column_name"] == "証券番号" and lines[0]["ja"], lines[0])
    _gone(out)


def a_file_with_findings_needs_no_key():
    csv = FOLDER / "utf8.csv"
    csv.write_bytes(nta.csv(nta.records("TEG800", 2)).decode("cp932").encode())
    check("UTF-8" in _convert(csv, _out(), "--key", "absent", "--certificate", "absent", code=1)[1])


# ---- the folder ----

def an_empty_folder_is_filled_and_any_other_left_alone():
    out = _out()
    out.mkdir()
    _convert(_csv("TEG800"), str(out) + "/", *_pem("signer"))
    made = sorted(out.iterdir())
    check(made)
    check("is there already" in _convert(_csv("TEG800"), out, *_pem("signer"), code=1)[1])
    check(sorted(out.iterdir()) == made, "the folder was changed")
    _gone(out.with_name("nothing"))
    file = _out()
    file.write_text("mine")
    _convert(_csv("TEG800"), file, *_pem("signer"), code=1)
    check(file.read_text() == "mine")
    link = _out()
    link.symlink_to(FOLDER / "keys")
    _convert(_csv("TEG800"), link, *_pem("signer"), code=1)
    check(link.is_symlink())
    check("No such file" in _convert(_csv("TEG800"), FOLDER / "no" / "such", *_pem("signer"), code=1)[1])


def a_part_that_holds_other_things_is_left_alone():
    out = _out()
    part = out.with_name(out.name + ".part")
    part.mkdir()
    (part / "holiday.jpg").write_text("mine")
    _convert(_csv("TEG800"), out, *_pem("signer"), code=1)
    check((part / "holiday.jpg").read_text() == "mine" and not out.exists())


def two_at_once_do_not_mix():
    out = _out()
    part = out.with_name(out.name + ".part")
    part.mkdir()
    with contextlib.closing(_Locked(part)):
        check("another conversion" in _convert(_csv("TEG800"), out, *_pem("signer"), code=1)[1])
        check(not out.exists())
    _convert(_csv("TEG800"), out, *_pem("signer"))
    check(out.exists() and not part.exists())


class _Locked:
    """A folder as another conversion holds it."""

    def __init__(self, path):
        self.fd = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
        fcntl.flock(self.fd, fcntl.LOCK_EX)

    def close(self):
        os.close(self.fd)


def killed_at_any_moment_the_folder_is_whole_or_not_there():
    csv, chance, killed = _csv("TEG800", 400, rows=1), random.Random(7), 0
    out = _out()
    began = time.monotonic()
    _convert(csv, out, *_pem("signer"))
    takes = time.monotonic() - began
    shutil.rmtree(out)
    for _ in range(12):
        p = subprocess.Popen([POST, "nta", "convert", csv, "--out", out, *_pem("signer")], stdout=subprocess.DEVNULL)
        time.sleep(chance.uniform(0, takes))
        p.send_signal(signal.SIGKILL)
        killed += p.wait() == -signal.SIGKILL
        if out.exists():
            check(len(list(out.iterdir())) == 400, "half a folder")
            shutil.rmtree(out)
    check(killed, "it was never killed")
    _convert(csv, out, *_pem("signer"))  # over whatever the last one left
    check(len(list(out.iterdir())) == 400 and not out.with_name(out.name + ".part").exists())


def a_full_disk_is_said_and_nothing_stays():
    disk = FOLDER / "disk"
    disk.mkdir()
    if os.geteuid() or subprocess.run(["mount", "-t", "tmpfs", "-o", "size=256k,mode=700", "none", disk], check=False).returncode:
        skip(False, "no right to mount a small disk")
    try:
        out = disk / "out"
        said = _convert(_csv("TEG800", 400, rows=1), out, *_pem("signer"), code=1)[1]
        check("No space left" in said, said)
        _gone(out)
        check(list(disk.iterdir()) == [])
        _convert(_csv("TEG800"), out, *_pem("signer"))
        check(out.exists())
    finally:
        subprocess.run(["umount", disk], check=False)


# ---- the mapping ----

def a_mapping_gives_a_manifest_and_names_those_without_an_address():
    records = nta.records("TEG800", 3, rows=1)
    csv, map_file, out = FOLDER / "mapped.csv", FOLDER / "map.csv", _out()
    nta.write_csv(csv, records)
    address = "fumi1q8jpnltzw9syhfcmuk5ytt2fur0gkme4guy3xghw"
    map_file.write_text(f"number,address\n{records[0][4]},{address}\n{records[2][4]},{address}\n")
    stdout, stderr = _convert(csv, out, *_pem("signer"), "--map", map_file, "--title", 'A "title", really', code=3)
    names = sorted(p.name for p in out.glob("*.xml"))
    check(len(names) == 3, names)
    check((out / "manifest.csv").read_text() == "address,type,title,files\n" + "".join(
        f'{address},jp.go.nta.TEG800,"A ""title"", really",{names[i]}\n' for i in (0, 2)))
    check(f"{csv}:2: record 2: no address for 証券番号 '{records[1][4]}'" in stderr, stderr)
    check("1 " in stdout, stdout)
    said = json.loads(_convert(csv, _out(), *_pem("signer"), "--map", map_file, "--json", code=3)[0])
    check(said == {"form": "TEG800", "records": 3, "certificates": 3, "without_address": 1}, said)
    map_file.write_text("number,address\n1,nonsense\n")
    out = _out()
    _convert(csv, out, *_pem("signer"), "--map", map_file, code=1)
    _gone(out)


# ---- how much ----

def ten_thousand_take_little_memory():
    n = 10000 if not SANITIZED else 200
    csv, out = _csv("TEG800", n, rows=1), _out()
    p = subprocess.Popen([POST, "nta", "convert", csv, "--out", out, *_pem("signer")], stdout=subprocess.DEVNULL)
    peak = 0
    while p.poll() is None:  # ru_maxrss would be at least what this program takes
        found = re.search(r"VmHWM:\s+(\d+) kB", pathlib.Path(f"/proc/{p.pid}/status").read_text())
        peak = max(peak, int(found[1]) if found else 0)
        time.sleep(0.02)
    check(p.returncode == 0 and len(list(out.iterdir())) == n)
    check(SANITIZED or 4 << 10 < peak < 64 << 10, peak, "KiB")
    files = random.Random(1).sample(sorted(out.iterdir()), min(n, 400))
    _lint("TEG800", files)
    for file in files[:50]:
        _verify("TEG800", file)


sys.exit(play(globals()))
