"""Very many sockets and many readers: memory has a bound."""

import crowd
from cases import case, check


@case("20,000 half-closed pairs, 20 readers and a scrape a second take 64 MiB at most, and every count is right")
def pairs_and_readers():
    most, answers = crowd.most_memory(20_000, 15)
    check(most <= 64, f"{most:.1f} MiB")
    check(answers > 0, "no snapshot was answered")
    return f"{most:.1f} MiB, {answers} snapshots"
