#include "exact/timewait_handler.h"

#include <bpf/bpf.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <fstream>
#include <string>
#include <thread>

#include "exact/bpf/layout_in_cpp.h"
#include "posix/error.h"
#include "posix/file.h"

namespace halfclosed::exact {

namespace {

using posix::Descriptor;

/// The acknowledgement of a FIN comes with the next tick, 10 ms at most.
constexpr std::chrono::milliseconds kPatience{60};
constexpr std::chrono::microseconds kPause{200};
/// Before Linux 6.11 a minisock's timer is started before packets can find the minisock: a reset that comes in between
/// is lost, and the minisock lives for kLongestLife.
constexpr std::chrono::milliseconds kUntilItIsFound{1};
constexpr int kLongestLife = 1;  // in seconds

exact_control read(int control) {
    const __u32 zero = 0;
    exact_control value{};
    bpf_map_lookup_elem(control, &zero, &value);
    return value;
}

void write(int control, const exact_control& value) {
    const __u32 zero = 0;
    bpf_map_update_elem(control, &zero, &value, BPF_ANY);
}

/// Both ends of a connection over the loopback interface; none if there is none.
struct Connection {
    Descriptor server;
    Descriptor client;

    Connection() {
        const Descriptor listener(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        auto* const generic = reinterpret_cast<sockaddr*>(&address);
        if (!listener || bind(listener.get(), generic, size) != 0 ||
            listen(listener.get(), 1) != 0 || getsockname(listener.get(), generic, &size) != 0) {
            return;
        }
        Descriptor connecting(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
        // Over loopback a connection is made, or refused, within the call.
        if (connecting && (connect(connecting.get(), generic, size) == 0 || errno == EINPROGRESS)) {
            const timeval patience{0, 50'000};
            setsockopt(listener.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
            server = Descriptor(accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC));
            client = std::move(connecting);
        }
    }
};

/// The minisock lives until its peer resets it, a few milliseconds.
std::uint64_t by_a_minisock(int control) {
    Connection connection;
    exact_control wanted{};
    socklen_t size = sizeof wanted.learn_cookie;
    if (!connection.server || getsockopt(connection.server.get(), SOL_SOCKET, SO_COOKIE,
                                         &wanted.learn_cookie, &size) != 0) {
        return 0;
    }
    write(control, wanted);
    setsockopt(connection.server.get(), IPPROTO_TCP, TCP_LINGER2, &kLongestLife,
               sizeof kLongestLife);
    connection.server = Descriptor();  // its FIN is acknowledged: FIN-WAIT-2
    std::uint64_t function = 0;
    const auto deadline = std::chrono::steady_clock::now() + kPatience;
    while (function == 0 && std::chrono::steady_clock::now() < deadline) {
        std::this_thread::sleep_for(kPause);
        function = read(control).timewait_handler;
    }
    std::this_thread::sleep_for(kUntilItIsFound);
    const linger reset{1, 0};
    setsockopt(connection.client.get(), SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
    return function;
}

std::uint64_t by_kallsyms() {
    constexpr std::string_view kName = " tw_timer_handler";
    std::ifstream symbols("/proc/kallsyms");
    for (std::string line; std::getline(symbols, line);) {
        const std::size_t found = line.find(kName);
        if (found != std::string::npos && found + kName.size() == line.size()) {
            std::uint64_t address = 0;
            std::from_chars(line.data(), line.data() + line.size(), address, 16);
            return address;
        }
    }
    return 0;
}

}  // namespace

void learn_timewait_handler(int control) {
    std::uint64_t function = by_a_minisock(control);
    if (function == 0) {
        function = by_kallsyms();
    }
    write(control, {0, function});
    if (function == 0) {
        throw posix::Error("timers of TIME-WAIT",
                           "the loopback interface is down here, and /proc/kallsyms shows no "
                           "addresses without CAP_SYSLOG");
    }
}

}  // namespace halfclosed::exact
