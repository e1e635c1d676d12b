#!/usr/bin/python3
"""A broker's life: what the operator sees when it starts, stops, cannot start, and starts again."""
import json
import os
import shutil
import signal
import sys

from world import World, check, play, skip, until, world

INFO = 1


def a_broker_starts_answers_and_stops():
    with world() as w:
        w.start()
        answer = w.client().ask(INFO)
        check(answer[2] == 0 and answer[4] == "post.example" and answer[5] == "post.example/log/0", answer)
        check(w.stop() == 0, "exit code")
        check(not w.endpoint_path.exists(), "the endpoint file is left behind")
        check(not (w.folder / "run" / "pid").exists(), "the pid file is left behind")


def what_it_is_survives_a_restart():
    with world() as w:
        w.start()
        before = w.client().ask(INFO)
        check(w.stop(signal.SIGINT) == 0, "exit code")
        w.start()
        after = w.client().ask(INFO)
        check(before[8] == after[8], "another checkpoint after a restart")


def the_mem_engine_needs_no_store():
    with world(engine="mem") as w:
        w.start()
        check(w.client().ask(INFO)[2] == 0)
        check(not (w.folder / "store").exists(), "a folder nobody asked for")


def sighup_changes_nothing():
    with world() as w:
        w.start()
        pid = w.pid("keeper")
        w.process.send_signal(signal.SIGHUP)
        check(w.client().ask(INFO)[2] == 0)
        check(w.pid("keeper") == pid, "the keeper was started again")


def a_good_configuration_is_called_good_and_nothing_is_made():
    with world() as w:
        code, out, err = w.run("--check-config")
        check(code == 0 and "good" in out and not err, code, out, err)
        check(not (w.folder / "run").exists() and not (w.folder / "store").exists(), "it made folders")


def bad_lines_are_named_by_file_and_line():
    with world() as w:
        w.config.write_text("name = post.example\nlissten = tcp://127.0.0.1:1\nthreads = 99\nself_enrol = yes\n")
        code, _, err = w.run("--check-config")
        check(code == 1, code)
        check(f"{w.config}:2: unknown key 'lissten'; did you mean 'listen'?" in err, err)
        check(f"{w.config}:3: threads: must be a number from 1 to 8, not 99" in err, err)
        code, _, again = w.run()
        check(code == 1 and again == err, "starting says something else than checking:", again)


def typed_wrongly_it_suggests():
    with world() as w:
        code, _, err = w.run("--chek-config")
        check(code == 2 and "did you mean '--check-config'?" in err, code, err)
        code, _, err = w.run("--threads", "none")
        check(code == 2 and "threads: must be a number from 1 to 8, not none" in err, code, err)
        code, out, _ = w.run("--help")
        check(code == 0 and "--commit_bytes" in out)
        code, out, _ = w.run("--version")
        check(code == 0 and out.startswith("fumibakod "), out)


def flags_override_the_file():
    with world(rate="1") as w:
        w.start("--rate", "0", "--name=other.example")
        c = w.client()
        for _ in range(20):
            check(c.ask(INFO)[4] == "other.example")


def a_seed_that_others_can_read_is_refused():
    with world() as w:
        w.seed.chmod(0o644)
        code, _, err = w.run("--check-config")
        check(code == 1 and f"{w.seed}: has mode 0644" in err and "chmod 600" in err, err)
        w.start(wait=False)
        check(w.wait_end() == 1)
        check(str(w.seed) in w.log(), w.log())


def a_seed_that_is_missing_or_broken_is_named():
    with world() as w:
        w.seed.write_text("fumibako broker v1\nseed AAAA\n")
        code, _, err = w.run("--check-config")
        check(code == 1 and f"{w.seed}" in err, err)
        w.seed.unlink()
        code, _, err = w.run("--check-config")
        check(code == 1 and f"{w.seed}: there is no such file" in err, err)


def a_seed_of_another_user_is_refused():
    skip(os.geteuid() == 0, "takes root")
    with world() as w:
        os.chown(w.seed, 65534, 65534)
        code, _, err = w.run("--check-config")
        check(code == 1 and "belongs to user 65534" in err, err)


def a_store_others_can_read_is_refused():
    with world() as w:
        w.start()
        w.stop()
        (w.folder / "store").chmod(0o755)
        w.start(wait=False)
        check(w.wait_end() == 1)
        check(f"{w.folder}/store" in w.log() and "0755" in w.log(), w.log())
        (w.folder / "store").chmod(0o700)
        w.start()                       # nothing was harmed


