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

/// One end was seen to have come into a state, or into other hands. `close`: the kernel no longer
/// has the socket.
struct StateObservation {
    Side side = Side::server;
    TcpState state = TcpState::close;
    std::optional<tracking::Custody> custody;  ///< nothing with `close`
    Instant not_before;                        ///< the look before this one: it was not so yet
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
struct Ended {
    Side who = Side::client;
    Exit exit;
    Instant at;

    bool operator==(const Ended&) const = default;
};

/// Our counts and the kernel's own (/proc/net/sockstat), read between two equal dumps. The kernel's
/// orphans are those of the whole system.
struct CountSample {
    Instant at;
    std::uint64_t orphan_counted = 0;
    std::uint64_t orphan_kernel = 0;
    std::uint64_t tw_counted = 0;
    std::uint64_t tw_kernel = 0;

    bool operator==(const CountSample&) const = default;
};

/// What the kernel handed to libpcap(3) of a segment.
struct Frame {
    std::chrono::nanoseconds stamped{0};  ///< CLOCK_REALTIME
    std::uint32_t length = 0;             ///< bytes on the wire, the Ethernet header among them
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

    bool operator==(const Packet&) const = default;
};

/// The tracker's word on how a FIN-WAIT-2 or a CLOSE-WAIT ended: tracking::FinWait2End or
/// CloseWaitEnd by name.
struct HowEnded {
    Side side = Side::server;
    TcpState state = TcpState::fin_wait2;
    std::string how;
    Instant at;

    bool operator==(const HowEnded&) const = default;
};

/// Two looks lay further apart than they should: what came and went in between was not seen.
struct ObservationGap {
    Instant from;
    Instant to;

    bool operator==(const ObservationGap&) const = default;
};

/// How far the counters of kTcpEvents moved from before the start to after the end.
struct CounterDeltas {
    std::map<std::string, std::uint64_t> events;

    bool operator==(const CounterDeltas&) const = default;
};

/// Something that the observation or a program could not do. A trace with troubles proves nothing.
struct RunError {
    std::string what;

    bool operator==(const RunError&) const = default;
};

/// The system does not allow the lab. `what` says what to change.
struct Refusal {
    std::string what;

    bool operator==(const Refusal&) const = default;
};

/// The trace begins, or begins anew: what was told before was not conclusive.
struct Attempt {
    std::string scenario;
    unsigned number = 1;

    bool operator==(const Attempt&) const = default;
};

/// The last word: everything was read to the end.
struct Finished {
    Instant at;

    bool operator==(const Finished&) const = default;
};

/// What the run tells, in the order in which it learned it.
using TraceEvent =
    std::variant<StateObservation, MadeCall, SentSignal, Ended, CountSample, Packet, HowEnded,
                 ObservationGap, CounterDeltas, RunError, Refusal, Attempt, Finished>;

/// Everything that was observed of one run.
struct Trace {
    std::vector<StateObservation> observations;
    std::vector<MadeCall> calls;
    std::vector<SentSignal> signals;
    std::vector<Ended> endings;
    std::vector<CountSample> gauges;
    std::vector<Packet> packets;
    std::vector<HowEnded> tracked;
    std::vector<ObservationGap> blind;
    std::optional<CounterDeltas> events;
    std::vector<std::string> troubles;
    std::optional<std::string> refusal;
    std::optional<Instant> finished;

    bool operator==(const Trace&) const = default;
};

/// Adds what is new; an attempt clears what was told before. Calls and packets are kept in the order of their times.
void tell(Trace& trace, const TraceEvent& fact);

/// The beginning: the client's connect(), else the first thing that was observed.
Instant beginning(const Trace& trace);

inline Instant instant(std::chrono::nanoseconds since_boot) {
    return Instant{since_boot};
}

}  // namespace halfclosed::scenarios
