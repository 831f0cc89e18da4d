#pragma once

#include <array>
#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>
#include <vector>

#include "scenarios/definition/scenario.h"
#include "scenarios/run/actor_process.h"
#include "scenarios/trace/trace.h"

namespace halfclosed::scenarios {

/// The two programs of a scenario while it is played: which calls they have reported, and how they
/// ended.
class Actors {
 public:
    /// `programs`: the directory of the reference programs.
    Actors(const Scenario& scenario, std::filesystem::path programs);

    /// Throws std::system_error, naming the program, where it cannot be executed.
    void start(Side side);

    /// Until one of them has something to snapshot, or has ended, or the time has passed.
    void wait(std::chrono::milliseconds at_most) const;

    /// What they have done since the last time: calls, ends, and a RunError where a program failed.
    std::vector<TraceEvent> news(Instant now);

    void signal(Side to, int number) const { performers_.of(to)->signal(number); }

    /// Whether the server listens.
    bool listening() const { return listening_; }

    /// When the call had returned; nothing before it has.
    std::optional<Instant> returned(const CallReference& reference) const;

    /// Whether nothing more is to come from them: who should end has ended, and all calls were
    /// heard.
    bool done(Instant now) const;

 private:
    bool heard_out(Side side, Instant now) const;
    std::optional<RunError> judge_end(Side side, const Exit& exit);

    const Scenario& scenario_;
    std::filesystem::path programs_;
    PerSide<std::unique_ptr<ActorProcess>> performers_;
    std::vector<MadeCall> calls_;
    PerSide<bool> ended_{false, false};
    bool listening_ = false;
    bool connected_ = false;
    Instant last_call_;
};

}  // namespace halfclosed::scenarios
