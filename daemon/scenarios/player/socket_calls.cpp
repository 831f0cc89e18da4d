#include "scenarios/player/socket_calls.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <vector>

#include "posix/socket_address.h"
#include "scenarios/player/arguments.h"
#include "scenarios/player/symbols.h"
#include "scenarios/programs/call.h"

namespace halfclosed::scenarios {

namespace {

using packetdrill::Call;
using packetdrill::NotSupportedError;
using packetdrill::Value;

/// How many arguments a call has at least, and at most.
struct Known {
    const char* name;
    std::size_t fewest;
    std::size_t most;
};
constexpr Known kCalls[] = {{"socket", 3, 3},     {"bind", 3, 3},     {"listen", 2, 2},
                            {"accept", 3, 3},     {"accept4", 4, 4},  {"connect", 3, 3},
                            {"read", 3, 3},       {"recv", 4, 4},     {"recvfrom", 4, 6},
                            {"write", 3, 3},      {"send", 4, 4},     {"sendto", 4, 6},
                            {"close", 1, 1},      {"shutdown", 2, 2}, {"setsockopt", 5, 5},
                            {"getsockopt", 5, 5}, {"fcntl", 2, 3},    {"ioctl", 3, 3}};
constexpr std::int64_t kLargestTransfer = 64 << 20;

posix::SocketAddress socket_address(const Endpoint& endpoint) {
    return posix::SocketAddress::numeric(to_string(endpoint.address), std::to_string(endpoint.port))
        .value();
}

bool is_null(const Value& value) {
    return value.kind == Value::Kind::names && value.names == std::vector<std::string>{"NULL"};
}

void check_value(const Value& value, std::size_t line) {
    for (const Value& item : value.items) {
        check_value(item, line);
    }
    if (value.kind == Value::Kind::names) {
        number_of(value, line);
    }
}

}  // namespace

SocketCalls::~SocketCalls() {
    for (const auto& [descriptor, live] : live_) {
        ::close(live);
    }
}

bool SocketCalls::opens(const std::string& name) {
    return name == "socket" || name.starts_with("accept");
}

void SocketCalls::check(const Call& call, std::size_t line) {
    const auto known = std::find_if(std::begin(kCalls), std::end(kCalls),
                                    [&call](const Known& one) { return call.name == one.name; });
    if (known == std::end(kCalls)) {
        throw NotSupportedError(line, "the call " + call.name + "()");
    }
    if (call.arguments.size() < known->fewest || call.arguments.size() > known->most) {
        throw NotSupportedError(line, call.name + "() with so many arguments");
    }
    for (const Value& value : call.arguments) {
        check_value(value, line);
    }
    if (!call.error.empty() && !symbol(call.error)) {
        throw NotSupportedError(line, "the error " + call.error);
    }
    if (const bool transfers = known->fewest >= 3 && call.arguments.size() > 2 &&
                               (call.name == "read" || call.name == "write" ||
                                call.name.starts_with("recv") || call.name.starts_with("send"));
        transfers && (argument(call, 2, line) < 0 || argument(call, 2, line) > kLargestTransfer)) {
        throw NotSupportedError(line, call.name + "() of so many bytes");
    }
}

int SocketCalls::live(std::int64_t descriptor) const {
    const auto found = live_.find(descriptor);
    return found != live_.end() ? found->second : -1;
}

MadeSystemCall SocketCalls::open(int live, const Call& call) {
    const int error = errno;
    if (live < 0) {
        return {-1, error, {}};
    }
    const std::int64_t number = call.result.value_or(live);
    if (number < 0 || live_.contains(number)) {
        ::close(live);
        return {live, 0, {}};
    }
    live_[number] = live;
    return {number, 0, {}};
}

int SocketCalls::make_socket(const Call& call) const {
    const int given = static_cast<int>(argument(call, 0, 0));
    const int own = ends_.local.address.family == Family::ipv4 ? AF_INET : AF_INET6;
    return ::socket(given != 0 ? given : own, static_cast<int>(argument(call, 1, 0)) | SOCK_CLOEXEC,
                    static_cast<int>(argument(call, 2, 0)));
}

long SocketCalls::transfer(const Call& call, std::size_t line) const {
    const int descriptor = live(argument(call, 0, line));
    const auto size = static_cast<std::size_t>(argument(call, 2, line));
    const int flags = static_cast<int>(argument(call, 3, line)) | MSG_NOSIGNAL;
    std::vector<char> buffer(is_null(call.arguments[1]) ? 0 : size);
    char* const data = is_null(call.arguments[1]) ? nullptr : buffer.data();
    if (call.name == "read" || call.name.starts_with("recv")) {
        return ::recv(descriptor, data, size, flags);
    }
    return ::send(descriptor, data, size, flags);
}

long SocketCalls::set_option(const Call& call, std::size_t line) const {
    const int descriptor = live(argument(call, 0, line));
    const int level = static_cast<int>(argument(call, 1, line));
    const int name = static_cast<int>(argument(call, 2, line));
    const Value& value = call.arguments[3];
    if (value.kind == Value::Kind::structure && value.items.size() == 2 && name == SO_LINGER) {
        const linger given{static_cast<int>(number_of(value.items[0], line)),
                           static_cast<int>(number_of(value.items[1], line))};
        return ::setsockopt(descriptor, level, name, &given, sizeof given);
    }
    if (value.kind == Value::Kind::text) {
        return ::setsockopt(descriptor, level, name, value.text.data(),
                            static_cast<socklen_t>(value.text.size()));
    }
    const int given = static_cast<int>(number_of(value, line));
    return ::setsockopt(descriptor, level, name, &given,
                        static_cast<socklen_t>(std::min<std::int64_t>(
                            std::max<std::int64_t>(argument(call, 4, line), 0), sizeof given)));
}

long SocketCalls::get_option(const Call& call, std::size_t line, std::string& difference) const {
    const int level = static_cast<int>(argument(call, 1, line));
    const int name = static_cast<int>(argument(call, 2, line));
    int value = 0;
    socklen_t size = sizeof value;
    const long result = ::getsockopt(live(argument(call, 0, line)), level, name, &value, &size);
    const Value& expected = call.arguments[3];
    const bool is_buffer = level == SOL_SOCKET && (name == SO_RCVBUF || name == SO_SNDBUF);
    if (result == 0 && expected.kind != Value::Kind::any && (judges_buffers_ || !is_buffer) &&
        number_of(expected, line) != value) {
        const bool is_error = level == SOL_SOCKET && name == SO_ERROR && value != 0;
        difference = "[" + (is_error ? programs::errno_name(value) : std::to_string(value)) + "]";
    }
    return result;
}

long SocketCalls::control(const Call& call, std::string& difference) const {
    const auto request = static_cast<unsigned long>(argument(call, 1, 0));
    int value = 0;
    const long result = ::ioctl(live(argument(call, 0, 0)), request, &value);
    if (result == 0 && call.arguments[2].kind != Value::Kind::any &&
        argument(call, 2, 0) != value) {
        difference = "[" + std::to_string(value) + "]";
    }
    return result;
}

MadeSystemCall SocketCalls::make(const Call& call, std::size_t line) {
    const std::int64_t number = argument(call, 0, line);
    const int descriptor = call.name == "socket" ? -1 : live(number);
    std::string difference;
    long result = 0;
    if (call.name == "socket") {
        return open(make_socket(call), call);
    }
    if (opens(call.name)) {
        return open(::accept4(descriptor, nullptr, nullptr,
                              static_cast<int>(argument(call, 3, line)) | SOCK_CLOEXEC),
                    call);
    }
    if (call.name == "bind") {
        const posix::SocketAddress local = socket_address(ends_.local);
        result = ::bind(descriptor, local.data(), local.size());
    } else if (call.name == "connect") {
        const posix::SocketAddress remote = socket_address(ends_.remote);
        result = ::connect(descriptor, remote.data(), remote.size());
    } else if (call.name == "listen") {
        result = ::listen(descriptor, static_cast<int>(argument(call, 1, line)));
    } else if (call.name == "close") {
        result = ::close(descriptor);
        live_.erase(number);
    } else if (call.name == "shutdown") {
        result = ::shutdown(descriptor, static_cast<int>(argument(call, 1, line)));
    } else if (call.name == "setsockopt") {
        result = set_option(call, line);
    } else if (call.name == "getsockopt") {
        result = get_option(call, line, difference);
    } else if (call.name == "fcntl") {
        result = ::fcntl(descriptor, static_cast<int>(argument(call, 1, line)),
                         static_cast<int>(argument(call, 2, line)));
    } else if (call.name == "ioctl") {
        result = control(call, difference);
    } else {
        result = transfer(call, line);
    }
    return {result, result < 0 ? errno : 0, difference};
}

}  // namespace halfclosed::scenarios
