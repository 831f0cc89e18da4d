#pragma once

#include <chrono>
#include <cstddef>
#include <deque>

#include "posix/file.h"

namespace halfclosed::http {

/// Connections that the server has closed while an answer was not yet acknowledged. close() would leave the kernel
/// with an orphan that holds the answer for minutes if the peer does not read (tcp(7), tcp_orphan_retries); here it is
/// held until the peer has it all, or for a few seconds, and is then reset.
class DrainingSockets {
 public:
    using Clock = std::chrono::steady_clock;

    static constexpr std::size_t kPlaces = 64;  ///< the oldest gives way
    static constexpr std::chrono::seconds kPatience{5};

    /// Whether the peer has not acknowledged all that was sent: SIOCOUTQ, tcp(7).
    static bool unsent(int descriptor);

    /// To be called before the descriptor is closed. Keeps a duplicate where something is unsent, and sends no more.
    void keep_if_unsent(int descriptor, Clock::time_point now);

    /// Closes those that are done, and resets those that were not in time.
    void look(Clock::time_point now);

    std::size_t size() const { return sockets_.size(); }

 private:
    struct Draining {
        posix::Descriptor socket;
        Clock::time_point deadline;
    };
    std::deque<Draining> sockets_;  ///< in the order of their deadlines
};

/// The socket's end is a reset, which leaves nothing behind in the kernel.
void reset_at_close(int descriptor);

}  // namespace halfclosed::http
