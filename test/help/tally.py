"""Counts what Meson recorded of a run of tests: "passed failed skipped", then each skipped one with its reason."""
import json
import sys

good = bad = none = 0
reasons = []
for path in sys.argv[1:]:
    with open(path, encoding="utf-8", errors="replace") as record:
        for line in record:
            test = json.loads(line)
            lines = (test.get("stdout", "") + test.get("stderr", "")).splitlines()
            parts = [s[5:] for s in lines if s.startswith("SKIP ")]     # scenes of a test that ran
            none += len(parts)
            reasons += [f"skipped: {test['name']}: {s}" for s in parts]
            if test["result"] == "SKIP":
                none += 1
                said = [s for s in lines if s.strip()]
                reasons.append(f"skipped: {test['name']}: {said[-1].strip() if said else 'no reason given'}")
            elif test["result"] in ("OK", "EXPECTEDFAIL"):
                good += 1
            else:
                bad += 1
print(good, bad, none)
print("\n".join(reasons))
