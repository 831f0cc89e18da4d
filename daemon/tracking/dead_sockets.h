#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <unordered_map>
#include <utility>
#include <vector>

#include "tracking/allowance.h"
#include "tracking/state_end.h"
#include "tracking/tracked_socket.h"
#include "tracking/watched_ports.h"

namespace halfclosed::tracking {

/// Whether a descriptor of a socket that is in no dump any more is still open.
enum class DescriptorState : std::uint8_t {
    open,
    closed,     ///< nobody has it
    not_known,  ///< somebody may have it whom we may not look at
};

struct DescriptorQuestion {
    const TrackedSocket* socket = nullptr;  ///< as in DeadSocket; until its tracker's next look
    bool dead = false;                      ///< its descriptor was open at the last look
};

struct DescriptorAnswer {
    Cookie cookie{};
    DescriptorState state = DescriptorState::not_known;
};

/// A socket that was reset, or ended otherwise, while its descriptor stays open: in CLOSE and in no
/// table of the kernel's, and a leaked descriptor all the same.
struct DeadSocket {
    TrackedSocket socket;  ///< as last seen in CLOSE-WAIT, but in state CLOSE
    Instant since;         ///< when it was found to have left CLOSE-WAIT

    Age age(Instant now) const { return {now - since, Age::Kind::observed, std::nullopt}; }
    bool operator==(const DeadSocket&) const = default;
};

/// Follows sockets that left CLOSE-WAIT and every dump until their descriptors are closed. Each
/// that had a descriptor is a candidate until somebody has looked.
class DeadSockets {
 public:
    /// More are not followed, neither as candidates nor dead.
    static constexpr std::size_t kMost = 65'536;

    /// More are not followed as candidates: of sockets that come and go faster than anybody can look.
    static constexpr std::size_t kMostCandidates = 4'096;

    /// A candidate about which nobody says anything for so long is forgotten.
    static constexpr std::chrono::seconds kPatience{10};

    explicit DeadSockets(
        Allowance::Share all = Allowance::Share(std::make_shared<Allowance>(kMost)),
        Allowance::Share candidates =
            Allowance::Share(std::make_shared<Allowance>(kMostCandidates)))
        : all_(std::move(all)), candidates_share_(std::move(candidates)) {}

    /// The socket is gone from CLOSE-WAIT. `pending`: how that ended is told by its descriptor, in confirm(). Returns
    /// whether it is followed: not without a descriptor, nor above a bound.
    bool add(const TrackedSocket& socket, Instant now, bool pending = false);

    bool empty() const { return entries_.empty(); }

    /// Those whose descriptors are to be looked at: candidates, and every one that is dead.
    std::vector<DescriptorQuestion> to_check() const;

    /// A CLOSE-WAIT whose end waited for this look, and how it ended: a descriptor that is still open was not closed, so
    /// the reset that the kernel counted meanwhile was this socket's.
    struct Ended {
        DeadSocket socket;
        CloseWaitEnd how = CloseWaitEnd::unknown;
    };

    /// What the look at them said; a socket that is not answered for stays as it is. Returns the ends that this settles.
    std::vector<Ended> confirm(std::span<const DescriptorAnswer> answers, Instant now);

    std::vector<DeadSocket> dead() const;

    /// Forgets sockets of ports that are not watched any more.
    void watch_other(const WatchedPorts& watch);

 private:
    struct Entry {
        DeadSocket dead;
        bool confirmed = false;
        bool pending = false;  ///< its end is not told yet
    };
    void tell_shares();

    std::unordered_map<Cookie, Entry> entries_;
    std::size_t candidates_ = 0;  ///< of entries_, not confirmed
    Allowance::Share all_;
    Allowance::Share candidates_share_;
};

}  // namespace halfclosed::tracking
