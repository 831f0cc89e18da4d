#pragma once

#include <chrono>
#include <optional>
#include <span>
#include <unordered_set>
#include <vector>

#include "exact/source.h"
#include "records/port_range.h"
#include "records/socket_record.h"
#include "tracking/conservation.h"
#include "tracking/exact_growth.h"

namespace halfclosed {

/// The kernel's own counts as an observer uses them: what they grew by, which sockets are half-closed, and whether both
/// agree with what a census finds. Every call throws posix::Error when the kernel's maps cannot be read.
class ExactCounting {
 public:
    /// For one network namespace: `space`.
    ExactCounting(exact::Source source, NamespaceCookie space)
        : source_(std::move(source)), space_(space) {}

    /// Counts these ports from now on; none: every port.
    void watch(const std::vector<PortRange>& ports);

    /// What a dump says of listeners: who listens decides the side.
    void learn_listeners(std::span<const SocketRecord> dump);

    /// What was counted since the last call.
    tracking::ExactGrowth::Steps advance() { return growth_.advance(source_.read()); }

    /// The half-closed sockets, and those in CLOSE that a descriptor still holds.
    std::vector<ExactSocket> sockets() const;

    /// A poll asked for the sockets that are half-closed and got these: one in TIME-WAIT has taken a step that some
    /// kernels do not tell; one that is gone twice in a row is forgotten.
    void settle(std::span<const ExactSocket> asked, std::span<const SocketRecord> found);

    /// The sockets in CLOSE that a descriptor still holds; nothing if there may be others.
    std::optional<std::unordered_set<Cookie>> held_after_close() const;

    /// Whether the next poll may ask for the known sockets alone: the last census found no other, and `known` gets cost
    /// less than a walk did.
    bool may_ask_for_known(std::size_t known) const;
    void note_walk(std::chrono::nanoseconds cpu) { walk_ = cpu; }
    void note_gets(std::size_t known, std::chrono::nanoseconds cpu);

    /// Around a census's dump: begin before it, end after it. `followed`: as Census::followed(). Tells whether steps and
    /// sockets agree; nothing if there was no room for all of them.
    void begin_census() { before_census_ = source_.read(); }
    std::optional<tracking::Conserved> end_census(std::span<const SocketRecord> followed,
                                                  const tracking::WatchedPorts& watch);

    /// Half-closed sockets of a census that are not known. Those that are half-closed still should be: `missed` takes
    /// them in. The first census finds those that were there before, which are none.
    std::vector<SocketIdentity> unknown(std::span<const SocketRecord> followed,
                                        const tracking::WatchedPorts& watch);
    void missed(std::span<const SocketRecord> sockets, const tracking::WatchedPorts& watch);

    std::uint64_t misses() const { return misses_; }

 private:
    void adopt(const SocketRecord& record, const tracking::WatchedPorts& watch);

    exact::Source source_;
    NamespaceCookie space_;
    tracking::ExactGrowth growth_;
    tracking::Conservation conservation_;
    ExactTotals before_census_;
    std::unordered_set<Cookie> gone_;  ///< at the last poll, though the table had them
    std::chrono::nanoseconds walk_{0};
    double get_ = 15'000;  ///< nanoseconds of CPU time, smoothed
    bool proven_ = false;  ///< the last census found no half-closed socket that was not known
    bool first_census_ = true;
    std::uint64_t misses_ = 0;
};

}  // namespace halfclosed