def _refused_by_check_and_start(w, *words):
    """Checking and starting refuse, and name the same."""
    code, out, err = w.run("--check-config")
    check(code == 1 and "good" not in out and all(word in err for word in words), "checking:", code, out, err)
    code, _, err = w.run()
    check(code == 1 and all(word in err for word in words), "starting:", code, err)


def checking_finds_in_the_store_what_the_start_refuses():
    with world() as w:
        w.start()
        w.stop()
        store, data = w.folder / "store", w.folder / "store" / "data.mdb"
        for path, mode in ((store, 0o700), (data, 0o600), (store / "journal", 0o600), (store / "lock", 0o600)):
            for wrong in (0o755, 0o770, 0o704):
                path.chmod(wrong)
                _refused_by_check_and_start(w, f"{path}: ", f"{wrong:04o}")
            path.chmod(mode)
            if os.geteuid() == 0:
                os.chown(path, 65534, 65534)
                _refused_by_check_and_start(w, f"{path}: belongs to user 65534")
                os.chown(path, 0, 0)
        kept = data.rename(w.folder / "kept")
        data.symlink_to(kept)
        _refused_by_check_and_start(w, f"{data}", "regular file")
        data.unlink()
        data.mkdir(mode=0o700)
        _refused_by_check_and_start(w, f"{data}", "regular file")
        data.rmdir()
        for junk in (b"", b"something else" * 1000):
            data.write_bytes(junk)
            data.chmod(0o600)
            _refused_by_check_and_start(w, f"{data}", "is no store")
            check(data.read_bytes() == junk, "it was changed")
        kept.rename(data)
        before = {p.name: p.read_bytes() for p in store.iterdir()}
        code, out, err = w.run("--check-config")
        check(code == 0 and "good" in out and not err, code, out, err)
        check({p.name: p.read_bytes() for p in store.iterdir()} == before, "checking changed the store")
        w.start()
        code, out, err = w.run("--check-config")
        check(code == 0 and "good" in out and not err, "while it runs:", code, out, err)
        check(w.client().ask(INFO)[2] == 0, "checking disturbed it")


def a_store_of_a_newer_version_is_refused_and_kept():
    with world() as w:
        w.start()
        w.stop()
        data = w.folder / "store" / "data.mdb"
        row = b"format" + (1).to_bytes(8, "big")
        newer = data.read_bytes().replace(row, b"format" + (7).to_bytes(8, "big"))
        check(newer != data.read_bytes(), "there is no format to change")
        data.write_bytes(newer)
        _refused_by_check_and_start(w, f"{data} has format 7", "formats up to 1")
        check(data.read_bytes() == newer, "it was changed")
        data.write_bytes(newer.replace(b"format" + (7).to_bytes(8, "big"), row))
        w.start()                       # nothing else was harmed


def a_second_broker_in_the_same_place_is_refused():
    with world() as w:
        w.start()
        code, _, err = w.run()
        check(code == 1 and "a broker runs here already" in err and str(w.process.pid) in err, err)
        check(w.client().ask(INFO)[2] == 0, "the first one was disturbed")


def a_store_in_use_is_refused_and_named():
    with world() as w:
        w.start()
        code, _, err = w.run("--run", str(w.folder / "run2"))
        check(code == 1 and f"{w.folder}/store" in err and "process" in err, err)
        check(err.count("cannot be opened") == 1, "it tried again, which is of no use:", err)
        check(w.client().ask(INFO)[2] == 0, "the first one was disturbed")


def a_store_of_another_broker_is_refused():
    with world() as w:
        w.start()
        w.stop()
        code, _, err = w.run("--name", "other.example")
        check(code == 1 and "belongs to another broker" in err, err)
        w.start()


def a_folder_that_is_no_store_is_refused_and_kept():
    with world() as w:
        (w.folder / "store").mkdir(mode=0o700)
        data = w.folder / "store" / "data.mdb"
        data.write_bytes(b"something else" * 1000)
        data.chmod(0o600)
        w.start(wait=False)
        check(w.wait_end() == 1)
        check("data.mdb" in w.log(), w.log())
        check(data.read_bytes() == b"something else" * 1000, "it was overwritten")


def an_endpoint_in_use_is_named():
    with world() as w:
        w.start()
        other = World(w.folder / "other", listen=w.endpoint) if (w.folder / "other").mkdir() is None else None
        code, _, err = other.run()
        check(code == 1 and w.endpoint in err and "in use" in err, err)


def a_user_nobody_knows_is_refused():
    with world(user="no-such-user") as w:
        code, _, err = w.run("--check-config")
        line = w.config.read_text().splitlines().index("user = no-such-user") + 1
        check(code == 1 and f"{w.config}:{line}: user: there is no user 'no-such-user'" in err, err)
        code, _, err = w.run("--check-config", "--user", "nor-this")
        check(code == 1 and "--user: there is no user 'nor-this'" in err, err)


