// The server of the reference connection: sends the time (RFC 867) to every client, and closes first.

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

#include "posix/socket_address.h"
#include "scenarios/programs/call_log.h"
#include "scenarios/programs/flags.h"
#include "scenarios/programs/script.h"
#include "scenarios/programs/script_runner.h"

namespace {

using halfclosed::posix::SocketAddress;
using halfclosed::programs::CallLog;

constexpr const char* kProgram = "daytime-server";
constexpr int kBacklog = 1024;

struct Options {
    std::string address = "0.0.0.0";
    std::uint16_t port = 9999;
    halfclosed::programs::Script script;
    int report_fd = -1;
};

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
    const auto address = SocketAddress::numeric(options.address, std::to_string(options.port));
    if (!address) {
        std::fprintf(stderr, "%s: --address %s: not an IPv4 or IPv6 address\n", kProgram,
                     options.address.c_str());
        return 2;
    }
    halfclosed::programs::hold_awaited_signals(options.script);
    CallLog log(options.report_fd, false);
    const int listener = socket(address->family(), SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (listener < 0) {
        return fail("socket");
    }
    // This side closes first, so its connections stay in TIME-WAIT: without the option a restart
    // could not bind.
    const int on = 1;
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(listener, address->data(), address->size()) < 0) {
        return fail("bind " + to_string(*address));
    }
    if (log.make("listen", [listener] { return listen(listener, kBacklog); }) < 0) {
        return fail("listen");
    }
    if (!options.script.empty()) {
        return halfclosed::programs::ScriptRunner(listener, time_line(), log).run(options.script);
    }
    for (;;) {
        SocketAddress peer;
        const int connection = log.make("accept", [&] {
            return accept4(listener, peer.data(), peer.size_pointer(), SOCK_CLOEXEC);
        });
        if (connection < 0) {
            if (!is_temporary(errno)) {
                return fail("accept");
            }
            fail("accept");
            std::this_thread::sleep_for(std::chrono::milliseconds{100});
            continue;
        }
        std::printf("connection from %s, port %s\n", peer.host().c_str(), peer.port().c_str());
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
