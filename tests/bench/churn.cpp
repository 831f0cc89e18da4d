// Half-closed sockets that come and go, in the network namespace that it is started in:
//
//     churn A_SECOND LIVES_MS SECONDS [PORT]
//
// Each second it makes that many connections to PORT (9999) of loopback addresses and closes their server's end at once;
// the client's end is closed LIVES_MS later. So A_SECOND * LIVES_MS / 1000 sockets are in CLOSE-WAIT at any time, and as
// many in FIN-WAIT-2. Ends after SECONDS, and says how many there were.

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <thread>
#include <utility>

namespace {

using Clock = std::chrono::steady_clock;

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

sockaddr_in address(std::uint32_t host, std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(host);
    address.sin_port = htons(port);
    return address;
}

/// Ends with a reset: no socket waits in TIME-WAIT, and ports come back at once.
void close_at_once(int descriptor) {
    const linger none{1, 0};
    setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &none, sizeof none);
    close(descriptor);
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 4) {
        std::fputs("usage: churn A_SECOND LIVES_MS SECONDS [PORT]\n", stderr);
        return 2;
    }
    const long a_second = std::strtol(argv[1], nullptr, 10);
    const std::chrono::milliseconds lives(std::strtol(argv[2], nullptr, 10));
    const std::chrono::seconds seconds(std::strtol(argv[3], nullptr, 10));
    const auto port =
        static_cast<std::uint16_t>(argc > 4 ? std::strtol(argv[4], nullptr, 10) : 9999);
    const rlimit files{60'000, 60'000};
    setrlimit(RLIMIT_NOFILE, &files);

    const int listener = check(socket(AF_INET, SOCK_STREAM, 0), "socket");
    const int yes = 1;
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    const sockaddr_in any = address(INADDR_ANY, port);
    check(bind(listener, reinterpret_cast<const sockaddr*>(&any), sizeof any), "bind");
    check(listen(listener, 4096), "listen");

    std::deque<std::pair<Clock::time_point, int>> open;
    long made = 0;
    const Clock::time_point begin = Clock::now();
    while (Clock::now() - begin < seconds) {
        const auto passed = std::chrono::duration<double>(Clock::now() - begin).count();
        const long due = static_cast<long>(passed * static_cast<double>(a_second));
        for (; made < due; ++made) {
            // 250 addresses to connect to: one has only some 28,000 ports.
            const sockaddr_in server =
                address(0x7f000001 + static_cast<std::uint32_t>(made % 250), port);
            const int client = check(socket(AF_INET, SOCK_STREAM, 0), "socket");
            check(connect(client, reinterpret_cast<const sockaddr*>(&server), sizeof server),
                  "connect");
            check(close(check(accept(listener, nullptr, nullptr), "accept")), "close");
            open.emplace_back(Clock::now() + lives, client);
        }
        while (!open.empty() && open.front().first <= Clock::now()) {
            close_at_once(open.front().second);
            open.pop_front();
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    for (const auto& [when, descriptor] : open) {
        close_at_once(descriptor);
    }
    std::printf("%ld\n", made);
    return 0;
}
