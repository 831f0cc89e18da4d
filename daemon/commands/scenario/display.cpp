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

Presentation::Presentation(const Scenario& scenario, std::chrono::seconds fin_timeout,
                           const FigureStyle& style)
    : scenario_(scenario),
      style_(style),
      live_(Screen::fits(STDOUT_FILENO)),
      screen_(STDOUT_FILENO) {
    print(heading(scenario_, fin_timeout, style_));
}

void Presentation::follow(const Story& story) {
    if (live_) {
        screen_.show(figure(story, style_, Instant{posix::boot_clock_now()}));
    }
}

void Presentation::finish(const Outcome& outcome) {
    std::vector<std::string> lines = figure(outcome.story, style_);
    const auto verdict = verdict_lines(scenario_, outcome.story, outcome.verdict, style_);
    lines.insert(lines.end(), verdict.begin(), verdict.end());
    lines.emplace_back();
    if (live_) {
        screen_.show(lines);
    } else {
        print(lines);
    }
}

}  // namespace halfclosed
