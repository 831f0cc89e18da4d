#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "machine.h"

namespace year {

/// What somebody who looks at the host at certain moments, and at no others, must have counted: written from the
/// documentation of the metrics (README, "Metrics") and the state machine of RFC 9293, and of no code of the daemon's. Each
/// process has a ledger of its own, from its first look on.
class Ledger {
 public:
    enum class Look {
        closing,  ///< asks for the half-closed sockets
        census,   ///< asks for all
    };

    /// Which ports are watched from the next look on. What was counted of others is forgotten; of new ones what that look
    /// finds was there before.
    void watch(const std::set<std::uint16_t>& ports);

    /// The daemon looks now.
    void look(const Machine& machine, Look look);

    /// The daemon looks through the descriptors of this process now.
    void look_through(const Machine& machine, std::int32_t pid);

    /// JSON, one object.
    std::string text(const Machine& machine) const;

 private:
    struct Known {
        std::uint32_t slot = 0;
        std::uint32_t inode = 0;
        std::uint16_t port = 0;
        State state = State::close;
        bool minisock = false;
        bool holder_known = false;
        Time first_seen = 0;
        Time last_seen = 0;
        Time since = 0;     ///< in its state
        Time deadline = 0;  ///< of a minisock, as it was told at the last look
        std::uint64_t look = 0;
        std::uint64_t polls = 0;  ///< closing looks that had it
    };
    /// A socket that left CLOSE-WAIT, until it is known what of its descriptor.
    struct Candidate {
        std::uint64_t cookie = 0;
        std::uint32_t slot = 0;
        std::uint16_t port = 0;
        bool holder_known = false;
        bool dead = false;        ///< its descriptor was seen to be open
        bool pending = false;     ///< how its CLOSE-WAIT ended is told by its descriptor
        bool long_lived = false;  ///< worth that its holder is looked for still
        Time since = 0;
    };

    void see(const Connection& connection, std::uint32_t slot, Time now);
    void adopt(const Connection& connection, Known& known, Time now);
    void move(const Known& known, State to);
    void end(std::uint64_t cookie, const Known& known, const Machine& machine);
    void settle(const Machine& machine);
    void edge(std::uint16_t port, State from, State to, const char* evidence);
    void ended(std::uint16_t port, const char* what, const char* how);

    std::unordered_map<std::uint64_t, Known> known_;
    std::unordered_set<std::uint64_t> established_;
    std::vector<Candidate> candidates_;
    std::set<std::uint16_t> watched_{Machine::kServerPort, Machine::kClientPort};
    std::set<std::uint16_t> new_ = watched_;  ///< until the next look
    std::map<std::string, std::uint64_t> counts_;
    std::uint64_t looks_ = 0;
    std::uint64_t censuses_ = 0;
    TableCounts at_look_;
    TableCounts at_census_;
    std::uint64_t resets_ = 0;         ///< EstabResets at the last look
    std::uint64_t resets_before_ = 0;  ///< at the one before
    std::uint64_t half_closed_seen_ = 0;
    std::uint64_t found_ = 0;                      ///< of them, by first looks
    std::array<std::uint64_t, 6> seen_by_poll_{};  ///< of them, until the last polls
    Time silent_until_ = 0;                        ///< what came to TIME-WAIT until then is no news
    Time last_look_ = 0;
};

/// The port by which a connection is watched; 0: by none.
std::uint16_t watched_port(const Connection& connection);

/// What is left of a minisock's time, as sock_diag tells it: in jiffies of 4 ms, and 0 when it is late.
Time told_expiry(const Connection& connection, Time now);

const char* name(State state);

}  // namespace year
