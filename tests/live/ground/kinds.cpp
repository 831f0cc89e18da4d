#include "ground/kinds.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <unistd.h>

#include <chrono>
#include <stdexcept>
#include <string>

namespace halfclosed::ground {

namespace {

using enum TcpState;
using tracking::Custody;
using tracking::Side;
using TimerKind = Timer::Kind;

constexpr Look kEstablished{established, Custody::process, TimerKind::none};
constexpr Look kStuck{close_wait, Custody::process, TimerKind::none};
constexpr Look kHeldFinWait2{fin_wait2, Custody::process, TimerKind::none};

std::optional<Look> look_of(const Connection& connection, Side side,
                            const std::vector<SocketRecord>& records) {
    const auto record = end_of(connection, side, records);
    if (!record) {
        return std::nullopt;
    }
    return Look{record->state, tracking::custody(*record), record->timer.kind};
}

Side other(Side side) {
    return side == Side::server ? Side::client : Side::server;
}

std::string text(const std::optional<Look>& look) {
    return look ? name(look->state) + " " + tracking::name(look->custody) + " timer " +
                      std::to_string(static_cast<int>(look->timer))
                : "nothing";
}

/// The peer's FIN has come, and ours is stuck behind data that the peer does not read.
void stall_the_second_fin(Connection& connection) {
    connection.first().fill();
    connection.second().shut_down();
    // The FIN must be there first: else our own would come before it.
    for (int i = 0; i < 1'000; ++i) {
        const auto look = look_of(connection, connection.first_side, ground::look());
        if (look && look->state == close_wait) {
            return;
        }
        usleep(1'000);
    }
    throw std::runtime_error("the peer's FIN did not come");
}

/// FINs that cross leave a TIME-WAIT at either end.
void await_fin(Socket& socket) {
    socket.read(1);
}

std::vector<Kind> every_kind() {
    return {
        {"established", true, nullptr, kEstablished, kEstablished},
        {"not_accepted", false, nullptr, Look{established, Custody::accept_queue}, kEstablished},
        {"closed_before_accept", false, [](Connection& c) { c.client.close(); },
         Look{close_wait, Custody::accept_queue},
         Look{fin_wait2, Custody::timewait, TimerKind::timewait}},
        {"fin_wait1_orphan", true,
         [](Connection& c) {
             c.first().fill();
             c.first().close();
         },
         Look{fin_wait1, Custody::orphan, TimerKind::probe}, kEstablished},
        {"fin_wait1_held", true,
         [](Connection& c) {
             c.first().fill();
             c.first().shut_down();
         },
         Look{fin_wait1, Custody::process, TimerKind::probe}, kEstablished},
        {"fin_wait2_minisock", true, [](Connection& c) { c.first().close(); },
         Look{fin_wait2, Custody::timewait, TimerKind::timewait}, kStuck},
        {"fin_wait2_held", true, [](Connection& c) { c.first().shut_down(); }, kHeldFinWait2,
         kStuck},
        {"fin_wait2_orphan", true,
         [](Connection& c) {
             c.first().set(IPPROTO_TCP, TCP_LINGER2, 100, "TCP_LINGER2");
             c.first().close();
         },
         Look{fin_wait2, Custody::orphan, TimerKind::keepalive}, kStuck},
        {"close_wait_unread", true,
         [](Connection& c) {
             c.first().write("twenty-six bytes, as a day");
             c.first().close();
         },
         Look{fin_wait2, Custody::timewait, TimerKind::timewait}, kStuck},
        {"time_wait", true,
         [](Connection& c) {
             c.first().close();
             await_fin(c.second());
             c.second().close();
         },
         Look{time_wait, Custody::timewait, TimerKind::timewait}, std::nullopt},
        {"time_wait_with_both_files_open", true,
         [](Connection& c) {
             c.first().shut_down();
             await_fin(c.second());
             c.second().shut_down();
         },
         Look{time_wait, Custody::timewait, TimerKind::timewait}, std::nullopt},
        {"closing_orphan", true,
         [](Connection& c) {
             c.first().fill();
             c.first().close();
             c.second().shut_down();
         },
         Look{closing, Custody::orphan, TimerKind::probe}, kHeldFinWait2},
        {"closing_held", true,
         [](Connection& c) {
             c.first().fill();
             c.first().shut_down();
             c.second().shut_down();
         },
         Look{closing, Custody::process, TimerKind::probe}, kHeldFinWait2},
        {"last_ack_orphan", true,
         [](Connection& c) {
             stall_the_second_fin(c);
             c.first().close();
         },
         Look{last_ack, Custody::orphan, TimerKind::probe}, kHeldFinWait2},
        {"last_ack_held", true,
         [](Connection& c) {
             stall_the_second_fin(c);
             c.first().shut_down();
         },
         Look{last_ack, Custody::process, TimerKind::probe}, kHeldFinWait2},
        {"reset", true, [](Connection& c) { c.first().reset(); }, std::nullopt, std::nullopt},
    };
}

void await(const std::string& what, const std::function<std::string()>& complaint) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(2);
    std::string wrong = complaint();
    while (!wrong.empty()) {
        if (std::chrono::steady_clock::now() > deadline) {
            throw std::runtime_error(what + ": " + wrong);
        }
        usleep(2'000);
        wrong = complaint();
    }
}

}  // namespace

const std::vector<Kind>& kinds() {
    static const std::vector<Kind> all = every_kind();
    return all;
}

Connection make(const Kind& kind, Network network, Side first) {
    Connection connection = establish(network, first, kind.accepted);
    if (kind.bring_about) {
        kind.bring_about(connection);
    }
    await(kind.name, [&] {
        const auto records = ground::look();
        const auto one = look_of(connection, first, records);
        const auto two = look_of(connection, other(first), records);
        return one == kind.first && two == kind.second ? std::string()
                                                       : text(one) + ", " + text(two);
    });
    return connection;
}

Connection make_request_socket(Network network) {
    Connection connection;
    connection.listener = ground::listen(network, 0);
    connection.server_port = connection.listener.port();
    connection.listener.set(IPPROTO_TCP, TCP_DEFER_ACCEPT, 30, "TCP_DEFER_ACCEPT");
    connection.client = connect(network, connection.server_port);
    connection.client_port = connection.client.port();
    return connection;
}

FullQueue make_syn_sent(Network network) {
    FullQueue queue;
    Connection& connection = queue.accepted_by_nobody;
    connection.listener = ground::listen(network, 0, 0);
    connection.server_port = connection.listener.port();
    connection.client = connect(network, connection.server_port);
    connection.client_port = connection.client.port();
    queue.trying = begin_to_connect(network, connection.server_port);
    return queue;
}

}  // namespace halfclosed::ground
