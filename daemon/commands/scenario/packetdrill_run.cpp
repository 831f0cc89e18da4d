#include "commands/scenario/packetdrill_run.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <vector>

#include "posix/output_file.h"
#include "posix/stop_signals.h"
#include "scenarios/packetdrill/matrix.h"
#include "scenarios/packetdrill/result_json.h"
#include "scenarios/player/play.h"
#include "scenarios/run/lab.h"
#include "text/terminal.h"
#include "text/time.h"
#include "text/utf8.h"

namespace halfclosed {

namespace {

using scenarios::packetdrill::Outcome;
using scenarios::packetdrill::Result;

std::string word(Outcome outcome, const text::TerminalStyle& style) {
    switch (outcome) {
        case Outcome::passed:
            return text::painted("PASS", text::Paint::green, style);
        case Outcome::failed:
            return text::painted("FAIL", text::Paint::red, style);
        case Outcome::not_supported:
            break;
    }
    return text::painted("SKIP", text::Paint::yellow, style);
}

std::string verdict_line(const Result& result, const text::TerminalStyle& style) {
    std::string line = fmt::format("{}  {}", word(result.outcome, style), result.file);
    if (result.outcome == Outcome::not_supported) {
        return line + ": not supported: " + reason(result);
    }
    if (result.outcome == Outcome::failed) {
        return line + ": " + reason(result);
    }
    return line + fmt::format("  {}, {} of {} steps judged by state",
                              text::precise_duration_text(result.took), judged(result),
                              result.steps.size());
}

void show(const Result& result, const ScenarioOptions& options, const text::TerminalStyle& style) {
    const std::string line =
        options.json ? scenarios::packetdrill::to_json(result) : verdict_line(result, style);
    std::puts(line.c_str());
    std::fflush(stdout);
}

/// A script is somebody's text: nothing of it commands the terminal.
Result printable(Result result) {
    result.file = text::printable(result.file);
    result.why = text::printable(result.why);
    for (std::string& note : result.notes) {
        note = text::printable(note);
    }
    return result;
}

void write_matrix(const std::string& path, const std::vector<Result>& results) {
    posix::OutputFile file(path);
    file.write(scenarios::packetdrill::matrix(results));
    file.publish();
    std::fprintf(stderr, "matrix: %s\n", path.c_str());
}

std::size_t count(const std::vector<Result>& results, Outcome outcome) {
    return static_cast<std::size_t>(
        std::count_if(results.begin(), results.end(),
                      [outcome](const Result& result) { return result.outcome == outcome; }));
}

}  // namespace

int run_packetdrill(const CommonOptions& common, const ScenarioOptions& options) {
    if (!options.matrix.empty()) {
        posix::check_writable(options.matrix);
    }
    const text::TerminalStyle style{text::kNoWidth, common.color_on(STDOUT_FILENO)};
    std::vector<Result> results;
    int stopped_by = 0;
    {
        const posix::StopSignals stop;
        try {
            for (const ChosenScript& chosen : options.packetdrill.scripts()) {
                results.push_back(printable(
                    chosen.refusal ? *chosen.refusal
                                   : scenarios::play(chosen.script, chosen.path,
                                                     {options.tolerance, stop.descriptor()})));
                show(results.back(), options, style);
            }
        } catch (const scenarios::StoppedError&) {
            stopped_by = stop.take();
        }
    }
    if (stopped_by != 0) {
        posix::end_by(stopped_by);
    }
    if (!options.matrix.empty()) {
        write_matrix(options.matrix, results);
    }
    const std::size_t passed = count(results, Outcome::passed);
    if (!options.json && results.size() > 1) {
        std::printf("%zu of %zu scripts passed, %zu failed, %zu not supported\n", passed,
                    results.size(), count(results, Outcome::failed),
                    count(results, Outcome::not_supported));
    }
    return passed == results.size() ? 0 : 1;
}

}  // namespace halfclosed
