#include "tally.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <chrono>
#include <stdexcept>
#include <thread>

#include "ground/socket.h"

namespace halfclosed {

namespace {

using enum TcpState;
using ground::Connection;
using tracking::Edge;
using Connections = std::vector<Connection>;

/// The first ends send their FINs, and have them acknowledged.
void half_close(Connections& connections) {
    for (Connection& connection : connections) {
        connection.first().shut_down();
    }
    for (Connection& connection : connections) {
        wait_for(fin_wait2, connection.first());
    }
}

void close_in_order(Connections& connections) {
    for (Connection& connection : connections) {
        connection.first().close();
        connection.second().read(1);
        connection.second().close();
    }
}

void half_close_and_close(Connections& connections) {
    half_close(connections);
    for (Connection& connection : connections) {
        connection.second().close();
        wait_for(close, connection.first());
        connection.first().close();
    }
}

/// The other end is reset by its own program.
void abort_in_close_wait(Connections& connections) {
    half_close(connections);
    for (Connection& connection : connections) {
        connection.second().reset();
        wait_for(close, connection.first());
        connection.first().close();
    }
}

void close_with_unread_data(Connections& connections) {
    for (Connection& connection : connections) {
        connection.first().write("unread");
    }
    half_close(connections);
    for (Connection& connection : connections) {
        connection.second().close();
        wait_for(close, connection.first());
        connection.first().close();
    }
}

/// Waits until what is closed has left its minisock: until its FIN is acknowledged.
void close_first_and_wait(Connections& connections) {
    half_close(connections);
    for (Connection& connection : connections) {
        connection.first().close();
    }
}

void write_after_close(Connections& connections) {
    close_first_and_wait(connections);
    for (Connection& connection : connections) {
        connection.second().write("late");
        wait_for(close, connection.second());
        connection.second().close();
    }
}

void expire(Connections& connections) {
    for (Connection& connection : connections) {
        connection.first().set(IPPROTO_TCP, TCP_LINGER2, 1, "TCP_LINGER2");
    }
    close_first_and_wait(connections);
    std::this_thread::sleep_for(std::chrono::milliseconds{1'300});
    for (Connection& connection : connections) {
        connection.second().close();
    }
}

/// No half-close at all: nothing but resets is counted.
void abort_established(Connections& connections) {
    for (Connection& connection : connections) {
        connection.first().reset();
        connection.second().close();
    }
}

std::size_t index(const Edge& edge) {
    const std::vector<Edge>& edges = tracking::closing_edges();
    return static_cast<std::size_t>(std::find(edges.begin(), edges.end(), edge) - edges.begin());
}

}  // namespace

bool eventually(const std::function<bool()>& condition) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds{20};
    while (!condition()) {
        if (std::chrono::steady_clock::now() > deadline) {
            return false;
        }
        std::this_thread::sleep_for(std::chrono::microseconds{200});
    }
    return true;
}

void wait_for(TcpState state, const ground::Socket& socket) {
    const bool came = eventually([&] {
        tcp_info info{};
        socklen_t size = sizeof info;
        getsockopt(socket.get(), IPPROTO_TCP, TCP_INFO, &info, &size);
        return info.tcpi_state == static_cast<std::uint8_t>(state);
    });
    if (!came) {
        throw std::runtime_error("a socket did not come into " + name(state));
    }
}

const std::vector<Ending>& endings() {
    const std::vector<Edge> to_time_wait{
        {established, fin_wait1}, {fin_wait1, fin_wait2}, {fin_wait2, time_wait}};
    const std::vector<Edge> to_close{
        {established, fin_wait1}, {fin_wait1, fin_wait2}, {fin_wait2, close}};
    const std::vector<Edge> closed{
        {established, close_wait}, {close_wait, last_ack}, {last_ack, close}};
    const std::vector<Edge> reset{{established, close_wait}, {close_wait, close}};
    static const std::vector<Ending> all{
        {"closed_in_order", close_in_order, to_time_wait, closed},
        {"half_closed_then_closed", half_close_and_close, to_time_wait, closed},
        {"aborted_in_close_wait", abort_in_close_wait, to_close, reset, false, 0, 1, 1, 0,
         ResetReason::aborted, ResetReason::aborted},
        {"closed_with_unread_data", close_with_unread_data, to_close, reset, false, 0, 1, 1, 0,
         ResetReason::abort_on_close, ResetReason::abort_on_close},
        {"written_to_after_close", write_after_close, to_close, reset, false, 1, 0, 0, 1,
         ResetReason::timewait_socket, ResetReason::timewait_socket},
        {"expired", expire, to_close, closed, true, 1, 0, 0, 1, ResetReason::no_connection,
         ResetReason::no_socket},
        {"aborted_while_established",
         abort_established,
         {},
         {},
         false,
         1,
         0,
         0,
         1,
         ResetReason::aborted,
         ResetReason::aborted},
    };
    return all;
}

ExactTotals tally(const Ending& ending, tracking::Side first, std::uint64_t count,
                  std::uint16_t port, NamespaceId space) {
    ExactTotals totals;
    for (const bool is_first : {true, false}) {
        const bool server = (first == tracking::Side::server) == is_first;
        ExactCounts& counts = totals[{space, port, server}];
        for (const Edge& edge : is_first ? ending.first : ending.second) {
            counts.edges[index(edge)] += count;
        }
        counts.fin_wait2_expired += is_first && ending.first_expires ? count : 0;
        counts.resets_received +=
            count * (is_first ? ending.received_by_first : ending.received_by_second);
        const ResetReason reason = server ? ending.reason : ending.reason_of_client;
        counts.resets_sent[static_cast<std::size_t>(reason)] +=
            count * (is_first ? ending.sent_by_first : ending.sent_by_second);
    }
    return totals;
}

ExactTotals& operator+=(ExactTotals& sum, const ExactTotals& more) {
    const auto add = [](std::uint64_t& to, std::uint64_t what) { to += what; };
    for (const auto& [key, counts] : more) {
        ExactCounts& to = sum[key];
        for (std::size_t edge = 0; edge < counts.edges.size(); ++edge) {
            add(to.edges[edge], counts.edges[edge]);
        }
        for (std::size_t reason = 0; reason < counts.resets_sent.size(); ++reason) {
            add(to.resets_sent[reason], counts.resets_sent[reason]);
        }
        add(to.fin_wait2_expired, counts.fin_wait2_expired);
        add(to.foreign_fin_wait2, counts.foreign_fin_wait2);
        add(to.foreign_time_wait, counts.foreign_time_wait);
        add(to.resets_received, counts.resets_received);
    }
    return sum;
}

ExactTotals without_zeros(const ExactTotals& totals) {
    ExactTotals result = totals;
    std::erase_if(result, [](const auto& entry) { return entry.second == ExactCounts{}; });
    return result;
}

Batch make_batch(ground::Network network, tracking::Side first, std::uint16_t port,
                 std::size_t count) {
    Batch batch;
    batch.listener = ground::listen(network, port, 1024);
    for (std::size_t made = 0; made < count; ++made) {
        Connection connection;
        connection.client = ground::connect(network, port);
        connection.server = ground::accept(batch.listener);
        connection.first_side = first;
        batch.connections.push_back(std::move(connection));
    }
    return batch;
}

void PrintTo(const ExactCounts& counts, std::ostream* out) {
    *out << "edges";
    for (const std::uint64_t edge : counts.edges) {
        *out << ' ' << edge;
    }
    *out << "; expired " << counts.fin_wait2_expired << "; received " << counts.resets_received
         << "; sent";
    for (const std::uint64_t sent : counts.resets_sent) {
        *out << ' ' << sent;
    }
}

void PrintTo(const ExactKey& key, std::ostream* out) {
    *out << (key.server ? "server of " : "client of ") << key.port;
}

}  // namespace halfclosed
