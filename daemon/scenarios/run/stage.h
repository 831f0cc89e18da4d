#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <optional>
#include <span>

#include "host/netstat.h"
#include "netlink/session.h"
#include "scenarios/definition/scenario.h"
#include "scenarios/run/actors.h"
#include "scenarios/run/connection_observer.h"
#include "scenarios/run/packet_capture.h"
#include "scenarios/trace/trace.h"

namespace halfclosed::scenarios {

/// Plays one scenario in the network namespace of the calling thread, which must be its alone:
/// starts the programs, looks at the kernel every millisecond, sends the signals, and tells every
/// fact as it learns it.
class ScenarioRun {
 public:
    using Telling = std::function<void(const TraceEvent&)>;

    /// `programs`: the directory of the reference programs. `alive`: returns false when nobody
    /// listens any more.
    ScenarioRun(const Scenario& scenario, const RunParameters& parameters,
                std::filesystem::path programs, Telling telling, std::function<bool()> alive);

    /// From the first program to the last counter. PerSide by itself, at the latest after the
    /// scenario's limit. A program that runs on is left running: it ends with the namespace.
    void play();

 private:
    void listen();
    void connect();
    bool go_on();
    std::chrono::milliseconds pace() const;
    void tell(const TraceEvent& fact);
    void listen_to_programs();
    void listen_to_wire();
    void look();
    std::optional<std::uint64_t> resets_if_gone(std::span<const tracking::Confirmation> answers);
    void take_step();
    bool due(const Step& step, Instant at) const;
    bool over() const;
    bool at_end(Side side) const;
    void close_the_books();
    std::string what_is_awaited() const;
    void start(Side side);
    void trouble(const std::string& what);

    const Scenario& scenario_;
    RunParameters parameters_;
    Telling telling_;
    std::function<bool()> alive_;

    netlink::Session session_;
    PacketCapture capture_;
    std::optional<Observer> observer_;
    Actors cast_;
    host::Counters counters_;
    std::uint64_t estab_resets_ = 0;  ///< as last read
    std::size_t step_ = 0;
    unsigned failed_looks_ = 0;
    bool failed_ = false;
    Instant deadline_;
    Instant last_news_;
};

}  // namespace halfclosed::scenarios
