#pragma once

#include <cstdint>
#include <functional>
#include <ostream>
#include <vector>

#include "exact/source.h"
#include "ground/connection.h"
#include "tracking/state_machine.h"
#include "tracking/watched_ports.h"

namespace halfclosed {

/// A way in which a connection can end, with what it makes both ends do.
struct Ending {
    const char* name;
    void (*bring_about)(std::vector<ground::Connection>& connections);
    std::vector<tracking::Edge> first;   ///< steps of the end that closes first
    std::vector<tracking::Edge> second;  ///< and of the other
    bool first_expires = false;
    /// Resets, of one connection: sent by either end, with the reason where the end is a server's and a client's.
    std::uint64_t sent_by_first = 0;
    std::uint64_t sent_by_second = 0;
    std::uint64_t received_by_first = 0;
    std::uint64_t received_by_second = 0;
    ResetReason reason{};            ///< of those sent
    ResetReason reason_of_client{};  ///< where a client sends them

    friend void PrintTo(const Ending& ending, std::ostream* out) { *out << ending.name; }
};

const std::vector<Ending>& endings();

/// What must have been counted when `count` connections of `network` ended so.
ExactTotals tally(const Ending& ending, tracking::Side first, std::uint64_t count,
                  std::uint16_t port, NamespaceId space);

ExactTotals& operator+=(ExactTotals& sum, const ExactTotals& more);

void PrintTo(const ExactCounts& counts, std::ostream* out);
void PrintTo(const ExactKey& key, std::ostream* out);

/// Without keys of which nothing was counted.
ExactTotals without_zeros(const ExactTotals& totals);

/// Waits until the socket is in this state; throws std::runtime_error after 20 s.
void wait_for(TcpState state, const ground::Socket& socket);

/// Whether `condition` comes true within 20 s.
bool eventually(const std::function<bool()>& condition);

/// Connections of one listener, established and accepted.
struct Batch {
    ground::Socket listener;
    std::vector<ground::Connection> connections;
};
Batch make_batch(ground::Network network, tracking::Side first, std::uint16_t port,
                 std::size_t count);

}  // namespace halfclosed
