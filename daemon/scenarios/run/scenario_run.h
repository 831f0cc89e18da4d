#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <optional>
#include <span>

#include "exact/source.h"
#include "host/netstat.h"
#include "netlink/session.h"
#include "scenarios/definition/scenario.h"
#include "scenarios/run/actors.h"
#include "scenarios/run/connection_observer.h"
#include "scenarios/run/packet_capture.h"
#include "scenarios/trace/trace.h"

namespace halfclosed::scenarios {

/// Runs one scenario in the network namespace of the calling thread, which must have no other user: starts the programs,
/// polls the kernel every millisecond, sends the signals, and reports every event as it learns it.
class ScenarioRun {
 public:
    using Report = std::function<void(const TraceEvent&)>;

    /// `programs`: the directory of the reference programs. `exact`: as in LabOptions. `wanted`: returns false when nobody reads the events any more.
    ScenarioRun(const Scenario& scenario, const RunParameters& parameters,
                std::filesystem::path programs, bool exact, Report report,
                std::function<bool()> wanted);

    /// From the first program to the last counter. Ends by itself, at the latest after the scenario's limit. A program that
    /// runs on is left running: it ends with the namespace.
    void run();

 private:
    void count_exactly();
    void report_exact_states();
    void listen();
    void connect();
    bool goes_on();
    std::chrono::milliseconds interval() const;
    void report(const TraceEvent& event);
    void read_programs();
    void read_packets();
    void poll();
    std::optional<std::uint64_t> resets_if_gone(std::span<const tracking::Confirmation> answers);
    void take_step();
    bool due(const Step& step, Instant at) const;
    bool over() const;
    bool at_end(Side side) const;
    void finish();
    std::string awaited() const;
    void start(Side side);
    void fail(const std::string& what);

    const Scenario& scenario_;
    RunParameters parameters_;
    bool wants_exact_;
    Report report_;
    std::function<bool()> wanted_;

    netlink::Session session_;
    std::optional<exact::Source> exact_;  ///< where programs may be loaded into the kernel
    PacketCapture capture_;
    std::optional<ConnectionObserver> observer_;
    Actors actors_;
    host::Counters counters_;
    std::uint64_t estab_resets_ = 0;  ///< as last read
    std::size_t step_ = 0;
    unsigned failed_polls_ = 0;
    bool failed_ = false;
    Instant deadline_;
    Instant last_event_;
};

}  // namespace halfclosed::scenarios