def started_as_root_it_becomes_its_user():
    skip(os.geteuid() == 0, "takes root")
    with world(user="nobody") as w:
        shutil.chown(w.seed, "nobody")
        w.folder.chmod(0o755)
        w.start()
        check(w.client().ask(INFO)[2] == 0)
        for pid in (w.process.pid, w.pid("front"), w.pid("keeper")):
            with open(f"/proc/{pid}/status", encoding="ascii") as f:
                uids = next(line for line in f if line.startswith("Uid:")).split()[1:]
            check(set(uids) == {uids[0]} and uids[0] != "0", pid, uids)
            _check_no_capabilities(pid)
        check("running as root" not in w.log(), w.log())


def _check_no_capabilities(pid):
    with open(f"/proc/{pid}/status", encoding="ascii") as f:
        sets = [line.split() for line in f if line.startswith("Cap")]
    wanted = 5 if os.geteuid() == 0 else 4      # others than root cannot shrink the bounding set
    check(len([name for name, bits in sets if int(bits, 16) == 0]) >= wanted, pid, sets)


def even_as_root_it_keeps_no_capability_and_says_that_it_is_root():
    skip(os.geteuid() == 0, "takes root")
    with world() as w:
        w.start()
        check(w.client().ask(INFO)[2] == 0)
        for pid in (w.process.pid, w.pid("front"), w.pid("keeper")):
            _check_no_capabilities(pid)
        check(w.log().count("warn parent: running as root") == 1, w.log())


def its_processes_are_confined():
    with world() as w:
        w.start()
        for room in ("front", "keeper"):
            with open(f"/proc/{w.pid(room)}/status", encoding="ascii") as f:
                facts = dict(line.rstrip("\n").split(":\t", 1) for line in f if ":\t" in line)
            check(facts["NoNewPrivs"] == "1" and facts["Seccomp"] == "2", room, facts["NoNewPrivs"], facts["Seccomp"])
            check(facts["Name"] == f"fumibako-{room}"[:15], facts["Name"])


def counters_are_told_as_text_and_as_json():
    with world() as w:
        w.start()
        c = w.client()
        for _ in range(5):
            c.ask(INFO)
        text, told = w.counters(), json.loads(w.counters(json=True))
        check(text.keys() == told.keys() and len(text) > 30, "different counters")
        check(text["front_requests"] == 5 and text["keeper_reads"] == 5 and text["restarts"] == 0, text)
        mode = os.stat(w.folder / "run" / "counters.sock").st_mode & 0o777
        check(mode == 0o600, oct(mode))


def the_log_can_be_json_and_names_no_key():
    with world(log_form="json", log="debug") as w:
        w.start()
        w.client().ask(INFO)
        w.stop()
        lines = [json.loads(line) for line in w.log().splitlines()]
        check({"time", "level", "room", "event"} <= lines[0].keys(), lines[0])
        check(any(line["event"] == "ready" for line in lines), "nobody said ready")
        secret = w.seed.read_text().split()[-1]
        check(secret not in w.log() and w.client, "the seed is in the log")


def in_the_background_it_gives_back_the_prompt_when_it_serves():
    with world() as w:
        code, out, err = w.run("--background")
        check(code == 0, out, err)
        pid = int((w.folder / "run" / "pid").read_text())
        try:
            check(w.client().ask(INFO)[2] == 0)
        finally:
            os.kill(pid, signal.SIGTERM)
            until(lambda: not os.path.exists(f"/proc/{pid}") or
                  open(f"/proc/{pid}/stat", encoding="ascii").read().split()[2] == "Z", "end")
        check("ready" in (w.folder / "run" / "log").read_text())


def in_the_background_it_says_when_it_does_not_come_up():
    with world() as w:
        w.start()
        code, _, err = w.run("--background", "--run", str(w.folder / "run2"))
        check(code == 1 and "run2" in err, code, err)
        check("cannot be opened" in (w.folder / "run2" / "log").read_text())


def it_ends_with_its_parent():
    with world() as w:
        w.start()
        pids = [w.pid("front"), w.pid("keeper")]
        w.stop(signal.SIGKILL)
        for pid in pids:
            until(lambda: not os.path.exists(f"/proc/{pid}"), f"{pid} to end")
        w.start()                       # and what a killed one leaves behind is no hindrance
        check(w.client().ask(INFO)[2] == 0)


if __name__ == "__main__":
    sys.exit(play(dict(globals())))
