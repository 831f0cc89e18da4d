#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "records/instant.h"
#include "records/tcp_state.h"
#include "scenarios/definition/scenario.h"
#include "scenarios/programs/call.h"
#include "tracking/custody.h"

namespace halfclosed::scenarios {

/// A poll saw one end in a new state, or held by another. `close`: the kernel no longer has the socket.
struct StateObservation {
    Side side = Side::server;
    TcpState state = TcpState::close;
    std::optional<tracking::Custody> custody;  ///< absent with `close`
    Instant not_before;                        ///< the poll before this one: it was not so yet
    Instant seen;

    bool operator==(const StateObservation&) const = default;
};

/// A program reported a system call.
struct MadeCall {
    Side who = Side::client;
    programs::Call call;

    bool operator==(const MadeCall&) const = default;
};

/// The lab sent a signal, because the condition of a step was met.
struct SentSignal {
    Side to = Side::client;
    int signal = 0;
    Instant at;

    bool operator==(const SentSignal&) const = default;
};

/// A program ended.
struct ProgramExit {
    Side who = Side::client;
    Exit exit;
    Instant at;

    bool operator==(const ProgramExit&) const = default;
};

/// Sockets counted from a dump, and the kernel's own counts (/proc/net/sockstat), read between two equal dumps. The
/// kernel's orphans are those of the whole system.
struct CountSample {
    Instant at;
    std::uint64_t orphan_counted = 0;
    std::uint64_t orphan_kernel = 0;
    std::uint64_t tw_counted = 0;
    std::uint64_t tw_kernel = 0;

    bool operator==(const CountSample&) const = default;
};

/// A frame as libpcap(3) delivered it.
struct Frame {
    std::chrono::nanoseconds stamped{0};  ///< CLOCK_REALTIME
    std::uint32_t length = 0;             ///< bytes on the wire, including the Ethernet header
    std::string bytes;                    ///< from the Ethernet header on, as far as captured

    bool operator==(const Frame&) const = default;
};

/// A TCP segment on the wire.
struct Packet {
    Instant at;
    Side from = Side::client;
    std::string flags;         ///< as tcpdump(1) writes them: "S", "S.", ".", "P.", "F.", "R", "R."
    std::uint32_t length = 0;  ///< bytes of payload
    Frame frame{};

    bool has(char flag) const { return flags.find(flag) != std::string::npos; }
    bool operator==(const Packet&) const = default;
};

/// How the tracker classifies the end of a FIN-WAIT-2 or CLOSE-WAIT: tracking::FinWait2End or CloseWaitEnd by name.
struct StateEnd {
    Side side = Side::server;
    TcpState state = TcpState::fin_wait2;
    std::string how;
    Instant at;

    bool operator==(const StateEnd&) const = default;
};

/// The kernel itself told when an end came into a state: also one that is too short for any poll.
struct ExactState {
    Side side = Side::server;
    TcpState state = TcpState::close;
    Instant at;

    bool operator==(const ExactState&) const = default;
};

/// Two polls were further apart than intended: what came and went in between was not seen.
struct ObservationGap {
    Instant from;
    Instant to;

    bool operator==(const ObservationGap&) const = default;
};

/// How far the TCP event counters moved from before the start to after the end, by name.
struct CounterDeltas {
    std::map<std::string, std::uint64_t> moved;

    /// 0 for a counter that is not there.
    std::uint64_t of(const std::string& counter) const {
        const auto found = moved.find(counter);
        return found == moved.end() ? 0 : found->second;
    }
    bool operator==(const CounterDeltas&) const = default;
};

/// Something that the observation or a program could not do. A trace with errors proves nothing.
struct RunError {
    std::string what;

    bool operator==(const RunError&) const = default;
};

/// The system does not allow the lab. `what` says what to change.
struct Refusal {
    std::string what;

    bool operator==(const Refusal&) const = default;
};

/// A trace begins; the one before it, if any, was not conclusive.
struct Attempt {
    std::string scenario;
    unsigned number = 1;

    bool operator==(const Attempt&) const = default;
};

/// The last event: everything was read to the end.
struct Finished {
    Instant at;

    bool operator==(const Finished&) const = default;
};

/// What a run reports, in the order in which it learns it.
using TraceEvent =
    std::variant<StateObservation, MadeCall, SentSignal, ProgramExit, CountSample, Packet, StateEnd,
                 ObservationGap, CounterDeltas, RunError, Refusal, Attempt, Finished, ExactState>;

/// Everything that was observed of one run.
struct Trace {
    std::vector<StateObservation> observations;
    std::vector<MadeCall> calls;  ///< by the time of their return
    std::vector<SentSignal> signals;
    std::vector<ProgramExit> exits;
    std::vector<CountSample> counts;
    std::vector<Packet> packets;  ///< by time
    std::vector<StateEnd> state_ends;
    std::vector<ExactState> exact_states;  ///< by time; none where the kernel was not asked
    std::vector<ObservationGap> gaps;
    std::optional<CounterDeltas> counters;
    std::vector<std::string> errors;
    std::optional<std::string> refusal;
    std::optional<Instant> finished;

    bool operator==(const Trace&) const = default;
};

/// Adds an event in its place. An Attempt clears the trace.
void add(Trace& trace, const TraceEvent& event);

/// The client's connect(), else the first thing that was observed.
Instant beginning(const Trace& trace);

/// The nth call of this name that a side has made; nullptr if there are fewer.
const programs::Call* find_call(const std::vector<MadeCall>& calls, const CallReference& reference);

inline Instant instant(std::chrono::nanoseconds since_boot) {
    return Instant{since_boot};
}

}  // namespace halfclosed::scenarios
