// What it costs a connection that the kernel's programs count it, side by side in one run:
//
//     connection_cost ROUNDS CONNECTIONS
//
// in the network namespace that it is started in. A connection is connect, accept, close at both ends; or connect, accept
// and a reset. Each round makes them without any program, with programs that watch another port, and with programs that
// count them. Prints medians.

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <stdexcept>
#include <vector>

#include "exact/source.h"
#include "netlink/socket_namespace.h"

namespace halfclosed::bench {

namespace {

constexpr std::uint16_t kPort = 9999;

int check(int result, const char* what) {
    if (result < 0) {
        throw std::runtime_error(what);
    }
    return result;
}

sockaddr_in address() {
    sockaddr_in result{};
    result.sin_family = AF_INET;
    result.sin_port = htons(kPort);
    result.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return result;
}

void connect_and_end(int listener, bool reset) {
    const sockaddr_in where = address();
    const int client = check(socket(AF_INET, SOCK_STREAM, 0), "socket");
    check(connect(client, reinterpret_cast<const sockaddr*>(&where), sizeof where), "connect");
    const int server = check(accept(listener, nullptr, nullptr), "accept");
    if (reset) {
        const linger now{1, 0};
        setsockopt(client, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    }
    close(client);
    close(server);
}

/// Microseconds a connection.
double measure(int listener, unsigned connections, bool reset) {
    const auto began = std::chrono::steady_clock::now();
    for (unsigned made = 0; made < connections; ++made) {
        connect_and_end(listener, reset);
    }
    const std::chrono::duration<double, std::micro> took = std::chrono::steady_clock::now() - began;
    return took.count() / connections;
}

double median(std::vector<double> values) {
    std::sort(values.begin(), values.end());
    return values[values.size() / 2];
}

void compare(unsigned rounds, unsigned connections, int listener, bool reset) {
    std::array<std::vector<double>, 3> times;
    for (unsigned round = 0; round < rounds; ++round) {
        times[0].push_back(measure(listener, connections, reset));
        for (const std::uint16_t port : {std::uint16_t{9}, kPort}) {
            exact::Source source;
            source.watch(netlink::own_namespace(), {{port, port}});
            times[port == kPort ? 2 : 1].push_back(measure(listener, connections, reset));
        }
    }
    const std::array<const char*, 3> what{"no programs", "programs that watch another port",
                                          "programs that count them"};
    std::printf("connect, accept, %s: medians of %u rounds of %u connections\n",
                reset ? "reset" : "close, close", rounds, connections);
    for (std::size_t index = 0; index < what.size(); ++index) {
        const double time = median(times[index]);
        std::printf("  %-34s %7.2f us a connection  %6.1f %% of the connections\n", what[index],
                    time, 100 * median(times[0]) / time);
    }
}

}  // namespace

}  // namespace halfclosed::bench

int main(int argc, char** argv) {
    using namespace halfclosed::bench;
    if (argc != 3) {
        std::fprintf(stderr, "usage: connection_cost ROUNDS CONNECTIONS\n");
        return 2;
    }
    try {
        const int listener = check(socket(AF_INET, SOCK_STREAM, 0), "socket");
        const int yes = 1;
        setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
        const sockaddr_in where = address();
        check(bind(listener, reinterpret_cast<const sockaddr*>(&where), sizeof where), "bind");
        check(listen(listener, 16), "listen");
        const auto rounds = static_cast<unsigned>(std::strtoul(argv[1], nullptr, 10));
        const auto connections = static_cast<unsigned>(std::strtoul(argv[2], nullptr, 10));
        compare(rounds, connections, listener, true);
        compare(rounds, connections, listener, false);
    } catch (const std::exception& error) {
        std::fprintf(stderr, "connection_cost: %s\n", error.what());
        return 1;
    }
}
