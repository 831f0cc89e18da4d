// The client of the reference connection: reads the time (RFC 867) to end-of-file, and then does
// what it is told.

#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>

#include "scenarios/programs/call_log.h"
#include "scenarios/programs/flags.h"
#include "scenarios/programs/script.h"
#include "scenarios/programs/script_runner.h"
#include "scenarios/programs/signal_name.h"
#include "scenarios/programs/socket_address.h"
#include "text/words.h"

namespace {

using halfclosed::programs::CallLog;

constexpr const char* kProgram = "daytime-client";

enum class Then { close, sleep, write };

struct Options {
    std::string host = "127.0.0.1";
    std::uint16_t port = 9999;
    bool reads = true;
    Then then = Then::close;
    std::string on;                       ///< the signal to wait for first; empty: none
    std::chrono::milliseconds after{0};   ///< the time to wait first
    halfclosed::programs::Script script;  ///< what to do in place of all that
    int report_fd = -1;
};

int fail(const std::string& attempt, const char* why) {
    std::fprintf(stderr, "%s: %s: %s\n", kProgram, attempt.c_str(), why);
    return EXIT_FAILURE;
}

Then parse_then(const std::string& text) {
    if (text == "close") {
        return Then::close;
    }
    if (text == "sleep") {
        return Then::sleep;
    }
    if (text == "write") {
        return Then::write;
    }
    throw std::invalid_argument("'" + text + "' is not one of close, sleep, write");
}

std::string parse_signal(const std::string& text) {
    if (!halfclosed::programs::signal_number(text)) {
        throw std::invalid_argument("'" + text + "' is not a signal");
    }
    return text;
}

/// "200ms", "3s".
std::chrono::milliseconds parse_milliseconds(std::string_view text) {
    const std::size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
    const auto number = halfclosed::text::to_number<std::uint32_t>(text.substr(0, digits));
    const std::string_view unit = text.substr(digits);
    if (!number || (unit != "ms" && unit != "s")) {
        throw std::invalid_argument("'" + std::string(text) + "' is not a duration (200ms, 3s)");
    }
    return std::chrono::milliseconds{*number} * (unit == "s" ? 1000 : 1);
}

using Addresses = std::unique_ptr<addrinfo, decltype(&freeaddrinfo)>;

/// The host's addresses, at least one; none after saying why not.
Addresses find_addresses(const Options& options) {
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* found = nullptr;
    const std::string port = std::to_string(options.port);
    const int error = getaddrinfo(options.host.c_str(), port.c_str(), &hints, &found);
    if (error != 0) {
        fail(options.host, gai_strerror(error));
        found = nullptr;
    }
    return {found, freeaddrinfo};
}

/// A connected socket, the first of the host's addresses that answers; -1 after saying why not.
int connect_to(const Options& options, CallLog& log) {
    const Addresses addresses = find_addresses(options);
    if (addresses == nullptr) {
        return -1;
    }
    int last_error = 0;
    for (const addrinfo* address = addresses.get(); address != nullptr;
         address = address->ai_next) {
        const int connection = socket(address->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (connection < 0) {
            last_error = errno;
            continue;
        }
        if (log.make("connect", [&] {
                return connect(connection, address->ai_addr, address->ai_addrlen);
            }) == 0) {
            return connection;
        }
        last_error = errno;
        close(connection);
    }
    fail("connect " + options.host + " port " + std::to_string(options.port),
         std::strerror(last_error));
    return -1;
}

void print_local_address(int connection) {
    sockaddr_storage address{};
    socklen_t length = sizeof address;
    getsockname(connection, reinterpret_cast<sockaddr*>(&address), &length);
    std::printf("local addr: %s\n", to_string(halfclosed::programs::endpoint_of(address)).c_str());
    std::fflush(stdout);
}

/// What a stranger's server says goes to a terminal without its control characters: they could
/// rewrite the screen.
void print(std::string_view text) {
    static const bool terminal = isatty(STDOUT_FILENO) == 1;
    for (const char character : text) {
        const auto byte = static_cast<unsigned char>(character);
        const bool plain = (byte < 0x80 && std::isprint(byte) != 0) || byte == '\n' ||
                           byte == '\r' || byte == '\t';
        if (terminal && !plain) {
            std::printf("\\x%02x", unsigned{byte});
        } else {
            std::putchar(byte);
        }
    }
    std::fflush(stdout);
}

/// Reads and prints until end-of-file. Returns whether it came to that.
bool read_to_end(int connection, CallLog& log) {
    std::array<char, 4096> buffer;
    for (;;) {
        const auto got =
            log.make("read", [&] { return read(connection, buffer.data(), buffer.size()); });
        if (got <= 0) {
            return got == 0;
        }
        print({buffer.data(), static_cast<std::size_t>(got)});
    }
}

constexpr std::string_view kLate = "late";

void write_once(int connection, CallLog& log) {
    log.make("write", [connection] { return write(connection, kLate.data(), kLate.size()); });
}

/// Until the peer's answer to what was written has come: a reset raises POLLERR and POLLHUP. At
/// most two seconds, for a peer that only half-closed its side does not answer with a reset.
void await_reset(int connection) {
    pollfd waiting{connection, 0, 0};
    poll(&waiting, 1, 2'000);
}

[[noreturn]] void sleep_until_killed() {
    for (;;) {
        pause();
    }
}

/// What --do says, on a connection to the first of the host's addresses.
int run_script(const Options& options) {
    halfclosed::programs::hold_awaited_signals(options.script);
    CallLog log(options.report_fd, true);
    const Addresses addresses = find_addresses(options);
    if (addresses == nullptr) {
        return EXIT_FAILURE;
    }
    const int connection = socket(addresses->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (connection < 0) {
        return fail("socket", std::strerror(errno));
    }
    halfclosed::programs::Destination destination;
    std::memcpy(&destination.address, addresses->ai_addr, addresses->ai_addrlen);
    destination.length = addresses->ai_addrlen;
    return halfclosed::programs::ScriptRunner(connection, destination, std::string(kLate), log)
        .run(options.script);
}

int run(const Options& options) {
    sigset_t awaited;
    sigemptyset(&awaited);
    if (!options.on.empty()) {
        // Blocked from the start: a signal that comes before end-of-file waits for us, not we for
        // it.
        sigaddset(&awaited, *halfclosed::programs::signal_number(options.on));
        sigprocmask(SIG_BLOCK, &awaited, nullptr);
    }
    CallLog log(options.report_fd, true);
    const int connection = connect_to(options, log);
    if (connection < 0) {
        return EXIT_FAILURE;
    }
    print_local_address(connection);
    if (options.reads && !read_to_end(connection, log)) {
        return EXIT_FAILURE;
    }
    std::this_thread::sleep_for(options.after);
    if (!options.on.empty()) {
        sigwaitinfo(&awaited, nullptr);
    }
    if (options.then == Then::sleep) {
        sleep_until_killed();
    }
    if (options.then == Then::write) {
        write_once(connection, log);
        await_reset(connection);
        write_once(connection, log);
    }
    log.make("close", [connection] { return close(connection); });
    return EXIT_SUCCESS;
}

}  // namespace

int main(int argc, char** argv) {
    using namespace halfclosed::programs;
    std::signal(SIGPIPE, SIG_IGN);  // a write to a connection that was reset reports EPIPE
    std::signal(SIGINT, SIG_DFL);   // a shell starts its background jobs with SIGINT ignored
    Options options;
    bool no_read = false;
    const auto program = make_app(
        "Connects to a daytime server, prints what it reads, and after end-of-file does what "
        "--then says.",
        kProgram);
    CLI::App& app = *program;
    add_text(app, "host", options.host, "ADDRESS", "Address or name of the server");
    add_port(app, options.port, "Port of the server");
    CLI::Option* const reads = add_switch(app, "--no-read", no_read,
                                          "Do not read: go on with --then right after connecting");
    CLI::Option* const then = add_value(
        app, "--then", [&](const std::string& text) { options.then = parse_then(text); },
        "WHAT:{close,sleep,write}", "close",
        "close: close the connection; sleep: until a signal ends this program; write: write 4 "
        "bytes, wait for the answer, write 4 more, close");
    CLI::Option* const after = add_value(
        app, "--after", [&](const std::string& text) { options.after = parse_milliseconds(text); },
        "TIME", "", "Wait so long before --then: 200ms, 3s");
    CLI::Option* const on = add_value(
        app, "--on", [&](const std::string& text) { options.on = parse_signal(text); }, "SIGNAL",
        "", "Wait for this signal before --then: USR1");
    exclude(add_script(app, options.script, Role::client,
                       "Instead of all that, do this, then the next --do"),
            {reads, then, after, on});
    add_report(app, options.report_fd);
    if (const auto status = parse(app, argc, argv)) {
        return *status;
    }
    options.reads = !no_read;
    return options.script.empty() ? run(options) : run_script(options);
}
