"""A terminal to run a program on: its screen as text (ECMA-48 and xterm, as far as our programs write it)."""

import codecs
import fcntl
import os
import pty
import re
import select
import signal
import struct
import termios
import time

SEQUENCE = re.compile(r"\x1b\[([?0-9;]*)([A-Za-z])")


class Screen:
    """What a terminal of so many columns and rows shows."""

    def __init__(self, columns, rows):
        self.other = False   # the alternate screen is shown
        self.cursor = True   # the cursor is shown
        self.pending = ""    # the start of a sequence, or of a line
        self.resize(columns, rows)

    def resize(self, columns, rows):
        self.columns, self.rows = columns, rows
        self.cells = [[" "] * columns for _ in range(rows)]
        self.row = self.column = 0

    def feed(self, text):
        text = self.pending + text
        self.pending = ""
        at = 0
        while at < len(text):
            if text[at] == "\x1b":
                match = SEQUENCE.match(text, at)
                if not match:
                    self.pending = text[at:]
                    return
                self.control(match[1], match[2])
                at = match.end()
                continue
            self.put(text[at])
            at += 1

    def put(self, letter):
        if letter == "\r":
            self.column = 0
        elif letter == "\n":
            self.row = min(self.row + 1, self.rows - 1)
        else:
            if self.column >= self.columns or self.row >= self.rows:
                raise AssertionError(f"{letter!r} is written outside of {self.columns}x{self.rows}")
            self.cells[self.row][self.column] = letter
            self.column += 1

    def control(self, parameters, final):
        if final == "H":
            row, _, column = parameters.partition(";")
            self.row, self.column = int(row or 1) - 1, int(column or 1) - 1
        elif final == "K":
            if self.row < self.rows:
                start = 0 if parameters == "2" else self.column
                self.cells[self.row][start:] = [" "] * (self.columns - start)
        elif final == "J":
            self.cells = [[" "] * self.columns for _ in range(self.rows)]
        elif final in "hl" and parameters == "?1049":
            self.other = final == "h"
            self.resize(self.columns, self.rows)
        elif final in "hl" and parameters == "?25":
            self.cursor = final == "h"
        elif final != "m":
            raise AssertionError(f"an unknown sequence: ESC [ {parameters} {final}")

    def lines(self):
        return ["".join(row).rstrip() for row in self.cells]

    def text(self):
        return "\n".join(self.lines())


def lead_session(terminal, report, arguments):
    """In a process of its own: the terminal's session, which stays when the program in it has ended. The kernel resets
    a terminal whose session is over, and nothing could be seen of how the program left it."""
    os.setsid()
    fcntl.ioctl(terminal, termios.TIOCSCTTY, 0)
    signal.signal(signal.SIGTTOU, signal.SIG_IGN)
    program = os.fork()
    if program == 0:
        os.setpgid(0, 0)
        os.tcsetpgrp(terminal, os.getpid())
        signal.signal(signal.SIGTTOU, signal.SIG_DFL)
        for stream in (0, 1, 2):
            os.dup2(terminal, stream)
        os.closerange(3, 256)
        os.execv(arguments[0], arguments)
    os.write(report, struct.pack("i", program))
    _, status = os.waitpid(program, 0)
    os.write(report, struct.pack("i", os.waitstatus_to_exitcode(status)))
    signal.pause()


class OnTerminal:
    """A program on a terminal of its own."""

    def __init__(self, arguments, columns, rows):
        self.screen = Screen(columns, rows)
        self.master, self.slave = pty.openpty()
        self.set_size(columns, rows)
        self.at_start = termios.tcgetattr(self.slave)
        self.decoder = codecs.getincrementaldecoder("utf-8")()
        self.returncode = None
        self.report, report = os.pipe()
        self.leader = os.fork()
        if self.leader == 0:
            try:
                lead_session(self.slave, report, arguments)
            finally:
                os._exit(1)
        os.close(report)
        self.pid = struct.unpack("i", os.read(self.report, 4))[0]

    def poll(self):
        """The program's exit status, None while it runs; a signal is a negative one."""
        if self.returncode is None and select.select([self.report], [], [], 0)[0]:
            self.returncode = struct.unpack("i", os.read(self.report, 4))[0]
        return self.returncode

    def wait(self, limit=10):
        end = time.monotonic() + limit
        while self.poll() is None:
            if time.monotonic() > end:
                raise AssertionError(f"it has not ended within {limit} s")
            self.read(0.05)
        self.read(0.2)
        return self.returncode

    def set_size(self, columns, rows):
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def resize(self, columns, rows):
        """What was written before must not be taken for the new size's."""
        self.read(0.3)
        self.screen.resize(columns, rows)
        self.set_size(columns, rows)  # the kernel sends SIGWINCH

    def press(self, keys):
        os.write(self.master, keys.encode())

    def read(self, seconds):
        """Takes what comes within this time, and returns early once nothing does."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            if not select.select([self.master], [], [], left)[0]:
                return
            self.screen.feed(self.decoder.decode(os.read(self.master, 65536)))

    def wait_for(self, what, limit=10):
        """Until the condition holds of the screen, or the text is on it."""
        condition = what if callable(what) else lambda screen: what in screen.text()
        end = time.monotonic() + limit
        while not condition(self.screen):
            if time.monotonic() > end:
                raise AssertionError(f"not within {limit} s: {what}\n{self.screen.text()}")
            self.read(0.1)

    def is_as_before(self):
        """Whether the terminal has its own screen, cursor and modes again."""
        return (not self.screen.other and self.screen.cursor
                and termios.tcgetattr(self.slave) == self.at_start)

    def end(self, number=signal.SIGKILL):
        if self.poll() is None:
            os.kill(self.pid, number)
        return self.wait()

    def close(self):
        if self.leader is None:
            return
        self.end()
        os.kill(self.leader, signal.SIGKILL)
        os.waitpid(self.leader, 0)
        self.leader = None
        for descriptor in (self.master, self.slave, self.report):
            os.close(descriptor)
