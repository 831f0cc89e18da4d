#include "commands/scenario/display.h"

#include <unistd.h>

#include <cstdio>
#include <string>
#include <vector>

#include "posix/clock.h"

namespace halfclosed {

using namespace scenarios;

namespace {

void print(const std::vector<std::string>& lines) {
    for (const std::string& line : lines) {
        std::puts(line.c_str());
    }
    std::fflush(stdout);
}

}  // namespace

ScenarioDisplay::ScenarioDisplay(const Scenario& scenario, std::chrono::seconds fin_timeout,
                                 const TextDiagramStyle& style)
    : scenario_(scenario),
      style_(style),
      live_(Screen::fits(STDOUT_FILENO)),
      screen_(STDOUT_FILENO) {
    print(heading(scenario_, fin_timeout, style_));
}

void ScenarioDisplay::follow(const Trace& trace) {
    if (live_) {
        screen_.show(figure(trace, style_, Instant{posix::boot_clock_now()}));
    }
}

void ScenarioDisplay::finish(const Outcome& outcome) {
    std::vector<std::string> lines = figure(outcome.trace, style_);
    const auto verdict = verdict_lines(scenario_, outcome.trace, outcome.verdict, style_);
    lines.insert(lines.end(), verdict.begin(), verdict.end());
    lines.emplace_back();
    if (live_) {
        screen_.show(lines);
    } else {
        print(lines);
    }
}

}  // namespace halfclosed
