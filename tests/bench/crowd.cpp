// A crowd of TCP sockets in the network namespace that it is started in:
//
//     crowd ESTABLISHED HALF_CLOSED [PORT]
//
// makes that many sockets, both ends of each connection counted, all on PORT (9999) of loopback addresses. Of the
// half-closed ones one half is in FIN-WAIT-2 by shutdown(), which has no timeout, and the other in CLOSE-WAIT. Says
// "ready" on standard output, and holds them until its standard input ends.

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <vector>

namespace {

/// Connections of one process: two descriptors each, and no process has more than 20,000.
constexpr unsigned long kMostConnections = 9'900;

[[noreturn]] void fail(const char* what) {
    std::perror(what);
    std::_Exit(1);
}

int check(int result, const char* what) {
    if (result < 0) {
        fail(what);
    }
    return result;
}

struct Share {
    unsigned long established = 0;  ///< connections
    unsigned long half_closed = 0;
};

/// Every process has an address of its own, and with it all ephemeral ports.
sockaddr_in address_of(std::uint32_t process, std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(0x7f010001 + process);
    return address;
}

void connect_all(const Share& share, const sockaddr_in& address) {
    const auto* where = reinterpret_cast<const sockaddr*>(&address);
    const int listener = check(socket(AF_INET, SOCK_STREAM, 0), "socket");
    const int yes = 1;
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    check(bind(listener, where, sizeof address), "bind");
    check(listen(listener, 16), "listen");
    for (unsigned long i = 0; i < share.established + share.half_closed; ++i) {
        const int client = check(socket(AF_INET, SOCK_STREAM, 0), "socket");
        check(connect(client, where, sizeof address), "connect");
        check(accept(listener, nullptr, nullptr), "accept");
        if (i < share.half_closed) {
            check(shutdown(client, SHUT_WR), "shutdown");
        }
    }
}

/// Takes the next connections from what is left.
Share next_share(Share& left) {
    Share share;
    share.half_closed = std::min(left.half_closed, kMostConnections);
    share.established = std::min(left.established, kMostConnections - share.half_closed);
    left.half_closed -= share.half_closed;
    left.established -= share.established;
    return share;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 3 || argc > 4) {
        std::fprintf(stderr, "usage: crowd ESTABLISHED HALF_CLOSED [PORT]\n");
        return 2;
    }
    Share left{std::strtoul(argv[1], nullptr, 10) / 2, std::strtoul(argv[2], nullptr, 10) / 2};
    const auto port =
        static_cast<std::uint16_t>(argc > 3 ? std::strtoul(argv[3], nullptr, 10) : 9999);

    rlimit descriptors{};
    getrlimit(RLIMIT_NOFILE, &descriptors);
    descriptors.rlim_cur = std::min<rlim_t>(descriptors.rlim_max, 20'000);
    setrlimit(RLIMIT_NOFILE, &descriptors);

    int done[2];
    check(pipe(done), "pipe");
    std::vector<pid_t> processes;
    while (left.established + left.half_closed > 0) {
        const Share share = next_share(left);
        const auto number = static_cast<std::uint32_t>(processes.size());
        const pid_t process = check(fork(), "fork");
        if (process == 0) {
            prctl(PR_SET_PDEATHSIG, SIGKILL);
            connect_all(share, address_of(number, port));
            if (write(done[1], "+", 1) != 1) {
                fail("write");
            }
            close(done[0]);
            close(done[1]);
            while (true) {
                pause();
            }
        }
        processes.push_back(process);
    }
    close(done[1]);
    for (std::size_t i = 0; i < processes.size(); ++i) {
        char byte = 0;
        if (read(done[0], &byte, 1) != 1) {
            std::fprintf(stderr, "crowd: a process ended early\n");
            return 1;
        }
    }
    std::puts("ready");
    std::fflush(stdout);
    char byte = 0;
    while (read(STDIN_FILENO, &byte, 1) > 0) {
    }
    for (const pid_t process : processes) {
        kill(process, SIGKILL);
        waitpid(process, nullptr, 0);
    }
}
