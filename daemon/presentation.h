#pragma once

#include <chrono>

#include "scenarios/figure.h"
#include "scenarios/lab.h"
#include "scenarios/screen.h"

namespace halfclosed {

/// Shows one run on standard output as people like it: live on a terminal, else when it is over.
class Presentation {
 public:
    Presentation(const scenarios::Scenario& scenario, std::chrono::seconds fin_timeout,
                 const scenarios::FigureStyle& style);

    void follow(const scenarios::Story& story);
    void finish(const scenarios::Outcome& outcome);

 private:
    const scenarios::Scenario& scenario_;
    scenarios::FigureStyle style_;
    bool live_;
    scenarios::Screen screen_;
};

}  // namespace halfclosed
