#!/usr/bin/env python3
"""What a person sees on a terminal: `watch` as it stands, its keys, a resize, every way to end; `snapshot` and the help
at the terminal's width, and progress.

Usage: terminal_test.py [HALFCLOSED [TEST...]]
"""

import fcntl
import os
import pty
import re
import signal
import struct
import subprocess
import sys
import termios
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import harness
from half_closed import HalfClosed
from screen import OnTerminal

PROGRAM = str(harness.PROGRAM)


class Watch(unittest.TestCase):
    def watch(self, columns, rows, *arguments):
        terminal = OnTerminal([PROGRAM, "watch", *arguments], columns, rows)
        self.addCleanup(terminal.close)
        return terminal

    def test_1_the_view_fills_small_and_large_terminals(self):
        with HalfClosed(300):
            for columns, rows in ((60, 20), (200, 60)):
                with self.subTest(f"{columns}x{rows}"):
                    terminal = self.watch(columns, rows)
                    terminal.wait_for("600 half-closed")
                    terminal.wait_for("q quit")
                    lines = terminal.screen.lines()
                    self.assertRegex(lines[0], r"^\d\d:\d\d:\d\d  600 half-closed, ")
                    self.assertRegex(lines[1], r"^fin_wait2 300  close_wait 300")
                    self.assertRegex(lines[2], r"^OWNER +CAUSE +SOCKETS +LEAKED +OLDEST")
                    self.assertRegex(lines[-1], r"^q quit  \? help  s sort:age  / filter")
                    self.assertRegex(terminal.screen.text(), r"AGE +CAUSE +LOCAL +REMOTE")
                    # Every row that there is shows a socket.
                    sockets = [line for line in lines if "127.0.0.1:9999" in line]
                    self.assertGreater(len(sockets), rows // 2 - 5)
                    terminal.close()

    def test_2_keys_do_as_in_top_and_less(self):
        with HalfClosed(40):
            terminal = self.watch(100, 24)
            terminal.wait_for("80 half-closed")
            terminal.press("?")
            terminal.wait_for("sort by the next thing")
            terminal.press(" ")
            terminal.wait_for("AGE")
            terminal.press("s")
            terminal.wait_for("sort:owner")
            terminal.press("G")
            terminal.wait_for(" of 80")
            terminal.wait_for("-80 of 80")
            terminal.press("\x1b[A")
            terminal.wait_for("-79 of 80")
            terminal.press("g")
            terminal.wait_for("  1-")
            terminal.press("/close_wait\r")
            terminal.wait_for("filter:close_wait")
            terminal.wait_for(lambda screen: " of 40" in screen.text() and "fin_wait2  127" not in screen.text())
            terminal.press("\x1b")
            terminal.wait_for(" of 80")
            terminal.press("p")
            terminal.wait_for("PAUSED")
            shown = terminal.screen.text()
            time.sleep(1.2)
            terminal.read(0.2)
            self.assertEqual(terminal.screen.text(), shown, "a paused screen stands still")
            terminal.press("p")
            terminal.wait_for(lambda screen: "PAUSED" not in screen.text())
            terminal.press("q")
            self.assertEqual(terminal.wait(), 0)
            self.assertTrue(terminal.is_as_before())

    def test_3_transitions_stand_below_and_owners_can_be_read(self):
        for columns, rows in ((120, 24), (60, 20)):
            with self.subTest(f"{columns}x{rows}"):
                terminal = self.watch(columns, rows)
                terminal.wait_for("q quit")
                with HalfClosed(2):
                    terminal.wait_for("TRANSITIONS")
                    terminal.wait_for(lambda screen: re.search("[→⇢] (close|fin)_wait", screen.text()))
                    terminal.wait_for(lambda screen: any(line.split()[:2] == ["AGE", "CAUSE"] and line.endswith("OWNER")
                                                         for line in screen.lines()))
                terminal.close()

    def test_4_a_resize_breaks_nothing(self):
        with HalfClosed(30):
            terminal = self.watch(120, 40)
            terminal.wait_for("60 half-closed")
            for columns, rows in ((60, 20), (200, 60), (40, 6), (80, 24)):
                with self.subTest(f"{columns}x{rows}"):
                    terminal.resize(columns, rows)
                    terminal.wait_for(lambda screen, last=rows - 1: screen.lines()[last].startswith("q quit"))
                    terminal.wait_for("60 half-closed")
                    self.assertIsNone(terminal.poll())

    def test_5_the_terminal_is_as_before_after_every_end(self):
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, signal.SIGSEGV, signal.SIGABRT):
            with self.subTest(number.name):
                terminal = self.watch(80, 24)
                terminal.wait_for("q quit")
                self.assertTrue(terminal.screen.other)
                self.assertFalse(terminal.is_as_before())
                expected = -number if number in (signal.SIGSEGV, signal.SIGABRT) else 0
                self.assertEqual(terminal.end(number), expected)
                self.assertTrue(terminal.is_as_before())

    def test_6_ctrl_c_is_a_signal_and_ctrl_z_gives_the_terminal_back(self):
        terminal = self.watch(80, 24)
        terminal.wait_for("q quit")
        terminal.press("\x1a")
        terminal.wait_for(lambda screen: not screen.other)
        self.assertTrue(terminal.is_as_before())
        state = Path(f"/proc/{terminal.pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
        self.assertEqual(state, "T")
        os.kill(terminal.pid, signal.SIGCONT)
        terminal.wait_for(lambda screen: screen.other)
        terminal.wait_for("q quit")
        terminal.press("\x03")
        self.assertEqual(terminal.wait(), 0)
        self.assertTrue(terminal.is_as_before())

    def test_7_without_a_terminal_there_are_lines(self):
        watch = subprocess.Popen([PROGRAM, "watch"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
        self.addCleanup(watch.wait)
        self.addCleanup(watch.kill)
        time.sleep(0.5)
        with HalfClosed(1):
            line = watch.stdout.readline()
        watch.kill()
        watch.stdout.close()
        self.assertRegex(line, r"^\d\d:\d\d:\d\d\.\d{3}  \S+ +→ \S+ .*(→|⇢)")
        self.assertNotIn("\x1b", line)


class OtherCommands(unittest.TestCase):
    def shown(self, columns, *arguments):
        """All that the program writes."""
        master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        program = subprocess.Popen([PROGRAM, *arguments], stdin=subprocess.DEVNULL, stdout=slave, stderr=slave)
        os.close(slave)
        text = b""
        while True:
            try:
                data = os.read(master, 65536)
            except OSError:  # nobody has the terminal any more
                break
            text += data
        os.close(master)
        program.wait(timeout=60)
        return text.decode().replace("\r\n", "\n")

    def test_snapshot_fits_the_terminal_and_is_a_line_a_socket_in_a_pipe(self):
        with HalfClosed(4):
            for columns in (60, 80, 200):
                text = self.shown(columns, "--color", "never", "snapshot")
                for line in text.splitlines():
                    self.assertLessEqual(len(line), columns, line)
            piped = subprocess.run([PROGRAM, "snapshot"], capture_output=True, text=True, timeout=60).stdout
            sockets = [line for line in piped.splitlines() if "127.0.0.1:9999" in line]
            self.assertEqual(len(sockets), 8)
            for line in sockets:
                self.assertRegex(line, r"close|waits")

    def test_the_help_fits_the_terminal_and_has_port_everywhere(self):
        for command in ([], ["serve"], ["snapshot"], ["watch"], ["record"], ["replay"], ["check"], ["status"],
                        ["reload"], ["scenario"], ["scenario", "run"], ["scenario", "list"]):
            with self.subTest(command):
                text = self.shown(80, *command, "--help")
                self.assertIn("--port", text)
                for line in text.splitlines():
                    self.assertLessEqual(len(line), 80, line)


if __name__ == "__main__":
    harness.run(limit=240)
