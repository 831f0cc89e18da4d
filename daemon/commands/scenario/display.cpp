#include "commands/scenario/display.h"

#include <unistd.h>

#include <cstdio>
#include <string>
#include <vector>

#include "posix/clock.h"

namespace halfclosed {

namespace {

void print(const std::vector<std::string>& lines) {
    for (const std::string& line : lines) {
        std::puts(line.c_str());
    }
    std::fflush(stdout);
}

}  // namespace

ScenarioDisplay::ScenarioDisplay(const scenarios::Scenario& scenario,
                                 std::chrono::seconds fin_timeout,
                                 const scenarios::TextDiagramStyle& style)
    : scenario_(scenario),
      fin_timeout_(fin_timeout),
      style_(style),
      live_(scenarios::Screen::fits(STDOUT_FILENO)),
      screen_(STDOUT_FILENO) {
}

void ScenarioDisplay::print_heading() {
    if (!has_heading_) {
        print(scenarios::heading(scenario_, fin_timeout_, style_));
        has_heading_ = true;
    }
}

void ScenarioDisplay::follow(const scenarios::Trace& trace) {
    print_heading();
    if (live_) {
        screen_.show(scenarios::text_diagram(trace, style_, Instant{posix::boot_clock_now()}));
    }
}

void ScenarioDisplay::finish(const scenarios::Run& run) {
    print_heading();
    std::vector<std::string> lines = scenarios::text_diagram(run.trace, style_);
    for (const std::string& line : scenarios::verdict_lines(run, style_)) {
        lines.push_back(line);
    }
    lines.emplace_back();
    if (live_) {
        screen_.show(lines);
    } else {
        print(lines);
    }
}

}  // namespace halfclosed
