// The server of the reference connection: sends the time (RFC 867) to every client, and closes first.

#include <arpa/inet.h>
#include <netinet/in.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <optional>
#include <string>
#include <thread>

#include "scenarios/programs/call_log.h"
#include "scenarios/programs/flags.h"
#include "scenarios/programs/script.h"
#include "scenarios/programs/script_runner.h"
#include "scenarios/programs/socket_address.h"

namespace {

using halfclosed::programs::CallLog;

constexpr const char* kProgram = "daytime-server";
constexpr int kBacklog = 1024;

struct Options {
    std::string address = "0.0.0.0";
    std::uint16_t port = 9999;
    halfclosed::programs::Script script;
    int report_fd = -1;
};

struct ListenAddress {
    sockaddr_storage storage{};
    socklen_t length = 0;
};

std::optional<ListenAddress> listen_address(const Options& options) {
    ListenAddress address;
    sockaddr_in ipv4{};
    sockaddr_in6 ipv6{};
    if (inet_pton(AF_INET, options.address.c_str(), &ipv4.sin_addr) == 1) {
        ipv4.sin_family = AF_INET;
        ipv4.sin_port = htons(options.port);
        std::memcpy(&address.storage, &ipv4, sizeof ipv4);
        address.length = sizeof ipv4;
        return address;
    }
    if (inet_pton(AF_INET6, options.address.c_str(), &ipv6.sin6_addr) == 1) {
        ipv6.sin6_family = AF_INET6;
        ipv6.sin6_port = htons(options.port);
        std::memcpy(&address.storage, &ipv6, sizeof ipv6);
        address.length = sizeof ipv6;
        return address;
    }
    return std::nullopt;
}

int fail(const std::string& attempt) {
    std::fprintf(stderr, "%s: %s: %s\n", kProgram, attempt.c_str(), std::strerror(errno));
    return EXIT_FAILURE;
}

/// "Sat Nov 22 14:00:00 2025\r\n", 26 bytes.
std::string time_line() {
    const std::time_t now = std::time(nullptr);
    std::array<char, 64> text{};
    ctime_r(&now, text.data());
    std::array<char, 64> line{};
    std::snprintf(line.data(), line.size(), "%.24s\r\n", text.data());
    return line.data();
}

void serve(int connection, CallLog& log) {
    const std::string line = time_line();
    const auto written =
        log.make("write", [&] { return write(connection, line.data(), line.size()); });
    if (written < 0) {
        fail("write");
    }
    log.make("close", [connection] { return close(connection); });
}

/// Whether accept() may succeed later: the peer is gone already, or descriptors or memory are short for now.
bool is_temporary(int error) {
    return error == ECONNABORTED || error == EINTR || error == EPROTO || error == ENETDOWN ||
           error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM;
}

int run(const Options& options) {
    const auto address = listen_address(options);
    if (!address) {
        std::fprintf(stderr, "%s: --address %s: not an IPv4 or IPv6 address\n", kProgram,
                     options.address.c_str());
        return 2;
    }
    halfclosed::programs::hold_awaited_signals(options.script);
    CallLog log(options.report_fd, false);
    const int listener = socket(address->storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (listener < 0) {
        return fail("socket");
    }
    // This side closes first, so its connections stay in TIME-WAIT: without the option a restart
    // could not bind.
    const int on = 1;
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(listener, reinterpret_cast<const sockaddr*>(&address->storage), address->length) < 0) {
        return fail("bind " + to_string(halfclosed::programs::endpoint_of(address->storage)));
    }
    if (log.make("listen", [listener] { return listen(listener, kBacklog); }) < 0) {
        return fail("listen");
    }
    if (!options.script.empty()) {
        return halfclosed::programs::ScriptRunner(listener, time_line(), log).run(options.script);
    }
    for (;;) {
        sockaddr_storage peer{};
        socklen_t length = sizeof peer;
        const int connection = log.make("accept", [&] {
            return accept4(listener, reinterpret_cast<sockaddr*>(&peer), &length, SOCK_CLOEXEC);
        });
        if (connection < 0) {
            if (!is_temporary(errno)) {
                return fail("accept");
            }
            fail("accept");
            std::this_thread::sleep_for(std::chrono::milliseconds{100});
            continue;
        }
        const halfclosed::Endpoint from = halfclosed::programs::endpoint_of(peer);
        std::printf("connection from %s, port %u\n", to_string(from.address).c_str(),
                    unsigned{from.port});
        std::fflush(stdout);
        serve(connection, log);
    }
}

}  // namespace

int main(int argc, char** argv) {
    std::signal(SIGPIPE, SIG_IGN);  // a client that is gone must not end the server
    Options options;
    const auto program = halfclosed::programs::make_app(
        "Sends the time, 26 bytes, to every client, and closes the connection first.", kProgram);
    CLI::App& app = *program;
    halfclosed::programs::add_text(app, "--address", options.address, "ADDRESS",
                                   "Address to listen on; :: for IPv6 and IPv4 together");
    halfclosed::programs::add_port(app, options.port, "Port to listen on");
    add_script(app, options.script, halfclosed::programs::Role::server,
               "Instead of serving, do this once the server listens, then the next --do");
    halfclosed::programs::add_report(app, options.report_fd);
    if (const auto status = halfclosed::programs::parse(app, argc, argv)) {
        return *status;
    }
    return run(options);
}
