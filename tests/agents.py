"""Processes in network namespaces of their own that make sockets as they are told, and veth pairs between them."""

import json
import os
import subprocess
import sys

# Makes sockets in a namespace as it is told: a line of JSON in, a line out.
AGENT = r"""
import json, socket, subprocess, sys
subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
kept, listeners, clients = [], {}, {}

def family(address):
    return socket.AF_INET6 if ":" in address else socket.AF_INET

def listen(address, port, mapped):
    listener = socket.socket(socket.AF_INET6 if mapped else family(address))
    if listener.family == socket.AF_INET6:
        listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0 if mapped else 1)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    listener.bind(("::" if mapped else address, port))
    listener.listen(64)
    listeners[port] = listener

def connect(address, port, name):
    client = socket.socket(family(address))
    client.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
    client.settimeout(10)
    client.connect((address, port))
    clients[name] = client

def fill(name):
    clients[name].setblocking(False)
    try:
        while True:
            clients[name].send(b"x" * 65536)
    except BlockingIOError:
        pass

def accept(port, name):
    listeners[port].settimeout(10)
    clients[name] = listeners[port].accept()[0]

def shut(name):
    clients[name].shutdown(socket.SHUT_WR)

def close(name):
    clients.pop(name).close()

def send(name):
    clients[name].sendall(b"unread")

print("here", flush=True)
for line in sys.stdin:
    what, *arguments = json.loads(line)
    globals()[what](*arguments)
    print("done", flush=True)
"""


class Agent:
    """A process in a network namespace of its own. cgroup: a folder of the cgroup tree that it is in"""

    def __init__(self, cgroup=None):
        def enter():
            if cgroup:
                (cgroup / "cgroup.procs").write_text(str(os.getpid()))
        self.process = subprocess.Popen(["unshare", "--net", sys.executable, "-c", AGENT], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True, preexec_fn=enter)
        assert self.process.stdout.readline() == "here\n"
        self.pid = str(self.process.pid)

    def do(self, *command):
        self.process.stdin.write(json.dumps(command) + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        assert answer == "done\n", (command, answer)

    def run(self, *command):
        return subprocess.run(["nsenter", "-t", self.pid, "-n", *command], capture_output=True, text=True, check=True).stdout

    def end(self):
        self.process.kill()
        self.process.wait()
        self.process.stdin.close()
        self.process.stdout.close()


def join(a, b, number):
    """A veth pair: 10.N.0.1 and fd00:N::1 at `a`, ….2 at `b`."""
    subprocess.run(["ip", "link", "add", "end-a", "type", "veth", "peer", "name", "end-b"], check=True)
    for agent, name, last in ((a, "end-a", 1), (b, "end-b", 2)):
        device = f"veth{number}"
        subprocess.run(["ip", "link", "set", name, "netns", agent.pid, "name", device], check=True)
        agent.run("ip", "address", "add", f"10.{number}.0.{last}/24", "dev", device)
        agent.run("ip", "address", "add", f"fd00:{number}::{last}/64", "dev", device, "nodad")
        agent.run("ip", "link", "set", device, "up")
