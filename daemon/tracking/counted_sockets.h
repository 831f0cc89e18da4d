#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "tracking/allowance.h"
#include "tracking/cause.h"
#include "tracking/tracked_socket.h"

namespace halfclosed::tracking {

/// The half-closed sockets that a tracker follows beyond those it keeps in detail: of each what it takes to count it, 48
/// bytes in one flat table. It has no addresses, is asked for by no get, and nobody looks for its holder.
class CountedSockets {
 public:
    /// More are only in the counts of the look that has them.
    static constexpr std::size_t kMost = 200'000;

    explicit CountedSockets(
        Allowance::Share share = Allowance::Share(std::make_shared<Allowance>(kMost)))
        : share_(std::move(share)) {}

    struct Socket {
        Cookie cookie{};  ///< 0: a free slot (the kernel gives no cookie 0)
        Instant since;
        std::uint64_t cgroup_id = 0;
        std::uint64_t poll = 0;  ///< the last one that had it
        std::uint32_t label = 0;
        std::uint16_t port = 0;
        TcpState state{};
        Side side = Side::server;
        Custody custody = Custody::process;
        std::optional<Cause> cause;
        Age::Kind dated = Age::Kind::at_least;

        PortMatch watched() const { return {label, port, side}; }
    };

    /// False if there is no room.
    bool add(const TrackedSocket& socket, std::uint64_t poll);

    /// Null if it is not here. Until the next add() or erase().
    Socket* find(Cookie cookie);

    void erase(Cookie cookie);
    std::size_t size() const { return size_; }

    /// With what a record of the same socket adds: all that is not kept.
    static TrackedSocket in_full(const Socket& socket, const SocketRecord& record);

    /// Calls `look` with each that is here.
    template <typename Look>
    void for_each(Look look) const {
        for (const Socket& socket : slots_) {
            if (socket.cookie != Cookie{}) {
                look(socket);
            }
        }
    }
    template <typename Look>
    void for_each(Look look) {
        for (Socket& socket : slots_) {
            if (socket.cookie != Cookie{}) {
                look(socket);
            }
        }
    }

 private:
    std::size_t home(Cookie cookie) const;
    std::size_t slot(Cookie cookie) const;
    void grow();

    std::vector<Socket> slots_;  ///< a power of two of them, at most four fifths full
    std::size_t size_ = 0;
    Allowance::Share share_;
};

}  // namespace halfclosed::tracking
