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

/// The two programs of a scenario while it runs: which calls they have reported, and how they ended.
class Actors {
 public:
    /// `programs`: the directory of the reference programs.
    Actors(const Scenario& scenario, std::filesystem::path programs);

    /// Throws std::system_error, naming the program, if it cannot be executed.
    void start(Side side);

    /// Returns when one of them has reported something or ended, or the time has passed.
    void wait(std::chrono::milliseconds at_most) const;

    /// What they have done since the last time: calls, exits, and a RunError if a program failed.
    std::vector<TraceEvent> take_events(Instant now);

    void signal(Side to, int number) const { processes_.of(to)->signal(number); }

    /// Whether the server listens.
    bool listening() const { return listening_; }

    /// When the call returned; nothing before it has.
    std::optional<Instant> returned(const CallReference& reference) const;

    /// Whether nothing more is to come from them: those that should end have ended, and all calls were received.
    bool done(Instant now) const;

 private:
    bool complete(Side side, Instant now) const;
    std::optional<RunError> judge_exit(Side side, const Exit& exit);

    const Scenario& scenario_;
    std::filesystem::path programs_;
    PerSide<std::unique_ptr<ActorProcess>> processes_;
    std::vector<MadeCall> calls_;
    PerSide<bool> ended_{false, false};
    bool listening_ = false;
    bool connected_ = false;
    Instant last_call_;
};

}  // namespace halfclosed::scenarios
