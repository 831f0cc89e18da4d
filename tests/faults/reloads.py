"""Hundreds of reloads, of good and of bad configurations in turn."""

import tempfile
from pathlib import Path

from half_closed import HalfClosed
from harness import Daemon, wait_for
from cases import case, check

TIMES = 250
GOOD = ('port = ["9999"]\n[serve]\nleak-after = "1s"\nweb-config-file = "{web}"\n',
        'port = ["9999", "8000-8999"]\n[serve]\nleak-after = "5s"\nweb-config-file = "{web}"\n')
BAD = ("port = [", 'port = ["0"]\n', 'prot = ["9999"]\n', "[serve]\nleak-after = 'soon'\n", "\0\xff",
       '[serve]\nweb-config-file = "{web}.nowhere"\n', "[" * 5000, 'port = ["' + "9" * 100_000 + '"]\n')
EDGE = {"port": "9999", "side": "client", "to": "close_wait"}


@case(f"{TIMES} reloads, every other one bad: the same process, no count lost, no memory or descriptor")
def many():
    with tempfile.TemporaryDirectory(prefix="halfclosed-reloads-") as place, HalfClosed(0) as half_closed:
        web = Path(place) / "web.yml"
        web.write_text("basic_auth_users: {}\nhttp_server_config: {headers: {X-Frame-Options: deny}}\n")
        file = Path(place) / "halfclosed.toml"
        file.write_text(GOOD[0].format(web=web))
        with Daemon("--config", str(file)) as daemon:
            half_closed.add(5)
            counted = wait_for("five edges", lambda: daemon.value("halfclosed_transitions_total", **EDGE))

            def reload(number):
                good = number % 2 == 1
                text = GOOD[number // 2 % 2] if good else BAD[number // 2 % len(BAD)]
                file.write_text(text.replace("{web}", str(web)), errors="surrogateescape")
                daemon.reload()

            for number in range(50):  # caches and arenas fill
                reload(number)
            memory, descriptors = daemon.resident(), daemon.descriptors()
            for number in range(TIMES):
                reload(number)
                if number % 100 == 50:
                    wait_for(f"the page says that the bad one, {number}, was not taken",
                             lambda: daemon.value("halfclosed_config_last_reload_successful") == 0)
            grown, more = daemon.resident() - memory, daemon.descriptors() - descriptors
            check(daemon.process.poll() is None, "it ended")
            check(grown < 1 << 20, f"{grown / 1024:.0f} KiB more")
            check(more <= 0, f"{more} descriptors more")
            check(daemon.value("halfclosed_transitions_total", **EDGE) >= counted == 5, "counts were lost")
            wait_for("the last one was good", lambda: daemon.value("halfclosed_config_last_reload_successful") == 1)
            return f"{grown / 1024:.0f} KiB, {more} descriptors more"
