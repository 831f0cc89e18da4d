#pragma once

#include <initializer_list>
#include <optional>
#include <source_location>
#include <string>
#include <vector>

#include "sockets.h"
#include "tracking/tracker.h"

namespace halfclosed::tracking {

/// What happens to a Tracker, told step by step; a step that does not bring what was expected fails the test and
/// prints the story so far. Times are counted from the story's beginning.
///
///   Story story;
///   story.look(0s, {held(kServer, established)});
///   story.look(1s, {orphaned(kServer, fin_wait1)}).brings({"server#1 established -> fin_wait1 seen"});
///
/// A look or an answer that is followed by no brings() must bring nothing.
class Story {
 public:
    using Where = std::source_location;

    explicit Story(std::vector<PortRange> ports = {{9999, 9999}});
    ~Story();
    Story(const Story&) = delete;
    Story& operator=(const Story&) = delete;

    /// A dump that was asked for at `at`.
    Story& look(Duration at, std::vector<SocketRecord> dump, Where where = Where::current());

    /// What the kernel answered, all of it by `at`, and what its counters say.
    Story& answer(Duration at, std::vector<Confirmation> answers, Resets resets = Resets::not_known,
                  Where where = Where::current());

    /// The network namespace ends, with all that is in it.
    Story& namespace_ends(Duration at, Where where = Where::current());

    /// Everything that the last step brought, in any order: "server#1 fin_wait1 -> fin_wait2 seen held 0.5s",
    /// "client#2 close_wait ended closed after 3s". A state that ended is told where no transition says the same.
    Story& brings(std::vector<std::string> facts, Where where = Where::current());

    /// The cookies of missing(), of undated().
    Story& misses(std::vector<std::uint64_t> cookies, Where where = Where::current());
    Story& does_not_know_since_when(std::vector<std::uint64_t> cookies,
                                    Where where = Where::current());

    /// Everything that is half-closed at the time of the last step: "client#2 close_wait process not_closed 1s observed".
    Story& has(std::vector<std::string> sockets, Where where = Where::current());

    Story& fin_timeout(std::chrono::milliseconds timeout);
    Story& established(std::initializer_list<std::uint64_t> cookies);
    Story& date(std::uint64_t cookie, const Age& age, Duration at);

    /// What a get of tcp_info said of the socket.
    Story& sends(std::uint64_t cookie, const TcpInfo& info, Duration at);
    Story& may_be_sending(Duration age, std::vector<std::uint64_t> cookies,
                          Where where = Where::current());

    /// What a look at its descriptor said.
    Story& descriptor(std::uint64_t cookie, DescriptorState state, Duration at);
    Story& asks_for_descriptors(std::vector<std::uint64_t> cookies, Where where = Where::current());

    /// "client#2 close process not_closed 5s observed, dead for 1s".
    Story& dead(std::vector<std::string> sockets, Where where = Where::current());

    /// The one socket with this cookie.
    TrackedSocket socket(std::uint64_t cookie) const;

 private:
    void tell(const std::string& line);
    void step(Duration at, const std::string& line, Where where);
    void nothing_is_left();
    void compare(const char* what, std::vector<std::string> expected,
                 std::vector<std::string> actual, Where where);

    Tracker tracker_;
    std::string told_;
    Instant now_;
    std::optional<Changes> unread_;  ///< what the last step brought, until brings() looks at it
    Where last_step_;
};

inline Confirmation gone(const End& end) {
    return {end.cookie, std::nullopt};
}

inline Confirmation alive(const SocketRecord& record) {
    return {record.cookie, record};
}

}  // namespace halfclosed::tracking
