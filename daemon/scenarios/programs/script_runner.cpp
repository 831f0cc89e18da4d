#include "scenarios/programs/script_runner.h"

#include <netinet/in.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <csignal>
#include <thread>

namespace halfclosed::programs {

namespace {

using Kind = Action::Kind;

/// More than is left to any segment: it starts with net.ipv4.ip_default_ttl, 64.
constexpr int kNoHop = 255;

std::int64_t read_once(int socket, CallLog& log) {
    std::array<char, 4096> buffer;
    return log.make("read", [&] { return ::read(socket, buffer.data(), buffer.size()); });
}

void wait_for(int signal) {
    sigset_t awaited;
    sigemptyset(&awaited);
    sigaddset(&awaited, signal);
    sigwaitinfo(&awaited, nullptr);
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

int ScriptRunner::run(const Script& script) {
    for (const Action& action : script) {
        if (action.kind == Kind::exit) {
            return static_cast<int>(action.operand);
        }
        perform(action);
    }
    return EXIT_SUCCESS;
}

void ScriptRunner::perform(const Action& action) {
    switch (action.kind) {
        case Kind::accept:
            return accept_one();
        case Kind::connect:
            log_.make("connect", [this] {
                return ::connect(socket_, reinterpret_cast<const sockaddr*>(&destination_.address),
                                 destination_.length);
            });
            return;
        case Kind::read:
            read_once(socket_, log_);
            return;
        case Kind::read_to_end:
            return read_to_end();
        case Kind::write:
            return write_bytes(action.operand);
        case Kind::shut_down_write:
            log_.make("shutdown", [this] { return ::shutdown(socket_, SHUT_WR); });
            return;
        case Kind::close:
            return close_connection();
        case Kind::sleep:
            std::this_thread::sleep_for(std::chrono::milliseconds{action.operand});
            return;
        case Kind::wait:
            return wait_for(static_cast<int>(action.operand));
        case Kind::pause:
            pause_until_killed();
        case Kind::receive_buffer:
            return set_option(SOL_SOCKET, SO_RCVBUF, static_cast<int>(action.operand));
        case Kind::linger:
            return set_option(SOL_SOCKET, SO_LINGER, linger{1, static_cast<int>(action.operand)});
        case Kind::drop_incoming:
            return accept_hops(kNoHop);
        case Kind::drop_nothing:
            return accept_hops(0);
        case Kind::exit:
            return;  // run() has seen to it
    }
}

void ScriptRunner::accept_one() {
    const int connection = log_.make(
        "accept", [this] { return ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC); });
    if (connection >= 0) {
        socket_ = connection;
    }
}

void ScriptRunner::read_to_end() {
    while (read_once(socket_, log_) > 0) {
    }
}

void ScriptRunner::write_bytes(std::uint64_t count) {
    std::string text;
    text.reserve(count + words_.size());
    while (text.size() < count) {
        text.append(words_);
    }
    log_.make("write", [&] { return ::write(socket_, text.data(), count); });
}

void ScriptRunner::close_connection() {
    log_.make("close", [this] { return ::close(socket_); });
    socket_ = listener_;
}

/// Loses every segment that has fewer hops left, in tcp_v4_rcv(), before TCP hears of it (RFC 5082
/// is what the option is for). Unlike a packet filter it asks for no privilege. It is the socket's,
/// not the process's, so it goes on when the socket is an orphan; a minisock has none.
void ScriptRunner::accept_hops(int fewest) {
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
