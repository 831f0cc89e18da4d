#!/usr/bin/env python3
"""A server that forgets its connections, for tests. usage: leaky_server.py PORT not_closed|unread|not_accepted

It prints a line when it listens. SIGUSR1 mends it: what was forgotten is accepted, read and closed, and so is what comes
from then on.
"""

import select
import signal
import socket
import sys


def read_to_end(connection):
    while connection.recv(65536):
        pass


def serve(listener, fault):
    mended = False
    held = []

    def mend(*_):
        nonlocal mended
        mended = True

    signal.signal(signal.SIGUSR1, mend)
    print("listening", flush=True)
    while True:
        ready, _, _ = select.select([] if fault == "not_accepted" and not mended else [listener], [], [], 0.1)
        if ready:
            connection, _ = listener.accept()
            if fault == "not_closed" or mended:
                read_to_end(connection)
            held.append(connection)
        if mended:
            while held:
                connection = held.pop()
                read_to_end(connection)
                connection.close()


def main():
    port, fault = int(sys.argv[1]), sys.argv[2]
    with socket.create_server(("127.0.0.1", port), backlog=256) as listener:
        serve(listener, fault)


if __name__ == "__main__":
    main()
