#pragma once

#include <chrono>

#include "commands/scenario/live_screen.h"
#include "scenarios/diagram/text_diagram.h"
#include "scenarios/run/lab.h"

namespace halfclosed {

/// Shows one run on standard output as people like it: live on a terminal, else when it is over.
class ScenarioDisplay {
 public:
    ScenarioDisplay(const scenarios::Scenario& scenario, std::chrono::seconds fin_timeout,
                    const scenarios::TextDiagramStyle& style);

    void follow(const scenarios::Trace& trace);
    void finish(const scenarios::Outcome& outcome);

 private:
    const scenarios::Scenario& scenario_;
    scenarios::TextDiagramStyle style_;
    bool live_;
    scenarios::Screen screen_;
};

}  // namespace halfclosed
