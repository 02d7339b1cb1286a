"""Random SIGKILLs of program, engine and decoders, whatever they do; and what is left afterwards.

After each kill the library must be sound and nobody left running; when the work has come to its
end, everything must be as in a run that nobody disturbed: the same photos, faces, people, names
and journal, vectors byte by byte, nothing done twice, no half-written file.

    python -m tests.bench.killing --kills 200 --seed 1
"""

from __future__ import annotations

import random
import shutil
import sys

from tests.bench import measure

sys.path.insert(0, str(measure.REPOSITORY / "tests"))  # as pytest does: the scenarios' own helpers


def main() -> None:
    from tests.e2e.killed_scenarios import SHARES, World
    from tests.e2e.killing import torment

    parser = measure.parser(__doc__)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", default=str(random.randrange(10**6)))
    parser.add_argument("--only", choices=list(SHARES), help="one scenario alone")
    told = parser.parse_args()
    place = measure.own_folder(told.work, "killing")
    world = World(place, measure.SHARED / "photos", measure.SHARED / "models", large=True)
    shares = {told.only: 100} if told.only else SHARES
    rows, total = [], 0
    try:
        for name, share in shares.items():
            measure.say(f"making: {name}")
            scenario = world.get(name)
            measure.say(f"killing: {name}")
            tally = torment(scenario, max(1, round(told.kills * share / 100)), told.seed)
            killed = tally.killed
            total += sum(killed.values())
            who = ", ".join(f"{role} {count}" for role, count in sorted(killed.items()))
            rows.append(
                [name, str(sum(killed.values())), who, str(tally.lives), f"{tally.seconds:.0f}"]
            )
            measure.say(" | ".join(rows[-1]))
    finally:
        world.close()
    shutil.rmtree(place)  # what a failure was found in is kept
    rows.append(["**all**", f"**{total}**", "", "", ""])
    measure.print_table(
        f"Killed at random moments, seed {told.seed}",
        ["while", "kills", "who", "brought to its end, as if undisturbed", "seconds"],
        rows,
    )


if __name__ == "__main__":
    main()
