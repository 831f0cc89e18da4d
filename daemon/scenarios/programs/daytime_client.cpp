// The client of the reference connection: reads the time (RFC 867) to end-of-file, and then follows its flags or script.

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>

#include "posix/socket_address.h"
#include "scenarios/programs/call_log.h"
#include "scenarios/programs/flags.h"
#include "scenarios/programs/script.h"
#include "scenarios/programs/script_runner.h"

namespace {

using namespace halfclosed::programs;
using halfclosed::posix::SocketAddress;

constexpr const char* kProgram = "daytime-client";
constexpr const char* kPayload = "late";

struct Options {
    std::string host = "127.0.0.1";
    std::uint16_t port = 9999;
    bool reads = true;
    std::string then = "close";
    std::optional<Action> wait;   ///< --on
    std::optional<Action> sleep;  ///< --after
    Script script;                ///< --do
    int report_fd = -1;
};

/// --no-read, --after, --on and --then as the steps that they stand for.
Script script_of_flags(const Options& options) {
    using Kind = Action::Kind;
    Script script{{Kind::connect}};
    if (options.reads) {
        script.push_back({Kind::read_to_end});
    }
    for (const std::optional<Action>& first : {options.sleep, options.wait}) {
        if (first) {
            script.push_back(*first);
        }
    }
    if (options.then == "sleep") {
        script.push_back({Kind::pause});
    }
    if (options.then == "write") {
        const Action write{Kind::write, std::strlen(kPayload)};
        script.insert(script.end(), {write, {Kind::await_reset}, write});
    }
    script.push_back({Kind::close});
    return script;
}

void print_local_address(int connection) {
    const auto address = SocketAddress::of_socket(connection);
    std::printf("local addr: %s\n", address ? to_string(*address).c_str() : "not known");
    std::fflush(stdout);
}

/// On a terminal without control characters: the server may be anyone's, and could rewrite the screen.
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

int run(const Options& options) {
    const bool scripted = !options.script.empty();
    const Script script = scripted ? options.script : script_of_flags(options);
    hold_awaited_signals(script);
    CallLog log(options.report_fd, true);
    bool connected = false;
    ScriptHooks hooks;
    hooks.connected = [&connected](int connection) {
        connected = true;
        print_local_address(connection);
    };
    hooks.received = print;
    hooks.failure_ends = !scripted;
    const int status =
        ScriptRunner(SocketAddress::resolve(options.host, std::to_string(options.port)), kPayload,
                     log, hooks)
            .run(script);
    if (!scripted && !connected) {
        std::fprintf(stderr, "%s: connect %s port %d: %s\n", kProgram, options.host.c_str(),
                     options.port, std::strerror(errno));
    }
    return status;
}

std::string parse_then(const std::string& text) {
    constexpr std::array kWords{"close", "sleep", "write"};
    if (std::find(kWords.begin(), kWords.end(), text) == kWords.end()) {
        throw std::invalid_argument("'" + text + "' is not one of close, sleep, write");
    }
    return text;
}

/// Reads the operand of a flag as that of the step `words`.
auto step_option(std::optional<Action>& step, const std::string& words, const std::string& error) {
    return [&step, words, error](const std::string& text) {
        step = parse_action(words + " " + text);
        if (!step) {
            throw std::invalid_argument("'" + text + "': " + error);
        }
    };
}

}  // namespace

int main(int argc, char** argv) {
    std::signal(SIGPIPE, SIG_IGN);  // a write to a connection that was reset returns EPIPE
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
        "close: close the connection; sleep: until a signal ends this program; "
        "write: write 4 bytes, wait for the reset, write 4 more, close");
    CLI::Option* const after = add_value(
        app, "--after", step_option(options.sleep, "sleep", "a time is written 200ms or 3s"),
        "TIME", "", "Wait so long before --then: 200ms, 3s");
    CLI::Option* const on =
        add_value(app, "--on", step_option(options.wait, "wait", "no such signal"), "SIGNAL", "",
                  "Wait for this signal before --then: USR1");
    exclude(add_script(app, options.script, Role::client,
                       "Instead of all that, do this, then the next --do"),
            {reads, then, after, on});
    add_report(app, options.report_fd);
    if (const auto status = parse(app, argc, argv)) {
        return *status;
    }
    options.reads = !no_read;
    try {
        return run(options);
    } catch (const std::runtime_error& error) {
        std::fprintf(stderr, "%s: %s\n", kProgram, error.what());
        return EXIT_FAILURE;
    }
}
