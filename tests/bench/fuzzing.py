"""Files spoiled by a seeded chance, put before a decoder for a given time: what comes of it.

A finding is a crash, a hang, an exception that nobody expected, or more memory than a picture may
take; its file is kept. The same seed makes the same files.

    python -m tests.bench.fuzzing --seconds 600 --seed 5
"""

from __future__ import annotations

import random
import tempfile
import time
from pathlib import Path

from tests.bench import measure
from tests.fuzzed import Looking, cases, sound_files


def main() -> int:
    parser = measure.parser(__doc__)
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    given = parser.parse_args()
    keep = given.work / "findings"
    seeds = sound_files(measure.SHARED / "photos")
    with tempfile.TemporaryDirectory(prefix="photosearch-fuzz-") as place:
        looking = Looking(Path(place), keep)
        began = time.monotonic()
        try:
            out = looking.run(cases(seeds, given.seed), given.seconds)
        finally:
            looking.close()
        seconds = time.monotonic() - began
    for found in out.findings:
        print(f"{found.kept}: {found.what} (case {found.number} from {found.name})")
    kinds = ", ".join(f"{kind} {count}" for kind, count in sorted(out.kinds.items()))
    measure.print_table(
        f"Fuzzing the openers, seed {given.seed}, {len(seeds)} sound files",
        ["files", "seconds", "opened all the same", "slowest", "most memory", "findings"],
        [
            [
                f"{out.cases:,}",
                f"{seconds:.0f}",
                f"{out.opened:,}",
                f"{out.slowest_s:.2f} s",
                f"{out.peak_bytes / 1e6:.0f} MB",
                str(len(out.findings)),
            ]
        ],
    )
    print(f"\nBy kind: {kinds}.")
    return bool(out.findings)


if __name__ == "__main__":
    raise SystemExit(main())
