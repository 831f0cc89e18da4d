#include "scenarios/programs/script_runner.h"

#include <netinet/in.h>
#include <poll.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <thread>
#include <utility>

#include "posix/system_call.h"

namespace halfclosed::programs {

namespace {

using Kind = Action::Kind;

/// More than any segment has left: it starts with net.ipv4.ip_default_ttl, 64.
constexpr int kNoHop = 255;

int new_socket(const posix::SocketAddress& destination) {
    return posix::check("socket", ::socket(destination.family(), SOCK_STREAM | SOCK_CLOEXEC, 0));
}

void wait_for(int signal) {
    sigset_t awaited;
    sigemptyset(&awaited);
    sigaddset(&awaited, signal);
    sigwaitinfo(&awaited, nullptr);
}

/// A reset raises POLLERR and POLLHUP. A peer that only half-closed its side does not send one.
void await_reset(int connection) {
    constexpr int kMilliseconds = 2000;
    pollfd waiting{connection, 0, 0};
    ::poll(&waiting, 1, kMilliseconds);
}

[[noreturn]] void pause_until_killed() {
    for (;;) {
        ::pause();
    }
}

}  // namespace

void hold_awaited_signals(const Script& script) {
    sigset_t awaited;
    sigemptyset(&awaited);
    for (const Action& action : script) {
        if (action.kind == Kind::wait) {
            sigaddset(&awaited, static_cast<int>(action.operand));
        }
    }
    sigprocmask(SIG_BLOCK, &awaited, nullptr);
}

ScriptRunner::ScriptRunner(int listener, std::string payload, CallLog& log)
    : listener_(listener), socket_(listener), payload_(std::move(payload)), log_(log) {
}

ScriptRunner::ScriptRunner(std::vector<posix::SocketAddress> destinations, std::string payload,
                           CallLog& log, ScriptHooks hooks)
    : socket_(new_socket(destinations.front())),
      destinations_(std::move(destinations)),
      payload_(std::move(payload)),
      log_(log),
      hooks_(std::move(hooks)) {
}

int ScriptRunner::run(const Script& script) {
    for (const Action& action : script) {
        if (action.kind == Kind::exit) {
            return static_cast<int>(action.operand);
        }
        if (!perform(action) && hooks_.failure_ends) {
            return EXIT_FAILURE;
        }
    }
    return EXIT_SUCCESS;
}

/// Returns whether it connected or read as it should; true for any other step.
bool ScriptRunner::perform(const Action& action) {
    bool at_end = false;
    switch (action.kind) {
        case Kind::connect:
            return connect_to_one();
        case Kind::read:
            return read_once(at_end);
        case Kind::read_to_end:
            return read_to_end();
        case Kind::accept:
            accept_one();
            break;
        case Kind::write:
            write_bytes(action.operand);
            break;
        case Kind::shut_down_write:
            log_.make("shutdown", [this] { return ::shutdown(socket_, SHUT_WR); });
            break;
        case Kind::close:
            close_connection();
            break;
        case Kind::sleep:
            std::this_thread::sleep_for(std::chrono::milliseconds{action.operand});
            break;
        case Kind::wait:
            wait_for(static_cast<int>(action.operand));
            break;
        case Kind::await_reset:
            await_reset(socket_);
            break;
        case Kind::pause:
            pause_until_killed();
        case Kind::receive_buffer:
            set_option(SOL_SOCKET, SO_RCVBUF, static_cast<int>(action.operand));
            break;
        case Kind::linger:
            set_option(SOL_SOCKET, SO_LINGER, linger{1, static_cast<int>(action.operand)});
            break;
        case Kind::drop_incoming:
            set_minimum_hops(kNoHop);
            break;
        case Kind::drop_nothing:
            set_minimum_hops(0);
            break;
        case Kind::exit:
            break;  // run() has returned
    }
    return true;
}

void ScriptRunner::accept_one() {
    const int connection = log_.make(
        "accept", [this] { return ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC); });
    if (connection >= 0) {
        socket_ = connection;
    }
}

/// A socket option set before applies to the first destination only: each has a socket of its own.
bool ScriptRunner::connect_to_one() {
    for (std::size_t index = 0; index < destinations_.size(); ++index) {
        const posix::SocketAddress& to = destinations_[index];
        if (index > 0) {
            ::close(std::exchange(socket_, new_socket(to)));
        }
        if (log_.make("connect", [&] { return ::connect(socket_, to.data(), to.size()); }) == 0) {
            hooks_.connected(socket_);
            return true;
        }
    }
    return false;
}

bool ScriptRunner::read_once(bool& at_end) {
    std::array<char, 4096> buffer;
    const auto got =
        log_.make("read", [&] { return ::read(socket_, buffer.data(), buffer.size()); });
    at_end = got <= 0;
    if (got > 0) {
        hooks_.received({buffer.data(), static_cast<std::size_t>(got)});
    }
    return got >= 0;
}

bool ScriptRunner::read_to_end() {
    bool at_end = false;
    bool ok = true;
    while (ok && !at_end) {
        ok = read_once(at_end);
    }
    return ok;
}

void ScriptRunner::write_bytes(std::uint64_t count) {
    std::string text;
    text.reserve(count + payload_.size());
    while (text.size() < count) {
        text.append(payload_);
    }
    log_.make("write", [&] { return ::write(socket_, text.data(), count); });
}

void ScriptRunner::close_connection() {
    log_.make("close", [this] { return ::close(socket_); });
    socket_ = listener_;
}

/// Drops every segment that has fewer hops left, in tcp_v4_rcv(), before TCP sees it (the option is for RFC 5082). Unlike a
/// packet filter it needs no privilege. It belongs to the socket, not the process, so it stays when the socket becomes an
/// orphan; a minisock has none.
void ScriptRunner::set_minimum_hops(int fewest) {
    int family = 0;
    socklen_t length = sizeof family;
    getsockopt(socket_, SOL_SOCKET, SO_DOMAIN, &family, &length);
    if (family == AF_INET6) {
        set_option(IPPROTO_IPV6, IPV6_MINHOPCOUNT, fewest);
    }
    set_option(IPPROTO_IP, IP_MINTTL, fewest);  // of IPv6 sockets too: for mapped IPv4
}

template <typename Value>
void ScriptRunner::set_option(int level, int option, const Value& value) {
    log_.make("setsockopt",
              [&] { return ::setsockopt(socket_, level, option, &value, sizeof value); });
}

}  // namespace halfclosed::programs
