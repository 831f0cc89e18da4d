#pragma once

#include <chrono>

#include "commands/scenario/live_screen.h"
#include "scenarios/diagram/text_diagram.h"

namespace halfclosed {

/// Shows one run on standard output: on a terminal while it goes on, else when it is over. Nothing is written before the
/// run has begun.
class ScenarioDisplay {
 public:
    ScenarioDisplay(const scenarios::Scenario& scenario, std::chrono::seconds fin_timeout,
                    const scenarios::TextDiagramStyle& style);

    void follow(const scenarios::Trace& trace);
    void finish(const scenarios::Run& run);

 private:
    void print_heading();

    const scenarios::Scenario& scenario_;
    std::chrono::seconds fin_timeout_;
    scenarios::TextDiagramStyle style_;
    bool live_;
    bool has_heading_ = false;
    scenarios::Screen screen_;
};

}  // namespace halfclosed
