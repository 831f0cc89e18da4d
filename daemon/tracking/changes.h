#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <tuple>
#include <vector>

#include "records/instant.h"
#include "records/socket_record.h"
#include "records/tcp_state.h"
#include "tracking/cause.h"
#include "tracking/socket_counts.h"
#include "tracking/state_end.h"
#include "tracking/transition.h"
#include "tracking/watched_ports.h"

namespace halfclosed::tracking {

/// What one look brought.
struct Changes {
    std::vector<Transition> transitions;
    std::vector<StateEnd> ends;
    /// Sockets among the ends that two looks did not have and nobody asked for one by one meanwhile.
    std::uint64_t unconfirmed = 0;

    bool operator==(const Changes&) const = default;
};

/// What became of a socket that one dump did not have: the answer to an exact get with its cookie.
struct Confirmation {
    Cookie cookie{};
    std::optional<SocketRecord> found;  ///< nothing: it is gone
};

/// Whose leak it is, as far as a socket without detail tells.
struct CountedLeak {
    std::size_t label = 0;
    Side side = Side::server;
    Cause cause = Cause::not_closed;
    std::uint64_t cgroup_id = 0;  ///< 0: not known

    auto operator<=>(const CountedLeak&) const = default;
};

/// Sockets that are counted and not kept in detail.
struct WithoutDetail {
    std::uint64_t sockets = 0;
    SocketCounts counts;
    std::map<CountedLeak, std::uint64_t> leaks;
    std::map<std::tuple<std::size_t, Side, TcpState>, Duration> oldest;  ///< by label

    void add(const WithoutDetail& other);
    bool operator==(const WithoutDetail&) const = default;
};

}  // namespace halfclosed::tracking
