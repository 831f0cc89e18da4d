#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <set>
#include <span>
#include <unordered_map>
#include <vector>

#include "history/batch.h"
#include "tracking/changes.h"
#include "tracking/dead_sockets.h"
#include "tracking/tracked_socket.h"

namespace halfclosed::history {

/// Turns the looks of an observer into what is to be written: each half-closed socket that lived longer than kShortest
/// or leaked, whenever something of it is new. A machine without a clock and without I/O.
///
/// Bounded in memory and in what it hands out. Above a bound leaks come first, and what is left out is counted.
class SocketRecorder {
 public:
    static constexpr std::chrono::seconds kShortest{1};

    struct Bounds {
        std::size_t followed = 65'536;  ///< sockets at one time
        std::size_t batch = 2'000;      ///< sockets that one take() returns
    };

    /// What one complete look has seen.
    struct Look {
        std::span<const tracking::TrackedSocket> sockets;
        std::span<const tracking::DeadSocket> dead;
        std::function<const Owner*(const SocketRecord&)> owner;  ///< null where it is not known
        Duration leak_after{};
        Moment now;
    };

    SocketRecorder() = default;
    explicit SocketRecorder(const Bounds& bounds) : bounds_(bounds) {}

    /// Sockets of this boot that were written and had not ended, by an earlier run that looked last at `last_observed`.
    /// Those that no look finds have ended then, not observed. Before the first look.
    void resume(std::vector<RecordedSocket> sockets, const Moment& last_observed);

    /// What the looks brought since the last observe().
    void note(const tracking::Changes& changes, const Moment& now);

    void observe(const Look& look);

    /// What is new since the last time, leaks first, as far as the bounds allow: the rest comes later if it is still
    /// there.
    void take(Batch& batch);

    /// What was taken is lost: all that is followed is new again.
    void write_again();

    /// Sockets that should have been written and never will be.
    std::uint64_t left_out() const { return left_out_; }
    /// Sockets that were handed out at least once.
    std::uint64_t handed_out() const { return handed_out_; }
    std::size_t followed() const { return entries_.size(); }

 private:
    struct Entry {
        RecordedSocket socket;
        std::uint64_t look = 0;  ///< the last that had it; 0: none of this run's
        Instant seen;            ///< that look's time
        bool changed = true;     ///< since it was last handed out
        bool written = false;    ///< at least once
        bool noted = false;  ///< the last span came from a transition, and no look has seen it yet
    };
    using Entries = std::unordered_map<Cookie, Entry>;

    Entry* find_or_add(const SocketRecord& record);
    void see(const tracking::TrackedSocket& socket, const Look& look);
    void see(const tracking::DeadSocket& dead, const Look& look);
    void set_owner(Entry& entry, const Look& look);
    std::shared_ptr<const RecordedOwner> shared(RecordedOwner owner);
    bool may_come_back(const Entry& entry, Instant now) const;
    void finish(Entry& entry, const Moment& now);
    static bool is_worth(const Entry& entry, Instant now);

    Bounds bounds_;
    Entries entries_;
    std::vector<RecordedSocket> finished_;
    std::vector<SocketEnd> ends_;
    std::uint64_t look_ = 0;
    Instant first_look_;
    Moment last_observed_;  ///< by the run before
    std::uint64_t left_out_ = 0;
    std::uint64_t handed_out_ = 0;
    std::vector<Cookie> added_;     ///< of finished_, those that were never handed out
    std::size_t not_followed_ = 0;  ///< of the last look
    struct ByValue {
        bool operator()(const std::shared_ptr<const RecordedOwner>& a,
                        const std::shared_ptr<const RecordedOwner>& b) const {
            return *a < *b;
        }
    };
    std::set<std::shared_ptr<const RecordedOwner>, ByValue> shared_;
};

}  // namespace halfclosed::history
